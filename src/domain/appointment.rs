//! Appointments: what is planned, and what came of it (method section 5), folded from the facts.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    fact::{AppointmentKind, Fact, FactBody},
    history::{Cut, History},
    id::Id,
    pursuit::{Pursuit, PursuitOutcome, pursuits},
};

/// An appointment as known on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Appointment {
    /// Its id.
    pub id: Id,
    /// First or next.
    pub kind: AppointmentKind,
    /// Day on which it was fixed.
    pub fixed_on: NaiveDate,
    /// Instant at which it starts, as last planned.
    pub starts_at: DateTime<Utc>,
    /// Its day: as planned, or when it was held.
    pub on: NaiveDate,
    /// Whether it has an agenda.
    pub has_agenda: bool,
    /// How often it was put off (延期).
    pub deferrals: i32,
    /// What came of it.
    pub outcome: Outcome,
    /// The supervisor who goes along (陪访), if one does.
    pub joint_visit_with: Option<Id>,
    /// The fact that set its present date; its agenda is kept under this id.
    pub set_by: Id,
    /// The fact that says what came of it; notes are kept under this id.
    pub settled_by: Option<Id>,
    /// Position in the log at which its present date was set.
    pub set_after: i32,
    /// Position among the facts at which its present date was set.
    pub set_seq: i32,
}

/// What came of an appointment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing recorded yet.
    Open,
    /// Held.
    Held,
    /// The client did not come.
    NoShow,
    /// Called off.
    Cancelled,
}

impl Outcome {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Outcome::Open => "open",
            Outcome::Held => "held",
            Outcome::NoShow => "no_show",
            Outcome::Cancelled => "cancelled",
        }
    }
}

/// Folds the facts about appointments.
pub fn appointments(facts: &[&Fact]) -> Vec<Appointment> {
    let mut list: Vec<Appointment> = Vec::new();
    // What was held or called off stays so, also when something dated later had been recorded before.
    fn unsettled(list: &mut [Appointment], id: Id) -> Option<&mut Appointment> {
        list.iter_mut().find(|a| a.id == id && !matches!(a.outcome, Outcome::Held | Outcome::Cancelled))
    }
    for fact in facts {
        match &fact.body {
            FactBody::AppointmentFixed {
                appointment_id,
                appointment_kind,
                starts_at,
                starts_on,
                has_agenda,
            } => {
                list.push(Appointment {
                    id: *appointment_id,
                    kind: *appointment_kind,
                    fixed_on: fact.occurred_on,
                    starts_at: *starts_at,
                    on: *starts_on,
                    has_agenda: *has_agenda,
                    deferrals: 0,
                    outcome: Outcome::Open,
                    joint_visit_with: None,
                    set_by: fact.id,
                    settled_by: None,
                    set_after: fact.after_transition,
                    set_seq: fact.seq,
                });
            }
            FactBody::AppointmentPostponed { appointment_id, starts_at, starts_on, has_agenda } => {
                if let Some(a) = unsettled(&mut list, *appointment_id) {
                    // Another agenda alone puts nothing off.
                    a.deferrals += i32::from(a.starts_at != *starts_at);
                    a.starts_at = *starts_at;
                    a.on = *starts_on;
                    a.has_agenda = *has_agenda;
                    a.outcome = Outcome::Open;
                    a.set_by = fact.id;
                    a.settled_by = None;
                    a.set_after = fact.after_transition;
                    a.set_seq = fact.seq;
                }
            }
            FactBody::AppointmentHeld { appointment_id, held_on } => {
                if let Some(a) = unsettled(&mut list, *appointment_id) {
                    a.on = *held_on;
                    a.outcome = Outcome::Held;
                    a.settled_by = Some(fact.id);
                }
            }
            FactBody::AppointmentNoShow { appointment_id } => {
                if let Some(a) = unsettled(&mut list, *appointment_id) {
                    a.outcome = Outcome::NoShow;
                    a.settled_by = Some(fact.id);
                }
            }
            FactBody::AppointmentCancelled { appointment_id } => {
                if let Some(a) = unsettled(&mut list, *appointment_id) {
                    a.outcome = Outcome::Cancelled;
                    a.settled_by = Some(fact.id);
                }
            }
            FactBody::JointVisit { appointment_id, with } => {
                if let Some(a) = list.iter_mut().find(|a| a.id == *appointment_id) {
                    a.joint_visit_with = *with;
                }
            }
            _ => {}
        }
    }
    list
}

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
    use super::*;
    use crate::domain::{stage::Stage, story::Story, transition::Path};

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
