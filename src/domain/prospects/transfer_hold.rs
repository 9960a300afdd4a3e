//! The days after a transfer on which nothing falls due (method section 11).
//!
//! Knows dates only; who hands over to whom is `ownership`.

use chrono::NaiveDate;

use crate::domain::values::calendar::plus_days;

/// After a transfer nothing falls due for so many days (method section 11).
pub const HOLD_DAYS: i64 = 7;

/// The last day on which nothing falls due after a transfer; its own day is the first.
pub fn held_until(transferred_on: NaiveDate) -> NaiveDate {
    plus_days(transferred_on, HOLD_DAYS)
}
