//! Bodies of `/v1/transfers`.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, On, Prose},
        prospects::warnings::Warning,
        respond::page,
    },
    commands::prospects::transfer::Side,
    domain::{method::stage::Stage, values::id::Id},
    store::prospects::transfers::Transfer,
};

/// A prospect to hand over.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferItem {
    /// The prospect.
    pub prospect_id: Id,
    /// The version you saw; needed unless `dry_run`.
    #[serde(default)]
    #[validate(range(min = 1))]
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 3)]
    pub version: Option<i32>,
}

/// Prospects to hand to another agent.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"to_agent_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "prospects": [{"prospect_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "version": 3}],
    "reason_text": "He moves to the branch; she lives next door."}))]
pub struct CreateTransfer {
    /// The new owner: an active user of your own team or of one below it.
    pub to_agent_id: Id,
    /// The prospects, each once: all of them are handed over, or none.
    #[validate(length(min = 1, max = 100), nested)]
    #[schema(min_items = 1, max_items = 100)]
    pub prospects: Vec<TransferItem>,
    /// Why, in words.
    #[schema(example = "He moves to the branch.")]
    pub reason_text: Prose<1000>,
    /// First day of the new owner; today when absent. Never in the future, never before the last move that stands nor
    /// before the last transfer.
    #[serde(default)]
    pub transferred_on: Option<On>,
}

/// How to hand over.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TransferOptions {
    /// Answer the same and write nothing: the preview.
    #[serde(default)]
    #[param(required = false)]
    pub dry_run: bool,
}

/// Where a prospect stands today under one owner.
#[derive(Serialize, ToSchema)]
pub struct TransferSide {
    /// The owner.
    pub agent_id: Id,
    /// The stage.
    pub stage: Stage,
    /// The owner's cycle in force, days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// When it falls back if nothing is entered.
    #[schema(required = true)]
    pub falls_back_on: Option<On>,
    /// Where to.
    #[schema(required = true)]
    pub falls_back_to: Option<Stage>,
}

impl From<Side> for TransferSide {
    fn from(side: Side) -> Self {
        TransferSide {
            agent_id: side.agent_id,
            stage: side.stage,
            cycle_days: side.cycle_days,
            falls_back_on: side.falls_back.map(|(on, _)| On(on)),
            falls_back_to: side.falls_back.map(|(_, to)| to),
        }
    }
}

/// What a transfer does to one prospect.
#[derive(Serialize, ToSchema)]
pub struct TransferEffect {
    /// The prospect.
    pub prospect_id: Id,
    /// Its version after the transfer.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 4)]
    pub version: i32,
    /// With the old owner.
    pub before: TransferSide,
    /// With the new owner.
    pub after: TransferSide,
    /// What to look at.
    #[schema(max_items = 5)]
    pub warnings: Vec<Warning>,
}

/// What a transfer did, or would do.
#[derive(Serialize, ToSchema)]
pub struct TransferOutcome {
    /// The transfer; null in a preview.
    #[schema(required = true)]
    pub transfer_id: Option<Id>,
    /// The new owner.
    pub to_agent_id: Id,
    /// First day of the new owner.
    pub transferred_on: On,
    /// The last day on which nothing falls due because of the transfer.
    pub held_until: On,
    /// One entry a prospect, in the order of the request.
    #[schema(max_items = 100)]
    pub prospects: Vec<TransferEffect>,
}

/// A prospect that was handed over.
#[derive(Serialize, ToSchema)]
pub struct TransferredProspect {
    /// The prospect.
    pub prospect_id: Id,
    /// Its owner before.
    pub from_agent_id: Id,
}

/// A transfer, as far as its prospects are yours to see now.
#[derive(Serialize, ToSchema)]
#[schema(as = Transfer)]
pub struct TransferView {
    /// Id.
    pub id: Id,
    /// The new owner of then.
    pub to_agent_id: Id,
    /// First day of the new owner.
    pub transferred_on: On,
    /// The prospects, in order of id.
    #[schema(max_items = 100)]
    pub prospects: Vec<TransferredProspect>,
    /// Why; null once one of the prospects was erased.
    #[schema(required = true, max_length = 1000)]
    pub reason_text: Option<String>,
    /// Who wrote it down.
    pub recorded_by: Id,
    /// When.
    pub recorded_at: At,
}

impl From<Transfer> for TransferView {
    fn from(t: Transfer) -> Self {
        let one = |(prospect_id, from_agent_id)| TransferredProspect { prospect_id, from_agent_id };
        TransferView {
            id: t.row.id,
            to_agent_id: t.row.to_agent_id,
            transferred_on: On(t.row.transferred_on),
            prospects: t.prospects.into_iter().map(one).collect(),
            reason_text: t.reason,
            recorded_by: t.row.recorded_by,
            recorded_at: At(t.row.recorded_at.and_utc()),
        }
    }
}

/// A page of transfers.
#[derive(Serialize, ToSchema)]
pub struct TransferPage {
    /// Latest first.
    #[schema(max_items = 100)]
    pub data: Vec<TransferView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there are more.
    pub has_more: bool,
}

/// Which transfers.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TransferQuery {
    /// Of this prospect.
    pub prospect_id: Option<Id>,
    /// From this agent.
    pub from_agent_id: Option<Id>,
    /// To this agent.
    pub to_agent_id: Option<Id>,
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
