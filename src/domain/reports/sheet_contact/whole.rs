//! A contact made from the whole of its history, for the tests.

use super::*;
use crate::domain::{
    organisation::settings::Settings,
    prospects::history::{Cut, History},
};

impl SheetContact {
    /// The contact cut out of everything recorded about it. This is what the loaded values must equal; a store that
    /// reads less than the whole history is held to it by a test.
    pub fn from_history(
        prospect_id: Id,
        history: &History,
        range: Window,
        worked: Vec<WorkDay>,
        owned: Vec<Span>,
    ) -> Self {
        let moves = history
            .effective()
            .into_iter()
            .filter(|t| range.contains(t.occurred_on))
            .map(|t| StageMove {
                on: t.occurred_on,
                to: t.to,
                entered_on: (!t.is_automatic()).then_some(t.recorded_on),
            })
            .collect();
        SheetContact {
            prospect_id,
            before: history.stage_on(plus_days(range.from, -1)),
            moves,
            worked: worked.into_iter().filter(|w| range.contains(w.on)).collect(),
            dates: dates_by_day(history, range),
            owned,
        }
    }
}

fn dates_by_day(history: &History, range: Window) -> Timeline<MeetingDates> {
    // Only the cooling-off period depends on settings, and no date beside a name does.
    let settings = Timeline::constant(Settings::default());
    let moves = history.effective();
    let known = |day: NaiveDate| {
        let pursuit = moves.iter().rev().find(|t| t.occurred_on <= day).map_or(0, |t| t.pursuit_number);
        MeetingDates::of(&history.facts_on(pursuit, Cut::EndOf(day), &settings), day)
    };
    let changes = history
        .facts
        .iter()
        .flat_map(|f| std::iter::once(f.occurred_on).chain(f.body.own_date()))
        .chain(moves.iter().map(|t| t.occurred_on));
    let mut days: Vec<NaiveDate> = changes.filter(|day| range.contains(*day)).collect();
    days.sort_unstable();
    days.dedup();
    let before = known(plus_days(range.from, -1));
    Timeline::new(before, days.into_iter().map(|day| (day, known(day))).collect())
}
