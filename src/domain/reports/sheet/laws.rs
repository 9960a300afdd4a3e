//! Laws of the sheets over random histories.

use chrono::NaiveDate;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    method::cycle::CycleSource,
    prospects::{history::History, story::Story, transition::Path},
    reports::{premium_flow::PremiumKind, sheet_contact::WorkDay, team_sheet::TeamRow},
    values::calendar::{SheetWeekStart, plus_days},
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

/// One step of a random life: stage, days since the last, whether the record is cancelled, whether it is automatic.
type Step = (usize, i64, bool, bool);

fn life(steps: &[Step]) -> History {
    let mut on = day("2009-11-25");
    let mut story = Story::default();
    for (position, (stage, gap, cancelled, automatic)) in steps.iter().enumerate() {
        on = plus_days(on, *gap);
        let to = if position == 0 { Stage::Opportunity } else { Stage::ALL[*stage] };
        let path = if *automatic { Path::Automatic } else { Path::Manual };
        story = story.moved(on, to, path);
        if *cancelled && position > 0 {
            story = story.superseded();
        }
    }
    story.told()
}

#[derive(Clone, Debug)]
struct Person {
    steps: Vec<Step>,
    worked: Vec<i64>,
    owned_from: i64,
}

fn people() -> impl Strategy<Value = Vec<Person>> {
    let step = (0usize..7, 0i64..5, prop::bool::weighted(0.15), any::<bool>());
    let person = (prop::collection::vec(step, 1..12), prop::collection::vec(0i64..45, 0..6), 0i64..45);
    let person = person.prop_map(|(steps, worked, owned_from)| Person { steps, worked, owned_from });
    prop::collection::vec(person, 0..8)
}

fn book_of(people: &[Person], range: Window) -> (Book, Vec<History>) {
    let origin = day("2009-11-25");
    let histories: Vec<History> = people.iter().map(|person| life(&person.steps)).collect();
    let contacts = people.iter().zip(&histories).zip(1..).map(|((person, history), n)| {
        let work = person.worked.iter().map(|offset| plus_days(origin, *offset));
        let worked = work.map(|on| WorkDay { on, entered_on: on }).collect();
        let owned = vec![Span { from: plus_days(origin, person.owned_from - 20), until: None }];
        SheetContact::from_history(id(n), history, range, worked, owned)
    });
    let contacts: Vec<SheetContact> = contacts.collect();
    let mut closings = Vec::new();
    for (history, n) in histories.iter().zip(1..) {
        let effective = history.effective();
        let closed = effective.iter().filter(|t| t.to == Stage::Closed && range.contains(t.occurred_on));
        closings.extend(closed.map(|t| SheetClosing {
            prospect_id: id(n),
            on: t.occurred_on,
            noted_on: t.occurred_on,
            first_meeting_on: None,
        }));
    }
    let premiums = people
        .iter()
        .flat_map(|p| p.worked.iter())
        .map(|o| (plus_days(origin, *o), 100 + o))
        .map(|(on, minor)| PremiumFlow { on, kind: PremiumKind::Advance, minor, recorded_on: on })
        .collect();
    (Book { contacts, closings, premiums, cycle: cycle(28) }, histories)
}

/// The same figures the long way: every person, every day, straight from the log.
fn counted_by_hand(people: &[Person], histories: &[History], window: Window) -> [i64; 7] {
    let origin = day("2009-11-25");
    let mut figures = [0; 7];
    for (person, history) in people.iter().zip(histories) {
        let worked_on: Vec<NaiveDate> = person.worked.iter().map(|o| plus_days(origin, *o)).collect();
        let moves = history.effective();
        let touched = moves.iter().map(|t| t.occurred_on).chain(worked_on.clone());
        let owned = plus_days(origin, person.owned_from - 20) <= window.to;
        if owned && touched.into_iter().any(|on| window.contains(on)) {
            match history.stage_on(window.to) {
                Some(Stage::FirstAppointment) => figures[0] += 1,
                Some(Stage::Stage25) => figures[1] += 1,
                Some(Stage::Stage50) => figures[2] += 1,
                Some(Stage::Stage90) => figures[3] += 1,
                _ => {}
            }
        }
        let closings = moves.iter().filter(|t| t.to == Stage::Closed && window.contains(t.occurred_on));
        figures[4] += i64::try_from(closings.count()).unwrap();
        let flowed = person.worked.iter().filter(|o| window.contains(plus_days(origin, **o)));
        figures[5] += flowed.map(|o| 100 + o).sum::<i64>();
    }
    figures
}

proptest! {
    #[test]
    fn a_members_team_row_is_the_subtotals_of_the_own_sheet_and_both_agree_with_the_log(
        people in people(), shift in 0i64..45, saturday: bool, ahead in 0i64..10,
    ) {
        let start = if saturday { SheetWeekStart::Saturday } else { SheetWeekStart::Friday };
        let week = SheetWeek::containing(plus_days(day("2009-11-25"), shift), start);
        let today = plus_days(week.window().from, ahead);
        let (book, histories) = book_of(&people, week.window());
        let sheet = sheet(&book, &week, SheetMode::Activity, today);
        for block in &sheet.blocks {
            let row = TeamRow::of_member(&book, &block.block, today, &[Span::ALWAYS]);
            prop_assert_eq!(row.subtotals, block.subtotals);
            let by_hand = block.counted.map_or([0; 7], |w| counted_by_hand(&people, &histories, w));
            prop_assert_eq!(row.in_order(), by_hand);
        }
    }

    #[test]
    fn the_week_alone_and_the_whole_life_give_the_same_sheet(people in people(), shift in 0i64..45) {
        let today = day("2010-06-01");
        let week = SheetWeek::containing(plus_days(day("2009-11-25"), shift), SheetWeekStart::Friday);
        let everything = Window { from: day("2009-01-01"), to: today };
        let (narrow, wide) = (book_of(&people, week.window()).0, book_of(&people, everything).0);
        for mode in [SheetMode::Activity, SheetMode::Board] {
            prop_assert_eq!(sheet(&narrow, &week, mode, today), sheet(&wide, &week, mode, today));
        }
    }

    #[test]
    fn what_happens_later_changes_no_ended_block(people in people(), shift in 0i64..45, later in 0i64..60) {
        let week = SheetWeek::containing(plus_days(day("2009-11-25"), shift), SheetWeekStart::Friday);
        let end = week.window().to;
        let known_then: Vec<Person> = people.iter().map(|person| {
            let mut on = day("2009-11-25");
            let steps = person.steps.iter().take_while(|step| {
                on = plus_days(on, step.1);
                on <= end
            });
            Person { steps: steps.copied().collect(), ..person.clone() }
        }).collect();
        let range = Window { from: week.window().from, to: day("2010-06-01") };
        for mode in [SheetMode::Activity, SheetMode::Board] {
            let then = sheet(&book_of(&known_then, range).0, &week, mode, plus_days(end, 1));
            let now = sheet(&book_of(&people, range).0, &week, mode, plus_days(end, 1 + later));
            prop_assert_eq!(then, now);
        }
    }
}
