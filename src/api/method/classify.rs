//! `POST /v1/classify`: facts in, stage and reasons out; stores nothing (method section 6).

use actix_web::{HttpResponse, post, web};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{At, Caller, On, Prose, ReaderLanguage, ValidJson, null_is_absent},
        problem::{document::Problem, rule_fields},
    },
    app::App,
    domain::{
        method::{
            classify::{self, Classification, Rule},
            criteria::Verdict,
            stage::Stage,
        },
        prospects::facts::{Facts, FirstAppointment, RecordedVerdicts},
        values::text::Language,
    },
};

/// What to classify, on which day, with which cycle.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClassifyFacts {
    /// The day asked about.
    pub as_of: On,
    /// The agent's cycle, days.
    #[validate(range(min = 1, max = 365))]
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// What is known.
    #[validate(nested)]
    pub facts: FactsBody,
}

/// What is known of a person. Facts dated after `as_of` are ignored; everything may be left out.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct FactsBody {
    /// The first appointment.
    #[validate(nested)]
    pub first_appointment: Option<FirstAppointmentBody>,
    /// Whether a decision maker is expected at it.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<bool>)]
    pub decision_maker_expected: bool,
    /// When the first meeting was held.
    pub first_meeting_on: Option<On>,
    /// When the clock started, if not with the first meeting.
    pub clock_started_on: Option<On>,
    /// Extension granted, days.
    #[serde(deserialize_with = "null_is_absent")]
    #[validate(range(min = 0, max = 182))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 182, example = 0)]
    pub extension_days: i32,
    /// Day of the last 90→50: what was signed and paid up to then no longer counts, timing and next step are stale.
    pub fell_from_90_on: Option<On>,
    /// Whether further co-operation is agreed.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<bool>)]
    pub further_cooperation_agreed: bool,
    /// The next appointment.
    #[validate(nested)]
    pub next_appointment: Option<NextAppointmentBody>,
    /// The three criteria that people record.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<RecordedCriteria>)]
    pub criteria: RecordedCriteria,
    /// Concrete signing date agreed with the client.
    pub target_signing_on: Option<On>,
    /// Signature.
    pub signed_on: Option<On>,
    /// Whether the documents are submitted.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<bool>)]
    pub documents_submitted: bool,
    /// When the company received the money (预收到账).
    pub premium_received_on: Option<On>,
    /// When the policy was issued (承保).
    pub policy_issued_on: Option<On>,
    /// When the policyholder signed the receipt (回执).
    pub receipt_signed_on: Option<On>,
    /// Cooling-off period (犹豫期), natural days; 10 when absent.
    #[validate(range(min = 0, max = 60))]
    #[schema(minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Option<i32>,
    /// Withdrawal's own date.
    pub withdrawn_on: Option<On>,
    /// When the person left the process.
    pub exited_on: Option<On>,
}

/// A first appointment.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FirstAppointmentBody {
    /// Day on which it was first fixed.
    pub fixed_on: On,
    /// When it starts.
    pub starts_at: At,
}

/// A next appointment.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NextAppointmentBody {
    /// When it starts.
    pub starts_at: At,
    /// What it is for; without it the criterion `next_step` is not met.
    #[serde(default)]
    #[schema(example = "go through the proposal")]
    pub agenda: Option<Prose<500>>,
}

/// The three criteria that people record.
#[derive(Deserialize, Serialize, ToSchema, Default, Clone, Copy)]
#[serde(default, deny_unknown_fields)]
pub struct RecordedCriteria {
    /// 合适的人.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<Verdict>)]
    pub decision_maker: Verdict,
    /// 计划符合需要.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<Verdict>)]
    pub plan_fits: Verdict,
    /// 预算合理.
    #[serde(deserialize_with = "null_is_absent")]
    #[schema(value_type = Option<Verdict>)]
    pub budget: Verdict,
}

/// Where the person belongs, and why.
#[derive(Serialize, ToSchema)]
pub struct ClassificationView {
    /// The stage.
    pub stage: Stage,
    /// 潜在客户: stages 2 to 5.
    pub is_prospect: bool,
    /// 有效潜在客户: 25%, 50%, 90%.
    pub is_effective: bool,
    /// Every rule, in the order of the board.
    #[schema(max_items = 40)]
    pub rules: Vec<RuleView>,
    /// Codes of what the next stage still needs.
    #[schema(max_items = 40)]
    pub missing_for_next: Vec<String>,
}

/// One rule of one stage.
#[derive(Serialize, ToSchema)]
pub struct RuleView {
    /// Stable code.
    #[schema(max_length = 64, example = "plan_fits")]
    pub code: String,
    /// The stage whose entry asks for it.
    pub for_stage: Stage,
    /// Whether it holds.
    pub satisfied: bool,
    /// Why, or what mends it, in the reader's language.
    #[schema(max_length = 1000, example = "It is not established that the plan makes sense to the client.")]
    pub why: String,
    /// JSON pointer to the field that mends it; null where no field does: over the cycle only an extension helps, and a
    /// confirmation is a supervisor's.
    #[schema(required = true, max_length = 200, example = "/facts/criteria/plan_fits")]
    pub field: Option<String>,
}

impl RuleView {
    /// The rule in one language, with the field of a facts object that mends it.
    pub fn new(rule: &Rule, language: Language) -> Self {
        RuleView::mended_by(rule, Some(rule_fields::of_facts(rule.code)), language)
    }

    /// The rule in one language, with the field that mends it.
    pub fn mended_by(rule: &Rule, field: Option<&str>, language: Language) -> Self {
        RuleView {
            code: rule.code.code().to_owned(),
            for_stage: rule.for_stage,
            satisfied: rule.satisfied,
            why: rule.why().in_language(language).to_owned(),
            field: field.map(str::to_owned),
        }
    }
}

impl ClassificationView {
    /// The answer in one language.
    pub fn new(answer: &Classification, language: Language) -> Self {
        ClassificationView {
            stage: answer.stage,
            is_prospect: answer.stage.is_prospect(),
            is_effective: answer.stage.is_effective(),
            rules: answer.rules.iter().map(|rule| RuleView::new(rule, language)).collect(),
            missing_for_next: answer.missing_for_next().iter().map(|c| c.code().to_owned()).collect(),
        }
    }
}

impl FactsBody {
    /// The facts as the rules take them; dates are dates in `time_zone`.
    pub fn into_facts(self, time_zone: Tz, as_of: NaiveDate) -> Facts {
        let date = |on: Option<On>| on.map(|on| on.0);
        let local = |at: At| at.0.with_timezone(&time_zone).date_naive();
        let next = self.next_appointment;
        let mut facts = Facts {
            first_appointment: self
                .first_appointment
                .map(|a| FirstAppointment { fixed_on: a.fixed_on.0, starts_on: local(a.starts_at) }),
            decision_maker_expected: self.decision_maker_expected,
            first_meeting_on: date(self.first_meeting_on),
            clock_started_on: date(self.clock_started_on),
            extension_days: self.extension_days,
            fell_from_90_on: date(self.fell_from_90_on),
            further_cooperation_agreed: self.further_cooperation_agreed,
            next_appointment_on: next.as_ref().map(|a| local(a.starts_at)),
            next_step_on: next.as_ref().filter(|a| a.agenda.is_some()).map(|a| local(a.starts_at)),
            recorded: RecordedVerdicts {
                decision_maker: self.criteria.decision_maker,
                plan_fits: self.criteria.plan_fits,
                budget: self.criteria.budget,
            },
            target_signing_on: date(self.target_signing_on),
            signed_on: date(self.signed_on),
            documents_submitted: self.documents_submitted,
            premium_received_on: date(self.premium_received_on),
            policy_issued_on: date(self.policy_issued_on),
            receipt_signed_on: date(self.receipt_signed_on),
            cooling_off_days: self
                .cooling_off_days
                .unwrap_or(crate::domain::method::cooling_off::DEFAULT_DAYS),
            withdrawn_on: date(self.withdrawn_on),
            exited_on: date(self.exited_on),
            ..Facts::default()
        };
        facts.retire_fallen_sale(as_of);
        facts
    }
}

/// Classify a person from facts
///
/// Says where someone belongs on a day by the method's rules, and why. Nothing is stored. Strict: stale counts as
/// unmet, over the cycle is over, a first appointment whose day has passed without a meeting does not count.
#[utoipa::path(tag = "training", operation_id = "classifyFacts",
    request_body(content = ClassifyFacts, example = json!({"as_of": "2009-12-16", "cycle_days": 28, "facts": {
        "first_appointment": {"fixed_on": "2009-12-10", "starts_at": "2009-12-15T10:00:00+08:00"},
        "decision_maker_expected": true, "first_meeting_on": "2009-12-15", "further_cooperation_agreed": true,
        "next_appointment": {"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the proposal"},
        "criteria": {"decision_maker": "met", "plan_fits": "unknown", "budget": "met"}}})),
    responses((status = 200, description = "The stage and every rule.", body = ClassificationView)))]
#[post("/v1/classify")]
pub async fn classify_facts(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    body: ValidJson<ClassifyFacts>,
) -> Result<HttpResponse, Problem> {
    let request = body.0;
    let as_of = request.as_of.0;
    let time_zone = caller.look(&app).await?.time_zone;
    let facts = request.facts.into_facts(time_zone, as_of);
    let answer = classify::classify(&facts, request.cycle_days, as_of);
    Ok(HttpResponse::Ok().json(ClassificationView::new(&answer, language.0)))
}
