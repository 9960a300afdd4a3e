//! Stored answers of writes: the same key and request give the same answer and no second effect.
//!
//! One look before the write, which holds the key, and one row after it, in the same transaction. A twin in flight waits
//! for the lock of the key (PostgreSQL) or for the only writer (SQLite), and then finds either the answer or nothing.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{dsl::exists, prelude::*};
use sha2::{Digest, Sha256};

use super::{
    codec::{Json, stored_instant},
    dialect::{containing, kept},
    schema::{idempotent_answers, prospects},
};
use crate::{
    both,
    domain::{organisation::actor::Scope, values::id::Id},
    store::{Conn, StoreError, organisation::scope},
};
use functions::{lock_until_commit, try_lock_until_commit};

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

impl Request {
    /// The number of the lock under which its twins stand in a queue.
    fn lock(&self) -> i64 {
        let hash = Sha256::digest(format!("{}\n{}\n{}", self.caller_id, self.route, self.key));
        hash.iter().take(8).fold(0, |number, byte| number << 8 | i64::from(*byte))
    }
}

mod functions {
    #![allow(missing_docs)]
    diesel::define_sql_function! {
        /// Takes a lock until the transaction ends, if nobody else has it.
        #[sql_name = "pg_try_advisory_xact_lock"]
        fn try_lock_until_commit(number: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
    diesel::define_sql_function! {
        /// The same, waiting for it. It answers nothing that could be read.
        #[sql_name = "pg_advisory_xact_lock"]
        fn lock_until_commit(number: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
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
    /// The prospects it is about, each once.
    pub prospect_ids: Vec<Id>,
}

/// What a key stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing yet.
    Nothing,
    /// A request of the day before, whose answer nobody has swept out: [`forget`] it before keeping another.
    Expired,
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
    prospect_ids: Json<Vec<Id>>,
    expires_at: NaiveDateTime,
}

/// The row of a key, as a query.
macro_rules! of_key {
    ($request:expr) => {
        idempotent_answers::table
            .filter(idempotent_answers::caller_id.eq($request.caller_id))
            .filter(idempotent_answers::route.eq(&$request.route))
            .filter(idempotent_answers::key.eq(&$request.key))
    };
}

/// Holds the key until the transaction ends, and says what it stands for. A twin in flight is waited for.
///
/// One statement where nothing is known and nobody else holds the key. On PostgreSQL a twin may be answered between the
/// look and the lock of that statement; [`keep`] refuses then.
///
/// # Errors
/// `Timeout` when a twin in flight takes too long.
pub fn hold(conn: &mut Conn, request: &Request, now: DateTime<Utc>) -> Result<Found, StoreError> {
    let (held, known) = match conn {
        // Its only writer is this transaction.
        Conn::Sqlite(c) => (true, diesel::select(exists(of_key!(request))).get_result::<bool>(c)?),
        Conn::Postgres(c) => {
            diesel::select((try_lock_until_commit(request.lock()), exists(of_key!(request)))).get_result(c)?
        }
    };
    if let (false, Conn::Postgres(c)) = (held, &mut *conn) {
        diesel::select(lock_until_commit(request.lock())).execute(c)?;
    }
    if held && !known {
        return Ok(Found::Nothing);
    }
    look(conn, request, now)
}

/// What a key stands for now.
///
/// # Errors
/// Those of the store.
pub fn look(conn: &mut Conn, request: &Request, now: DateTime<Utc>) -> Result<Found, StoreError> {
    let row: Option<Row> = of_key!(request).select(Row::as_select()).first(conn).optional()?;
    let Some(row) = row else { return Ok(Found::Nothing) };
    if row.expires_at <= stored_instant(now) {
        return Ok(Found::Expired);
    }
    if row.request_hash != request.request_hash {
        return Ok(Found::Other);
    }
    Ok(Found::Answered(Stored {
        status: row.status,
        headers: row.headers.0,
        body: row.body,
        prospect_ids: row.prospect_ids.0,
    }))
}

/// Stores the answer of the write, until an instant, in its own transaction.
///
/// # Errors
/// `Conflict` when a twin was faster; those of the store.
pub fn keep(
    conn: &mut Conn,
    id: Id,
    request: &Request,
    answer: &Stored,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    let row = Row {
        id,
        caller_id: request.caller_id,
        route: request.route.clone(),
        key: request.key.clone(),
        request_hash: request.request_hash.clone(),
        status: answer.status,
        headers: Json(answer.headers.clone()),
        body: answer.body.clone(),
        prospect_ids: Json(answer.prospect_ids.clone()),
        expires_at: stored_instant(until),
    };
    both!(conn, c => kept(diesel::insert_into(idempotent_answers::table).values(&row)).execute(c)?);
    Ok(())
}

/// Forgets the answer of an expired request.
///
/// # Errors
/// Those of the store.
pub fn forget(conn: &mut Conn, request: &Request) -> Result<(), StoreError> {
    diesel::delete(of_key!(request)).execute(conn)?;
    Ok(())
}

/// Whether a stored answer may still be shown: all that it is about must still be within the scope.
///
/// # Errors
/// `NotFound` when one is not.
pub fn still_visible(conn: &mut Conn, scope: &Scope, answer: &Stored) -> Result<(), StoreError> {
    if answer.prospect_ids.is_empty() {
        return Ok(());
    }
    let seen: Vec<Id> = prospects::table
        .filter(prospects::id.eq_any(answer.prospect_ids.clone()))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::id)
        .load(conn)?;
    if seen.len() == answer.prospect_ids.len() { Ok(()) } else { Err(StoreError::NotFound) }
}

/// Forgets what was answered about a prospect (erasure, method section 11). Of an answer that is about others as well the
/// row stays, emptied: a repeated request must not write about them again.
///
/// # Errors
/// Those of the store.
pub fn forget_prospect(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    let only_it = idempotent_answers::prospect_ids.eq(Json(vec![prospect_id]));
    diesel::delete(idempotent_answers::table.filter(only_it)).execute(conn)?;
    let among_others =
        idempotent_answers::prospect_ids.like(containing(&format!("\"{prospect_id}\""))).escape('!');
    diesel::update(idempotent_answers::table.filter(among_others))
        .set((idempotent_answers::headers.eq("[]"), idempotent_answers::body.eq("")))
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
