use uuid::Uuid;

use super::*;
use crate::domain::reports::shape::{BoardCounts, Experience, read};

fn day(d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
}

fn id(n: u128) -> Id {
    Id(Uuid::from_u128(n))
}

fn at(n: u128, stage: Stage, flags: &[Flag]) -> Candidate {
    Candidate {
        prospect_id: id(n),
        entered: stage,
        verified: stage,
        flags: flags.to_vec(),
        next_on: None,
        joint_visit_booked: false,
        last_worked_on: None,
        falls_back_on: None,
    }
}

fn reading(a: i64, b: i64, c: i64, experience: Experience) -> Reading {
    read(&BoardCounts { stage_25: a, stage_50: b, stage_90: c }, experience)
}

const NO_CALLS: Calls = Calls { missing: 0, dials_per_appointment: 15, most: 15 };

fn listed(actions: &[NextAction]) -> Vec<(ActionCode, Option<Id>, Option<NaiveDate>)> {
    actions.iter().map(|a| (a.code, a.prospect_id, a.by)).collect()
}

#[test]
fn outcomes_come_before_dates_and_dates_before_places() {
    let mut dateless = at(1, Stage::Stage25, &[Flag::NoNextDate]);
    dateless.falls_back_on = Some(day(17));
    let mut dateless_sooner = at(2, Stage::Stage25, &[Flag::NoNextDate, Flag::OutcomeMissing]);
    dateless_sooner.falls_back_on = Some(day(15));
    let mut misplaced = at(3, Stage::Stage50, &[]);
    misplaced.verified = Stage::Stage25;
    let ideal = reading(4, 2, 1, Experience::Veteran);
    let actions = next_actions(&[dateless, dateless_sooner, misplaced], &ideal, NO_CALLS, day(14));
    let expected = [
        (ActionCode::RecordOutcome, Some(id(2)), Some(day(14))),
        (ActionCode::FixNextDate, Some(id(2)), Some(day(14))),
        (ActionCode::FixNextDate, Some(id(1)), Some(day(16))),
        (ActionCode::UpdateBoard, Some(id(3)), None),
    ];
    assert_eq!(listed(&actions), expected);
}

#[test]
fn a_beginner_books_joint_visits_for_the_meetings_ahead_and_calls_who_was_left_alone_longest() {
    let mut later = at(1, Stage::FirstAppointment, &[]);
    later.next_on = Some(day(17));
    let mut sooner = at(2, Stage::Stage25, &[]);
    sooner.next_on = Some(day(15));
    let mut called = at(3, Stage::Opportunity, &[]);
    called.last_worked_on = Some(day(10));
    let mut long_ago = at(4, Stage::Opportunity, &[]);
    long_ago.last_worked_on = Some(day(2));
    let never = at(5, Stage::Opportunity, &[]);
    let board = [later, sooner, called, long_ago, never];
    let calls = Calls { missing: 1, dials_per_appointment: 2, most: 15 };
    let actions = next_actions(&board, &reading(5, 0, 0, Experience::Beginner), calls, day(14));
    let expected = [
        (ActionCode::BookJointVisit, Some(id(2)), Some(day(15))),
        (ActionCode::BookJointVisit, Some(id(1)), Some(day(17))),
        (ActionCode::CallForFirstAppointment, Some(id(5)), None),
        (ActionCode::CallForFirstAppointment, Some(id(4)), None),
    ];
    assert_eq!(listed(&actions), expected);
}

#[test]
fn a_stalled_board_is_checked_plan_by_plan_and_reviewed() {
    let mut pending = at(1, Stage::Stage50, &[]);
    pending.next_on = Some(day(16));
    let board = [pending, at(2, Stage::Stage25, &[])];
    let actions = next_actions(&board, &reading(2, 6, 1, Experience::Veteran), NO_CALLS, day(14));
    let expected =
        [(ActionCode::CheckPlan, Some(id(1)), Some(day(16))), (ActionCode::HoldReview, None, None)];
    assert_eq!(listed(&actions), expected);
}

#[test]
fn who_lives_off_reserves_calls_even_in_a_good_week_and_finds_contacts_when_names_run_out() {
    let board = [at(1, Stage::Opportunity, &[])];
    let actions = next_actions(&board, &reading(1, 2, 4, Experience::Veteran), NO_CALLS, day(14));
    let codes: Vec<_> = actions.iter().map(|a| a.code.code()).collect();
    assert_eq!(codes, ["find_contacts", "call_for_first_appointment"]);
}

#[test]
fn the_list_of_names_is_no_longer_than_a_days_dials() {
    let board: Vec<Candidate> = (0..40).map(|n| at(n, Stage::Opportunity, &[])).collect();
    let calls = Calls { missing: 5, dials_per_appointment: 15, most: 15 };
    let actions = next_actions(&board, &reading(4, 2, 1, Experience::Veteran), calls, day(14));
    assert_eq!(actions.len(), 15);
}
