//! The level of first appointments (method section 7): keeping their number suitable is the most important step.

use chrono::NaiveDate;

use super::sheet_week::{BlockState, SheetWeek};
use crate::domain::values::{calendar::SheetWeekStart, fraction::Fraction, window::Window};

/// New first appointments of some days against what the target asks of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Judged {
    /// The days counted.
    pub window: Window,
    /// Entries into stage 2 in them.
    pub new: i64,
    /// What the target asks for: the whole of it for a full week; mid-week a third for every block that has ended.
    pub wanted: Fraction,
    /// Fewer than that.
    pub below: bool,
}

/// The level of an agent on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FirstAppointmentLevel {
    /// New first appointments wanted a week (setting, 5).
    pub target_a_week: i32,
    /// The last full sheet week; none where the agent joined the service after its first day.
    pub last_week: Option<Judged>,
    /// The running week up to today; none before its first block has ended. What came in the running block counts
    /// already, though nothing is asked of it yet.
    pub this_week: Option<Judged>,
}

impl FirstAppointmentLevel {
    /// Whether to raise the alert.
    pub fn is_below(&self) -> bool {
        [self.last_week, self.this_week].into_iter().flatten().any(|judged| judged.below)
    }

    /// How many are still missing in the running week to reach the whole target, 0 or more.
    pub fn missing_this_week(&self, new_this_week: i64) -> i64 {
        (i64::from(self.target_a_week) - new_this_week).max(0)
    }
}

/// Judges the days on which somebody entered stage 2, one per entry, in any order. `member_since` is the first day in the
/// service, in whichever team.
pub fn level(
    entered_on: &[NaiveDate],
    target_a_week: i32,
    start: SheetWeekStart,
    member_since: NaiveDate,
    today: NaiveDate,
) -> FirstAppointmentLevel {
    let judge = |window: Window, thirds: i64| {
        let new = i64::try_from(entered_on.iter().filter(|on| window.contains(**on)).count()).ok()?;
        let wanted = Fraction::new(i128::from(target_a_week) * i128::from(thirds), 3)?;
        Some(Judged { window, new, wanted, below: Fraction::whole(new)? < wanted })
    };
    let full = SheetWeek::last_full(today, start).window();
    let week = SheetWeek::containing(today, start);
    let asked = |block: &super::sheet_week::Block| {
        block.state(today) == BlockState::Ended && block.window.from >= member_since
    };
    let thirds = i64::try_from(week.blocks().iter().filter(|b| asked(b)).count()).unwrap_or(0);
    FirstAppointmentLevel {
        target_a_week,
        last_week: (member_since <= full.from).then(|| judge(full, 3)).flatten(),
        this_week: week.window().until(today).filter(|_| thirds > 0).and_then(|w| judge(w, thirds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn judged(entered: &[u32], today: u32, since: u32) -> FirstAppointmentLevel {
        let days: Vec<NaiveDate> = entered.iter().map(|d| day(*d)).collect();
        level(&days, 5, SheetWeekStart::Friday, day(since), day(today))
    }

    #[test]
    fn the_last_full_week_is_judged_by_the_whole_target() {
        // FRI weeks: 12-04 … 12-10, 12-11 … 12-17.
        let enough = judged(&[4, 5, 6, 9, 10], 11, 1);
        assert_eq!(enough.last_week.map(|j| (j.new, j.below)), Some((5, false)));
        assert_eq!((enough.this_week, enough.is_below()), (None, false), "nothing is asked on the first day");
        let short = judged(&[4, 5, 6, 9, 11], 11, 1);
        assert_eq!(short.last_week.map(|j| (j.new, j.below)), Some((4, true)));
        assert!(short.is_below());
    }

    #[test]
    fn mid_week_a_third_of_the_target_is_asked_for_every_block_that_has_ended() {
        let last = [4, 5, 6, 9, 10];
        let with = |more: &[u32], today| judged(&[&last[..], more].concat(), today, 1).this_week;
        // Monday: one block has ended, 5/3 are asked for.
        assert_eq!(with(&[11], 14).map(|j| (j.new, j.below)), Some((1, true)));
        assert_eq!(with(&[11, 12], 14).map(|j| (j.new, j.below)), Some((2, false)));
        // What came today counts, though its block has not ended.
        assert_eq!(with(&[11, 14], 14).map(|j| (j.new, j.below)), Some((2, false)));
        // Wednesday: two blocks, 10/3.
        assert_eq!(with(&[11, 12, 14], 16).map(|j| (j.new, j.below)), Some((3, true)));
        assert_eq!(with(&[11, 12, 14, 15], 16).map(|j| (j.new, j.below)), Some((4, false)));
    }

    #[test]
    fn nobody_is_blamed_for_days_before_joining() {
        assert_eq!(
            judged(&[], 14, 12),
            FirstAppointmentLevel { target_a_week: 5, last_week: None, this_week: None }
        );
        let joined = judged(&[], 16, 14);
        assert_eq!(joined.this_week.map(|j| j.wanted), Fraction::new(5, 3));
        assert_eq!((joined.missing_this_week(0), joined.missing_this_week(7)), (5, 0));
    }
}
