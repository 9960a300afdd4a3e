//! Lives of policies: what may happen to the applications of one client, and when the news of it arrives.

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::oracle::{Happening, Kind};

pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, 14).unwrap()
}

#[derive(Clone, Debug)]
pub struct Life {
    pub happened: Vec<Happening>,
    /// What arrives twice.
    pub shuffle: Vec<u8>,
}

/// What may come next, so that nothing contradicts: a policy is issued and its receipt signed once an attempt.
fn next(kinds: &[Kind], choice: u8) -> Kind {
    use Kind::*;
    let undoing = [Failed, Refunded, Declined, Withdrawn, Voided];
    let since = kinds.iter().rposition(|kind| undoing.contains(kind)).map_or(0, |at| at + 1);
    let attempt = &kinds[since..];
    let mut may: Vec<Kind> = vec![Received];
    if kinds.contains(&Received) {
        may.extend(undoing);
    }
    if attempt.contains(&Received) && !attempt.contains(&Issued) {
        may.extend([Issued; 4]);
    }
    if attempt.contains(&Issued) && !attempt.contains(&Receipt) {
        may.extend([Receipt; 4]);
    }
    may[usize::from(choice) % may.len()]
}

fn application(nth: usize) -> impl Strategy<Value = Vec<Happening>> {
    let step = (0_u8..=255, 0_u64..9, 0_u64..40);
    (prop::collection::vec(step, 1..8), 0_u64..6, 0_u64..40).prop_map(move |(steps, start, delay)| {
        let mut on = first_day() + Days::new(start);
        let mut minute = u32::try_from(nth).unwrap() * 2;
        let submitted = Happening {
            on,
            minute,
            application: nth,
            kind: Kind::Submitted,
            arrives: (on + Days::new(delay), 0),
        };
        let mut happened = vec![submitted];
        for (choice, pause, delay) in steps {
            let kinds: Vec<Kind> = happened.iter().map(|what| what.kind).collect();
            on = on + Days::new(pause);
            minute += 7;
            let delay = if choice % 3 == 0 { delay } else { 0 };
            let arrives = (on + Days::new(delay), 0);
            happened.push(Happening { on, minute, application: nth, kind: next(&kinds, choice), arrives });
        }
        happened
    })
}

pub fn life() -> impl Strategy<Value = Life> {
    let shuffle = prop::collection::vec(any::<u8>(), 24);
    (application(0), prop::option::weighted(0.3, application(1)), shuffle).prop_map(
        |(one, other, shuffle)| {
            let mut happened: Vec<Happening> = one.into_iter().chain(other.into_iter().flatten()).collect();
            for (what, (place, turn)) in happened.iter_mut().zip((0..).zip(shuffle.iter().cycle())) {
                what.arrives.1 = u32::from(*turn) * 100 + place;
            }
            Life { happened, shuffle }
        },
    )
}

impl Life {
    /// In the order of arrival, with repeats.
    pub fn arrivals(&self) -> Vec<Happening> {
        let mut order: Vec<((NaiveDate, u32), Happening)> = Vec::new();
        for (place, what) in self.happened.iter().enumerate() {
            order.push((what.arrives, *what));
            let again = self.shuffle.get((place + 5) % self.shuffle.len()).copied().unwrap_or_default();
            if again % 3 == 0 {
                order.push(((what.arrives.0, what.arrives.1 + u32::from(again) * 50), *what));
            }
        }
        order.sort_unstable();
        order.into_iter().map(|(_, what)| what).collect()
    }

    pub fn last_day(&self) -> NaiveDate {
        self.happened.iter().map(|what| what.arrives.0).max().unwrap_or(first_day()) + Days::new(20)
    }
}
