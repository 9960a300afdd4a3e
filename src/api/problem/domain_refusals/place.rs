//! Where the body of an operation has what a refusal names.

use crate::domain::prospects::{decision::CorrectableDate, fact::AppointmentKind};

/// Where a body has the dates that a refusal names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the facts of a move.
    Facts,
    /// At the top.
    Top,
    /// At the top, and the business date is the day of the fixing.
    Fixing,
    /// In the one date that is right.
    Correction,
}

impl Place {
    /// The business date.
    pub fn when(self) -> &'static str {
        match self {
            Place::Facts | Place::Top => "/occurred_on",
            Place::Fixing => "/fixed_on",
            Place::Correction => "/on",
        }
    }

    /// The field with the day on which an appointment was fixed or put off.
    pub fn fixed_on(self) -> &'static str {
        match self {
            Place::Facts | Place::Fixing => "fixed_on",
            Place::Top => "occurred_on",
            Place::Correction => "on",
        }
    }

    /// The start of an appointment.
    pub fn starts_at(self, kind: AppointmentKind) -> &'static str {
        match (self, kind) {
            (Place::Correction, _) => "/on",
            (Place::Top | Place::Fixing, _) => "/starts_at",
            (Place::Facts, AppointmentKind::First) => "/facts/first_appointment/starts_at",
            (Place::Facts, AppointmentKind::Next) => "/facts/next_appointment/starts_at",
        }
    }

    /// A date that can be corrected.
    pub fn date(self, which: CorrectableDate) -> &'static str {
        match (self, which) {
            (Place::Correction, _) => "/on",
            (Place::Top | Place::Fixing, CorrectableDate::FirstMeetingOn) => "/first_meeting_on",
            (Place::Top | Place::Fixing, CorrectableDate::PolicyIssuedOn) => "/policy_issued_on",
            (Place::Top | Place::Fixing, CorrectableDate::ReceiptSignedOn) => "/receipt_signed_on",
            (Place::Facts, CorrectableDate::FirstMeetingOn) => "/facts/first_meeting_on",
            (Place::Facts, CorrectableDate::PolicyIssuedOn) => "/facts/policy_issued_on",
            (Place::Facts, CorrectableDate::ReceiptSignedOn) => "/facts/receipt_signed_on",
        }
    }

    /// The days of the cooling-off period.
    pub fn cooling_off_days(self) -> &'static str {
        match self {
            Place::Top | Place::Fixing | Place::Correction => "/cooling_off_days",
            Place::Facts => "/facts/cooling_off_days",
        }
    }
}
