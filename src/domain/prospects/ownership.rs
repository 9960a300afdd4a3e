//! Whose a prospect is, by date, and how it changes hands (method section 11).
//!
//! Ownership is a timeline of agents: a day belongs to whoever owned the prospect at its end, so the day of a transfer is
//! the new owner's. Who may hand over, and to whom, is decided where people are known.

use chrono::NaiveDate;

use super::history::{Environment, History};
use crate::domain::values::{id::Id, timeline::Timeline};

/// Why a prospect cannot be handed over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotHandedOver {
    /// It is that agent's already.
    SameOwner,
    /// The last move that stands is dated later: late entries may be older than it, nothing that follows it may.
    BeforeLastMove {
        /// The date of that move.
        last_on: NaiveDate,
    },
    /// It changed hands later than that.
    BeforeLastTransfer {
        /// The date of that transfer.
        last_on: NaiveDate,
    },
}

/// The owners of a prospect once it is handed to an agent on a day that has come.
///
/// # Errors
/// [`NotHandedOver`].
pub fn hand_over(
    history: &History,
    owners: &Timeline<Id>,
    to: Id,
    on: NaiveDate,
) -> Result<Timeline<Id>, NotHandedOver> {
    if *owners.on(NaiveDate::MAX) == to {
        return Err(NotHandedOver::SameOwner);
    }
    if let Some(anchor) = history.anchor().filter(|anchor| anchor.occurred_on > on) {
        return Err(NotHandedOver::BeforeLastMove { last_on: anchor.occurred_on });
    }
    if let Some((last_on, _)) = owners.steps().last().filter(|(last_on, _)| *last_on > on) {
        return Err(NotHandedOver::BeforeLastTransfer { last_on: *last_on });
    }
    Ok(owners.clone().followed_by(on, &Timeline::constant(to)))
}

/// Everybody who ever owned it, the present owner last; some perhaps twice.
pub fn everybody(owners: &Timeline<Id>) -> impl Iterator<Item = Id> {
    std::iter::once(*owners.before()).chain(owners.steps().iter().map(|(_, owner)| *owner))
}

/// What surrounds a prospect that changed hands: every day is governed by the cycle and the settings of the owner of
/// that day. None when an owner's are not known.
pub fn governing<'e>(
    owners: &Timeline<Id>,
    of: impl Fn(Id) -> Option<&'e Environment>,
) -> Option<Environment> {
    let mut governing = of(*owners.before())?.clone();
    for (day, owner) in owners.steps() {
        let next = of(*owner)?;
        governing.cycle = governing.cycle.followed_by(*day, &next.cycle);
        governing.settings = governing.settings.followed_by(*day, &next.settings);
        governing.handed_over_on.push(*day);
    }
    Some(governing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        method::{
            cycle::{Cycle, CycleSource},
            stage::Stage,
        },
        organisation::settings::Settings,
        prospects::{story::Story, transition::Path},
    };

    const A: Id = Id(uuid::Uuid::from_u128(1));
    const B: Id = Id(uuid::Uuid::from_u128(2));
    const C: Id = Id(uuid::Uuid::from_u128(3));

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn declared(first: i32, later: &[(u32, i32)]) -> Environment {
        let cycle = |days: i32| Cycle::unmeasured(days, CycleSource::Declared);
        let steps = later.iter().map(|(d, days)| (day(*d), cycle(*days))).collect();
        Environment::of_owner(Timeline::new(cycle(first), steps), Timeline::constant(Settings::default()))
    }

    #[test]
    fn each_day_is_governed_by_the_cycle_of_its_own_owner() {
        let (a, b) = (declared(28, &[(5, 30), (20, 99)]), declared(14, &[(8, 15), (25, 16)]));
        let owners = Timeline::new(A, vec![(day(10), B)]);
        let governing = governing(&owners, |id| Some(if id == A { &a } else { &b })).unwrap();
        let days = |on: &[u32]| -> Vec<i32> { on.iter().map(|d| governing.cycle_days(day(*d))).collect() };
        assert_eq!(days(&[1, 4, 5, 9]), [28, 28, 30, 30], "the old owner's up to the eve");
        assert_eq!(days(&[10, 20, 24, 25, 31]), [15, 15, 15, 16, 16], "the new owner's from the day on");
    }

    #[test]
    fn the_hold_covers_the_day_of_the_transfer_and_seven_more() {
        let (a, b) = (declared(28, &[]), declared(14, &[]));
        let owners = Timeline::new(A, vec![(day(10), B)]);
        let governing = governing(&owners, |id| Some(if id == A { &a } else { &b })).unwrap();
        let held: Vec<u32> = (1..=31).filter(|d| governing.is_held_after_transfer(day(*d))).collect();
        assert_eq!(held, [10, 11, 12, 13, 14, 15, 16, 17]);
    }

    #[test]
    fn a_transfer_is_dated_neither_before_the_last_move_nor_before_the_last_transfer() {
        let story = Story::default().moved(day(3), Stage::Opportunity, Path::Created);
        let history = story.moved(day(5), Stage::FirstAppointment, Path::Manual).told();
        let first = Timeline::constant(A);
        let refused = |owners: &Timeline<Id>, to, on| hand_over(&history, owners, to, on).unwrap_err();
        assert_eq!(refused(&first, A, day(9)), NotHandedOver::SameOwner);
        assert_eq!(refused(&first, B, day(4)), NotHandedOver::BeforeLastMove { last_on: day(5) });
        let second = hand_over(&history, &first, B, day(7)).unwrap();
        assert_eq!(refused(&second, B, day(9)), NotHandedOver::SameOwner);
        assert_eq!(refused(&second, C, day(6)), NotHandedOver::BeforeLastTransfer { last_on: day(7) });
        let third = hand_over(&history, &second, C, day(7)).unwrap();
        let owner = |d| *third.on(day(d));
        assert_eq!((owner(6), owner(7)), (A, C), "of two transfers on a day the later one counts");
        assert_eq!(everybody(&third).collect::<Vec<Id>>(), [A, C]);
    }
}
