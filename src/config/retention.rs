//! How long what is kept is kept.

use chrono::Duration;

/// The settings of what is forgotten by itself.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// `AUDIT_DAYS`.
    pub audit: Duration,
    /// `CHANGES_DAYS`.
    pub changes: Duration,
    /// `ANSWER_HOURS`.
    pub answers: Duration,
    /// `ENDED_SESSION_DAYS`.
    pub ended_sessions: Duration,
    /// `UNCONSENTED_DAYS`; none when turned off.
    pub unconsented: Option<Duration>,
}

impl Retention {
    /// Reads them with a reader of whole numbers: name, least, most.
    pub(super) fn read(mut read: impl FnMut(&'static str, u64, u64) -> u64) -> Self {
        let mut number = |name, least, most| i64::try_from(read(name, least, most)).unwrap_or(i64::MAX);
        Retention {
            audit: Duration::days(number("AUDIT_DAYS", 30, 36_500)),
            changes: Duration::days(number("CHANGES_DAYS", 7, 3_650)),
            answers: Duration::hours(number("ANSWER_HOURS", 1, 168)),
            ended_sessions: Duration::days(number("ENDED_SESSION_DAYS", 0, 365)),
            unconsented: Some(number("UNCONSENTED_DAYS", 0, 36_500))
                .filter(|days| *days > 0)
                .map(Duration::days),
        }
    }
}
