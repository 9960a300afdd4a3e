//! The shape of the demo's script: whose book, which person, what happened on which day. Pure data; days count from
//! the Monday of the method's sample sheet, which is day 0.

use crate::domain::prospects::transition::Reason;

/// Days from the sample's Monday; negative before it.
pub type Day = i64;

/// One person in somebody's book, and everything that was entered about that person.
#[derive(Clone, Debug)]
pub struct Story {
    /// User name of the owner.
    pub owner: &'static str,
    /// The person's name.
    pub name: &'static str,
    /// Where the contact comes from.
    pub source: &'static str,
    /// Occupation.
    pub occupation: &'static str,
    /// What was entered, in order of days.
    pub steps: Vec<(Day, Step)>,
}

/// What an agent enters on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A new name in the book.
    Created,
    /// A first appointment is fixed.
    Fixed {
        /// Its day.
        on: Day,
    },
    /// The client did not come.
    NoShow,
    /// The first meeting is held; the next one is fixed before leaving.
    Met {
        /// Day of the next one.
        next: Day,
    },
    /// All five criteria hold.
    Qualified {
        /// The agreed day of signing.
        signing: Day,
    },
    /// Signed, submitted and paid on one day.
    Paid {
        /// Advance premium, yuan.
        yuan: i64,
    },
    /// First meeting and sale on one day.
    SoldAtOnce {
        /// Advance premium, yuan.
        yuan: i64,
    },
    /// The policy is issued.
    Issued {
        /// Standard premium, yuan.
        yuan: i64,
    },
    /// The policyholder signs the receipt.
    Receipt,
    /// The coming appointment is put off (延期), and the agreed day of signing with it.
    Postponed {
        /// The new day.
        to: Day,
    },
    /// The person leaves the process.
    Left(Reason),
}

/// One entry of the script, with the place of its story.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The day.
    pub day: Day,
    /// Which story.
    pub story: usize,
    /// What.
    pub step: Step,
}

/// Every entry up to a day, in order of days. An appointment whose day is past by then has been postponed on that
/// day to a coming one, so that nobody falls back merely because the week is further on than the sample.
pub fn entries(stories: &[Story], today: Day) -> Vec<Entry> {
    let mut entries: Vec<Entry> = stories
        .iter()
        .enumerate()
        .flat_map(|(story, told)| {
            let coming = appointment(&told.steps).filter(|on| (0..today).contains(on));
            // Not all on one day: an agent has more than one free evening.
            let to = today + 1 + i64::from(story % 3 == 2);
            let postponed = coming.map(|on| (on, Step::Postponed { to }));
            let steps = told.steps.iter().copied().chain(postponed);
            steps.map(move |(day, step)| Entry { day, story, step })
        })
        .filter(|entry| entry.day <= today)
        .collect();
    entries.sort_by_key(|entry| entry.day);
    entries
}

/// The day of the appointment that stands at the end of a story, if one does.
fn appointment(steps: &[(Day, Step)]) -> Option<Day> {
    match steps.last()?.1 {
        Step::Fixed { on } => Some(on),
        Step::Met { next } => Some(next),
        Step::Qualified { signing } => Some(signing),
        Step::Postponed { to } => Some(to),
        Step::Created
        | Step::NoShow
        | Step::Paid { .. }
        | Step::SoldAtOnce { .. }
        | Step::Issued { .. }
        | Step::Receipt
        | Step::Left(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(steps: Vec<(Day, Step)>) -> Story {
        Story { owner: "a", name: "b", source: "c", occupation: "d", steps }
    }

    #[test]
    fn a_past_appointment_has_been_postponed_to_a_coming_day() {
        let stories = [story(vec![(-2, Step::Created), (-1, Step::Fixed { on: 1 })])];
        for (today, expected) in [(0, None), (1, None), (2, Some(3)), (6, Some(7))] {
            let last = entries(&stories, today).last().copied().unwrap();
            let postponed = expected.map(|to| Entry { day: 1, story: 0, step: Step::Postponed { to } });
            assert_eq!(Some(last).filter(|e| e.day == 1), postponed, "{today}");
        }
    }

    #[test]
    fn what_has_not_happened_yet_is_not_entered() {
        let stories = [story(vec![(-2, Step::Created), (3, Step::Fixed { on: 4 })])];
        assert_eq!(entries(&stories, 2).len(), 1);
        assert_eq!(entries(&stories, 3).len(), 2);
    }
}
