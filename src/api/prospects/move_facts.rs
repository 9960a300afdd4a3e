//! The facts that come with a move, as a body carries them.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{At, On, Prose, null_is_absent},
        problem::{Code, document::Problem},
        respond::money::MoneyBody,
    },
    commands::prospects::{Check, Fixed, Recorded, Sale},
    domain::{
        method::criteria::{Criterion, Verdict},
        values::{id::Id, text::Text},
    },
};

/// Facts that a move still needs. Everything may be left out.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default, Clone)]
#[serde(default, deny_unknown_fields)]
pub struct MoveFacts {
    /// The first appointment (初次见面).
    #[validate(nested)]
    pub first_appointment: Option<AppointmentToFix>,
    /// Whether a decision maker is expected at it.
    pub decision_maker_expected: Option<bool>,
    /// When the first meeting was held: starts the clock.
    pub first_meeting_on: Option<On>,
    /// Whether further co-operation is agreed.
    pub further_cooperation_agreed: Option<bool>,
    /// The next appointment, fixed before leaving.
    #[validate(nested)]
    pub next_appointment: Option<AppointmentToFix>,
    /// Checks of the criteria.
    #[serde(deserialize_with = "null_is_absent")]
    #[validate(nested)]
    #[schema(value_type = Option<MoveCriteria>)]
    pub criteria: MoveCriteria,
    /// Concrete signing date agreed with the client.
    pub target_signing_on: Option<On>,
    /// Signature.
    pub signed_on: Option<On>,
    /// When the documents were submitted.
    pub documents_submitted_on: Option<On>,
    /// When the company received the money (预收到账). Typed in, it needs `evidence` and counts as `claimed`.
    pub premium_received_on: Option<On>,
    /// Advance premium (预收保费).
    #[validate(nested)]
    pub advance_premium: Option<MoneyBody>,
    /// When the policy was issued (承保).
    pub policy_issued_on: Option<On>,
    /// Standard premium (标准保费).
    #[validate(nested)]
    pub standard_premium: Option<MoneyBody>,
    /// When the policyholder signed the receipt (回执).
    pub receipt_signed_on: Option<On>,
    /// Cooling-off period of this policy, natural days, where it differs from the setting.
    #[validate(range(min = 0, max = 60))]
    #[schema(minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Option<i32>,
    /// The withdrawal's own date, not before the signature. A refund or a voided policy acts like a withdrawal of its own date.
    pub withdrawn_on: Option<On>,
    /// On what the dates of the sale rest: bank slip, message of the insurer.
    #[schema(example = "bank slip 2009-12-14")]
    pub evidence: Option<Prose<1000>>,
}

/// An appointment to fix.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub struct AppointmentToFix {
    /// Its id; the service makes one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// When it starts.
    pub starts_at: At,
    /// Day on which it was fixed; the day of the move when absent.
    #[serde(default)]
    pub fixed_on: Option<On>,
    /// What it is for: the criterion `next_step` needs it.
    #[serde(default)]
    #[schema(example = "go through the proposal")]
    pub agenda: Option<Prose<500>>,
    /// The supervisor above you who goes along (陪访).
    #[serde(default)]
    pub joint_visit_with: Option<Id>,
}

/// Checks of the criteria. Timing and next step are computed from their dates; they can only be overridden to `unmet`.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default, Clone)]
#[serde(default, deny_unknown_fields)]
pub struct MoveCriteria {
    /// 合适的人.
    #[validate(nested)]
    pub decision_maker: Option<CheckBody>,
    /// 计划符合需要.
    #[validate(nested)]
    pub plan_fits: Option<CheckBody>,
    /// 预算合理.
    #[validate(nested)]
    pub budget: Option<CheckBody>,
    /// 合适的时间.
    #[validate(nested)]
    pub timing: Option<CheckBody>,
    /// 有更进一步发展.
    #[validate(nested)]
    pub next_step: Option<CheckBody>,
}

/// One check with its evidence.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on, in words; needed for `met`.
    #[serde(default)]
    #[schema(example = "She signs for the family; her husband agreed at the table.")]
    pub evidence: Option<Prose<1000>>,
    /// Day of the check; the day of the move when absent.
    #[serde(default)]
    pub checked_on: Option<On>,
}

/// A check of a criterion that cannot be recorded.
pub fn check_verdict(criterion: Criterion, check: &CheckBody, at: &str) -> Result<(), Problem> {
    let wrong = |pointer: String, code: &'static str, text: Text| {
        Err(Problem::new(Code::ValidationFailed).error(pointer, code, text, json!({"criterion": criterion})))
    };
    match check.verdict {
        Verdict::Stale => wrong(
            format!("{at}/verdict"),
            "not_recordable",
            Text::new("`stale` follows from dates; it cannot be recorded.", "`stale` 由日期得出，不能记录。"),
        ),
        Verdict::Met | Verdict::Unknown if criterion.is_computed() => wrong(
            format!("{at}/verdict"),
            "computed_criterion",
            Text::new(
                "This criterion is computed from its date: set `target_signing_on` or a next appointment with an agenda. Only `unmet` can be recorded.",
                "该标准由日期得出：请设定 `target_signing_on` 或带议程的下次见面。只能记录 `unmet`。",
            ),
        ),
        Verdict::Met if check.evidence.is_none() => wrong(
            format!("{at}/evidence"),
            "required",
            Text::new("Say what the verdict rests on.", "请说明判断的依据。"),
        ),
        Verdict::Met | Verdict::Unmet | Verdict::Unknown => Ok(()),
    }
}

impl MoveCriteria {
    fn each(&self) -> [(Criterion, &Option<CheckBody>); 5] {
        [
            (Criterion::DecisionMaker, &self.decision_maker),
            (Criterion::PlanFits, &self.plan_fits),
            (Criterion::Budget, &self.budget),
            (Criterion::Timing, &self.timing),
            (Criterion::NextStep, &self.next_step),
        ]
    }
}

impl MoveFacts {
    /// What needs no stored data to be refused.
    ///
    /// # Errors
    /// 422 with the field.
    pub fn check(&self) -> Result<(), Problem> {
        for (criterion, check) in self.criteria.each() {
            if let Some(check) = check {
                check_verdict(criterion, check, &format!("/facts/criteria/{}", criterion.code()))?;
            }
        }
        let alone = |field: &str, en: &'static str, zh: &'static str| {
            Err(Problem::new(Code::ValidationFailed).error(
                format!("/facts/{field}"),
                "required",
                Text::new(en, zh),
                json!({}),
            ))
        };
        if self.premium_received_on.is_some() && self.evidence.is_none() {
            return alone("evidence", "Money typed in by hand needs evidence.", "手工录入的到账须附依据。");
        }
        if self.advance_premium.is_some() && self.premium_received_on.is_none() {
            return alone(
                "premium_received_on",
                "An advance premium needs the day on which it was received.",
                "预收保费须有到账日期。",
            );
        }
        if self.standard_premium.is_some() && self.policy_issued_on.is_none() {
            return alone(
                "policy_issued_on",
                "A standard premium needs the day of issue.",
                "标准保费须有承保日期。",
            );
        }
        if self.cooling_off_days.is_some() && self.receipt_signed_on.is_none() {
            return alone(
                "receipt_signed_on",
                "A cooling-off period needs the day of the receipt.",
                "犹豫期须有回执日期。",
            );
        }
        Ok(())
    }

    /// What is told, in the words of the commands.
    ///
    /// # Errors
    /// 422 for an amount that is none.
    pub fn told(self) -> Result<Recorded, Problem> {
        let amount = |money: Option<MoneyBody>, field: &'static str| {
            money.map(|m| m.minor_units(&format!("/facts/{field}"))).transpose()
        };
        let day = |on: Option<On>| on.map(|on| on.0);
        let checks = self.criteria.each().into_iter().filter_map(|(c, check)| Some(check.clone()?.of(c)));
        Ok(Recorded {
            checks: checks.collect(),
            first_appointment: self.first_appointment.map(Fixed::from),
            decision_maker_expected: self.decision_maker_expected,
            first_meeting_on: day(self.first_meeting_on),
            further_cooperation_agreed: self.further_cooperation_agreed,
            next_appointment: self.next_appointment.map(Fixed::from),
            target_signing_on: day(self.target_signing_on),
            sale: Sale {
                signed_on: day(self.signed_on),
                documents_submitted_on: day(self.documents_submitted_on),
                premium_received_on: day(self.premium_received_on),
                advance_premium_minor: amount(self.advance_premium, "advance_premium")?,
                policy_issued_on: day(self.policy_issued_on),
                standard_premium_minor: amount(self.standard_premium, "standard_premium")?,
                receipt_signed_on: day(self.receipt_signed_on),
                cooling_off_days: self.cooling_off_days,
                withdrawn_on: day(self.withdrawn_on),
                evidence: self.evidence.map(String::from),
            },
        })
    }
}

impl From<AppointmentToFix> for Fixed {
    fn from(new: AppointmentToFix) -> Self {
        Fixed {
            id: new.id,
            starts_at: new.starts_at.0,
            fixed_on: new.fixed_on.map(|on| on.0),
            agenda: new.agenda.map(String::from),
            joint_visit_with: new.joint_visit_with,
        }
    }
}

impl CheckBody {
    /// The check of this criterion.
    pub fn of(self, criterion: Criterion) -> Check {
        Check {
            criterion,
            verdict: self.verdict,
            evidence: self.evidence.map(String::from),
            checked_on: self.checked_on.map(|on| on.0),
        }
    }
}
