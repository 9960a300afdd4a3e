//! `/v1/audit`: who did what, as far as the reader's own reach goes. Codes, ids and figures, never a name or a text.

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, Caller, StrictQuery, supervisor},
        formats::csv,
        problem::document::Problem,
        respond::{
            csv_file::csv_file,
            page::{self, Page},
        },
    },
    app::App,
    domain::{exchange::event::Event, organisation::actor::ActorKind, values::id::Id},
    store::organisation::audit::{
        self,
        list::{self, Entry, Filter},
    },
};

/// Most rows in one file.
const MOST_ROWS: i64 = 10_000;

/// Details that name a person or a team. Whoever may see the subject need not see those: who handed it over, where
/// somebody came from. They stay in the row, for the operator.
const NOT_TOLD: [&str; 8] = [
    "owner_id",
    "from_agent_id",
    "to_agent_id",
    "agent_id",
    "team_id",
    "from_team_id",
    "to_team_id",
    "parent_id",
];

/// Something that was done.
#[derive(Serialize, ToSchema)]
pub struct AuditEntry {
    /// Id.
    pub id: Id,
    /// When.
    pub at: At,
    /// The kind of whoever did it.
    pub actor_kind: ActorKind,
    /// Who did it; null for the service itself.
    #[schema(required = true)]
    pub actor_id: Option<Id>,
    /// What was done, e.g. `prospect_moved`.
    #[schema(max_length = 64, example = "prospect_moved")]
    pub action: String,
    /// The kind of what it was done to, e.g. `prospect`.
    #[schema(max_length = 64, example = "prospect")]
    pub subject_kind: String,
    /// What it was done to.
    pub subject_id: Id,
    /// Codes and figures, different for each action.
    #[schema(value_type = Object, additional_properties = true)]
    pub details: Value,
}

impl From<Entry> for AuditEntry {
    fn from(entry: Entry) -> Self {
        let mut details = entry.details.0;
        if let Some(details) = details.as_object_mut() {
            details.retain(|name, _| !NOT_TOLD.contains(&name.as_str()));
        }
        AuditEntry {
            id: entry.id,
            at: At(entry.at.and_utc()),
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            action: entry.action,
            subject_kind: entry.subject_kind,
            subject_id: entry.subject_id,
            details,
        }
    }
}

/// A page of the audit.
#[derive(Serialize, ToSchema)]
pub struct AuditPage {
    /// The latest first.
    #[schema(max_items = 100)]
    pub data: Vec<AuditEntry>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which rows of the audit.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// By this user.
    pub actor_id: Option<Id>,
    /// This action, e.g. `prospect_moved`.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, example = "prospect_moved")]
    pub action: Option<String>,
    /// About this kind of thing, e.g. `prospect`.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, example = "prospect")]
    pub subject_kind: Option<String>,
    /// About this very thing.
    pub subject_id: Option<Id>,
    /// From this instant on.
    pub at_gte: Option<At>,
    /// Before this instant.
    pub at_lt: Option<At>,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[validate(length(min = 1, max = 1000))]
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
}

/// Which rows of the audit, for a file.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditExportQuery {
    /// By this user.
    pub actor_id: Option<Id>,
    /// This action, e.g. `prospect_moved`.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, example = "prospect_moved")]
    pub action: Option<String>,
    /// About this kind of thing, e.g. `prospect`.
    #[validate(length(min = 1, max = 64))]
    #[param(min_length = 1, max_length = 64, example = "prospect")]
    pub subject_kind: Option<String>,
    /// About this very thing.
    pub subject_id: Option<Id>,
    /// From this instant on.
    pub at_gte: Option<At>,
    /// Before this instant.
    pub at_lt: Option<At>,
}

/// Read the audit
///
/// Who did what, the latest first: rows about prospects, people and teams within your own reach. What is about the whole
/// organisation is shown to whoever heads it. Codes, ids and figures, never a name or a text.
#[utoipa::path(tag = "administration", operation_id = "listAudit", params(AuditQuery),
    responses((status = 200, description = "A page.", body = AuditPage)))]
#[get("/v1/audit")]
pub async fn list_audit(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<AuditQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let cursor = query.cursor.clone();
    let bound_to = AuditQuery { cursor: None, ..query };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter {
        actor_id: bound_to.actor_id,
        action: bound_to.action,
        subject_kind: bound_to.subject_kind,
        subject_id: bound_to.subject_id,
        from: bound_to.at_gte.map(|at| at.0.naive_utc()),
        until: bound_to.at_lt.map(|at| at.0.naive_utc()),
        after: page.after(cursor.as_deref())?,
    };
    let fetch = page.fetch();
    let mut rows = caller
        .read(&app, move |conn, actor| {
            supervisor(actor)?;
            Ok(list::within(conn, actor, &filter, fetch)?)
        })
        .await?;
    let next_cursor = page.cut(&mut rows, |entry| (entry.at, entry.id));
    let data = rows.into_iter().map(AuditEntry::from).collect();
    let body = AuditPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Take the audit away as a file
///
/// The same rows as CSV, the latest first, at most 10,000: narrow it by time for more. Taking it leaves a row itself.
#[utoipa::path(tag = "administration", operation_id = "exportAudit", params(AuditExportQuery),
    responses((status = 200, description = "CSV with one line of headings.", content_type = "text/csv", body = AuditFile)))]
#[get("/v1/audit/export")]
pub async fn export_audit(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<AuditExportQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let filter = Filter {
        actor_id: query.actor_id,
        action: query.action,
        subject_kind: query.subject_kind,
        subject_id: query.subject_id,
        from: query.at_gte.map(|at| at.0.naive_utc()),
        until: query.at_lt.map(|at| at.0.naive_utc()),
        after: None,
    };
    let (ids, now) = (app.ids, app.clock.now());
    // One transaction: what was taken away is told, or nothing was.
    let rows = caller
        .write(&app, move |conn, actor| {
            supervisor(actor)?;
            let rows = list::within(conn, actor, &filter, MOST_ROWS)?;
            let exported = Event::AuditExported { user_id: actor.id, rows: rows.len() };
            audit::record(conn, ids, now, actor.acts_as(), &[exported])?;
            Ok(rows)
        })
        .await?;
    csv_file(&app, "audit.csv", move || file(rows)).await
}

/// The audit as CSV.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 67_108_864)]
pub struct AuditFile(#[allow(dead_code)] String);

fn file(rows: Vec<Entry>) -> Result<Vec<u8>, ::csv::Error> {
    let headings = ["id", "at", "actor_kind", "actor_id", "action", "subject_kind", "subject_id", "details"];
    let line = |entry: Entry| {
        let entry = AuditEntry::from(entry);
        [
            entry.id.to_string(),
            entry.at.0.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            entry.actor_kind.code().to_owned(),
            entry.actor_id.map(|id| id.to_string()).unwrap_or_default(),
            entry.action,
            entry.subject_kind,
            entry.subject_id.to_string(),
            entry.details.to_string(),
        ]
    };
    csv::lines(&headings, rows.into_iter().map(line))
}
