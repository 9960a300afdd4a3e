//! Where a request has the field that mends a rule.

use crate::domain::method::{classify::RuleCode, criteria::Criterion};

/// In a body of facts to classify.
pub fn of_facts(code: RuleCode) -> &'static str {
    match code {
        RuleCode::FirstAppointmentDated => "/facts/first_appointment/starts_at",
        RuleCode::FirstFixedInCycle => "/facts/first_appointment/fixed_on",
        RuleCode::FirstMeetingHeld => "/facts/first_meeting_on",
        RuleCode::CooperationAgreed => "/facts/further_cooperation_agreed",
        RuleCode::NextAppointmentDated | RuleCode::NextAppointmentInCycle => {
            "/facts/next_appointment/starts_at"
        }
        RuleCode::WithinCycle => "/facts/clock_started_on",
        RuleCode::Criterion(Criterion::DecisionMaker) => "/facts/criteria/decision_maker",
        RuleCode::Criterion(Criterion::PlanFits) => "/facts/criteria/plan_fits",
        RuleCode::Criterion(Criterion::Budget) => "/facts/criteria/budget",
        RuleCode::Criterion(Criterion::Timing) => "/facts/target_signing_on",
        RuleCode::Criterion(Criterion::NextStep) => "/facts/next_appointment",
        RuleCode::Signed => "/facts/signed_on",
        RuleCode::DocumentsSubmitted => "/facts/documents_submitted",
        RuleCode::PremiumReceived => "/facts/premium_received_on",
        RuleCode::PolicyIssued => "/facts/policy_issued_on",
        RuleCode::ReceiptSigned => "/facts/receipt_signed_on",
        RuleCode::CoolingOffOver => "/facts/receipt_signed_on",
        RuleCode::NotWithdrawn => "/facts/withdrawn_on",
        RuleCode::SupervisorConfirmation => "/facts/confirmation",
    }
}

/// In the body of a move; none where it takes something else: an extension, a supervisor's confirmation.
pub fn of_move(code: RuleCode) -> Option<&'static str> {
    match code {
        RuleCode::DocumentsSubmitted => Some("/facts/documents_submitted_on"),
        RuleCode::WithinCycle | RuleCode::SupervisorConfirmation => None,
        other => Some(of_facts(other)),
    }
}
