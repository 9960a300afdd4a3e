//! What an agent does next: names to call, dates to fix, joint visits to book (method section 9).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::subject::Subject;
use crate::{
    api::extract::On,
    domain::{
        organisation::benchmark::Benchmarks,
        reports::{
            next_action::{ActionCode, Calls, Candidate, NextAction, next_actions},
            shape::Reading,
            sheet_week::SheetWeek,
        },
        values::{id::Id, text::Language, window::Window},
    },
    store::reports::figures::BoardEntry,
};

/// One thing to do.
#[derive(Serialize, ToSchema)]
#[schema(as = NextAction)]
pub struct ActionView {
    /// Which.
    pub code: ActionCode,
    /// In words.
    #[schema(max_length = 200, example = "Fix the next date.")]
    pub text: String,
    /// With whom; null for what concerns nobody in particular.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
    /// The name.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// On which day, or by which day at the latest.
    #[schema(required = true)]
    pub by: Option<On>,
}

impl ActionView {
    fn new(action: &NextAction, names: &BTreeMap<Id, &str>, language: Language) -> Self {
        ActionView {
            code: action.code,
            text: action.code.text().in_language(language).to_owned(),
            prospect_id: action.prospect_id,
            name: action.prospect_id.and_then(|id| names.get(&id).map(|name| (*name).to_owned())),
            by: action.by.map(On),
        }
    }
}

fn candidate(entry: &BoardEntry, today: NaiveDate) -> Candidate {
    let row = &entry.row;
    let card = &row.card.0;
    let ahead = card.appointments.iter().filter(|a| a.open && !a.cancelled && a.on >= today);
    let next = ahead.min_by_key(|a| a.on);
    Candidate {
        prospect_id: row.id,
        entered: row.stage,
        verified: row.verified_stage.unwrap_or(row.stage),
        flags: card.pressing(row.stage, today),
        next_on: next.map(|a| a.on),
        joint_visit_booked: next.is_some_and(|a| a.joint_visit),
        last_worked_on: Some(entry.last_worked_on()),
        falls_back_on: row.falls_back_on,
    }
}

/// How many calls there are to make, by the benchmark's dials for one appointment.
fn calls(missing: i64, b: &Benchmarks) -> Calls {
    let per = (i64::from(b.dials_a_day) + i64::from(b.appointments_a_day) - 1)
        / i64::from(b.appointments_a_day.max(1));
    Calls { missing, dials_per_appointment: per.max(1), most: i64::from(b.dials_a_day) }
}

/// The list of one agent today, whose whole board is given, and the days on which prospects were developed since the
/// beginning of the sheet week at the latest.
pub fn of(
    subject: &Subject,
    board: &[BoardEntry],
    developed: &[NaiveDate],
    reading: &Reading,
    language: Language,
) -> Vec<ActionView> {
    let today = subject.today;
    let settings = subject.settings.on(today);
    let week = sheet_week(subject);
    let new = developed.iter().filter(|day| week.contains(**day)).count();
    let missing = i64::from(settings.first_appointments_a_week) - i64::try_from(new).unwrap_or(i64::MAX);
    let candidates: Vec<Candidate> = board.iter().map(|entry| candidate(entry, today)).collect();
    let calls = calls(missing.max(0), &settings.benchmarks);
    let actions = next_actions(&candidates, reading, calls, today);
    let names: BTreeMap<Id, &str> =
        board.iter().filter_map(|entry| Some((entry.row.id, entry.name.as_deref()?))).collect();
    actions.iter().map(|a| ActionView::new(a, &names, language)).collect()
}

/// The running sheet week.
pub fn sheet_week(subject: &Subject) -> Window {
    let settings = subject.settings.on(subject.today);
    SheetWeek::containing(subject.today, settings.sheet_week_start).window()
}
