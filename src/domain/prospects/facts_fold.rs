//! What the records of one pursuit say on a day: the fold of its facts into what the rules are judged on.
//!
//! Knows which of several records counts, and what a fallen 90 takes with it. Which records a day admits is `history`.

use chrono::NaiveDate;

use super::{
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

/// What is known on a day, from the facts that count in order of business date, and the last fall from 90%.
pub(super) fn assemble(
    facts: &[&Fact],
    fall: Option<&Transition>,
    day: NaiveDate,
    settings: &Timeline<Settings>,
) -> Facts {
    let list = appointment::fold(facts);
    // What a fallen 90 rested on has retired; dates set before it no longer count for timing and next step.
    let after_fall = |position: i32| fall.is_none_or(|t| position >= t.seq);
    let mut known = Facts {
        fell_from_90_on: fall.map(|t| t.occurred_on),
        clock_started_on: fall.map(|t| t.occurred_on),
        recorded: recorded_verdicts(facts.iter()),
        first_appointment: first_appointment(&list),
        ..Facts::default()
    };
    let next: Vec<&Appointment> =
        list.iter().filter(|a| a.kind == AppointmentKind::Next && a.outcome != Outcome::Cancelled).collect();
    known.next_appointment_on =
        next.iter().map(|a| a.on).filter(|on| *on >= day).min().or_else(|| next.iter().map(|a| a.on).max());
    known.next_step_on = next.iter().filter(|a| a.has_agenda && after_fall(a.set_after)).map(|a| a.on).max();

    let granted = |request: extension::Request<&Fact>| request.answer?.1;
    known.extension_days =
        extension::requests_in(facts.iter().copied()).into_iter().rev().find_map(granted).unwrap_or_default();

    let mut receipt_days = None;
    for fact in facts {
        take_in(&mut known, &mut receipt_days, fact, after_fall(fact.after_transition));
    }
    let sets_a_target = |body: &FactBody| matches!(body, FactBody::TargetSigning { .. });
    known.timing_overridden = overridden(facts, Criterion::Timing, sets_a_target);
    known.next_step_overridden = overridden(facts, Criterion::NextStep, |body| dates_a_step(body, &list));
    known.cooling_off_days =
        receipt_days.unwrap_or_else(|| settings.on(known.signed_on.unwrap_or(day)).cooling_off_days);
    if let Some(signed_on) = known.signed_on {
        let by_then = || facts.iter().filter(|f| f.occurred_on <= signed_on);
        known.recorded_at_signing = Some(recorded_verdicts(by_then()));
        known.cooperation_agreed_at_signing = Some(cooperation_agreed(by_then()));
    }
    known
}

/// Takes in one more fact; `counts` when no fall from 90% has retired it.
fn take_in(known: &mut Facts, receipt_days: &mut Option<i32>, fact: &Fact, counts: bool) {
    match &fact.body {
        FactBody::DecisionMakerExpected { expected } => known.decision_maker_expected = *expected,
        // Facts come in order of their dates: only the first of several can be the first.
        FactBody::FirstMeeting { on } => known.first_meeting_on = known.first_meeting_on.or(Some(*on)),
        FactBody::CooperationAgreed { agreed } => known.further_cooperation_agreed = *agreed,
        FactBody::TargetSigning { on } => known.target_signing_on = on.filter(|_| counts),
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
            *receipt_days = *cooling_off_days;
        }
        FactBody::Withdrawn { on } if counts => known.withdrawn_on = Some(*on),
        _ => {}
    }
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
