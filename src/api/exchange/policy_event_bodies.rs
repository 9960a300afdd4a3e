//! Bodies of `/v1/policy-events`.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{At, Line, On, Prose, Telephone},
        problem::{Code, document::Problem},
        respond::money::MoneyBody,
    },
    commands::exchange::policy_events::Message,
    domain::{
        exchange::{policy_event::PolicyEventType, policy_message::PolicyMessage},
        values::{id::Id, text::Text},
    },
};

/// How far the clock of another system may be ahead of ours.
const AHEAD: Duration = Duration::minutes(5);

/// Something that happened to a policy, as the policy system tells it. Numbers tie it to an application; without one that is
/// known, the prospect's id or agent code and telephone say whom it is about.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "ev-20091219-0001", "type": "premium_received", "occurred_at": "2009-12-19T10:00:00+08:00",
    "application_number": "A-7781", "policy_number": null, "prospect_id": null, "agent_code": "10017",
    "client_phone": "138 0000 1234", "product_code": null, "channel": "agency", "payment_term_years": 20,
    "amount": {"amount": "3000.00", "currency": "CNY"}, "standard_premium": null, "signed_on": "2009-12-18", "reason": null}))]
pub struct CreatePolicyEvent {
    /// Your own id of it: told again, it has no second effect.
    #[schema(example = "ev-20091219-0001")]
    pub id: Line<128>,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: PolicyEventType,
    /// When it happened, at most five minutes from now. The day that counts is that of the insurer's time zone.
    pub occurred_at: At,
    /// Number of the application.
    #[serde(default)]
    #[schema(example = "A-7781")]
    pub application_number: Option<Line<64>>,
    /// Number of the policy.
    #[serde(default)]
    #[schema(example = "P-20091221-01")]
    pub policy_number: Option<Line<64>>,
    /// Whom it is about, where you know our id.
    #[serde(default)]
    pub prospect_id: Option<Id>,
    /// Whose client it is (工号).
    #[serde(default)]
    #[schema(example = "10017")]
    pub agent_code: Option<Line<40>>,
    /// The client's telephone.
    #[serde(default)]
    pub client_phone: Option<Telephone>,
    /// The product; one of `/v1/products`.
    #[serde(default)]
    #[schema(example = "TL20")]
    pub product_code: Option<Line<40>>,
    /// Through which channel it was sold.
    #[serde(default)]
    #[schema(example = "agency")]
    pub channel: Option<Line<40>>,
    /// Over how many years premiums are paid.
    #[serde(default)]
    #[validate(range(min = 1, max = 100))]
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub payment_term_years: Option<i32>,
    /// The money that it is about: received, or returned.
    #[serde(default)]
    #[validate(nested)]
    pub amount: Option<MoneyBody>,
    /// Standard premium (标准保费) in your own figure; it wins over that of the factors.
    #[serde(default)]
    #[validate(nested)]
    pub standard_premium: Option<MoneyBody>,
    /// When the application was signed.
    #[serde(default)]
    pub signed_on: Option<On>,
    /// Why, in words.
    #[serde(default)]
    #[schema(example = "the account was not covered")]
    pub reason: Option<Prose<500>>,
}

impl CreatePolicyEvent {
    /// The code of the product, for the check that there is one.
    pub fn product(&self) -> Option<String> {
        self.product_code.clone().map(String::from)
    }

    /// What was told, as the command takes it.
    ///
    /// # Errors
    /// 422 with every place that is against a rule.
    pub fn message(self, now: DateTime<Utc>) -> Result<Message, Problem> {
        let minor =
            |money: &Option<MoneyBody>, pointer| money.as_ref().map(|m| m.minor_units(pointer)).transpose();
        let amount = minor(&self.amount, "/amount");
        let standard = minor(&self.standard_premium, "/standard_premium");
        let in_time = if self.occurred_at.0 > now + AHEAD { Err(in_the_future(now)) } else { Ok(()) };
        let against = [amount.as_ref().err(), standard.as_ref().err(), in_time.as_ref().err()];
        if let Some(problem) = against.into_iter().flatten().cloned().reduce(Problem::and) {
            return Err(problem);
        }
        Ok(Message {
            event: PolicyMessage {
                sender_id: self.id.into(),
                event_type: self.event_type,
                occurred_at: self.occurred_at.0,
                application_number: self.application_number.map(String::from),
                policy_number: self.policy_number.map(String::from),
                prospect_id: self.prospect_id,
                agent_code: self.agent_code.map(String::from),
                product_code: self.product_code.map(String::from),
                channel: self.channel.map(String::from),
                payment_term_years: self.payment_term_years,
                amount_minor: amount?,
                standard_premium_minor: standard?,
                signed_on: self.signed_on.map(|on| on.0),
            },
            client_phone: self.client_phone.map(|phone| phone.0),
            reason: self.reason.map(String::from),
        })
    }
}

fn in_the_future(now: DateTime<Utc>) -> Problem {
    let said = Text::new("More than five minutes from now.", "比现在晚五分钟以上。");
    Problem::new(Code::ValidationFailed).error(
        "/occurred_at",
        "in_the_future",
        said,
        json!({"latest": At(now + AHEAD)}),
    )
}

/// Several events; each stands on its own.
// The document's word for it: each item is read for itself, in the same bounds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"events": [{"id": "ev-1", "type": "policy_issued", "occurred_at": "2009-12-20T09:00:00+08:00", "application_number": "A-7781"}]}))]
pub struct CreatePolicyEventBatch {
    /// The events, 1 to 100, in any order.
    #[schema(min_items = 1, max_items = 100)]
    pub events: Vec<CreatePolicyEvent>,
}

/// What an event is answered with: always the same, whomever it is about.
#[derive(Serialize, Deserialize, Clone, Copy, ToSchema, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
pub enum IntakeStatus {
    /// It was taken in.
    Received,
}

/// That an event was taken in.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyEventReceipt, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "type": "premium_received", "status": "received", "received_at": "2009-12-19T02:00:01Z"}))]
pub struct ReceiptView {
    /// Our id of it.
    pub id: Id,
    /// What happened.
    #[serde(rename = "type")]
    pub event_type: PolicyEventType,
    /// That it was taken in.
    pub status: IntakeStatus,
    /// When.
    pub received_at: At,
}

/// Whom an event is about.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"prospect_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"}))]
pub struct CreatePolicyEventMatch {
    /// The prospect; one that you may see.
    pub prospect_id: Id,
}

/// Why an event counts for nobody.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The client bought through another company."}))]
pub struct CreatePolicyEventDismissal {
    /// In words.
    #[schema(example = "The client bought through another company.")]
    pub reason: Prose<1000>,
}

/// Why a match or a dismissal was wrong.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "It was her sister's application."}))]
pub struct CreatePolicyEventRevocation {
    /// In words.
    #[schema(example = "It was her sister's application.")]
    pub reason: Prose<1000>,
}
