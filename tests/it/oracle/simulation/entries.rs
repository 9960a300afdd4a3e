//! What people enter: accepted into the life, or refused with a reason.

use super::{Extension, Fact, FactKind, Refused, Row, Simulation, State, Step, Stored};
use crate::oracle::{Criterion, Stage, Verdict, cooling_off, plus};
use chrono::NaiveDate;

impl Simulation {
    /// Puts facts beside a pursuit, or says what is wrong with them.
    pub(super) fn keep(&mut self, entry: usize, pursuit: usize, facts: &[Fact]) -> Result<(), Refused> {
        for fact in facts {
            if fact.on > self.today {
                return Err(Refused("a fact of the future"));
            }
            let mut appointment = None;
            match fact.what {
                FactKind::FirstAppointment { day } | FactKind::NextAppointment { day, .. }
                    if day < fact.on =>
                {
                    return Err(Refused("an appointment before it was fixed"));
                }
                FactKind::FirstAppointment { .. } | FactKind::NextAppointment { .. } => {
                    appointment = Some(self.appointments);
                    self.appointments += 1;
                }
                FactKind::Postponed { nth, .. }
                | FactKind::Held { nth }
                | FactKind::NoShow { nth }
                | FactKind::Cancelled { nth } => {
                    let everything = self.appointments_of(pursuit, NaiveDate::MAX);
                    let Some(one) = everything.iter().find(|one| one.number == nth) else {
                        return Err(Refused("no such appointment in this pursuit"));
                    };
                    if one.held || one.cancelled {
                        return Err(Refused("the appointment is over"));
                    }
                    if fact.on < one.fixed_on {
                        return Err(Refused("an outcome before the appointment was fixed"));
                    }
                    if matches!(fact.what, FactKind::Postponed { to, .. } if to < fact.on) {
                        return Err(Refused("postponed into the past"));
                    }
                    let by_then = self.appointments_of(pursuit, fact.on);
                    let planned = by_then.iter().find(|one| one.number == nth).map(|one| one.day);
                    if matches!(fact.what, FactKind::NoShow { .. })
                        && planned.is_some_and(|day| fact.on < day)
                    {
                        return Err(Refused("stayed away before the day"));
                    }
                }
                FactKind::Check { criterion, verdict }
                    if criterion.is_computed() && verdict != Verdict::Unmet =>
                {
                    return Err(Refused("criteria 4 and 5 are computed"));
                }
                _ => {}
            }
            if self.begins(pursuit, entry).is_some_and(|begins| fact.on < begins) {
                return Err(Refused("before the newer pursuit began"));
            }
            self.facts.push(Stored { entry, pursuit, appointment, fact: fact.clone() });
        }
        self.waits_for_one_first_meeting(entry, pursuit)
    }

    /// Until they have met, a pursuit has one first appointment that waits.
    fn waits_for_one_first_meeting(&self, entry: usize, pursuit: usize) -> Result<(), Refused> {
        let first = |one: &&Stored| matches!(one.fact.what, FactKind::FirstAppointment { .. });
        let told: Vec<_> = self.facts.iter().filter(|one| one.entry == entry).filter(first).collect();
        let facts = self.facts_of(pursuit, NaiveDate::MAX);
        let met = facts.iter().any(|one| one.entry != entry && one.fact.what == FactKind::FirstMeeting);
        if told.is_empty() || met {
            return Ok(());
        }
        let everything = self.appointments_of(pursuit, NaiveDate::MAX);
        let mut waits =
            everything.iter().filter(|one| one.is_first && !one.held && !one.cancelled && !one.missed);
        match waits.any(|one| told.iter().all(|told| told.appointment != Some(one.number))) {
            true => Err(Refused("another first meeting waits")),
            false => Ok(()),
        }
    }

    /// The day from which on a pursuit takes facts, if there was another one before it: from the end of that one when they
    /// come with the opening, else from its own beginning.
    pub(super) fn begins(&self, pursuit: usize, entry: usize) -> Option<NaiveDate> {
        let mut ended: Option<NaiveDate> = None;
        for step in &self.steps {
            let opens = step.entry == pursuit;
            for row in &step.rows {
                if opens && !row.automatic && row.to.is_open() {
                    return ended.map(|ended| if entry == pursuit { ended } else { ended.max(row.on) });
                }
                if row.from.is_open() && !row.to.is_open() {
                    ended = Some(row.on);
                }
            }
        }
        // It is being opened just now, or nobody has opened one yet.
        let (rows, _) = self.walk(self.latest(), self.today);
        let falls = rows.iter().filter(|row| row.from.is_open() && !row.to.is_open());
        falls.map(|row| row.on).next_back().or(ended)
    }

    /// Issue, receipt and withdrawal come after the signature of the sale that they are told for.
    pub(super) fn issue_and_receipt_follow(&self, entry: usize) -> Result<(), Refused> {
        let told = self.facts.iter().filter(|stored| stored.entry == entry);
        for stored in told.filter(|s| matches!(s.fact.what, FactKind::PolicyIssued | FactKind::ReceiptSigned))
        {
            if self.signature_beside(stored).is_some_and(|signed| stored.fact.on < signed) {
                return Err(Refused("before the signature"));
            }
        }
        Ok(())
    }

    /// The signature that counts in the pursuit of a fact.
    pub(super) fn signature_beside(&self, stored: &Stored) -> Option<NaiveDate> {
        let state = self.walk(self.latest(), self.today).1;
        let fall = state.fell_from_90.filter(|_| state.pursuit == Some(stored.pursuit));
        let facts = self.facts_of(stored.pursuit, self.today);
        let alive = facts.iter().filter(|one| fall.is_none_or(|(_, fall)| one.entry > fall));
        alive.filter(|one| one.fact.what == FactKind::Signed).map(|one| one.fact.on).next_back()
    }

    /// The state in which something dated `on` finds the prospect; before the last move by hand, that move's own.
    pub(super) fn state_for(&self, on: NaiveDate, comes_first: bool) -> State {
        let until = if comes_first { plus(on, -1) } else { on };
        self.walk(self.latest(), until).1
    }

    pub(super) fn fact_alone(&mut self, entry: usize, fact: &Fact) -> Result<(), Refused> {
        if let Some(ended) = self.ended_pursuit_of(fact) {
            return self.keep(entry, ended, std::slice::from_ref(fact));
        }
        let state = self.state_for(fact.on, fact.what.is_policy());
        if !state.stage.is_open() {
            return Err(Refused("no pursuit is open on that day"));
        }
        let pursuit = state.pursuit.ok_or(Refused("no pursuit"))?;
        // Whether they stand at 50 is asked before the check is there: the drop is the checker's, not the system's.
        let on = fact.on.max(self.anchor());
        let (rows, before) = self.walk(self.latest(), on);
        self.keep(entry, pursuit, std::slice::from_ref(fact))?;
        if let FactKind::Check { criterion, verdict: Verdict::Unmet } = fact.what {
            self.drop_by_check(entry, on, criterion, rows, before);
        }
        Ok(())
    }

    /// The pursuit of an appointment of which somebody tells what came of it, when that pursuit is over. It moves nobody any
    /// more. A first meeting would have begun a clock, so it is none of these.
    fn ended_pursuit_of(&self, fact: &Fact) -> Option<usize> {
        let (nth, held) = match fact.what {
            FactKind::NoShow { nth } | FactKind::Cancelled { nth } => (nth, false),
            FactKind::Held { nth } => (nth, true),
            _ => return None,
        };
        let stored = self.facts.iter().find(|stored| stored.appointment == Some(nth))?;
        if held && matches!(stored.fact.what, FactKind::FirstAppointment { .. }) {
            return None;
        }
        let state = self.state_for(fact.on, false);
        let goes_on = state.stage.is_open() && state.pursuit == Some(stored.pursuit);
        (!goes_on).then_some(stored.pursuit)
    }

    /// A check that makes a criterion unmet at 50 moves to 25 on its own day.
    fn drop_by_check(
        &mut self,
        entry: usize,
        on: NaiveDate,
        criterion: Criterion,
        mut rows: Vec<Row>,
        mut state: State,
    ) {
        if state.stage != Stage::Stage50 {
            return;
        }
        let place = Criterion::ALL.iter().position(|one| *one == criterion).expect("one of five");
        if self.verdicts(&state, on, on)[place].0 != Verdict::Unmet {
            return;
        }
        rows.push(Row { from: Stage::Stage50, to: Stage::Stage25, on, automatic: false });
        state.stage = Stage::Stage25;
        state.last_drop_to_25 = Some(on);
        self.settle(entry, rows, state, on, false);
    }

    /// A closing that has come about is never superseded: whatever is entered after it finds it there.
    pub(super) fn let_closings_stand(&mut self) {
        let (rows, state) = self.walk(self.latest(), self.today);
        if let (Stage::Closed, Some(closing)) = (state.stage, rows.last()) {
            let on = closing.on;
            let entry = self.steps[self.steps.len() - 1].entry;
            self.settle(entry, rows, state, on, false);
        }
    }

    pub(super) fn settle(
        &mut self,
        entry: usize,
        rows: Vec<Row>,
        mut after: State,
        on: NaiveDate,
        opens_the_day: bool,
    ) {
        after.anchor = on;
        after.opens_the_day = opens_the_day;
        self.steps.push(Step { entry, rows, after });
    }

    pub(super) fn move_by_hand(
        &mut self,
        entry: usize,
        to: Stage,
        on: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        if on > self.today {
            return Err(Refused("a move of the future"));
        }
        if matches!(to, Stage::Stage90 | Stage::Closed) {
            // It is dated by its facts, on the latest of signing, submission and money.
            return self.move_to_90(entry, to, self.today, facts);
        }
        if to == Stage::Stage50 {
            let now = self.walk(self.latest(), self.today).1.stage;
            if now == Stage::Closed {
                return self.undo_closing(entry, on, facts);
            }
            if on >= self.anchor() && self.state_for(on, true).stage == Stage::Stage90 {
                return self.fall_from_90(entry, on, facts);
            }
        }
        if on < self.anchor() {
            return Err(Refused("before the last move by hand"));
        }
        self.ordinary_move(entry, to, on, facts)
    }

    pub(super) fn ordinary_move(
        &mut self,
        entry: usize,
        to: Stage,
        on: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        let before = self.state_for(on, false);
        // A new attempt after leaving, or a repeat sale, passes through opportunity.
        let at_the_bottom = matches!(before.stage, Stage::Opportunity | Stage::Exited | Stage::Closed);
        let opens = at_the_bottom && to.rung() > Some(0);
        if before.stage.is_open() {
            self.keep(entry, before.pursuit.ok_or(Refused("no pursuit"))?, facts)?;
        } else if opens {
            self.keep(entry, entry, facts)?;
        } else if !facts.is_empty() {
            return Err(Refused("facts for no pursuit"));
        }
        let (mut rows, mut state) = self.walk(self.latest(), on);
        let mut from = state.stage;
        if opens {
            if from != Stage::Opportunity {
                rows.push(Row { from, to: Stage::Opportunity, on, automatic: false });
                from = Stage::Opportunity;
            }
            state.pursuit = Some(entry);
            state.fell_from_90 = None;
            state.last_drop_to_25 = None;
            state.fell_back_on = None;
        }
        match (from, to) {
            (Stage::Exited | Stage::Closed, Stage::Opportunity) => {
                state.pursuit = None;
                state.fell_back_on = None;
                rows.push(Row { from, to, on, automatic: false });
            }
            (Stage::Closed, Stage::Exited) | (Stage::Exited, Stage::Exited) => {
                return Err(Refused("nobody leaves who is not there"));
            }
            (_, Stage::Exited) => {
                state.fell_back_on = None;
                rows.push(Row { from, to, on, automatic: false });
            }
            (Stage::Stage50, Stage::Stage25) => {
                let verdicts = self.verdicts(&state, on, on);
                let unmet = verdicts.iter().any(|(verdict, _)| *verdict == Verdict::Unmet);
                if !unmet && !self.beyond_grace(&verdicts, on) {
                    return Err(Refused("all five still stand"));
                }
                state.last_drop_to_25 = Some(on);
                rows.push(Row { from, to, on, automatic: false });
            }
            (Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50, Stage::Opportunity) => {
                if !self.may_fall_back(&state, on) {
                    return Err(Refused("neither over the cycle nor lapsed"));
                }
                state.fell_back_on = Some(on);
                rows.push(Row { from, to, on, automatic: false });
            }
            _ if to.rung() > from.rung() && from != Stage::Stage90 => {
                if !self.belongs(&state, on).reaches(to) {
                    return Err(Refused("the facts do not reach that far"));
                }
                climb(&mut rows, from, to, on);
            }
            _ => return Err(Refused("no such move")),
        }
        state.stage = to;
        self.settle(entry, rows, state, on, false);
        Ok(())
    }

    /// A fallback by hand needs what the automatic one needs at the end of that date, or simply no next date.
    pub(super) fn may_fall_back(&self, state: &State, on: NaiveDate) -> bool {
        if self.over(state, on, on) || self.lapsed(state, on, on) {
            return true;
        }
        let known = self.known(state, on, on);
        let dated = known.next_days.iter().chain(&known.first_days).any(|day| *day >= on);
        state.stage != Stage::Stage50 && !dated
    }

    pub(super) fn move_to_90(
        &mut self,
        entry: usize,
        to: Stage,
        on: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        // What had happened by then is asked before the carried facts are there.
        let plain = self.clone();
        let before = self.state_for(on, true);
        if before.stage.is_open() || (before.stage == Stage::Opportunity && before.fell_back_on.is_some()) {
            let mut trial = self.clone();
            let kept = trial.keep(entry, before.pursuit.ok_or(Refused("no pursuit"))?, facts);
            // Whoever fell back and has another first meeting begins anew: that is no reinstatement.
            let anew = !before.stage.is_open() && kept == Err(Refused("another first meeting waits"));
            let outcome = kept.and_then(|()| trial.reach_90(&plain, entry, to, on, &before));
            if !anew && outcome != Err(Refused("not this pursuit")) {
                *self = trial;
                return outcome;
            }
        }
        if self.state_for(on, false).stage.is_open() {
            return Err(Refused("no way to 90 from here"));
        }
        let mut fresh = before.clone();
        fresh.pursuit = Some(entry);
        fresh.fell_from_90 = None;
        fresh.last_drop_to_25 = None;
        fresh.fell_back_on = None;
        self.keep(entry, entry, facts)?;
        self.reach_90(&plain, entry, to, on, &fresh)
    }

    /// 90 is dated on the latest of signing, submission and money, and comes before whatever falls due that day.
    pub(super) fn reach_90(
        &mut self,
        plain: &Simulation,
        entry: usize,
        to: Stage,
        on: NaiveDate,
        pursuit: &State,
    ) -> Result<(), Refused> {
        let known = self.known(pursuit, on, on);
        let submitted_on = self.live_fact(pursuit, on, &FactKind::DocumentsSubmitted);
        let (Some(signed), Some(submitted), Some(money)) = (known.signed_on, submitted_on, known.money_on)
        else {
            return Err(Refused("not signed, submitted and paid"));
        };
        let day = signed.max(submitted).max(money);
        if day < self.anchor() {
            return Err(Refused("before the last move by hand"));
        }
        let (mut rows, mut state) = plain.walk(plain.latest(), plus(day, -1));
        let mut from = state.stage;
        if state.pursuit != pursuit.pursuit {
            if from.is_open() {
                return Err(Refused("another pursuit is open"));
            }
            if from != Stage::Opportunity {
                rows.push(Row { from, to: Stage::Opportunity, on: day, automatic: false });
                from = Stage::Opportunity;
                state.fell_back_on = None;
            }
            state = State { stage: from, anchor: state.anchor, ..pursuit.clone() };
        }
        let back_in_one = match from {
            Stage::Opportunity => match state.fell_back_on {
                Some(fell) if fell >= signed => true,
                Some(_) => return Err(Refused("not this pursuit")),
                None => false,
            },
            Stage::Stage25 => state.last_drop_to_25.is_some_and(|dropped| dropped >= signed),
            Stage::FirstAppointment | Stage::Stage50 => false,
            _ => return Err(Refused("no way to 90 from here")),
        };
        if !self.belongs(&state, day).reaches(Stage::Stage90) || !self.belongs(&state, on).reaches(to) {
            return Err(Refused("the facts do not reach that far"));
        }
        match back_in_one {
            true => rows.push(Row { from, to: Stage::Stage90, on: day, automatic: false }),
            false => climb(&mut rows, from, Stage::Stage90, day),
        }
        state.stage = Stage::Stage90;
        state.fell_back_on = None;
        self.settle(entry, rows, state, day, true);
        Ok(())
    }

    pub(super) fn live_fact(&self, state: &State, until: NaiveDate, what: &FactKind) -> Option<NaiveDate> {
        let after_fall = |stored: &&&Stored| state.fell_from_90.is_none_or(|(_, fall)| stored.entry > fall);
        let facts = self.facts_of(state.pursuit?, until);
        facts
            .iter()
            .filter(after_fall)
            .filter(|stored| stored.fact.what == *what)
            .map(|s| s.fact.on)
            .next_back()
    }

    /// 90 → 50: declined, unpaid, refunded, or withdrawn within the cooling-off.
    pub(super) fn fall_from_90(
        &mut self,
        entry: usize,
        on: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        let before = self.state_for(on, true);
        let pursuit = before.pursuit.ok_or(Refused("no pursuit"))?;
        let known = self.known(&before, on, on);
        let withdrawn_on = facts.iter().find(|fact| fact.what == FactKind::Withdrawn).map(|fact| fact.on);
        if let Some(withdrawn) = withdrawn_on
            && !cooling_off::withdrawal_counts(withdrawn, known.receipt_on, known.cooling_off_days)
        {
            return Err(Refused("withdrawn after the cooling-off"));
        }
        // Told again, the later signature is the one of the sale, whenever it was told.
        let signed_on = self.live_fact(&before, self.today, &FactKind::Signed);
        if withdrawn_on.is_some_and(|withdrawn| signed_on.is_some_and(|signed| withdrawn < signed)) {
            return Err(Refused("withdrawn before the signature"));
        }
        self.keep(entry, pursuit, facts)?;
        let (mut rows, mut state) = self.walk(self.latest(), plus(on, -1));
        rows.push(Row { from: Stage::Stage90, to: Stage::Stage50, on, automatic: false });
        state.stage = Stage::Stage50;
        state.fell_from_90 = Some((on, entry));
        self.settle(entry, rows, state, on, true);
        Ok(())
    }

    /// closed → 50: what undoes the sale happened in time but came to be known after the closing.
    /// The record is dated the day it arrives; the closing stands before it.
    pub(super) fn undo_closing(
        &mut self,
        entry: usize,
        on: NaiveDate,
        facts: &[Fact],
    ) -> Result<(), Refused> {
        let today = self.today;
        let (mut rows, mut state) = self.walk(self.latest(), today);
        let known = self.known(&state, today, today);
        let withdrawn = facts.iter().find(|fact| fact.what == FactKind::Withdrawn).map(|fact| fact.on);
        if on != today {
            return Err(Refused("it is dated on the day it arrives"));
        }
        // Whatever undoes the sale has a date of its own, between the signature and the end of the cooling-off.
        let in_time = withdrawn.is_some_and(|day| {
            cooling_off::withdrawal_counts(day, known.receipt_on, known.cooling_off_days)
                && known.signed_on.is_none_or(|signed| day >= signed)
        });
        if !in_time {
            return Err(Refused("too late to undo the sale"));
        }
        self.keep(entry, state.pursuit.ok_or(Refused("no pursuit"))?, facts)?;
        rows.push(Row { from: Stage::Closed, to: Stage::Stage50, on: today, automatic: false });
        state.stage = Stage::Stage50;
        state.fell_from_90 = Some((today, entry));
        self.settle(entry, rows, state, today, true);
        Ok(())
    }

    pub(super) fn request_extension(&mut self) -> Result<(), Refused> {
        let state = self.state_for(self.today, false);
        if !matches!(state.stage, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50) {
            return Err(Refused("nothing to extend"));
        }
        let pursuit = state.pursuit.ok_or(Refused("no pursuit"))?;
        if self.extensions.iter().any(|one| one.pursuit == pursuit) {
            return Err(Refused("one extension per pursuit"));
        }
        self.extensions.push(Extension { pursuit, requested_on: self.today, decided: None });
        Ok(())
    }

    pub(super) fn decide_extension(&mut self, days: Option<i64>) -> Result<(), Refused> {
        let state = self.state_for(self.today, false);
        let most = self.in_force(self.today).cycle_days.on(self.today) / 2;
        if days.is_some_and(|days| days < 1 || days > most) {
            return Err(Refused("more than half the cycle"));
        }
        if !state.stage.is_open() {
            return Err(Refused("nothing acts on an ended pursuit"));
        }
        let today = self.today;
        let waiting = |one: &&mut Extension| Some(one.pursuit) == state.pursuit && one.decided.is_none();
        let extension = self.extensions.iter_mut().find(waiting).ok_or(Refused("no request waits"))?;
        extension.decided = Some((today, days));
        Ok(())
    }
}

impl Simulation {
    /// Like a move, a transfer is dated neither in the future nor before the last move by hand; nor before the last
    /// transfer. A closing that has come about stands.
    pub(super) fn hand_over(&mut self, on: NaiveDate) -> Result<(), Refused> {
        if on > self.today {
            return Err(Refused("a transfer of the future"));
        }
        if on < self.anchor() {
            return Err(Refused("before the last move"));
        }
        if self.handed_over.last().is_some_and(|last| on < *last) {
            return Err(Refused("before the last transfer"));
        }
        self.handed_over.push(on);
        Ok(())
    }
}

/// One row per stage passed.
fn climb(rows: &mut Vec<Row>, from: Stage, to: Stage, on: NaiveDate) {
    let (Some(low), Some(high)) = (from.rung(), to.rung()) else { return };
    for rung in low..high {
        rows.push(Row { from: Stage::LADDER[rung], to: Stage::LADDER[rung + 1], on, automatic: false });
    }
}
