//! `/v1/extensions`: one extension a pursuit, asked by the agent, granted by a supervisor (method section 5).

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{board_change::BoardChange, writing};
use crate::{
    api::{
        extract::{At, Caller, IfMatch, On, PathId, Prose, StrictQuery, ValidJson},
        problem::{command_refusals, document::Problem},
        respond::{
            due,
            page::{self, Page},
        },
    },
    app::App,
    commands::prospects::{extend, write::Target},
    domain::{prospects::extension::ExtensionStatus, values::id::Id},
    store::reports::board::{self, ExtensionFilter, ExtensionRow},
};

/// A request for more days.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateExtension {
    /// The prospect whose pursuit is to be extended.
    pub prospect_id: Id,
    /// Days; at most half the cycle.
    #[validate(range(min = 1, max = 182))]
    #[schema(minimum = 1, maximum = 182, example = 7)]
    pub days: i32,
    /// Why, in words.
    #[schema(example = "He is abroad until the 20th and has fixed the 22nd.")]
    pub reason_text: Prose<1000>,
}

/// A supervisor's decision.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideExtension {
    /// Granted or denied.
    pub decision: Decided,
    /// Days granted; the days asked for when absent. At most half the cycle on the day of granting.
    #[serde(default)]
    #[validate(range(min = 1, max = 182))]
    #[schema(minimum = 1, maximum = 182, example = 7)]
    pub days: Option<i32>,
    /// Why, in words.
    #[schema(example = "The date is fixed; it is worth it.")]
    pub reason_text: Prose<1000>,
}

/// How a request was decided.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Decided {
    /// More days.
    Granted,
    /// No more days.
    Denied,
}

/// An extension request and its decision.
#[derive(Serialize, ToSchema)]
#[schema(as = CycleExtension)]
pub struct Extension {
    /// Id of the request.
    pub id: Id,
    /// The prospect.
    pub prospect_id: Id,
    /// The pursuit.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// Days asked for.
    #[schema(minimum = 1, maximum = 182, example = 7)]
    pub days_requested: i32,
    /// Days granted; null unless granted.
    #[schema(required = true, minimum = 1, maximum = 182, example = 7)]
    pub days_granted: Option<i32>,
    /// Where it stands.
    pub status: ExtensionStatus,
    /// Why it was asked for.
    #[schema(required = true, max_length = 1000)]
    pub reason_text: Option<String>,
    /// Who asked.
    pub requested_by: Id,
    /// When.
    pub requested_at: At,
    /// Day of the request.
    pub requested_on: On,
    /// Who decided.
    #[schema(required = true)]
    pub decided_by: Option<Id>,
    /// When.
    #[schema(required = true)]
    pub decided_at: Option<At>,
    /// Why it was decided so.
    #[schema(required = true, max_length = 1000)]
    pub decision_text: Option<String>,
}

/// Extension requests.
#[derive(Serialize, ToSchema)]
pub struct ExtensionPage {
    /// In order of prospect and request.
    #[schema(max_items = 100)]
    pub data: Vec<Extension>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Which requests to list.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExtensionQuery {
    /// Those of one prospect.
    #[serde(default)]
    #[param(required = false)]
    pub prospect_id: Option<Id>,
    /// Those that stand so; several are alternatives.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub status: Vec<ExtensionStatus>,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[serde(default)]
    #[validate(length(min = 1, max = 1000))]
    #[param(required = false, min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
}

impl From<ExtensionRow> for Extension {
    fn from(row: ExtensionRow) -> Self {
        let answer = row.answer.as_ref();
        Extension {
            id: row.id,
            prospect_id: row.prospect_id,
            pursuit_number: row.pursuit_number,
            days_requested: row.days,
            days_granted: answer.and_then(|answer| answer.days),
            status: row.status,
            reason_text: row.text,
            requested_by: row.actor_id,
            requested_at: At(row.recorded_at.and_utc()),
            requested_on: On(row.occurred_on),
            decided_by: answer.map(|answer| answer.actor_id),
            decided_at: answer.map(|answer| At(answer.recorded_at.and_utc())),
            decision_text: row.answer.and_then(|answer| answer.text),
        }
    }
}

/// Ask for an extension
///
/// Once a pursuit. While it is undecided it holds the fallback until the day after the next check-in day.
#[utoipa::path(tag = "cycles", operation_id = "createExtension",
    request_body(content = CreateExtension, example = json!({"prospect_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "days": 7, "reason_text": "abroad until the 20th"})),
    responses((status = 201, description = "Asked.", body = BoardChange)))]
#[post("/v1/extensions")]
pub async fn create_extension(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<CreateExtension>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let CreateExtension { prospect_id, days, reason_text } = body.0;
    let asked = extend::Request { id: app.ids.id(), days, reason: reason_text.into() };
    writing::run(&app, &caller, &request, Some(asked.id), move |conn, actor, occasion| {
        extend::ask(conn, actor, occasion, &Target::any(prospect_id), asked)
            .map_err(command_refusals::in_facts)
    })
    .await
}

/// Decide about an extension
///
/// A supervisor above the owner grants or denies, with a reason. `If-Match` carries the prospect's version. A request that
/// has lapsed is 409 `extension_lapsed`.
#[utoipa::path(tag = "cycles", operation_id = "decideExtension",
    params(("extension_id" = Id, Path, description = "The request.")),
    request_body(content = DecideExtension, example = json!({"decision": "granted", "days": 7, "reason_text": "The date is fixed."})),
    responses((status = 200, description = "Decided.", body = BoardChange)))]
#[patch("/v1/extensions/{extension_id}")]
pub async fn decide_extension(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<DecideExtension>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let said = extend::Answer {
        request_id: id.0,
        granted: body.0.decision == Decided::Granted,
        days: body.0.days,
        reason: body.0.reason_text.into(),
    };
    let seen = if_match.seen()?;
    writing::run(&app, &caller, &request, None, move |conn, actor, occasion| {
        let prospect_id = board::prospect_of_extension(conn, &actor.scope, said.request_id)?;
        let target = Target { id: prospect_id, seen };
        extend::decide(conn, actor, occasion, &target, said).map_err(command_refusals::in_facts)
    })
    .await
}

/// List extension requests
///
/// The requests in the caller's reach, with their decisions. One whose pursuit ended undecided has lapsed.
#[utoipa::path(tag = "cycles", operation_id = "listExtensions", params(ExtensionQuery),
    responses((status = 200, description = "A page.", body = ExtensionPage)))]
#[get("/v1/extensions")]
pub async fn list_extensions(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ExtensionQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let cursor = query.0.cursor.clone();
    let bound_to = ExtensionQuery { cursor: None, ..query.0 };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let ExtensionQuery { prospect_id, status: statuses, .. } = bound_to;
    let filter = ExtensionFilter { prospect_id, statuses, after: page.after(cursor.as_deref())? };
    let fetch = page.fetch();
    let mut rows = due::read(&app, &caller, move |conn, actor, _| {
        Ok(board::extensions(conn, &actor.scope, &filter, fetch)?)
    })
    .await?;
    let next_cursor = page.cut(&mut rows, |row| (row.prospect_id, row.seq));
    let data = rows.into_iter().map(Extension::from).collect();
    let body = ExtensionPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}
