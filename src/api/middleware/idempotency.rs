//! `Idempotency-Key`: one write, one effect, one answer, however often it is sent.
//!
//! The answer is stored in the write's own transaction. Keys count per caller and route, for 24 hours unless the operator chose otherwise. Another
//! request under the same key is refused; a twin in flight waits and then gets the stored answer.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    api::{
        extract::{
            Caller, Calls, ReaderLanguage,
            caller::{read_as, write_as},
            idempotency_key,
            json::BodyHash,
            supervisor,
        },
        problem::{Code, document::Problem},
    },
    app::App,
    domain::{organisation::actor::Actor, values::id::Id},
    store::{
        Conn, StoreError,
        db::idempotency::{self as stored, Found, Stored},
    },
};

/// The 2xx answer of a write, before it becomes bytes.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers of its own, e.g. `Location` and `ETag`.
    pub headers: Vec<(&'static str, String)>,
    /// Body; `null` for none.
    pub body: Value,
    /// The prospects it is about: erasing one takes the stored answer away, and who no longer sees one does not get it again.
    pub prospect_ids: Vec<Id>,
    /// The body that is stored and answered again, where that of the first answer holds a secret shown once.
    pub kept: Option<Value>,
}

impl Answer {
    /// An answer with a body.
    pub fn new(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_value(body).unwrap_or_default();
        Answer { status, headers: Vec::new(), body, prospect_ids: Vec::new(), kept: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says which prospects it is about.
    pub fn about(mut self, prospect_ids: impl IntoIterator<Item = Id>) -> Self {
        self.prospect_ids.extend(prospect_ids);
        self.prospect_ids.sort_unstable();
        self.prospect_ids.dedup();
        self
    }

    /// Gives the body to store in place of this one.
    pub fn kept_as(mut self, body: &impl Serialize) -> Self {
        self.kept = Some(serde_json::to_value(body).unwrap_or_default());
        self
    }

    /// What is stored of it.
    fn to_keep(&self) -> Stored {
        let body = self.kept.clone().unwrap_or_else(|| self.body.clone());
        Answer { body, ..self.clone() }.stored()
    }

    fn stored(self) -> Stored {
        Stored {
            status: i32::from(self.status),
            headers: self.headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            body: if self.body.is_null() { String::new() } else { self.body.to_string() },
            prospect_ids: self.prospect_ids,
        }
    }
}

/// Runs a write once, in one transaction with who calls: without a key always, and under the request's key the first time.
///
/// # Errors
/// 401 when the caller does not count any more; those of `work`; 422 `idempotency_key_reused` for another request under
/// the key; 409 `request_in_progress` when a twin takes too long; 404 when what the stored answer is about is no longer
/// the caller's to see.
pub async fn run(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    work: impl FnOnce(&mut Conn, &Actor) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    run_as(app, caller, request, work).await
}

/// [`run`] for whoever may call: a machine within a scope, or one of several kinds.
///
/// # Errors
/// As for [`run`], and 403 for who may call, but not do this.
pub async fn run_as<C: Calls>(
    app: &web::Data<App>,
    caller: &C,
    request: &HttpRequest,
    work: impl FnOnce(&mut Conn, &C::Who) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    run_if(app, caller, request, |_| Ok(()), work).await
}

/// [`run`] for what only supervisors do: whoever is none any more does not get a stored answer either.
///
/// # Errors
/// As for [`run`], and 403 for agents.
pub async fn run_as_supervisor(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    work: impl FnOnce(&mut Conn, &Actor) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    run_if(app, caller, request, supervisor, work).await
}

/// The answer that a request was given under its key before, for work that is no single transaction: whoever does it in several,
/// each with one effect however often it is done, asks first and stores the answer with [`run_as`] afterwards.
///
/// # Errors
/// As for [`run_as`].
pub async fn known<C: Calls>(
    app: &web::Data<App>,
    caller: &C,
    request: &HttpRequest,
) -> Result<Option<HttpResponse>, Problem> {
    let idempotency_key::IdempotencyKey(key) = idempotency_key::read(request)?;
    let Some(key) = key else { return Ok(None) };
    let (route, request_hash, now) = (route(request), request_hash(request), app.clock.now());
    let asked = stored::Request { caller_id: caller.caller_id(), route, key, request_hash };
    let known = read_as(caller, app, move |conn, who| {
        let found = stored::look(conn, &asked, now)?;
        answered::<C>(conn, who, found)
    });
    Ok(known.await?.map(|answer| response(answer, true)))
}

async fn run_if<C: Calls>(
    app: &web::Data<App>,
    caller: &C,
    request: &HttpRequest,
    may: fn(&C::Who) -> Result<(), Problem>,
    work: impl FnOnce(&mut Conn, &C::Who) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let idempotency_key::IdempotencyKey(key) = idempotency_key::read(request)?;
    let Some(key) = key else {
        let answer = write_as(caller, app, move |conn, who| may(who).and_then(|()| work(conn, who))).await?;
        return Ok(response(answer.stored(), false));
    };
    let (route, request_hash) = (route(request), request_hash(request));
    let language = ReaderLanguage::of(request).tag();
    let asked = stored::Request { caller_id: caller.caller_id(), route, key, request_hash };
    let (again, id, now) = (asked.clone(), app.ids.id(), app.clock.now());
    let until = now + app.config.retention.answers;
    let written = write_as(caller, app, move |conn, who| {
        may(who)?;
        let found = stored::hold(conn, &asked, now).map_err(waited)?;
        let is_expired = found == Found::Expired;
        if let Some(answer) = answered::<C>(conn, who, found)? {
            return Ok((answer, true));
        }
        // The words of the answer stay in this language, whoever asks again in another.
        let answer = work(conn, who)?.header("Content-Language", language);
        if is_expired {
            stored::forget(conn, &asked)?;
        }
        stored::keep(conn, id, &asked, &answer.to_keep(), until)?;
        Ok((answer.stored(), false))
    });
    let refused = match written.await {
        Ok((answer, replayed)) => return Ok(response(answer, replayed)),
        Err(problem) => problem,
    };
    if refused.code().number() >= 500 {
        return Err(refused);
    }
    // A twin that was answered between our look and our lock: its answer counts, not our refusal.
    let known = read_as(caller, app, move |conn, who| {
        may(who)?;
        let found = stored::look(conn, &again, now)?;
        answered::<C>(conn, who, found)
    });
    known.await?.map_or(Err(refused), |answer| Ok(response(answer, true)))
}

/// The stored answer, if there is one and it may be shown.
fn answered<C: Calls>(conn: &mut Conn, who: &C::Who, found: Found) -> Result<Option<Stored>, Problem> {
    match found {
        Found::Nothing | Found::Expired => Ok(None),
        Found::Answered(answer) => {
            match C::scope(who) {
                Some(scope) => stored::still_visible(conn, scope, &answer)?,
                // A machine is told nothing about any prospect.
                None if answer.prospect_ids.is_empty() => {}
                None => return Err(Problem::new(Code::NotFound)),
            }
            Ok(Some(answer))
        }
        Found::Other => Err(Problem::new(Code::IdempotencyKeyReused)),
    }
}

/// Waiting for a twin in flight has a bound.
fn waited(error: StoreError) -> Problem {
    match error {
        StoreError::Timeout => Problem::new(Code::RequestInProgress),
        other => Problem::from(other),
    }
}

fn route(request: &HttpRequest) -> String {
    let pattern = request.match_pattern().unwrap_or_else(|| request.path().to_owned());
    format!("{} {pattern}", request.method())
}

/// Address and body: a key must not serve another prospect either.
fn request_hash(request: &HttpRequest) -> String {
    let body = request.extensions().get::<BodyHash>().map_or([0; 32], |hash| hash.0);
    let mut hash = Sha256::new();
    hash.update(request.uri().path_and_query().map_or("", |address| address.as_str()));
    hash.update([0]);
    hash.update(body);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn response(answer: Stored, replayed: bool) -> HttpResponse {
    let status = u16::try_from(answer.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    let mut response = HttpResponse::build(status.unwrap_or(StatusCode::OK));
    for (name, value) in answer.headers {
        response.insert_header((name, value));
    }
    if replayed {
        response.insert_header(("Idempotency-Replayed", "true"));
    }
    if answer.body.is_empty() {
        response.finish()
    } else {
        response.content_type("application/json").body(answer.body)
    }
}
