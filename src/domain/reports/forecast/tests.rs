use proptest::prelude::*;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn cell(stage: Stage, elapsed: ElapsedShare) -> Cell {
    Cell { stage, elapsed }
}

/// A pursuit that stood at one stage for some days under a limit of 28, its clock starting with the stay.
fn pursuit(stage: Stage, from: &str, days: i64, closed: bool) -> FinishedPursuit {
    let entered_on = day(from);
    let left_on = plus_days(entered_on, days);
    let limit_days = Timeline::constant(28);
    let passage = Passage { stage, entered_on, left_on, clock_started_on: entered_on, limit_days };
    FinishedPursuit { passages: vec![passage], ended_on: left_on, closed }
}

#[test]
fn without_experience_the_prior_speaks_and_with_twenty_cases_only_experience() {
    let p = |stage, n, closed| probability(stage, CellRecord { n, closed }).map(|p| p.written(4).unwrap());
    for (stage, prior) in [(Stage::Stage25, "0.2500"), (Stage::Stage50, "0.5000"), (Stage::Stage90, "0.9000")]
    {
        assert_eq!(p(stage, 0, 0).unwrap(), prior);
    }
    // (4 + 10 · 0.5) / 20, by hand.
    assert_eq!(p(Stage::Stage50, 10, 4).unwrap(), "0.4500");
    assert_eq!(p(Stage::Stage50, 19, 0).unwrap(), "0.0250");
    assert_eq!(p(Stage::Stage50, 20, 7).unwrap(), "0.3500");
    assert_eq!(p(Stage::Stage50, 40, 10).unwrap(), "0.2500", "beyond twenty, the plain share");
    for stage in [Stage::Opportunity, Stage::FirstAppointment, Stage::Closed, Stage::Exited] {
        assert_eq!(p(stage, 0, 0), None, "{stage:?}");
    }
}

#[test]
fn the_buckets_are_quarters_of_the_limit_and_the_last_day_is_still_in() {
    let of = |days| ElapsedShare::of(days, 28).code();
    let edges = [(0, "first_quarter"), (7, "first_quarter"), (8, "second_quarter"), (14, "second_quarter")];
    let more = [
        (15, "third_quarter"),
        (21, "third_quarter"),
        (22, "last_quarter"),
        (28, "last_quarter"),
        (29, "over"),
    ];
    for (days, code) in edges.into_iter().chain(more) {
        assert_eq!(of(days), code, "{days}");
    }
}

#[test]
fn a_pursuit_is_a_case_of_every_cell_it_stood_in_and_of_each_once() {
    let record = track_record(&[pursuit(Stage::Stage25, "2009-12-01", 9, true)], day("2009-12-31"));
    let case = CellRecord { n: 1, closed: 1 };
    // Day 9 is the day it left: days 0 to 8 touch two quarters.
    assert_eq!(record.get(&cell(Stage::Stage25, ElapsedShare::FirstQuarter)), Some(&case));
    assert_eq!(record.get(&cell(Stage::Stage25, ElapsedShare::SecondQuarter)), Some(&case));
    assert_eq!(record.len(), 2);
    let mut twice = pursuit(Stage::Stage25, "2009-12-01", 3, false);
    twice.passages.push(twice.passages[0].clone());
    let record = track_record(&[twice], day("2009-12-31"));
    assert_eq!(record.values().copied().collect::<Vec<_>>(), [CellRecord { n: 1, closed: 0 }]);
    assert!(track_record(&[pursuit(Stage::Stage50, "2009-12-01", 0, true)], day("2009-12-31")).is_empty());
}

#[test]
fn a_case_stands_in_the_quarter_of_the_limit_of_each_day_as_those_who_are_open_do() {
    // Days 0 to 9 under 28, from day 10 on under 20, from day 22 on under 40.
    let mut changed = pursuit(Stage::Stage50, "2009-12-01", 25, true);
    let limits = [(day("2009-12-11"), 20), (day("2009-12-23"), 40)];
    changed.passages[0].limit_days = Timeline::new(28, limits.to_vec());
    let cases: Vec<(ElapsedShare, NaiveDate)> =
        changed.cases().into_iter().map(|(cell, on)| (cell.elapsed, on)).collect();
    let expected = [
        (ElapsedShare::FirstQuarter, day("2009-12-01")),
        (ElapsedShare::SecondQuarter, day("2009-12-09")),
        // Day 11 of 20 is beyond the half, day 16 beyond three quarters, day 21 beyond the limit; day 22 of 40 is not.
        (ElapsedShare::ThirdQuarter, day("2009-12-12")),
        (ElapsedShare::LastQuarter, day("2009-12-17")),
        (ElapsedShare::Over, day("2009-12-22")),
    ];
    assert_eq!(cases, expected);
    // Each of them is the cell in which the open one stood on that day.
    for (elapsed, on) in cases {
        let open = Cell::on(Stage::Stage50, day("2009-12-01"), *changed.passages[0].limit_days.on(on), on);
        assert_eq!(open.elapsed, elapsed, "{on}");
    }
}

#[test]
fn what_ended_later_was_not_known_then() {
    let ended = pursuit(Stage::Stage50, "2009-12-01", 5, false);
    assert!(track_record(std::slice::from_ref(&ended), day("2009-12-05")).is_empty());
    assert_eq!(track_record(&[ended], day("2009-12-06")).len(), 1);
}

#[test]
fn expected_policies_and_premium_are_sums_of_what_is_shown() {
    let fresh =
        |stage, premium_minor| Candidate { cell: cell(stage, ElapsedShare::FirstQuarter), premium_minor };
    let candidates = [
        fresh(Stage::Stage25, Some(100_000)),
        fresh(Stage::Stage50, None),
        fresh(Stage::Stage90, Some(10_001)),
        fresh(Stage::FirstAppointment, Some(1)),
    ];
    let sum = expected(&candidates, &TrackRecord::new());
    assert_eq!((sum.n, sum.policies_units, sum.n_with_premium), (3, 16_500, 2));
    assert_eq!(sum.premium_minor, 34_001, "25 000 + 9 000.9");
}

#[test]
fn the_calibration_forecasts_each_case_with_what_was_known_before_its_day() {
    // Twenty at 50% fail in November; then two more stand there in December, of whom one closes.
    let mut pursuits: Vec<FinishedPursuit> =
        (0..20).map(|_| pursuit(Stage::Stage50, "2009-11-01", 5, false)).collect();
    pursuits.push(pursuit(Stage::Stage50, "2009-12-01", 5, true));
    pursuits.push(pursuit(Stage::Stage50, "2009-12-01", 5, false));
    let december = Window { from: day("2009-12-01"), to: day("2009-12-31") };
    let bins = calibration(&pursuits, december);
    let figures: Vec<_> = bins.iter().map(|b| (b.n, b.sum_units, b.closed)).collect();
    assert_eq!(figures, [(2, 0, 1), (0, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)]);
    assert_eq!((bins[0].observed(), bins[1].observed()), (Fraction::new(1, 2), None));
    // What ends on the very day is not yet known when that day is forecast.
    let mut same_day: Vec<FinishedPursuit> =
        (0..20).map(|_| pursuit(Stage::Stage50, "2009-11-26", 5, false)).collect();
    same_day.push(pursuit(Stage::Stage50, "2009-12-01", 5, true));
    let after = Window { from: day("2009-12-02"), to: day("2009-12-31") };
    assert_eq!(calibration(&same_day, after)[2].n, 1);
    // In November nothing was known yet: all twenty were forecast at one half, and none closed.
    let november = Window { from: day("2009-11-01"), to: day("2009-11-30") };
    let bins = calibration(&pursuits, november);
    assert_eq!((bins[2].n, bins[2].sum_units, bins[2].closed), (20, 100_000, 0));
    assert_eq!(bins[2].forecast(), Fraction::new(1, 2));
}

proptest! {
    #[test]
    fn p_lies_between_experience_and_prior(n in 0i64..60, share in 0i64..=100, stage in 0usize..3) {
        let stage = [Stage::Stage25, Stage::Stage50, Stage::Stage90][stage];
        let closed = n * share / 100;
        let p = probability(stage, CellRecord { n, closed }).unwrap();
        let prior = prior(stage).unwrap();
        let own = Fraction::new(i128::from(closed), i128::from(n)).unwrap_or(prior);
        prop_assert!(p >= own.min(prior) && p <= own.max(prior));
        prop_assert!(p <= Fraction::ONE);
    }

    #[test]
    fn every_question_falls_into_one_bin(
        lives in prop::collection::vec((0usize..3, 0i64..60, 0i64..40, any::<bool>()), 0..30),
    ) {
        let stages = [Stage::Stage25, Stage::Stage50, Stage::Stage90];
        let pursuits: Vec<FinishedPursuit> = lives.iter().map(|(stage, start, days, closed)| {
            let from = plus_days(day("2009-11-01"), *start).to_string();
            pursuit(stages[*stage], &from, *days, *closed)
        }).collect();
        let all = Window { from: day("2009-01-01"), to: day("2011-01-01") };
        let cases: usize = pursuits.iter().map(|p| p.cases().len()).sum();
        let bins = calibration(&pursuits, all);
        prop_assert_eq!(bins.iter().map(|b| b.n).sum::<i64>(), i64::try_from(cases).unwrap());
        let closed: usize = pursuits.iter().filter(|p| p.closed).map(|p| p.cases().len()).sum();
        prop_assert_eq!(bins.iter().map(|b| b.closed).sum::<i64>(), i64::try_from(closed).unwrap());
    }
}
