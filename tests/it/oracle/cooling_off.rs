//! The cooling-off period (section 10).

use super::plus;
use chrono::NaiveDate;

/// The last day on which the policyholder may withdraw: the day after the receipt is day one.
pub fn last_day(receipt_signed_on: NaiveDate, days: i64) -> NaiveDate {
    let mut day = receipt_signed_on;
    for _ in 0..days {
        day = plus(day, 1);
    }
    day
}

/// The first day on which it is over.
pub fn over_on(receipt_signed_on: NaiveDate, days: i64) -> NaiveDate {
    plus(last_day(receipt_signed_on, days), 1)
}

/// Whether a withdrawal dated `withdrawn_on` undoes the sale. Without a receipt the period never began to run out.
pub fn withdrawal_counts(withdrawn_on: NaiveDate, receipt_signed_on: Option<NaiveDate>, days: i64) -> bool {
    receipt_signed_on.is_none_or(|receipt| withdrawn_on <= last_day(receipt, days))
}
