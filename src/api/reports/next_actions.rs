//! What an agent does next: names to call, dates to fix, joint visits to book (method section 9).

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::subject::Subject;
use crate::{
    api::{extract::On, problem::Problem},
    domain::{
        benchmark::Benchmarks,
        id::Id,
        next_action::{ActionCode, Calls, Candidate, NextAction, next_actions},
        shape::Reading,
        sheet_week::SheetWeek,
        text::Language,
    },
    store::{Conn, figures, ledger::ProspectRow, sheets},
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
    fn new(action: &NextAction, names: &BTreeMap<Id, String>, language: Language) -> Self {
        ActionView {
            code: action.code,
            text: action.code.text().in_language(language).to_owned(),
            prospect_id: action.prospect_id,
            name: action.prospect_id.and_then(|id| names.get(&id).cloned()),
            by: action.by.map(On),
        }
    }
}

fn candidate(
    row: &ProspectRow,
    last: &BTreeMap<Id, chrono::NaiveDate>,
    today: chrono::NaiveDate,
) -> Candidate {
    let card = &row.card.0;
    let ahead = card.appointments.iter().filter(|a| a.open && !a.cancelled && a.on >= today);
    Candidate {
        prospect_id: row.id,
        entered: row.stage,
        verified: row.verified_stage.unwrap_or(row.stage),
        flags: card.flags(row.stage, today),
        next_on: ahead.map(|a| a.on).min(),
        last_worked_on: last.get(&row.id).copied(),
        falls_back_on: row.falls_back_on,
    }
}

/// How many calls there are to make, by the benchmark's dials for one appointment.
fn calls(missing: i64, b: &Benchmarks) -> Calls {
    let per = (i64::from(b.dials_a_day) + i64::from(b.appointments_a_day) - 1)
        / i64::from(b.appointments_a_day.max(1));
    Calls { missing, dials_per_appointment: per.max(1), most: i64::from(b.dials_a_day) }
}

/// The list of one agent today.
///
/// # Errors
/// Those of the store.
pub fn of(
    conn: &mut Conn,
    subject: &Subject,
    agent: Id,
    reading: &Reading,
    language: Language,
) -> Result<Vec<ActionView>, Problem> {
    let today = subject.today;
    let settings = subject.settings.on(today);
    let week = SheetWeek::containing(today, settings.sheet_week_start).window();
    let developed = figures::developed_on(conn, &subject.members, week)?;
    let new = i64::try_from(developed.get(&agent).map_or(0, Vec::len)).unwrap_or(i64::MAX);
    let missing = (i64::from(settings.first_appointments_a_week) - new).max(0);
    let rows = figures::board(conn, &[agent], true)?;
    let last = figures::last_worked(conn, agent)?;
    let board: Vec<Candidate> = rows.iter().map(|row| candidate(row, &last, today)).collect();
    let actions = next_actions(&board, reading, calls(missing, &settings.benchmarks), today);
    let ids: Vec<Id> = actions.iter().filter_map(|a| a.prospect_id).collect();
    let names = sheets::names(conn, &ids)?;
    Ok(actions.iter().map(|a| ActionView::new(a, &names, language)).collect())
}
