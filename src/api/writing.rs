//! What every write on a prospect has in common: load within the scope, decide, save, show; once per Idempotency-Key.

use actix_web::{HttpRequest, HttpResponse, http::Method, web};
use serde_json::json;

use super::{
    board_change::answer,
    extract::{Caller, IfMatch},
    idempotency,
    problem::{Code, Problem},
};
use crate::{
    app::App,
    domain::{
        actor::{Actor, Role},
        decision::{Authority, Decision},
        id::Id,
        text::Text,
    },
    store::{
        Conn, StoreError,
        ledger::{self, Loaded, Occasion},
    },
};

/// Runs `work` on a loaded prospect in one transaction and answers with what changed.
///
/// # Errors
/// 404 outside the caller's scope, 412 for another version (where `if_match` is given), what `work` refuses.
pub async fn change<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    prospect_id: Id,
    if_match: Option<IfMatch>,
    work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, &Actor, Loaded, &Occasion) -> Result<(Loaded, Decision), Problem> + Send + 'static,
{
    change_of(app, caller, request, move |_, _| Ok(prospect_id), if_match, work).await
}

/// [`change`] of a prospect that has to be looked up first.
///
/// # Errors
/// Those of `find`, and as for [`change`].
pub async fn change_of<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    find: impl FnOnce(&mut Conn, &Actor) -> Result<Id, StoreError> + Send + 'static,
    if_match: Option<IfMatch>,
    work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, &Actor, Loaded, &Occasion) -> Result<(Loaded, Decision), Problem> + Send + 'static,
{
    run(app, caller, request, find, (if_match, None), work).await
}

/// [`change`] that makes something of its own beside the log: the answer names it by `recorded_id`.
///
/// # Errors
/// As for [`change`].
pub async fn create<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    prospect_id: Id,
    recorded_id: Id,
    work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, &Actor, Loaded, &Occasion) -> Result<(Loaded, Decision), Problem> + Send + 'static,
{
    run(app, caller, request, move |_, _| Ok(prospect_id), (None, Some(recorded_id)), work).await
}

async fn run<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    find: impl FnOnce(&mut Conn, &Actor) -> Result<Id, StoreError> + Send + 'static,
    (if_match, recorded_id): (Option<IfMatch>, Option<Id>),
    work: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, &Actor, Loaded, &Occasion) -> Result<(Loaded, Decision), Problem> + Send + 'static,
{
    let status = if request.method() == Method::PATCH { 200 } else { 201 };
    let source = app.clone();
    if let Some(if_match) = &if_match {
        if_match.present()?;
    }
    idempotency::run(app, caller, request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let prospect_id = find(conn, actor)?;
        let loaded = ledger::load_for_write(conn, &actor.scope, prospect_id, &occasion)?;
        if let Some(if_match) = &if_match {
            if_match.require(i64::from(loaded.row.version))?;
        }
        let (loaded, decided) = work(conn, actor, loaded, &occasion)?;
        Ok(answer(&loaded, &decided, recorded_id, status))
    })
    .await
}

/// What `work` comes to, in a transaction that is rolled back: the answer of a write, and nothing is written.
///
/// # Errors
/// What `work` refuses, and those of the store.
pub async fn dry_run<T, F>(app: &web::Data<App>, caller: &Caller, work: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &Actor, &Occasion) -> Result<T, Problem> + Send + 'static,
{
    enum Undone<T> {
        Answer(T),
        Problem(Problem),
    }
    impl<T> From<StoreError> for Undone<T> {
        fn from(error: StoreError) -> Self {
            Undone::Problem(error.into())
        }
    }
    let (source, caller) = (app.clone(), *caller);
    let undone = app.db.write(move |conn| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let answer = caller.actor(conn).and_then(|actor| work(conn, &actor, &occasion));
        // An error rolls back: that is what makes the run dry.
        Err::<(), _>(answer.map_or_else(Undone::Problem, Undone::Answer))
    });
    match undone.await {
        Err(Undone::Answer(answer)) => Ok(answer),
        Err(Undone::Problem(problem)) => Err(problem),
        Ok(()) => Err(Problem::new(Code::Internal)),
    }
}

/// In which capacity the actor acts on a loaded prospect.
pub fn authority(actor: &Actor, loaded: &Loaded) -> Authority {
    Authority { owner: loaded.row.owner_id == actor.id, supervisor: actor.role == Role::Supervisor }
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
