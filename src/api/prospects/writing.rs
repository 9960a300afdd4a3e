//! What every write on a prospect has in common: a command, once per Idempotency-Key, and the answer that shows what changed.

use actix_web::{HttpRequest, HttpResponse, http::Method, web};

use super::board_change::answer;
use crate::{
    api::{
        extract::{Caller, ReaderLanguage},
        middleware::idempotency,
        problem::{Code, document::Problem},
    },
    app::App,
    clock::Occasion,
    commands::prospects::write::Written,
    domain::{organisation::actor::Actor, values::id::Id},
    store::{Conn, StoreError},
};

/// Runs a command on a prospect in one transaction and answers with what changed; `recorded_id` names what it makes of its
/// own beside the log.
///
/// # Errors
/// What the command refuses; those of [`idempotency::run`].
pub async fn run<F>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    recorded_id: Option<Id>,
    command: F,
) -> Result<HttpResponse, Problem>
where
    F: FnOnce(&mut Conn, &Actor, &Occasion) -> Result<Written, Problem> + Send + 'static,
{
    let status = if request.method() == Method::PATCH { 200 } else { 201 };
    let (source, language) = (app.clone(), ReaderLanguage::of(request));
    idempotency::run(app, caller, request, move |conn, actor| {
        let Written { loaded, decided } = command(conn, actor, &Occasion::of(&source.clock, source.ids))?;
        Ok(answer(&loaded, &decided, recorded_id, (status, language)))
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
    let db = app.db.on_behalf_of(caller.id);
    let undone = db.write(move |conn| {
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
