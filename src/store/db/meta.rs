//! Facts about the database itself: one small table of keys and values.

use diesel::prelude::*;

use super::schema::meta;
use crate::{
    both,
    store::{Conn, StoreError},
};

/// Present when the database holds the demo.
pub const DEMO: &str = "demo";
/// The business date given with `--today` at the last start that gave one.
pub const BUSINESS_TODAY: &str = "business_today";
/// Business time minus real time, in seconds.
pub const BUSINESS_SHIFT: &str = "business_shift_seconds";
/// Fingerprint of the secret the stored HMACs were made with.
pub const KEY_FINGERPRINT: &str = "key_fingerprint";

/// The prospect that was erased last, while pages of an SQLite file may still hold what was written about it.
pub const ERASED_PAGES: &str = "erased_pages";

/// The value of a key.
///
/// # Errors
/// Those of the database.
pub fn get(conn: &mut Conn, key: &str) -> Result<Option<String>, StoreError> {
    Ok(meta::table.find(key).select(meta::value).first(conn).optional()?)
}

/// Writes the value of a key, whether or not it had one.
///
/// # Errors
/// Those of the database.
pub fn set(conn: &mut Conn, key: &str, value: &str) -> Result<(), StoreError> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    both!(conn, c => {
        diesel::insert_into(meta::table)
            .values(row)
            .on_conflict(meta::key)
            .do_update()
            .set(meta::value.eq(value))
            .execute(c)?
    });
    Ok(())
}

/// Forgets a key, unless it has got another value meanwhile.
///
/// # Errors
/// Those of the database.
pub fn forget(conn: &mut Conn, key: &str, value: &str) -> Result<(), StoreError> {
    diesel::delete(meta::table.filter(meta::key.eq(key)).filter(meta::value.eq(value))).execute(conn)?;
    Ok(())
}

/// Writes the value of a key unless it has one; answers with the value that stands. Of several instances that
/// start at once, one wins and all learn its value.
///
/// # Errors
/// Those of the database.
pub fn set_once(conn: &mut Conn, key: &str, value: &str) -> Result<String, StoreError> {
    let row = (meta::key.eq(key), meta::value.eq(value));
    both!(conn, c => {
        diesel::insert_into(meta::table).values(row).on_conflict_do_nothing().execute(c)?
    });
    get(conn, key)?.ok_or(StoreError::NotFound)
}
