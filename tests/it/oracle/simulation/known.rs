//! What is known of a pursuit on a day, counted from its facts each time.

use super::{Appointment, FactKind, Simulation, State, Stored, Verdicts};
use crate::oracle::classify::{Known, belongs};
use crate::oracle::{Criterion, Stage, Verdict, days_between};
use chrono::NaiveDate;

impl Simulation {
    /// The pursuit's facts up to a day, by date and then by recording.
    pub(super) fn facts_of(&self, pursuit: usize, until: NaiveDate) -> Vec<&Stored> {
        let mut found: Vec<&Stored> =
            self.facts.iter().filter(|stored| stored.pursuit == pursuit && stored.fact.on <= until).collect();
        found.sort_by_key(|stored| stored.fact.on);
        found
    }

    pub(super) fn appointments_of(&self, pursuit: usize, until: NaiveDate) -> Vec<Appointment> {
        let mut found: Vec<Appointment> = Vec::new();
        for stored in self.facts_of(pursuit, until) {
            let on = stored.fact.on;
            let mut change = |nth: usize, change: &dyn Fn(&mut Appointment)| {
                let standing = |one: &&mut Appointment| !one.held && !one.cancelled;
                found.iter_mut().filter(|one| one.number == nth).filter(standing).for_each(change);
            };
            match stored.fact.what {
                FactKind::Postponed { nth, to } => change(nth, &|one| {
                    one.day = to;
                    one.missed = false;
                }),
                FactKind::NoShow { nth } => change(nth, &|one| one.missed = true),
                FactKind::Held { nth } => change(nth, &|one| {
                    one.day = on;
                    one.held = true;
                }),
                FactKind::Cancelled { nth } => change(nth, &|one| one.cancelled = true),
                FactKind::FirstAppointment { day } => found.push(Appointment {
                    number: stored.appointment.expect("a fixed appointment has a number"),
                    is_first: true,
                    fixed_on: on,
                    day,
                    agenda: false,
                    held: false,
                    cancelled: false,
                    missed: false,
                }),
                FactKind::NextAppointment { day, agenda } => found.push(Appointment {
                    number: stored.appointment.expect("a fixed appointment has a number"),
                    is_first: false,
                    fixed_on: on,
                    day,
                    agenda,
                    held: false,
                    cancelled: false,
                    missed: false,
                }),
                _ => {}
            }
        }
        found
    }

    /// The facts as of a day. `facts_until` is that day for what people do, the day before for what the system does.
    pub(super) fn known(&self, state: &State, day: NaiveDate, facts_until: NaiveDate) -> Known {
        let Some(pursuit) = state.pursuit else { return Known::default() };
        let mut known = Known::default();
        let appointments = self.appointments_of(pursuit, facts_until);
        let firsts: Vec<&Appointment> = appointments.iter().filter(|one| one.is_first).collect();
        known.first_fixed_on = firsts.iter().map(|one| one.fixed_on).min();
        known.met_on = firsts.iter().filter(|one| one.held).map(|one| one.day).min();
        known.first_days =
            firsts.iter().filter(|one| !one.held && !one.cancelled).map(|one| one.day).collect();
        known.next_days =
            appointments.iter().filter(|one| !one.is_first && !one.cancelled).map(|one| one.day).collect();
        known.extension_days = self.granted(pursuit, facts_until);
        known.agreed = self.agreed(pursuit, facts_until);
        for stored in self.facts_of(pursuit, facts_until) {
            let on = stored.fact.on;
            if stored.fact.what == FactKind::FirstMeeting {
                known.met_on = known.met_on.map_or(Some(on), |met| Some(met.min(on)));
            }
            // What belonged to an attempt that fell from 90 is history.
            if state.fell_from_90.is_some_and(|(_, fall)| stored.entry <= fall) {
                continue;
            }
            match stored.fact.what {
                FactKind::Signed => known.signed_on = Some(on),
                FactKind::DocumentsSubmitted => known.documents = true,
                FactKind::PremiumReceived => known.money_on = Some(on),
                FactKind::PolicyIssued => known.issued_on = Some(on),
                FactKind::ReceiptSigned => known.receipt_on = Some(on),
                FactKind::Withdrawn => known.withdrawn_on = Some(on),
                _ => {}
            }
        }
        known.leave_out_what_precedes_the_signature();
        known.clock_started_on = state.fell_from_90.map(|(on, _)| on).or(known.met_on);
        let ruling = known.signed_on.unwrap_or(day);
        known.cooling_off_days = self.in_force(ruling).cooling_off_days.on(ruling);
        if let Some(signed_on) = known.signed_on {
            let then = self.three(pursuit, signed_on.min(facts_until));
            known.three_at_signing = then == [Verdict::Met; 3];
            known.agreed_at_signing = self.agreed(pursuit, signed_on.min(facts_until));
        }
        known.five = self
            .verdicts_with(state, pursuit, &known, &appointments, day, facts_until)
            .map(|(v, _)| v == Verdict::Met);
        known
    }

    /// Whether the last answer was to go further together.
    fn agreed(&self, pursuit: usize, until: NaiveDate) -> bool {
        let mut agreed = false;
        for stored in self.facts_of(pursuit, until) {
            match stored.fact.what {
                FactKind::CooperationAgreed => agreed = true,
                FactKind::CooperationRefused => agreed = false,
                _ => {}
            }
        }
        agreed
    }

    pub(super) fn granted(&self, pursuit: usize, until: NaiveDate) -> i64 {
        let mut days = 0;
        for extension in &self.extensions {
            if extension.pursuit == pursuit
                && let Some((on, Some(granted))) = extension.decided
                && on <= until
            {
                days += granted;
            }
        }
        days
    }

    /// The three recorded criteria: the latest check counts.
    pub(super) fn three(&self, pursuit: usize, until: NaiveDate) -> [Verdict; 3] {
        let mut verdicts = [Verdict::Unknown; 3];
        for stored in self.facts_of(pursuit, until) {
            if let FactKind::Check { criterion, verdict } = stored.fact.what
                && let Some(place) = Criterion::ALL[..3].iter().position(|one| *one == criterion)
            {
                verdicts[place] = verdict;
            }
        }
        verdicts
    }

    pub(super) fn verdicts(&self, state: &State, day: NaiveDate, facts_until: NaiveDate) -> Verdicts {
        let pursuit = state.pursuit.expect("an open stage has a pursuit");
        let known = self.known(state, day, facts_until);
        let appointments = self.appointments_of(pursuit, facts_until);
        self.verdicts_with(state, pursuit, &known, &appointments, day, facts_until)
    }

    pub(super) fn verdicts_with(
        &self,
        state: &State,
        pursuit: usize,
        known: &Known,
        appointments: &[Appointment],
        day: NaiveDate,
        facts_until: NaiveDate,
    ) -> Verdicts {
        let three = self.three(pursuit, facts_until).map(|verdict| (verdict, None));
        let limit = self.in_force(day).cycle_days.on(day) + known.extension_days;

        let mut target = None;
        let (mut timing_posted_unmet, mut timing_set_after_fall) = (false, false);
        let mut next_posted_unmet = false;
        let mut set_before_fall: Vec<usize> = Vec::new();
        let mut over: Vec<usize> = Vec::new();
        let after_fall = |stored: &Stored| state.fell_from_90.is_none_or(|(_, fall)| stored.entry > fall);
        let is_next = |nth: usize| appointments.iter().any(|one| one.number == nth && !one.is_first);
        for stored in self.facts_of(pursuit, facts_until) {
            match stored.fact.what {
                FactKind::TargetSigning { on } => {
                    target = on;
                    timing_posted_unmet = false;
                    // Taken back again, it is no date set anew.
                    timing_set_after_fall = on.is_some() && after_fall(stored);
                }
                FactKind::NextAppointment { .. } => {
                    next_posted_unmet = false;
                    if !after_fall(stored) {
                        set_before_fall.extend(stored.appointment);
                    }
                }
                FactKind::Postponed { nth, .. } if is_next(nth) => {
                    next_posted_unmet = false;
                    // What was over by then cannot be put off: its date is not set anew.
                    if !over.contains(&nth) {
                        set_before_fall.retain(|one| *one != nth);
                    }
                    if !after_fall(stored) {
                        set_before_fall.push(nth);
                    }
                }
                FactKind::Held { nth } | FactKind::Cancelled { nth } => over.push(nth),
                FactKind::Check { criterion: Criterion::Timing, .. } => timing_posted_unmet = true,
                FactKind::Check { criterion: Criterion::NextStep, .. } => next_posted_unmet = true,
                _ => {}
            }
        }
        let fall = state.fell_from_90.map(|(on, _)| on);

        let timing = match (timing_posted_unmet, fall, target, known.clock_started_on) {
            (true, ..) => (Verdict::Unmet, None),
            (_, Some(fell_on), ..) if !timing_set_after_fall => (Verdict::Stale, Some(fell_on)),
            (_, _, Some(target), _) if target < day => (Verdict::Stale, Some(target)),
            (_, _, Some(target), Some(start)) if days_between(start, target) <= limit => (Verdict::Met, None),
            _ => (Verdict::Unmet, None),
        };

        let planned: Vec<NaiveDate> = appointments
            .iter()
            .filter(|one| !one.is_first && !one.cancelled && one.agenda)
            .filter(|one| !set_before_fall.contains(&one.number))
            .map(|one| one.day)
            .collect();
        let next_step = match (next_posted_unmet, fall, planned.iter().max()) {
            (true, ..) => (Verdict::Unmet, None),
            (_, Some(fell_on), None) => (Verdict::Stale, Some(fell_on)),
            (_, _, Some(last)) if *last >= day => (Verdict::Met, None),
            (_, _, Some(last)) => (Verdict::Stale, Some(*last)),
            (_, _, None) => (Verdict::Unmet, None),
        };
        [three[0], three[1], three[2], timing, next_step]
    }

    pub(super) fn belongs(&self, state: &State, day: NaiveDate) -> Stage {
        belongs(&self.known(state, day, day), self.in_force(day).cycle_days.on(day), day)
    }
}
