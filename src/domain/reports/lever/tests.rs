use proptest::prelude::*;

use super::*;
use crate::domain::journal::activity::DayCounts;

const BENCHMARKS: fn() -> Benchmarks = Benchmarks::default;

fn base() -> Levers {
    Levers::of_benchmarks(&BENCHMARKS()).unwrap()
}

fn written(value: Fraction) -> String {
    value.written(1).unwrap()
}

#[test]
fn the_benchmarks_make_fifty_policies_a_year_from_eight_appointments_a_week() {
    let year = base().project(&BENCHMARKS()).unwrap();
    assert_eq!(year.policies_a_year, Fraction::whole(50).unwrap());
    assert_eq!(year.appointments_a_week, Fraction::whole(8).unwrap());
    assert_eq!((year.premium_a_year_minor, year.infeasible), (None, vec![]));
}

#[test]
fn the_five_levers_bring_what_the_method_says() {
    let pulled = base().examples(&BENCHMARKS()).unwrap();
    let figures: Vec<_> = pulled
        .iter()
        .map(|p| (p.lever.code(), written(p.projection.policies_a_year), p.projection.infeasible.clone()))
        .collect();
    let expected = [
        ("dials", "100.0", vec![Infeasible::TooManyDials]),
        ("connect_rate", "71.4", vec![]),
        ("appointment_rate", "58.3", vec![]),
        ("closing_rate", "66.7", vec![]),
        ("case_size", "50.0", vec![]),
    ];
    assert_eq!(figures, expected.map(|(code, sales, why)| (code, sales.to_owned(), why)));
    assert_eq!(pulled[0].levers.dials_a_day, Fraction::whole(30).unwrap());
    assert_eq!(pulled[1].levers.connect_rate, Fraction::new(10, 15).unwrap());
    assert_eq!(pulled[2].levers.appointment_rate, Fraction::new(1, 6).unwrap());
    assert_eq!(pulled[3].levers.closing_rate, Fraction::new(1, 6).unwrap());
    let case = &pulled[4];
    assert_eq!((case.policies_factor, case.premium_factor), (Some(Fraction::ONE), Fraction::new(6, 5)));
}

#[test]
fn a_fifth_more_case_size_brings_a_fifth_more_premium() {
    let levers = Levers { case_size_minor: Fraction::whole(400_000), ..base() };
    let premium = |l: &Levers| l.project(&BENCHMARKS()).unwrap().premium_a_year_minor.unwrap();
    assert_eq!(premium(&levers), Fraction::whole(20_000_000).unwrap());
    let more = Levers { case_factor: Fraction::new(6, 5).unwrap(), ..levers };
    assert_eq!(premium(&more), Fraction::whole(24_000_000).unwrap());
}

#[test]
fn fifty_policies_ask_for_fifteen_dials_a_day_and_a_hundred_cannot_be_dialled() {
    let demand = base().demand(Fraction::whole(50).unwrap(), &BENCHMARKS()).unwrap();
    let figures = [
        demand.appointments_a_year,
        demand.appointments_a_week,
        demand.new_a_week,
        demand.connects_a_day,
        demand.dials_a_day,
    ];
    assert_eq!(figures.map(|f| f.ceiling().unwrap()), [400, 8, 5, 7, 15]);
    assert_eq!(demand.infeasible, []);
    let double = base().demand(Fraction::whole(100).unwrap(), &BENCHMARKS()).unwrap();
    assert_eq!(double.infeasible, [Infeasible::TooManyDials]);
}

#[test]
fn own_ratios_stand_in_and_what_was_never_measured_is_borrowed_by_name() {
    let measured = Measured {
        counts: DayCounts { dials: 200, connects: 50, appointments_set: 0, ..DayCounts::default() },
        ..Measured::default()
    };
    let (own, borrowed) = Levers::of_measured(&measured, 20, &BENCHMARKS()).unwrap();
    assert_eq!(own.dials_a_day, Fraction::whole(10).unwrap());
    assert_eq!(own.connect_rate, Fraction::new(1, 4).unwrap());
    assert_eq!(own.appointment_rate, Fraction::ZERO, "measured, and none came");
    assert_eq!(borrowed, [RatioCode::DeferralRate, RatioCode::ClosingRate]);
    assert_eq!(own.project(&BENCHMARKS()).unwrap().policies_a_year, Fraction::ZERO);
    assert_eq!(own.demand(Fraction::ONE, &BENCHMARKS()), None, "nothing times nothing is never one");
    assert!(own.bring_nothing() && !base().bring_nothing());
    let pulled = own.examples(&BENCHMARKS()).unwrap();
    assert!(pulled.iter().all(|p| p.policies_factor.is_none()));
}

#[test]
fn no_lever_lifts_a_rate_above_one() {
    let all = Levers { connect_rate: Fraction::ONE, ..base() };
    let pulled = all.examples(&BENCHMARKS()).unwrap();
    assert_eq!(pulled[1].levers.connect_rate, Fraction::ONE);
    assert_eq!(pulled[1].projection.infeasible, []);
    let absurd = Levers { connect_rate: Fraction::new(3, 2).unwrap(), ..base() };
    assert_eq!(absurd.project(&BENCHMARKS()).unwrap().infeasible, [Infeasible::RateAboveOne]);
}

proptest! {
    #[test]
    fn backwards_undoes_forwards(
        dials in 1i64..100, c in 1i128..50, a in 1i128..50, k in 0i128..20, s in 1i128..50,
    ) {
        let levers = Levers {
            dials_a_day: Fraction::whole(dials).unwrap(),
            connect_rate: Fraction::new(c, 50).unwrap(),
            appointment_rate: Fraction::new(a, 50).unwrap(),
            deferral_rate: Fraction::new(k, 10).unwrap(),
            closing_rate: Fraction::new(s, 50).unwrap(),
            ..base()
        };
        let year = levers.project(&BENCHMARKS()).unwrap();
        let demand = levers.demand(year.policies_a_year, &BENCHMARKS()).unwrap();
        prop_assert_eq!(demand.dials_a_day, levers.dials_a_day);
        prop_assert_eq!(demand.appointments_a_week, year.appointments_a_week);
        prop_assert_eq!(demand.infeasible, year.infeasible);
    }
}
