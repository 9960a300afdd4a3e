//! The sales cycle (销售周期, method section 5): an average of the agent's own last closings.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::{
    organisation::settings::Settings,
    values::{calendar::days_between, id::Id, timeline::Timeline},
};

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
    /// Nothing known: the setting `default_cycle_days`.
    Default,
}

impl CycleSource {
    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            CycleSource::Measured => "measured",
            CycleSource::Declared => "declared",
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

/// Everything an agent's cycle follows from, the settings aside: nothing of anybody else's.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CycleInputs {
    /// The agent's own deals.
    pub deals: Vec<Deal>,
    /// The agent's own declarations.
    pub declarations: Vec<Declaration>,
}

/// The agent's cycle on one date: measured, else declared, else the setting. Where there are fewer deals than the window,
/// the missing ones count as the declared value, else as the setting: one quick sale must not send everybody back.
pub fn cycle_on(inputs: &CycleInputs, settings: &Settings, date: NaiveDate) -> Cycle {
    let declared = inputs.declarations.iter().filter(|d| d.valid_from <= date).max_by_key(|d| d.valid_from);
    let (usual, source) = match declared {
        Some(d) => (d.cycle_days, CycleSource::Declared),
        None => (settings.default_cycle_days, CycleSource::Default),
    };
    let Some(m) = measure(&inputs.deals, date, settings.cycle_window) else {
        return Cycle::unmeasured(usual, source);
    };
    let window = i64::from(settings.cycle_window).max(m.n);
    let filled_up = m.sum + (window - m.n) * i64::from(usual);
    let days = i32::try_from(round_half_up(filled_up, window)).unwrap_or(i32::MAX);
    let most = settings.cycle_max_days.max(settings.cycle_min_days);
    let cycle_days = days.clamp(settings.cycle_min_days, most);
    Cycle { cycle_days, source: CycleSource::Measured, measurement: Some(m) }
}

/// The mean of a team on a date, to be shown beside a member's cycle as a value that one may declare; it governs nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TeamMean {
    /// Tenths of days, rounded half up.
    pub tenths: i64,
    /// Members with deals: those whose means it is the mean of.
    pub n: i64,
}

/// The mean of the means of those members who have deals on a date; none where nobody has.
pub fn team_mean(of_members: &[Vec<Deal>], window: i32, date: NaiveDate) -> Option<TeamMean> {
    let means: Vec<Measurement> =
        of_members.iter().filter_map(|deals| measure(deals, date, window)).collect();
    let n = i64::try_from(means.len()).ok().filter(|n| *n > 0)?;
    // Whole numbers throughout: the window bounds every denominator by 20.
    let common: i128 = means.iter().fold(1, |common, m| lcm(common, i128::from(m.n)));
    let sum: i128 = means.iter().map(|m| i128::from(m.sum) * (common / i128::from(m.n))).sum();
    let (tenths, whole) = (10 * sum, common * i128::from(n));
    let tenths = i64::try_from((2 * tenths + whole).div_euclid(2 * whole)).unwrap_or(i64::MAX);
    Some(TeamMean { tenths, n })
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
    let mut dates: Vec<NaiveDate> = inputs
        .deals
        .iter()
        .flat_map(|d| [Some(d.counts_from), d.counts_until])
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
            first_meeting_on: crate::domain::values::calendar::plus_days(signed_on, -days),
            signed_on,
            closed_on: counts_from,
            counts_from,
            counts_until: None,
        }
    }

    #[test]
    fn one_sale_in_two_days_and_nine_times_28_make_25() {
        let inputs = CycleInputs { deals: vec![deal(2, day(3))], ..CycleInputs::default() };
        let cycle = cycle_on(&inputs, &Settings::default(), day(3));
        assert_eq!((cycle.cycle_days, cycle.source), (25, CycleSource::Measured));
        let measured = cycle.measurement.clone().unwrap();
        assert_eq!((measured.sum, measured.n), (2, 1), "the mean shown stays that of the deals there are");
        assert!(cycle.low_confidence(&Settings::default()));
    }

    #[test]
    fn missing_deals_count_as_the_declared_value_of_the_day_else_as_the_setting() {
        let settings = Settings { default_cycle_days: 40, ..Settings::default() };
        let word = Declaration { valid_from: day(10), cycle_days: 60 };
        let deals = vec![deal(10, day(5)), deal(20, day(5))];
        let inputs = CycleInputs { deals, declarations: vec![word] };
        let on = |d| {
            let cycle = cycle_on(&inputs, &settings, day(d));
            (cycle.cycle_days, cycle.source)
        };
        assert_eq!(on(4), (40, CycleSource::Default));
        assert_eq!(on(5), (35, CycleSource::Measured), "30 and eight times 40 over ten");
        assert_eq!(on(10), (51, CycleSource::Measured), "30 and eight times 60 over ten");
        let timeline = cycle_timeline(&inputs, &Timeline::constant(settings.clone()));
        for d in 1..=31 {
            assert_eq!(timeline.on(day(d)), &cycle_on(&inputs, &settings, day(d)), "{d}");
        }
    }

    #[test]
    fn a_full_window_is_the_mean_of_its_deals_alone() {
        let days = [20, 25, 31, 28, 14, 35, 42, 30, 21, 34];
        let deals = days.iter().map(|days| deal(*days, day(5))).collect();
        let word = Declaration { valid_from: day(1), cycle_days: 365 };
        let inputs = CycleInputs { deals, declarations: vec![word] };
        let cycle = cycle_on(&inputs, &Settings::default(), day(5));
        assert_eq!((cycle.cycle_days, cycle.low_confidence(&Settings::default())), (28, false));
    }

    #[test]
    fn a_teams_mean_is_that_of_its_members_means() {
        let one = vec![deal(20, day(3)), deal(21, day(3)), deal(21, day(3))];
        let other = vec![deal(40, day(12))];
        let members = [one, other, Vec::new()];
        let on = |d| team_mean(&members, 10, day(d)).map(|mean| (mean.tenths, mean.n));
        assert_eq!(on(2), None);
        assert_eq!(on(3), Some((207, 1)), "62 thirds");
        assert_eq!(on(12), Some((303, 2)), "20 and two thirds, and 40");
    }
}
