//! A value that changes from given dates on: settings, cycles.

use chrono::NaiveDate;

use super::window::Span;

/// A step function of the date: a value before everything, and values in force from given dates on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Timeline<T> {
    before: T,
    steps: Vec<(NaiveDate, T)>,
}

impl<T> Timeline<T> {
    /// One value for ever.
    pub fn constant(value: T) -> Self {
        Timeline { before: value, steps: Vec::new() }
    }

    /// A first value and its successors with their valid-from dates, in any order; of two with the same
    /// date the later in the list wins.
    pub fn new(before: T, mut steps: Vec<(NaiveDate, T)>) -> Self {
        steps.sort_by_key(|(from, _)| *from);
        Timeline { before, steps }
    }

    /// The value in force on a date.
    pub fn on(&self, date: NaiveDate) -> &T {
        let n = self.steps.partition_point(|(from, _)| *from <= date);
        if n == 0 { &self.before } else { &self.steps[n - 1].1 }
    }

    /// The first date after `date` on which the value may change.
    pub fn next_change_after(&self, date: NaiveDate) -> Option<NaiveDate> {
        self.steps.iter().map(|(from, _)| *from).find(|from| *from > date)
    }

    /// The steps in order of date.
    pub fn steps(&self) -> &[(NaiveDate, T)] {
        &self.steps
    }

    /// The value before the first step.
    pub fn before(&self) -> &T {
        &self.before
    }

    /// The values of some days, without the steps before and after them.
    pub fn within(&self, days: Span) -> Timeline<&T> {
        let inside = self.steps.iter().filter(|(from, _)| days.from < *from && days.holds_on(*from));
        Timeline { before: self.on(days.from), steps: inside.map(|(from, value)| (*from, value)).collect() }
    }

    /// Takes out the steps after a day.
    pub fn cut_after(&mut self, day: NaiveDate) {
        self.steps.retain(|(from, _)| *from <= day);
    }

    /// What follows from each value.
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Timeline<U> {
        Timeline {
            before: of(self.before),
            steps: self.steps.into_iter().map(|(from, value)| (from, of(value))).collect(),
        }
    }
}

impl<T: Clone> Timeline<T> {
    /// This one before a day, and `next` from that day on.
    pub fn followed_by(mut self, day: NaiveDate, next: &Timeline<T>) -> Self {
        self.steps.retain(|(from, _)| *from < day);
        self.steps.push((day, next.on(day).clone()));
        self.steps.extend(next.steps.iter().filter(|(from, _)| *from > day).cloned());
        self
    }
}
