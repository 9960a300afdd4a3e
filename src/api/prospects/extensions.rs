//! `/v1/extensions`: one extension a pursuit, asked by the agent, granted by a supervisor (method section 5).

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{board_change::BoardChange, writing};
use crate::{
    api::{
        extract::{At, Caller, IfMatch, On, PathId, Prose, StrictQuery, ValidJson},
        problem::{command_refusals, document::Problem},
        respond::{due, page::whole_page},
    },
    app::App,
    commands::prospects::{extend, write::Target},
    domain::{
        prospects::extension::{self, Request},
        values::id::Id,
    },
    store::reports::board::{self, ExtensionRow},
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

/// Where a request stands.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum ExtensionStatus {
    /// Undecided: it holds the fallback until the day after the next check-in day.
    Pending,
    /// More days.
    Granted,
    /// No more days.
    Denied,
    /// The pursuit ended before anybody decided: nothing is left to extend.
    Lapsed,
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

whole_page! {
    /// Extension requests.
    pub struct ExtensionPage {
        /// In order of prospect and request.
        #[schema(max_items = 5000)]
        data: Vec<Extension>
    }
}

/// Which requests to list.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExtensionFilter {
    /// Those of one prospect.
    #[serde(default)]
    #[param(required = false)]
    pub prospect_id: Option<Id>,
    /// Those that stand so; several are alternatives.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub status: Vec<ExtensionStatus>,
}

/// The requests with their decisions. Of a pursuit only the latest request can be pending.
pub(super) fn requests(rows: Vec<ExtensionRow>) -> Vec<Extension> {
    let mut by_pursuit: BTreeMap<(Id, i32), Vec<ExtensionRow>> = BTreeMap::new();
    for row in rows {
        by_pursuit.entry((row.prospect_id, row.pursuit_number)).or_default().push(row);
    }
    let of_pursuit = |rows: &Vec<ExtensionRow>| {
        let all = extension::requests(rows.iter().map(|row| (row, &row.body)));
        let last = all.len();
        (1..).zip(all).map(move |(number, request)| shown(request, number == last)).collect::<Vec<_>>()
    };
    by_pursuit.values().flat_map(of_pursuit).collect()
}

fn shown(request: Request<&ExtensionRow>, is_latest: bool) -> Extension {
    let Request { asked, days, answer } = request;
    let status = match answer {
        Some((_, Some(_))) => ExtensionStatus::Granted,
        Some((_, None)) => ExtensionStatus::Denied,
        None if is_latest && asked.awaits_decision => ExtensionStatus::Pending,
        None => ExtensionStatus::Lapsed,
    };
    let (decided, days_granted) = answer.map_or((None, None), |(fact, granted)| (Some(fact), granted));
    Extension {
        id: asked.id,
        prospect_id: asked.prospect_id,
        pursuit_number: asked.pursuit_number,
        days_requested: days,
        days_granted,
        status,
        reason_text: asked.text.clone(),
        requested_by: asked.actor_id,
        requested_at: At(asked.recorded_at.and_utc()),
        requested_on: On(asked.occurred_on),
        decided_by: decided.map(|fact| fact.actor_id),
        decided_at: decided.map(|fact| At(fact.recorded_at.and_utc())),
        decision_text: decided.and_then(|fact| fact.text.clone()),
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
#[utoipa::path(tag = "cycles", operation_id = "listExtensions", params(ExtensionFilter),
    responses((status = 200, description = "The requests.", body = ExtensionPage)))]
#[get("/v1/extensions")]
pub async fn list_extensions(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ExtensionFilter>,
) -> Result<HttpResponse, Problem> {
    let ExtensionFilter { prospect_id, status } = query.0;
    let rows = due::read(&app, &caller, move |conn, actor, _| {
        Ok(board::extensions(conn, &actor.scope, prospect_id)?)
    })
    .await?;
    let data =
        requests(rows).into_iter().filter(|e| status.is_empty() || status.contains(&e.status)).collect();
    Ok(HttpResponse::Ok().json(ExtensionPage::of(data)))
}
