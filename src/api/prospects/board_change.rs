//! What a write did to a prospect's place on the board: the new records of the log, and where the prospect stands.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    board::{BoardView, CriteriaView},
    warnings::Warning,
};
use crate::{
    api::{
        extract::{At, On, etag},
        middleware::idempotency::Answer,
    },
    domain::{
        method::stage::Stage,
        organisation::actor::ActorKind,
        prospects::{
            decision::Decision,
            transition::{Path, Reason, RecordKind, Transition},
        },
        values::{id::Id, text::Language},
    },
    store::ledger::Loaded,
};

/// One record of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = StageTransition)]
pub struct TransitionView {
    /// Id.
    pub id: Id,
    /// The prospect.
    pub prospect_id: Id,
    /// Position in the prospect's log, without gaps.
    #[schema(minimum = 1, maximum = 1_000_000, example = 2)]
    pub seq: i32,
    /// What it does to the fold: a move, or the cancellation of one.
    pub kind: RecordKind,
    /// The pursuit; 0 before the first.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// Stage before; null for the first record.
    #[schema(required = true)]
    pub from: Option<Stage>,
    /// Stage after.
    pub to: Stage,
    /// How it came about.
    pub path: Path,
    /// Why.
    pub reason: Reason,
    /// Whether it only passes through a stage on the way to another.
    pub pass_through: bool,
    /// Business date: when it happened, or fell due.
    pub occurred_on: On,
    /// When it was written down.
    pub recorded_at: At,
    /// Who: an agent, a supervisor, the service itself or another system.
    pub actor_kind: ActorKind,
    /// The user, or the client of the other system; null for the service itself.
    #[schema(required = true)]
    pub actor_id: Option<Id>,
    /// The record this one cancels.
    #[schema(required = true)]
    pub cancels: Option<Id>,
    /// Cycle in force, days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// The five criteria on that date.
    pub criteria: CriteriaView,
}

impl TransitionView {
    /// The view of a record.
    pub fn new(prospect_id: Id, t: &Transition) -> Self {
        TransitionView {
            id: t.id,
            prospect_id,
            seq: t.seq,
            kind: t.kind,
            pursuit_number: t.pursuit_number,
            from: t.from,
            to: t.to,
            path: t.path,
            reason: t.reason,
            pass_through: t.pass_through,
            occurred_on: On(t.occurred_on),
            recorded_at: At(t.recorded_at),
            actor_kind: t.by.kind(),
            actor_id: t.by.id(),
            cancels: t.cancels,
            cycle_days: t.cycle_days,
            criteria: t.criteria.into(),
        }
    }
}

/// What a write did to a prospect's place on the board.
#[derive(Serialize, ToSchema)]
pub struct BoardChange {
    /// The prospect.
    pub prospect_id: Id,
    /// Its version after the write; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 3)]
    pub version: i32,
    /// Id of what the request made beside the log: the appointment, the check, the extension request or the confirmation, as
    /// its list or the timeline shows it; null for moves and for changes of what was there.
    #[schema(required = true)]
    pub recorded_id: Option<Id>,
    /// The record that answers the request; null when nothing moved.
    #[schema(required = true)]
    pub transition: Option<TransitionView>,
    /// Every new record, in order: passed-through stages, superseded and automatic moves too.
    #[schema(max_items = 1000)]
    pub transitions: Vec<TransitionView>,
    /// Where the prospect stands now.
    pub board: BoardView,
    /// Remarks that did not stop the write.
    #[schema(max_items = 20)]
    pub warnings: Vec<Warning>,
}

impl BoardChange {
    /// The view of a decision that was saved, or would be.
    pub fn new(loaded: &Loaded, decided: &Decision, recorded_id: Option<Id>, language: Language) -> Self {
        let prospect_id = loaded.row.id;
        let mut remarks = decided.warnings.clone();
        remarks.dedup();
        BoardChange {
            prospect_id,
            version: loaded.row.version,
            recorded_id,
            transition: decided.answer().map(|t| TransitionView::new(prospect_id, t)),
            transitions: decided.transitions.iter().map(|t| TransitionView::new(prospect_id, t)).collect(),
            board: BoardView::of(&loaded.row, loaded.today),
            warnings: remarks.into_iter().map(|remark| Warning::of(remark, language)).collect(),
        }
    }
}

/// The answer to a write on a prospect: its ETag, what changed; where the new record is, if one was created.
pub fn answer(
    loaded: &Loaded,
    decided: &Decision,
    recorded_id: Option<Id>,
    (status, language): (u16, Language),
) -> Answer {
    let view = BoardChange::new(loaded, decided, recorded_id, language);
    let location = match &view.transition {
        Some(t) => format!("/v1/prospects/{}/transitions/{}", loaded.row.id, t.id),
        None => format!("/v1/prospects/{}", loaded.row.id),
    };
    let answer = Answer::new(status, &view);
    let answer = if status == 201 { answer.header("Location", location) } else { answer };
    answer.header("ETag", etag(i64::from(loaded.row.version), &[])).about([loaded.row.id])
}
