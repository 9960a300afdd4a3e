//! Measured figures and their ratios (method section 7).
//!
//! Every ratio is a pair of whole numbers. What is shown is rounded once, half up: rates and paces to four places, money to
//! the minor unit. Over an empty denominator there is no value, never 0.

use serde::{Deserialize, Serialize};

use crate::domain::{
    journal::activity::DayCounts,
    organisation::benchmark::{BenchmarkSet, Benchmarks, share},
    values::fraction::Fraction,
};

/// Places shown of a rate or a pace.
pub const PLACES: u32 = 4;

/// What was measured of an agent, or a team, in a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    /// Calls, visits and messages.
    #[serde(flatten)]
    pub counts: DayCounts,
    /// First appointments held that had never been put off.
    pub held_new: i64,
    /// First appointments held that had been put off (延期) at least once.
    pub held_deferred: i64,
    /// Contacts that came into the book.
    pub new_contacts: i64,
    /// Prospects developed: entries into stage 2.
    pub developed: i64,
    /// Entries into 25%.
    pub entered_25: i64,
    /// Entries into 50%.
    pub entered_50: i64,
    /// Entries into 90%.
    pub entered_90: i64,
    /// Applications signed.
    pub signed: i64,
    /// Closings.
    pub closed: i64,
    /// Advance premium (预收保费), net of what went back, minor units.
    pub advance_premium_minor: i64,
    /// Standard premium of policies issued (承保标保), minor units.
    pub standard_premium_minor: i64,
    /// Policies issued whose standard premium is known.
    pub policies: i64,
}

impl Measured {
    /// Appointments held, new and deferred.
    pub fn held(&self) -> i64 {
        self.held_new + self.held_deferred
    }

    /// Two agents, or two periods, added up.
    pub fn plus(self, other: Measured) -> Self {
        Measured {
            counts: self.counts.plus(other.counts),
            held_new: self.held_new + other.held_new,
            held_deferred: self.held_deferred + other.held_deferred,
            new_contacts: self.new_contacts + other.new_contacts,
            developed: self.developed + other.developed,
            entered_25: self.entered_25 + other.entered_25,
            entered_50: self.entered_50 + other.entered_50,
            entered_90: self.entered_90 + other.entered_90,
            signed: self.signed + other.signed,
            closed: self.closed + other.closed,
            advance_premium_minor: self.advance_premium_minor + other.advance_premium_minor,
            standard_premium_minor: self.standard_premium_minor + other.standard_premium_minor,
            policies: self.policies + other.policies,
        }
    }
}

/// Which ratio.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatioCode {
    /// c = connects / dials.
    ConnectRate,
    /// a = appointments set / connects.
    AppointmentRate,
    /// k = deferred / new appointments held.
    DeferralRate,
    /// s = signed / appointments held.
    ClosingRate,
    /// Prospects developed / new contacts.
    ProspectRate,
    /// Closings / prospects developed.
    SaleRate,
    /// Entered 25% / prospects developed.
    #[serde(rename = "rate_to_25")]
    RateTo25,
    /// Entered 50% / entered 25%.
    #[serde(rename = "rate_to_50")]
    RateTo50,
    /// Entered 90% / entered 50%.
    #[serde(rename = "rate_to_90")]
    RateTo90,
    /// Closings / entered 90%.
    RateToClosed,
    /// 件均: standard premium issued / policies issued, minor units.
    CaseSize,
    /// Dials a working day.
    DialsADay,
    /// Connects a working day.
    ConnectsADay,
    /// Appointments set a working day.
    AppointmentsADay,
    /// New appointments held a working week.
    NewAWeek,
    /// Appointments held a working week.
    AppointmentsAWeek,
}

impl RatioCode {
    /// Every ratio, in the order shown.
    pub const ALL: [RatioCode; 16] = [
        RatioCode::DialsADay,
        RatioCode::ConnectsADay,
        RatioCode::AppointmentsADay,
        RatioCode::NewAWeek,
        RatioCode::AppointmentsAWeek,
        RatioCode::ConnectRate,
        RatioCode::AppointmentRate,
        RatioCode::DeferralRate,
        RatioCode::ClosingRate,
        RatioCode::ProspectRate,
        RatioCode::SaleRate,
        RatioCode::RateTo25,
        RatioCode::RateTo50,
        RatioCode::RateTo90,
        RatioCode::RateToClosed,
        RatioCode::CaseSize,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            RatioCode::ConnectRate => "connect_rate",
            RatioCode::AppointmentRate => "appointment_rate",
            RatioCode::DeferralRate => "deferral_rate",
            RatioCode::ClosingRate => "closing_rate",
            RatioCode::ProspectRate => "prospect_rate",
            RatioCode::SaleRate => "sale_rate",
            RatioCode::RateTo25 => "rate_to_25",
            RatioCode::RateTo50 => "rate_to_50",
            RatioCode::RateTo90 => "rate_to_90",
            RatioCode::RateToClosed => "rate_to_closed",
            RatioCode::CaseSize => "case_size",
            RatioCode::DialsADay => "dials_a_day",
            RatioCode::ConnectsADay => "connects_a_day",
            RatioCode::AppointmentsADay => "appointments_a_day",
            RatioCode::NewAWeek => "new_a_week",
            RatioCode::AppointmentsAWeek => "appointments_a_week",
        }
    }

    /// Whether its value is an amount of money in minor units.
    pub fn is_money(self) -> bool {
        self == RatioCode::CaseSize
    }

    /// The benchmark it is held against, and the set that one stands in; sets are never chained.
    pub fn benchmark(self, b: &Benchmarks) -> Option<(BenchmarkSet, Fraction)> {
        let (set, value) = match self {
            RatioCode::ConnectRate => (BenchmarkSet::Day, b.connect_rate()),
            RatioCode::AppointmentRate => (BenchmarkSet::Day, b.appointment_rate()),
            RatioCode::DialsADay => (BenchmarkSet::Day, share(b.dials_a_day, 1)),
            RatioCode::ConnectsADay => (BenchmarkSet::Day, share(b.connects_a_day, 1)),
            RatioCode::AppointmentsADay => (BenchmarkSet::Day, share(b.appointments_a_day, 1)),
            RatioCode::DeferralRate => (BenchmarkSet::Week, b.deferral_rate()),
            RatioCode::NewAWeek => (BenchmarkSet::Week, share(b.new_a_week, 1)),
            RatioCode::AppointmentsAWeek => {
                (BenchmarkSet::Week, share(b.new_a_week.saturating_add(b.deferred_a_week), 1))
            }
            RatioCode::ClosingRate => (BenchmarkSet::Appointments, b.closing_rate()),
            RatioCode::ProspectRate => {
                (BenchmarkSet::Contacts, share(b.prospects_per_sale, b.contacts_per_sale))
            }
            RatioCode::SaleRate => (BenchmarkSet::Contacts, share(1, b.prospects_per_sale)),
            RatioCode::RateTo25
            | RatioCode::RateTo50
            | RatioCode::RateTo90
            | RatioCode::RateToClosed
            | RatioCode::CaseSize => return None,
        };
        Some((set, value?))
    }
}

/// One ratio as measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ratio {
    /// Which.
    pub code: RatioCode,
    /// Upper figure, as counted (minor units for money).
    pub numerator: i64,
    /// Lower figure, as counted: the cases behind it, or the working days.
    pub denominator: i64,
    /// How many times the denominator's unit the value is for: 5 working days for a weekly pace, otherwise 1. The value is
    /// numerator × per ÷ denominator.
    pub per: i64,
}

impl Ratio {
    /// The number of cases behind it.
    pub fn n(&self) -> i64 {
        self.denominator
    }

    /// Exactly; none over an empty denominator.
    pub fn value(&self) -> Option<Fraction> {
        Fraction::new(
            i128::from(self.numerator).checked_mul(i128::from(self.per))?,
            i128::from(self.denominator),
        )
    }

    /// As shown: four places, or whole minor units for money.
    pub fn shown(&self) -> Option<f64> {
        self.value()?.shown(if self.code.is_money() { 0 } else { PLACES })
    }
}

/// Every ratio of a period, in the order shown. `working_days` are those of the period, summed over the agents in it.
pub fn ratios(m: &Measured, working_days: i64, benchmarks: &Benchmarks) -> Vec<Ratio> {
    let week = i64::from(benchmarks.days_a_week);
    let of = |code| {
        let (numerator, denominator, per) = match code {
            RatioCode::DialsADay => (m.counts.dials, working_days, 1),
            RatioCode::ConnectsADay => (m.counts.connects, working_days, 1),
            RatioCode::AppointmentsADay => (m.counts.appointments_set, working_days, 1),
            RatioCode::NewAWeek => (m.held_new, working_days, week),
            RatioCode::AppointmentsAWeek => (m.held(), working_days, week),
            RatioCode::ConnectRate => (m.counts.connects, m.counts.dials, 1),
            RatioCode::AppointmentRate => (m.counts.appointments_set, m.counts.connects, 1),
            RatioCode::DeferralRate => (m.held_deferred, m.held_new, 1),
            RatioCode::ClosingRate => (m.signed, m.held(), 1),
            RatioCode::ProspectRate => (m.developed, m.new_contacts, 1),
            RatioCode::SaleRate => (m.closed, m.developed, 1),
            RatioCode::RateTo25 => (m.entered_25, m.developed, 1),
            RatioCode::RateTo50 => (m.entered_50, m.entered_25, 1),
            RatioCode::RateTo90 => (m.entered_90, m.entered_50, 1),
            RatioCode::RateToClosed => (m.closed, m.entered_90, 1),
            RatioCode::CaseSize => (m.standard_premium_minor, m.policies, 1),
        };
        Ratio { code, numerator, denominator, per }
    };
    RatioCode::ALL.map(of).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(m: &Measured, code: RatioCode) -> Ratio {
        let all = ratios(m, 5, &Benchmarks::default());
        *all.iter().find(|r| r.code == code).unwrap()
    }

    fn week() -> Measured {
        Measured {
            counts: DayCounts { dials: 75, connects: 35, appointments_set: 5, ..DayCounts::default() },
            held_new: 5,
            held_deferred: 3,
            new_contacts: 20,
            developed: 5,
            signed: 1,
            closed: 1,
            standard_premium_minor: 1_000_001,
            policies: 2,
            ..Measured::default()
        }
    }

    #[test]
    fn nothing_done_gives_no_ratio_rather_than_nought() {
        for ratio in ratios(&Measured::default(), 0, &Benchmarks::default()) {
            assert_eq!((ratio.numerator, ratio.denominator, ratio.shown()), (0, 0, None), "{:?}", ratio.code);
        }
        let dialled =
            Measured { counts: DayCounts { dials: 3, ..DayCounts::default() }, ..Measured::default() };
        assert_eq!(of(&dialled, RatioCode::ConnectRate).shown(), Some(0.0), "tried and failed is nought");
        assert_eq!(of(&dialled, RatioCode::AppointmentRate).shown(), None);
    }

    #[test]
    fn the_methods_own_week_meets_every_benchmark_exactly() {
        for ratio in ratios(&week(), 5, &Benchmarks::default()) {
            if let Some((_, benchmark)) = ratio.code.benchmark(&Benchmarks::default()) {
                assert_eq!(ratio.value(), Some(benchmark), "{:?}", ratio.code);
            }
        }
        assert_eq!(of(&week(), RatioCode::ConnectRate).shown(), Some(0.4667));
        assert_eq!(of(&week(), RatioCode::AppointmentsAWeek).shown(), Some(8.0));
        assert_eq!(of(&week(), RatioCode::CaseSize).shown(), Some(500_001.0), "half up to the minor unit");
    }

    #[test]
    fn the_sets_stand_beside_each_other_and_are_not_chained() {
        let b = Benchmarks { appointments_per_sale: 10, ..Benchmarks::default() };
        assert_eq!(
            RatioCode::ClosingRate.benchmark(&b),
            Some((BenchmarkSet::Appointments, Fraction::new(1, 10).unwrap()))
        );
        assert_eq!(
            RatioCode::SaleRate.benchmark(&b),
            Some((BenchmarkSet::Contacts, Fraction::new(1, 5).unwrap()))
        );
        assert_eq!(RatioCode::ProspectRate.benchmark(&b).unwrap().1, Fraction::new(1, 4).unwrap());
    }

    #[test]
    fn a_teams_ratio_is_that_of_its_sums() {
        let idle =
            Measured { counts: DayCounts { dials: 25, ..DayCounts::default() }, ..Measured::default() };
        let rate = of(&week().plus(idle), RatioCode::ConnectRate);
        assert_eq!((rate.numerator, rate.n(), rate.shown()), (35, 100, Some(0.35)));
    }
}
