//! Taking back a slip, correcting a date, and a supervisor's word for a missing record (section 4).

use super::{Correctable, Fact, FactKind, Refused, Row, Simulation, Stored, What};
use crate::oracle::classify::closing_holds;
use crate::oracle::{Stage, Verdict, cooling_off};
use chrono::NaiveDate;

impl Simulation {
    pub(super) fn void_latest(&mut self) -> Result<(), Refused> {
        // A closing carries the number of the move it rests on, and goes with it.
        let entry = self.steps[self.steps.len() - 1].entry;
        if entry == 0 {
            return Err(Refused("only the beginning is left"));
        }
        self.steps.retain(|step| step.entry != entry);
        self.facts.retain(|stored| stored.entry != entry);
        Ok(())
    }

    /// The latest move again, on another day: what was told with it and happened that day goes along; everything is
    /// judged as if it had been entered so.
    pub(super) fn redate_latest(&mut self, entry: usize, to: NaiveDate) -> Result<(), Refused> {
        let old = self.steps[self.steps.len() - 1].entry;
        let step = self.steps.iter().find(|step| step.entry == old).expect("the last step's own entry");
        let was_on = step.after.anchor;
        let asked = self.accepted.iter().find(|(number, _)| *number == old).map(|(_, what)| what.clone());
        let what = asked.ok_or(Refused("only the beginning is left"))?;
        // Should it be redated again: what was asked for is still the same.
        self.accepted.push((entry, what.clone()));
        let told: Vec<_> = self.facts.iter().filter(|stored| stored.entry == old).cloned().collect();
        self.void_latest()?;
        let move_along = |on: NaiveDate| if on == was_on { to } else { on };
        let facts: Vec<Fact> = told
            .iter()
            .map(|stored| Fact { on: move_along(stored.fact.on), what: stored.fact.what.clone() })
            .collect();
        let firsts = self.first_appointments();
        // Appointments keep their names.
        let named = self.appointments;
        self.appointments = told.iter().find_map(|stored| stored.appointment).unwrap_or(named);
        let mut again = self.clone();
        match again.told_again(entry, &what, to, &facts) {
            // By then the pursuit had ended: the meeting opens another, in which that appointment is none.
            Err(Refused("no such appointment in this pursuit")) => {
                again = self.clone();
                let facts: Vec<Fact> =
                    facts.into_iter().filter_map(|fact| without_appointment(fact, &told, &firsts)).collect();
                again.told_again(entry, &what, to, &facts)?;
            }
            outcome => outcome?,
        }
        *self = again;
        self.appointments = named;
        if !self.facts.iter().all(|stored| self.fixed_by_then(stored)) {
            return Err(Refused("an outcome before the appointment was fixed"));
        }
        // Moves to 90 and closed, and what undoes a closing, have their dates from elsewhere.
        match self.steps[self.steps.len() - 1].after.anchor == to {
            true => Ok(()),
            false => Err(Refused("it cannot have that date")),
        }
    }

    fn fixed_by_then(&self, stored: &Stored) -> bool {
        let (FactKind::Postponed { nth, .. }
        | FactKind::Held { nth }
        | FactKind::NoShow { nth }
        | FactKind::Cancelled { nth }) = stored.fact.what
        else {
            return true;
        };
        let fixing =
            self.facts.iter().find(|one| one.appointment == Some(nth) && one.pursuit == stored.pursuit);
        fixing.is_none_or(|fixing| fixing.fact.on <= stored.fact.on)
    }

    fn told_again(
        &mut self,
        entry: usize,
        what: &What,
        to: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        match what {
            // It had fallen from 90 already, so no closing has come about since.
            What::Move { to: Stage::Stage50, .. }
                if to >= self.anchor() && self.state_for(to, true).stage == Stage::Stage90 =>
            {
                self.fall_from_90(entry, to, facts)
            }
            What::Move { to: stage, .. } => self.move_by_hand(entry, *stage, to, facts),
            What::OverrideClosing { .. } => self.override_closing(entry, facts),
            _ => self.drop_again(entry, to, facts),
        }
    }

    /// A check that dropped somebody to 25: whether they stood at 50 is asked before the check is there.
    fn drop_again(&mut self, entry: usize, on: NaiveDate, facts: &[Fact]) -> Result<(), Refused> {
        if on > self.today || on < self.anchor() {
            return Err(Refused("not on that day"));
        }
        let (mut rows, mut state) = self.walk(self.latest(), on);
        if state.stage != Stage::Stage50 {
            return Err(Refused("no such move"));
        }
        self.keep(entry, state.pursuit.ok_or(Refused("no pursuit"))?, facts)?;
        let verdicts = self.verdicts(&state, on, on);
        let unmet = verdicts.iter().any(|(verdict, _)| *verdict == Verdict::Unmet);
        if !unmet && !self.beyond_grace(&verdicts, on) {
            return Err(Refused("all five still stand"));
        }
        rows.push(Row { from: Stage::Stage50, to: Stage::Stage25, on, automatic: false });
        state.stage = Stage::Stage25;
        state.last_drop_to_25 = Some(on);
        self.settle(entry, rows, state, on, false);
        Ok(())
    }

    fn first_appointments(&self) -> Vec<usize> {
        let fixed =
            self.facts.iter().filter(|stored| matches!(stored.fact.what, FactKind::FirstAppointment { .. }));
        fixed.filter_map(|stored| stored.appointment).collect()
    }

    pub(super) fn correct_date(&mut self, which: Correctable, to: NaiveDate) -> Result<(), Refused> {
        let state = self.state_for(self.today, false);
        if to > self.today {
            return Err(Refused("a date of the future"));
        }
        if !state.stage.is_open() {
            return Err(Refused("nothing is open"));
        }
        let pursuit = state.pursuit.ok_or(Refused("no pursuit"))?;
        let appointments = self.appointments_of(pursuit, NaiveDate::MAX);
        let first =
            |nth: usize| appointments.iter().find(|one| one.number == nth && one.is_first && one.held);
        let after_fall = |entry: usize| state.fell_from_90.is_none_or(|(_, fall)| entry > fall);
        let mut found: Vec<usize> = (0..self.facts.len())
            .filter(|at| {
                let stored = &self.facts[*at];
                stored.pursuit == pursuit
                    && match (which, &stored.fact.what) {
                        (Correctable::FirstMeeting, FactKind::FirstMeeting) => true,
                        (Correctable::FirstMeeting, FactKind::Held { nth }) => first(*nth).is_some(),
                        (Correctable::PolicyIssued, FactKind::PolicyIssued)
                        | (Correctable::ReceiptSigned, FactKind::ReceiptSigned) => after_fall(stored.entry),
                        _ => false,
                    }
            })
            .collect();
        found.sort_by_key(|at| self.facts[*at].fact.on);
        // The first meeting is the first one; of several receipts the last one counts.
        let counts = if which == Correctable::FirstMeeting { found.first() } else { found.last() };
        let at = *counts.ok_or(Refused("nothing to correct"))?;
        if let FactKind::Held { nth } = self.facts[at].fact.what
            && first(nth).is_some_and(|one| to < one.fixed_on)
        {
            return Err(Refused("an outcome before the appointment was fixed"));
        }
        let (belongs_to, told_with) = (self.facts[at].pursuit, self.facts[at].entry);
        if self.begins(belongs_to, told_with).is_some_and(|begins| to < begins) {
            return Err(Refused("before the newer pursuit began"));
        }
        self.facts[at].fact.on = to;
        let follows = !matches!(self.facts[at].fact.what, FactKind::PolicyIssued | FactKind::ReceiptSigned)
            || self.signature_beside(&self.facts[at]).is_none_or(|signed| to >= signed);
        if follows { Ok(()) } else { Err(Refused("before the signature")) }
    }

    /// 90 → closed on a supervisor's evidence: the day on which it would have closed by itself.
    pub(super) fn override_closing(&mut self, entry: usize, facts: &[Fact]) -> Result<(), Refused> {
        let today = self.today;
        let (mut rows, mut state) = self.walk(self.latest(), today);
        if state.stage != Stage::Stage90 {
            return Err(Refused("only from 90"));
        }
        self.keep(entry, state.pursuit.ok_or(Refused("no pursuit"))?, facts)?;
        let known = self.known(&state, today, today);
        if !closing_holds(&known, today) {
            return Err(Refused("the closing does not hold"));
        }
        let (Some(issued), Some(receipt)) = (known.issued_on, known.receipt_on) else {
            return Err(Refused("no issue or no receipt"));
        };
        let on = state.anchor.max(issued).max(cooling_off::over_on(receipt, known.cooling_off_days));
        rows.push(Row { from: Stage::Stage90, to: Stage::Closed, on, automatic: false });
        state.stage = Stage::Closed;
        self.settle(entry, rows, state, on, false);
        Ok(())
    }
}

/// The same without an appointment of a pursuit that had ended: a first meeting stays a first meeting.
fn without_appointment(fact: Fact, told: &[Stored], firsts: &[usize]) -> Option<Fact> {
    match fact.what {
        FactKind::Held { nth } if told.iter().any(|stored| stored.appointment == Some(nth)) => Some(fact),
        FactKind::Held { nth } => {
            firsts.contains(&nth).then_some(Fact { on: fact.on, what: FactKind::FirstMeeting })
        }
        _ => Some(fact),
    }
}
