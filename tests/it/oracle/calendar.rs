//! Check-in days and the blocks of the sheet (section 8).

use super::plus;
use chrono::{Datelike, NaiveDate, Weekday};

/// On which day the sheet's week begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WeekStart {
    Fri,
    Sat,
}

impl WeekStart {
    pub fn code(self) -> &'static str {
        match self {
            WeekStart::Fri => "FRI",
            WeekStart::Sat => "SAT",
        }
    }
}

pub fn is_check_in_day(day: NaiveDate) -> bool {
    matches!(day.weekday(), Weekday::Mon | Weekday::Wed | Weekday::Fri)
}

/// The first check-in day strictly after a day.
pub fn next_check_in_after(day: NaiveDate) -> NaiveDate {
    let mut candidate = plus(day, 1);
    while !is_check_in_day(candidate) {
        candidate = plus(candidate, 1);
    }
    candidate
}

/// The block that covers a day: first day, last day, and the day on which it is checked.
pub fn block_of(day: NaiveDate, start: WeekStart) -> (NaiveDate, NaiveDate, NaiveDate) {
    use Weekday::*;
    // Days since the block's first day, its length, and how long after its last day it is looked at.
    let (since, length, wait) = match (start, day.weekday()) {
        (WeekStart::Fri, Fri) => (0, 3, 1),
        (WeekStart::Fri, Sat) => (1, 3, 1),
        (WeekStart::Fri, Sun) => (2, 3, 1),
        (WeekStart::Fri, Mon) => (0, 2, 1),
        (WeekStart::Fri, Tue) => (1, 2, 1),
        (WeekStart::Fri, Wed) => (0, 2, 1),
        (WeekStart::Fri, Thu) => (1, 2, 1),
        (WeekStart::Sat, Sat) => (0, 3, 0),
        (WeekStart::Sat, Sun) => (1, 3, 0),
        (WeekStart::Sat, Mon) => (2, 3, 0),
        (WeekStart::Sat, Tue) => (0, 2, 0),
        (WeekStart::Sat, Wed) => (1, 2, 0),
        (WeekStart::Sat, Thu) => (0, 2, 0),
        (WeekStart::Sat, Fri) => (1, 2, 0),
    };
    let first = plus(day, -since);
    let last = plus(first, length - 1);
    (first, last, plus(last, wait))
}

/// The check-in day at which a day is looked at.
pub fn check_in_covering(day: NaiveDate, start: WeekStart) -> NaiveDate {
    block_of(day, start).2
}

/// The day from which a next step that was to happen on `latest` counts as lapsed (section 5).
pub fn lapse_due(latest: NaiveDate, start: WeekStart) -> NaiveDate {
    plus(check_in_covering(latest, start), 1)
}
