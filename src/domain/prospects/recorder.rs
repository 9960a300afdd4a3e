//! How anything gets into a history: the one writer that every decision uses.

use chrono::NaiveDate;

use super::{
    decision::{Context, Decision, NewFact, Refusal, Warning},
    fact::Fact,
    history::{Cut, History},
    plausible::check,
    transition::{Path, Reason, RecordKind, Transition},
};
use crate::domain::{
    method::{automatic::reconcile, due::Due, stage::Stage},
    organisation::actor::ActedBy,
    values::id::Id,
};

/// Writes records into a working copy of the history.
pub(in crate::domain) struct Recorder<'a, 'b> {
    pub(in crate::domain) history: History,
    pub(in crate::domain) ctx: &'b mut Context<'a>,
    pub(in crate::domain) transitions: Vec<Transition>,
    pub(in crate::domain) facts: Vec<Fact>,
    pub(super) warnings: Vec<Warning>,
    group_id: Id,
}

/// A move to be recorded.
pub(in crate::domain) struct Step {
    pub(in crate::domain) pursuit_number: i32,
    pub(in crate::domain) from: Option<Stage>,
    pub(in crate::domain) to: Stage,
    pub(in crate::domain) path: Path,
    pub(in crate::domain) reason: Reason,
    pub(in crate::domain) pass_through: bool,
    pub(in crate::domain) occurred_on: NaiveDate,
}

impl<'a, 'b> Recorder<'a, 'b> {
    /// Starts from the history with everything that is due written down.
    pub(in crate::domain) fn new(ctx: &'b mut Context<'a>) -> Self {
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

    pub(in crate::domain) fn today(&self) -> NaiveDate {
        self.ctx.today
    }

    pub(in crate::domain) fn stage(&self) -> Stage {
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
                    path: due.path,
                    reason: due.reason,
                    pass_through: due.pass_through,
                    occurred_on: due.on,
                },
                due.by(),
                true,
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
        // What an entry overtakes is taken back by the service; only a slip is taken back by somebody.
        let by = if kind == RecordKind::Voided { self.ctx.by } else { ActedBy::System };
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
            by,
            group_id: self.group_id,
            cancels: Some(record.id),
            cycle_days: record.cycle_days,
            criteria: record.criteria,
        };
        self.history.transitions.push(transition.clone());
        self.transitions.push(transition);
    }

    /// Appends one move made by the caller.
    pub(in crate::domain) fn record(&mut self, step: Step) {
        let by = self.ctx.by;
        self.push(step, by, false);
    }

    fn push(&mut self, step: Step, by: ActedBy, derived: bool) {
        let day = step.occurred_on;
        let cut = if by == ActedBy::System { Cut::StartOf(day) } else { Cut::EndOf(day) };
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
            by,
            group_id: if derived { id } else { self.group_id },
            cancels: None,
            cycle_days,
            criteria: known.verdicts(cycle_days, day),
        };
        self.history.transitions.push(transition.clone());
        self.transitions.push(transition);
    }

    /// Appends one fact to a pursuit; without any date of its own it is dated `otherwise`.
    pub(in crate::domain) fn fact(
        &mut self,
        new: NewFact,
        pursuit_number: i32,
        otherwise: NaiveDate,
        replaces: Option<Id>,
    ) {
        self.fact_by(self.ctx.by, new, pursuit_number, otherwise, replaces);
    }

    /// The same on somebody else's word.
    pub(super) fn fact_by(
        &mut self,
        by: ActedBy,
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
            by,
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

    /// Checks the new facts against what they are about.
    ///
    /// # Errors
    /// `NewerPursuitBegun`, `BeforeItWasFixed`, `BeforeItsDay`, `BeforeTheSignature`, `CoolingOffTooShort`.
    pub(super) fn check_facts(&self) -> Result<(), Refusal> {
        let told = |fact| check(&self.history, self.ctx.env, self.ctx.today, fact);
        self.facts.iter().try_for_each(told)
    }

    /// Checks the new facts against what they are about, derives afresh and closes the books.
    ///
    /// # Errors
    /// Those of [`Recorder::check_facts`].
    pub(super) fn finish(self) -> Result<Decision, Refusal> {
        self.check_facts()?;
        Ok(self.close())
    }

    /// Derives afresh and closes the books.
    pub(super) fn close(mut self) -> Decision {
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
