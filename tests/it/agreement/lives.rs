//! Random lives, told to the real rules and to the oracle.

use super::cases;
use super::driver::{Real, days};
use crate::oracle::simulation::{FactKind, Fallback, Refused, Simulation, What};
use crate::oracle::strategies::{Life, beginning, entry_for, life};
use crate::oracle::{Stage, Verdict, plus};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use prospector::domain::{
    self,
    prospects::{decision::Refusal, fact::FactBody},
    values::id::Id,
};

/// What the door of the API refuses, or does not let anyone say, before the rules see it.
fn stopped_at_the_door(what: &What) -> bool {
    match what {
        What::Fact(fact) => {
            matches!(fact.what, FactKind::Check { criterion, verdict: Verdict::Met } if criterion.is_computed())
        }
        // A move names the day of the first meeting; the door finds the open appointment that it was.
        What::Move { facts, .. } => facts.iter().any(|fact| matches!(fact.what, FactKind::Held { .. })),
        _ => false,
    }
}

fn about_an_appointment(refused: &Result<(), Refused>) -> bool {
    matches!(refused, Err(Refused(why)) if why.contains("appointment"))
}

/// What was decided, whatever the ids are in which the same life differs from itself.
fn without_ids(decided: Result<(), Refusal>) -> Result<(), Refusal> {
    decided.map_err(|refusal| match refusal {
        Refusal::FirstAppointmentExists { day, .. } => {
            Refusal::FirstAppointmentExists { appointment_id: Id(uuid::Uuid::nil()), day }
        }
        other => other,
    })
}

/// Lives through all entries, comparing after each.
fn both(life: &Life) -> Result<(Real, Simulation), TestCaseError> {
    let mut oracle = Simulation::created(life.settings.clone(), beginning()).beside(life.theirs.clone());
    let mut real = Real::between(&life.settings, &life.theirs, beginning());
    let mut today = beginning();
    let mut told = String::new();
    for (pause, intent) in &life.steps {
        today = plus(today, *pause);
        oracle.wait_until(today);
        let entry = entry_for(intent, &oracle);
        let expected = oracle.record(&entry);
        let of_no_appointment = matches!(entry.what, What::Move { .. }) && about_an_appointment(&expected);
        if stopped_at_the_door(&entry.what) && (of_no_appointment || matches!(entry.what, What::Fact(_))) {
            prop_assert!(expected.is_err());
            continue;
        }
        told.push_str(&format!("\n{} {:?}: {expected:?}", entry.recorded_on, entry.what));
        let answer = real.record(&entry);
        prop_assert_eq!(expected.is_ok(), answer.is_ok(), "acceptance: {:?} after{}", answer, told);
        if answer.is_ok() {
            prop_assert_eq!(oracle.log(), real.log(), "log (oracle, real) after{}", told);
            prop_assert_eq!(oracle.proposals(), real.proposals(), "proposed on {} after{}", today, told);
        }
    }
    let end = plus(today, life.rest);
    oracle.wait_until(end);
    real.wait_until(end);
    real.settle();
    prop_assert_eq!(oracle.log(), real.log(), "log (oracle, real) on {} after{}", end, told);
    prop_assert_eq!(oracle.proposals(), real.proposals(), "proposed on {} after{}", end, told);
    prop_assert_eq!(oracle.next_automatic(), real.next(), "next on {} after{}", end, told);
    prop_assert_eq!(oracle.belongs_today(), real.belongs_today(), "belongs on {} after{}", end, told);
    Ok((real, oracle))
}

fn receipts(real: &Real) -> usize {
    real.history.facts.iter().filter(|fact| matches!(fact.body, FactBody::ReceiptSigned { .. })).count()
}

fn corrected(real: &Real) -> bool {
    real.history.facts.iter().any(|fact| fact.replaces.is_some())
}

fn told_later(real: &Real) -> bool {
    let no_longer = |body: &FactBody| matches!(body, FactBody::CooperationAgreed { agreed: false });
    checked_unmet(real) || corrected(real) || real.history.facts.iter().any(|fact| no_longer(&fact.body))
}

fn checked_unmet(real: &Real) -> bool {
    let unmet = |body: &FactBody| matches!(body, FactBody::Check { verdict, .. } if *verdict != domain::method::criteria::Verdict::Met);
    real.history.facts.iter().any(|fact| unmet(&fact.body))
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn every_entry_is_accepted_or_refused_alike_and_leaves_the_same_log(life in life(1..25)) {
        let (real, oracle) = both(&life)?;
        prop_assert!(real.replays(), "{:#?}", real.history.transitions);
        for day in days(beginning(), oracle.today) {
            prop_assert_eq!(oracle.stage_on(day), real.stage_on(day), "{}", day);
        }
    }

    #[test]
    fn sweeps_between_the_entries_change_nothing(life in life(1..25), sweeps in proptest::collection::vec(0i64..5, 25)) {
        let mut plain = Real::between(&life.settings, &life.theirs, beginning());
        let mut swept = Real::between(&life.settings, &life.theirs, beginning());
        let mut guide = Simulation::created(life.settings.clone(), beginning()).beside(life.theirs.clone());
        let mut today = beginning();
        for ((pause, intent), sweep) in life.steps.iter().zip(sweeps) {
            for part in 1..=sweep {
                swept.wait_until(plus(today, pause * part / sweep));
                swept.settle();
            }
            today = plus(today, *pause);
            guide.wait_until(today);
            let entry = entry_for(intent, &guide);
            let _ = guide.record(&entry);
            let (here, there) = (plain.record(&entry), swept.record(&entry));
            prop_assert_eq!(without_ids(here), without_ids(there));
        }
        let end = plus(today, life.rest);
        plain.wait_until(end);
        plain.settle();
        for day in days(today, end) {
            swept.wait_until(day);
            swept.settle();
        }
        prop_assert_eq!(plain.log(), swept.log());
        prop_assert_eq!(plain.next, swept.next);
        prop_assert!(swept.replays());
        let records = swept.history.transitions.len();
        swept.settle();
        prop_assert_eq!(records, swept.history.transitions.len(), "a second sweep writes nothing");
    }

    #[test]
    fn stored_and_classified_stage_differ_only_where_the_method_keeps_a_stage(life in life(1..20)) {
        let (real, oracle) = both(&life)?;
        let (stored, belongs) = (real.stage(), real.belongs_today());
        if stored == belongs {
            return Ok(());
        }
        let fallback = &oracle.in_force(oracle.today).fallback;
        // What is in grace now may be held for good by a setting that begins before the grace is over.
        let manual_later = fallback.changes.iter().any(|(from, mode)| *from > oracle.today && *mode != Fallback::Auto);
        let automatic = fallback.on(oracle.today) == Fallback::Auto && !manual_later;
        let kept = match (stored, belongs) {
            // Kept until the check-in, in grace, by a request, or by the setting; a 50 may also have dates beyond 25's.
            (Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50, lower) if lower.rung() < stored.rung() => {
                !automatic || real.next.is_some_and(|due| crate::oracle::days_between(oracle.today, due.on) <= 366)
            }
            // Somebody found later that a criterion had not been met when they signed, that they had not agreed to go
            // further, or that they had met only after it: the move stands, what was told shows.
            (Stage::Stage90, _) => told_later(&real),
            // A closing stands also when another receipt is told of later.
            (Stage::Closed, _) => told_later(&real) || receipts(&real) > 1,
            // Moves forward are made by people: the facts may be there before the move is.
            (_, higher) if higher.rung() > stored.rung() => true,
            _ => false,
        };
        prop_assert!(kept, "stored {:?}, belongs to {:?} on {}: {:#?}", stored, belongs, oracle.today, oracle.log());
    }
}
