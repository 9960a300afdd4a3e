//! How many people have been shown to whom of late: whoever leafs through a book leaves a trace (reliability P4).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, Duration, Utc};

use crate::domain::values::id::Id;

/// More different people than these within a minute are many.
pub const MANY: usize = 100;
const WINDOW: Duration = Duration::minutes(1);
/// Callers that are remembered before those to whom nobody was shown of late are forgotten.
const CALLERS: usize = 10_000;
/// People that are remembered of one caller.
const PEOPLE: usize = 10_000;

/// What this instance has shown, and what of it has been told.
#[derive(Default)]
pub struct PeopleShown(Mutex<HashMap<Id, HashMap<Id, Shown>>>);

struct Shown {
    at: DateTime<Utc>,
    told: Option<DateTime<Utc>>,
}

impl PeopleShown {
    /// Notes that these people are shown to a caller. Once more than [`MANY`] different ones have been shown within a
    /// minute and not been told of: how many, and then they have been.
    pub fn note(
        &self,
        caller: Id,
        people: impl IntoIterator<Item = Id>,
        now: DateTime<Utc>,
    ) -> Option<usize> {
        let recent = |at: DateTime<Utc>| (now - at).abs() < WINDOW;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= CALLERS {
            all.retain(|_, shown| shown.values().any(|one| recent(one.at)));
        }
        let shown = all.entry(caller).or_default();
        shown.retain(|_, one| recent(one.at));
        for id in people {
            shown.entry(id).or_insert(Shown { at: now, told: None }).at = now;
        }
        let mut untold: Vec<&mut Shown> =
            shown.values_mut().filter(|one| !one.told.is_some_and(recent)).collect();
        let n = untold.len();
        if n <= MANY {
            return None;
        }
        untold.iter_mut().for_each(|one| one.told = Some(now));
        if shown.len() > PEOPLE {
            shown.clear();
        }
        Some(n)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_260_752_400 + second, 0).unwrap()
    }

    fn people(numbers: std::ops::Range<u128>) -> impl Iterator<Item = Id> {
        numbers.map(|n| Id(Uuid::from_u128(n)))
    }

    const CALLER: Id = Id(Uuid::from_u128(1));
    const OTHER: Id = Id(Uuid::from_u128(2));

    #[test]
    fn more_than_a_hundred_within_any_minute_are_told_once_and_as_many_as_they_were() {
        let shown = PeopleShown::default();
        assert_eq!(shown.note(CALLER, people(0..60), at(0)), None);
        assert_eq!(shown.note(OTHER, people(60..120), at(1)), None);
        assert_eq!(shown.note(CALLER, people(0..100), at(50)), None, "a hundred are not many");
        assert_eq!(shown.note(CALLER, people(100..130), at(70)), Some(130));
        assert_eq!(shown.note(CALLER, people(130..230), at(71)), None);
        assert_eq!(shown.note(CALLER, people(230..231), at(72)), Some(101));
    }

    #[test]
    fn the_same_few_people_are_shown_as_often_as_one_likes() {
        let shown = PeopleShown::default();
        for second in 0..600 {
            assert_eq!(shown.note(CALLER, people(0..100), at(second)), None);
        }
    }

    #[test]
    fn a_long_list_that_is_looked_at_all_day_is_told_once_a_minute() {
        let shown = PeopleShown::default();
        let told =
            (0..600).filter(|second| shown.note(CALLER, people(0..150), at(*second)).is_some()).count();
        assert_eq!(told, 10);
    }

    #[test]
    fn few_a_minute_are_never_many() {
        let shown = PeopleShown::default();
        for minute in 0..10_u32 {
            let first = u128::from(minute) * 100;
            assert_eq!(shown.note(CALLER, people(first..first + 100), at(i64::from(minute) * 60)), None);
        }
    }
}
