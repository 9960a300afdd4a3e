//! Calendar, cooling-off and cycle against the oracle.

use super::cases;
use super::driver::{days, week_start};
use crate::oracle::calendar::{self, WeekStart};
use crate::oracle::{cooling_off, cycle as oracle, date, plus};
use proptest::prelude::*;
use prospector::domain::{
    self,
    method::cycle::{CycleInputs, CycleSource, Deal, Declaration, cycle_on, cycle_timeline, measure},
    organisation::settings::Settings,
    values::{id::Id, timeline::Timeline},
};

#[test]
fn every_day_of_three_years_is_checked_on_the_same_day() {
    for day in days(date("2008-01-01"), date("2010-12-31")) {
        for start in [WeekStart::Fri, WeekStart::Sat] {
            assert_eq!(
                domain::values::calendar::check_in_covering(day, week_start(start)),
                calendar::check_in_covering(day, start),
                "{day} {start:?}"
            );
        }
        assert_eq!(
            domain::values::calendar::next_check_in_after(day),
            calendar::next_check_in_after(day),
            "{day}"
        );
    }
}

#[test]
fn every_cooling_off_ends_on_the_same_day() {
    for receipt in days(date("2007-12-20"), date("2008-03-05")) {
        for length in 0..=60 {
            let real = domain::method::cooling_off::matures_on(receipt, i32::try_from(length).unwrap());
            assert_eq!(real, cooling_off::over_on(receipt, length), "{receipt} + {length}");
        }
    }
}

fn some_deals(most: usize) -> impl Strategy<Value = Vec<oracle::Deal>> {
    let deal = (0i64..200, 0i64..400, 0i64..40, 0i64..10, proptest::option::weighted(0.1, 0i64..60));
    proptest::collection::vec(deal, 0..most).prop_map(|deals| {
        (1..)
            .zip(deals)
            .map(|(pursuit, (met, length, closing, known, gone))| {
                let first_meeting_on = plus(date("2009-01-01"), met);
                let signed_on = plus(first_meeting_on, length);
                let closed_on = plus(signed_on, closing);
                oracle::Deal {
                    pursuit,
                    first_meeting_on,
                    signed_on,
                    closed_on,
                    known_on: plus(closed_on, known - 5),
                    compensated_on: gone.map(|days| plus(closed_on, days)),
                }
            })
            .collect()
    })
}

fn real_deals(deals: &[oracle::Deal]) -> Vec<Deal> {
    deals
        .iter()
        .map(|deal| Deal {
            prospect_id: Id(uuid::Uuid::from_u128(0)),
            pursuit_number: 1,
            pursuit_id: Id(uuid::Uuid::from_u128(u128::from(deal.pursuit))),
            first_meeting_on: deal.first_meeting_on,
            signed_on: deal.signed_on,
            closed_on: deal.closed_on,
            counts_from: deal.closed_on.max(deal.known_on),
            counts_until: deal.compensated_on,
        })
        .collect()
}

fn source_of(source: CycleSource) -> oracle::Source {
    match source {
        CycleSource::Measured => oracle::Source::Measured,
        CycleSource::Declared => oracle::Source::Declared,
        CycleSource::Default => oracle::Source::Default,
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_cycle_is_the_same_on_every_day(
        own in prop_oneof![1 => Just(Vec::new()), 2 => some_deals(25)],
        declared in proptest::option::of((0i64..300, 7i32..=365)),
        usual in 7i32..=365,
        window in prop_oneof![Just(10i32), Just(20)],
        bounds in prop_oneof![3 => Just((7i32, 365i32)), 1 => Just((20, 60))],
    ) {
        let settings = Settings {
            cycle_window: window,
            cycle_min_days: bounds.0,
            cycle_max_days: bounds.1,
            default_cycle_days: usual,
            ..Settings::default()
        };
        let declarations: Vec<Declaration> = declared
            .iter()
            .map(|(from, days)| Declaration { valid_from: plus(date("2009-06-01"), *from), cycle_days: *days })
            .collect();
        let inputs = CycleInputs { deals: real_deals(&own), declarations: declarations.clone() };
        let wide = (i64::from(bounds.0), i64::from(bounds.1));
        let timeline = cycle_timeline(&inputs, &Timeline::constant(settings.clone()));
        for day in (0..1000).step_by(3).map(|n| plus(date("2008-12-01"), n)) {
            let said = declarations.iter().find(|d| d.valid_from <= day).map(|d| i64::from(d.cycle_days));
            let window = usize::try_from(window).unwrap();
            let (days, source) = oracle::in_force(day, &own, said, i64::from(usual), window, wide);
            let real = cycle_on(&inputs, &settings, day);
            prop_assert_eq!((days, source), (i64::from(real.cycle_days), source_of(real.source)), "{}", day);
            prop_assert_eq!(timeline.on(day), &real, "{}", day);
            let measured = oracle::measured(&own, window, day);
            let here = measure(&inputs.deals, day, settings.cycle_window);
            prop_assert_eq!(
                measured.map(|m| (m.sum, m.n, m.shortest, m.longest, m.median_doubled)),
                here.map(|m| (m.sum, m.n, m.min, m.max, m.median_times_two))
            );
        }
    }
}
