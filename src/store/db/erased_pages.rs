//! What an erasure leaves on the pages of an SQLite file, and how it goes.
//!
//! `secure_delete` overwrites what is deleted, but not where it once stood: a row that grew was moved to another page, and
//! the log holds pages as they were. So the file is written anew after an erasure, and the log cut off. PostgreSQL's own
//! vacuum does the same in its time (docs/operations.md).

use diesel::{QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sql_types::Integer};

use super::meta;
use crate::{
    domain::values::id::Id,
    store::{Conn, StoreError},
};

/// Notes, in the transaction of an erasure, that the file is to be written anew.
///
/// # Errors
/// Those of the database.
pub fn remain(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(_) => meta::set(conn, meta::ERASED_PAGES, &prospect_id.to_string()),
        Conn::Postgres(_) => Ok(()),
    }
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Writes the file anew if somebody was erased since that was last done; answers whether nothing is left to do. Outside of
/// any transaction. Writers wait meanwhile, readers do not; the copy is made in a temporary file, not in memory.
///
/// # Errors
/// Those of the database; the next run tries again.
pub fn wipe(conn: &mut Conn) -> Result<bool, StoreError> {
    let Some(last) = meta::get(conn, meta::ERASED_PAGES)? else { return Ok(true) };
    if let Conn::Sqlite(c) = conn {
        let vacuumed = c.batch_execute("PRAGMA temp_store = FILE; VACUUM");
        c.batch_execute("PRAGMA temp_store = MEMORY")?;
        vacuumed?;
        let cut: Checkpoint = sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(c)?;
        if cut.busy != 0 {
            // Somebody still reads the state before.
            return Ok(false);
        }
    }
    meta::forget(conn, meta::ERASED_PAGES, &last)?;
    Ok(true)
}
