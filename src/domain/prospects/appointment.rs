//! Appointments: what is planned, and what came of it (method section 5), folded from the facts.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::fact::{AppointmentKind, Fact, FactBody};
use crate::domain::values::id::Id;

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
    /// How often it was put off (延期): moved to a later calendar day of the team's time zone.
    pub deferrals: i32,
    /// What came of it.
    pub outcome: Outcome,
    /// The supervisor who goes along (陪访), if one does.
    pub joint_visit_with: Option<Id>,
    /// The fact that set its present date; its agenda is kept under this id.
    pub set_by: Id,
    /// The fact that says what came of it; notes are kept under this id.
    pub settled_by: Option<Id>,
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

impl Appointment {
    /// The appointment that a fact fixes.
    fn fixed_by(fact: &Fact) -> Option<Appointment> {
        let FactBody::AppointmentFixed { appointment_id, appointment_kind, starts_at, starts_on, has_agenda } =
            fact.body
        else {
            return None;
        };
        Some(Appointment {
            id: appointment_id,
            kind: appointment_kind,
            fixed_on: fact.occurred_on,
            starts_at,
            on: starts_on,
            has_agenda,
            deferrals: 0,
            outcome: Outcome::Open,
            joint_visit_with: None,
            set_by: fact.id,
            settled_by: None,
            set_seq: fact.seq,
        })
    }

    /// What was held or called off stays so, also when something dated later had been recorded before.
    fn is_settled(&self) -> bool {
        matches!(self.outcome, Outcome::Held | Outcome::Cancelled)
    }

    /// What a fact about it, later than its fixing, makes of it.
    fn follow(&mut self, fact: &Fact) {
        match &fact.body {
            FactBody::JointVisit { with, .. } => self.joint_visit_with = *with,
            _ if self.is_settled() => {}
            FactBody::AppointmentPostponed { starts_at, starts_on, has_agenda, .. } => {
                // Another hour, an earlier day or another agenda puts nothing off (method section 5).
                self.deferrals += i32::from(*starts_on > self.on);
                self.starts_at = *starts_at;
                self.on = *starts_on;
                self.has_agenda = *has_agenda;
                self.outcome = Outcome::Open;
                self.set_by = fact.id;
                self.settled_by = None;
                self.set_seq = fact.seq;
            }
            FactBody::AppointmentHeld { held_on, .. } => {
                self.on = *held_on;
                self.settle(Outcome::Held, fact);
            }
            FactBody::AppointmentNoShow { .. } => self.settle(Outcome::NoShow, fact),
            FactBody::AppointmentCancelled { .. } => self.settle(Outcome::Cancelled, fact),
            _ => {}
        }
    }

    fn settle(&mut self, outcome: Outcome, told_by: &Fact) {
        self.outcome = outcome;
        self.settled_by = Some(told_by.id);
    }
}

/// Folds the facts about appointments.
pub fn fold(facts: &[&Fact]) -> Vec<Appointment> {
    let mut list: Vec<Appointment> = Vec::new();
    for fact in facts {
        list.extend(Appointment::fixed_by(fact));
        let about = fact.body.about_appointment();
        if let Some(told) = list.iter_mut().find(|a| about == Some(a.id)) {
            told.follow(fact);
        }
    }
    list
}
