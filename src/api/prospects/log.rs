//! `/v1/transitions`: the log of moves of everybody in reach (method section 4). Ids, codes and dates, never a name.

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::SecondsFormat;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::board_change::TransitionView;
use crate::{
    api::{
        extract::{At, Caller, On, StrictQuery},
        formats::csv,
        problem::document::Problem,
        respond::{
            csv_file::csv_file,
            due,
            page::{self, Page},
        },
    },
    app::App,
    domain::{
        exchange::event::Event,
        method::stage::Stage,
        organisation::actor::ActorKind,
        prospects::transition::{Path, Reason, RecordKind, Transition},
        values::id::Id,
    },
    store::{
        ledger::log::{self, Filter, Order},
        organisation::audit,
    },
};

/// Most records in one file.
const MOST_ROWS: i64 = 10_000;

/// The order of the log.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Default, Debug)]
pub enum LogSort {
    /// What was recorded last comes first.
    #[default]
    #[serde(rename = "-recorded_at")]
    RecordedLast,
    /// What was recorded first comes first.
    #[serde(rename = "recorded_at")]
    RecordedFirst,
}

impl From<LogSort> for Order {
    fn from(sort: LogSort) -> Self {
        match sort {
            LogSort::RecordedLast => Order::RecordedLast,
            LogSort::RecordedFirst => Order::RecordedFirst,
        }
    }
}

/// Makes a query of the filters of the log, and of what else it takes.
macro_rules! log_query {
    ($(#[$doc:meta])* pub struct $name:ident { $($more:tt)* }) => {
        $(#[$doc])*
        #[derive(Deserialize, Serialize, Validate, IntoParams)]
        #[serde(deny_unknown_fields)]
        #[into_params(parameter_in = Query)]
        pub struct $name {
            /// Of this prospect.
            pub prospect_id: Option<Id>,
            /// Of the prospects that this agent owns today.
            pub agent_id: Option<Id>,
            /// From one of these stages.
            #[serde(default)]
            #[validate(length(max = 7))]
            #[param(max_items = 7, required = false)]
            pub from: Vec<Stage>,
            /// To one of these stages.
            #[serde(default)]
            #[validate(length(max = 7))]
            #[param(max_items = 7, required = false)]
            pub to: Vec<Stage>,
            /// Records of one of these kinds.
            #[serde(default)]
            #[validate(length(max = 3))]
            #[param(max_items = 3, required = false)]
            pub kind: Vec<RecordKind>,
            /// That came about in one of these ways.
            #[serde(default)]
            #[validate(length(max = 10))]
            #[param(max_items = 10, required = false)]
            pub path: Vec<Path>,
            /// For one of these reasons.
            #[serde(default)]
            #[validate(length(max = 50))]
            #[param(max_items = 50, required = false)]
            pub reason: Vec<Reason>,
            /// By one of these kinds of actors.
            #[serde(default)]
            #[validate(length(max = 4))]
            #[param(max_items = 4, required = false)]
            pub actor_kind: Vec<ActorKind>,
            /// On or after this business date.
            pub occurred_on_gte: Option<On>,
            /// Before this business date.
            pub occurred_on_lt: Option<On>,
            /// Recorded at or after this instant.
            pub recorded_at_gte: Option<At>,
            /// Recorded before this instant.
            pub recorded_at_lt: Option<At>,
            /// The same as `recorded_at_gte`; where both are given, the later counts. What two writes record at once may
            /// become visible in another order: who has to miss nothing follows `/v1/changes`.
            pub since: Option<At>,
            /// The order.
            #[serde(default)]
            #[param(inline, required = false)]
            pub sort: LogSort,
            $($more)*
        }

        impl $name {
            /// The filters alone.
            fn filter(&self) -> Filter {
                Filter {
                    prospect_id: self.prospect_id,
                    agent_id: self.agent_id,
                    from: self.from.clone(),
                    to: self.to.clone(),
                    kinds: self.kind.clone(),
                    paths: self.path.clone(),
                    reasons: self.reason.clone(),
                    actor_kinds: self.actor_kind.clone(),
                    occurred_from: self.occurred_on_gte.map(|on| on.0),
                    occurred_before: self.occurred_on_lt.map(|on| on.0),
                    recorded_from: self.recorded_at_gte.max(self.since).map(|at| at.0.naive_utc()),
                    recorded_before: self.recorded_at_lt.map(|at| at.0.naive_utc()),
                    after: None,
                }
            }
        }
    };
}

log_query! {
    /// Which records of the log. A repeated filter means "or", several filters mean "and".
    pub struct LogQuery {
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
}

log_query! {
    /// Which records of the log, for a file.
    pub struct LogExportQuery {}
}

/// A page of the log.
#[derive(Serialize, ToSchema)]
pub struct LogPage {
    /// Records in order of recording.
    #[schema(max_items = 100)]
    pub data: Vec<TransitionView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Read the log
///
/// The moves of all prospects in your reach, as it is today, with the records that cancel some of them: those of your own
/// prospects; for a supervisor also those of the own team and the teams below it. Ids and codes, no names.
#[utoipa::path(tag = "transitions", operation_id = "listTransitions", params(LogQuery),
    responses((status = 200, description = "A page.", body = LogPage)))]
#[get("/v1/transitions")]
pub async fn list_transitions(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<LogQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let cursor = query.0.cursor.clone();
    let bound_to = LogQuery { cursor: None, ..query.0 };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter { after: page.after(cursor.as_deref())?, ..bound_to.filter() };
    let (order, fetch) = (bound_to.sort.into(), page.fetch());
    let mut rows = due::read(&app, &caller, move |conn, actor, _| {
        Ok(log::page(conn, &actor.scope, &filter, order, fetch)?)
    })
    .await?;
    let next_cursor = page.cut(&mut rows, |(_, record)| (record.recorded_at.naive_utc(), record.id));
    let data = rows.iter().map(|(prospect_id, record)| TransitionView::new(*prospect_id, record)).collect();
    let body = LogPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Take the log away as a file
///
/// The same records as CSV, at most 10,000: narrow them by time for more. Taking it leaves a row in the audit.
#[utoipa::path(tag = "transitions", operation_id = "exportTransitions", params(LogExportQuery),
    responses((status = 200, description = "CSV with one line of headings.", content_type = "text/csv", body = LogFile)))]
#[get("/v1/transitions/export")]
pub async fn export_transitions(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<LogExportQuery>,
) -> Result<HttpResponse, Problem> {
    let (filter, order) = (query.0.filter(), query.0.sort.into());
    due::read(&app, &caller, |_, _, _| Ok(())).await?;
    let (ids, now) = (app.ids, app.clock.now());
    // One transaction: what was taken away is told, or nothing was.
    let rows = caller
        .write(&app, move |conn, actor| {
            let rows = log::page(conn, &actor.scope, &filter, order, MOST_ROWS)?;
            let exported = Event::LogExported { user_id: actor.id, rows: rows.len() };
            audit::record(conn, ids, now, actor.acts_as(), &[exported])?;
            Ok(rows)
        })
        .await?;
    csv_file(&app, "transitions.csv", move || file(rows)).await
}

/// The log as CSV.
#[derive(ToSchema)]
#[schema(value_type = String, max_length = 67_108_864)]
pub struct LogFile(#[allow(dead_code)] String);

const HEADINGS: [&str; 21] = [
    "id",
    "prospect_id",
    "seq",
    "kind",
    "pursuit_number",
    "from",
    "to",
    "path",
    "reason",
    "pass_through",
    "occurred_on",
    "recorded_at",
    "actor_kind",
    "actor_id",
    "cancels",
    "cycle_days",
    "decision_maker",
    "plan_fits",
    "budget",
    "timing",
    "next_step",
];

fn file(rows: Vec<(Id, Transition)>) -> Result<Vec<u8>, ::csv::Error> {
    csv::lines(&HEADINGS, rows.into_iter().map(|(prospect_id, record)| line(prospect_id, &record)))
}

fn line(prospect_id: Id, t: &Transition) -> [String; HEADINGS.len()] {
    let id = |id: Option<Id>| id.map(|id| id.to_string()).unwrap_or_default();
    [
        t.id.to_string(),
        prospect_id.to_string(),
        t.seq.to_string(),
        t.kind.code().to_owned(),
        t.pursuit_number.to_string(),
        t.from.map(Stage::code).unwrap_or_default().to_owned(),
        t.to.code().to_owned(),
        t.path.code().to_owned(),
        t.reason.code().to_owned(),
        t.pass_through.to_string(),
        t.occurred_on.to_string(),
        t.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true),
        t.by.kind().code().to_owned(),
        id(t.by.id()),
        id(t.cancels),
        t.cycle_days.to_string(),
        t.criteria.decision_maker.code().to_owned(),
        t.criteria.plan_fits.code().to_owned(),
        t.criteria.budget.code().to_owned(),
        t.criteria.timing.code().to_owned(),
        t.criteria.next_step.code().to_owned(),
    ]
}
