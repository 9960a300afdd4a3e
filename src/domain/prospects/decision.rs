//! What a decision is taken on, what it adds, and the ways it is refused.
//!
//! A decision is data: the records to append and the history after them. The store only copies it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    fact::{AppointmentKind, Fact, FactBody},
    history::{Environment, History},
    transition::{Reason, RecordKind, Transition},
};
use crate::domain::{
    method::{classify::Rule, criteria::Criterion, due::Due, stage::Stage},
    organisation::actor::{ActedBy, Capacity},
    values::id::Id,
};

/// What a decision is taken on.
pub struct Context<'a> {
    /// Everything recorded so far.
    pub history: &'a History,
    /// Cycle and settings of the owner.
    pub env: &'a Environment,
    /// The business date in the team's time zone.
    pub today: NaiveDate,
    /// The instant of recording.
    pub now: DateTime<Utc>,
    /// Who.
    pub by: ActedBy,
    /// Whose prospect it is.
    pub owner_id: Id,
    /// Source of ids.
    pub ids: &'a mut dyn FnMut() -> Id,
}

impl Context<'_> {
    /// In which capacity whoever decides acts on the prospect.
    pub fn capacity(&self) -> Capacity {
        self.by.capacity(self.owner_id)
    }
}

/// A fact to be recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFact {
    /// Its id: evidence is stored under it.
    pub id: Id,
    /// Business date; facts with an own date carry that instead.
    pub occurred_on: Option<NaiveDate>,
    /// Content.
    pub body: FactBody,
}

/// What somebody asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MoveRequest {
    /// The stage to reach.
    pub to: Stage,
    /// Business date; today when absent, for 90 the latest of signing, submission and money.
    pub occurred_on: Option<NaiveDate>,
    /// Reason code, where the move needs one.
    pub reason: Option<Reason>,
    /// A supervisor's evidence stands for a missing issue or receipt record.
    pub overrides: bool,
    /// Missing facts, recorded together with the move or not at all.
    pub facts: Vec<NewFact>,
}

/// A date of the current pursuit that can be corrected on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CorrectableDate {
    /// First meeting.
    FirstMeetingOn,
    /// Issue of the policy.
    PolicyIssuedOn,
    /// Signature of the receipt.
    ReceiptSignedOn,
}

/// A date that cannot lie before the signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AfterSigning {
    /// Issue of the policy.
    PolicyIssuedOn,
    /// Signature of the receipt.
    ReceiptSignedOn,
    /// The withdrawal's own date.
    WithdrawnOn,
}

/// What gives a fact its date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dating {
    /// The day on which an appointment was fixed.
    FixedOn(AppointmentKind),
    /// The day on which a criterion was checked.
    CheckedOn(Criterion),
    /// The fact itself: its code.
    Itself(&'static str),
    /// The day on which it became known.
    OccurredOn,
}

impl Dating {
    /// What dates a fact.
    pub fn of(fact: &FactBody) -> Self {
        match fact {
            FactBody::AppointmentFixed { appointment_kind, .. } => Dating::FixedOn(*appointment_kind),
            FactBody::Check { criterion, .. } => Dating::CheckedOn(*criterion),
            other if other.own_date().is_some() => Dating::Itself(other.kind()),
            _ => Dating::OccurredOn,
        }
    }
}

/// A remark that does not stop a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Warning {
    /// Nobody who decides is expected at the first meeting (method section 4: "should").
    DecisionMakerNotExpected,
    /// The sale rests on the agent's word until the policy system confirms it.
    Claimed,
    /// The entry overtook automatic moves.
    SupersededAutomaticMoves,
    /// Somebody who decides as well takes no part yet, though it was said that everybody does (method section 3).
    CoDeciderNotEngaged,
    /// The person is noted down as somebody who does not decide (method section 3).
    DecisionRoleContradicts,
}

impl Warning {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Warning::DecisionMakerNotExpected => "decision_maker_not_expected",
            Warning::Claimed => "claimed",
            Warning::SupersededAutomaticMoves => "superseded_automatic_moves",
            Warning::CoDeciderNotEngaged => "co_decider_not_engaged",
            Warning::DecisionRoleContradicts => "decision_role_contradicts",
        }
    }
}

/// What a decision adds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The history with everything added.
    pub history: History,
    /// New records of the log, in order.
    pub transitions: Vec<Transition>,
    /// New facts, in order.
    pub facts: Vec<Fact>,
    /// Remarks.
    pub warnings: Vec<Warning>,
    /// The next automatic move if nothing else is entered.
    pub next: Option<Due>,
}

impl Decision {
    /// The record that answers a request for a stage: the last new move that was not automatic, else the last.
    pub fn answer(&self) -> Option<&Transition> {
        let moves = || self.transitions.iter().filter(|t| t.kind == RecordKind::Move);
        moves().rfind(|t| !t.is_derived()).or_else(|| moves().next_back())
    }

    /// Adds what followed of it.
    pub fn followed_by(&mut self, more: Decision) {
        self.transitions.extend(more.transitions);
        self.facts.extend(more.facts);
        self.warnings.extend(more.warnings);
        (self.history, self.next) = (more.history, more.next);
    }
}

/// Why a decision is refused. Each value carries what the caller needs to mend it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Guards of the stage do not hold: all of them.
    Guards {
        /// The stage asked for.
        to: Stage,
        /// Judged on this day.
        as_of: NaiveDate,
        /// Every rule that does not hold.
        unmet: Vec<Rule>,
    },
    /// The method has no such move.
    NoSuchMove {
        /// Stage on the day of the move.
        from: Stage,
        /// Stage asked for.
        to: Stage,
    },
    /// The prospect stood there already on that day.
    AlreadyThere {
        /// The stage.
        stage: Stage,
    },
    /// The date lies in the future.
    InTheFuture {
        /// The date given.
        date: NaiveDate,
        /// Today.
        today: NaiveDate,
    },
    /// The date lies before the last move that stands.
    BeforeLastMove {
        /// The date given.
        date: NaiveDate,
        /// The date of that move.
        last_on: NaiveDate,
    },
    /// A move to 90 is dated on the latest of signing, submission and money.
    NotTheLatest {
        /// The date given.
        date: NaiveDate,
        /// The date it must be.
        expected: NaiveDate,
    },
    /// A move to closed is dated by the cooling-off period, closed → 50 on the day it arrives.
    DatedElsewhere {
        /// The stage asked for.
        to: Stage,
        /// The date given.
        date: NaiveDate,
        /// The date it must be.
        expected: NaiveDate,
    },
    /// A fact dated before the pursuit that it was told for, when there had been another one.
    NewerPursuitBegun {
        /// What dates it.
        dating: Dating,
        /// Its date.
        date: NaiveDate,
        /// The first day from which on the pursuit takes facts.
        begun_on: NaiveDate,
    },
    /// A reason code of a certain kind is needed.
    ReasonNeeded {
        /// Codes that fit.
        allowed: Vec<Reason>,
    },
    /// Only the owner may do this.
    NotTheOwner,
    /// Only a supervisor above the owner may do this.
    NotASupervisor,
    /// No fallback is due on that day.
    FallbackNotDue {
        /// The stage.
        from: Stage,
        /// The day.
        as_of: NaiveDate,
    },
    /// No criterion is unmet, none stale beyond the grace: 50% stands.
    FiftyStands {
        /// The day.
        as_of: NaiveDate,
    },
    /// There is no pursuit that the entry could belong to.
    NoPursuit {
        /// The stage.
        stage: Stage,
        /// When the last pursuit ended, if there was one.
        ended_on: Option<NaiveDate>,
    },
    /// What happens after the cooling-off period changes figures, not the sale.
    AfterTheClosing {
        /// The last day on which it would have undone the sale.
        last_day: NaiveDate,
    },
    /// There is no such appointment.
    UnknownAppointment,
    /// The pursuit of the appointment has ended: only what came of it can still be told.
    PursuitEnded {
        /// When; none for one that was voided.
        ended_on: Option<NaiveDate>,
    },
    /// Nothing can have come of an appointment before it was fixed.
    OutcomeBeforeItWasFixed {
        /// The date given.
        date: NaiveDate,
        /// The day on which it was fixed.
        fixed_on: NaiveDate,
    },
    /// An appointment cannot lie before the day on which it was fixed or put off.
    BeforeItWasFixed {
        /// First or next.
        kind: AppointmentKind,
        /// Its day.
        date: NaiveDate,
        /// The day on which it was fixed or put off.
        fixed_on: NaiveDate,
    },
    /// Nobody can have stayed away before the day of the appointment.
    BeforeItsDay {
        /// The day given.
        date: NaiveDate,
        /// The appointment's day.
        day: NaiveDate,
    },
    /// Somebody who decides as well takes no part yet (method section 3).
    CoDeciderNotEngaged {
        /// Their places in the list, from 0; none where nobody has been named.
        which: Vec<usize>,
    },
    /// Issue, receipt and withdrawal follow the signature (method section 4).
    BeforeTheSignature {
        /// Which date.
        which: AfterSigning,
        /// The date given.
        date: NaiveDate,
        /// The signature.
        signed_on: NaiveDate,
    },
    /// A cooling-off period shorter than the one in force on `signed_on` (method section 10).
    CoolingOffTooShort {
        /// Days given.
        days: i32,
        /// The fewest that can be given.
        least: i32,
    },
    /// The appointment has an outcome already that this one contradicts.
    AppointmentSettled,
    /// A pursuit has one first appointment at a time: the open one is to be changed.
    FirstAppointmentExists {
        /// The open one.
        appointment_id: Id,
        /// Its day.
        day: NaiveDate,
    },
    /// A pursuit gets one extension.
    ExtensionExists,
    /// The request was decided already.
    NoPendingExtension,
    /// The request's pursuit ended before anybody decided it.
    ExtensionLapsed,
    /// More days than half the cycle.
    ExtensionTooLong {
        /// The most that can be granted.
        most: i64,
    },
    /// The latest move cannot be taken back.
    NotVoidable {
        /// Why.
        why: NotVoidable,
    },
    /// There is no such fact to correct.
    NothingToCorrect,
}

/// Why a move cannot be taken back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotVoidable {
    /// It is the first record.
    Created,
    /// Somebody else made it.
    NotOwn,
    /// It was recorded more than seven days ago.
    TooOld,
    /// A supervisor has signed off the block of its date.
    SignedOff {
        /// The date.
        date: NaiveDate,
    },
    /// The outcome came with a move, or a move made since rests on it: the move has to be taken back.
    MoveRestsOnIt,
}

/// Days during which agents may take back their own latest move (method section 4).
pub const VOID_DAYS: i64 = 7;
