//! The five levers (method section 7): what a year brings, forward; what a wanted year asks of a day, backwards.
//!
//! sales a year = dials · c · a · (1 + k) · s · working days · working weeks. In exact fractions, rounded only for the eye.

use serde::{Deserialize, Serialize};

use super::ratio::{Measured, RatioCode, ratios};
use crate::domain::{organisation::benchmark::Benchmarks, values::fraction::Fraction};

/// One of the five.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// 1: more dials. Unreal: only beginners have time for thirty a day.
    Dials,
    /// 2: dial → connect.
    ConnectRate,
    /// 3: connect → appointment.
    AppointmentRate,
    /// 4: the closing ratio.
    ClosingRate,
    /// 5: 件均.
    CaseSize,
}

impl Lever {
    /// All five, in the method's order.
    pub const ALL: [Lever; 5] =
        [Lever::Dials, Lever::ConnectRate, Lever::AppointmentRate, Lever::ClosingRate, Lever::CaseSize];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Lever::Dials => "dials",
            Lever::ConnectRate => "connect_rate",
            Lever::AppointmentRate => "appointment_rate",
            Lever::ClosingRate => "closing_rate",
            Lever::CaseSize => "case_size",
        }
    }

    /// How far the method's example pulls it: dials 15 → 30, c 7/15 → 10/15, a 1/7 → 1/6, s 1/8 → 1/6, case size +20%.
    fn example_factor(self) -> (i128, i128) {
        match self {
            Lever::Dials => (2, 1),
            Lever::ConnectRate => (10, 7),
            Lever::AppointmentRate => (7, 6),
            Lever::ClosingRate => (8, 6),
            Lever::CaseSize => (6, 5),
        }
    }
}

/// Where the levers stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Levers {
    /// Dials a working day.
    pub dials_a_day: Fraction,
    /// c, 0..=1.
    pub connect_rate: Fraction,
    /// a, 0..=1.
    pub appointment_rate: Fraction,
    /// k: deferred per new appointment.
    pub deferral_rate: Fraction,
    /// s, 0..=1.
    pub closing_rate: Fraction,
    /// Case size, minor units, where it is known.
    pub case_size_minor: Option<Fraction>,
    /// What case size is multiplied by: 1 as it is, 6/5 for 20% more.
    pub case_factor: Fraction,
    /// Working days a week.
    pub days_a_week: Fraction,
    /// Working weeks a year.
    pub weeks_a_year: Fraction,
}

/// Why a plan cannot be carried out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Infeasible {
    /// Twice the benchmark's dials a day or more: only beginners have time for that.
    TooManyDials,
    /// A rate above one.
    RateAboveOne,
    /// A ratio of nought: no number of dials brings what is wanted.
    Unreachable,
}

impl Infeasible {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Infeasible::TooManyDials => "too_many_dials",
            Infeasible::RateAboveOne => "rate_above_one",
            Infeasible::Unreachable => "unreachable",
        }
    }
}

/// What a year brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Projection {
    /// Policies signed a year; shown to one place.
    pub policies_a_year: Fraction,
    /// Appointments held a week; shown to one place.
    pub appointments_a_week: Fraction,
    /// Standard premium a year, minor units, where case size is known.
    pub premium_a_year_minor: Option<Fraction>,
    /// Why it cannot be carried out; empty when it can.
    pub infeasible: Vec<Infeasible>,
}

/// What a wanted year asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demand {
    /// Appointments held a year.
    pub appointments_a_year: Fraction,
    /// Appointments held a week, new and deferred.
    pub appointments_a_week: Fraction,
    /// New ones among them.
    pub new_a_week: Fraction,
    /// Connects a working day.
    pub connects_a_day: Fraction,
    /// Dials a working day.
    pub dials_a_day: Fraction,
    /// Why it cannot be carried out; empty when it can.
    pub infeasible: Vec<Infeasible>,
}

/// One lever pulled, beside the base.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pulled {
    /// Which.
    pub lever: Lever,
    /// Where all levers then stand.
    pub levers: Levers,
    /// What the year then brings.
    pub projection: Projection,
    /// Policies as a multiple of the base; none where the base brings none.
    pub policies_factor: Option<Fraction>,
    /// Premium as a multiple of the base; none where the base brings none.
    pub premium_factor: Option<Fraction>,
}

impl Levers {
    /// Where the benchmarks put them. None where a setting left one empty.
    pub fn of_benchmarks(b: &Benchmarks) -> Option<Self> {
        Some(Levers {
            dials_a_day: Fraction::whole(i64::from(b.dials_a_day))?,
            connect_rate: b.connect_rate()?,
            appointment_rate: b.appointment_rate()?,
            deferral_rate: b.deferral_rate()?,
            closing_rate: b.closing_rate()?,
            case_size_minor: None,
            case_factor: Fraction::ONE,
            days_a_week: Fraction::whole(i64::from(b.days_a_week))?,
            weeks_a_year: Fraction::whole(i64::from(b.weeks_a_year))?,
        })
    }

    /// Where an agent's own ratios put them. What was never measured is taken from the benchmarks, and named.
    pub fn of_measured(
        measured: &Measured,
        working_days: i64,
        b: &Benchmarks,
    ) -> Option<(Self, Vec<RatioCode>)> {
        let own = ratios(measured, working_days, b);
        let value = |code| own.iter().find(|r| r.code == code).and_then(|r| r.value());
        let mut levers = Levers::of_benchmarks(b)?;
        let mut borrowed = Vec::new();
        let mut take = |code, place: &mut Fraction| match value(code) {
            Some(measured) => *place = measured,
            None => borrowed.push(code),
        };
        take(RatioCode::DialsADay, &mut levers.dials_a_day);
        take(RatioCode::ConnectRate, &mut levers.connect_rate);
        take(RatioCode::AppointmentRate, &mut levers.appointment_rate);
        take(RatioCode::DeferralRate, &mut levers.deferral_rate);
        take(RatioCode::ClosingRate, &mut levers.closing_rate);
        levers.case_size_minor = value(RatioCode::CaseSize);
        Some((levers, borrowed))
    }

    /// New appointments a week.
    fn new_a_week(&self) -> Option<Fraction> {
        let connects = self.dials_a_day.times(self.connect_rate)?;
        connects.times(self.appointment_rate)?.times(self.days_a_week)
    }

    /// What a year brings. None where a number grows beyond reckoning.
    pub fn project(&self, b: &Benchmarks) -> Option<Projection> {
        let each_new = Fraction::ONE.plus(self.deferral_rate)?;
        let appointments_a_week = self.new_a_week()?.times(each_new)?;
        let policies_a_year = appointments_a_week.times(self.closing_rate)?.times(self.weeks_a_year)?;
        let premium_a_year_minor = match self.case_size_minor {
            Some(case) => Some(policies_a_year.times(case)?.times(self.case_factor)?),
            None => None,
        };
        Some(Projection {
            policies_a_year,
            appointments_a_week,
            premium_a_year_minor,
            infeasible: self.infeasible(self.dials_a_day, b),
        })
    }

    /// Whether a ratio of nought makes every number of policies unreachable, however much is dialled.
    pub fn bring_nothing(&self) -> bool {
        [self.connect_rate, self.appointment_rate, self.closing_rate, self.days_a_week, self.weeks_a_year]
            .contains(&Fraction::ZERO)
    }

    /// What a wanted number of policies a year asks for. None where a ratio of nought makes it unreachable, and where a
    /// number grows beyond reckoning.
    pub fn demand(&self, policies_a_year: Fraction, b: &Benchmarks) -> Option<Demand> {
        let appointments_a_year = policies_a_year.over(self.closing_rate)?;
        let appointments_a_week = appointments_a_year.over(self.weeks_a_year)?;
        let new_a_week = appointments_a_week.over(Fraction::ONE.plus(self.deferral_rate)?)?;
        let connects_a_day = new_a_week.over(self.days_a_week)?.over(self.appointment_rate)?;
        let dials_a_day = connects_a_day.over(self.connect_rate)?;
        Some(Demand {
            appointments_a_year,
            appointments_a_week,
            new_a_week,
            connects_a_day,
            dials_a_day,
            infeasible: self.infeasible(dials_a_day, b),
        })
    }

    /// Each lever pulled as far as the method's example pulls it, the others left alone. None where the numbers grow
    /// beyond reckoning.
    pub fn examples(&self, b: &Benchmarks) -> Option<Vec<Pulled>> {
        Lever::ALL.into_iter().map(|lever| self.compare(lever, self.pulled(lever)?, b)).collect()
    }

    /// Other levers beside these.
    pub fn compare(&self, lever: Lever, levers: Levers, b: &Benchmarks) -> Option<Pulled> {
        let (base, projection) = (self.project(b)?, levers.project(b)?);
        let policies_factor = projection.policies_a_year.over(base.policies_a_year);
        let premium_factor = match (policies_factor, levers.case_factor.over(self.case_factor)) {
            (Some(policies), Some(case)) => policies.times(case),
            _ => None,
        };
        Some(Pulled { lever, levers, projection, policies_factor, premium_factor })
    }

    fn pulled(&self, lever: Lever) -> Option<Levers> {
        let (up, down) = lever.example_factor();
        let factor = Fraction::new(up, down)?;
        let rate = |rate: Fraction| rate.times(factor).map(|r| r.min(Fraction::ONE.max(rate)));
        let mut levers = *self;
        match lever {
            Lever::Dials => levers.dials_a_day = self.dials_a_day.times(factor)?,
            Lever::ConnectRate => levers.connect_rate = rate(self.connect_rate)?,
            Lever::AppointmentRate => levers.appointment_rate = rate(self.appointment_rate)?,
            Lever::ClosingRate => levers.closing_rate = rate(self.closing_rate)?,
            Lever::CaseSize => levers.case_factor = self.case_factor.times(factor)?,
        }
        Some(levers)
    }

    fn infeasible(&self, dials_a_day: Fraction, b: &Benchmarks) -> Vec<Infeasible> {
        let twice = Fraction::whole(2 * i64::from(b.dials_a_day));
        let mut why = Vec::new();
        if twice.is_some_and(|limit| dials_a_day >= limit) {
            why.push(Infeasible::TooManyDials);
        }
        if [self.connect_rate, self.appointment_rate, self.closing_rate].iter().any(|r| *r > Fraction::ONE) {
            why.push(Infeasible::RateAboveOne);
        }
        why
    }
}

#[cfg(test)]
mod tests;
