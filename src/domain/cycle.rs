//! The sales cycle (销售周期, method section 5): an average of the agent's own last closings.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    calendar::days_between,
    id::Id,
    settings::Settings,
    timeline::Timeline,
    window::{Span, holds_on},
};

/// The cycle of an agent of whom nothing is known, days.
pub const DEFAULT_DAYS: i32 = 28;

/// One closed pursuit, as far as the cycle needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deal {
    /// The prospect.
    pub prospect_id: Id,
    /// Number of the pursuit.
    pub pursuit_number: i32,
    /// Id of the pursuit: the last word in the order of deals.
    pub pursuit_id: Id,
    /// Original first meeting.
    pub first_meeting_on: NaiveDate,
    /// Last signature.
    pub signed_on: NaiveDate,
    /// Date of the closing.
    pub closed_on: NaiveDate,
    /// From when on it counts: the closing, or the recording of the last fact that made it due.
    pub counts_from: NaiveDate,
    /// From when on it no longer counts, after a withdrawal that came late.
    pub counts_until: Option<NaiveDate>,
}

impl Deal {
    /// Days from first meeting to signature.
    pub fn days(&self) -> i64 {
        days_between(self.first_meeting_on, self.signed_on)
    }

    fn counts_on(&self, date: NaiveDate) -> bool {
        self.counts_from <= date && self.counts_until.is_none_or(|until| date < until)
    }
}

/// Where a cycle value comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CycleSource {
    /// The average of the agent's own deals.
    Measured,
    /// The agent's own word.
    Declared,
    /// The mean of the team's members who have deals.
    TeamMean,
    /// Nothing known: 28 days.
    Default,
}

impl CycleSource {
    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            CycleSource::Measured => "measured",
            CycleSource::Declared => "declared",
            CycleSource::TeamMean => "team_mean",
            CycleSource::Default => "default",
        }
    }
}

/// The figures behind a measured cycle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measurement {
    /// Sum of the days.
    pub sum: i64,
    /// Number of deals used.
    pub n: i64,
    /// Twice the median, so that it stays whole.
    pub median_times_two: i64,
    /// Shortest deal, days.
    pub min: i64,
    /// Longest deal, days.
    pub max: i64,
    /// The deals used, last first.
    pub deals: Vec<Deal>,
}

/// The cycle in force for an agent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cycle {
    /// Days; what every rule compares with.
    pub cycle_days: i32,
    /// Where it comes from.
    pub source: CycleSource,
    /// The figures, when measured.
    pub measurement: Option<Measurement>,
}

impl Cycle {
    /// A cycle that nobody measured.
    pub fn unmeasured(cycle_days: i32, source: CycleSource) -> Self {
        Cycle { cycle_days, source, measurement: None }
    }

    /// Whether fewer deals than the window stand behind it.
    pub fn low_confidence(&self, settings: &Settings) -> bool {
        self.measurement.as_ref().is_none_or(|m| m.n < i64::from(settings.cycle_window))
    }
}

/// `a / b` rounded half up, for non-negative `a` and positive `b`.
pub fn round_half_up(a: i64, b: i64) -> i64 {
    (2 * a + b).div_euclid(2 * b)
}

/// Averages the last deals that count on `date`.
pub fn measure(deals: &[Deal], date: NaiveDate, window: i32) -> Option<Measurement> {
    let mut used: Vec<Deal> = deals.iter().filter(|d| d.counts_on(date)).cloned().collect();
    used.sort_by(|a, b| {
        (b.closed_on, b.signed_on, b.pursuit_id).cmp(&(a.closed_on, a.signed_on, a.pursuit_id))
    });
    used.truncate(usize::try_from(window).unwrap_or(0));
    let mut days: Vec<i64> = used.iter().map(Deal::days).collect();
    days.sort_unstable();
    let n = days.len();
    let (min, max) = (*days.first()?, *days.last()?);
    Some(Measurement {
        sum: days.iter().sum(),
        n: i64::try_from(n).unwrap_or(i64::MAX),
        median_times_two: days[(n - 1) / 2] + days[n / 2],
        min,
        max,
        deals: used,
    })
}

/// A value an agent declared, in force from a date on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Declaration {
    /// First day on which it is in force.
    pub valid_from: NaiveDate,
    /// Days, 7..=365.
    pub cycle_days: i32,
}

/// Everything an agent's cycle follows from.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CycleInputs {
    /// The agent's own deals.
    pub deals: Vec<Deal>,
    /// The agent's own declarations.
    pub declarations: Vec<Declaration>,
    /// Everybody else who ever belonged to a team together with the agent.
    pub team: Vec<Mate>,
}

/// Somebody who belonged to the agent's team, on some days: on those the own deals count towards the team's mean,
/// wherever they were made (method section 11: membership is effective-dated).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mate {
    /// The mate's deals.
    pub deals: Vec<Deal>,
    /// The days on which both belonged to one team.
    pub together: Vec<Span>,
}

/// The agent's cycle on one date: measured, else declared, else the mean of those who were in the agent's team on that
/// date, else 28.
pub fn cycle_on(inputs: &CycleInputs, settings: &Settings, date: NaiveDate) -> Cycle {
    let clamp = |days: i64| {
        let days = i32::try_from(days).unwrap_or(i32::MAX);
        days.clamp(settings.cycle_min_days, settings.cycle_max_days.max(settings.cycle_min_days))
    };
    if let Some(m) = measure(&inputs.deals, date, settings.cycle_window) {
        return Cycle {
            cycle_days: clamp(round_half_up(m.sum, m.n)),
            source: CycleSource::Measured,
            measurement: Some(m),
        };
    }
    let declared = inputs.declarations.iter().filter(|d| d.valid_from <= date).max_by_key(|d| d.valid_from);
    if let Some(d) = declared {
        return Cycle::unmeasured(d.cycle_days, CycleSource::Declared);
    }
    let means: Vec<(i64, i64)> = inputs
        .team
        .iter()
        .filter(|mate| holds_on(&mate.together, date))
        .filter_map(|mate| measure(&mate.deals, date, settings.cycle_window))
        .map(|m| (m.sum, m.n))
        .collect();
    if means.is_empty() {
        return Cycle::unmeasured(DEFAULT_DAYS, CycleSource::Default);
    }
    Cycle::unmeasured(clamp(mean_of_means(&means)), CycleSource::TeamMean)
}

/// The mean of fractions, rounded half up, in whole numbers throughout: the window bounds every denominator by 20.
fn mean_of_means(means: &[(i64, i64)]) -> i64 {
    let common: i128 = means.iter().fold(1, |acc, (_, n)| lcm(acc, i128::from(*n)));
    let sum: i128 = means.iter().map(|(s, n)| i128::from(*s) * (common / i128::from(*n))).sum();
    let count = i128::try_from(means.len()).unwrap_or(1);
    let rounded = (2 * sum + common * count).div_euclid(2 * common * count);
    i64::try_from(rounded).unwrap_or(i64::MAX)
}

fn lcm(a: i128, b: i128) -> i128 {
    let (mut x, mut y) = (a, b);
    while y != 0 {
        (x, y) = (y, x % y);
    }
    a / x * b
}

/// The agent's cycle by date, for every date on which it may change.
pub fn cycle_timeline(inputs: &CycleInputs, settings: &Timeline<Settings>) -> Timeline<Cycle> {
    let of_mates = inputs.team.iter().flat_map(|mate| &mate.deals);
    let together = inputs.team.iter().flat_map(|mate| &mate.together);
    let mut dates: Vec<NaiveDate> = inputs
        .deals
        .iter()
        .chain(of_mates)
        .flat_map(|d| [Some(d.counts_from), d.counts_until])
        .chain(together.flat_map(|span| [Some(span.from), span.until]))
        .flatten()
        .chain(inputs.declarations.iter().map(|d| d.valid_from))
        .chain(settings.steps().iter().map(|(from, _)| *from))
        .collect();
    dates.sort_unstable();
    dates.dedup();
    let before = cycle_on(inputs, settings.before(), NaiveDate::MIN);
    let steps = dates.into_iter().map(|d| (d, cycle_on(inputs, settings.on(d), d))).collect();
    Timeline::new(before, steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn deal(days: i64, counts_from: NaiveDate) -> Deal {
        let signed_on = NaiveDate::from_ymd_opt(2009, 11, 1).unwrap();
        Deal {
            prospect_id: Id(uuid::Uuid::nil()),
            pursuit_number: 1,
            pursuit_id: Id(uuid::Uuid::nil()),
            first_meeting_on: super::super::calendar::plus_days(signed_on, -days),
            signed_on,
            closed_on: counts_from,
            counts_from,
            counts_until: None,
        }
    }

    #[test]
    fn a_mate_counts_on_the_days_spent_together_and_on_no_others() {
        let mate = |days, closed, together: &[(u32, Option<u32>)]| Mate {
            deals: vec![deal(days, day(closed))],
            together: together.iter().map(|(a, b)| Span { from: day(*a), until: b.map(day) }).collect(),
        };
        // One stays up to the 10th and comes back on the 20th; the other comes on the 8th and sells on the 12th.
        let team = vec![mate(20, 3, &[(1, Some(10)), (20, None)]), mate(40, 12, &[(8, Some(25))])];
        let inputs = CycleInputs { team, ..CycleInputs::default() };
        let timeline = cycle_timeline(&inputs, &Timeline::constant(Settings::default()));
        let expected = |d| match d {
            3..=9 | 25.. => (20, CycleSource::TeamMean),
            12..=19 => (40, CycleSource::TeamMean),
            20..=24 => (30, CycleSource::TeamMean),
            _ => (DEFAULT_DAYS, CycleSource::Default),
        };
        for d in 1..=31 {
            let cycle = timeline.on(day(d));
            assert_eq!((cycle.cycle_days, cycle.source), expected(d), "{d}");
            assert_eq!(cycle, &cycle_on(&inputs, &Settings::default(), day(d)), "{d}");
        }
    }
}
