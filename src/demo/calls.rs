//! The calls of the demo's agents, as a tally a day (method section 7): 李明 keeps the benchmark of fifteen dials and seven
//! connects, the others are each a little off it, so that the ratios have something to say.

use super::{script::Day, stories};
use crate::domain::journal::activity::DayCounts;

/// Weeks of calls before the sample's Monday.
const WEEKS_BEFORE: Day = 6;

/// Dials, connects and appointments set from Monday to Friday, the same every week.
type Week = [(i64, i64, i64); 5];

const WEEKS: [(&str, Week); 4] = [
    (stories::AGENT_A, [(16, 8, 1), (15, 7, 1), (14, 6, 1), (17, 8, 1), (13, 6, 1)]),
    (stories::YANG, [(12, 5, 1), (15, 7, 1), (10, 4, 0), (14, 7, 1), (11, 5, 1)]),
    (stories::SHI, [(20, 7, 1), (18, 6, 1), (15, 5, 1), (19, 6, 0), (16, 6, 1)]),
    (stories::AGENT_B, [(8, 4, 0), (10, 5, 1), (9, 4, 1), (7, 3, 0), (6, 4, 1)]),
];

/// A day's calls of an agent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DayOfCalls {
    /// User name of the agent.
    pub owner: &'static str,
    /// The day.
    pub day: Day,
    /// What was counted.
    pub counts: DayCounts,
}

/// The calls of every working day before a day; those of the day itself are still to be made.
pub fn calls(today: Day) -> Vec<DayOfCalls> {
    let days = (-7 * WEEKS_BEFORE..today).filter(|day| day.rem_euclid(7) < 5);
    let of_day = |day: Day| {
        WEEKS.iter().filter_map(move |(owner, week)| {
            let (dials, connects, appointments_set) = *week.get(usize::try_from(day.rem_euclid(7)).ok()?)?;
            // Of those who answered and did not agree to meet, every other one says no.
            let refused = (connects - appointments_set) / 2;
            let counts = DayCounts { dials, connects, appointments_set, refused, ..DayCounts::default() };
            Some(DayOfCalls { owner, day, counts })
        })
    };
    days.flat_map(of_day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_agent_keeps_the_benchmark_of_fifteen_seven_one() {
        let of_agent = || calls(0).into_iter().filter(|day| day.owner == stories::AGENT_A);
        let sum = |of: fn(&DayCounts) -> i64| of_agent().map(|day| of(&day.counts)).sum::<i64>();
        let days = i64::try_from(of_agent().count()).unwrap();
        assert_eq!(days, 5 * WEEKS_BEFORE);
        assert_eq!(
            (sum(|c| c.dials), sum(|c| c.connects), sum(|c| c.appointments_set)),
            (15 * days, 7 * days, days)
        );
        assert!(calls(5).iter().all(|day| day.day < 5 && day.counts.connects >= day.counts.refused));
    }
}
