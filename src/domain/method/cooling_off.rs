//! The cooling-off period (犹豫期, method section 10).

use chrono::NaiveDate;

use crate::domain::values::calendar::plus_days;

/// The method's own figure, natural days.
pub const DEFAULT_DAYS: i32 = 10;

/// The last day on which the policyholder may withdraw: the receipt's date + N.
pub fn last_day(receipt_signed_on: NaiveDate, days: i32) -> NaiveDate {
    plus_days(receipt_signed_on, i64::from(days))
}

/// The day from whose 00:00 the deal is closed.
pub fn matures_on(receipt_signed_on: NaiveDate, days: i32) -> NaiveDate {
    plus_days(last_day(receipt_signed_on, days), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_of_21_december_closes_on_new_years_day() {
        let receipt = NaiveDate::from_ymd_opt(2009, 12, 21).unwrap();
        assert_eq!(last_day(receipt, 10), NaiveDate::from_ymd_opt(2009, 12, 31).unwrap());
        assert_eq!(matures_on(receipt, 10), NaiveDate::from_ymd_opt(2010, 1, 1).unwrap());
    }
}
