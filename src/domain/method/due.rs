//! A move that follows from what is recorded, and where a pursuit stands while such moves are looked for.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::stage::Stage;
use crate::domain::{
    organisation::actor::ActedBy,
    prospects::transition::{Path, Reason, Transition},
    values::id::Id,
};

/// A derived move with the date on which it fell, or will fall, due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// First date on which its condition holds.
    pub on: NaiveDate,
    /// Stage before.
    pub from: Stage,
    /// Stage after.
    pub to: Stage,
    /// Why.
    pub reason: Reason,
    /// By which way.
    pub path: Path,
    /// Whether it only passes through a stage on the way to another.
    pub pass_through: bool,
    /// The client whose word it rests on, where the policy system brought it.
    pub client_id: Option<Id>,
}

impl Due {
    /// One that the calendar brings.
    pub fn automatic(on: NaiveDate, from: Stage, to: Stage, reason: Reason) -> Self {
        Due { on, from, to, reason, path: Path::Automatic, pass_through: false, client_id: None }
    }

    /// Who makes it.
    pub fn by(&self) -> ActedBy {
        self.client_id.map_or(ActedBy::System, ActedBy::Integration)
    }
}

/// Where a pursuit stands while the days are walked through.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing {
    pub(super) stage: Stage,
    /// Day of the 50→25 that led here, if that is how 25 was reached.
    pub(super) back_at_25_on: Option<NaiveDate>,
    /// Day on which the pursuit fell back to opportunity, if that is how it came there.
    pub(super) fell_back_on: Option<NaiveDate>,
    /// A way back from 90% comes first on its day: an automatic move may follow on the same day.
    pub(super) fell_from_90: bool,
    /// How many of the events of a day have been looked at; none where everything of the first day counts at once.
    pub(super) seen: Option<(NaiveDate, usize)>,
}

impl Standing {
    pub(super) fn after(anchor: &Transition) -> Self {
        let on = |to: Stage, from: bool| (anchor.to == to && from).then_some(anchor.occurred_on);
        Standing {
            stage: anchor.to,
            back_at_25_on: on(Stage::Stage25, anchor.from == Some(Stage::Stage50)),
            fell_back_on: on(Stage::Opportunity, anchor.from.is_some_and(Stage::is_prospect)),
            fell_from_90: anchor.is_fall_from_90(),
            seen: None,
        }
    }

    pub(super) fn apply(&mut self, due: &Due, seen: Option<(NaiveDate, usize)>) {
        let on = |to: Stage, from: bool| (due.to == to && from).then_some(due.on);
        *self = Standing {
            stage: due.to,
            back_at_25_on: on(Stage::Stage25, due.from == Stage::Stage50),
            fell_back_on: on(Stage::Opportunity, due.from.is_prospect()),
            fell_from_90: due.to == Stage::Stage50 && matches!(due.from, Stage::Stage90 | Stage::Closed),
            seen,
        };
    }
}
