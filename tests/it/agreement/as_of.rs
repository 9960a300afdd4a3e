//! Reports about the past (method section 8: any past week *as it was then*). Over random lives, told over HTTP: what
//! is asked about a day reads the same ever after, unless something was entered late; and at any moment a member's row of
//! the team sheet is the subtotals of the own sheet.

use std::cell::Cell;

use chrono::NaiveDate;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use prospector::domain::{
    reports::sheet_week::SheetWeek,
    values::{
        calendar::SheetWeekStart::{Friday, Saturday},
        id::Id,
    },
};
use serde_json::{Value, json};

use super::cases;
use super::front_end::{FrontEnd, Habit};
use super::words::as_told;
use crate::harness::{World, on_each_engine};
use crate::oracle::plus;
use crate::oracle::simulation::{Entry, Fact, FactKind, Simulation, What};
use crate::oracle::strategies::{Life, beginning, entry_for, life};

/// Days between two looks at the past; every day would be slow and find little more.
const BETWEEN: i64 = 6;

/// What was answered about the days up to one that was over, and under which paths.
struct Look {
    day: NaiveDate,
    answers: Vec<(String, Value)>,
}

/// The earliest day that an entry says something about; of a correction nobody knows, and a second signature corrects the
/// first.
fn says_something_about(entry: &Entry, signed: bool) -> NaiveDate {
    if signed && signs(entry) {
        return NaiveDate::MIN;
    }
    let of = |facts: &[Fact]| facts.iter().map(earliest).min().unwrap_or(NaiveDate::MAX);
    match &entry.what {
        What::Move { occurred_on, facts, .. } => of(facts).min(*occurred_on),
        What::Fact(fact) => earliest(fact),
        What::OverrideClosing { facts } => of(facts),
        What::HandOver { on } => *on,
        What::RequestExtension | What::GrantExtension { .. } | What::DenyExtension => entry.recorded_on,
        What::VoidLatestMove | What::RedateLatestMove { .. } | What::CorrectDate { .. } => NaiveDate::MIN,
    }
}

fn signs(entry: &Entry) -> bool {
    match &entry.what {
        What::Fact(fact) => fact.what == FactKind::Signed,
        What::Move { facts, .. } | What::OverrideClosing { facts } => {
            facts.iter().any(|fact| fact.what == FactKind::Signed)
        }
        _ => false,
    }
}

fn earliest(fact: &Fact) -> NaiveDate {
    match fact.what {
        FactKind::FirstAppointment { day } | FactKind::NextAppointment { day, .. } => fact.on.min(day),
        _ => fact.on,
    }
}

/// Every report that can be asked about days that are over, of either agent and of their team.
fn paths(one: &FrontEnd<'_>, day: NaiveDate) -> Vec<String> {
    let (_, agents, team) = one.people();
    let mut whom: Vec<String> = agents.iter().map(|id| format!("agent_id={id}")).collect();
    whom.push(format!("team_id={team}&include_subteams=true"));
    let mut paths = Vec::new();
    for whom in &whom {
        for report in ["shape", "attention", "over-cycle", "forecast", "first-appointments"] {
            paths.push(format!("{report}?{whom}&as_of={day}"));
        }
        for report in ["funnel", "ratios", "velocity"] {
            paths.push(format!("{report}?{whom}&from={}&to={day}", plus(day, -20)));
        }
    }
    for (start, code) in [(Friday, "FRI"), (Saturday, "SAT")] {
        let week = SheetWeek::last_full(plus(day, 1), start).window().to;
        let asked = format!("week_of={week}&sheet_week_start={code}");
        for id in agents {
            paths.push(format!("action-sheet?agent_id={id}&{asked}"));
            paths.push(format!("action-sheet?agent_id={id}&mode=board&{asked}"));
        }
        paths.push(format!("team-sheet?team_id={team}&include_subteams=true&{asked}"));
    }
    paths
}

/// An answer without the day on which a sheet was asked for.
fn ask(world: &World, one: &FrontEnd<'_>, path: &str) -> Value {
    let mut answer = world.get(&format!("/v1/reports/{path}")).by(one.people().0).status(200).json();
    let fields = answer.as_object_mut().unwrap();
    fields.remove("definition").unwrap();
    fields.remove("as_of");
    // How far people have come by now is no figure of the past.
    let members = answer["members"].as_array_mut().into_iter().flatten();
    members.for_each(without_cohorts);
    without_cohorts(&mut answer);
    answer
}

fn without_cohorts(ratios: &mut Value) {
    for ratio in ratios["ratios"].as_array_mut().into_iter().flatten() {
        ratio["cohort"] = Value::Null;
    }
}

/// Where two answers differ first, and what stands there in each.
fn difference(then: &Value, now: &Value) -> Option<String> {
    let within = |name: String, a: &Value, b: &Value| Some(format!("/{name}{}", difference(a, b)?));
    match (then, now) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => a
            .iter()
            .find_map(|(name, value)| within(name.clone(), value, b.get(name).unwrap_or(&Value::Null))),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            (0..a.len()).find_map(|i| within(i.to_string(), &a[i], &b[i]))
        }
        _ => (then != now).then(|| format!(": {then} then, {now} now")),
    }
}

fn look(world: &World, one: &FrontEnd<'_>, day: NaiveDate) -> Look {
    let answer = |path: String| {
        let answer = ask(world, one, &path);
        (path, answer)
    };
    Look { day, answers: paths(one, day).into_iter().map(answer).collect() }
}

/// Whether each member's row of the running week is the subtotals of the own sheet.
fn rows_are_the_own_subtotals(
    world: &World,
    one: &FrontEnd<'_>,
    today: NaiveDate,
) -> Result<usize, TestCaseError> {
    let (_, agents, team) = one.people();
    let columns = ["first_appointment", "stage_25", "stage_50", "stage_90", "closed"];
    let figures = |of: &Value| columns.map(|name| of[name].clone());
    let sheet = ask(world, one, &format!("team-sheet?team_id={team}&include_subteams=true&week_of={today}"));
    let mut named = 0;
    for id in agents {
        // Each team has its own first day of the week; the sheet of the team above goes by its own.
        let start = &sheet["sheet_week_start"];
        let path = format!(
            "action-sheet?agent_id={id}&week_of={today}&sheet_week_start={}",
            start.as_str().unwrap()
        );
        let own = ask(world, one, &path);
        for (block, own) in sheet["blocks"].as_array().unwrap().iter().zip(own["blocks"].as_array().unwrap())
        {
            let rows = block["rows"].as_array().unwrap();
            let row = rows.iter().find(|row| row["agent_id"] == json!(id));
            let row = row.map_or_else(|| columns.map(|_| json!(0)), figures);
            prop_assert_eq!(&row, &figures(&own["subtotals"]), "{} on {}: {:#}", path, today, sheet);
            named += usize::from(row.iter().any(|n| n != &json!(0)));
        }
    }
    Ok(named)
}

/// The board of either agent, as entered and as verified, of today or of a day that is over. Today's is read off the
/// prospects as they are, a past one off the days that were written down.
fn boards(world: &World, one: &FrontEnd<'_>, day: Option<NaiveDate>) -> Vec<Value> {
    let as_of = day.map_or(String::new(), |day| format!("&as_of={day}"));
    let board = |id: &Id| {
        let shape = ask(world, one, &format!("shape?agent_id={id}{as_of}"));
        let last = shape["trend"][7].clone();
        let counted = |board: &Value| ["stage_25", "stage_50", "stage_90"].map(|stage| board[stage].clone());
        json!({"entered": counted(&shape["entered"]), "verified": counted(&shape["verified"]),
            "n_claimed": shape["n_claimed"], "n_misplaced": shape["n_misplaced"],
            "trend": [counted(&last["entered"]), counted(&last["verified"])]})
    };
    one.people().1.iter().map(board).collect()
}

#[derive(Default)]
struct Tally {
    compared: Cell<usize>,
    named: Cell<usize>,
}

fn lived(world: &World, number: usize, life: &Life, tally: &Tally) -> Result<(), TestCaseError> {
    let mut oracle = Simulation::created(life.settings.clone(), beginning()).beside(life.theirs.clone());
    let settings = [&life.settings, &life.theirs];
    let mut one = FrontEnd::created(world, settings, beginning(), &format!("past-{number}"), Habit::Watchful);
    let (mut today, mut looks, mut told) = (beginning(), Vec::<Look>::new(), String::new());
    let mut signed = false;
    let mut board: Option<(NaiveDate, Vec<Value>)> = None;
    for (pause, intent) in &life.steps {
        today = plus(today, *pause);
        world.on(&today.to_string());
        oracle.wait_until(today);
        if let Some((day, lived)) = board.take().filter(|(day, _)| *day < today) {
            prop_assert_eq!(
                boards(world, &one, Some(day)),
                lived,
                "the board of {} on {}{}",
                day,
                today,
                told
            );
        }
        let yesterday = plus(today, -1);
        if looks.last().is_none_or(|look| (yesterday - look.day).num_days() >= BETWEEN) {
            looks.push(look(world, &one, yesterday));
        }
        let Some(entry) = as_told(entry_for(intent, &oracle), &oracle) else { continue };
        if oracle.record(&entry).is_ok() && one.record(&entry) {
            let about = says_something_about(&entry, signed);
            signed |= signs(&entry);
            looks.retain(|look| look.day < about);
            told.push_str(&format!("\n{} {:?}", entry.recorded_on, entry.what));
        }
        tally.named.set(tally.named.get() + rows_are_the_own_subtotals(world, &one, today)?);
        board = Some((today, boards(world, &one, None)));
    }
    world.on(&plus(today, life.rest).to_string());
    for Look { day, answers } in looks {
        for (path, then) in answers {
            let now = ask(world, &one, &path);
            let difference = difference(&then, &now);
            prop_assert_eq!(difference, None, "{} on {}{}", path, plus(today, life.rest), told);
            tally.compared.set(tally.compared.get() + usize::from(day > beginning()));
        }
    }
    Ok(())
}

#[test]
fn a_report_about_the_past_changes_by_late_entries_only_and_team_rows_are_the_own_subtotals() {
    on_each_engine(|engine| {
        let Some(world) = World::new(engine) else { return };
        let (number, tally) = (Cell::new(0), Tally::default());
        let outcome =
            TestRunner::new(Config { max_shrink_iters: 60, ..cases(8) }).run(&life(4..16), |life| {
                number.set(number.get() + 1);
                lived(&world, number.get(), &life, &tally)
            });
        if let Err(fault) = outcome {
            panic!("{fault}");
        }
        let (compared, named) = (tally.compared.get(), tally.named.get());
        println!(
            "{engine:?}: {} lives, {compared} answers compared, {named} rows with somebody in them",
            number.get()
        );
        assert!(
            compared > 100 && named > 20,
            "{compared} answers compared, {named} rows with somebody in them"
        );
    });
}
