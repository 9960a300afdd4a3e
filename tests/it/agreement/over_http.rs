//! Random lives, told over HTTP and to the oracle. Each is lived twice: read and swept between any two entries, and
//! with no look at all.

use super::cases;
use super::driver::days;
use super::front_end::{FrontEnd, Habit};
use super::words::as_told;
use crate::harness::{World, on_each_engine};
use crate::oracle::simulation::Simulation;
use crate::oracle::strategies::{Life, beginning, entry_for, life};
use crate::oracle::{Stage, plus};
use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use std::cell::Cell;

/// Both of them up to a day: the watchful one is swept now and then, the other only learns of new settings.
fn wait_until(
    world: &World,
    watched: &FrontEnd<'_>,
    blind: &mut FrontEnd<'_>,
    from: NaiveDate,
    to: NaiveDate,
) {
    for day in days(from, to) {
        if blind.next_choice_by(day).is_some() {
            world.on(&day.to_string());
            blind.choose_on(day);
        }
        // Every day would be slow and find little more.
        if day == to || (day - from).num_days() % 5 == 3 {
            world.on(&day.to_string());
            watched.sweep();
            watched.is_listed_when_it_asks_for_attention();
        }
    }
    world.on(&to.to_string());
}

fn lived(world: &World, number: usize, life: &Life) -> Result<(), TestCaseError> {
    let mut oracle = Simulation::created(life.settings.clone(), beginning()).beside(life.theirs.clone());
    let made = |name: &str, habit| {
        let settings = [&life.settings, &life.theirs];
        FrontEnd::created(world, settings, beginning(), &format!("{name}-{number}"), habit)
    };
    let (mut watched, mut blind) = (made("watched", Habit::Watchful), made("blind", Habit::Blind));
    let mut today = beginning();
    let mut told = String::new();
    for (pause, intent) in &life.steps {
        wait_until(world, &watched, &mut blind, today, plus(today, *pause));
        today = plus(today, *pause);
        oracle.wait_until(today);
        let Some(entry) = as_told(entry_for(intent, &oracle), &oracle) else { continue };
        let expected = oracle.record(&entry);
        told.push_str(&format!("\n{} {:?}: {expected:?}", entry.recorded_on, entry.what));
        let answers = (watched.record(&entry), blind.record(&entry));
        prop_assert_eq!((expected.is_ok(), expected.is_ok()), answers, "acceptance after{}", told);
        let next = oracle.next_automatic().map(|(on, to)| (on.to_string(), to.code().to_owned()));
        let here = (oracle.stage().code().to_owned(), next);
        prop_assert_eq!(here, watched.looks(), "stage and next move (oracle, service) after{}", told);
        watched.is_listed_when_it_asks_for_attention();
    }
    let end = plus(today, life.rest);
    wait_until(world, &watched, &mut blind, today, end);
    oracle.wait_until(end);
    prop_assert_eq!(oracle.stage().code(), watched.looks().0, "stage on {} after{}", end, told);
    prop_assert_eq!(oracle.log(), watched.log(), "log (oracle, swept) on {} after{}", end, told);
    prop_assert_eq!(oracle.log(), blind.log(), "log (oracle, never swept) on {} after{}", end, told);
    blind.announce_the_rest();
    crate::board_counts::are_those_of_the_prospects(world);
    let (here, there) = (watched.end(), blind.end());
    for part in ["board", "pursuits", "appointments", "checks", "facts"] {
        prop_assert_eq!(&here[part], &there[part], "{} (swept, never swept) on {} after{}", part, end, told);
    }
    Ok(())
}

#[test]
fn over_http_every_entry_is_judged_as_by_the_oracle_and_sweeps_change_nothing() {
    on_each_engine(|engine| {
        let Some(world) = World::new(engine) else { return };
        let number = Cell::new(0);
        let closed = Cell::new(0);
        let outcome = TestRunner::new(cases(12)).run(&life(5..25), |life| {
            number.set(number.get() + 1);
            lived(&world, number.get(), &life)?;
            let (_, end) = crate::oracle::strategies::play(&life);
            closed.set(closed.get() + usize::from(end.log().iter().any(|row| row.to == Stage::Closed)));
            Ok(())
        });
        if let Err(fault) = outcome {
            panic!("{fault}");
        }
        println!("{engine:?}: {} lives, {} with a closing", number.get(), closed.get());
    });
}
