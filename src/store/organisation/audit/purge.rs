//! The oldest rows of the audit are taken away, behind a row that says so: the database lets them go for no other reason.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::record;
use crate::{
    clock::Occasion,
    domain::{exchange::event::Event, organisation::actor::ActedBy, values::id::Id},
    store::{
        Conn, StoreError,
        db::{codec::stored_instant, schema::audit},
    },
};

/// Rows taken in one transaction: a long one would keep others waiting.
pub const AT_ONCE: i64 = 5_000;

/// Takes rows older than an instant, the oldest first and not many more than [`AT_ONCE`]; answers how many.
///
/// # Errors
/// `Stale` when another instance was doing the same; those of the database.
pub fn take(conn: &mut Conn, occasion: &Occasion, older_than: DateTime<Utc>) -> Result<usize, StoreError> {
    let limit = stored_instant(older_than);
    let old = || audit::table.filter(audit::at.lt(limit));
    let oldest: Option<NaiveDateTime> = old().order(audit::at).select(audit::at).first(conn).optional()?;
    let Some(oldest) = oldest else { return Ok(0) };
    let enough: Option<NaiveDateTime> =
        old().order(audit::at).offset(AT_ONCE).select(audit::at).first(conn).optional()?;
    // So many of one instant that they cannot be told apart go together.
    let before = enough.filter(|at| *at > oldest).unwrap_or(limit);
    let taken = || audit::table.filter(audit::at.lt(before));
    let rows: i64 = taken().count().get_result(conn)?;
    let last_id: Id = taken().order((audit::at.desc(), audit::id.desc())).select(audit::id).first(conn)?;
    let purged = Event::AuditPurged { last_id, rows, before };
    record(conn, occasion.ids, occasion.now, ActedBy::System, &[purged])?;
    let deleted = diesel::delete(taken()).execute(conn)?;
    if i64::try_from(deleted) == Ok(rows) { Ok(deleted) } else { Err(StoreError::Stale) }
}
