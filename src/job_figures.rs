//! What came of the work that happens by itself, for whoever watches the service.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use chrono::{DateTime, Utc};

/// How one kind of work has gone since the start.
#[derive(Default)]
pub struct Runs {
    last: AtomicI64,
    done: AtomicU64,
    failed: AtomicU64,
}

impl Runs {
    /// A run ended well, and did so many things.
    pub fn ended(&self, at: DateTime<Utc>, done: usize) {
        self.last.store(at.timestamp(), Ordering::Relaxed);
        self.done.fetch_add(done as u64, Ordering::Relaxed);
    }

    /// A run failed.
    pub fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// When the last run ended well, in seconds since 1970; nought before the first.
    pub fn last(&self) -> i64 {
        self.last.load(Ordering::Relaxed)
    }

    /// Things done since the start.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Runs that failed since the start.
    pub fn failures(&self) -> u64 {
        self.failed.load(Ordering::Relaxed)
    }
}

/// What became of deliveries to webhooks.
#[derive(Default)]
pub struct Deliveries {
    delivered: AtomicU64,
    postponed: AtomicU64,
    failed: AtomicU64,
    oldest: AtomicI64,
}

impl Deliveries {
    /// So many were taken, not taken and to be tried again, and given up.
    pub fn sent(&self, delivered: usize, postponed: usize, failed: usize) {
        for (count, of) in
            [(delivered, &self.delivered), (postponed, &self.postponed), (failed, &self.failed)]
        {
            of.fetch_add(count as u64, Ordering::Relaxed);
        }
    }

    /// How they ended: the outcome and how often.
    pub fn outcomes(&self) -> [(&'static str, u64); 3] {
        let read = |of: &AtomicU64| of.load(Ordering::Relaxed);
        [
            ("delivered", read(&self.delivered)),
            ("postponed", read(&self.postponed)),
            ("failed", read(&self.failed)),
        ]
    }

    /// How many seconds the oldest that waits has waited.
    pub fn waits(&self, seconds: i64) {
        self.oldest.store(seconds, Ordering::Relaxed);
    }

    /// The same, as it was last looked at.
    pub fn oldest(&self) -> i64 {
        self.oldest.load(Ordering::Relaxed)
    }
}

/// The work that happens by itself.
#[derive(Default)]
pub struct JobFigures {
    /// Automatic moves written down.
    pub sweep: Runs,
    /// What had expired, forgotten.
    pub housekeeping: Runs,
    /// What webhooks were sent.
    pub deliveries: Deliveries,
}
