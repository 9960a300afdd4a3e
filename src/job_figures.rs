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

/// The work that happens by itself.
#[derive(Default)]
pub struct JobFigures {
    /// Automatic moves written down.
    pub sweep: Runs,
    /// What had expired, forgotten.
    pub housekeeping: Runs,
}
