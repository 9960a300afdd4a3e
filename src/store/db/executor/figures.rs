//! How long jobs waited for a thread, and what went wrong with the database: counted without a lock.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use diesel::result::Error;

use crate::store::db::error::trouble;

/// Upper bounds of the buckets of [`Waits`], in seconds.
pub const BOUNDS: [f64; 10] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5];

/// How long jobs waited for a thread, those included that were refused in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Waits {
    /// Of how many the wait was not above each bound.
    pub buckets: [u64; BOUNDS.len()],
    /// Of how many it is known.
    pub count: u64,
    /// All their waits together, in seconds.
    pub seconds: f64,
}

#[derive(Default)]
pub(super) struct WaitCounter {
    buckets: [AtomicU64; BOUNDS.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl WaitCounter {
    pub fn note(&self, waited: Duration) {
        // Each is counted in one bucket; reading makes them cumulative.
        if let Some(n) = BOUNDS.iter().position(|bound| waited.as_secs_f64() <= *bound) {
            self.buckets[n].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(waited.as_micros() as u64, Ordering::Relaxed);
    }

    pub fn read(&self) -> Waits {
        let mut waits = Waits {
            count: self.count.load(Ordering::Relaxed),
            seconds: self.micros.load(Ordering::Relaxed) as f64 / 1e6,
            ..Waits::default()
        };
        let mut up_to = 0;
        for (sum, bucket) in waits.buckets.iter_mut().zip(&self.buckets) {
            up_to += bucket.load(Ordering::Relaxed);
            *sum = up_to;
        }
        // Somebody may be counted in between: no bucket may hold more than all.
        waits.count = waits.count.max(up_to);
        waits
    }
}

/// The kinds of what can go wrong, as labels show them.
pub const TROUBLES: [&str; 7] =
    ["unreachable", "connection", "timeout", "disk", "serialization", "constraint", "other"];

#[derive(Default)]
pub(super) struct TroubleCounter([AtomicU64; TROUBLES.len()]);

impl TroubleCounter {
    /// Counts what a statement ended with.
    pub fn note(&self, error: &Error) {
        self.count(trouble(error));
    }

    /// Counts a connection that could not be made.
    pub fn note_unreachable(&self) {
        self.count("unreachable");
    }

    fn count(&self, kind: &str) {
        let n = TROUBLES.iter().position(|known| *known == kind).unwrap_or(TROUBLES.len() - 1);
        self.0[n].fetch_add(1, Ordering::Relaxed);
    }

    pub fn read(&self) -> Vec<(&'static str, u64)> {
        TROUBLES.into_iter().zip(&self.0).map(|(kind, n)| (kind, n.load(Ordering::Relaxed))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bucket_holds_all_that_waited_no_longer() {
        let counter = WaitCounter::default();
        for micros in [0, 500, 501, 40_000, 2_000_000] {
            counter.note(Duration::from_micros(micros));
        }
        let waits = counter.read();
        assert_eq!(waits.buckets, [2, 3, 3, 3, 3, 3, 4, 4, 4, 4]);
        assert_eq!(waits.count, 5);
        assert!((waits.seconds - 2.041_001).abs() < 1e-9);
    }

    #[test]
    fn every_trouble_is_counted_under_a_known_kind() {
        let counter = TroubleCounter::default();
        counter.note(&Error::NotFound);
        counter.note_unreachable();
        let counted: Vec<_> = counter.read().into_iter().filter(|(_, n)| *n > 0).collect();
        assert_eq!(counted, [("unreachable", 1), ("other", 1)]);
    }
}
