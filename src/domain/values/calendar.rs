//! Check-in days and the blocks they look back on (method section 8).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

/// On which weekday a sheet's week starts (`sheet_week_start`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, Serialize, Deserialize)]
pub enum SheetWeekStart {
    /// Friday: blocks Fri–Sun, Mon–Tue, Wed–Thu, each checked on the day after its last.
    #[default]
    #[serde(rename = "FRI")]
    Friday,
    /// Saturday: blocks Sat–Mon, Tue–Wed, Thu–Fri, each checked on its own last day.
    #[serde(rename = "SAT")]
    Saturday,
}

impl SheetWeekStart {
    /// The code used in settings and queries.
    pub fn code(self) -> &'static str {
        match self {
            SheetWeekStart::Friday => "FRI",
            SheetWeekStart::Saturday => "SAT",
        }
    }
}

/// The date `days` after `date`; the far end of the calendar stays where it is.
pub fn plus_days(date: NaiveDate, days: i64) -> NaiveDate {
    let moved = if days >= 0 {
        date.checked_add_days(Days::new(days.unsigned_abs()))
    } else {
        date.checked_sub_days(Days::new(days.unsigned_abs()))
    };
    moved.unwrap_or(date)
}

/// Calendar days from `from` to `to`; negative when `to` lies before.
pub fn days_between(from: NaiveDate, to: NaiveDate) -> i64 {
    to.signed_duration_since(from).num_days()
}

/// Whether the team checks in on this weekday: Monday, Wednesday, Friday.
#[cfg(test)]
pub fn is_check_in_day(date: NaiveDate) -> bool {
    matches!(date.weekday(), Weekday::Mon | Weekday::Wed | Weekday::Fri)
}

/// The check-in day whose block covers `date`.
pub fn check_in_covering(date: NaiveDate, start: SheetWeekStart) -> NaiveDate {
    let first = match start {
        SheetWeekStart::Friday => plus_days(date, 1),
        SheetWeekStart::Saturday => date,
    };
    first_check_in_from(first)
}

/// The first check-in day after `date`.
pub fn next_check_in_after(date: NaiveDate) -> NaiveDate {
    first_check_in_from(plus_days(date, 1))
}

fn first_check_in_from(date: NaiveDate) -> NaiveDate {
    let ahead = match date.weekday() {
        Weekday::Mon | Weekday::Wed | Weekday::Fri => 0,
        Weekday::Tue | Weekday::Thu | Weekday::Sun => 1,
        Weekday::Sat => 2,
    };
    plus_days(date, ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        // 2009-12-07 is a Monday.
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    #[test]
    fn each_weekday_is_covered_by_the_right_check_in() {
        let friday = [(7, 9), (8, 9), (9, 11), (10, 11), (11, 14), (12, 14), (13, 14)];
        for (date, check_in) in friday {
            assert_eq!(check_in_covering(day(date), SheetWeekStart::Friday), day(check_in), "FRI {date}");
        }
        let saturday = [(7, 7), (8, 9), (9, 9), (10, 11), (11, 11), (12, 14), (13, 14)];
        for (date, check_in) in saturday {
            assert_eq!(check_in_covering(day(date), SheetWeekStart::Saturday), day(check_in), "SAT {date}");
        }
    }

    #[test]
    fn the_next_check_in_is_never_the_same_day() {
        for d in 1..=28 {
            let next = next_check_in_after(day(d));
            assert!(next > day(d) && is_check_in_day(next) && days_between(day(d), next) <= 3);
        }
    }
}
