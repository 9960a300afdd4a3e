//! Random facts, through the door of `POST /v1/classify`, against the oracle's ladder.

use super::cases;
use super::driver::stage_of;
use crate::oracle::classify as oracle;
use crate::oracle::strategies::{Question, question};
use proptest::prelude::*;
use prospector::{api::method::classify::FactsBody, domain::method::classify::classify};
use serde_json::json;

/// The facts in the fixed body of the endpoint.
fn body(facts: &oracle::Facts) -> FactsBody {
    let value = json!({
        "first_appointment": facts.first_appointment.as_ref().map(|a|
            json!({"fixed_on": a.fixed_on, "starts_at": a.starts_at.to_rfc3339()})),
        "decision_maker_expected": facts.decision_maker_expected,
        "first_meeting_on": facts.first_meeting_on,
        "clock_started_on": facts.clock_started_on,
        "extension_days": facts.extension_days,
        "fell_from_90_on": facts.fell_from_90_on,
        "further_cooperation_agreed": facts.further_cooperation_agreed,
        "next_appointment": facts.next_appointment.as_ref().map(|a|
            json!({"starts_at": a.starts_at.to_rfc3339(), "agenda": a.agenda})),
        "criteria": {
            "decision_maker": facts.decision_maker.code(),
            "plan_fits": facts.plan_fits.code(),
            "budget": facts.budget.code(),
        },
        "target_signing_on": facts.target_signing_on,
        "signed_on": facts.signed_on,
        "documents_submitted": facts.documents_submitted,
        "premium_received_on": facts.premium_received_on,
        "policy_issued_on": facts.policy_issued_on,
        "receipt_signed_on": facts.receipt_signed_on,
        "cooling_off_days": facts.cooling_off_days,
        "withdrawn_on": facts.withdrawn_on,
        "exited_on": facts.exited_on,
    });
    serde_json::from_value(value).unwrap()
}

fn agree(question: &Question) -> Result<(), TestCaseError> {
    let Question { as_of, cycle_days, facts } = question;
    let real = body(facts).into_facts(chrono_tz::Asia::Shanghai, *as_of);
    let answer = classify(&real, i32::try_from(*cycle_days).unwrap(), *as_of);
    prop_assert_eq!(oracle::classify(facts, *cycle_days, *as_of), stage_of(answer.stage), "{:#?}", real);
    let missing: Vec<&str> = answer
        .rules_for(prospector::domain::method::stage::Stage::Stage50)
        .filter(|rule| rule.verdict.is_some() && !rule.satisfied)
        .map(|rule| rule.code.code())
        .collect();
    prop_assert_eq!(oracle::criteria_missing(facts, *cycle_days, *as_of), missing);
    Ok(())
}

proptest! {
    #![proptest_config(cases(5000))]

    #[test]
    fn everyone_belongs_where_the_oracle_says(question in question()) {
        agree(&question)?;
    }
}
