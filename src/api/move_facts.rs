//! The facts a request carries, as the domain records them, with their free texts kept apart (method section 11).

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    extract::{At, On},
    joint_visits,
    money::MoneyBody,
    problem::{Code, Problem},
    roster::not_blank,
};
use crate::{
    domain::{
        appointment::Outcome,
        criteria::{Criterion, Verdict},
        decision::NewFact,
        fact::{AppointmentKind, FactBody},
        history::Cut,
        id::Id,
        stage::Stage,
        text::Text,
    },
    store::{
        Conn,
        ledger::{Evidence, Loaded, Occasion},
    },
};

/// Facts that a move still needs. Everything may be left out.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default, Clone)]
#[serde(default, deny_unknown_fields)]
pub struct MoveFacts {
    /// The first appointment (初次见面).
    #[validate(nested)]
    pub first_appointment: Option<NewAppointment>,
    /// Whether a decision maker is expected at it.
    pub decision_maker_expected: Option<bool>,
    /// When the first meeting was held: starts the clock.
    pub first_meeting_on: Option<On>,
    /// Whether further co-operation is agreed.
    pub further_cooperation_agreed: Option<bool>,
    /// The next appointment, fixed before leaving.
    #[validate(nested)]
    pub next_appointment: Option<NewAppointment>,
    /// Checks of the criteria.
    #[validate(nested)]
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
    /// The withdrawal's own date.
    pub withdrawn_on: Option<On>,
    /// On what the dates of the sale rest: bank slip, message of the insurer.
    #[validate(length(min = 1, max = 1000), custom(function = "not_blank"))]
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "bank slip 2009-12-14")]
    pub evidence: Option<String>,
}

/// An appointment to fix.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub struct NewAppointment {
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
    #[validate(length(min = 1, max = 500))]
    #[schema(min_length = 1, max_length = 500, example = "go through the proposal")]
    pub agenda: Option<String>,
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
    #[validate(length(min = 1, max = 1000), custom(function = "not_blank"))]
    #[schema(
        min_length = 1,
        max_length = 1000,
        pattern = r"\S",
        example = "She signs for the family; her husband agreed at the table."
    )]
    pub evidence: Option<String>,
    /// Day of the check; the day of the move when absent.
    #[serde(default)]
    pub checked_on: Option<On>,
}

/// Facts and their texts, ready for the domain.
pub struct Built {
    /// For the domain.
    pub facts: Vec<NewFact>,
    /// For the personal table.
    pub evidence: Vec<Evidence>,
}

impl Built {
    /// Nothing yet.
    pub fn new() -> Self {
        Built { facts: Vec::new(), evidence: Vec::new() }
    }

    /// Adds a fact with its text.
    pub fn add(&mut self, id: Id, on: Option<On>, body: FactBody, text: Option<String>) {
        if let Some(content) = text {
            self.evidence.push(Evidence { subject_id: id, content });
        }
        self.facts.push(NewFact { id, occurred_on: on.map(|on| on.0), body });
    }
}

impl Default for Built {
    fn default() -> Self {
        Built::new()
    }
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

    /// That whoever goes along is a supervisor above the owner.
    ///
    /// # Errors
    /// 422 `unknown_supervisor`.
    pub fn check_joint_visits(&self, conn: &mut Conn, owner_id: Id) -> Result<(), Problem> {
        for (appointment, pointer) in [
            (&self.first_appointment, "/facts/first_appointment/joint_visit_with"),
            (&self.next_appointment, "/facts/next_appointment/joint_visit_with"),
        ] {
            let named = appointment.as_ref().and_then(|a| a.joint_visit_with);
            joint_visits::check(conn, owner_id, named, pointer)?;
        }
        Ok(())
    }

    /// The facts as the domain records them.
    ///
    /// # Errors
    /// 422 for an amount that is none.
    pub fn build(self, loaded: &Loaded, occasion: &Occasion) -> Result<Built, Problem> {
        let zone = loaded.around.time_zone;
        let mut built = Built::new();
        let id = || occasion.ids.id();
        let mut fixed_here = None;
        if let Some(appointment) = self.first_appointment {
            let appointment_id = appointment.id.unwrap_or_else(&id);
            let possible = |met: &On| appointment.fixed_on.is_none_or(|fixed| fixed.0 <= met.0);
            fixed_here = self.first_meeting_on.filter(possible).map(|_| appointment_id);
            add_appointment(&mut built, id, appointment_id, AppointmentKind::First, appointment, zone);
        }
        if let Some(expected) = self.decision_maker_expected {
            built.add(id(), None, FactBody::DecisionMakerExpected { expected }, None);
        }
        if let Some(on) = self.first_meeting_on {
            // The meeting that was held is the first appointment: the one told of here, else one that is still open.
            if let Some(appointment_id) = fixed_here.or_else(|| open_first_appointment(loaded, on.0)) {
                let held = FactBody::AppointmentHeld { appointment_id, held_on: on.0 };
                built.add(id(), Some(on), held, None);
            }
            built.add(id(), Some(on), FactBody::FirstMeeting { on: on.0 }, None);
        }
        if let Some(agreed) = self.further_cooperation_agreed {
            built.add(id(), None, FactBody::CooperationAgreed { agreed }, None);
        }
        if let Some(appointment) = self.next_appointment {
            let appointment_id = appointment.id.unwrap_or_else(&id);
            add_appointment(&mut built, id, appointment_id, AppointmentKind::Next, appointment, zone);
        }
        for (criterion, check) in self.criteria.each() {
            if let Some(check) = check.clone() {
                let body = FactBody::Check { criterion, verdict: check.verdict };
                built.add(id(), check.checked_on, body, check.evidence);
            }
        }
        if let Some(on) = self.target_signing_on {
            built.add(id(), None, FactBody::TargetSigning { on: Some(on.0) }, None);
        }
        let amount = |money: Option<MoneyBody>, field: &'static str| {
            money.map(|m| m.minor_units(&format!("/facts/{field}"))).transpose()
        };
        let advance = amount(self.advance_premium, "advance_premium")?;
        let standard = amount(self.standard_premium, "standard_premium")?;
        let mut evidence = self.evidence;
        let sale = [
            self.signed_on.map(|on| FactBody::Signed { on: on.0 }),
            self.documents_submitted_on.map(|on| FactBody::DocumentsSubmitted { on: on.0 }),
            self.premium_received_on.map(|on| FactBody::PremiumReceived { on: on.0, amount_minor: advance }),
            self.policy_issued_on
                .map(|on| FactBody::PolicyIssued { on: on.0, standard_premium_minor: standard }),
            self.receipt_signed_on
                .map(|on| FactBody::ReceiptSigned { on: on.0, cooling_off_days: self.cooling_off_days }),
            self.withdrawn_on.map(|on| FactBody::Withdrawn { on: on.0 }),
        ];
        for body in sale.into_iter().flatten() {
            let text = match &body {
                FactBody::Signed { .. } | FactBody::DocumentsSubmitted { .. } => None,
                _ => evidence.take(),
            };
            built.add(id(), None, body, text);
        }
        if let (Some(content), Some(last)) = (evidence, built.facts.last()) {
            built.evidence.push(Evidence { subject_id: last.id, content });
        }
        Ok(built)
    }
}

fn add_appointment(
    built: &mut Built,
    new_id: impl Fn() -> Id,
    appointment_id: Id,
    appointment_kind: AppointmentKind,
    new: NewAppointment,
    zone: Tz,
) {
    let body = FactBody::AppointmentFixed {
        appointment_id,
        appointment_kind,
        starts_at: new.starts_at.0,
        starts_on: new.starts_at.0.with_timezone(&zone).date_naive(),
        has_agenda: new.agenda.as_deref().is_some_and(|text| !text.trim().is_empty()),
    };
    built.add(new_id(), new.fixed_on, body, new.agenda);
    if new.joint_visit_with.is_some() {
        let body = FactBody::JointVisit { appointment_id, with: new.joint_visit_with };
        built.add(new_id(), new.fixed_on, body, None);
    }
}

/// The open first appointment of the current pursuit that can have been the meeting of a day; none when the pursuit
/// had ended by then, for the move opens another.
fn open_first_appointment(loaded: &Loaded, met_on: NaiveDate) -> Option<Id> {
    if !loaded.history.stage_on(met_on).is_some_and(Stage::is_pursued) {
        return None;
    }
    let number = loaded.history.pursuit_number();
    loaded
        .history
        .appointments_on(number, Cut::EndOf(loaded.today))
        .into_iter()
        .rfind(|a| a.kind == AppointmentKind::First && a.outcome == Outcome::Open && a.fixed_on <= met_on)
        .map(|a| a.id)
}
