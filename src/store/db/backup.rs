//! A copy of an SQLite database as of one moment, taken while it is written to, and the files that go with it.

use std::path::Path;

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Binary, Text},
    sqlite::SqliteConnection,
};

use crate::store::{Conn, StoreError};

/// A file kept inside a copy.
#[derive(QueryableByName, Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its name, without a folder.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// What is in it.
    #[diesel(sql_type = Binary)]
    pub content: Vec<u8>,
}

#[derive(QueryableByName)]
struct Said {
    #[diesel(sql_type = Text)]
    said: String,
}

fn sqlite(conn: &mut Conn) -> Result<&mut SqliteConnection, StoreError> {
    match conn {
        Conn::Sqlite(c) => Ok(c),
        Conn::Postgres(_) => Err(StoreError::Unavailable("this is for SQLite only".to_owned())),
    }
}

/// Copies the database into an empty file, as it is at this moment; others go on reading and writing meanwhile.
///
/// # Errors
/// Those of the database.
pub fn copy_into(conn: &mut Conn, file: &Path) -> Result<(), StoreError> {
    sql_query("VACUUM INTO ?").bind::<Text, _>(file.to_string_lossy().into_owned()).execute(sqlite(conn)?)?;
    Ok(())
}

/// Whether the file is sound in itself: its pages, its indexes, its references.
///
/// # Errors
/// `Corrupt` when it is not; those of the database.
pub fn check_integrity(conn: &mut Conn) -> Result<(), StoreError> {
    let c = sqlite(conn)?;
    let said: Vec<Said> =
        sql_query("SELECT integrity_check AS said FROM pragma_integrity_check LIMIT 1").load(c)?;
    if !said.iter().all(|said| said.said == "ok") {
        return Err(StoreError::Corrupt("the file is damaged (integrity_check)".to_owned()));
    }
    let broken: Vec<Said> =
        sql_query("SELECT \"table\" AS said FROM pragma_foreign_key_check LIMIT 1").load(c)?;
    match broken.first() {
        None => Ok(()),
        Some(table) => {
            Err(StoreError::Corrupt(format!("a row of {} refers to one that is not there", table.said)))
        }
    }
}

/// Puts files into a copy, beside its tables.
///
/// # Errors
/// Those of the database.
pub fn keep(conn: &mut Conn, files: &[Kept]) -> Result<(), StoreError> {
    let c = sqlite(conn)?;
    c.batch_execute("CREATE TABLE backup_files (name TEXT NOT NULL PRIMARY KEY, content BLOB NOT NULL)")?;
    for file in files {
        sql_query("INSERT INTO backup_files (name, content) VALUES (?, ?)")
            .bind::<Text, _>(&file.name)
            .bind::<Binary, _>(&file.content)
            .execute(c)?;
    }
    Ok(())
}

/// Takes the files out of a copy again; afterwards it holds nothing of them.
///
/// # Errors
/// Those of the database.
pub fn take(conn: &mut Conn) -> Result<Vec<Kept>, StoreError> {
    let c = sqlite(conn)?;
    let tables: Vec<Said> =
        sql_query("SELECT name AS said FROM sqlite_master WHERE name = 'backup_files'").load(c)?;
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let files = sql_query("SELECT name, content FROM backup_files ORDER BY name").load(c)?;
    c.batch_execute("DROP TABLE backup_files; VACUUM")?;
    Ok(files)
}

/// Leaves everything in the one file, with no log beside it.
///
/// # Errors
/// Those of the database.
pub fn settle(conn: &mut Conn) -> Result<(), StoreError> {
    Ok(sqlite(conn)?.batch_execute("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE")?)
}
