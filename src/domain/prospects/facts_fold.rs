//! What the records of one pursuit say on a day: the fold of its facts into what the rules are judged on.
//!
//! Knows which of several records counts, and what a fallen 90 takes with it. Which records a day admits is `history`.

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    application::Sale,
    appointment::{self, Appointment, Outcome},
    extension,
    fact::{AppointmentKind, Fact, FactBody},
    facts::{Facts, FirstAppointment, RecordedVerdicts},
    transition::Transition,
};
use crate::domain::{
    method::criteria::{Criterion, Verdict},
    organisation::settings::Settings,
    values::timeline::Timeline,
};

/// A way back from 90%: what it rested on retires, and dates set before it no longer count for timing and next step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::domain) struct Fall {
    /// Its date.
    pub(in crate::domain) on: NaiveDate,
    retires: Retires,
}

/// What retires with a fall.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Retires {
    /// What was recorded before this record of the log: somebody made the move.
    RecordedBefore(i32),
    /// What is dated before the day, and on the day what was recorded until then: the move follows from what the policy
    /// system told, and may be derived afresh.
    ToldBy(DateTime<Utc>),
}

impl Fall {
    /// One that the log has.
    pub(super) fn recorded(record: &Transition, facts: &[&Fact]) -> Self {
        if !record.is_derived() {
            return Fall { on: record.occurred_on, retires: Retires::RecordedBefore(record.seq) };
        }
        let told =
            facts.iter().filter(|f| f.body.policy_fact().is_some() && f.occurred_on <= record.occurred_on);
        let told_at = told.map(|f| f.recorded_at).filter(|at| *at <= record.recorded_at).max();
        Fall::told(record.occurred_on, told_at.unwrap_or(record.recorded_at))
    }

    /// One that follows from what was told until then.
    pub(in crate::domain) fn told(on: NaiveDate, told_at: DateTime<Utc>) -> Self {
        Fall { on, retires: Retires::ToldBy(told_at) }
    }

    /// Whether what was set with a fact, at a place of the log, counts after it.
    fn spares(&self, set_after: i32, set_on: NaiveDate, set_at: DateTime<Utc>) -> bool {
        match self.retires {
            Retires::RecordedBefore(seq) => set_after >= seq,
            Retires::ToldBy(told_at) => (set_on, set_at) > (self.on, told_at),
        }
    }

    fn spares_fact(&self, fact: &Fact) -> bool {
        self.spares(fact.after_transition, fact.occurred_on, fact.recorded_at)
    }
}

/// What is known on a day, from the facts that count in order of business date, the last fall from 90%, and how the sale
/// stands.
pub(super) fn assemble(
    facts: &[&Fact],
    fall: Option<&Fall>,
    sale: &Sale,
    day: NaiveDate,
    settings: &Timeline<Settings>,
) -> Facts {
    let list = appointment::fold(facts);
    let mut known = Facts {
        fell_from_90_on: fall.map(|fall| fall.on),
        clock_started_on: fall.map(|fall| fall.on),
        recorded: recorded_verdicts(facts.iter()),
        first_appointment: first_appointment(&list),
        signed_on: sale.signed_on,
        documents_submitted: sale.documents_on.is_some(),
        premium_received_on: sale.premium_on,
        premium_claimed: sale.premium_claimed,
        policy_issued_on: sale.issued_on,
        receipt_signed_on: sale.receipt_on,
        withdrawn_on: sale.withdrawn_on,
        ..Facts::default()
    };
    let next: Vec<&Appointment> =
        list.iter().filter(|a| a.kind == AppointmentKind::Next && a.outcome != Outcome::Cancelled).collect();
    known.next_appointment_on =
        next.iter().map(|a| a.on).filter(|on| *on >= day).min().or_else(|| next.iter().map(|a| a.on).max());
    let set_since = |a: &&&Appointment| {
        let set_by = facts.iter().find(|f| f.id == a.set_by);
        fall.is_none_or(|fall| set_by.is_some_and(|fact| fall.spares_fact(fact)))
    };
    known.next_step_on = next.iter().filter(|a| a.has_agenda).filter(set_since).map(|a| a.on).max();

    let granted = |request: extension::Request<&Fact>| request.answer?.1;
    known.extension_days =
        extension::requests_in(facts.iter().copied()).into_iter().rev().find_map(granted).unwrap_or_default();

    for fact in facts {
        take_in(&mut known, fact, fall.is_none_or(|fall| fall.spares_fact(fact)));
    }
    let sets_a_target = |body: &FactBody| matches!(body, FactBody::TargetSigning { .. });
    known.timing_overridden = overridden(facts, Criterion::Timing, sets_a_target);
    known.next_step_overridden = overridden(facts, Criterion::NextStep, |body| dates_a_step(body, &list));
    known.cooling_off_days =
        sale.cooling_off_days.unwrap_or_else(|| settings.on(known.signed_on.unwrap_or(day)).cooling_off_days);
    if let Some(signed_on) = known.signed_on {
        let by_then = || facts.iter().filter(|f| f.occurred_on <= signed_on);
        known.recorded_at_signing = Some(recorded_verdicts(by_then()));
        known.cooperation_agreed_at_signing = Some(cooperation_agreed(by_then()));
    }
    known
}

/// Takes in one more fact; `counts` when no fall from 90% has retired it.
fn take_in(known: &mut Facts, fact: &Fact, counts: bool) {
    match &fact.body {
        FactBody::DecisionMakerExpected { expected } => known.decision_maker_expected = *expected,
        // Facts come in order of their dates: only the first of several can be the first.
        FactBody::FirstMeeting { on } => known.first_meeting_on = known.first_meeting_on.or(Some(*on)),
        FactBody::CooperationAgreed { agreed } => known.further_cooperation_agreed = *agreed,
        FactBody::TargetSigning { on } => known.target_signing_on = on.filter(|_| counts),
        _ => {}
    }
}

/// The sale as people typed it in, from the facts that count in order of business date; what a fall has retired is left out.
pub(super) fn typed_sale(facts: &[&Fact], fall: Option<&Fall>) -> Sale {
    let mut sale = Sale::default();
    for fact in facts.iter().filter(|f| fall.is_none_or(|fall| fall.spares_fact(f))) {
        match &fact.body {
            // Of several the latest counts, as it does for the moves.
            FactBody::Signed { on } => sale.signed_on = Some(*on),
            FactBody::DocumentsSubmitted { on } => sale.documents_on = sale.documents_on.max(Some(*on)),
            // What another system confirmed counts, whatever people say after it.
            FactBody::PremiumReceived { .. }
                if sale.premium_on.is_some() && !sale.premium_claimed && fact.is_claimed() => {}
            FactBody::PremiumReceived { on, .. } => {
                sale.premium_on = Some(*on);
                sale.premium_claimed = fact.is_claimed();
            }
            FactBody::PolicyIssued { on, .. } => sale.issued_on = Some(*on),
            FactBody::ReceiptSigned { on, cooling_off_days } => {
                sale.receipt_on = Some(*on);
                sale.cooling_off_days = *cooling_off_days;
            }
            FactBody::Withdrawn { on } => sale.withdrawn_on = Some(*on),
            _ => {}
        }
    }
    sale
}

fn first_appointment(list: &[Appointment]) -> Option<FirstAppointment> {
    let first = || list.iter().filter(|a| a.kind == AppointmentKind::First);
    let standing = first().filter(|a| a.outcome != Outcome::Cancelled).max_by_key(|a| a.set_seq)?;
    Some(FirstAppointment { fixed_on: first().map(|a| a.fixed_on).min()?, starts_on: standing.on })
}

/// Whether a fact sets the date of a next appointment.
fn dates_a_step(body: &FactBody, list: &[Appointment]) -> bool {
    let (FactBody::AppointmentFixed { appointment_id, .. }
    | FactBody::AppointmentPostponed { appointment_id, .. }) = body
    else {
        return false;
    };
    list.iter().any(|a| a.id == *appointment_id && a.kind == AppointmentKind::Next)
}

/// Whether the last word on a criterion that follows from dates is "unmet", and no date was set after it.
fn overridden(facts: &[&Fact], of: Criterion, sets_a_date: impl Fn(&FactBody) -> bool) -> bool {
    let since = facts.iter().rev().take_while(|fact| !sets_a_date(&fact.body));
    let mut words = since.filter_map(|fact| match fact.body {
        FactBody::Check { criterion, verdict } if criterion == of => Some(verdict),
        _ => None,
    });
    words.next() == Some(Verdict::Unmet)
}

/// The last answer to whether one goes further together.
fn cooperation_agreed<'a>(facts: impl DoubleEndedIterator<Item = &'a &'a Fact>) -> bool {
    let answer = |fact: &&Fact| match fact.body {
        FactBody::CooperationAgreed { agreed } => Some(agreed),
        _ => None,
    };
    facts.rev().find_map(answer).unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::{
        method::stage::Stage,
        organisation::actor::ActedBy,
        prospects::{history::Cut, story::Story, transition::Path},
        values::id::Id,
    };

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
