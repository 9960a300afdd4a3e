//! How far those have come who entered a stage in a period (method section 7).
//!
//! A window's ratio divides what happened in it: its closings are of people who entered 90% before it, and may well be more
//! than those who entered in it. A cohort follows the same people: of those who entered X in the window, how many have
//! reached Y by now. It is never above 100%, and it goes on growing after the window.

use std::collections::BTreeMap;

use super::{
    funnel::FunnelMove,
    ratio::{PLACES, RatioCode},
};
use crate::domain::{
    method::stage::Stage,
    values::{fraction::Fraction, id::Id},
};

/// Those who entered a stage in a period, and how many of them have come as far as the next one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cohort {
    /// Who entered in the period: pursuits, or contacts for those who came into the book.
    pub entered: i64,
    /// Of these, who have reached the other stage by now, or one beyond it.
    pub reached: i64,
}

impl Cohort {
    /// The share of those who have; none of nobody.
    pub fn value(self) -> Option<Fraction> {
        Fraction::new(i128::from(self.reached), i128::from(self.entered))
    }

    /// The share, to four places.
    pub fn shown(self) -> Option<f64> {
        self.value()?.shown(PLACES)
    }

    fn plus(self, other: Cohort) -> Self {
        Cohort { entered: self.entered + other.entered, reached: self.reached + other.reached }
    }
}

/// An entry of a period with one later entry of the same attempt, or with none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Path {
    /// Who.
    pub prospect_id: Id,
    /// The attempt; 0 before the first.
    pub pursuit_number: i32,
    /// The entry.
    pub entry: FunnelMove,
    /// What came later.
    pub later: Option<(Option<Stage>, Stage)>,
}

/// From where to where a ratio leads, where it follows people.
pub fn way(code: RatioCode) -> Option<(Stage, Stage)> {
    match code {
        RatioCode::ProspectRate => Some((Stage::Opportunity, Stage::FirstAppointment)),
        RatioCode::SaleRate => Some((Stage::FirstAppointment, Stage::Closed)),
        RatioCode::RateTo25 => Some((Stage::FirstAppointment, Stage::Stage25)),
        RatioCode::RateTo50 => Some((Stage::Stage25, Stage::Stage50)),
        RatioCode::RateTo90 => Some((Stage::Stage50, Stage::Stage90)),
        RatioCode::RateToClosed => Some((Stage::Stage90, Stage::Closed)),
        RatioCode::ConnectRate
        | RatioCode::AppointmentRate
        | RatioCode::DeferralRate
        | RatioCode::ClosingRate
        | RatioCode::CaseSize
        | RatioCode::DialsADay
        | RatioCode::ConnectsADay
        | RatioCode::AppointmentsADay
        | RatioCode::NewAWeek
        | RatioCode::AppointmentsAWeek => None,
    }
}

/// The cohorts of a period by ratio.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cohorts(BTreeMap<RatioCode, Cohort>);

impl Cohorts {
    /// Follows everybody who entered something. Whoever entered the same stage twice in one attempt is one of the cohort.
    pub fn of(paths: &[Path]) -> Self {
        let ways = RatioCode::ALL.into_iter().filter_map(|code| Some((code, way(code)?)));
        Cohorts(ways.map(|(code, way)| (code, follow(paths, way))).collect())
    }

    /// The cohort of a ratio; none where it follows nobody.
    pub fn get(&self, code: RatioCode) -> Option<Cohort> {
        way(code)?;
        Some(self.0.get(&code).copied().unwrap_or_default())
    }

    /// Two agents' together.
    pub fn plus(mut self, other: &Cohorts) -> Self {
        for (code, cohort) in &other.0 {
            let own = self.0.entry(*code).or_default();
            *own = own.plus(*cohort);
        }
        self
    }
}

fn follow(paths: &[Path], (from, to): (Stage, Stage)) -> Cohort {
    let mut reached: BTreeMap<(Id, i32), bool> = BTreeMap::new();
    for path in paths.iter().filter(|path| enters(&path.entry, from)) {
        let arrived = path.later.is_some_and(|(before, stage)| {
            let step = FunnelMove { on: path.entry.on, from: before, to: stage };
            step.is_entry() && stage >= to
        });
        *reached.entry((path.prospect_id, path.pursuit_number)).or_default() |= arrived;
    }
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    Cohort { entered: count(reached.len()), reached: count(reached.values().filter(|yes| **yes).count()) }
}

fn enters(step: &FunnelMove, stage: Stage) -> bool {
    match stage {
        // A contact comes into the book once; a way back to column 1 is no entry.
        Stage::Opportunity => step.to == stage && step.from.is_none(),
        _ => step.to == stage && step.is_entry(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;

    fn path(
        who: u128,
        pursuit: i32,
        (from, to): (Option<Stage>, Stage),
        later: Option<(Stage, Stage)>,
    ) -> Path {
        Path {
            prospect_id: Id(Uuid::from_u128(who)),
            pursuit_number: pursuit,
            entry: FunnelMove { on: NaiveDate::MIN, from, to },
            later: later.map(|(before, stage)| (Some(before), stage)),
        }
    }

    #[test]
    fn a_cohort_counts_attempts_once_and_never_more_than_entered() {
        use Stage::{Closed, Opportunity, Stage25, Stage50, Stage90};
        let to_50 = (Some(Stage25), Stage50);
        let cohorts = Cohorts::of(&[
            // Fell back to 25%, entered 50% again, and closed: one attempt.
            path(1, 1, to_50, Some((Stage25, Stage50))),
            path(1, 1, to_50, Some((Stage50, Stage90))),
            path(1, 1, to_50, Some((Stage90, Closed))),
            // The way back from 90% is no arrival.
            path(2, 1, to_50, Some((Stage50, Stage25))),
            path(2, 2, to_50, None),
            // Reinstated beyond it: reached.
            path(3, 1, (None, Opportunity), None),
            path(3, 1, to_50, Some((Opportunity, Stage90))),
            path(4, 1, (Some(Stage90), Stage50), Some((Stage50, Stage90))),
        ]);
        assert_eq!(cohorts.get(RatioCode::RateTo90), Some(Cohort { entered: 4, reached: 2 }));
        assert_eq!(cohorts.get(RatioCode::ProspectRate), Some(Cohort { entered: 1, reached: 0 }));
        assert_eq!(cohorts.get(RatioCode::RateTo25).unwrap().shown(), None, "of nobody there is no share");
        assert_eq!(cohorts.get(RatioCode::ConnectRate), None);
        let twice = cohorts.clone().plus(&cohorts);
        assert_eq!(twice.get(RatioCode::RateTo90).unwrap().shown(), Some(0.5));
    }
}
