//! When a webhook's delivery is tried again, and when it is given up. A pure function of what happened.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};

/// Pauses between the attempts, in seconds: a little less than three days in all.
const PAUSES: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000];
/// Longest wait that a receiver can ask for.
const LONGEST_ASKED: Duration = Duration::days(1);
/// An endpoint that has taken nothing for so long is disabled.
pub const GIVEN_UP_AFTER: Duration = Duration::days(5);
/// Longest pause of an endpoint that takes nothing, between looks at what waits for it.
const LONGEST_REST: Duration = Duration::minutes(5);

/// The life of a webhook.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// Deliveries go out.
    Active,
    /// Its maker holds it; what happens meanwhile waits.
    Paused,
    /// Nothing goes out until its maker says so again.
    Disabled,
}

impl WebhookStatus {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            WebhookStatus::Active => "active",
            WebhookStatus::Paused => "paused",
            WebhookStatus::Disabled => "disabled",
        }
    }
}

/// Why a webhook is disabled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledBecause {
    /// It has taken nothing for five days.
    Failing,
    /// The receiver answered 410.
    Gone,
    /// Its maker was disabled or got another password: it is not taken up again.
    AccountEnded,
}

impl DisabledBecause {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            DisabledBecause::Failing => "failing",
            DisabledBecause::Gone => "gone",
            DisabledBecause::AccountEnded => "account_ended",
        }
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It waits for its next attempt.
    Pending,
    /// The receiver took it.
    Delivered,
    /// Nobody took it in three days.
    Failed,
    /// Its maker no longer sees what it is about.
    Withheld,
}

impl DeliveryStatus {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            DeliveryStatus::Pending => "pending",
            DeliveryStatus::Delivered => "delivered",
            DeliveryStatus::Failed => "failed",
            DeliveryStatus::Withheld => "withheld",
        }
    }
}

/// When to try again after the given number of failed attempts; none when it is given up. `jitter` is 0 to 255 and moves the
/// pause by up to a fifth either way; `asked` is what the receiver asks to wait.
pub fn next_attempt(
    attempts: i32,
    now: DateTime<Utc>,
    jitter: u8,
    asked: Option<Duration>,
) -> Option<DateTime<Utc>> {
    let pause = *PAUSES.get(usize::try_from(attempts.checked_sub(1)?).ok()?)?;
    let spread = pause * 1000 * (i64::from(jitter) - 128) / 640;
    let pause = Duration::milliseconds(pause * 1000 + spread);
    Some(now + asked.map_or(pause, |asked| pause.max(asked.min(LONGEST_ASKED))))
}

/// How long an endpoint rests that has taken nothing since then: from a second up to five minutes.
pub fn rest(failing_since: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    ((now - failing_since) / 4).clamp(Duration::seconds(1), LONGEST_REST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_spread_over_three_days_and_then_end() {
        let begun: DateTime<Utc> = "2009-12-14T01:00:00Z".parse().unwrap();
        for jitter in [0, 128, 255] {
            let (mut at, mut attempts) = (begun, 1);
            while let Some(next) = next_attempt(attempts, at, jitter, None) {
                assert!(next > at);
                at = next;
                attempts += 1;
            }
            assert_eq!(attempts, 10);
            let days = (at - begun).num_minutes() as f64 / 1440.0;
            assert!((2.3..3.7).contains(&days), "{days}");
        }
        assert_eq!((next_attempt(0, begun, 0, None), next_attempt(i32::MIN, begun, 0, None)), (None, None));
    }

    #[test]
    fn what_the_receiver_asks_is_waited_within_bounds() {
        let now: DateTime<Utc> = "2009-12-14T01:00:00Z".parse().unwrap();
        let after = |asked| next_attempt(1, now, 128, Some(asked)).unwrap() - now;
        assert_eq!(after(Duration::seconds(90)), Duration::seconds(90));
        assert_eq!(after(Duration::seconds(1)), Duration::seconds(5));
        assert_eq!(after(Duration::days(90)), Duration::days(1));
    }

    #[test]
    fn an_endpoint_that_takes_nothing_rests_longer_and_longer() {
        let now: DateTime<Utc> = "2009-12-14T01:00:00Z".parse().unwrap();
        let rests = [0, 40, 4_000].map(|seconds| rest(now - Duration::seconds(seconds), now).num_seconds());
        assert_eq!(rests, [1, 10, 300]);
    }
}
