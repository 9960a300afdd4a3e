//! `/v1/fallback-proposals`: fallbacks that wait for a decision where the setting is `propose` or `off` (method section 5).

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    extract::{Caller, On, StrictQuery},
    problem::Problem,
    settled,
};
use crate::{
    app::App,
    domain::{id::Id, stage::Stage, transition::Reason},
    store::board,
};

/// A fallback whose condition holds and that nobody has decided.
#[derive(Serialize, ToSchema)]
pub struct FallbackProposal {
    /// The prospect.
    pub prospect_id: Id,
    /// Its owner.
    pub owner_id: Id,
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
}

/// Proposed fallbacks.
#[derive(Serialize, ToSchema)]
pub struct FallbackProposalPage {
    /// In order of prospect id.
    #[schema(max_items = 100)]
    pub data: Vec<FallbackProposal>,
    /// The last prospect's id when there are more: send it as `cursor`.
    #[schema(required = true, max_length = 500)]
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
    #[param(required = false)]
    pub cursor: Option<Id>,
    /// Most entries on a page.
    #[serde(default = "usual")]
    #[validate(range(min = 1, max = 100))]
    #[param(required = false, minimum = 1, maximum = 100, default = 20)]
    pub limit: i32,
}

fn usual() -> i32 {
    20
}

/// List proposed fallbacks
///
/// Prospects that have outstayed the cycle, lapsed, or stayed stale beyond the grace where the setting leaves the decision
/// to people. Decide by a move to the proposed stage (dated the decision), or by entering what mends it.
#[utoipa::path(tag = "cycles", operation_id = "listFallbackProposals", params(ProposalQuery),
    responses((status = 200, description = "The proposals.", body = FallbackProposalPage)))]
#[get("/v1/fallback-proposals")]
pub async fn list_fallback_proposals(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ProposalQuery>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.0.scope.clone();
    let ProposalQuery { cursor, limit } = query.0;
    let mut rows = settled::read(&app, &caller, move |conn, _| {
        Ok(board::undecided(conn, &scope, cursor, i64::from(limit) + 1)?)
    })
    .await?;
    let has_more = rows.len() > usize::try_from(limit).unwrap_or(usize::MAX);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = rows.last().filter(|_| has_more).map(|row| row.id.to_string());
    let data = rows
        .into_iter()
        .filter_map(|row| {
            let due = row.card.0.undecided?;
            Some(FallbackProposal {
                prospect_id: row.id,
                owner_id: row.owner_id,
                version: row.version,
                from: row.stage,
                to: due.to,
                reason: due.reason,
                since: On(due.on),
            })
        })
        .collect();
    Ok(HttpResponse::Ok().json(FallbackProposalPage { data, next_cursor, has_more }))
}
