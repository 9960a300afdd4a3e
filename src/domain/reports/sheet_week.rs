//! The range of a sheet and its three blocks (method section 8).
//!
//! Check-in days are Monday, Wednesday and Friday. Under `FRI` the range is last Friday … this Thursday, and each
//! block ends on the day before its check-in; under `SAT` it is Saturday … Friday, and each block ends on its check-in.

use chrono::{Datelike, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::domain::values::{
    calendar::{SheetWeekStart, check_in_covering, plus_days},
    text::Text,
    window::Window,
};

/// The check-in that a block belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckIn {
    /// 周一: the first three days of the range.
    Monday,
    /// 周三: the two days after them.
    Wednesday,
    /// 周五: the last two days.
    Friday,
}

impl CheckIn {
    /// All three, in the order of the sheet.
    pub const ALL: [CheckIn; 3] = [CheckIn::Monday, CheckIn::Wednesday, CheckIn::Friday];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            CheckIn::Monday => "monday",
            CheckIn::Wednesday => "wednesday",
            CheckIn::Friday => "friday",
        }
    }

    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            CheckIn::Monday => Text::new("Monday", "周一"),
            CheckIn::Wednesday => Text::new("Wednesday", "周三"),
            CheckIn::Friday => Text::new("Friday", "周五"),
        }
    }

    /// The check-in with this code.
    pub fn from_code(code: &str) -> Option<CheckIn> {
        CheckIn::ALL.into_iter().find(|c| c.code() == code)
    }

    /// First and last day of its block, counted from the first day of the range.
    fn offsets(self) -> (i64, i64) {
        match self {
            CheckIn::Monday => (0, 2),
            CheckIn::Wednesday => (3, 4),
            CheckIn::Friday => (5, 6),
        }
    }
}

/// How far a block has come on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockState {
    /// Its last day is over.
    Ended,
    /// It has begun and is computed as of today; its last day counts here until it is over.
    Partial,
    /// It lies ahead and is empty.
    NotBegun,
}

impl BlockState {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            BlockState::Ended => "ended",
            BlockState::Partial => "partial",
            BlockState::NotBegun => "not_begun",
        }
    }
}

/// One of the three blocks of a sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Block {
    /// Its check-in.
    pub check_in: CheckIn,
    /// Its days.
    pub window: Window,
    /// The day of the check-in that looks back on it.
    pub check_in_on: NaiveDate,
}

impl Block {
    /// The block that covers a date.
    #[cfg(test)]
    pub fn covering(date: NaiveDate, start: SheetWeekStart) -> Block {
        let [monday, wednesday, friday] = SheetWeek::containing(date, start).blocks();
        if monday.window.contains(date) {
            monday
        } else if wednesday.window.contains(date) {
            wednesday
        } else {
            friday
        }
    }

    /// How far it has come.
    pub fn state(&self, today: NaiveDate) -> BlockState {
        if today > self.window.to {
            BlockState::Ended
        } else if today >= self.window.from {
            BlockState::Partial
        } else {
            BlockState::NotBegun
        }
    }

    /// The days it is computed over: all of them, or those up to today; none when it has not begun.
    pub fn counted(&self, today: NaiveDate) -> Option<Window> {
        self.window.until(today)
    }

    /// Whether a supervisor may sign it off: from its last day.
    pub fn may_be_signed_off(&self, today: NaiveDate) -> bool {
        today >= self.window.to
    }

    /// Whether something written down on `recorded_on` came too late for its check-in.
    pub fn is_late(&self, recorded_on: NaiveDate) -> bool {
        recorded_on > self.check_in_on
    }
}

/// The seven days of a sheet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct SheetWeek {
    start: SheetWeekStart,
    from: NaiveDate,
}

impl SheetWeek {
    /// The sheet whose range contains a date.
    pub fn containing(date: NaiveDate, start: SheetWeekStart) -> SheetWeek {
        let first = match start {
            SheetWeekStart::Friday => Weekday::Fri,
            SheetWeekStart::Saturday => Weekday::Sat,
        };
        let into = i64::from(date.weekday().days_since(first));
        SheetWeek { start, from: plus_days(date, -into) }
    }

    /// On which weekday it starts.
    pub fn start(&self) -> SheetWeekStart {
        self.start
    }

    /// Its seven days.
    pub fn window(&self) -> Window {
        Window { from: self.from, to: plus_days(self.from, 6) }
    }

    /// Its three blocks, in order.
    pub fn blocks(&self) -> [Block; 3] {
        CheckIn::ALL.map(|check_in| self.block(check_in))
    }

    /// One of its blocks.
    pub fn block(&self, check_in: CheckIn) -> Block {
        let (first, last) = check_in.offsets();
        let window = Window { from: plus_days(self.from, first), to: plus_days(self.from, last) };
        Block { check_in, window, check_in_on: check_in_covering(window.to, self.start) }
    }

    /// The sheet a number of weeks later; earlier when negative.
    pub fn plus_weeks(&self, weeks: i64) -> SheetWeek {
        SheetWeek { start: self.start, from: plus_days(self.from, 7 * weeks) }
    }

    /// The last sheet whose every day is over.
    pub fn last_full(today: NaiveDate, start: SheetWeekStart) -> SheetWeek {
        SheetWeek::containing(today, start).plus_weeks(-1)
    }

    /// The last `count` sheets, oldest first; the last of them contains `today`.
    pub fn last(count: i64, today: NaiveDate, start: SheetWeekStart) -> Vec<SheetWeek> {
        let this = SheetWeek::containing(today, start);
        (0..count).rev().map(|back| this.plus_weeks(-back)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::values::calendar::is_check_in_day;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn shown(day: &str, start: SheetWeekStart) -> Vec<(&'static str, String, String, String)> {
        let blocks = SheetWeek::containing(date(day), start).blocks();
        let text = |d: NaiveDate| d.to_string();
        blocks
            .iter()
            .map(|b| (b.check_in.code(), text(b.window.from), text(b.window.to), text(b.check_in_on)))
            .collect()
    }

    fn block(
        check_in: &'static str,
        from: &str,
        to: &str,
        on: &str,
    ) -> (&'static str, String, String, String) {
        (check_in, from.to_owned(), to.to_owned(), on.to_owned())
    }

    #[test]
    fn under_fri_every_day_from_friday_to_thursday_gives_the_same_sheet() {
        let sheet = vec![
            block("monday", "2009-12-11", "2009-12-13", "2009-12-14"),
            block("wednesday", "2009-12-14", "2009-12-15", "2009-12-16"),
            block("friday", "2009-12-16", "2009-12-17", "2009-12-18"),
        ];
        for d in 11..=17 {
            assert_eq!(shown(&format!("2009-12-{d}"), SheetWeekStart::Friday), sheet, "12-{d}");
        }
        assert_ne!(shown("2009-12-10", SheetWeekStart::Friday), sheet);
        assert_ne!(shown("2009-12-18", SheetWeekStart::Friday), sheet);
    }

    #[test]
    fn under_sat_the_sheet_runs_from_saturday_to_friday_as_in_the_methods_sample() {
        let sheet = vec![
            block("monday", "2009-12-12", "2009-12-14", "2009-12-14"),
            block("wednesday", "2009-12-15", "2009-12-16", "2009-12-16"),
            block("friday", "2009-12-17", "2009-12-18", "2009-12-18"),
        ];
        for d in 12..=18 {
            assert_eq!(shown(&format!("2009-12-{d}"), SheetWeekStart::Saturday), sheet, "12-{d}");
        }
    }

    #[test]
    fn a_sheet_crosses_the_year_end_the_53rd_week_and_the_leap_day() {
        // 2009 has 53 ISO weeks; the last ends on 2010-01-03.
        assert_eq!(shown("2010-01-01", SheetWeekStart::Friday)[0].1, "2010-01-01");
        assert_eq!(shown("2009-12-31", SheetWeekStart::Friday)[2].2, "2009-12-31");
        assert_eq!(shown("2010-01-01", SheetWeekStart::Saturday)[0].1, "2009-12-26");
        assert_eq!(shown("2010-01-01", SheetWeekStart::Saturday)[2].2, "2010-01-01");
        assert_eq!(shown("2021-01-01", SheetWeekStart::Saturday)[2].1, "2020-12-31");
        // 2012-02-29 is a Wednesday, 2016-02-29 a Monday, 2000-02-29 a Tuesday.
        assert_eq!(
            shown("2012-02-29", SheetWeekStart::Friday)[2],
            block("friday", "2012-02-29", "2012-03-01", "2012-03-02")
        );
        assert_eq!(
            shown("2016-02-29", SheetWeekStart::Saturday)[0],
            block("monday", "2016-02-27", "2016-02-29", "2016-02-29")
        );
        assert_eq!(
            shown("2000-03-01", SheetWeekStart::Friday)[1],
            block("wednesday", "2000-02-28", "2000-02-29", "2000-03-01")
        );
    }

    #[test]
    fn a_block_is_ahead_then_partial_until_its_last_day_is_over_then_ended() {
        let monday =
            SheetWeek::containing(date("2009-12-14"), SheetWeekStart::Saturday).block(CheckIn::Monday);
        let states = [
            ("2009-12-11", BlockState::NotBegun, None, false),
            ("2009-12-12", BlockState::Partial, Some("2009-12-12"), false),
            ("2009-12-14", BlockState::Partial, Some("2009-12-14"), true),
            ("2009-12-15", BlockState::Ended, Some("2009-12-14"), true),
        ];
        for (today, state, to, signable) in states {
            let today = date(today);
            assert_eq!(monday.state(today), state, "{today}");
            assert_eq!(monday.counted(today).map(|w| w.to), to.map(date), "{today}");
            assert_eq!(monday.may_be_signed_off(today), signable, "{today}");
        }
        assert!(!monday.is_late(date("2009-12-14")) && monday.is_late(date("2009-12-15")));
    }

    #[test]
    fn the_trend_looks_back_over_eight_weeks_of_which_the_last_contains_today() {
        let weeks = SheetWeek::last(8, date("2010-01-06"), SheetWeekStart::Friday);
        assert_eq!(weeks.len(), 8);
        assert_eq!(weeks[0].window().from, date("2009-11-13"));
        assert!(weeks[7].window().contains(date("2010-01-06")));
        let full = SheetWeek::last_full(date("2010-01-06"), SheetWeekStart::Friday);
        assert_eq!(full.window().to, date("2009-12-31"));
        let on_its_last_day = SheetWeek::last_full(date("2010-01-07"), SheetWeekStart::Friday);
        assert_eq!(on_its_last_day, full, "a Thursday is not over before midnight");
    }

    proptest! {
        #[test]
        fn every_day_lies_in_exactly_one_block_and_its_check_in_is_the_calendars(
            offset in 0i64..80_000, saturday: bool,
        ) {
            let start = if saturday { SheetWeekStart::Saturday } else { SheetWeekStart::Friday };
            let day = plus_days(date("1950-01-01"), offset);
            let week = SheetWeek::containing(day, start);
            prop_assert_eq!(week.window().days(), 7);
            let covering: Vec<Block> =
                week.blocks().into_iter().filter(|b| b.window.contains(day)).collect();
            prop_assert_eq!(&covering, &vec![Block::covering(day, start)]);
            prop_assert_eq!(covering[0].check_in_on, check_in_covering(day, start));
            prop_assert!(is_check_in_day(covering[0].check_in_on));
            let [first, second, third] = week.blocks();
            prop_assert_eq!(first.window.from, week.window().from);
            prop_assert_eq!(plus_days(first.window.to, 1), second.window.from);
            prop_assert_eq!(plus_days(second.window.to, 1), third.window.from);
            prop_assert_eq!(third.window.to, week.window().to);
        }
    }
}
