//! To which pursuit an event of the policy system belongs (method section 10). Never decided by a name.

use chrono::NaiveDate;

use super::policy_message::WaitsFor;
use crate::domain::{
    method::stage::Stage,
    prospects::{
        history::History,
        pursuit::{PursuitOutcome, pursuits},
    },
    values::{id::Id, timeline::Timeline},
};

/// The pursuit that takes an event of a day: the latest one, unless the day lies before it. `tied`: the pursuit under which
/// the event's application stands already.
///
/// # Errors
/// Why it waits: nothing was begun, the person has left, or a newer pursuit has begun since.
pub fn pursuit_of(history: &History, on: NaiveDate, tied: Option<i32>) -> Result<i32, WaitsFor> {
    let all = pursuits(history);
    let standing = all.iter().filter(|p| p.outcome != Some(PursuitOutcome::Voided));
    let latest = standing.max_by_key(|p| p.number).ok_or(WaitsFor::NoPursuit)?;
    if tied.is_some_and(|number| number != latest.number) {
        return Err(WaitsFor::OlderPursuit);
    }
    if history.stage() == Stage::Exited {
        return Err(WaitsFor::Exited);
    }
    // What is dated before the first pursuit was opened is told of it all the same: nothing else could take it.
    let first = all.iter().all(|p| p.number >= latest.number || p.outcome == Some(PursuitOutcome::Voided));
    if first || on >= latest.opened_on { Ok(latest.number) } else { Err(WaitsFor::OlderPursuit) }
}

/// How many pursuits of an agent were open with somebody on a day. The day on which one ended still counts.
pub fn open_with(history: &History, owners: &Timeline<Id>, agent_id: Id, on: NaiveDate) -> usize {
    if *owners.on(on) != agent_id {
        return 0;
    }
    let all = pursuits(history).into_iter().filter(|p| p.outcome != Some(PursuitOutcome::Voided));
    all.filter(|p| p.opened_on <= on && p.ended_on.is_none_or(|ended| on <= ended)).count()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::prospects::{story::Story, transition::Path};

    const AGENT: Id = Id(Uuid::from_u128(1));
    const OTHER: Id = Id(Uuid::from_u128(2));

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    /// Created on the 1st; a pursuit from the 3rd to the 10th, and another since the 20th.
    fn twice() -> History {
        let mut history = Story::default()
            .moved(day(1), Stage::Opportunity, Path::Created)
            .moved(day(3), Stage::FirstAppointment, Path::Manual)
            .moved(day(10), Stage::Opportunity, Path::Automatic)
            .moved(day(20), Stage::FirstAppointment, Path::Manual)
            .told();
        history.transitions.last_mut().unwrap().pursuit_number = 2;
        history
    }

    #[test]
    fn an_event_belongs_to_the_latest_pursuit_and_waits_when_it_is_of_an_older_one() {
        let history = twice();
        assert_eq!(pursuit_of(&history, day(20), None), Ok(2));
        assert_eq!(pursuit_of(&history, day(19), None), Err(WaitsFor::OlderPursuit));
        assert_eq!(pursuit_of(&history, day(25), Some(1)), Err(WaitsFor::OlderPursuit));
        let once = history.as_of(day(12)).unwrap();
        assert_eq!(pursuit_of(&once, day(2), None), Ok(1), "it fell back, and nothing has begun since");
        assert_eq!(pursuit_of(&history.as_of(day(2)).unwrap(), day(2), None), Err(WaitsFor::NoPursuit));
    }

    #[test]
    fn whoever_has_left_gets_nothing_without_a_supervisor() {
        let left = Story::default()
            .moved(day(1), Stage::Opportunity, Path::Created)
            .moved(day(3), Stage::FirstAppointment, Path::Manual)
            .moved(day(5), Stage::Exited, Path::Manual)
            .told();
        assert_eq!(pursuit_of(&left, day(4), Some(1)), Err(WaitsFor::Exited));
    }

    #[test]
    fn a_telephone_counts_on_the_days_on_which_a_pursuit_of_that_agent_was_open() {
        let (history, owners) = (twice(), Timeline::constant(AGENT));
        let open = |d| open_with(&history, &owners, AGENT, day(d));
        assert_eq!([2, 3, 10, 11, 19, 20, 31].map(open), [0, 1, 1, 0, 0, 1, 1]);
        assert_eq!(open_with(&history, &owners, OTHER, day(5)), 0);
        let handed = owners.followed_by(day(22), &Timeline::constant(OTHER));
        assert_eq!(open_with(&history, &handed, AGENT, day(21)), 1, "of the owner of that day");
        assert_eq!(open_with(&history, &handed, AGENT, day(22)), 0);
    }
}
