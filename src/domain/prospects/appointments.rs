//! The appointments of a prospect, pursuit by pursuit (method section 5).
//!
//! Knows what the end of a pursuit makes of those that it left open; how one appointment is folded from its facts is
//! `appointment`.

use chrono::NaiveDate;

use super::{
    appointment::{Appointment, Outcome},
    fact::{AppointmentKind, FactBody},
    history::{Cut, History},
    pursuit::{Pursuit, PursuitOutcome, pursuits},
};
use crate::domain::values::id::Id;

/// The appointments of every pursuit as known on a day, each with the number of its pursuit. What a pursuit that came to
/// nothing left open beyond its end is called off with it: nobody waits for it any more.
pub fn of_all_pursuits(history: &History, cut: Cut) -> Vec<(i32, Appointment)> {
    let ended = pursuits(history);
    let as_it_stands = |number: i32, mut a: Appointment| {
        let pursuit = ended.iter().find(|p| p.number == number);
        if a.outcome == Outcome::Open && pursuit.is_some_and(|p| ended_before(p, a.on)) {
            a.outcome = Outcome::Cancelled;
        }
        (number, a)
    };
    (1..=history.highest_pursuit())
        .flat_map(|number| history.appointments_on(number, cut).into_iter().map(move |a| (number, a)))
        .map(|(number, a)| as_it_stands(number, a))
        .collect()
}

fn ended_before(pursuit: &Pursuit, day: NaiveDate) -> bool {
    match pursuit.outcome {
        Some(PursuitOutcome::Voided) => true,
        Some(PursuitOutcome::FellBack | PursuitOutcome::Exited) => {
            pursuit.ended_on.is_some_and(|ended_on| ended_on < day)
        }
        // One goes on meeting a client.
        Some(PursuitOutcome::Won) | None => false,
    }
}

/// The first meetings that took place without an appointment: of each pursuit whose first appointments were none of them
/// held, the day of the first meeting, and the day on which it was written down. A meeting is held whether or not anybody
/// had fixed it (method section 4: "a meeting held satisfies it").
pub fn meetings_without_appointment(history: &History) -> Vec<(NaiveDate, NaiveDate)> {
    let always = Cut::EndOf(NaiveDate::MAX);
    let met = |number: i32| {
        let pursuit = history.dossier(number);
        let held = |a: &Appointment| a.kind == AppointmentKind::First && a.outcome == Outcome::Held;
        if pursuit.appointments_on(always).iter().any(held) {
            return None;
        }
        pursuit.facts().iter().find_map(|fact| match fact.body {
            FactBody::FirstMeeting { on } => Some((on, fact.recorded_on)),
            _ => None,
        })
    };
    (1..=history.highest_pursuit()).filter_map(met).collect()
}

/// An appointment of any pursuit as it was told, with the number of its pursuit.
pub fn find(history: &History, id: Id, cut: Cut) -> Option<(i32, Appointment)> {
    (1..=history.highest_pursuit()).rev().find_map(|number| {
        let list = history.appointments_on(number, cut);
        list.into_iter().find(|a| a.id == id).map(|a| (number, a))
    })
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;
    use crate::domain::{
        method::stage::Stage,
        prospects::{story::Story, transition::Path},
    };

    fn day(d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2009, 12, d).unwrap()
    }

    fn left_open(ending: Stage) -> Vec<Outcome> {
        let fixed = |n: u128, d: u32| FactBody::AppointmentFixed {
            appointment_id: Id(uuid::Uuid::from_u128(n)),
            appointment_kind: AppointmentKind::Next,
            starts_at: DateTime::<Utc>::UNIX_EPOCH,
            starts_on: day(d),
            has_agenda: false,
        };
        let story = Story::default()
            .moved(day(1), Stage::Opportunity, Path::Created)
            .moved(day(1), Stage::Stage25, Path::Manual)
            .fact(day(2), fixed(1, 9))
            .fact(day(2), fixed(2, 10))
            .fact(day(2), fixed(3, 11))
            .moved(day(10), ending, Path::Manual);
        let all = of_all_pursuits(&story.told(), Cut::EndOf(NaiveDate::MAX));
        all.into_iter().map(|(_, a)| a.outcome).collect()
    }

    #[test]
    fn a_first_meeting_counts_once_with_its_appointment_or_without_one() {
        let met = |appointment: &[FactBody]| {
            let mut story = Story::default().moved(day(1), Stage::Opportunity, Path::Created);
            for body in appointment {
                story = story.fact(day(2), body.clone());
            }
            let story = story.fact(day(3), FactBody::FirstMeeting { on: day(3) });
            meetings_without_appointment(&story.moved(day(3), Stage::Stage25, Path::Manual).told())
        };
        let appointment_id = Id(uuid::Uuid::from_u128(1));
        let fixed = FactBody::AppointmentFixed {
            appointment_id,
            appointment_kind: AppointmentKind::First,
            starts_at: DateTime::<Utc>::UNIX_EPOCH,
            starts_on: day(3),
            has_agenda: false,
        };
        let held = FactBody::AppointmentHeld { appointment_id, held_on: day(3) };
        assert_eq!(met(&[]), [(day(3), day(3))]);
        assert_eq!(met(&[fixed.clone(), FactBody::AppointmentNoShow { appointment_id }]), [(day(3), day(3))]);
        assert_eq!(met(&[fixed, held]), []);
    }

    #[test]
    fn what_a_lost_pursuit_leaves_open_beyond_its_end_is_called_off() {
        use Outcome::{Cancelled, Open};
        assert_eq!(left_open(Stage::Exited), [Open, Open, Cancelled]);
        assert_eq!(left_open(Stage::Opportunity), [Open, Open, Cancelled]);
        assert_eq!(left_open(Stage::Stage50), [Open, Open, Open]);
        assert_eq!(left_open(Stage::Closed), [Open, Open, Open], "one goes on meeting a client");
    }
}
