//! Where the body of an operation has what a refusal names.

use crate::domain::prospects::{
    decision::{AfterSigning, Dating},
    fact::AppointmentKind,
};

/// Where a body has the dates that a refusal names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the facts of a move.
    Facts,
    /// At the top.
    Top,
    /// At the top, and the business date is the day of the fixing.
    Fixing,
    /// At the top, and the business date is the day of the check.
    Check,
    /// In the one date that is right.
    Correction,
}

impl Place {
    /// The business date.
    pub fn when(self) -> &'static str {
        match self {
            Place::Facts | Place::Top => "/occurred_on",
            Place::Fixing => "/fixed_on",
            Place::Check => "/checked_on",
            Place::Correction => "/on",
        }
    }

    /// The field with the day on which an appointment was fixed or put off.
    pub fn fixed_on(self) -> &'static str {
        match self {
            Place::Facts | Place::Fixing => "fixed_on",
            Place::Top | Place::Check => "occurred_on",
            Place::Correction => "on",
        }
    }

    /// The start of an appointment.
    pub fn starts_at(self, kind: AppointmentKind) -> &'static str {
        match (self, kind) {
            (Place::Correction, _) => "/on",
            (Place::Top | Place::Fixing | Place::Check, _) => "/starts_at",
            (Place::Facts, AppointmentKind::First) => "/facts/first_appointment/starts_at",
            (Place::Facts, AppointmentKind::Next) => "/facts/next_appointment/starts_at",
        }
    }

    /// A date that follows the signature.
    pub fn date(self, which: AfterSigning) -> &'static str {
        match (self, which) {
            (Place::Correction, _) => "/on",
            (Place::Facts, AfterSigning::PolicyIssuedOn) => "/facts/policy_issued_on",
            (Place::Facts, AfterSigning::ReceiptSignedOn) => "/facts/receipt_signed_on",
            (Place::Facts, AfterSigning::WithdrawnOn) => "/facts/withdrawn_on",
            (_, AfterSigning::PolicyIssuedOn) => "/policy_issued_on",
            (_, AfterSigning::ReceiptSignedOn) => "/receipt_signed_on",
            (_, AfterSigning::WithdrawnOn) => "/withdrawn_on",
        }
    }

    /// The date of a fact, whatever gives it one.
    pub fn dating(self, dating: Dating) -> String {
        match (self, dating) {
            (Place::Facts, Dating::FixedOn(AppointmentKind::First)) => {
                "/facts/first_appointment/fixed_on".to_owned()
            }
            (Place::Facts, Dating::FixedOn(AppointmentKind::Next)) => {
                "/facts/next_appointment/fixed_on".to_owned()
            }
            (Place::Facts, Dating::CheckedOn(criterion)) => {
                format!("/facts/criteria/{}/checked_on", criterion.code())
            }
            (Place::Facts, Dating::Itself(kind)) => format!("/facts/{kind}_on"),
            (Place::Top, Dating::Itself(kind)) => format!("/{kind}_on"),
            _ => self.when().to_owned(),
        }
    }

    /// The verdict on whether one deals with whoever decides.
    pub fn decision_maker(self) -> &'static str {
        match self {
            Place::Facts => "/facts/criteria/decision_maker/verdict",
            Place::Top | Place::Fixing | Place::Check | Place::Correction => "/verdict",
        }
    }

    /// The days of the cooling-off period.
    pub fn cooling_off_days(self) -> &'static str {
        match self {
            Place::Top | Place::Fixing | Place::Check | Place::Correction => "/cooling_off_days",
            Place::Facts => "/facts/cooling_off_days",
        }
    }
}
