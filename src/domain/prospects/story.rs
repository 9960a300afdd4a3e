//! Histories told in a few lines, for the tests of this room.

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::{
    fact::{Fact, FactBody},
    history::History,
    transition::{Path, Reason, RecordKind, Transition},
};
use crate::domain::{
    method::{criteria::Verdicts, stage::Stage},
    organisation::actor::ActedBy,
    values::id::Id,
};

/// A history in the making: one pursuit, every record written down on its own day.
#[derive(Default)]
pub struct Story {
    history: History,
}

impl Story {
    /// Somebody moves to a stage.
    pub fn moved(mut self, on: NaiveDate, to: Stage, path: Path) -> Self {
        let from = self.history.effective().last().map(|t| t.to);
        let seq = self.history.last_seq() + 1;
        let id = Id(Uuid::from_u128(seq.unsigned_abs().into()));
        self.history.transitions.push(Transition {
            id,
            seq,
            kind: RecordKind::Move,
            pursuit_number: 1,
            from,
            to,
            path,
            reason: Reason::GuardsMet,
            pass_through: false,
            occurred_on: on,
            recorded_at: DateTime::<Utc>::UNIX_EPOCH,
            recorded_on: on,
            by: ActedBy::System,
            group_id: id,
            cancels: None,
            cycle_days: 28,
            criteria: Verdicts::default(),
        });
        self
    }

    /// The last record is taken back.
    pub fn superseded(mut self) -> Self {
        if let Some(last) = self.history.transitions.last().cloned() {
            let seq = last.seq + 1;
            let id = Id(Uuid::from_u128(seq.unsigned_abs().into()));
            let kind = RecordKind::Superseded;
            self.history.transitions.push(Transition { id, seq, kind, cancels: Some(last.id), ..last });
        }
        self
    }

    /// Somebody records a fact.
    pub fn fact(self, on: NaiveDate, body: FactBody) -> Self {
        self.fact_by(ActedBy::Agent(Id(Uuid::from_u128(1))), on, body)
    }

    /// A certain one records a fact.
    pub fn fact_by(mut self, by: ActedBy, on: NaiveDate, body: FactBody) -> Self {
        let seq = self.history.last_fact_seq() + 1;
        let id = Id(Uuid::from_u128(1_000 + u128::from(seq.unsigned_abs())));
        self.history.facts.push(Fact {
            id,
            seq,
            after_transition: self.history.last_seq(),
            pursuit_number: 1,
            group_id: id,
            occurred_on: on,
            recorded_at: DateTime::<Utc>::UNIX_EPOCH,
            recorded_on: on,
            by,
            replaces: None,
            body,
        });
        self
    }

    /// The end of the story.
    pub fn told(self) -> History {
        self.history
    }
}
