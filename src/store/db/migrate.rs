//! Bringing the schema up to this release, and refusing to touch one that is newer.
//!
//! Several instances may start at once: one migrates, the others wait and find nothing left to do. Every
//! migration records in `schema_compat` the oldest release that still works on the schema it leaves, so that
//! during a rolling upgrade an instance of the old release knows whether it may start.

use diesel::{
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
    prelude::*,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{
    connection::{Engine, Purpose, Target},
    schema::schema_compat,
};
use crate::store::{Conn, StoreError};

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The number under which instances agree who migrates; any constant does.
const ADVISORY_LOCK: i64 = 0x7072_6f73_7065_6374;

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database belongs to a newer release.
    #[error(
        "this is prospector {this}, but the database was migrated by a newer release{}; nothing was changed",
        .serves_since.as_ref().map(|v| format!(" and serves releases from {v} on")).unwrap_or_default()
    )]
    Newer {
        /// Our release.
        this: String,
        /// The oldest release the schema serves, if it says.
        serves_since: Option<String>,
    },
    /// A migration failed; it was rolled back.
    #[error("migration failed: {0}")]
    Failed(String),
    /// The database could not be reached or read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<diesel::result::Error> for MigrateError {
    fn from(error: diesel::result::Error) -> Self {
        MigrateError::Store(error.into())
    }
}

/// Applies what is missing; answers with the migrations that were applied, oldest first.
///
/// # Errors
/// [`MigrateError::Newer`] when the database has migrations this release neither knows nor is served by.
pub fn run(target: &Target) -> Result<Vec<String>, MigrateError> {
    run_as(target, env!("CARGO_PKG_VERSION"))
}

/// [`run`] for a named release (tests play old and new ones).
///
/// # Errors
/// Those of [`run`].
pub fn run_as(target: &Target, release: &str) -> Result<Vec<String>, MigrateError> {
    let conn = &mut target.connect(Purpose::Migrate)?;
    // Most starts find nothing to do and need no lock.
    if pending(conn, release)?.is_empty() {
        return Ok(Vec::new());
    }
    begin_exclusive(conn)?;
    let done = pending(conn, release).and_then(|missing| apply(conn, &missing).map(|()| missing));
    end_exclusive(conn, done.is_ok())?;
    done
}

/// Whether the schema is exactly what this release needs or a newer one that serves it.
///
/// # Errors
/// [`MigrateError::Newer`], or [`MigrateError::Failed`] when migrations are missing.
pub fn check(conn: &mut Conn) -> Result<(), MigrateError> {
    match pending(conn, env!("CARGO_PKG_VERSION"))?.as_slice() {
        [] => Ok(()),
        missing => Err(MigrateError::Failed(format!("{} migrations are missing", missing.len()))),
    }
}

/// The versions of the migrations in this binary, oldest first.
///
/// # Errors
/// None in practice: they are compiled in.
pub fn known(engine: Engine) -> Result<Vec<String>, MigrateError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| MigrateError::Failed(error.to_string());
    let mut versions: Vec<String> = match engine {
        Engine::Sqlite => versions_of::<diesel::sqlite::Sqlite>(&SQLITE).map_err(failed)?,
        Engine::Postgres => versions_of::<diesel::pg::Pg>(&POSTGRES).map_err(failed)?,
    };
    versions.sort();
    Ok(versions)
}

fn versions_of<DB: diesel::backend::Backend>(
    source: &EmbeddedMigrations,
) -> diesel::migration::Result<Vec<String>>
where
    EmbeddedMigrations: diesel::migration::MigrationSource<DB>,
{
    let migrations = diesel::migration::MigrationSource::<DB>::migrations(source)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

/// Which known migrations are not applied yet; refuses when the database is ahead of this release.
fn pending(conn: &mut Conn, release: &str) -> Result<Vec<String>, MigrateError> {
    let known = known(conn.engine())?;
    let applied = applied(conn)?;
    let unknown: Vec<&String> = applied.iter().filter(|version| !known.contains(version)).collect();
    if !unknown.is_empty() {
        let serves_since = serves_since(conn, &unknown)?;
        let missing_here = known.iter().any(|version| !applied.contains(version));
        let served =
            serves_since.as_deref().is_some_and(|since| release_number(since) <= release_number(release));
        if !served || missing_here {
            return Err(MigrateError::Newer { this: release.to_owned(), serves_since });
        }
    }
    Ok(known.into_iter().filter(|version| !applied.contains(version)).collect())
}

/// The migrations the database has; none when it has never been migrated. Reads only.
fn applied(conn: &mut Conn) -> Result<Vec<String>, MigrateError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    if !has_migrations_table(conn)? {
        return Ok(Vec::new());
    }
    let rows: Vec<Row> =
        diesel::sql_query("SELECT version FROM __diesel_schema_migrations ORDER BY version").load(conn)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

fn has_migrations_table(conn: &mut Conn) -> Result<bool, MigrateError> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        n: i64,
    }
    let sql = match conn.engine() {
        Engine::Sqlite => "SELECT COUNT(*) AS n FROM sqlite_master WHERE name = '__diesel_schema_migrations'",
        Engine::Postgres => {
            "SELECT COUNT(*) AS n FROM pg_tables \
             WHERE tablename = '__diesel_schema_migrations' AND schemaname = current_schema()"
        }
    };
    let row: Row = diesel::sql_query(sql).get_result(conn)?;
    Ok(row.n > 0)
}

/// The oldest release that works with all of these migrations; `None` when one of them does not say.
fn serves_since(conn: &mut Conn, migrations: &[&String]) -> Result<Option<String>, MigrateError> {
    let rows: Vec<(String, String)> = schema_compat::table.load(conn)?;
    let mut newest: Option<String> = None;
    for migration in migrations {
        let Some((_, since)) = rows.iter().find(|(name, _)| name == *migration) else {
            return Ok(None);
        };
        if newest.as_deref().is_none_or(|other| release_number(other) < release_number(since)) {
            newest = Some(since.clone());
        }
    }
    Ok(newest)
}

/// `1.12.3` as numbers that compare; anything unreadable counts as newest, so that it is refused.
fn release_number(release: &str) -> [u64; 3] {
    let mut parts = release.split('.').map(|part| part.parse().unwrap_or(u64::MAX));
    let mut next = || parts.next().unwrap_or(0);
    [next(), next(), next()]
}

fn begin_exclusive(conn: &mut Conn) -> Result<(), MigrateError> {
    match conn {
        // One transaction around all migrations; each runs in a savepoint.
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?,
        Conn::Postgres(c) => c.batch_execute(&format!("SELECT pg_advisory_lock({ADVISORY_LOCK})"))?,
    }
    Ok(())
}

fn end_exclusive(conn: &mut Conn, good: bool) -> Result<(), MigrateError> {
    match conn {
        Conn::Sqlite(c) if good => AnsiTransactionManager::commit_transaction(c)?,
        Conn::Sqlite(c) => AnsiTransactionManager::rollback_transaction(c)?,
        Conn::Postgres(c) => c.batch_execute(&format!("SELECT pg_advisory_unlock({ADVISORY_LOCK})"))?,
    }
    Ok(())
}

fn apply(conn: &mut Conn, missing: &[String]) -> Result<(), MigrateError> {
    if missing.is_empty() {
        return Ok(());
    }
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        let words: Vec<String> = error.to_string().split_whitespace().map(str::to_owned).collect();
        MigrateError::Failed(words.join(" "))
    };
    match conn {
        Conn::Sqlite(c) => c.run_pending_migrations(SQLITE).map(drop).map_err(failed)?,
        Conn::Postgres(c) => c.run_pending_migrations(POSTGRES).map(drop).map_err(failed)?,
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_by_number() {
        assert!(release_number("0.2.0") < release_number("0.10.0"));
        assert!(release_number("1.0.0") < release_number("later"));
    }

    #[test]
    fn both_databases_have_the_same_migrations() {
        assert_eq!(known(Engine::Sqlite).unwrap(), known(Engine::Postgres).unwrap());
    }
}
