//! What people record about a pursuit: append-only, each with the date on which it became true.
//! Codes and dates only; every free text lives in a personal table keyed by the fact (method section 11).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::policy_fact::PolicyFact;
use crate::domain::{
    method::criteria::{Criterion, Verdict},
    organisation::actor::ActedBy,
    values::id::Id,
};

/// Whether an appointment is the first one or a later one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppointmentKind {
    /// 初次见面: the first formal meeting.
    First,
    /// Any meeting after it.
    Next,
}

impl AppointmentKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            AppointmentKind::First => "first",
            AppointmentKind::Next => "next",
        }
    }
}

/// The content of a fact.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FactBody {
    /// An appointment with date and time.
    AppointmentFixed {
        /// The appointment.
        appointment_id: Id,
        /// First or next.
        appointment_kind: AppointmentKind,
        /// Instant.
        starts_at: DateTime<Utc>,
        /// Its calendar date in the team's time zone.
        starts_on: NaiveDate,
        /// Whether an agenda was given.
        has_agenda: bool,
    },
    /// 延期: the same appointment on another date.
    AppointmentPostponed {
        /// The appointment.
        appointment_id: Id,
        /// New instant.
        starts_at: DateTime<Utc>,
        /// New calendar date.
        starts_on: NaiveDate,
        /// Whether an agenda stands.
        has_agenda: bool,
    },
    /// It was held.
    AppointmentHeld {
        /// The appointment.
        appointment_id: Id,
        /// On which day.
        held_on: NaiveDate,
    },
    /// The client did not come.
    AppointmentNoShow {
        /// The appointment.
        appointment_id: Id,
    },
    /// It was called off.
    AppointmentCancelled {
        /// The appointment.
        appointment_id: Id,
    },
    /// What had been told of the outcome was a slip: this record replaces that one and says nothing in its place.
    OutcomeTakenBack {
        /// The appointment.
        appointment_id: Id,
    },
    /// 陪访: a supervisor goes along to an appointment, or no longer. It moves nobody.
    JointVisit {
        /// The appointment.
        appointment_id: Id,
        /// Who goes along; nobody when absent.
        with: Option<Id>,
    },
    /// Whether a decision maker is expected at the first meeting.
    DecisionMakerExpected {
        /// Yes or no.
        expected: bool,
    },
    /// The first meeting was held: starts the clock.
    FirstMeeting {
        /// On which day.
        on: NaiveDate,
    },
    /// Further co-operation agreed, or no longer.
    CooperationAgreed {
        /// Yes or no.
        agreed: bool,
    },
    /// The concrete signing date agreed with the client, or none any more.
    TargetSigning {
        /// The date.
        on: Option<NaiveDate>,
    },
    /// A check of one of the five criteria.
    Check {
        /// Which.
        criterion: Criterion,
        /// The verdict.
        verdict: Verdict,
    },
    /// The application was signed.
    Signed {
        /// On which day.
        on: NaiveDate,
    },
    /// The documents were submitted.
    DocumentsSubmitted {
        /// On which day.
        on: NaiveDate,
    },
    /// The company received the money.
    PremiumReceived {
        /// On which day.
        on: NaiveDate,
        /// Advance premium (预收保费), minor units.
        amount_minor: Option<i64>,
    },
    /// The policy was issued (承保).
    PolicyIssued {
        /// On which day.
        on: NaiveDate,
        /// Standard premium (标准保费), minor units.
        standard_premium_minor: Option<i64>,
    },
    /// The policyholder signed the receipt (回执).
    ReceiptSigned {
        /// On which day.
        on: NaiveDate,
        /// Cooling-off period of this policy, if it differs from the setting.
        cooling_off_days: Option<i32>,
    },
    /// The policyholder withdrew.
    Withdrawn {
        /// Its own date.
        on: NaiveDate,
    },
    /// The agent asks for an extension.
    ExtensionRequested {
        /// Days asked for.
        days: i32,
    },
    /// A supervisor granted it.
    ExtensionGranted {
        /// Days granted.
        days: i32,
    },
    /// A supervisor refused it.
    ExtensionDenied,
    /// A supervisor confirmed that the pursuit may enter 50%.
    Stage50Confirmed,
    /// Words on what a move rests, told without a date of a sale that they could stand beside. It moves nobody.
    EvidenceGiven,
    /// The policy system told of an application.
    PolicyEvent(PolicyFact),
    /// What it had told does not belong here after all: this record replaces that one and says nothing in its place.
    PolicyEventTakenBack {
        /// The event.
        event_id: Id,
    },
}

impl FactBody {
    /// The code of the kind.
    pub fn kind(&self) -> &'static str {
        match self {
            FactBody::AppointmentFixed { .. } => "appointment_fixed",
            FactBody::AppointmentPostponed { .. } => "appointment_postponed",
            FactBody::AppointmentHeld { .. } => "appointment_held",
            FactBody::AppointmentNoShow { .. } => "appointment_no_show",
            FactBody::AppointmentCancelled { .. } => "appointment_cancelled",
            FactBody::OutcomeTakenBack { .. } => "outcome_taken_back",
            FactBody::JointVisit { .. } => "joint_visit",
            FactBody::DecisionMakerExpected { .. } => "decision_maker_expected",
            FactBody::FirstMeeting { .. } => "first_meeting",
            FactBody::CooperationAgreed { .. } => "cooperation_agreed",
            FactBody::TargetSigning { .. } => "target_signing",
            FactBody::Check { .. } => "check",
            FactBody::Signed { .. } => "signed",
            FactBody::DocumentsSubmitted { .. } => "documents_submitted",
            FactBody::PremiumReceived { .. } => "premium_received",
            FactBody::PolicyIssued { .. } => "policy_issued",
            FactBody::ReceiptSigned { .. } => "receipt_signed",
            FactBody::Withdrawn { .. } => "withdrawn",
            FactBody::ExtensionRequested { .. } => "extension_requested",
            FactBody::ExtensionGranted { .. } => "extension_granted",
            FactBody::ExtensionDenied => "extension_denied",
            FactBody::Stage50Confirmed => "stage_50_confirmed",
            FactBody::EvidenceGiven => "evidence_given",
            FactBody::PolicyEvent(_) => "policy_event",
            FactBody::PolicyEventTakenBack { .. } => "policy_event_taken_back",
        }
    }

    /// Facts of the sale itself come first on their date (decision 0001, rule 1) and retire when a 90 falls.
    pub fn is_policy(&self) -> bool {
        self.own_date().is_some() && !matches!(self, FactBody::FirstMeeting { .. })
    }

    /// The date that the fact is about and happened on.
    pub fn own_date(&self) -> Option<NaiveDate> {
        match self {
            FactBody::FirstMeeting { on }
            | FactBody::Signed { on }
            | FactBody::DocumentsSubmitted { on }
            | FactBody::PremiumReceived { on, .. }
            | FactBody::PolicyIssued { on, .. }
            | FactBody::ReceiptSigned { on, .. }
            | FactBody::Withdrawn { on } => Some(*on),
            FactBody::PolicyEvent(told) => Some(told.on),
            FactBody::AppointmentFixed { .. }
            | FactBody::AppointmentPostponed { .. }
            | FactBody::AppointmentHeld { .. }
            | FactBody::AppointmentNoShow { .. }
            | FactBody::AppointmentCancelled { .. }
            | FactBody::OutcomeTakenBack { .. }
            | FactBody::JointVisit { .. }
            | FactBody::DecisionMakerExpected { .. }
            | FactBody::CooperationAgreed { .. }
            | FactBody::TargetSigning { .. }
            | FactBody::Check { .. }
            | FactBody::ExtensionRequested { .. }
            | FactBody::ExtensionGranted { .. }
            | FactBody::ExtensionDenied
            | FactBody::Stage50Confirmed
            | FactBody::EvidenceGiven
            | FactBody::PolicyEventTakenBack { .. } => None,
        }
    }
}

impl FactBody {
    /// Whether it takes a sale back.
    pub fn undoes_a_sale(&self) -> bool {
        match self {
            FactBody::Withdrawn { .. } => true,
            FactBody::PolicyEvent(told) => told.event_type.undoes_a_sale(),
            _ => false,
        }
    }

    /// What the policy system told, if it did.
    pub fn policy_fact(&self) -> Option<&PolicyFact> {
        match self {
            FactBody::PolicyEvent(told) => Some(told),
            _ => None,
        }
    }

    /// The appointment of which this tells what came of it.
    pub fn about_appointment(&self) -> Option<Id> {
        match self {
            FactBody::AppointmentPostponed { appointment_id, .. }
            | FactBody::AppointmentHeld { appointment_id, .. }
            | FactBody::AppointmentNoShow { appointment_id }
            | FactBody::AppointmentCancelled { appointment_id }
            | FactBody::JointVisit { appointment_id, .. } => Some(*appointment_id),
            _ => None,
        }
    }

    /// The same with its own date corrected, where that date is the wrong one.
    pub fn redated(mut self, wrong: NaiveDate, right: NaiveDate) -> Self {
        match &mut self {
            FactBody::AppointmentHeld { held_on: on, .. }
            | FactBody::FirstMeeting { on }
            | FactBody::Signed { on }
            | FactBody::DocumentsSubmitted { on }
            | FactBody::PremiumReceived { on, .. }
            | FactBody::PolicyIssued { on, .. }
            | FactBody::ReceiptSigned { on, .. }
            | FactBody::Withdrawn { on }
                if *on == wrong =>
            {
                *on = right;
            }
            _ => {}
        }
        self
    }
}

/// One recorded fact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// Its id.
    pub id: Id,
    /// Position among the prospect's facts: 1, 2, 3, …
    pub seq: i32,
    /// Position in the log of moves at which it was recorded: the last record before it.
    pub after_transition: i32,
    /// Number of the pursuit.
    pub pursuit_number: i32,
    /// Everything of one request shares it.
    pub group_id: Id,
    /// The business date.
    pub occurred_on: NaiveDate,
    /// When it was written down.
    pub recorded_at: DateTime<Utc>,
    /// Calendar date of that in the team's time zone.
    pub recorded_on: NaiveDate,
    /// Who.
    pub by: ActedBy,
    /// A fact whose date this one corrects; that one no longer counts.
    pub replaces: Option<Id>,
    /// The content.
    pub body: FactBody,
}

impl Fact {
    /// Whether it rests on somebody's word: no other system has told it (method section 4).
    pub fn is_claimed(&self) -> bool {
        self.by.gives_a_word()
    }
}
