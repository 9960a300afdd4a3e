//! `…/{prospect_id}/criteria-checks`: the five criteria, append-only (method section 3).

use std::collections::{HashMap, HashSet};

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{
    board_change::BoardChange,
    move_facts::{CheckBody, check_verdict},
    writing,
};
use crate::{
    api::{
        extract::{At, Caller, On, PathId, Prose, ValidJson},
        problem::{command_refusals, document::Problem},
        respond::{due, page::whole_page},
    },
    app::App,
    commands::prospects::{check, write::Target},
    domain::{
        method::criteria::{Criterion, Verdict},
        prospects::fact::FactBody,
        values::id::Id,
    },
    store::ledger::Loaded,
};

/// A check to record.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCriteriaCheck {
    /// Which criterion.
    pub criterion: Criterion,
    /// The verdict. For `timing` and `next_step` only `unmet`: they are computed from their dates.
    pub verdict: Verdict,
    /// What it rests on, in words; needed for `met`.
    #[serde(default)]
    #[schema(example = "He asked for this cover himself after seeing the plan.")]
    pub evidence: Option<Prose<1000>>,
    /// Day of the check; today when absent.
    #[serde(default)]
    pub checked_on: Option<On>,
}

/// A recorded check.
#[derive(Serialize, ToSchema)]
pub struct CriteriaCheck {
    /// Id.
    pub id: Id,
    /// The pursuit.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// Which criterion.
    pub criterion: Criterion,
    /// The verdict.
    pub verdict: Verdict,
    /// What it rests on; null when none was given.
    #[schema(required = true, max_length = 1000)]
    pub evidence: Option<String>,
    /// Who checked.
    pub checked_by: Id,
    /// Day of the check.
    pub checked_on: On,
    /// When it was written down.
    pub recorded_at: At,
    /// Whether it still counts: not voided with the move it came with.
    pub counts: bool,
}

whole_page! {
    /// The checks of a prospect.
    pub struct CriteriaCheckPage {
        /// In order of recording.
        #[schema(max_items = 1000)]
        data: Vec<CriteriaCheck>
    }
}

/// Record a check of a criterion
///
/// Append-only; the latest check of a criterion counts. One that makes a criterion unmet at 50% records the move to 25%
/// in the same transaction, and the answer shows it.
#[utoipa::path(tag = "criteria", operation_id = "createCriteriaCheck",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    request_body(content = CreateCriteriaCheck, example = json!({"criterion": "budget", "verdict": "met", "evidence": "at most 1500 a month"})),
    responses((status = 201, description = "Recorded.", body = BoardChange)))]
#[post("/v1/prospects/{prospect_id}/criteria-checks")]
pub async fn create_criteria_check(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateCriteriaCheck>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let check = CheckBody { verdict: body.verdict, evidence: body.evidence, checked_on: body.checked_on };
    check_verdict(body.criterion, &check, "")?;
    let (check_id, check) = (app.ids.id(), check.of(body.criterion));
    writing::run(&app, &caller, &request, Some(check_id), move |conn, actor, occasion| {
        check::record(conn, actor, occasion, &Target::any(id.0), (check_id, check))
            .map_err(command_refusals::of_check)
    })
    .await
}

/// List the checks of a prospect
///
/// Every check of every pursuit, with its evidence, in order of recording.
#[utoipa::path(tag = "criteria", operation_id = "listCriteriaChecks",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "The checks.", body = CriteriaCheckPage)))]
#[get("/v1/prospects/{prospect_id}/criteria-checks")]
pub async fn list_criteria_checks(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let (loaded, texts) = due::prospect_with_texts(&app, &caller, id.0).await?;
    Ok(HttpResponse::Ok().json(CriteriaCheckPage::of(views(&loaded, &texts))))
}

/// The checks of a prospect; `texts` are its free texts by fact.
pub(super) fn views(loaded: &Loaded, texts: &HashMap<Id, String>) -> Vec<CriteriaCheck> {
    let numbers = 1..=loaded.history.highest_pursuit();
    let counting: HashSet<Id> = numbers
        .flat_map(|n| loaded.history.pursuit_facts(n).into_iter().map(|f| f.id).collect::<Vec<_>>())
        .collect();
    loaded
        .history
        .facts
        .iter()
        .filter_map(|f| match f.body {
            // The service itself checks nothing.
            FactBody::Check { criterion, verdict } => Some(CriteriaCheck {
                id: f.id,
                pursuit_number: f.pursuit_number,
                criterion,
                verdict,
                evidence: texts.get(&f.id).cloned(),
                checked_by: f.by.id()?,
                checked_on: On(f.occurred_on),
                recorded_at: At(f.recorded_at),
                counts: counting.contains(&f.id),
            }),
            _ => None,
        })
        .collect()
}
