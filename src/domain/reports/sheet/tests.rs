//! The method's sample sheets, and the rules one by one.

use chrono::NaiveDate;
use uuid::Uuid;

use super::*;
use crate::domain::{
    method::cycle::CycleSource,
    reports::{
        premium_flow::PremiumKind,
        sheet_contact::{MeetingDates, StageMove, WorkDay},
        sheet_week::CheckIn,
        sign_off::SignedFigures,
        team_sheet::{MemberBlock, TeamRow},
    },
    values::calendar::SheetWeekStart,
};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn id(n: u128) -> Id {
    Id(Uuid::from_u128(n))
}

fn cycle(days: i32) -> Timeline<Cycle> {
    Timeline::constant(Cycle::unmeasured(days, CycleSource::Default))
}

fn book(contacts: Vec<SheetContact>) -> Book {
    Book { contacts, closings: Vec::new(), premiums: Vec::new(), cycle: cycle(28) }
}

/// A contact that has been an opportunity for ever and whom somebody called on 12-12.
fn opportunity(n: u128) -> SheetContact {
    SheetContact {
        prospect_id: id(n),
        before: Some(Stage::Opportunity),
        moves: Vec::new(),
        worked: vec![WorkDay { on: day("2009-12-12"), entered_on: day("2009-12-12") }],
        dates: Timeline::constant(MeetingDates::default()),
        owned: vec![Span::ALWAYS],
    }
}

fn moved(n: u128, on: &str, to: &[Stage], first_meeting: &str) -> SheetContact {
    let step = |to: &Stage| StageMove { on: day(on), to: *to, entered_on: Some(day(on)) };
    let met = day(first_meeting);
    let held = to.len() > 1;
    SheetContact {
        moves: to.iter().map(step).collect(),
        dates: Timeline::constant(MeetingDates {
            first_fixed_on: Some(day("2009-12-10")),
            first_meeting_on: Some(met),
            clock_started_on: held.then_some(met),
            extension_days: 0,
        }),
        ..opportunity(n)
    }
}

/// 何建国 刘岩 范学东 艾新华 刘兵 张三, numbered 1 to 6.
fn sample() -> Book {
    use Stage::{FirstAppointment, Stage25, Stage50, Stage90};
    book(vec![
        moved(1, "2009-12-12", &[FirstAppointment], "2009-12-15"),
        moved(2, "2009-12-12", &[FirstAppointment, Stage25], "2009-12-12"),
        moved(3, "2009-12-13", &[FirstAppointment, Stage25, Stage50], "2009-12-13"),
        moved(4, "2009-12-14", &[FirstAppointment, Stage25, Stage50, Stage90], "2009-12-14"),
        opportunity(5),
        opportunity(6),
    ])
}

fn opportunities(columns: &Columns) -> Vec<Id> {
    columns.opportunity.iter().map(|entry| entry.prospect_id).collect()
}

/// A closing, written down on its day.
fn closing(n: u128, on: &str) -> SheetClosing {
    SheetClosing { prospect_id: id(n), on: day(on), noted_on: day(on), first_meeting_on: None }
}

/// Money received, written down on its day.
fn received(on: &str, minor: i64) -> PremiumFlow {
    PremiumFlow { on: day(on), kind: PremiumKind::Advance, minor, recorded_on: day(on) }
}

fn saturday() -> SheetWeek {
    SheetWeek::containing(day("2009-12-14"), SheetWeekStart::Saturday)
}

#[test]
fn the_methods_sample_sheet_has_the_subtotals_1_1_1_1_0() {
    let sheet = sheet(&sample(), &saturday(), SheetMode::Activity, day("2009-12-14"));
    assert_eq!((sheet.cycle_days, sheet.window.from), (28, day("2009-12-12")));
    let [monday, wednesday, friday] = [&sheet.blocks[0], &sheet.blocks[1], &sheet.blocks[2]];
    assert_eq!(monday.subtotals.in_order(), [1, 1, 1, 1, 0]);
    assert_eq!(opportunities(&monday.columns), [1, 2, 3, 4, 5, 6].map(id));
    let beside = |column: &[SheetEntry]| column.iter().map(|e| e.first_meeting_on).collect::<Vec<_>>();
    assert_eq!(beside(&monday.columns.first_appointment), [Some(day("2009-12-15"))]);
    assert_eq!(beside(&monday.columns.stage_25), [Some(day("2009-12-12"))]);
    assert_eq!(beside(&monday.columns.stage_50), [Some(day("2009-12-13"))]);
    assert_eq!(beside(&monday.columns.stage_90), [Some(day("2009-12-14"))]);
    assert_eq!(monday.columns.first_appointment[0].days_elapsed, None, "the clock has not started");
    assert_eq!(monday.columns.stage_25[0].days_elapsed, Some(2));
    assert_eq!(monday.state, BlockState::Partial);
    for ahead in [wednesday, friday] {
        assert_eq!((ahead.state, ahead.counted), (BlockState::NotBegun, None));
        assert_eq!(ahead.columns, Columns::default());
    }
}

#[test]
fn under_fri_the_same_data_falls_into_two_blocks() {
    let week = SheetWeek::containing(day("2009-12-14"), SheetWeekStart::Friday);
    let sheet = sheet(&sample(), &week, SheetMode::Activity, day("2009-12-31"));
    let subtotals: Vec<_> = sheet.blocks.iter().map(|b| b.subtotals.in_order()).collect();
    assert_eq!(subtotals, [[1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0; 5]]);
    assert_eq!(opportunities(&sheet.blocks[0].columns), [1, 2, 3, 4, 5, 6].map(id));
    assert_eq!(opportunities(&sheet.blocks[1].columns), [id(4)]);
}

#[test]
fn the_methods_team_sheet_sums_to_7_7_5_3_5_13000_14000() {
    let row = |counts: [i64; 5], advance: i64, standard: i64| {
        let [first_appointment, stage_25, stage_50, stage_90, closed] = counts;
        TeamRow {
            subtotals: Subtotals { first_appointment, stage_25, stage_50, stage_90, closed },
            advance_premium_minor: advance * 100,
            standard_premium_minor: standard * 100,
        }
    };
    let rows = [row([3, 4, 3, 1, 2], 3000, 6000), row([4, 3, 2, 2, 3], 10_000, 8000)];
    assert_eq!(TeamRow::sum(rows).in_order(), [7, 7, 5, 3, 5, 1_300_000, 1_400_000]);
}

#[test]
fn the_board_shows_everybody_open_and_the_sheet_only_whom_somebody_worked() {
    let idle =
        |n: u128, stage: Stage| SheetContact { before: Some(stage), worked: Vec::new(), ..opportunity(n) };
    let book = book(vec![
        idle(1, Stage::Stage25),
        idle(2, Stage::Opportunity),
        idle(3, Stage::Closed),
        idle(4, Stage::Exited),
        SheetContact { before: None, ..idle(5, Stage::Opportunity) },
        opportunity(6),
    ]);
    let monday = saturday().block(CheckIn::Monday);
    let of = |mode| columns(&book, &monday, mode, day("2009-12-20"), &[Span::ALWAYS]);
    assert_eq!(of(SheetMode::Activity).subtotals().in_order(), [0; 5]);
    assert_eq!(opportunities(&of(SheetMode::Activity)), [id(6)]);
    assert_eq!(of(SheetMode::Board).subtotals().in_order(), [0, 1, 0, 0, 0]);
    assert_eq!(opportunities(&of(SheetMode::Board)), [id(2), id(6)]);
}

#[test]
fn who_fell_back_or_was_new_in_the_block_stands_in_column_1_also_when_promoted_since() {
    let step = |on: &str, to, entered_on| StageMove { on: day(on), to, entered_on };
    let idle = |n, before| SheetContact { before, worked: Vec::new(), ..opportunity(n) };
    let mut fallen = idle(1, Some(Stage::Stage25));
    fallen.moves = vec![step("2009-12-13", Stage::Opportunity, None)];
    let mut new = idle(2, None);
    let on = Some(day("2009-12-14"));
    new.moves =
        vec![step("2009-12-14", Stage::Opportunity, on), step("2009-12-14", Stage::FirstAppointment, on)];
    let mut left = idle(3, Some(Stage::Opportunity));
    left.moves = vec![step("2009-12-13", Stage::Exited, on)];
    let book = book(vec![fallen, new, left]);
    for mode in [SheetMode::Activity, SheetMode::Board] {
        let columns =
            columns(&book, &saturday().block(CheckIn::Monday), mode, day("2009-12-20"), &[Span::ALWAYS]);
        assert_eq!(opportunities(&columns), [1, 2, 3].map(id), "{mode:?}");
        assert_eq!(columns.subtotals().in_order(), [1, 0, 0, 0, 0], "{mode:?}");
    }
}

#[test]
fn a_closing_stays_in_its_block_whatever_came_after() {
    let mut fallen = opportunity(1);
    fallen.before = Some(Stage::Stage90);
    let step = |on: &str, to| StageMove { on: day(on), to, entered_on: None };
    fallen.moves = vec![step("2009-12-13", Stage::Closed), step("2009-12-14", Stage::Stage50)];
    let mut book = book(vec![fallen]);
    book.closings =
        vec![SheetClosing { first_meeting_on: Some(day("2009-12-01")), ..closing(1, "2009-12-13") }];
    for mode in [SheetMode::Activity, SheetMode::Board] {
        let sheet = sheet(&book, &saturday(), mode, day("2009-12-20"));
        assert_eq!(sheet.blocks[0].subtotals.in_order(), [0, 0, 1, 0, 1], "{mode:?}");
        assert_eq!(sheet.blocks[0].columns.closed[0].first_meeting_on, Some(day("2009-12-01")));
        assert_eq!(sheet.blocks[1].subtotals.closed, 0, "{mode:?}");
    }
}

#[test]
fn over_the_cycle_is_judged_by_the_value_in_force_at_the_blocks_end() {
    let mut contact = opportunity(1);
    contact.before = Some(Stage::Stage25);
    contact.worked.push(WorkDay { on: day("2009-12-15"), entered_on: day("2009-12-15") });
    contact.dates = Timeline::constant(MeetingDates {
        clock_started_on: Some(day("2009-11-24")),
        first_meeting_on: Some(day("2009-11-24")),
        ..MeetingDates::default()
    });
    let mut book = book(vec![contact]);
    let shorter = Cycle::unmeasured(20, CycleSource::Declared);
    book.cycle =
        Timeline::new(Cycle::unmeasured(28, CycleSource::Default), vec![(day("2009-12-16"), shorter)]);
    let sheet = sheet(&book, &saturday(), SheetMode::Activity, day("2010-01-31"));
    let entry = |block: usize| sheet.blocks[block].columns.stage_25[0];
    assert_eq!((entry(0).days_elapsed, entry(0).over_cycle), (Some(20), false));
    assert_eq!(
        (entry(1).days_elapsed, entry(1).over_cycle),
        (Some(22), true),
        "the value of 12-16, not of 12-15"
    );
    assert_eq!(sheet.cycle_days, 20);
}

#[test]
fn a_first_appointment_put_off_beyond_a_cycle_is_over_and_ninety_never_is() {
    let dates = MeetingDates {
        first_fixed_on: Some(day("2009-11-01")),
        first_meeting_on: Some(day("2009-12-20")),
        ..MeetingDates::default()
    };
    assert!(!dates.is_over(Stage::FirstAppointment, 28, day("2009-11-29")));
    assert!(dates.is_over(Stage::FirstAppointment, 28, day("2009-11-30")));
    let running = MeetingDates { clock_started_on: Some(day("2009-11-01")), extension_days: 7, ..dates };
    assert!(!running.is_over(Stage::Stage50, 28, day("2009-12-06")), "the extension counts");
    assert!(running.is_over(Stage::Stage50, 28, day("2009-12-07")));
    assert!(!running.is_over(Stage::Stage90, 28, day("2010-12-07")));
}

#[test]
fn what_is_written_down_after_the_check_in_is_late() {
    let mut contact = opportunity(1);
    contact.before = Some(Stage::Stage25);
    contact.worked = vec![WorkDay { on: day("2009-12-14"), entered_on: day("2009-12-14") }];
    let late = |contact: &SheetContact| {
        let book = book(vec![contact.clone()]);
        sheet(&book, &saturday(), SheetMode::Activity, day("2009-12-20")).blocks[0].columns.stage_25[0].late
    };
    assert!(!late(&contact));
    contact.worked[0].entered_on = day("2009-12-15");
    assert!(late(&contact));
}

#[test]
fn column_1_a_closing_and_money_that_are_written_down_after_the_check_in_are_late_too() {
    let monday = saturday().block(CheckIn::Monday);
    let of = |book: &Book| MemberBlock::of(book, &monday, day("2009-12-20"), &[Span::ALWAYS]);
    let mut called = opportunity(1);
    assert!(!of(&book(vec![called.clone()])).late);
    called.worked[0].entered_on = day("2009-12-15");
    let block = of(&book(vec![called]));
    assert!(block.columns.opportunity[0].late && block.late);

    let mut told = book(Vec::new());
    told.closings = vec![closing(1, "2009-12-13")];
    told.premiums = vec![received("2009-12-13", 7)];
    assert!(!of(&told).late);
    told.closings[0].noted_on = day("2009-12-15");
    assert!(of(&told).columns.closed[0].late && of(&told).late);
    told.closings.clear();
    told.premiums[0].recorded_on = day("2009-12-15");
    assert!(of(&told).late);
    let left = Span { from: NaiveDate::MIN, until: Some(day("2009-12-13")) };
    assert!(!MemberBlock::of(&told, &monday, day("2009-12-20"), &[left]).late, "not in this team's days");
}

#[test]
fn after_a_handover_the_name_stands_with_the_new_owner_and_the_closing_with_who_signed() {
    let handover = day("2009-12-13");
    let contact = |owned| SheetContact { before: Some(Stage::Stage50), owned: vec![owned], ..opportunity(1) };
    let mut old = book(vec![contact(Span { from: NaiveDate::MIN, until: Some(handover) })]);
    old.closings = vec![closing(1, "2009-12-14")];
    let new = book(vec![contact(Span { from: handover, until: None })]);
    let of = |book: &Book| {
        sheet(book, &saturday(), SheetMode::Activity, day("2009-12-20")).blocks[0].subtotals.in_order()
    };
    assert_eq!(of(&old), [0, 0, 0, 0, 1]);
    assert_eq!(of(&new), [0, 0, 1, 0, 0]);
}

#[test]
fn a_member_who_changes_teams_leaves_the_flows_behind_and_takes_the_positions_along() {
    let mut book = sample();
    book.premiums = vec![received("2009-12-12", 100), received("2009-12-14", 7)];
    let monday = saturday().block(CheckIn::Monday);
    let row = |span| TeamRow::of_member(&book, &monday, day("2009-12-20"), &[span]).in_order();
    let change = day("2009-12-14");
    assert_eq!(row(Span { from: NaiveDate::MIN, until: Some(change) }), [0, 0, 0, 0, 0, 100, 0]);
    assert_eq!(row(Span { from: change, until: None }), [1, 1, 1, 1, 0, 7, 0]);
}

#[test]
fn a_block_can_be_signed_from_its_last_day_with_the_figures_of_the_team_row() {
    let monday = saturday().block(CheckIn::Monday);
    assert_eq!(SignedFigures::of(&sample(), &monday, day("2009-12-13")), None);
    let signed = SignedFigures::of(&sample(), &monday, day("2009-12-14")).unwrap();
    assert_eq!(signed.row, TeamRow::of_member(&sample(), &monday, day("2009-12-20"), &[Span::ALWAYS]));
}
