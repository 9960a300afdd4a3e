//! The forecast (method section 7): what the people at 25, 50 and 90% will come to, by the agent's own experience.
//!
//! A *case* is a finished pursuit that stood, at the end of some day, at an effective stage in a bucket of the elapsed share of the
//! limit in force on that day; it counts once a cell. One that changed hands is a case of each of its owners, in the cells in
//! which it stood on that owner's own days: the forecast asks what becomes of those who stand there on this agent's board,
//! not whose deal it is. p = (closed among the cell's n cases + max(0, 20 − n) · prior) / max(n, 20), priors ¼, ½ and 9/10.
//! p is rounded once, half up, to four places, and sums are sums of the rounded values: what is shown adds up.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    method::stage::Stage,
    values::{
        calendar::{days_between, plus_days},
        fraction::Fraction,
        timeline::Timeline,
        window::Window,
    },
};

/// Below so many cases the prior fills up.
pub const FULL_CASES: i64 = 20;

/// The unit of p: one ten-thousandth.
pub const UNIT: i64 = 10_000;

/// How much of the limit has gone: elapsed / (cycle + extension).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ElapsedShare {
    /// Up to a quarter.
    FirstQuarter,
    /// Up to a half.
    SecondQuarter,
    /// Up to three quarters.
    ThirdQuarter,
    /// Up to the limit, the last day included.
    LastQuarter,
    /// Beyond it: at 90%, which the clock does not end, or where nothing falls back by itself.
    Over,
}

impl ElapsedShare {
    /// Every bucket, in order.
    pub const ALL: [ElapsedShare; 5] = [
        ElapsedShare::FirstQuarter,
        ElapsedShare::SecondQuarter,
        ElapsedShare::ThirdQuarter,
        ElapsedShare::LastQuarter,
        ElapsedShare::Over,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ElapsedShare::FirstQuarter => "first_quarter",
            ElapsedShare::SecondQuarter => "second_quarter",
            ElapsedShare::ThirdQuarter => "third_quarter",
            ElapsedShare::LastQuarter => "last_quarter",
            ElapsedShare::Over => "over",
        }
    }

    /// The bucket of so many days out of a limit of so many, 1 or more.
    pub fn of(days_elapsed: i64, limit_days: i64) -> Self {
        let quarters = 4 * days_elapsed;
        if days_elapsed > limit_days {
            ElapsedShare::Over
        } else if quarters <= limit_days {
            ElapsedShare::FirstQuarter
        } else if quarters <= 2 * limit_days {
            ElapsedShare::SecondQuarter
        } else if quarters <= 3 * limit_days {
            ElapsedShare::ThirdQuarter
        } else {
            ElapsedShare::LastQuarter
        }
    }
}

/// A stage and a bucket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub struct Cell {
    /// 25, 50 or 90%.
    pub stage: Stage,
    /// How much of the limit has gone.
    pub elapsed: ElapsedShare,
}

impl Cell {
    /// The cell in which somebody stands on a day.
    pub fn on(stage: Stage, clock_started_on: NaiveDate, limit_days: i64, day: NaiveDate) -> Self {
        let elapsed = ElapsedShare::of(days_between(clock_started_on, day), limit_days.max(1));
        Cell { stage, elapsed }
    }
}

/// What came of the cases of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CellRecord {
    /// Cases.
    pub n: i64,
    /// Those that closed.
    pub closed: i64,
}

/// An agent's own experience.
pub type TrackRecord = BTreeMap<Cell, CellRecord>;

/// What is assumed of a stage before there is experience; none where nothing is forecast.
pub fn prior(stage: Stage) -> Option<Fraction> {
    match stage {
        Stage::Stage25 => Fraction::new(1, 4),
        Stage::Stage50 => Fraction::new(1, 2),
        Stage::Stage90 => Fraction::new(9, 10),
        Stage::Opportunity | Stage::FirstAppointment | Stage::Closed | Stage::Exited => None,
    }
}

/// p, exactly. None at a stage that is not forecast.
pub fn probability(stage: Stage, record: CellRecord) -> Option<Fraction> {
    let missing = Fraction::whole((FULL_CASES - record.n).max(0))?;
    let cases = Fraction::whole(record.n.max(FULL_CASES))?;
    Fraction::whole(record.closed)?.plus(missing.times(prior(stage)?)?)?.over(cases)
}

/// p in ten-thousandths, as shown and as summed.
pub fn probability_units(cell: Cell, record: &TrackRecord) -> Option<i64> {
    probability(cell.stage, record.get(&cell).copied().unwrap_or_default())?.rounded(4)
}

/// Somebody to forecast.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Where.
    pub cell: Cell,
    /// The premium at stake, minor units, where it is known or the agent's case size stands for it.
    pub premium_minor: Option<i64>,
}

/// What several candidates come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Expected {
    /// How many were forecast.
    pub n: i64,
    /// Policies to expect, in ten-thousandths.
    pub policies_units: i64,
    /// Premium to expect of those whose premium is known, minor units, rounded half up once.
    pub premium_minor: i64,
    /// How many of them have a known premium.
    pub n_with_premium: i64,
}

/// Sums up candidates; those at a stage that is not forecast are passed over.
pub fn expected(candidates: &[Candidate], record: &TrackRecord) -> Expected {
    let mut sum = Expected::default();
    let mut premium: i128 = 0;
    for candidate in candidates {
        let Some(units) = probability_units(candidate.cell, record) else { continue };
        sum.n += 1;
        sum.policies_units += units;
        if let Some(minor) = candidate.premium_minor {
            sum.n_with_premium += 1;
            premium += i128::from(units) * i128::from(minor);
        }
    }
    let unit = i128::from(UNIT);
    sum.premium_minor = i64::try_from((2 * premium + unit).div_euclid(2 * unit)).unwrap_or(i64::MAX);
    sum
}

/// A stay of a finished pursuit at an effective stage, with the clock it ran under.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Passage {
    /// 25, 50 or 90%.
    pub stage: Stage,
    /// Since when.
    pub entered_on: NaiveDate,
    /// Until when.
    pub left_on: NaiveDate,
    /// Start of the clock during the stay.
    pub clock_started_on: NaiveDate,
    /// Cycle plus extension by date, days, 1 or more: the same limit by which whoever is open on a day is forecast.
    pub limit_days: Timeline<i64>,
}

impl Passage {
    /// The cells it stood in at the end of some day, in order of time, each run of days in one cell with its first day. A
    /// stage that was only passed through within a day was never a case: nobody could have forecast it.
    fn cells(&self) -> Vec<(Cell, NaiveDate)> {
        let mut cells: Vec<(Cell, NaiveDate)> = Vec::new();
        let mut day = self.entered_on;
        while day < self.left_on {
            let cell = Cell::on(self.stage, self.clock_started_on, *self.limit_days.on(day), day);
            if cells.last().is_none_or(|(last, _)| *last != cell) {
                cells.push((cell, day));
            }
            // Once over, only another limit leads out of it.
            let over = cell.elapsed == ElapsedShare::Over;
            let next = if over { self.limit_days.next_change_after(day) } else { Some(plus_days(day, 1)) };
            let Some(next) = next else { break };
            day = next;
        }
        cells
    }
}

/// A pursuit that has ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FinishedPursuit {
    /// Its stays at effective stages, in order.
    pub passages: Vec<Passage>,
    /// When it ended.
    pub ended_on: NaiveDate,
    /// Whether it closed.
    pub closed: bool,
}

impl FinishedPursuit {
    /// The cells it is a case of, each once, with the first day.
    fn cases(&self) -> BTreeMap<Cell, NaiveDate> {
        let mut cases = BTreeMap::new();
        for (cell, day) in self.passages.iter().flat_map(Passage::cells) {
            cases.entry(cell).or_insert(day);
        }
        cases
    }
}

fn learn(record: &mut TrackRecord, pursuit: &FinishedPursuit) {
    for cell in pursuit.cases().into_keys() {
        let entry = record.entry(cell).or_default();
        entry.n += 1;
        entry.closed += i64::from(pursuit.closed);
    }
}

/// The experience of an agent at the end of a day: the pursuits that had ended by then.
pub fn track_record(pursuits: &[FinishedPursuit], as_of: NaiveDate) -> TrackRecord {
    let mut record = TrackRecord::new();
    for pursuit in pursuits.iter().filter(|p| p.ended_on <= as_of) {
        learn(&mut record, pursuit);
    }
    record
}

/// Of those forecast at about p, how many closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CalibrationBin {
    /// Lowest p of the bin, ten-thousandths.
    pub from_units: i64,
    /// p below this, ten-thousandths; the last bin includes 1.
    pub to_units: i64,
    /// Forecasts in it.
    pub n: i64,
    /// Sum of their p, ten-thousandths.
    pub sum_units: i64,
    /// Those that closed.
    pub closed: i64,
}

impl CalibrationBin {
    /// Mean p of the bin; none of none.
    pub fn forecast(&self) -> Option<Fraction> {
        Fraction::new(i128::from(self.sum_units), i128::from(self.n).checked_mul(i128::from(UNIT))?)
    }

    /// The share that closed; none of none.
    pub fn observed(&self) -> Option<Fraction> {
        Fraction::new(i128::from(self.closed), i128::from(self.n))
    }
}

/// Holds the forecast against what came of it: every case of a pursuit that ended in the period is forecast on its first day
/// in the cell, with nothing but what was known *before that day*, and put into one of five bins.
pub fn calibration(pursuits: &[FinishedPursuit], period: Window) -> Vec<CalibrationBin> {
    let mut by_end: Vec<&FinishedPursuit> = pursuits.iter().collect();
    by_end.sort_by_key(|p| p.ended_on);
    let judged = pursuits.iter().filter(|p| period.contains(p.ended_on));
    let mut questions: Vec<(NaiveDate, Cell, bool)> =
        judged.flat_map(|p| p.cases().into_iter().map(|(cell, day)| (day, cell, p.closed))).collect();
    questions.sort_unstable();
    let width = UNIT / 5;
    let mut bins: Vec<CalibrationBin> = (0..5)
        .map(|bin| CalibrationBin {
            from_units: bin * width,
            to_units: (bin + 1) * width,
            n: 0,
            sum_units: 0,
            closed: 0,
        })
        .collect();
    let mut record = TrackRecord::new();
    let mut known = by_end.into_iter().peekable();
    for (day, cell, closed) in questions {
        while let Some(pursuit) = known.next_if(|p| p.ended_on < day) {
            learn(&mut record, pursuit);
        }
        let Some(units) = probability_units(cell, &record) else { continue };
        let bin = bins.iter_mut().rev().find(|bin| bin.from_units <= units);
        if let Some(bin) = bin {
            bin.n += 1;
            bin.sum_units += units;
            bin.closed += i64::from(closed);
        }
    }
    bins
}

#[cfg(test)]
mod tests;
