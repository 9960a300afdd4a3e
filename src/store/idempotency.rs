//! Stored answers of writes: the same key and request give the same answer and no second effect.
//!
//! The row is inserted before the write begins and filled in the same transaction. A twin in flight waits on the
//! unique index (PostgreSQL) or for the only writer (SQLite), and then finds either the answer or nothing.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    codec::{Json, stored_instant},
    schema::{idempotent_answers, prospects},
    scope,
};
use crate::{
    both,
    domain::{actor::Scope, id::Id},
};

/// How long an answer is kept.
const KEPT: Duration = Duration::hours(24);

/// Which request it is: the scope of a key is the caller and the route.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub caller_id: Id,
    /// Method and route template.
    pub route: String,
    /// The caller's key.
    pub key: String,
    /// Hash of address and body, in hexadecimal digits.
    pub request_hash: String,
}

/// An answer as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// HTTP status.
    pub status: i32,
    /// Headers of the answer's own.
    pub headers: Vec<(String, String)>,
    /// Body as text.
    pub body: String,
    /// The prospect it is about.
    pub prospect_id: Option<Id>,
}

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet: do the write and [`keep`] its answer under this id.
    Fresh(Id),
    /// The same request was answered.
    Answered(Stored),
    /// The key belongs to another request.
    Other,
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotent_answers)]
struct Row {
    id: Id,
    caller_id: Id,
    route: String,
    key: String,
    request_hash: String,
    status: i32,
    headers: Json<Vec<(String, String)>>,
    body: String,
    prospect_id: Option<Id>,
    expires_at: NaiveDateTime,
}

/// Takes the key for this request, or says what it stands for already.
///
/// # Errors
/// `Timeout` when a twin in flight takes too long.
pub fn take(conn: &mut Conn, request: &Request, id: Id, now: DateTime<Utc>) -> Result<Found, StoreError> {
    let fresh = Row {
        id,
        caller_id: request.caller_id,
        route: request.route.clone(),
        key: request.key.clone(),
        request_hash: request.request_hash.clone(),
        status: 0,
        headers: Json(Vec::new()),
        body: String::new(),
        prospect_id: None,
        expires_at: stored_instant(now + KEPT),
    };
    let inserted = both!(conn, c => diesel::insert_into(idempotent_answers::table)
        .values(&fresh)
        .on_conflict((idempotent_answers::caller_id, idempotent_answers::route, idempotent_answers::key))
        .do_nothing()
        .execute(c))?;
    if inserted == 1 {
        return Ok(Found::Fresh(id));
    }
    let row: Row = idempotent_answers::table
        .filter(idempotent_answers::caller_id.eq(request.caller_id))
        .filter(idempotent_answers::route.eq(&request.route))
        .filter(idempotent_answers::key.eq(&request.key))
        .select(Row::as_select())
        .first(conn)?;
    if row.expires_at <= stored_instant(now) {
        diesel::delete(idempotent_answers::table.find(row.id)).execute(conn)?;
        return take(conn, request, id, now);
    }
    if row.request_hash != request.request_hash {
        return Ok(Found::Other);
    }
    Ok(Found::Answered(Stored {
        status: row.status,
        headers: row.headers.0,
        body: row.body,
        prospect_id: row.prospect_id,
    }))
}

/// Stores the answer of a write that [`take`] called fresh.
///
/// # Errors
/// Those of the store.
pub fn keep(conn: &mut Conn, id: Id, answer: &Stored) -> Result<(), StoreError> {
    diesel::update(idempotent_answers::table.find(id))
        .set((
            idempotent_answers::status.eq(answer.status),
            idempotent_answers::headers.eq(Json(answer.headers.clone())),
            idempotent_answers::body.eq(&answer.body),
            idempotent_answers::prospect_id.eq(answer.prospect_id),
        ))
        .execute(conn)?;
    Ok(())
}

/// Whether a stored answer may still be shown: what it is about must still be within the scope.
///
/// # Errors
/// `NotFound` when it is not.
pub fn still_visible(conn: &mut Conn, scope: &Scope, answer: &Stored) -> Result<(), StoreError> {
    let Some(prospect_id) = answer.prospect_id else { return Ok(()) };
    let _: Id = prospects::table
        .filter(prospects::id.eq(prospect_id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::id)
        .first(conn)?;
    Ok(())
}

/// Deletes the stored answers about a prospect (erasure, method section 11).
///
/// # Errors
/// Those of the store.
pub fn forget_prospect(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    diesel::delete(idempotent_answers::table.filter(idempotent_answers::prospect_id.eq(prospect_id)))
        .execute(conn)?;
    Ok(())
}

/// Deletes what has expired; answers how many rows.
///
/// # Errors
/// Those of the store.
pub fn purge(conn: &mut Conn, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let expired = idempotent_answers::expires_at.le(stored_instant(now));
    Ok(diesel::delete(idempotent_answers::table.filter(expired)).execute(conn)?)
}
