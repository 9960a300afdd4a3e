//! The only sources of time and of randomness.
//!
//! There are two times. *Real* time serves tokens, leases and `created_at`. *Business* time is what "today"
//! is derived from; it differs from real time only in a demo database started with `--today` and in tests.
//! Everything else in the crate receives its time as an argument.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Duration, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use rand::{TryRngCore, rngs::OsRng};
use uuid::Uuid;

use crate::domain::values::id::Id;

/// A clock that can be cloned cheaply; clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Microseconds since 1970 when the clock stands still (tests), or `RUNNING`.
    stopped_at: AtomicI64,
    /// Business time minus real time, in seconds.
    business_shift: AtomicI64,
}

const RUNNING: i64 = i64::MIN;

impl Clock {
    /// The clock of the machine.
    pub fn system() -> Self {
        Clock(Arc::new(Inner { stopped_at: AtomicI64::new(RUNNING), business_shift: AtomicI64::new(0) }))
    }

    /// A clock that stands at `start` until a test moves it.
    pub fn test(start: DateTime<Utc>) -> Self {
        let clock = Clock::system();
        clock.set(start);
        clock
    }

    /// Real time, cut to microseconds, which is what both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        match self.0.stopped_at.load(Ordering::SeqCst) {
            RUNNING => machine_now().trunc_subsecs(6),
            micros => DateTime::from_timestamp_micros(micros).unwrap_or_default(),
        }
    }

    /// Business time: real time, shifted in a demo database.
    pub fn business_now(&self) -> DateTime<Utc> {
        self.now() + self.business_shift()
    }

    /// The business date in a time zone (method section 5: dates are calendar dates of the team's zone).
    pub fn today(&self, time_zone: Tz) -> NaiveDate {
        self.business_now().with_timezone(&time_zone).date_naive()
    }

    /// How far business time is from real time; zero unless it was shifted.
    pub fn business_shift(&self) -> Duration {
        Duration::seconds(self.0.business_shift.load(Ordering::SeqCst))
    }

    /// Shifts business time against real time.
    pub fn shift_business(&self, by: Duration) {
        self.0.business_shift.store(by.num_seconds(), Ordering::SeqCst);
    }

    /// Stops the clock at an instant (tests).
    pub fn set(&self, at: DateTime<Utc>) {
        self.0.stopped_at.store(at.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves a stopped clock on (tests); a running clock is stopped first.
    pub fn advance(&self, by: Duration) {
        self.set(self.now() + by);
    }
}

#[allow(clippy::disallowed_methods)] // the home of the rule
fn machine_now() -> DateTime<Utc> {
    Utc::now()
}

/// Where identifiers and secrets come from; clones are the same source.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ids;

impl Ids {
    /// A new identifier: UUID version 7, so that ids sort by the time they were made.
    #[allow(clippy::disallowed_methods)] // the home of the rule
    pub fn id(&self) -> Id {
        Id(Uuid::now_v7())
    }

    /// `length` unpredictable bytes from the operating system.
    ///
    /// # Panics
    /// When the operating system has no randomness to give; nothing safe can be done then.
    pub fn secret(&self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        if let Err(error) = OsRng.try_fill_bytes(&mut bytes) {
            panic!("the operating system gave no randomness: {error}");
        }
        bytes
    }
}

/// When a write happens, and where its ids come from.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// Real instant of recording.
    pub now: DateTime<Utc>,
    /// Business instant: "today" is its date in the team's time zone.
    pub business_now: DateTime<Utc>,
    /// Source of ids.
    pub ids: Ids,
}

impl Occasion {
    /// This moment.
    pub fn of(clock: &Clock, ids: Ids) -> Self {
        Occasion { now: clock.now(), business_now: clock.business_now(), ids }
    }

    /// The business date in a time zone.
    pub fn today(&self, time_zone: Tz) -> NaiveDate {
        self.business_now.with_timezone(&time_zone).date_naive()
    }
}
