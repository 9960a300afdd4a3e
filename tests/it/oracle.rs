//! The method a second time, written from its text alone and as plainly as can be: calendar dates, lists and loops.
//!
//! Nothing here comes from the crate under test. Where the service plans ahead, the oracle walks day by day;
//! where the service keeps state, the oracle counts again from the first entry. `agreement.rs` compares the two.
#![allow(dead_code)]

pub mod calendar;
pub mod classify;
pub mod cooling_off;
pub mod cycle;
pub mod simulation;
mod soundness;
pub mod strategies;
mod worked_figures;
mod worked_lives;

use chrono::NaiveDate;

/// The seven columns of a life (section 2), in the order of the board; `Exited` stands outside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    Opportunity,
    FirstAppointment,
    Stage25,
    Stage50,
    Stage90,
    Closed,
    Exited,
}

impl Stage {
    pub const LADDER: [Stage; 6] = [
        Stage::Opportunity,
        Stage::FirstAppointment,
        Stage::Stage25,
        Stage::Stage50,
        Stage::Stage90,
        Stage::Closed,
    ];

    /// How far up the ladder; someone who left stands nowhere.
    pub fn rung(self) -> Option<usize> {
        Stage::LADDER.iter().position(|rung| *rung == self)
    }

    /// Whether standing here satisfies someone who asks for `wanted`.
    pub fn reaches(self, wanted: Stage) -> bool {
        matches!((self.rung(), wanted.rung()), (Some(here), Some(there)) if here >= there)
    }

    /// The stages that an open pursuit can have.
    pub fn is_open(self) -> bool {
        matches!(self, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 | Stage::Stage90)
    }

    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Opportunity => "opportunity",
            Stage::FirstAppointment => "first_appointment",
            Stage::Stage25 => "stage_25",
            Stage::Stage50 => "stage_50",
            Stage::Stage90 => "stage_90",
            Stage::Closed => "closed",
            Stage::Exited => "exited",
        }
    }
}

/// A verdict on one of the five criteria (section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    Unknown,
    Met,
    Unmet,
    Stale,
}

impl Verdict {
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Unknown => "unknown",
            Verdict::Met => "met",
            Verdict::Unmet => "unmet",
            Verdict::Stale => "stale",
        }
    }
}

/// The five criteria (section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Criterion {
    DecisionMaker,
    PlanFits,
    Budget,
    Timing,
    NextStep,
}

impl Criterion {
    pub const ALL: [Criterion; 5] = [
        Criterion::DecisionMaker,
        Criterion::PlanFits,
        Criterion::Budget,
        Criterion::Timing,
        Criterion::NextStep,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Criterion::DecisionMaker => "decision_maker",
            Criterion::PlanFits => "plan_fits",
            Criterion::Budget => "budget",
            Criterion::Timing => "timing",
            Criterion::NextStep => "next_step",
        }
    }

    /// Criteria 4 and 5 follow from dates; nobody may post `met` for them.
    pub fn is_computed(self) -> bool {
        matches!(self, Criterion::Timing | Criterion::NextStep)
    }
}

/// A value that changes on known dates: the first one holds until the first change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByDate<T> {
    pub first: T,
    pub changes: Vec<(NaiveDate, T)>,
}

impl<T: Clone> ByDate<T> {
    pub fn always(value: T) -> Self {
        ByDate { first: value, changes: Vec::new() }
    }

    pub fn then(mut self, from: NaiveDate, value: T) -> Self {
        self.changes.push((from, value));
        self
    }

    /// The value in force on a day: that of the latest change on or before it.
    pub fn on(&self, day: NaiveDate) -> T {
        let mut found = self.first.clone();
        let mut latest = None;
        for (from, value) in &self.changes {
            if *from <= day && latest.is_none_or(|seen| *from >= seen) {
                latest = Some(*from);
                found = value.clone();
            }
        }
        found
    }
}

/// Whole days from `earlier` to `later`.
pub fn days_between(earlier: NaiveDate, later: NaiveDate) -> i64 {
    (later - earlier).num_days()
}

/// The day `n` days after (or, when negative, before) `day`.
pub fn plus(day: NaiveDate, n: i64) -> NaiveDate {
    day + chrono::TimeDelta::days(n)
}

/// A date written as in the method's examples.
pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date in a test is written YYYY-MM-DD")
}
