//! What can go wrong between the service and its data.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind, Error};

/// A fault of the store. Exhaustive: whoever shows it to a caller decides about every kind.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No such row within the scope that was asked about.
    #[error("not found")]
    NotFound,
    /// A unique constraint or a foreign key refused the write. The name is the same on both databases:
    /// `ux_<table>__<column>[__<column>]` for a unique index, `<table>_pkey` for a primary key `id`.
    #[error("conflict with {constraint}")]
    Conflict {
        /// Name of the constraint.
        constraint: String,
    },
    /// The row has another version than the one the caller saw.
    #[error("stale version")]
    Stale,
    /// The caller was disabled or got another password while the write waited for others; nothing was done.
    #[error("the login has ended")]
    LoginEnded,
    /// The caller's role or team changed while the write waited for others; nothing was done.
    #[error("the caller's reach has changed")]
    ReachChanged,
    /// Too many requests are waiting for a database thread; nothing was done.
    #[error("overloaded")]
    Overloaded,
    /// The database cannot be reached, or the connection broke. A write may or may not have happened.
    #[error("{0}")]
    Unavailable(String),
    /// The database gave up waiting for a lock or for a statement; the transaction was rolled back.
    #[error("the database took too long")]
    Timeout,
    /// A row that the domain does not accept; says which table and why, never the content.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// Anything else; a defect of ours.
    #[error("database error")]
    Database(#[source] Error),
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => StoreError::NotFound,
            Error::DatabaseError(kind, info) => from_database(kind, info),
            Error::BrokenTransactionManager => StoreError::Unavailable("the connection broke".to_owned()),
            Error::DeserializationError(cause) => StoreError::Corrupt(cause.to_string()),
            Error::RollbackErrorOnCommit { commit_error, .. } => StoreError::from(*commit_error),
            other => StoreError::Database(other),
        }
    }
}

fn from_database(
    kind: DatabaseErrorKind,
    info: Box<dyn DatabaseErrorInformation + Send + Sync>,
) -> StoreError {
    match kind {
        DatabaseErrorKind::UniqueViolation => StoreError::Conflict { constraint: constraint(&*info) },
        DatabaseErrorKind::ForeignKeyViolation => {
            StoreError::Conflict { constraint: info.constraint_name().unwrap_or("foreign_key").to_owned() }
        }
        _ => match kind_of(&kind, info.message()) {
            "timeout" => StoreError::Timeout,
            "disk" => StoreError::Unavailable("the database cannot write to its disk".to_owned()),
            "connection" => StoreError::Unavailable("the connection to the database was closed".to_owned()),
            _ => StoreError::Database(Error::DatabaseError(kind, info)),
        },
    }
}

/// The kind of what a statement ended with: `connection`, `timeout`, `disk`, `serialization`, `constraint` or `other`.
pub fn trouble(error: &Error) -> &'static str {
    match error {
        Error::DatabaseError(kind, info) => kind_of(kind, info.message()),
        Error::BrokenTransactionManager => "connection",
        Error::RollbackErrorOnCommit { commit_error, .. } => trouble(commit_error),
        _ => "other",
    }
}

fn kind_of(kind: &DatabaseErrorKind, message: &str) -> &'static str {
    let says = |text: &str| message.contains(text);
    match kind {
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation => "constraint",
        DatabaseErrorKind::SerializationFailure => "serialization",
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => "connection",
        // Of two that wait for each other the database lets one go on.
        _ if ["database is locked", "statement timeout", "lock timeout", "deadlock detected"]
            .iter()
            .any(|text| says(text)) =>
        {
            "timeout"
        }
        _ if says("disk I/O error") || says("database or disk is full") || says("No space left") => "disk",
        _ if says("terminating connection")
            || says("server closed the connection")
            || says("no connection to the server") =>
        {
            "connection"
        }
        _ => "other",
    }
}

/// The name of a violated unique constraint. PostgreSQL gives it; SQLite gives the columns, from which our
/// naming rule makes the same name.
fn constraint(info: &(dyn DatabaseErrorInformation + Send + Sync)) -> String {
    if let Some(name) = info.constraint_name() {
        return name.to_owned();
    }
    let Some((_, what)) = info.message().split_once("constraint failed: ") else {
        return info.message().to_owned();
    };
    if let Some(index) = what.strip_prefix("index '") {
        return index.trim_end_matches('\'').to_owned();
    }
    let columns: Vec<(&str, &str)> = what.split(", ").filter_map(|column| column.split_once('.')).collect();
    match columns.as_slice() {
        [(table, "id")] => format!("{table}_pkey"),
        [(table, _), ..] => {
            let names: Vec<&str> = columns.iter().map(|(_, column)| *column).collect();
            format!("ux_{table}__{}", names.join("__"))
        }
        [] => what.to_owned(),
    }
}
