//! `/v1/fallback-proposals`: fallbacks that wait for a decision where the setting is `propose` (method section 5).

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{Caller, On, StrictQuery},
        problem::document::Problem,
        respond::{
            due,
            page::{self, Page},
        },
    },
    app::App,
    domain::{
        method::{due::Due, stage::Stage},
        prospects::transition::Reason,
        values::id::Id,
    },
    store::reports::board,
};

/// One reason for a fallback, with where it would lead and since when it holds.
#[derive(Serialize, ToSchema)]
pub struct ProposalReason {
    /// Where the prospect would go.
    pub to: Stage,
    /// Why.
    pub reason: Reason,
    /// Its first due date, of those on which it has held without a break.
    pub since: On,
}

/// A fallback whose condition holds and that nobody has decided. `to`, `reason` and `since` are those of the first of its
/// reasons.
#[derive(Serialize, ToSchema)]
pub struct FallbackProposal {
    /// The prospect.
    pub prospect_id: Id,
    /// Its owner.
    pub agent_id: Id,
    /// Its version: the ETag to send with the move.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 3)]
    pub version: i32,
    /// Where it stands.
    pub from: Stage,
    /// Where it would go.
    pub to: Stage,
    /// Why.
    pub reason: Reason,
    /// Since when the condition holds.
    pub since: On,
    /// Every reason that holds, in order of due date: a later one hides none.
    #[schema(min_items = 1, max_items = 3)]
    pub reasons: Vec<ProposalReason>,
}

/// Proposed fallbacks.
#[derive(Serialize, ToSchema)]
pub struct FallbackProposalPage {
    /// In order of prospect id.
    #[schema(max_items = 100)]
    pub data: Vec<FallbackProposal>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Where to go on.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProposalQuery {
    /// `next_cursor` of the page before.
    #[serde(default)]
    #[validate(length(min = 1, max = 1000))]
    #[param(required = false, min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub limit: i32,
}

impl ProposalReason {
    fn new(due: &Due) -> Self {
        ProposalReason { to: due.to, reason: due.reason, since: On(due.on) }
    }
}

/// List proposed fallbacks
///
/// Prospects that have outstayed the cycle, lapsed, or stayed stale beyond the grace where the setting leaves the decision
/// to people (`fallback = propose`; under `off` nothing is proposed), from the day on which it fell due for as long as one of
/// the reasons holds. Decide by a move to a proposed stage (dated the decision), by an extension, or by entering what mends it.
#[utoipa::path(tag = "cycles", operation_id = "listFallbackProposals", params(ProposalQuery),
    responses((status = 200, description = "The proposals.", body = FallbackProposalPage)))]
#[get("/v1/fallback-proposals")]
pub async fn list_fallback_proposals(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ProposalQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let ProposalQuery { cursor, limit } = query.0;
    let page = Page::new(&app, &caller, &request, limit, &());
    let after: Option<Id> = page.after(cursor.as_deref())?;
    let fetch = page.fetch();
    let mut rows = due::read(&app, &caller, move |conn, actor, _| {
        Ok(board::undecided(conn, &actor.scope, after, fetch)?)
    })
    .await?;
    let next_cursor = page.cut(&mut rows, |row| row.id);
    let data = rows
        .into_iter()
        .filter_map(|row| {
            let reasons = row.card.0.undecided;
            let due = *reasons.first()?;
            Some(FallbackProposal {
                prospect_id: row.id,
                agent_id: row.owner_id,
                version: row.version,
                from: row.stage,
                to: due.to,
                reason: due.reason,
                since: On(due.on),
                reasons: reasons.iter().map(ProposalReason::new).collect(),
            })
        })
        .collect();
    let body = FallbackProposalPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}
