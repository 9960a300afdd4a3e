//! Replenishment (method section 7): with five prospects one sale is expected, and after it none is left, not four.

use chrono::NaiveDate;

use crate::domain::values::window::Window;

/// What has to be filled up again after the closings of the last cycle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Replenishment {
    /// The last cycle: so many days up to and including today.
    pub window: Window,
    /// Closings in it.
    pub closings: i64,
    /// Prospects developed in it: entries into stage 2.
    pub developed: i64,
    /// Prospects that every sale consumes (setting, 5).
    pub per_sale: i32,
    /// per_sale × closings − developed, 0 or more.
    pub debt: i64,
}

/// The last cycle of an agent as of a day.
pub fn last_cycle(today: NaiveDate, cycle_days: i32) -> Window {
    Window::ending(today, i64::from(cycle_days))
}

/// The debt of a window.
pub fn replenishment(window: Window, closings: i64, developed: i64, per_sale: i32) -> Replenishment {
    let consumed = closings.saturating_mul(i64::from(per_sale));
    let debt = consumed.saturating_sub(developed).max(0);
    Replenishment { window, closings, developed, per_sale, debt }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sale_consumes_five_and_a_surplus_is_no_credit() {
        let window = last_cycle(NaiveDate::from_ymd_opt(2009, 12, 28).unwrap(), 28);
        assert_eq!((window.days(), window.from), (28, NaiveDate::from_ymd_opt(2009, 12, 1).unwrap()));
        for (closings, developed, debt) in [(1, 0, 5), (1, 4, 1), (1, 5, 0), (2, 3, 7), (0, 9, 0), (1, 9, 0)]
        {
            assert_eq!(replenishment(window, closings, developed, 5).debt, debt, "{closings} {developed}");
        }
    }
}
