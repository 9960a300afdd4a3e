//! What a list shows of a prospect: the clock, the next automatic move, the flags (method sections 3 to 5).
//!
//! A [`Card`] holds dates, not answers: from it and a day every answer follows, so a stored card stays right
//! until the day on which it must be derived again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    method::{
        classify::classify,
        criteria::{Criterion, Verdict, Verdicts},
        due::Due,
        proposals::proposals,
        stage::Stage,
    },
    prospects::{
        appointment::Outcome,
        extension,
        fact::AppointmentKind,
        facts::Facts,
        history::{Cut, Environment, History},
        transition::Path,
    },
    values::calendar::{days_between, plus_days},
};

/// An appointment, as far as a list needs it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CardAppointment {
    /// First or next.
    pub kind: AppointmentKind,
    /// Its day.
    pub on: NaiveDate,
    /// Whether it still awaits its outcome.
    pub open: bool,
    /// Whether it was put off.
    pub postponed: bool,
    /// Whether it was called off.
    pub cancelled: bool,
    /// Whether a supervisor goes along (陪访).
    #[serde(default)]
    pub joint_visit: bool,
}

/// The stored picture of a prospect's current pursuit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Card {
    /// Date of the move into the present stage.
    pub entered_on: NaiveDate,
    /// Facts of the current pursuit.
    pub facts: Facts,
    /// Its appointments.
    pub appointments: Vec<CardAppointment>,
    /// Cycle in force on the day of derivation, days.
    pub cycle_days: i32,
    /// The next automatic move, if nothing else is entered.
    pub next: Option<Due>,
    /// The fallbacks that wait for a decision (`fallback = propose`), in order of due date.
    pub undecided: Vec<Due>,
    /// Days of a pending extension request.
    pub extension_requested: Option<i32>,
    /// A supervisor's evidence stands for a missing record.
    pub overridden: bool,
    /// Setting: days at 90% after which a policy that is not issued asks for attention.
    pub issue_pending_days: i32,
}

/// Something a reader should notice.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Three quarters of the limit have gone.
    CycleWarning,
    /// The last day within the limit.
    LastDay,
    /// Longer than the limit.
    OverCycle,
    /// No dated next step.
    NoNextDate,
    /// An appointment's day has passed without an outcome.
    OutcomeMissing,
    /// The first appointment was put off (延期).
    Deferred,
    /// A criterion is stale.
    CriterionStale,
    /// A fallback waits for a decision.
    FallbackProposed,
    /// An extension request is pending.
    ExtensionPending,
    /// More than a cycle at 90%.
    Stuck,
    /// At 90%, and the policy is not issued yet. Asks for attention only once it has lasted (setting).
    IssuePending,
    /// The policy was issued before today and the receipt is not signed: the cooling-off period has not started.
    ReceiptMissing,
    /// The sale rests on the agent's word.
    Claimed,
    /// A supervisor's evidence stands for a missing record.
    Overridden,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Flag; 14] = [
        Flag::CycleWarning,
        Flag::LastDay,
        Flag::OverCycle,
        Flag::NoNextDate,
        Flag::OutcomeMissing,
        Flag::Deferred,
        Flag::CriterionStale,
        Flag::FallbackProposed,
        Flag::ExtensionPending,
        Flag::Stuck,
        Flag::IssuePending,
        Flag::ReceiptMissing,
        Flag::Claimed,
        Flag::Overridden,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Flag::CycleWarning => "cycle_warning",
            Flag::LastDay => "last_day",
            Flag::OverCycle => "over_cycle",
            Flag::NoNextDate => "no_next_date",
            Flag::OutcomeMissing => "outcome_missing",
            Flag::Deferred => "deferred",
            Flag::CriterionStale => "criterion_stale",
            Flag::FallbackProposed => "fallback_proposed",
            Flag::ExtensionPending => "extension_pending",
            Flag::Stuck => "stuck",
            Flag::IssuePending => "issue_pending",
            Flag::ReceiptMissing => "receipt_missing",
            Flag::Claimed => "claimed",
            Flag::Overridden => "overridden",
        }
    }
}

/// The clock of a pursuit on a day (method section 5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClockView {
    /// Cycle in force, days.
    pub cycle_days: i32,
    /// Granted extension, days.
    pub extension_days: i32,
    /// Cycle plus extension, days.
    pub limit_days: i64,
    /// When the clock started; none before the first meeting.
    pub started_on: Option<NaiveDate>,
    /// Calendar days since then.
    pub days_elapsed: Option<i64>,
    /// Days left within the limit; negative when over.
    pub days_left: Option<i64>,
    /// When the pursuit will fall back if nothing is entered.
    pub falls_back_on: Option<NaiveDate>,
    /// Where to.
    pub falls_back_to: Option<Stage>,
    /// When a 90 will close by itself.
    pub closes_on: Option<NaiveDate>,
}

/// Derives the card of a settled history on a day.
pub fn card(history: &History, env: &Environment, today: NaiveDate, next: Option<Due>) -> Card {
    let number = history.pursuit_number();
    let effective = history.effective();
    let last = effective.last();
    let facts = history.facts_on(number, Cut::EndOf(today), &env.settings);
    Card {
        entered_on: last.map_or(today, |t| t.occurred_on),
        appointments: history
            .appointments_on(number, Cut::EndOf(today))
            .into_iter()
            .map(|a| CardAppointment {
                kind: a.kind,
                on: a.on,
                open: a.outcome == Outcome::Open,
                postponed: a.deferrals > 0,
                cancelled: a.outcome == Outcome::Cancelled,
                joint_visit: a.joint_visit_with.is_some(),
            })
            .collect(),
        facts,
        cycle_days: env.cycle_days(today),
        next,
        undecided: proposals(history, env, today),
        extension_requested: extension::pending(history.pursuit_facts(number)).map(|request| request.days),
        overridden: last.is_some_and(|t| t.path == Path::Overridden),
        issue_pending_days: env.settings.on(today).issue_pending_days,
    }
}

impl Card {
    /// The facts with the next appointment chosen for this day.
    pub fn facts_for(&self, day: NaiveDate) -> Facts {
        let next = || self.appointments.iter().filter(|a| a.kind == AppointmentKind::Next && !a.cancelled);
        let soonest = next().map(|a| a.on).filter(|on| *on >= day).min();
        Facts { next_appointment_on: soonest.or_else(|| next().map(|a| a.on).max()), ..self.facts.clone() }
    }

    /// The five criteria on a day.
    pub fn verdicts(&self, day: NaiveDate) -> Verdicts {
        self.facts_for(day).verdicts(self.cycle_days, day)
    }

    /// Where the rules alone put an open pursuit on a day (method section 9): the verified board.
    pub fn placement(&self, stage: Stage, day: NaiveDate) -> Option<Stage> {
        stage.is_pursued().then(|| classify(&self.facts_for(day), self.cycle_days, day).stage)
    }

    /// The first day after `today` and before `by` on which the rules put the pursuit elsewhere by date alone.
    pub fn placement_changes_by(&self, stage: Stage, today: NaiveDate, by: NaiveDate) -> Option<NaiveDate> {
        let now = self.placement(stage, today)?;
        let days = (1..).map(|ahead| plus_days(today, ahead)).take_while(|day| *day < by);
        days.into_iter().find(|day| self.placement(stage, *day) != Some(now))
    }

    /// The clock on a day.
    pub fn clock(&self, stage: Stage, day: NaiveDate) -> ClockView {
        let runs = matches!(stage, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50);
        let shown = runs || stage == Stage::Stage90;
        let limit = self.facts.limit(self.cycle_days);
        let elapsed = self.facts.days_elapsed(day).filter(|_| shown);
        let fallback = self.next.filter(|_| runs);
        ClockView {
            cycle_days: self.cycle_days,
            extension_days: self.facts.extension_days,
            limit_days: limit,
            started_on: self.facts.clock_by(day).filter(|_| shown),
            days_elapsed: elapsed,
            days_left: elapsed.filter(|_| runs).map(|e| limit - e),
            falls_back_on: fallback.map(|d| d.on),
            falls_back_to: fallback.map(|d| d.to),
            closes_on: self.next.filter(|d| d.to == Stage::Closed).map(|d| d.on),
        }
    }

    /// Whether a first appointment was first fixed more than a cycle ago and nobody has met (method section 5).
    fn waits_too_long(&self, stage: Stage, day: NaiveDate) -> bool {
        let unmet = stage == Stage::FirstAppointment && self.facts.met_by(day).is_none();
        let fixed_on = self.facts.first_appointment.map(|a| a.fixed_on).filter(|_| unmet);
        fixed_on.is_some_and(|fixed| days_between(fixed, day) > i64::from(self.cycle_days))
    }

    /// What a reader should notice on a day.
    pub fn flags(&self, stage: Stage, day: NaiveDate) -> Vec<Flag> {
        let clock = self.clock(stage, day);
        let verdicts = self.verdicts(day);
        let runs = matches!(stage, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50);
        let dated = self.appointments.iter().any(|a| !a.cancelled && a.on >= day && a.open);
        let first = |a: &&CardAppointment| a.kind == AppointmentKind::First;
        let warn_from = (3 * clock.limit_days + 3) / 4;
        let elapsed = clock.days_elapsed.filter(|_| runs);
        let holds = |flag: Flag| match flag {
            Flag::CycleWarning => elapsed.is_some_and(|e| e >= warn_from && e <= clock.limit_days),
            Flag::LastDay => elapsed == Some(clock.limit_days),
            Flag::OverCycle => {
                elapsed.is_some_and(|e| e > clock.limit_days) || self.waits_too_long(stage, day)
            }
            Flag::NoNextDate => runs && !dated,
            Flag::OutcomeMissing => {
                stage.is_prospect() && self.appointments.iter().any(|a| a.open && a.on < day)
            }
            Flag::Deferred => {
                stage == Stage::FirstAppointment
                    && self.appointments.iter().filter(first).any(|a| a.postponed)
            }
            Flag::CriterionStale => {
                stage == Stage::Stage50
                    && Criterion::ALL.into_iter().any(|c| verdicts.of(c) == Verdict::Stale)
            }
            Flag::FallbackProposed => runs && !self.undecided.is_empty(),
            Flag::ExtensionPending => runs && self.extension_requested.is_some(),
            Flag::Stuck => {
                stage == Stage::Stage90 && days_between(self.entered_on, day) > i64::from(self.cycle_days)
            }
            Flag::IssuePending => stage == Stage::Stage90 && self.facts.issued_by(day).is_none(),
            Flag::ReceiptMissing => {
                stage == Stage::Stage90
                    && self.facts.receipt_by(day).is_none()
                    && self.facts.issued_by(day).is_some_and(|issued| issued < day)
            }
            Flag::Claimed => matches!(stage, Stage::Stage90 | Stage::Closed) && self.facts.premium_claimed,
            Flag::Overridden => self.overridden,
        };
        Flag::ALL.into_iter().filter(|flag| holds(*flag)).collect()
    }
}
