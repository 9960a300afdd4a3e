//! What a fact of the timeline says: one object in which only what belongs to the fact's kind is filled in.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        extract::{At, On},
        respond::money::MoneyBody,
    },
    domain::{
        exchange::policy_event::PolicyEventType,
        journal::activity::CallOutcome,
        method::criteria::{Criterion, Verdict},
        prospects::fact::{AppointmentKind, FactBody},
        values::id::Id,
    },
};

/// What a fact says. Everything that does not belong to its kind is null.
#[derive(Serialize, ToSchema, Default)]
#[schema(example = json!({"on": "2009-12-15", "appointment_id": null, "appointment_kind": null, "starts_at": null,
    "has_agenda": null, "joint_visit_with": null, "expected": null, "agreed": null, "criterion": null, "verdict": null,
    "amount": null, "days": null, "outcome": null, "application_id": null, "event_type": null}))]
pub struct TimelineFact {
    /// The day that it is about: of the meeting, the signature, the money, the policy, the receipt, the withdrawal; the
    /// target signing date.
    pub on: Option<On>,
    /// The appointment.
    pub appointment_id: Option<Id>,
    /// First or next, where an appointment was fixed.
    pub appointment_kind: Option<AppointmentKind>,
    /// When the appointment starts.
    pub starts_at: Option<At>,
    /// Whether an agenda was given.
    pub has_agenda: Option<bool>,
    /// The supervisor who goes along (陪访); null where nobody does any more.
    pub joint_visit_with: Option<Id>,
    /// Whether a decision maker is expected.
    pub expected: Option<bool>,
    /// Whether further co-operation is agreed.
    pub agreed: Option<bool>,
    /// The criterion that was checked.
    pub criterion: Option<Criterion>,
    /// The verdict of the check.
    pub verdict: Option<Verdict>,
    /// Advance premium (预收保费) or standard premium (标准保费).
    pub amount: Option<MoneyBody>,
    /// Days of an extension, or of this policy's cooling-off period (犹豫期).
    #[schema(minimum = 0, maximum = 365, example = 7)]
    pub days: Option<i32>,
    /// How a call ended.
    pub outcome: Option<CallOutcome>,
    /// The application that the policy system told of.
    pub application_id: Option<Id>,
    /// What it told.
    pub event_type: Option<PolicyEventType>,
}

impl TimelineFact {
    /// What this fact says.
    pub fn of(body: &FactBody) -> Self {
        let none = TimelineFact::default;
        let of_appointment = |id: &Id| TimelineFact { appointment_id: Some(*id), ..none() };
        match body {
            FactBody::AppointmentFixed {
                appointment_id,
                appointment_kind,
                starts_at,
                starts_on,
                has_agenda,
            } => TimelineFact {
                appointment_kind: Some(*appointment_kind),
                starts_at: Some(At(*starts_at)),
                on: Some(On(*starts_on)),
                has_agenda: Some(*has_agenda),
                ..of_appointment(appointment_id)
            },
            FactBody::AppointmentPostponed { appointment_id, starts_at, starts_on, has_agenda } => {
                TimelineFact {
                    starts_at: Some(At(*starts_at)),
                    on: Some(On(*starts_on)),
                    has_agenda: Some(*has_agenda),
                    ..of_appointment(appointment_id)
                }
            }
            FactBody::AppointmentHeld { appointment_id, held_on } => {
                TimelineFact { on: Some(On(*held_on)), ..of_appointment(appointment_id) }
            }
            FactBody::AppointmentNoShow { appointment_id }
            | FactBody::AppointmentCancelled { appointment_id }
            | FactBody::OutcomeTakenBack { appointment_id } => of_appointment(appointment_id),
            FactBody::JointVisit { appointment_id, with } => {
                TimelineFact { joint_visit_with: *with, ..of_appointment(appointment_id) }
            }
            FactBody::DecisionMakerExpected { expected } => {
                TimelineFact { expected: Some(*expected), ..none() }
            }
            FactBody::CooperationAgreed { agreed } => TimelineFact { agreed: Some(*agreed), ..none() },
            FactBody::TargetSigning { on } => TimelineFact { on: on.map(On), ..none() },
            FactBody::Check { criterion, verdict } => {
                TimelineFact { criterion: Some(*criterion), verdict: Some(*verdict), ..none() }
            }
            FactBody::ExtensionRequested { days } | FactBody::ExtensionGranted { days } => {
                TimelineFact { days: Some(*days), ..none() }
            }
            _ => TimelineFact::of_a_sale(body),
        }
    }

    /// What a fact of a sale says; nothing where it is of none.
    fn of_a_sale(body: &FactBody) -> Self {
        let none = TimelineFact::default;
        let amount = |minor: &Option<i64>| minor.map(MoneyBody::from_minor);
        match body {
            FactBody::FirstMeeting { on }
            | FactBody::Signed { on }
            | FactBody::DocumentsSubmitted { on }
            | FactBody::Withdrawn { on } => TimelineFact { on: Some(On(*on)), ..none() },
            FactBody::PremiumReceived { on, amount_minor: minor }
            | FactBody::PolicyIssued { on, standard_premium_minor: minor } => {
                TimelineFact { on: Some(On(*on)), amount: amount(minor), ..none() }
            }
            FactBody::ReceiptSigned { on, cooling_off_days } => {
                TimelineFact { on: Some(On(*on)), days: *cooling_off_days, ..none() }
            }
            FactBody::PolicyEvent(told) => TimelineFact {
                on: Some(On(told.on)),
                amount: amount(&told.amount_minor.or(told.standard_premium_minor)),
                days: told.cooling_off_days,
                application_id: Some(told.application_id),
                event_type: Some(told.event_type),
                ..none()
            },
            _ => none(),
        }
    }
}
