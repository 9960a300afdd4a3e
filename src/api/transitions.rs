//! `…/{prospect_id}/transitions`: the log of one prospect, and moving it (method section 4).

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    board::{BoardView, CriteriaView},
    extract::{At, Caller, IfMatch, On, PathId, StrictQuery, ValidJson, etag},
    idempotency::{self, Answer},
    move_facts::MoveFacts,
    problem::{Code, Problem},
    refusals, settled,
};
use crate::{
    app::App,
    domain::{
        decision::{Authority, Decision},
        id::Id,
        moves::{MoveRequest, decide},
        stage::Stage,
        text::Text,
        transition::{Path, Reason, RecordKind, Transition},
    },
    store::{
        Conn,
        ledger::{self, Evidence, Loaded, Occasion},
    },
};

/// A move to make.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone)]
#[serde(deny_unknown_fields)]
pub struct CreateTransition {
    /// The stage to reach.
    pub to: Stage,
    /// Business date; today when absent. Never in the future, never before the last move that stands. A move to
    /// 90% is dated on the latest of signing, submission and money: leave it out there.
    #[serde(default)]
    pub occurred_on: Option<On>,
    /// Reason code: needed for `exited` and for the way back from 90%.
    #[serde(default)]
    pub reason: Option<Reason>,
    /// Reason in words: needed with the code `other`, and from a supervisor on other people's prospects.
    #[serde(default)]
    #[validate(length(min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "Met at the shop; he will sign on Tuesday.")]
    pub reason_text: Option<String>,
    /// A supervisor's evidence stands for a missing issue or receipt record (to `closed` only).
    #[serde(default, rename = "override")]
    pub overrides: bool,
    /// Facts that are still missing; they are recorded together with the move or not at all.
    #[serde(default)]
    #[validate(nested)]
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

/// One record of the log.
#[derive(Serialize, ToSchema)]
#[schema(as = Transition)]
pub struct TransitionView {
    /// Id.
    pub id: Id,
    /// The prospect.
    pub prospect_id: Id,
    /// Position in the prospect's log, without gaps.
    #[schema(minimum = 1, maximum = 1_000_000, example = 2)]
    pub seq: i32,
    /// What it does to the fold: a move, or the cancellation of one.
    pub kind: RecordKind,
    /// The pursuit; 0 before the first.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// Stage before; null for the first record.
    #[schema(required = true)]
    pub from: Option<Stage>,
    /// Stage after.
    pub to: Stage,
    /// How it came about.
    pub path: Path,
    /// Why.
    pub reason: Reason,
    /// Whether it only passes through a stage on the way to another.
    pub pass_through: bool,
    /// Business date: when it happened, or fell due.
    pub occurred_on: On,
    /// When it was written down.
    pub recorded_at: At,
    /// Who; null for the system.
    #[schema(required = true)]
    pub actor_id: Option<Id>,
    /// The record this one cancels.
    #[schema(required = true)]
    pub cancels: Option<Id>,
    /// Cycle in force, days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// The five criteria on that date.
    pub criteria: CriteriaView,
}

impl TransitionView {
    /// The view of a record.
    pub fn new(prospect_id: Id, t: &Transition) -> Self {
        TransitionView {
            id: t.id,
            prospect_id,
            seq: t.seq,
            kind: t.kind,
            pursuit_number: t.pursuit_number,
            from: t.from,
            to: t.to,
            path: t.path,
            reason: t.reason,
            pass_through: t.pass_through,
            occurred_on: On(t.occurred_on),
            recorded_at: At(t.recorded_at),
            actor_id: t.actor_id,
            cancels: t.cancels,
            cycle_days: t.cycle_days,
            criteria: t.criteria.into(),
        }
    }
}

/// What a write did to a prospect's place on the board.
#[derive(Serialize, ToSchema)]
pub struct BoardChange {
    /// The prospect.
    pub prospect_id: Id,
    /// Its version after the write; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 3)]
    pub version: i32,
    /// The record that answers the request; null when nothing moved.
    #[schema(required = true)]
    pub transition: Option<TransitionView>,
    /// Every new record, in order: passed-through stages, superseded and automatic moves too.
    #[schema(max_items = 1000)]
    pub transitions: Vec<TransitionView>,
    /// Where the prospect stands now.
    pub board: BoardView,
    /// Codes of remarks that did not stop the write.
    #[schema(max_items = 20)]
    pub warnings: Vec<String>,
}

impl BoardChange {
    /// The view of a decision that was saved, or would be.
    pub fn new(loaded: &Loaded, decided: &Decision) -> Self {
        let prospect_id = loaded.row.id;
        let mut warnings: Vec<String> = decided.warnings.iter().map(|w| w.code().to_owned()).collect();
        warnings.dedup();
        BoardChange {
            prospect_id,
            version: loaded.row.version,
            transition: decided.answer().map(|t| TransitionView::new(prospect_id, t)),
            transitions: decided.transitions.iter().map(|t| TransitionView::new(prospect_id, t)).collect(),
            board: BoardView::of(&loaded.row, loaded.today),
            warnings,
        }
    }
}

/// A prospect's log.
#[derive(Serialize, ToSchema)]
pub struct TransitionPage {
    /// Records in order of `seq`.
    #[schema(max_items = 1000)]
    pub data: Vec<TransitionView>,
    /// Null: a prospect's log fits on one page.
    #[schema(required = true, max_length = 500)]
    pub next_cursor: Option<String>,
    /// False.
    pub has_more: bool,
}

/// In which capacity the caller acts on a loaded prospect.
pub fn authority(caller: &Caller, loaded: &Loaded) -> Authority {
    Authority {
        owner: loaded.row.owner_id == caller.0.id,
        supervisor: caller.0.role == crate::domain::actor::Role::Supervisor,
    }
}

/// The answer to a write on a prospect: 201, its ETag, what changed.
pub fn answer(loaded: &Loaded, decided: &Decision) -> Answer {
    let view = BoardChange::new(loaded, decided);
    let location = match &view.transition {
        Some(t) => format!("/v1/prospects/{}/transitions/{}", loaded.row.id, t.id),
        None => format!("/v1/prospects/{}", loaded.row.id),
    };
    Answer::new(201, &view)
        .header("Location", location)
        .header("ETag", etag(i64::from(loaded.row.version), &[]))
        .about(loaded.row.id)
}

/// On other people's prospects a supervisor gives a reason in words (method section 11).
pub fn reason_in_words(
    authority: Authority,
    text: Option<&str>,
    pointer: &'static str,
) -> Result<(), Problem> {
    if authority.owner || text.is_some_and(|t| !t.trim().is_empty()) {
        return Ok(());
    }
    Err(Problem::new(Code::ValidationFailed).error(
        pointer,
        "required",
        Text::new(
            "On other people's prospects a supervisor says why, in words.",
            "主管处理他人的潜在客户时须用文字说明原因。",
        ),
        json!({}),
    ))
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
    let body = body.0;
    body.check()?;
    let (who, source) = (caller.clone(), app.clone());
    if options.0.dry_run {
        return dry_run(&app, who, id.0, body).await;
    }
    if_match.present()?;
    idempotency::run(&app, &caller, &request, move |conn| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let (loaded, decided) = make(conn, &who, id.0, body, Some(&if_match), &occasion)?;
        Ok(answer(&loaded, &decided))
    })
    .await
}

/// Answers like the move itself, inside a transaction that is rolled back.
async fn dry_run(
    app: &web::Data<App>,
    caller: Caller,
    id: Id,
    body: CreateTransition,
) -> Result<HttpResponse, Problem> {
    enum Undone {
        Answer(Box<BoardChange>),
        Problem(Problem),
    }
    impl From<crate::store::StoreError> for Undone {
        fn from(error: crate::store::StoreError) -> Self {
            Undone::Problem(error.into())
        }
    }
    let source = app.clone();
    let outcome = app
        .db
        .write(move |conn| {
            let occasion = Occasion::of(&source.clock, source.ids);
            let (loaded, decided) =
                make(conn, &caller, id, body, None, &occasion).map_err(Undone::Problem)?;
            // An error rolls back: that is what makes the run dry.
            Err::<(), Undone>(Undone::Answer(Box::new(BoardChange::new(&loaded, &decided))))
        })
        .await;
    match outcome {
        Err(Undone::Answer(view)) => Ok(HttpResponse::Ok().json(view)),
        Err(Undone::Problem(problem)) => Err(problem),
        Ok(()) => Err(Problem::new(Code::Internal)),
    }
}

/// Loads, decides, saves.
fn make(
    conn: &mut Conn,
    caller: &Caller,
    id: Id,
    body: CreateTransition,
    if_match: Option<&IfMatch>,
    occasion: &Occasion,
) -> Result<(Loaded, Decision), Problem> {
    let loaded = ledger::load_for_write(conn, &caller.0.scope, id, occasion)?;
    if let Some(if_match) = if_match {
        if_match.require(i64::from(loaded.row.version))?;
    }
    let authority = authority(caller, &loaded);
    reason_in_words(authority, body.reason_text.as_deref(), "/reason_text")?;
    let built = body.facts.build(&loaded, occasion)?;
    let request = MoveRequest {
        to: body.to,
        occurred_on: body.occurred_on.map(|on| on.0),
        reason: body.reason,
        overrides: body.overrides,
        facts: built.facts,
    };
    let text = body.reason_text;
    let decided = ledger::decide(conn, loaded, caller.0.id, authority, built.evidence, occasion, |ctx| {
        decide(ctx, request)
    })?;
    let (loaded, decided) = decided.map_err(refusals::problem)?;
    if let (Some(content), Some(t)) = (text, decided.answer()) {
        ledger::save_evidence(conn, id, vec![Evidence { subject_id: t.id, content }])?;
    }
    Ok((loaded, decided))
}

impl CreateTransition {
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
    let scope = caller.0.scope.clone();
    let loaded =
        settled::read(&app, &caller, move |conn, now| Ok(ledger::load(conn, &scope, id.0, now)?)).await?;
    let data = loaded.history.transitions.iter().map(|t| TransitionView::new(id.0, t)).collect();
    Ok(HttpResponse::Ok().json(TransitionPage { data, next_cursor: None, has_more: false }))
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
    ids: super::extract::PathPair,
) -> Result<HttpResponse, Problem> {
    let scope = caller.0.scope.clone();
    let loaded =
        settled::read(&app, &caller, move |conn, now| Ok(ledger::load(conn, &scope, ids.0, now)?)).await?;
    let found = loaded.history.transitions.iter().find(|t| t.id == ids.1);
    let found = found.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(HttpResponse::Ok().json(TransitionView::new(ids.0, found)))
}
