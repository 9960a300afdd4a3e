//! One connection to one of the two databases.

use std::{fmt, path::PathBuf, time::Duration};

use diesel::{Connection, PgConnection, SqliteConnection, connection::SimpleConnection};

use super::address;
use crate::store::StoreError;

pub use any::{AnyConnection, MultiBackend};

mod any {
    #![allow(missing_docs)] // the derive writes items of its own

    use diesel::{MultiConnection, PgConnection, SqliteConnection};

    /// A connection to either database. Queries are written once against it; `both!` helps where they differ.
    #[derive(MultiConnection)]
    pub enum AnyConnection {
        /// The embedded database.
        Sqlite(SqliteConnection),
        /// PostgreSQL.
        Postgres(PgConnection),
    }
}

/// The two databases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// The embedded database.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// Which database to connect to, and how its sessions are set up.
#[derive(Clone)]
pub enum Target {
    /// A file.
    Sqlite {
        /// Path of the file; made when missing, its folder is not.
        path: PathBuf,
        /// Whether a commit waits for the disk (`synchronous=FULL`) or only for the operating system.
        full_sync: bool,
    },
    /// A server.
    Postgres {
        /// Connection string; may hold a password, so it is never printed.
        url: String,
        /// Longest single statement.
        statement_timeout: Duration,
    },
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::Sqlite { path, .. } => write!(f, "sqlite:{}", path.display()),
            Target::Postgres { .. } => f.write_str("postgres://…"),
        }
    }
}

/// What a connection will be used for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose {
    /// Transactions that read and write.
    Write,
    /// Transactions that only read; the session refuses to write.
    Read,
    /// Changing the schema: no time limits.
    Migrate,
}

/// How long one connection waits for another that holds a lock.
const LOCK_WAIT: Duration = Duration::from_secs(5);

impl Target {
    /// Reads a `DATABASE_URL`. The scheme chooses the database.
    ///
    /// # Errors
    /// A sentence that says what would have been right.
    pub fn parse(url: &str, full_sync: bool, statement_timeout: Duration) -> Result<Self, String> {
        const ADVICE: &str = "use sqlite:PATH or postgres://USER@HOST/NAME";
        let (scheme, rest) =
            url.split_once(':').ok_or_else(|| format!("DATABASE_URL has no scheme: {ADVICE}"))?;
        match scheme {
            "postgres" | "postgresql" => {
                if !rest.starts_with("//") {
                    return Err(format!("DATABASE_URL is no PostgreSQL address: {ADVICE}"));
                }
                address::check(url)?;
                Ok(Target::Postgres { url: url.to_owned(), statement_timeout })
            }
            "sqlite" | "sqlite3" => {
                let path = rest.strip_prefix("//").unwrap_or(rest);
                if path.is_empty() || path.contains(":memory:") || path.contains(['?', '\0']) {
                    return Err(
                        "DATABASE_URL names no file: use sqlite:PATH, e.g. sqlite:./data/prospector.db \
                                (several connections share it, so it cannot live in memory)"
                            .to_owned(),
                    );
                }
                Ok(Target::Sqlite { path: PathBuf::from(path), full_sync })
            }
            // Not quoted: what stands before the first colon may be a password.
            _ => Err(format!("DATABASE_URL has an unknown scheme: {ADVICE}")),
        }
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self {
            Target::Sqlite { .. } => Engine::Sqlite,
            Target::Postgres { .. } => Engine::Postgres,
        }
    }

    /// How long one transaction may take before its connection counts as hung; `None` where none can hang.
    pub fn longest_job(&self) -> Option<Duration> {
        match self {
            Target::Sqlite { .. } => None,
            Target::Postgres { statement_timeout, .. } => Some(*statement_timeout + Duration::from_secs(1)),
        }
    }

    /// Opens a connection and sets up its session.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with the database's own words, which hold no password.
    pub fn connect(&self, purpose: Purpose) -> Result<AnyConnection, StoreError> {
        match self {
            Target::Sqlite { path, full_sync } => {
                // A path that starts with "file:" would be read as a URI.
                let path = if path.is_relative() { PathBuf::from(".").join(path) } else { path.clone() };
                let mut conn = SqliteConnection::establish(&path.to_string_lossy()).map_err(|error| {
                    unavailable(&format!("cannot open {}", path.display()), &error.to_string())
                })?;
                set_up_sqlite(&mut conn, *full_sync, purpose)?;
                Ok(AnyConnection::Sqlite(conn))
            }
            Target::Postgres { url, statement_timeout } => {
                let mut conn =
                    PgConnection::establish(&noticing_silence(url, *statement_timeout)).map_err(|error| {
                        let words = address::without_passwords(&error.to_string(), url);
                        unavailable("cannot connect to PostgreSQL", &words)
                    })?;
                set_up_postgres(&mut conn, *statement_timeout, purpose)?;
                Ok(AnyConnection::Postgres(conn))
            }
        }
    }
}

impl AnyConnection {
    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self {
            AnyConnection::Sqlite(_) => Engine::Sqlite,
            AnyConnection::Postgres(_) => Engine::Postgres,
        }
    }
}

fn unavailable(what: &str, error: &str) -> StoreError {
    // libpq's messages run over several lines; start-up faults are one line.
    let words: Vec<&str> = error.split_whitespace().collect();
    StoreError::Unavailable(format!("{what}: {}", words.join(" ")))
}

/// Left alone, libpq waits minutes for a host that cannot be reached, and hours for one that has fallen silent. What the
/// address says itself counts.
fn noticing_silence(url: &str, statement_timeout: Duration) -> String {
    let wanted = [
        ("connect_timeout", 3),
        // In seconds: a connection that is idle is known to be dead after 11.
        ("keepalives_idle", 5),
        ("keepalives_interval", 2),
        ("keepalives_count", 3),
        // In milliseconds: what was sent and is never acknowledged.
        ("tcp_user_timeout", statement_timeout.as_millis()),
    ];
    wanted.into_iter().fold(url.to_owned(), |url, (name, value)| {
        if url.contains(&format!("{name}=")) {
            return url;
        }
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{name}={value}")
    })
}

/// Pages of the file that a connection keeps, KiB. Mapping the file instead is faster still, but counts as memory of ours once
/// for every connection.
const PAGES_KEPT: i32 = 8192;

fn set_up_sqlite(conn: &mut SqliteConnection, full_sync: bool, purpose: Purpose) -> Result<(), StoreError> {
    // First of all, so that the statements below wait for a lock instead of failing.
    conn.batch_execute(&format!("PRAGMA busy_timeout = {}", LOCK_WAIT.as_millis()))?;
    switch_to_wal(conn)?;
    let synchronous = if full_sync { "FULL" } else { "NORMAL" };
    conn.batch_execute(&format!(
        "PRAGMA synchronous = {synchronous};
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -{PAGES_KEPT};
         PRAGMA query_only = {};",
        if purpose == Purpose::Read { "ON" } else { "OFF" },
    ))?;
    Ok(())
}

/// Switching a new file to WAL needs the file to itself and does not wait for it by itself.
fn switch_to_wal(conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let mut attempts = 0;
    loop {
        match conn.batch_execute("PRAGMA journal_mode = WAL") {
            Ok(()) => return Ok(()),
            Err(error) => match StoreError::from(error) {
                StoreError::Timeout if attempts < 100 => {
                    attempts += 1;
                    std::thread::sleep(Duration::from_millis(20));
                }
                error => return Err(error),
            },
        }
    }
}

fn set_up_postgres(
    conn: &mut PgConnection,
    statement_timeout: Duration,
    purpose: Purpose,
) -> Result<(), StoreError> {
    let (statement, lock, idle) = match purpose {
        Purpose::Migrate => (0, 0, 0),
        Purpose::Read | Purpose::Write => {
            (statement_timeout.as_millis(), LOCK_WAIT.as_millis(), 2 * statement_timeout.as_millis())
        }
    };
    // Without compiling: what is read here is short, and a plan that looks dear would cost tens of milliseconds each time.
    // One plan a statement: planning anew for the values costs more than it saves wherever every look is at an index.
    conn.batch_execute(&format!(
        "SET TIME ZONE 'UTC';
         SET jit = off;
         SET plan_cache_mode = force_generic_plan;
         SET statement_timeout = {statement};
         SET lock_timeout = {lock};
         SET idle_in_transaction_session_timeout = {idle};
         SET client_min_messages = warning;
         SET default_transaction_isolation = 'read committed'",
    ))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, String> {
        Target::parse(url, true, Duration::from_secs(1))
    }

    #[test]
    fn the_scheme_chooses_the_database() {
        assert_eq!(parse("sqlite:./x.db").unwrap().engine(), Engine::Sqlite);
        assert_eq!(parse("sqlite:///var/x.db").unwrap().engine(), Engine::Sqlite);
        assert_eq!(parse("postgres://a@b/c").unwrap().engine(), Engine::Postgres);
        assert_eq!(parse("postgresql://a@b/c").unwrap().engine(), Engine::Postgres);
    }

    #[test]
    fn anything_else_is_refused_with_advice() {
        for url in ["mysql://a@b/c", "prospector.db", "sqlite:", "sqlite::memory:", "postgres:x"] {
            let advice = parse(url).unwrap_err();
            assert!(advice.contains("use sqlite:PATH"), "{url}: {advice}");
        }
    }

    #[test]
    fn a_connection_notices_silence_as_the_address_says_or_soon() {
        let url = noticing_silence("postgres://a@b/c?keepalives_idle=60", Duration::from_secs(10));
        let soon = "connect_timeout=3&keepalives_interval=2&keepalives_count=3&tcp_user_timeout=10000";
        assert_eq!(url, format!("postgres://a@b/c?keepalives_idle=60&{soon}"));
    }

    #[test]
    fn a_password_is_never_printed() {
        let target = parse("postgres://a:secret@b/c").unwrap();
        assert!(!format!("{target:?}").contains("secret"));
    }
}
