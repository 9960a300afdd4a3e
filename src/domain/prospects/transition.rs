//! One record of the log of moves (method section 4).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{
    method::{criteria::Verdicts, stage::Stage},
    organisation::actor::ActedBy,
    values::id::Id,
};

/// What a record does to the fold.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// A move.
    Move,
    /// Cancels an automatic move that a late entry has overtaken.
    Superseded,
    /// Takes back a slip.
    Voided,
}

impl RecordKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            RecordKind::Move => "move",
            RecordKind::Superseded => "superseded",
            RecordKind::Voided => "voided",
        }
    }
}

/// By which way a move came about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// The first record of a prospect.
    Created,
    /// Somebody asked for it.
    Manual,
    /// It fell due.
    Automatic,
    /// The money arrived for a pursuit that had fallen back.
    Reinstated,
    /// A supervisor's evidence replaced a missing record.
    Overridden,
    /// A withdrawal that arrived after the closing.
    Compensating,
    /// A correction.
    Correction,
}

impl Path {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Path::Created => "created",
            Path::Manual => "manual",
            Path::Automatic => "automatic",
            Path::Reinstated => "reinstated",
            Path::Overridden => "overridden",
            Path::Compensating => "compensating",
            Path::Correction => "correction",
        }
    }
}

/// Why a record stands in the log.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The prospect was created.
    Created,
    /// The guards of the next stage hold.
    GuardsMet,
    /// Stayed longer than the cycle.
    OverCycle,
    /// No dated next step.
    Lapsed,
    /// A criterion stayed stale beyond the grace.
    CriterionStale,
    /// A criterion became unmet.
    CriterionUnmet,
    /// The cooling-off period has passed.
    CoolingOffOver,
    /// The insurer declined.
    Declined,
    /// The transfer failed.
    PaymentFailed,
    /// The money went back.
    Refunded,
    /// Withdrawn within the cooling-off period.
    Withdrawn,
    /// Left: sees no need.
    NoNeed,
    /// Left: no money for it.
    NoBudget,
    /// Left: bought elsewhere.
    ChoseCompetitor,
    /// Left: cannot be insured.
    NotInsurable,
    /// Left: moved away.
    MovedAway,
    /// Left: cannot be reached.
    LostContact,
    /// Left: does not want to be contacted.
    DoNotContact,
    /// Left: another reason, given as text.
    Other,
    /// A new attempt after leaving.
    NewAttempt,
    /// A repeat sale to a client.
    RepeatSale,
    /// A late entry overtook an automatic move.
    LateEntry,
    /// A slip was taken back.
    Slip,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 23] = [
        Reason::Created,
        Reason::GuardsMet,
        Reason::OverCycle,
        Reason::Lapsed,
        Reason::CriterionStale,
        Reason::CriterionUnmet,
        Reason::CoolingOffOver,
        Reason::Declined,
        Reason::PaymentFailed,
        Reason::Refunded,
        Reason::Withdrawn,
        Reason::NoNeed,
        Reason::NoBudget,
        Reason::ChoseCompetitor,
        Reason::NotInsurable,
        Reason::MovedAway,
        Reason::LostContact,
        Reason::DoNotContact,
        Reason::Other,
        Reason::NewAttempt,
        Reason::RepeatSale,
        Reason::LateEntry,
        Reason::Slip,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Created => "created",
            Reason::GuardsMet => "guards_met",
            Reason::OverCycle => "over_cycle",
            Reason::Lapsed => "lapsed",
            Reason::CriterionStale => "criterion_stale",
            Reason::CriterionUnmet => "criterion_unmet",
            Reason::CoolingOffOver => "cooling_off_over",
            Reason::Declined => "declined",
            Reason::PaymentFailed => "payment_failed",
            Reason::Refunded => "refunded",
            Reason::Withdrawn => "withdrawn",
            Reason::NoNeed => "no_need",
            Reason::NoBudget => "no_budget",
            Reason::ChoseCompetitor => "chose_competitor",
            Reason::NotInsurable => "not_insurable",
            Reason::MovedAway => "moved_away",
            Reason::LostContact => "lost_contact",
            Reason::DoNotContact => "do_not_contact",
            Reason::Other => "other",
            Reason::NewAttempt => "new_attempt",
            Reason::RepeatSale => "repeat_sale",
            Reason::LateEntry => "late_entry",
            Reason::Slip => "slip",
        }
    }

    /// The reason with this code.
    pub fn from_code(code: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|r| r.code() == code)
    }

    /// Whether it explains leaving the process.
    pub fn is_exit(self) -> bool {
        matches!(
            self,
            Reason::NoNeed
                | Reason::NoBudget
                | Reason::ChoseCompetitor
                | Reason::NotInsurable
                | Reason::MovedAway
                | Reason::LostContact
                | Reason::DoNotContact
                | Reason::Other
        )
    }

    /// Whether it explains the way back from 90% to 50%.
    pub fn is_fall_from_90(self) -> bool {
        matches!(self, Reason::Declined | Reason::PaymentFailed | Reason::Refunded | Reason::Withdrawn)
    }
}

/// One record of the append-only log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Transition {
    /// Its id.
    pub id: Id,
    /// Position in the prospect's log: 1, 2, 3, … without gaps.
    pub seq: i32,
    /// What it does to the fold.
    pub kind: RecordKind,
    /// Number of the pursuit it belongs to; 0 before the first.
    pub pursuit_number: i32,
    /// Stage before; none for the first record.
    pub from: Option<Stage>,
    /// Stage after.
    pub to: Stage,
    /// How it came about.
    pub path: Path,
    /// Why.
    pub reason: Reason,
    /// Whether it only passes through a stage on the way to another.
    pub pass_through: bool,
    /// The business date: when it happened, or fell due.
    pub occurred_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// The calendar date of that, in the team's time zone.
    pub recorded_on: NaiveDate,
    /// Who.
    pub by: ActedBy,
    /// Everything that came in one request shares it: the id of its first record.
    pub group_id: Id,
    /// The record this one cancels.
    pub cancels: Option<Id>,
    /// Cycle in force, days.
    pub cycle_days: i32,
    /// The five on that date.
    pub criteria: Verdicts,
}

impl Transition {
    /// A move that fell due, as opposed to one that somebody made or the policy system brought.
    pub fn is_automatic(&self) -> bool {
        self.path == Path::Automatic && self.by == ActedBy::System
    }

    /// A move that follows from what is recorded: one that fell due, or one that rests on what the policy system told.
    pub fn is_derived(&self) -> bool {
        self.is_automatic() || matches!(self.by, ActedBy::Integration(_))
    }

    /// A move from which others are derived: one that somebody made, or a closing (decision 0001).
    pub fn is_anchor(&self) -> bool {
        !self.is_derived() || self.to == Stage::Closed
    }

    /// A way back from 90% that somebody recorded, as opposed to one that rests on what the policy system told.
    pub fn is_fall_by_hand(&self) -> bool {
        self.is_fall_from_90() && !self.is_derived()
    }

    /// A way back from 90%, also after the closing: the facts of that 90 retire with it.
    pub fn is_fall_from_90(&self) -> bool {
        matches!(self.from, Some(Stage::Stage90 | Stage::Closed)) && self.to == Stage::Stage50
    }
}
