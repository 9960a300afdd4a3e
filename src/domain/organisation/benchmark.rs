//! The method's benchmarks (method section 7): a ratio game, not a numbers game (比例游戏). Settings, effective-dated.
//!
//! Four sets that stand beside each other and are never chained: 7:1 of the day is not 20:5 of the contacts.

use serde::{Deserialize, Serialize};

use crate::domain::values::fraction::Fraction;

/// Which set a benchmark belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BenchmarkSet {
    /// 15-7-1: dial fifteen, reach seven, one agrees to meet.
    Day,
    /// Five new and three deferred appointments a week.
    Week,
    /// 8:1: one policy from eight appointments.
    Appointments,
    /// 20:5:1: twenty new contacts, five prospects, one sale.
    Contacts,
}

impl BenchmarkSet {
    /// All four.
    pub const ALL: [BenchmarkSet; 4] =
        [BenchmarkSet::Day, BenchmarkSet::Week, BenchmarkSet::Appointments, BenchmarkSet::Contacts];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            BenchmarkSet::Day => "day",
            BenchmarkSet::Week => "week",
            BenchmarkSet::Appointments => "appointments",
            BenchmarkSet::Contacts => "contacts",
        }
    }
}

/// The figures of all four sets. Each is 1 or more; `deferred_a_week` may be 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Benchmarks {
    /// New contacts dialled a working day.
    pub dials_a_day: i32,
    /// Of those, reached.
    pub connects_a_day: i32,
    /// Of those, agreed to meet.
    pub appointments_a_day: i32,
    /// New appointments held a week.
    pub new_a_week: i32,
    /// Deferred ones (延期) held a week.
    pub deferred_a_week: i32,
    /// Appointments held for one policy.
    pub appointments_per_sale: i32,
    /// New contacts for one sale.
    pub contacts_per_sale: i32,
    /// Prospects for one sale, all of which it consumes.
    pub prospects_per_sale: i32,
    /// Working days a week.
    pub days_a_week: i32,
    /// Working weeks a year.
    pub weeks_a_year: i32,
}

impl Default for Benchmarks {
    fn default() -> Self {
        Benchmarks {
            dials_a_day: 15,
            connects_a_day: 7,
            appointments_a_day: 1,
            new_a_week: 5,
            deferred_a_week: 3,
            appointments_per_sale: 8,
            contacts_per_sale: 20,
            prospects_per_sale: 5,
            days_a_week: 5,
            weeks_a_year: 50,
        }
    }
}

/// `a / b` of two figures of a set; none where a setting made the lower one empty.
pub(in crate::domain) fn share(a: i32, b: i32) -> Option<Fraction> {
    Fraction::new(i128::from(a), i128::from(b))
}

impl Benchmarks {
    /// c: connects per dial, 7/15.
    pub fn connect_rate(&self) -> Option<Fraction> {
        share(self.connects_a_day, self.dials_a_day)
    }

    /// a: appointments per connect, 1/7.
    pub fn appointment_rate(&self) -> Option<Fraction> {
        share(self.appointments_a_day, self.connects_a_day)
    }

    /// k: deferred per new appointment, 3/5.
    pub fn deferral_rate(&self) -> Option<Fraction> {
        share(self.deferred_a_week, self.new_a_week)
    }

    /// s: policies per appointment held, 1/8.
    pub fn closing_rate(&self) -> Option<Fraction> {
        share(1, self.appointments_per_sale)
    }
}
