//! Who did what: ids, codes and figures only, never names or free text. Rows are only ever added.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use super::{Conn, StoreError, codec::stored_instant, schema::audit};
use crate::{clock::Ids, domain::id::Id};

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Who; `None` for the service itself and for the command line.
    pub actor_id: Option<Id>,
    /// What, e.g. `user_disabled`.
    pub action: &'static str,
    /// The kind of the thing it was done to, e.g. `user`.
    pub subject_kind: &'static str,
    /// The thing it was done to.
    pub subject_id: Id,
    /// Codes and figures.
    pub details: Value,
}

/// Adds an entry, in the transaction of what it tells about.
///
/// # Errors
/// Those of the database.
pub fn record(conn: &mut Conn, ids: Ids, at: DateTime<Utc>, entry: &Entry) -> Result<(), StoreError> {
    diesel::insert_into(audit::table)
        .values((
            audit::id.eq(ids.id()),
            audit::at.eq(stored_instant(at)),
            audit::actor_id.eq(entry.actor_id),
            audit::action.eq(entry.action),
            audit::subject_kind.eq(entry.subject_kind),
            audit::subject_id.eq(entry.subject_id),
            audit::details.eq(entry.details.to_string()),
        ))
        .execute(conn)?;
    Ok(())
}
