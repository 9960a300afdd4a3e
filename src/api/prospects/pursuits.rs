//! `…/{prospect_id}/pursuits`: the attempts to sell to one person, and the dates of the present one (method section 2).

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, patch, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{board_change::BoardChange, writing};
use crate::{
    api::{
        extract::{Caller, Given, IfMatch, On, Patch, PathId, PathPair, Prose, ValidJson},
        problem::{Code, command_refusals, document::Problem},
        respond::{due, money::MoneyBody, page::whole_page},
    },
    app::App,
    commands::prospects::date::{self, Dates},
    domain::{
        prospects::{
            fact::FactBody,
            history::Cut,
            pursuit::{PursuitOutcome, pursuits},
        },
        values::{id::Id, text::Text},
    },
    store::ledger::{self, Loaded, deals},
};

/// One pursuit.
#[derive(Serialize, ToSchema)]
#[schema(as = Pursuit)]
pub struct PursuitView {
    /// Id.
    pub id: Id,
    /// 1, 2, 3, … in the order of opening.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub number: i32,
    /// When it was opened.
    pub opened_on: On,
    /// When it ended; null while it goes on.
    #[schema(required = true)]
    pub ended_on: Option<On>,
    /// How it ended.
    #[schema(required = true)]
    pub outcome: Option<PursuitOutcome>,
    /// First meeting.
    #[schema(required = true)]
    pub first_meeting_on: Option<On>,
    /// Last signature.
    #[schema(required = true)]
    pub signed_on: Option<On>,
}

whole_page! {
    /// The pursuits of a prospect.
    pub struct PursuitPage {
        /// In order of number.
        #[schema(max_items = 1000)]
        data: Vec<PursuitView>
    }
}

/// Dates of the open pursuit that can be recorded without moving anybody. A signature without the money leaves the
/// pursuit at 50%.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct UpdatePursuit {
    /// Day on which these became known; today when absent. Dates of the sale carry their own.
    #[schema(value_type = On, required = false)]
    pub occurred_on: Given<On>,
    /// Whether a decision maker is expected at the first meeting.
    #[schema(value_type = bool, required = false)]
    pub decision_maker_expected: Given<bool>,
    /// Whether further co-operation is agreed.
    #[schema(value_type = bool, required = false)]
    pub further_cooperation_agreed: Given<bool>,
    /// Concrete signing date agreed with the client; null takes it back.
    #[schema(value_type = Option<On>)]
    pub target_signing_on: Patch<On>,
    /// Signature.
    #[schema(value_type = On, required = false)]
    pub signed_on: Given<On>,
    /// When the documents were submitted.
    #[schema(value_type = On, required = false)]
    pub documents_submitted_on: Given<On>,
    /// When the policy was issued (承保).
    #[schema(value_type = On, required = false)]
    pub policy_issued_on: Given<On>,
    /// Standard premium (标准保费); with `policy_issued_on` only.
    #[validate(nested)]
    pub standard_premium: Option<MoneyBody>,
    /// When the policyholder signed the receipt (回执).
    #[schema(value_type = On, required = false)]
    pub receipt_signed_on: Given<On>,
    /// Cooling-off period of this policy, natural days; with `receipt_signed_on` only.
    #[validate(range(min = 0, max = 60))]
    #[schema(minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Option<i32>,
    /// On what the dates rest.
    #[schema(example = "copy of the application form")]
    pub evidence: Option<Prose<1000>>,
}

impl UpdatePursuit {
    /// What is told of the pursuit.
    fn told(self) -> Result<Dates, Problem> {
        let refuse = |pointer: &'static str, code: &'static str, text: Text| {
            Err(Problem::new(Code::ValidationFailed).error(pointer, code, text, json!({})))
        };
        if self.cooling_off_days.is_some() && self.receipt_signed_on.0.is_none() {
            return refuse(
                "/receipt_signed_on",
                "required",
                Text::new("A cooling-off period needs the day of the receipt.", "犹豫期须有回执日期。"),
            );
        }
        if self.standard_premium.is_some() && self.policy_issued_on.0.is_none() {
            return refuse(
                "/policy_issued_on",
                "required",
                Text::new("A standard premium needs the day of issue.", "标准保费须有承保日期。"),
            );
        }
        let standard_premium_minor =
            self.standard_premium.map(|m| m.minor_units("/standard_premium")).transpose()?;
        let target = match self.target_signing_on {
            Patch::Keep => None,
            Patch::Clear => Some(FactBody::TargetSigning { on: None }),
            Patch::Set(on) => Some(FactBody::TargetSigning { on: Some(on.0) }),
        };
        let bodies = [
            self.decision_maker_expected.0.map(|expected| FactBody::DecisionMakerExpected { expected }),
            self.further_cooperation_agreed.0.map(|agreed| FactBody::CooperationAgreed { agreed }),
            target,
            self.signed_on.0.map(|on| FactBody::Signed { on: on.0 }),
            self.documents_submitted_on.0.map(|on| FactBody::DocumentsSubmitted { on: on.0 }),
            self.policy_issued_on.0.map(|on| FactBody::PolicyIssued { on: on.0, standard_premium_minor }),
            self.receipt_signed_on
                .0
                .map(|on| FactBody::ReceiptSigned { on: on.0, cooling_off_days: self.cooling_off_days }),
        ];
        let facts: Vec<FactBody> = bodies.into_iter().flatten().collect();
        if facts.is_empty() {
            return refuse(
                "",
                "nothing_to_record",
                Text::new("Give at least one date or answer.", "请至少给出一个日期或答案。"),
            );
        }
        let evidence = self.evidence.map(String::from);
        Ok(Dates { occurred_on: self.occurred_on.0.map(|on| on.0), facts, evidence })
    }
}

/// List the pursuits of a prospect
///
/// Every attempt to sell to this person, with how it ended.
#[utoipa::path(tag = "prospects", operation_id = "listPursuits",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "The pursuits.", body = PursuitPage)))]
#[get("/v1/prospects/{prospect_id}/pursuits")]
pub async fn list_pursuits(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let (loaded, ids) = due::read(&app, &caller, move |conn, actor, now| {
        let loaded = ledger::load(conn, &actor.scope, id.0, now)?;
        let ids = deals::pursuit_ids(conn, &loaded.row)?;
        Ok((loaded, ids))
    })
    .await?;
    Ok(HttpResponse::Ok().json(PursuitPage::of(views(&loaded, &ids))))
}

/// The pursuits of a prospect, by the ids of their rows.
pub(super) fn views(loaded: &Loaded, ids: &HashMap<i32, Id>) -> Vec<PursuitView> {
    pursuits(&loaded.history)
        .into_iter()
        .filter_map(|p| {
            let cut = Cut::EndOf(loaded.today);
            let facts = loaded.history.facts_on(p.number, cut, &loaded.env().settings);
            Some(PursuitView {
                id: *ids.get(&p.number)?,
                number: p.number,
                opened_on: On(p.opened_on),
                ended_on: p.ended_on.map(On),
                outcome: p.outcome,
                first_meeting_on: facts.first_meeting_on.map(On),
                signed_on: facts.signed_on.map(On),
            })
        })
        .collect()
}

/// Record dates of a pursuit
///
/// Records facts of the open pursuit without asking for a move. Automatic moves follow from them as ever. `If-Match`
/// carries the prospect's version.
#[utoipa::path(tag = "prospects", operation_id = "updatePursuit",
    params(("prospect_id" = Id, Path, description = "The prospect."), ("pursuit_id" = Id, Path, description = "The open pursuit.")),
    request_body(content = UpdatePursuit, example = json!({"target_signing_on": "2009-12-22"})),
    responses((status = 200, description = "Recorded.", body = BoardChange)))]
#[patch("/v1/prospects/{prospect_id}/pursuits/{pursuit_id}")]
pub async fn update_pursuit(
    app: web::Data<App>,
    caller: Caller,
    ids: PathPair,
    if_match: IfMatch,
    body: ValidJson<UpdatePursuit>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (target, dates) = (if_match.target(ids.0)?, body.0.told()?);
    writing::run(&app, &caller, &request, None, move |conn, actor, occasion| {
        date::record(conn, actor, occasion, &target, (ids.1, dates)).map_err(command_refusals::at_top)
    })
    .await
}
