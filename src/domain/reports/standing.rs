//! How a prospect stood from day to day: the log and the dates beside the name, cut where any of it changes.
//!
//! Sheets, funnels and velocities are read off these intervals; they follow from the history alone, so they can always
//! be made again from it.

use chrono::NaiveDate;

use super::sheet_contact::MeetingDates;
use crate::domain::{
    method::stage::Stage,
    organisation::settings::Settings,
    prospects::{
        history::{Cut, Dossier, History},
        transition::Transition,
    },
    values::{id::Id, timeline::Timeline},
};

/// An interval of days during which nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    /// Whose the prospect was.
    pub owner_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds; the same as `from` for a stage only passed through that day.
    pub until: Option<NaiveDate>,
    /// The stage.
    pub stage: Stage,
    /// Day on which the stage was entered; before `from` where a date or the owner has changed since.
    pub entered_on: NaiveDate,
    /// The move that began it; none where only a date or the owner changed.
    pub entry: Option<Entry>,
    /// The pursuit; 0 before the first.
    pub pursuit_number: i32,
    /// The dates beside the name.
    pub dates: MeetingDates,
}

/// How a stage was entered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Stage before; none for the first record.
    pub before: Option<Stage>,
    /// Only on the way to another stage.
    pub pass_through: bool,
    /// Day on which somebody wrote it down; none for an automatic move, which nobody enters and which is never late.
    pub recorded_on: Option<NaiveDate>,
}

/// Every standing of a history, in order.
pub fn standings(history: &History, owners: &Timeline<Id>) -> Vec<Standing> {
    let moves = history.effective();
    let ends = moves.iter().skip(1).map(|t| Some(t.occurred_on)).chain([None]);
    let mut all: Vec<Standing> = Vec::with_capacity(moves.len() * 2);
    let mut open: Option<(i32, Dossier<'_>)> = None;
    for (record, until) in moves.iter().zip(ends) {
        let number = record.pursuit_number;
        let pursuit = match open.take().filter(|(of, _)| *of == number) {
            Some((_, pursuit)) => pursuit,
            None => history.dossier(number),
        };
        stay(record, until, &pursuit, owners, &mut all);
        open = Some((number, pursuit));
    }
    all
}

/// One stay at a stage, cut where a date beside the name or the owner changes.
fn stay(
    record: &Transition,
    until: Option<NaiveDate>,
    pursuit: &Dossier<'_>,
    owners: &Timeline<Id>,
    all: &mut Vec<Standing>,
) {
    // Only the cooling-off period depends on settings, and no date beside a name does.
    let settings = Timeline::constant(Settings::default());
    let known = |day: NaiveDate| MeetingDates::of(&pursuit.facts_on(Cut::EndOf(day), &settings), day);
    let from = record.occurred_on;
    let inside = |day: &NaiveDate| *day > from && until.is_none_or(|until| *day < until);
    let mut cuts: Vec<NaiveDate> = pursuit
        .facts()
        .iter()
        .flat_map(|f| std::iter::once(f.occurred_on).chain(f.body.own_date()))
        .chain(owners.steps().iter().map(|(day, _)| *day))
        .filter(inside)
        .collect();
    cuts.sort_unstable();
    cuts.dedup();
    let mut last = Standing {
        owner_id: *owners.on(from),
        from,
        until,
        stage: record.to,
        entered_on: from,
        entry: Some(Entry {
            before: record.from,
            pass_through: record.pass_through,
            recorded_on: (!record.is_automatic()).then_some(record.recorded_on),
        }),
        pursuit_number: record.pursuit_number,
        dates: known(from),
    };
    for day in cuts {
        let (owner_id, dates) = (*owners.on(day), known(day));
        if owner_id != last.owner_id || dates != last.dates {
            all.push(Standing { until: Some(day), ..last });
            last = Standing { owner_id, dates, from: day, entry: None, ..last };
        }
    }
    all.push(last);
}
