//! The oracle against the method's own figures. A wrong oracle would prove nothing.

use super::calendar::{WeekStart, block_of, lapse_due};
use super::classify::{Facts, FirstAppointment, NextAppointment, classify, criteria_missing};
use super::cycle::{Deal, Source, in_force, measured};
use super::{Stage, Verdict, cooling_off, date, plus};
use chrono::{DateTime, FixedOffset};

fn at(text: &str) -> DateTime<FixedOffset> {
    DateTime::parse_from_rfc3339(text).expect("an instant in a test is RFC 3339")
}

fn deal(pursuit: u64, days: i64) -> Deal {
    let met = date("2009-06-01");
    let closed = plus(date("2009-09-01"), pursuit as i64);
    Deal {
        pursuit,
        first_meeting_on: met,
        signed_on: plus(met, days),
        closed_on: closed,
        known_on: closed,
        compensated_on: None,
    }
}

fn ten_deals() -> Vec<Deal> {
    let lengths = [20, 25, 31, 28, 14, 35, 42, 30, 21, 34];
    lengths.iter().enumerate().map(|(n, days)| deal(n as u64, *days)).collect()
}

#[test]
fn the_ten_worked_durations_make_a_cycle_of_28() {
    let day = date("2009-12-01");
    let found = measured(&ten_deals(), 10, day).unwrap();
    assert_eq!((found.sum, found.n), (280, 10));
    assert_eq!(in_force(day, &ten_deals(), Some(40), 28, 10, (7, 365)), (28, Source::Measured));
    assert_eq!((found.shortest, found.longest, found.median_doubled), (14, 42, 58));
    assert!(!found.low_confidence);
}

#[test]
fn only_the_last_ten_deals_count_and_halves_round_up() {
    let mut deals = ten_deals();
    deals.push(deal(10, 25));
    let day = date("2009-12-01");
    // 285 days over the last ten: 28.5 becomes 29.
    assert_eq!(in_force(day, &deals, None, 28, 10, (7, 365)).0, 29);
    assert!(measured(&deals, 20, day).unwrap().low_confidence);
}

#[test]
fn one_sale_in_two_days_is_filled_up_with_nine_times_28() {
    let day = date("2009-12-01");
    // 2 and nine times 28 make 254 over ten.
    assert_eq!(in_force(day, &[deal(1, 2)], None, 28, 10, (7, 365)), (25, Source::Measured));
    assert_eq!(in_force(day, &[deal(1, 2)], Some(7), 28, 10, (7, 365)), (7, Source::Measured));
}

#[test]
fn without_deals_the_declared_value_then_the_chosen_one_holds() {
    let day = date("2009-12-01");
    assert_eq!(in_force(day, &[], Some(40), 28, 10, (7, 365)), (40, Source::Declared));
    assert_eq!(in_force(day, &[], None, 35, 10, (7, 365)), (35, Source::Default));
}

#[test]
fn a_measured_value_waits_for_the_last_fact_that_made_it_due() {
    let mut late = deal(1, 40);
    late.known_on = plus(late.closed_on, 5);
    assert!(measured(std::slice::from_ref(&late), 10, plus(late.closed_on, 4)).is_none());
    assert!(measured(std::slice::from_ref(&late), 10, plus(late.closed_on, 5)).is_some());
    late.compensated_on = Some(plus(late.closed_on, 8));
    assert!(measured(&[late.clone()], 10, plus(late.closed_on, 8)).is_none());
}

#[test]
fn a_receipt_of_21_december_closes_on_new_years_day() {
    let receipt = date("2009-12-21");
    assert_eq!(cooling_off::last_day(receipt, 10), date("2009-12-31"));
    assert_eq!(cooling_off::over_on(receipt, 10), date("2010-01-01"));
    assert!(cooling_off::withdrawal_counts(date("2009-12-31"), Some(receipt), 10));
    assert!(!cooling_off::withdrawal_counts(date("2010-01-01"), Some(receipt), 10));
}

#[test]
fn every_weekday_lapses_the_day_after_its_check_in() {
    // Friday 2009-12-11 to Thursday 12-17.
    let fri = ["15", "15", "15", "17", "17", "19", "19"];
    // The same days with sheets that begin on Saturday; the Friday belongs to the week before.
    let sat = ["12", "15", "15", "15", "17", "17", "19"];
    for n in 0..7 {
        let day = plus(date("2009-12-11"), n as i64);
        assert_eq!(lapse_due(day, WeekStart::Fri), date(&format!("2009-12-{}", fri[n])), "FRI {day}");
        assert_eq!(lapse_due(day, WeekStart::Sat), date(&format!("2009-12-{}", sat[n])), "SAT {day}");
    }
    assert_eq!(
        block_of(date("2009-12-14"), WeekStart::Sat),
        (date("2009-12-12"), date("2009-12-14"), date("2009-12-14"))
    );
}

/// Facts that amount to 50 from 2009-12-12 until the target date.
fn fifty() -> Facts {
    Facts {
        first_meeting_on: Some(date("2009-12-12")),
        further_cooperation_agreed: true,
        next_appointment: Some(NextAppointment {
            starts_at: at("2010-01-20T14:00:00+08:00"),
            agenda: Some("the proposal".into()),
        }),
        decision_maker: Verdict::Met,
        plan_fits: Verdict::Met,
        budget: Verdict::Met,
        target_signing_on: Some(date("2010-01-09")),
        ..Facts::none()
    }
}

#[test]
fn a_first_meeting_of_12_december_is_in_on_9_january_and_over_on_the_10th() {
    assert_eq!(classify(&fifty(), 28, date("2010-01-09")), Stage::Stage50);
    assert_eq!(classify(&fifty(), 28, date("2010-01-10")), Stage::Opportunity);
    let longer = Facts { extension_days: 1, ..fifty() };
    assert_eq!(criteria_missing(&longer, 28, date("2010-01-10")), ["timing"]);
    assert_eq!(classify(&longer, 28, date("2010-01-10")), Stage::Stage25);
}

#[test]
fn a_target_beyond_the_limit_is_no_target() {
    let later = Facts { target_signing_on: Some(date("2010-01-10")), ..fifty() };
    assert_eq!(criteria_missing(&later, 28, date("2009-12-20")), ["timing"]);
}

#[test]
fn exercise_one_is_an_opportunity() {
    assert_eq!(classify(&Facts::none(), 28, date("2009-12-16")), Stage::Opportunity);
}

#[test]
fn exercise_two_is_25_and_lacks_plan_and_timing() {
    let facts = Facts {
        first_appointment: Some(FirstAppointment {
            fixed_on: date("2009-12-13"),
            starts_at: at("2009-12-15T10:00:00+08:00"),
        }),
        first_meeting_on: Some(date("2009-12-15")),
        further_cooperation_agreed: true,
        next_appointment: Some(NextAppointment {
            starts_at: at("2009-12-18T14:00:00+08:00"),
            agenda: Some("go through the proposal".into()),
        }),
        decision_maker: Verdict::Met,
        budget: Verdict::Met,
        ..Facts::none()
    };
    assert_eq!(classify(&facts, 28, date("2009-12-15")), Stage::Stage25);
    assert_eq!(criteria_missing(&facts, 28, date("2009-12-15")), ["plan_fits", "timing"]);
}

#[test]
fn exercise_three_is_50() {
    let tuesday = "2009-12-22";
    let facts = Facts {
        first_meeting_on: Some(date("2009-12-10")),
        further_cooperation_agreed: true,
        next_appointment: Some(NextAppointment {
            starts_at: at("2009-12-22T14:00:00+08:00"),
            agenda: Some("proposal and comparison".into()),
        }),
        decision_maker: Verdict::Met,
        plan_fits: Verdict::Met,
        budget: Verdict::Met,
        target_signing_on: Some(date(tuesday)),
        ..Facts::none()
    };
    assert_eq!(classify(&facts, 28, date("2009-12-17")), Stage::Stage50);
    assert_eq!(classify(&facts, 28, date(tuesday)), Stage::Stage50);
    assert_eq!(classify(&facts, 28, date("2009-12-23")), Stage::Opportunity);
}

#[test]
fn exercise_four_is_an_opportunity() {
    let facts = Facts {
        first_meeting_on: Some(date("2009-11-08")),
        further_cooperation_agreed: true,
        decision_maker: Verdict::Unmet,
        budget: Verdict::Met,
        ..Facts::none()
    };
    assert_eq!(classify(&facts, 28, date("2009-12-13")), Stage::Opportunity);
    assert_eq!(classify(&facts, 28, date("2009-11-20")), Stage::Opportunity);
}

#[test]
fn ninety_ignores_the_clock_and_closes_by_date() {
    let facts = Facts {
        target_signing_on: None,
        next_appointment: None,
        signed_on: Some(date("2009-12-18")),
        documents_submitted: true,
        premium_received_on: Some(date("2009-12-19")),
        policy_issued_on: Some(date("2009-12-20")),
        receipt_signed_on: Some(date("2009-12-21")),
        ..fifty()
    };
    assert_eq!(classify(&facts, 28, date("2009-12-19")), Stage::Stage90);
    assert_eq!(classify(&facts, 28, date("2009-12-31")), Stage::Stage90);
    assert_eq!(classify(&facts, 28, date("2010-01-01")), Stage::Closed);
    let withdrawn = Facts { withdrawn_on: Some(date("2009-12-31")), ..facts.clone() };
    assert_eq!(classify(&withdrawn, 28, date("2009-12-30")), Stage::Stage90);
    assert!(!classify(&withdrawn, 28, date("2010-01-01")).reaches(Stage::Stage90));
    let too_late = Facts { withdrawn_on: Some(date("2010-01-01")), ..facts.clone() };
    assert_eq!(classify(&too_late, 28, date("2010-01-01")), Stage::Closed);
    let no_receipt = Facts { receipt_signed_on: None, ..facts };
    assert_eq!(classify(&no_receipt, 28, date("2010-06-01")), Stage::Stage90);
}

#[test]
fn a_first_appointment_holds_through_its_own_day_and_no_further_than_a_cycle_ahead() {
    let facts = Facts {
        first_appointment: Some(FirstAppointment {
            fixed_on: date("2009-12-10"),
            // One in the morning in Shanghai is still the day before in London.
            starts_at: at("2009-12-14T17:00:00+00:00"),
        }),
        ..Facts::none()
    };
    assert_eq!(classify(&facts, 28, date("2009-12-09")), Stage::Opportunity, "not yet fixed");
    assert_eq!(classify(&facts, 28, date("2009-12-10")), Stage::FirstAppointment);
    assert_eq!(classify(&facts, 28, date("2009-12-15")), Stage::FirstAppointment);
    assert_eq!(classify(&facts, 28, date("2009-12-16")), Stage::Opportunity);
    assert_eq!(classify(&facts, 5, date("2009-12-10")), Stage::FirstAppointment);
    assert_eq!(classify(&facts, 4, date("2009-12-10")), Stage::Opportunity);
}
