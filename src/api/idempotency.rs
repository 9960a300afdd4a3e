//! `Idempotency-Key`: one write, one effect, one answer, however often it is sent.
//!
//! The answer is stored in the write's own transaction. Keys count per caller and route, for 24 hours. Another
//! request under the same key is refused; a twin in flight waits and then gets the stored answer.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, http::StatusCode, web};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    extract::{Caller, idempotency_key, json::BodyHash},
    problem::{Code, Problem},
};
use crate::{
    app::App,
    domain::id::Id,
    store::{
        Conn, StoreError,
        idempotency::{self as stored, Found, Stored},
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
    /// The prospect it is about: erasing that deletes the stored answer.
    pub prospect_id: Option<Id>,
    /// The body that is stored and answered again, where that of the first answer holds a secret shown once.
    pub kept: Option<Value>,
}

impl Answer {
    /// An answer with a body.
    pub fn new(status: u16, body: &impl Serialize) -> Self {
        let body = serde_json::to_value(body).unwrap_or_default();
        Answer { status, headers: Vec::new(), body, prospect_id: None, kept: None }
    }

    /// Adds a header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Says which prospect it is about.
    pub fn about(mut self, prospect_id: Id) -> Self {
        self.prospect_id = Some(prospect_id);
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
            prospect_id: self.prospect_id,
        }
    }
}

/// Runs a write once: in a transaction of its own without a key, and under the request's key with one.
///
/// # Errors
/// Those of `work`; 422 `idempotency_key_reused` for another request under the key; 409 `request_in_progress` when a
/// twin takes too long; 404 when what the stored answer is about is no longer the caller's to see.
pub async fn run(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    work: impl FnOnce(&mut Conn) -> Result<Answer, Problem> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let idempotency_key::IdempotencyKey(key) = idempotency_key::read(request)?;
    let Some(key) = key else {
        let answer = app.db.write(move |conn| work(conn)).await?;
        return Ok(response(answer.stored(), false));
    };
    let asked = stored::Request {
        caller_id: caller.0.id,
        route: route(request),
        key,
        request_hash: request_hash(request),
    };
    let (id, now, scope) = (app.ids.id(), app.clock.now(), caller.0.scope.clone());
    let (answer, replayed) = app
        .db
        .write(move |conn| match stored::take(conn, &asked, id, now).map_err(waited)? {
            Found::Fresh(id) => {
                let answer = work(conn)?;
                stored::keep(conn, id, &answer.to_keep())?;
                Ok((answer.stored(), false))
            }
            Found::Answered(answer) => {
                stored::still_visible(conn, &scope, &answer)?;
                Ok((answer, true))
            }
            Found::Other => Err(Problem::new(Code::IdempotencyKeyReused)),
        })
        .await?;
    Ok(response(answer, replayed))
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
