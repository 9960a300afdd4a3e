//! How anything gets into a history: the recorder that every decision writes with, and the ways it is refused.
//!
//! A decision is data: the records to append and the history after them. The store only copies it.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    automatic::{Due, reconcile},
    classify::Rule,
    fact::{Fact, FactBody},
    history::{Cut, Environment, History},
    id::Id,
    stage::Stage,
    transition::{Path, Reason, RecordKind, Transition},
};

/// Who decides, in relation to the prospect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Authority {
    /// The prospect is the caller's own.
    pub owner: bool,
    /// The caller has the role supervisor (and the prospect in scope).
    pub supervisor: bool,
}

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
    pub actor_id: Id,
    /// In which capacity.
    pub authority: Authority,
    /// Source of ids.
    pub ids: &'a mut dyn FnMut() -> Id,
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

/// A remark that does not stop a move.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Warning {
    /// Nobody who decides is expected at the first meeting (method section 4: "should").
    DecisionMakerNotExpected,
    /// The sale rests on the agent's word until the policy system confirms it.
    Claimed,
    /// The entry overtook automatic moves.
    SupersededAutomaticMoves,
}

impl Warning {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Warning::DecisionMakerNotExpected => "decision_maker_not_expected",
            Warning::Claimed => "claimed",
            Warning::SupersededAutomaticMoves => "superseded_automatic_moves",
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
        moves().rfind(|t| !t.is_automatic()).or_else(|| moves().next_back())
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
    /// The appointment is not one of this pursuit's.
    UnknownAppointment,
    /// The appointment has an outcome already that this one contradicts.
    AppointmentSettled,
    /// A pursuit gets one extension.
    ExtensionExists,
    /// There is no pending request.
    NoPendingExtension,
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
}

/// Days during which agents may take back their own latest move (method section 4).
pub const VOID_DAYS: i64 = 7;

/// Writes records into a working copy of the history.
pub(super) struct Recorder<'a, 'b> {
    pub(super) history: History,
    pub(super) ctx: &'b mut Context<'a>,
    pub(super) transitions: Vec<Transition>,
    pub(super) facts: Vec<Fact>,
    pub(super) warnings: Vec<Warning>,
    group_id: Id,
}

/// A move to be recorded.
pub(super) struct Step {
    pub(super) pursuit_number: i32,
    pub(super) from: Option<Stage>,
    pub(super) to: Stage,
    pub(super) path: Path,
    pub(super) reason: Reason,
    pub(super) pass_through: bool,
    pub(super) occurred_on: NaiveDate,
}

impl<'a, 'b> Recorder<'a, 'b> {
    /// Starts from the history with everything that is due written down.
    pub(super) fn new(ctx: &'b mut Context<'a>) -> Self {
        let group_id = (ctx.ids)();
        let mut recorder = Recorder {
            history: ctx.history.clone(),
            ctx,
            transitions: Vec::new(),
            facts: Vec::new(),
            warnings: Vec::new(),
            group_id,
        };
        recorder.settle();
        recorder
    }

    pub(super) fn today(&self) -> NaiveDate {
        self.ctx.today
    }

    pub(super) fn stage(&self) -> Stage {
        self.history.stage()
    }

    /// Writes down what is due and takes back what no longer holds.
    pub(super) fn settle(&mut self) -> Option<Due> {
        self.settle_until(self.ctx.today)
    }

    /// The same, as if it were that day.
    pub(super) fn settle_until(&mut self, day: NaiveDate) -> Option<Due> {
        let plan = reconcile(&self.history, self.ctx.env, day);
        for record in plan.superseded {
            self.cancel(&record, RecordKind::Superseded, Reason::LateEntry);
        }
        for due in plan.due {
            let pursuit_number = self.history.pursuit_number();
            self.push(
                Step {
                    pursuit_number,
                    from: Some(due.from),
                    to: due.to,
                    path: Path::Automatic,
                    reason: due.reason,
                    pass_through: false,
                    occurred_on: due.on,
                },
                None,
            );
        }
        plan.next
    }

    /// Cancels the automatic moves since the anchor that `late` overtakes, last first.
    pub(super) fn overtake(&mut self, late: impl Fn(&Transition) -> bool) {
        let Some(anchor_seq) = self.history.anchor().map(|t| t.seq) else { return };
        self.overtake_since(anchor_seq, late);
    }

    /// Cancels the automatic moves after a record that `late` overtakes, last first.
    pub(super) fn overtake_since(&mut self, seq: i32, late: impl Fn(&Transition) -> bool) {
        let overtaken: Vec<Transition> =
            self.history.effective().into_iter().filter(|t| t.seq > seq && late(t)).cloned().collect();
        if !overtaken.is_empty() {
            self.warnings.push(Warning::SupersededAutomaticMoves);
        }
        for record in overtaken.iter().rev() {
            self.cancel(record, RecordKind::Superseded, Reason::LateEntry);
        }
    }

    pub(super) fn cancel(&mut self, record: &Transition, kind: RecordKind, reason: Reason) {
        let id = (self.ctx.ids)();
        let actor_id = (kind == RecordKind::Voided).then_some(self.ctx.actor_id);
        let transition = Transition {
            id,
            seq: self.history.last_seq() + 1,
            kind,
            pursuit_number: record.pursuit_number,
            from: Some(record.to),
            to: record.from.unwrap_or(Stage::Opportunity),
            path: Path::Correction,
            reason,
            pass_through: false,
            occurred_on: record.occurred_on,
            recorded_at: self.ctx.now,
            recorded_on: self.ctx.today,
            actor_id,
            group_id: self.group_id,
            cancels: Some(record.id),
            cycle_days: record.cycle_days,
            criteria: record.criteria,
        };
        self.history.transitions.push(transition.clone());
        self.transitions.push(transition);
    }

    /// Appends one move made by the caller.
    pub(super) fn record(&mut self, step: Step) {
        let actor = self.ctx.actor_id;
        self.push(step, Some(actor));
    }

    fn push(&mut self, step: Step, actor_id: Option<Id>) {
        let day = step.occurred_on;
        let cut = if actor_id.is_some() { Cut::EndOf(day) } else { Cut::StartOf(day) };
        let cycle_days = self.ctx.env.cycle_days(day);
        let known = self.history.facts_on(step.pursuit_number, cut, &self.ctx.env.settings);
        let id = (self.ctx.ids)();
        let transition = Transition {
            id,
            seq: self.history.last_seq() + 1,
            kind: RecordKind::Move,
            pursuit_number: step.pursuit_number,
            from: step.from,
            to: step.to,
            path: step.path,
            reason: step.reason,
            pass_through: step.pass_through,
            occurred_on: day,
            recorded_at: self.ctx.now,
            recorded_on: self.ctx.today,
            actor_id,
            group_id: if actor_id.is_some() { self.group_id } else { id },
            cancels: None,
            cycle_days,
            criteria: known.verdicts(cycle_days, day),
        };
        self.history.transitions.push(transition.clone());
        self.transitions.push(transition);
    }

    /// Appends one fact to a pursuit; without any date of its own it is dated `otherwise`.
    pub(super) fn fact(
        &mut self,
        new: NewFact,
        pursuit_number: i32,
        otherwise: NaiveDate,
        replaces: Option<Id>,
    ) {
        let fact = Fact {
            id: new.id,
            seq: self.history.last_fact_seq() + 1,
            after_transition: self.history.last_seq(),
            pursuit_number,
            group_id: self.group_id,
            occurred_on: new.body.own_date().or(new.occurred_on).unwrap_or(otherwise),
            recorded_at: self.ctx.now,
            recorded_on: self.ctx.today,
            actor_id: self.ctx.actor_id,
            replaces,
            body: new.body,
        };
        self.history.facts.push(fact.clone());
        self.facts.push(fact);
    }

    /// A move may not be dated in the future, nor before the last one that stands.
    pub(super) fn check_date(&self, date: NaiveDate) -> Result<(), Refusal> {
        self.check_not_future(date)?;
        match self.history.anchor() {
            Some(anchor) if date < anchor.occurred_on => {
                Err(Refusal::BeforeLastMove { date, last_on: anchor.occurred_on })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_not_future(&self, date: NaiveDate) -> Result<(), Refusal> {
        if date > self.today() {
            return Err(Refusal::InTheFuture { date, today: self.today() });
        }
        Ok(())
    }

    /// Derives afresh and closes the books.
    pub(super) fn finish(mut self) -> Decision {
        let next = self.settle();
        Decision {
            history: self.history,
            transitions: self.transitions,
            facts: self.facts,
            warnings: self.warnings,
            next,
        }
    }
}

/// Writes down what is due by today, and nothing else: what a sweep does.
pub fn settle(ctx: &mut Context<'_>) -> Decision {
    Recorder::new(ctx).finish()
}

/// The first record of a prospect: new → opportunity (method section 4).
///
/// # Errors
/// `InTheFuture` when `occurred_on` lies after today.
pub fn create(ctx: &mut Context<'_>, occurred_on: Option<NaiveDate>) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let occurred_on = occurred_on.unwrap_or(recorder.today());
    recorder.check_not_future(occurred_on)?;
    recorder.record(Step {
        pursuit_number: 0,
        from: None,
        to: Stage::Opportunity,
        path: Path::Created,
        reason: Reason::Created,
        pass_through: false,
        occurred_on,
    });
    Ok(recorder.finish())
}
