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
    domain::{method::stage::Stage, prospects::transition::Reason, values::id::Id},
    store::reports::board,
};

/// A fallback whose condition holds and that nobody has decided.
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

/// List proposed fallbacks
///
/// Prospects that have outstayed the cycle, lapsed, or stayed stale beyond the grace where the setting leaves the decision
/// to people (`fallback = propose`; under `off` nothing is proposed). Decide by a move to the proposed stage (dated the decision), or by entering what mends it.
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
            let due = row.card.0.undecided?;
            Some(FallbackProposal {
                prospect_id: row.id,
                agent_id: row.owner_id,
                version: row.version,
                from: row.stage,
                to: due.to,
                reason: due.reason,
                since: On(due.on),
            })
        })
        .collect();
    let body = FallbackProposalPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}
