//! Everything recorded about one prospect, and what follows from it on a date.
//! Knows the log and the facts; never who may see them, never where they are stored.

use std::collections::HashSet;

use chrono::NaiveDate;

use super::{
    appointment::{Appointment, Outcome, appointments},
    criteria::{Criterion, Verdict},
    cycle::Cycle,
    extension,
    fact::{AppointmentKind, Fact, FactBody},
    facts::{Facts, FirstAppointment, RecordedVerdicts},
    id::Id,
    ownership::held_until,
    settings::Settings,
    stage::Stage,
    timeline::Timeline,
    transition::{RecordKind, Transition},
};

/// What surrounds a prospect: cycle and settings by date, each day those of its owner and the owner's team of that day.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The owner's cycle.
    pub cycle: Timeline<Cycle>,
    /// The team's settings.
    pub settings: Timeline<Settings>,
    /// The days on which the prospect was handed to another agent.
    pub handed_over_on: Vec<NaiveDate>,
}

impl Environment {
    /// What surrounds the prospects that one agent has always owned.
    pub fn of_owner(cycle: Timeline<Cycle>, settings: Timeline<Settings>) -> Self {
        Environment { cycle, settings, handed_over_on: Vec::new() }
    }

    /// The cycle in force, days.
    pub fn cycle_days(&self, date: NaiveDate) -> i32 {
        self.cycle.on(date).cycle_days
    }

    /// Whether the prospect changed hands so shortly before a date that nothing falls due (method section 11).
    pub fn is_held_after_transfer(&self, date: NaiveDate) -> bool {
        self.handed_over_on.iter().any(|on| *on <= date && date <= held_until(*on))
    }
}

/// Which facts count for a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cut {
    /// Everything dated up to and including the day.
    EndOf(NaiveDate),
    /// What automatic moves of the day are judged on: facts dated before it, policy facts up to and including it.
    StartOf(NaiveDate),
}

impl Cut {
    /// The day.
    pub fn day(self) -> NaiveDate {
        match self {
            Cut::EndOf(day) | Cut::StartOf(day) => day,
        }
    }

    fn admits(self, fact: &Fact) -> bool {
        match self {
            Cut::EndOf(day) => fact.occurred_on <= day,
            Cut::StartOf(day) => fact.occurred_on < day || (fact.body.is_policy() && fact.occurred_on == day),
        }
    }
}

/// The log and the facts of one prospect.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// The log in order of `seq`.
    pub transitions: Vec<Transition>,
    /// The facts in order of `seq`.
    pub facts: Vec<Fact>,
}

impl History {
    fn cancelled(&self) -> HashSet<Id> {
        self.transitions.iter().filter_map(|t| t.cancels).collect()
    }

    /// The moves that count: neither superseded nor voided, in order.
    pub fn effective(&self) -> Vec<&Transition> {
        let cancelled = self.cancelled();
        self.transitions.iter().filter(|t| t.kind == RecordKind::Move && !cancelled.contains(&t.id)).collect()
    }

    /// The current stage: the fold of the log. A prospect without a log is an opportunity in the making.
    pub fn stage(&self) -> Stage {
        self.effective().last().map_or(Stage::Opportunity, |t| t.to)
    }

    /// The history as far as it is dated up to and including a day: late entries count on their own date, and what was
    /// taken back or corrected since does not. None before the first record.
    pub fn as_of(&self, day: NaiveDate) -> Option<History> {
        let transitions: Vec<Transition> =
            self.effective().into_iter().filter(|t| t.occurred_on <= day).cloned().collect();
        let mut facts: Vec<Fact> = self.counting_facts().filter(|f| f.occurred_on <= day).cloned().collect();
        facts.sort_by_key(|f| f.seq);
        (!transitions.is_empty()).then_some(History { transitions, facts })
    }

    /// The stage at the end of a date.
    pub fn stage_on(&self, date: NaiveDate) -> Option<Stage> {
        self.effective().iter().rev().find(|t| t.occurred_on <= date).map(|t| t.to)
    }

    /// The move from which automatic moves are derived.
    pub fn anchor(&self) -> Option<&Transition> {
        self.effective().into_iter().rev().find(|t| t.is_anchor())
    }

    /// The last record's position.
    pub fn last_seq(&self) -> i32 {
        self.transitions.last().map_or(0, |t| t.seq)
    }

    /// The last fact's position.
    pub fn last_fact_seq(&self) -> i32 {
        self.facts.last().map_or(0, |f| f.seq)
    }

    /// Number of the current or last pursuit; 0 before the first.
    pub fn pursuit_number(&self) -> i32 {
        self.effective().last().map_or(0, |t| t.pursuit_number)
    }

    /// Number of the pursuit that was current or last at the end of a day; 0 before the first.
    pub fn pursuit_on(&self, day: NaiveDate) -> i32 {
        self.effective().iter().rev().find(|t| t.occurred_on <= day).map_or(0, |t| t.pursuit_number)
    }

    /// The highest number a pursuit ever had, voided ones too, so that numbers are never used twice.
    pub fn highest_pursuit(&self) -> i32 {
        self.transitions.iter().map(|t| t.pursuit_number).max().unwrap_or(0)
    }

    /// The facts of a pursuit that count, in order of business date, then of recording.
    pub fn pursuit_facts(&self, pursuit_number: i32) -> Vec<&Fact> {
        let voided: HashSet<Id> = {
            let cancelled: HashSet<Id> = self
                .transitions
                .iter()
                .filter(|t| t.kind == RecordKind::Voided)
                .filter_map(|t| t.cancels)
                .collect();
            self.transitions.iter().filter(|t| cancelled.contains(&t.id)).map(|t| t.group_id).collect()
        };
        // A correction of what was taken back is void with it.
        let alive =
            |f: &&Fact| f.pursuit_number == pursuit_number && !voided.contains(&self.first_group_of(f));
        let replaced: HashSet<Id> = self.facts.iter().filter(alive).filter_map(|f| f.replaces).collect();
        let mut facts: Vec<&Fact> =
            self.facts.iter().filter(alive).filter(|f| !replaced.contains(&f.id)).collect();
        facts.sort_by_key(|f| (f.occurred_on, f.seq));
        facts
    }

    /// The facts of all pursuits that count, pursuit by pursuit.
    pub fn counting_facts(&self) -> impl Iterator<Item = &Fact> {
        (0..=self.highest_pursuit()).flat_map(|number| self.pursuit_facts(number))
    }

    /// The request in which a fact was first recorded: corrections of its date come in requests of their own.
    pub fn first_group_of(&self, fact: &Fact) -> Id {
        let mut first = fact;
        while let Some(before) = first.replaces.and_then(|id| self.facts.iter().find(|f| f.id == id)) {
            first = before;
        }
        first.group_id
    }

    /// One pursuit, for many days in a row.
    pub fn dossier(&self, pursuit_number: i32) -> Dossier<'_> {
        Dossier { pursuit_number, moves: self.effective(), facts: self.pursuit_facts(pursuit_number) }
    }

    /// What was known of a pursuit on a day.
    pub fn facts_on(&self, pursuit_number: i32, cut: Cut, settings: &Timeline<Settings>) -> Facts {
        self.dossier(pursuit_number).facts_on(cut, settings)
    }

    /// The appointments of a pursuit as known on a day.
    pub fn appointments_on(&self, pursuit_number: i32, cut: Cut) -> Vec<Appointment> {
        self.dossier(pursuit_number).appointments_on(cut)
    }
}

/// What counts of one pursuit, sorted once: the walk through the days asks for every day anew.
pub struct Dossier<'h> {
    pursuit_number: i32,
    moves: Vec<&'h Transition>,
    facts: Vec<&'h Fact>,
}

impl<'h> Dossier<'h> {
    /// The facts that count, in order of business date, then of recording.
    pub fn facts(&self) -> &[&'h Fact] {
        &self.facts
    }

    fn admitted(&self, cut: Cut) -> Vec<&'h Fact> {
        self.facts.iter().copied().filter(|f| cut.admits(f)).collect()
    }

    /// What was known on a day.
    pub fn facts_on(&self, cut: Cut, settings: &Timeline<Settings>) -> Facts {
        let day = cut.day();
        let by_then = || self.moves.iter().rev().copied().filter(|t| t.occurred_on <= day);
        let fall = by_then().find(|t| t.is_fall_from_90() && t.pursuit_number == self.pursuit_number);
        let mut known = assemble(&self.admitted(cut), fall, day, settings);
        known.exited_on = by_then().next().filter(|t| t.to == Stage::Exited).map(|t| t.occurred_on);
        known
    }

    /// The appointments as known on a day.
    pub fn appointments_on(&self, cut: Cut) -> Vec<Appointment> {
        appointments(&self.admitted(cut))
    }
}

fn recorded_verdicts<'a>(facts: impl Iterator<Item = &'a &'a Fact>) -> RecordedVerdicts {
    let mut verdicts = RecordedVerdicts::default();
    for fact in facts {
        if let FactBody::Check { criterion, verdict } = fact.body {
            match criterion {
                Criterion::DecisionMaker => verdicts.decision_maker = verdict,
                Criterion::PlanFits => verdicts.plan_fits = verdict,
                Criterion::Budget => verdicts.budget = verdict,
                Criterion::Timing | Criterion::NextStep => {}
            }
        }
    }
    verdicts
}

fn assemble(
    facts: &[&Fact],
    fall: Option<&Transition>,
    day: NaiveDate,
    settings: &Timeline<Settings>,
) -> Facts {
    let list = appointments(facts);
    // What a fallen 90 rested on has retired; dates set before it no longer count for timing and next step.
    let after_fall = |position: i32| fall.is_none_or(|t| position >= t.seq);
    let mut known = Facts {
        fell_from_90_on: fall.map(|t| t.occurred_on),
        clock_started_on: fall.map(|t| t.occurred_on),
        recorded: recorded_verdicts(facts.iter()),
        ..Facts::default()
    };
    let first = list.iter().filter(|a| a.kind == AppointmentKind::First);
    let standing = first.clone().filter(|a| a.outcome != Outcome::Cancelled).max_by_key(|a| a.set_seq);
    if let (Some(fixed_on), Some(a)) = (first.map(|a| a.fixed_on).min(), standing) {
        known.first_appointment = Some(FirstAppointment { fixed_on, starts_on: a.on });
    }
    let next: Vec<&Appointment> =
        list.iter().filter(|a| a.kind == AppointmentKind::Next && a.outcome != Outcome::Cancelled).collect();
    known.next_appointment_on =
        next.iter().map(|a| a.on).filter(|on| *on >= day).min().or_else(|| next.iter().map(|a| a.on).max());
    known.next_step_on = next.iter().filter(|a| a.has_agenda && after_fall(a.set_after)).map(|a| a.on).max();

    let granted = |request: extension::Request<&Fact>| request.answer?.1;
    known.extension_days =
        extension::requests_in(facts.iter().copied()).into_iter().rev().find_map(granted).unwrap_or_default();

    let (mut target_set, mut step_set, mut timing_unmet, mut step_unmet) = (0, 0, 0, 0);
    let mut receipt_days = None;
    for (position, fact) in (1_usize..).zip(facts) {
        let counts = after_fall(fact.after_transition);
        match &fact.body {
            FactBody::DecisionMakerExpected { expected } => known.decision_maker_expected = *expected,
            // Facts come in order of their dates: only the first of several can be the first.
            FactBody::FirstMeeting { on } => known.first_meeting_on = known.first_meeting_on.or(Some(*on)),
            FactBody::CooperationAgreed { agreed } => known.further_cooperation_agreed = *agreed,
            FactBody::TargetSigning { on } => {
                target_set = position;
                known.target_signing_on = on.filter(|_| counts);
            }
            FactBody::Check { criterion: Criterion::Timing, verdict } => {
                timing_unmet = if *verdict == Verdict::Unmet { position } else { 0 };
            }
            FactBody::Check { criterion: Criterion::NextStep, verdict } => {
                step_unmet = if *verdict == Verdict::Unmet { position } else { 0 };
            }
            FactBody::AppointmentFixed { appointment_id, .. }
            | FactBody::AppointmentPostponed { appointment_id, .. } => {
                let is_next = |a: &Appointment| a.id == *appointment_id && a.kind == AppointmentKind::Next;
                if list.iter().any(is_next) {
                    step_set = position;
                }
            }
            FactBody::Signed { on } if counts => known.signed_on = Some(*on),
            FactBody::DocumentsSubmitted { .. } if counts => known.documents_submitted = true,
            // What the policy system confirmed counts, whatever people say after it.
            FactBody::PremiumReceived { .. }
                if known.premium_received_on.is_some() && !known.premium_claimed && fact.is_claimed() => {}
            FactBody::PremiumReceived { on, .. } if counts => {
                known.premium_received_on = Some(*on);
                known.premium_claimed = fact.is_claimed();
            }
            FactBody::PolicyIssued { on, .. } if counts => known.policy_issued_on = Some(*on),
            FactBody::ReceiptSigned { on, cooling_off_days } if counts => {
                known.receipt_signed_on = Some(*on);
                receipt_days = *cooling_off_days;
            }
            FactBody::Withdrawn { on } if counts => known.withdrawn_on = Some(*on),
            _ => {}
        }
    }
    known.timing_overridden = timing_unmet > target_set;
    known.next_step_overridden = step_unmet > step_set;
    known.cooling_off_days =
        receipt_days.unwrap_or_else(|| settings.on(known.signed_on.unwrap_or(day)).cooling_off_days);
    if let Some(signed_on) = known.signed_on {
        known.recorded_at_signing =
            Some(recorded_verdicts(facts.iter().filter(|f| f.occurred_on <= signed_on)));
    }
    known
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{actor::ActedBy, story::Story, transition::Path};

    const SOMEBODY: Id = Id(Uuid::from_u128(1));

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    /// What is known of the money after it was told so, in this order.
    fn money(told: &[(ActedBy, u32)]) -> (Option<NaiveDate>, bool) {
        let mut story = Story::default().moved(day(1), Stage::Stage50, Path::Manual);
        for (by, d) in told {
            let body = FactBody::PremiumReceived { on: day(*d), amount_minor: None };
            story = story.fact_by(*by, day(*d), body);
        }
        let settings = Timeline::constant(Settings::default());
        let known = story.told().facts_on(1, Cut::EndOf(day(31)), &settings);
        (known.premium_received_on, known.premium_claimed)
    }

    #[test]
    fn money_is_claimed_on_the_word_of_people_until_another_system_confirms_it() {
        let (agent, head) = (ActedBy::Agent(SOMEBODY), ActedBy::Supervisor(SOMEBODY));
        let system = ActedBy::Integration(SOMEBODY);
        assert_eq!(money(&[]), (None, false));
        assert_eq!(money(&[(agent, 3)]), (Some(day(3)), true));
        assert_eq!(money(&[(head, 3)]), (Some(day(3)), true));
        assert_eq!(money(&[(system, 3)]), (Some(day(3)), false));
        assert_eq!(money(&[(agent, 3), (system, 4)]), (Some(day(4)), false));
        assert_eq!(money(&[(system, 4), (agent, 5)]), (Some(day(4)), false), "the confirmed one counts");
    }
}
