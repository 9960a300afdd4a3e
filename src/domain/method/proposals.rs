//! Fallbacks that are put to people instead of being made (method section 5, `fallback = propose`).
//!
//! A proposal is listed with every reason that holds, each since its own first due date; a later reason never hides an
//! earlier one. It is gone as soon as nothing holds any more: what mends it counts on its own day.

use chrono::NaiveDate;

use super::{
    automatic::{fallbacks_of, is_held_by_request},
    due::{Due, Standing},
    stage::Stage,
};
use crate::domain::{
    organisation::settings::FallbackMode,
    prospects::{
        history::{Cut, Dossier, Environment, History},
        transition::Reason,
    },
    values::calendar::plus_days,
};

/// Every fallback that waits for a decision on a day, where the setting of that day is `propose`: in order of due date, of
/// several on one day over the cycle first.
pub fn proposals(history: &History, env: &Environment, day: NaiveDate) -> Vec<Due> {
    let effective = history.effective();
    let stands = effective.last().filter(|t| {
        matches!(t.to, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50) && t.occurred_on < day
    });
    let Some(last) = stands.filter(|_| env.settings.on(day).fallback == FallbackMode::Propose) else {
        return Vec::new();
    };
    let look = Look {
        pursuit: history.dossier(last.pursuit_number),
        env,
        standing: Standing::after(last),
        entered_on: last.occurred_on,
    };
    let due = look.at(Cut::StartOf(day));
    if due.iter().all(Option::is_none) {
        return Vec::new();
    }
    let still = look.at(Cut::EndOf(day));
    let waiting = due.into_iter().flatten().filter(|reason| still.contains(&Some(*reason)));
    let mut proposed: Vec<Due> = waiting
        .filter_map(|reason| {
            let (to, why) = reason;
            Some(Due::automatic(look.due_since(reason, day)?, last.to, to, why))
        })
        .collect();
    proposed.sort_by_key(|due| due.on);
    proposed
}

/// A pursuit that stands where its last move left it.
struct Look<'h> {
    pursuit: Dossier<'h>,
    env: &'h Environment,
    standing: Standing,
    entered_on: NaiveDate,
}

impl Look<'_> {
    fn at(&self, cut: Cut) -> [Option<(Stage, Reason)>; 3] {
        let known = self.pursuit.facts_on(cut, &self.env.settings);
        let appointments = self.pursuit.appointments_on(cut);
        fallbacks_of(&known, &appointments, self.env, self.standing, cut.day())
    }

    /// The first day on which a reason that holds today fell due, of those on which it has held without a break. What a
    /// request or a transfer held before it fell due waits; what had fallen due stays so.
    fn due_since(&self, reason: (Stage, Reason), today: NaiveDate) -> Option<NaiveDate> {
        let held =
            |day| self.env.is_held_after_transfer(day) || is_held_by_request(self.pursuit.facts(), day);
        let mut since = None;
        let mut day = today;
        while day > self.entered_on && self.at(Cut::StartOf(day)).contains(&Some(reason)) {
            if !held(day) {
                since = Some(day);
            }
            day = plus_days(day, -1);
        }
        since
    }
}
