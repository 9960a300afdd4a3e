//! How fast people move: time in a stage, and days from one stage to the next (method section 5).

use chrono::NaiveDate;

use crate::domain::{
    method::stage::Stage,
    values::{calendar::days_between, fraction::Fraction, window::Window},
};

/// The time a pursuit spent at one stage without leaving it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stay {
    /// Where.
    pub stage: Stage,
    /// Since when.
    pub entered_on: NaiveDate,
    /// Until when; none while it lasts.
    pub left_on: Option<NaiveDate>,
    /// Where to; none while it lasts.
    pub to: Option<Stage>,
}

impl Stay {
    /// Calendar days; none while it lasts. Nought for a stage that was passed through.
    pub fn days(&self) -> Option<i64> {
        self.left_on.map(|left| days_between(self.entered_on, left))
    }
}

/// The stays of one pursuit: its moves that count, each with its date and the stage after, in the order of the log.
pub fn stays(moves: &[(NaiveDate, Stage)]) -> Vec<Stay> {
    let next = moves.iter().skip(1).map(Some).chain(std::iter::once(None));
    moves
        .iter()
        .zip(next)
        .map(|((on, stage), next)| Stay {
            stage: *stage,
            entered_on: *on,
            left_on: next.map(|(on, _)| *on),
            to: next.map(|(_, to)| *to),
        })
        .collect()
}

/// How some numbers of days are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    /// How many cases.
    pub n: i64,
    /// Their sum, days.
    pub sum: i64,
    /// Twice the median, so that it stays whole.
    pub median_times_two: i64,
    /// Shortest, days.
    pub min: i64,
    /// Longest, days.
    pub max: i64,
}

impl Spread {
    /// Of some numbers of days; none of none.
    pub fn of(mut days: Vec<i64>) -> Option<Self> {
        days.sort_unstable();
        let n = days.len();
        let (min, max) = (*days.first()?, *days.last()?);
        Some(Spread {
            n: i64::try_from(n).ok()?,
            sum: days.iter().sum(),
            median_times_two: days[(n - 1) / 2] + days[n / 2],
            min,
            max,
        })
    }

    /// The mean, days; shown to one place.
    pub fn mean(&self) -> Option<Fraction> {
        Fraction::new(i128::from(self.sum), i128::from(self.n))
    }

    /// The median, days; shown to one place.
    pub fn median(&self) -> Option<Fraction> {
        Fraction::new(i128::from(self.median_times_two), 2)
    }
}

/// Time spent at a stage before it was left, whichever way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeInStage {
    /// Where.
    pub stage: Stage,
    /// Days; none where nobody left it.
    pub days: Option<Spread>,
}

/// Days from entering a stage to entering the next one, of those who went on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StepTime {
    /// From here.
    pub from: Stage,
    /// To there.
    pub to: Stage,
    /// Days; none where nobody went on.
    pub days: Option<Spread>,
}

/// The velocity of an agent or a team in a period.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Velocity {
    /// For the stages of a pursuit, in order.
    pub time_in_stage: Vec<TimeInStage>,
    /// For each step of the ladder, in order.
    pub steps: Vec<StepTime>,
}

/// Measures the stays that ended in a period; stays that still last count nowhere, or the slow ones would look fast.
pub fn velocity(stays: &[Stay], period: Window) -> Velocity {
    let ended = |stage: Stage| {
        stays.iter().filter(move |s| s.stage == stage && s.left_on.is_some_and(|on| period.contains(on)))
    };
    let time_in_stage = Stage::PURSUED
        .map(|stage| TimeInStage { stage, days: Spread::of(ended(stage).filter_map(Stay::days).collect()) });
    let steps = Stage::PURSUED.into_iter().filter_map(|from| {
        let to = from.next()?;
        let on = ended(from).filter(|s| s.to == Some(to));
        Some(StepTime { from, to, days: Spread::of(on.filter_map(Stay::days).collect()) })
    });
    Velocity { time_in_stage: time_in_stage.to_vec(), steps: steps.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    #[test]
    fn time_in_a_stage_counts_every_leaving_and_a_step_only_the_way_on() {
        use Stage::{FirstAppointment, Opportunity, Stage25, Stage50, Stage90};
        let first =
            stays(&[(day(1), FirstAppointment), (day(4), Stage25), (day(10), Stage50), (day(10), Stage90)]);
        let second = stays(&[(day(2), FirstAppointment), (day(4), Stage25), (day(24), Opportunity)]);
        assert_eq!(first[3].days(), None, "still there");
        let all: Vec<Stay> = first.into_iter().chain(second).collect();
        let v = velocity(&all, Window { from: day(1), to: day(31) });
        let at = |stage| v.time_in_stage.iter().find(|t| t.stage == stage).unwrap().days;
        let step = |from| v.steps.iter().find(|s| s.from == from).unwrap().days;
        let spread = |n, sum, median_times_two, min, max| Some(Spread { n, sum, median_times_two, min, max });
        assert_eq!(at(FirstAppointment), spread(2, 5, 5, 2, 3));
        assert_eq!(at(Stage25), spread(2, 26, 26, 6, 20));
        assert_eq!(step(Stage25), spread(1, 6, 12, 6, 6));
        assert_eq!((at(Stage50), step(Stage50)), (spread(1, 0, 0, 0, 0), spread(1, 0, 0, 0, 0)));
        assert_eq!((at(Stage90), step(Stage90)), (None, None));
        let early = velocity(&all, Window { from: day(1), to: day(5) });
        assert_eq!(early.time_in_stage[1].days, None, "nobody left 25% by then");
    }

    #[test]
    fn the_worked_cycle_of_section_5_has_the_mean_28() {
        let spread = Spread::of(vec![20, 25, 31, 28, 14, 35, 42, 30, 21, 34]).unwrap();
        assert_eq!(spread.mean().unwrap().written(1).unwrap(), "28.0");
        assert_eq!(spread.median().unwrap().written(1).unwrap(), "29.0");
        assert_eq!(Spread::of(vec![]), None);
    }
}
