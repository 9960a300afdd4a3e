//! The days a figure is about, and the days during which something was somebody's (method sections 8 and 11).

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::calendar::{days_between, plus_days};

/// Calendar days from the first to the last, both included, in the team's time zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
pub struct Window {
    /// First day.
    pub from: NaiveDate,
    /// Last day; never before the first.
    pub to: NaiveDate,
}

impl Window {
    /// A window; none when it would end before it begins.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Option<Self> {
        (from <= to).then_some(Window { from, to })
    }

    /// The last `days` days up to and including `to`, at least that day itself.
    pub fn ending(to: NaiveDate, days: i64) -> Self {
        Window { from: plus_days(to, 1 - days.max(1)), to }
    }

    /// Whether a day lies in it.
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day <= self.to
    }

    /// Number of days, 1 or more.
    pub fn days(&self) -> i64 {
        days_between(self.from, self.to) + 1
    }

    /// Number of working days, Monday to Friday: what a daily pace divides by (method section 7).
    pub fn working_days(&self) -> i64 {
        let (weeks, rest) = (self.days() / 7, self.days() % 7);
        let first = i64::from(self.from.weekday().num_days_from_monday());
        5 * weeks + (first..first + rest).map(|weekday| i64::from(weekday % 7 < 5)).sum::<i64>()
    }

    /// The same window, cut off after `today`; none when it has not begun.
    pub fn until(&self, today: NaiveDate) -> Option<Self> {
        Window::new(self.from, self.to.min(today))
    }
}

/// Days during which something was somebody's: an ownership, a membership. It begins on its first day and ends before
/// its last date, as memberships are stored.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Span {
    /// First day.
    pub from: NaiveDate,
    /// First day on which it no longer holds; none while it goes on.
    pub until: Option<NaiveDate>,
}

impl Span {
    /// It holds for ever.
    pub const ALWAYS: Span = Span { from: NaiveDate::MIN, until: None };

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day < until)
    }

    /// The days on which both hold; none where they share no day.
    pub fn overlap(&self, other: &Span) -> Option<Span> {
        let from = self.from.max(other.from);
        let until = match (self.until, other.until) {
            (Some(one), Some(another)) => Some(one.min(another)),
            (one, another) => one.or(another),
        };
        until.is_none_or(|until| from < until).then_some(Span { from, until })
    }
}

/// Whether one of several spans holds on a day.
pub fn holds_on(spans: &[Span], day: NaiveDate) -> bool {
    spans.iter().any(|span| span.holds_on(day))
}

/// Whether on some day of a window one of several spans holds.
pub fn hold_within(spans: &[Span], window: Window) -> bool {
    spans.iter().any(|span| span.from <= window.to && span.until.is_none_or(|until| window.from < until))
}

/// Whether on every day of a window one of several spans holds: they may take turns.
pub fn hold_throughout(spans: &[Span], window: Window) -> bool {
    (0..window.days()).all(|after| holds_on(spans, plus_days(window.from, after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    #[test]
    fn a_window_counts_both_its_ends_and_is_cut_at_today() {
        let window = Window::ending(day(14), 3);
        assert_eq!((window.from, window.days()), (day(12), 3));
        assert!(window.contains(day(12)) && window.contains(day(14)) && !window.contains(day(15)));
        assert_eq!(window.until(day(13)), Window::new(day(12), day(13)));
        assert_eq!(window.until(day(11)), None, "not begun");
        assert_eq!(window.until(day(20)), Some(window));
    }

    #[test]
    fn working_days_are_those_from_monday_to_friday() {
        // 2009-12-01 is a Tuesday.
        for from in 1..=14 {
            for to in from..=31 {
                let window = Window { from: day(from), to: day(to) };
                let by_hand = (from..=to).filter(|d| day(*d).weekday().num_days_from_monday() < 5).count();
                assert_eq!(window.working_days(), i64::try_from(by_hand).unwrap(), "{from}-{to}");
            }
        }
    }

    #[test]
    fn on_the_day_of_a_handover_only_the_new_owner_owns() {
        let old = Span { from: day(1), until: Some(day(14)) };
        let new = Span { from: day(14), until: None };
        assert!(old.holds_on(day(13)) && !old.holds_on(day(14)) && new.holds_on(day(14)));
        assert!(holds_on(&[old, new], day(30)) && !holds_on(&[], day(30)));
        let context = Window { from: day(13), to: day(15) };
        assert!(hold_throughout(&[old, new], context), "one after the other");
        assert!(!hold_throughout(&[old], context) && !hold_throughout(&[new], context));
        let later = Span { from: day(15), until: None };
        assert!(!hold_throughout(&[old, later], context), "with a day between");
    }

    #[test]
    fn two_spans_overlap_on_the_days_on_which_both_hold() {
        let span = |from, until: Option<u32>| Span { from: day(from), until: until.map(day) };
        let spans = [span(1, Some(14)), span(14, None), span(10, Some(20)), span(3, Some(5)), Span::ALWAYS];
        for one in spans {
            for another in spans {
                let both = one.overlap(&another);
                for on in (1..=31).map(day) {
                    let expected = one.holds_on(on) && another.holds_on(on);
                    assert_eq!(
                        both.is_some_and(|both| both.holds_on(on)),
                        expected,
                        "{one:?} {another:?} {on}"
                    );
                }
            }
        }
        assert_eq!(spans[0].overlap(&spans[1]), None, "who leaves on the 14th does not meet who comes then");
    }
}
