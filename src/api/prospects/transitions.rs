//! `…/{prospect_id}/transitions`: the log of one prospect, and moving it (method section 4).

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    board_change::{BoardChange, TransitionView},
    move_facts::MoveFacts,
    writing,
};
use crate::{
    api::{
        extract::{
            Caller, IfMatch, On, PathId, PathPair, Prose, ReaderLanguage, StrictQuery, ValidJson, etag,
            idempotency_key, null_is_absent,
        },
        problem::{Code, command_refusals, document::Problem},
        respond::{due, page::whole_page},
    },
    app::App,
    commands::prospects::{
        moves::{self, Move},
        write::{Target, Written},
    },
    domain::{
        method::stage::Stage,
        prospects::transition::Reason,
        values::{id::Id, text::Text},
    },
};

/// A record of the log is written once.
const RECORD_VERSION: i64 = 1;

/// A move to make.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub struct CreateTransition {
    /// The stage to reach.
    pub to: Stage,
    /// Business date; today when absent. Never in the future, never before the last move that stands. A move to
    /// 90% is dated on the latest of signing, submission and money, one to closed by the cooling-off period, one back from
    /// closed on the day it arrives: leave it out there, for another date is refused.
    #[serde(default)]
    pub occurred_on: Option<On>,
    /// Reason code: needed for `exited` and for the way back from 90%.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// Reason in words: needed with the code `other`, and from a supervisor on other people's prospects.
    #[serde(default)]
    #[schema(example = "Met at the shop; he will sign on Tuesday.")]
    pub reason_text: Option<Prose<1000>>,
    /// A supervisor's evidence stands for a missing issue or receipt record (to `closed` only).
    #[serde(default, deserialize_with = "null_is_absent", rename = "override")]
    #[schema(value_type = Option<bool>)]
    pub overrides: bool,
    /// Facts that are still missing; they are recorded together with the move or not at all.
    #[serde(default, deserialize_with = "null_is_absent")]
    #[validate(nested)]
    #[schema(value_type = Option<MoveFacts>)]
    pub facts: MoveFacts,
}

/// Options of a move.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MoveOptions {
    /// Answer the same and write nothing.
    #[serde(default)]
    #[param(required = false)]
    pub dry_run: bool,
}

whole_page! {
    /// A prospect's log.
    pub struct TransitionPage {
        /// Records in order of `seq`.
        #[schema(max_items = 1000)]
        data: Vec<TransitionView>
    }
}

/// Move a prospect
///
/// Moves to another stage when every guard on the way holds; a refusal lists every guard that does not, why, and the
/// field that mends it. Missing facts may come in the same request. Automatic moves that a late entry overtakes are
/// superseded. With `dry_run=true` the answer is the same (status 200) and nothing is written; `If-Match` is not needed then.
#[utoipa::path(tag = "transitions", operation_id = "createTransition",
    params(("prospect_id" = Id, Path, description = "The prospect."), MoveOptions),
    request_body(content = CreateTransition, example = json!({"to": "first_appointment", "facts": {
        "first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}, "decision_maker_expected": true}})),
    responses(
        (status = 200, description = "What the move would do (`dry_run`).", body = BoardChange),
        (status = 201, description = "The move is recorded.", body = BoardChange)))]
#[post("/v1/prospects/{prospect_id}/transitions")]
#[allow(clippy::too_many_arguments)] // one door each
pub async fn create_transition(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    options: StrictQuery<MoveOptions>,
    if_match: IfMatch,
    body: ValidJson<CreateTransition>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asked = body.0.asked()?;
    if options.0.dry_run {
        // Nothing is stored under the key, but a bad one is refused as ever.
        idempotency_key::read(&request)?;
        let language = ReaderLanguage::of(&request);
        let change = writing::dry_run(&app, &caller, move |conn, actor, occasion| {
            let written = moves::make(conn, actor, occasion, &Target::any(id.0), asked);
            let Written { loaded, decided } = written.map_err(command_refusals::in_facts)?;
            Ok(BoardChange::new(&loaded, &decided, None, language))
        });
        return Ok(HttpResponse::Ok().json(change.await?));
    }
    let target = if_match.target(id.0)?;
    writing::run(&app, &caller, &request, None, move |conn, actor, occasion| {
        moves::make(conn, actor, occasion, &target, asked).map_err(command_refusals::in_facts)
    })
    .await
}

impl CreateTransition {
    /// The move to make.
    fn asked(self) -> Result<Move, Problem> {
        self.check()?;
        Ok(Move {
            to: self.to,
            occurred_on: self.occurred_on.map(|on| on.0),
            reason: self.reason,
            reason_text: self.reason_text.map(String::from),
            overrides: self.overrides,
            told: self.facts.told()?,
        })
    }

    fn check(&self) -> Result<(), Problem> {
        if self.reason == Some(Reason::Other) && self.reason_text.is_none() {
            return Err(Problem::new(Code::ValidationFailed).error(
                "/reason_text",
                "required",
                Text::new("The reason `other` needs words.", "原因 `other` 需要文字说明。"),
                json!({}),
            ));
        }
        self.facts.check()
    }
}

/// List a prospect's moves
///
/// The whole append-only log in order. Folding it, skipping superseded and voided records, gives the present stage.
#[utoipa::path(tag = "transitions", operation_id = "listProspectTransitions",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "The log.", body = TransitionPage)))]
#[get("/v1/prospects/{prospect_id}/transitions")]
pub async fn list_transitions(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let loaded = due::prospect(&app, &caller, id.0).await?;
    let data = loaded.history.transitions.iter().map(|t| TransitionView::new(id.0, t)).collect();
    Ok(HttpResponse::Ok().json(TransitionPage::of(data)))
}

/// Read one move
///
/// One record of a prospect's log.
#[utoipa::path(tag = "transitions", operation_id = "getProspectTransition",
    params(("prospect_id" = Id, Path, description = "The prospect."), ("transition_id" = Id, Path, description = "The record.")),
    responses((status = 200, description = "The record.", body = TransitionView)))]
#[get("/v1/prospects/{prospect_id}/transitions/{transition_id}")]
pub async fn get_transition(
    app: web::Data<App>,
    caller: Caller,
    ids: PathPair,
) -> Result<HttpResponse, Problem> {
    let loaded = due::prospect(&app, &caller, ids.0).await?;
    let found = loaded.history.transitions.iter().find(|t| t.id == ids.1);
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    let tag = etag(RECORD_VERSION, &[]);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(TransitionView::new(ids.0, found)))
}
