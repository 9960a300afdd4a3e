//! Where an open pursuit stood from day to day, as entered and as the rules put it (method section 9): the board of a past
//! day and the trend of eight weeks are counted from these days.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{shape::Placed, standing::standings};
use crate::domain::{
    method::classify::classify,
    prospects::history::{Cut, Environment, History},
    values::{calendar::plus_days, id::Id, timeline::Timeline},
};

/// Days in a row on which an open pursuit stood at one place of one owner's board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placement {
    /// On whose board.
    pub owner_id: Id,
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds; none while it goes on.
    pub until: Option<NaiveDate>,
    /// As entered and as verified.
    pub placed: Placed,
}

impl Placement {
    /// Whether `next` only goes on with it.
    fn is_continued_by(&self, next: &Placement) -> bool {
        self.until == Some(next.from) && self.owner_id == next.owner_id && self.placed == next.placed
    }
}

/// Adds a placement to those before it; one that only goes on with the last makes that longer.
pub fn append(all: &mut Vec<Placement>, next: Placement) {
    match all.last_mut() {
        Some(last) if last.is_continued_by(&next) => last.until = next.until,
        _ => all.push(next),
    }
}

/// The first day on which two histories of one prospect, an earlier and a later one, say something else.
pub fn first_difference(before: &History, after: &History) -> Option<NaiveDate> {
    let counted = |history: &History| -> BTreeSet<(NaiveDate, Id)> {
        let moves = history.effective().into_iter().map(|t| (t.occurred_on, t.id));
        moves.chain(history.counting_facts().map(|f| (f.occurred_on, f.id))).collect()
    };
    counted(before).symmetric_difference(&counted(after)).map(|(on, _)| *on).min()
}

/// The placements from a day on, as they are known at the end of `today`. That of today goes on until something is
/// written, or a date that passes puts the pursuit elsewhere.
pub fn placements(
    history: &History,
    env: &Environment,
    owners: &Timeline<Id>,
    (since, today): (NaiveDate, NaiveDate),
) -> Vec<Placement> {
    let mut all = Vec::new();
    for standing in standings(history, owners).into_iter().filter(|s| s.stage.is_pursued()) {
        let pursuit = history.dossier(standing.pursuit_number);
        let last = standing.until.map_or(today, |until| plus_days(until, -1).min(today));
        let mut day = standing.from.max(since);
        while day <= last {
            let known = pursuit.facts_on(Cut::EndOf(day), &env.settings);
            let placed = Placed {
                entered: standing.stage,
                verified: classify(&known, env.cycle_days(day), day).stage,
                claimed: known.premium_claimed,
            };
            let next = plus_days(day, 1);
            let goes_on = day == today && standing.until.is_none();
            let until = Some(next).filter(|_| !goes_on);
            append(&mut all, Placement { owner_id: standing.owner_id, from: day, until, placed });
            day = next;
        }
    }
    all
}
