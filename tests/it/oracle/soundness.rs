//! Whether the oracle and its generators are fit to judge anything.

use super::classify::classify;
use super::simulation::{Simulation, What};
use super::strategies::{life, play, question};
use super::{Stage, plus};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_life_folds_and_its_moves_are_in_order(life in life(1..25)) {
        let (told, end) = play(&life);
        let mut stage = Stage::Opportunity;
        let mut last = None;
        for row in end.log() {
            prop_assert_eq!(row.from, stage);
            prop_assert!(last.is_none_or(|last| row.on >= last));
            stage = row.to;
            last = Some(row.on);
        }
        prop_assert_eq!(stage, end.stage());
        prop_assert!(!told.is_empty());
    }

    #[test]
    fn looking_in_between_changes_nothing(life in life(1..25)) {
        let (told, end) = play(&life);
        let mut again = Simulation::created(life.settings.clone(), super::strategies::beginning());
        again.theirs = life.theirs.clone();
        for (entry, answer) in &told {
            prop_assert_eq!(&again.record(entry), answer);
        }
        again.wait_until(end.today);
        prop_assert_eq!(again.log(), end.log());
    }

    #[test]
    fn classification_looks_only_at_the_days_asked_about(question in question()) {
        let here = classify(&question.facts, question.cycle_days, question.as_of);
        let mut later = question.facts.clone();
        let future = plus(question.as_of, 1);
        for day in [&mut later.exited_on, &mut later.withdrawn_on] {
            if day.is_none() {
                *day = Some(future);
            }
        }
        prop_assert_eq!(classify(&later, question.cycle_days, question.as_of), here);
    }
}

/// A generator that never gets anywhere would prove nothing either.
#[test]
fn generated_lives_reach_every_stage() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = std::collections::HashMap::new();
    let (mut accepted, mut all, mut handed_over) = (0, 0, 0);
    for _ in 0..300 {
        let life = life(5..30).new_tree(&mut runner).unwrap().current();
        let (told, end) = play(&life);
        all += told.len();
        accepted += told.iter().filter(|(_, answer)| answer.is_ok()).count();
        let transfers = told.iter().filter(|(entry, _)| matches!(entry.what, What::HandOver { .. }));
        handed_over += transfers.filter(|(_, answer)| answer.is_ok()).count();
        for row in end.log() {
            *seen.entry((row.from, row.to, row.automatic)).or_insert(0) += 1;
        }
    }
    let mut missing = Vec::new();
    for wanted in [
        (Stage::Stage50, Stage::Stage90, false),
        (Stage::Stage90, Stage::Closed, true),
        (Stage::Stage90, Stage::Stage50, false),
        (Stage::Closed, Stage::Stage50, false),
        (Stage::Opportunity, Stage::Stage90, false),
        (Stage::Stage50, Stage::Stage25, true),
        (Stage::Stage50, Stage::Opportunity, true),
        (Stage::Stage25, Stage::Opportunity, true),
        (Stage::FirstAppointment, Stage::Opportunity, true),
    ] {
        if !seen.contains_key(&wanted) {
            missing.push(wanted);
        }
    }
    println!("{accepted} of {all} entries accepted; {seen:?}");
    assert!(missing.is_empty(), "never seen: {missing:?} in {seen:?}");
    assert!(handed_over > 100, "{handed_over} transfers");
    assert!(accepted * 3 > all, "{accepted} of {all} accepted");
    let mut stages = std::collections::HashSet::new();
    for _ in 0..2000 {
        let question = question().new_tree(&mut runner).unwrap().current();
        stages.insert(classify(&question.facts, question.cycle_days, question.as_of));
    }
    assert_eq!(stages.len(), 7, "{stages:?}");
}
