//! Where the two databases differ.
//!
//! Most queries are written once against [`crate::store::Conn`]. What Diesel refuses on it (batch insert, `ON CONFLICT`,
//! `UNION`) is written once inside [`both!`](crate::both), which expands it per database. Row locks exist on
//! PostgreSQL only: SQLite has one writer, so its `BEGIN IMMEDIATE` has already locked everything.

use diesel::{
    Connection, QueryResult,
    backend::Backend,
    connection::TransactionManager,
    internal::derives::multiconnection::AstPassHelper,
    query_builder::{AstPass, QueryBuilder, QueryFragment, QueryId},
};

use super::connection::MultiBackend;
use crate::store::{Conn, StoreError};

/// Runs the same code against the connection inside [`crate::store::Conn`], whichever it is:
/// `both!(conn, c => diesel::insert_into(t).values(&rows).execute(c))`.
#[macro_export]
macro_rules! both {
    ($conn:expr, $inner:ident => $body:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite($inner) => $body,
            $crate::store::Conn::Postgres($inner) => $body,
        }
    };
}

/// Runs a part of a transaction that leaves no trace when it fails; the rest of the transaction goes on.
///
/// # Errors
/// The part's own, and those of the database.
pub fn savepoint<T, E: From<StoreError>>(
    conn: &mut Conn,
    part: impl FnOnce(&mut Conn) -> Result<T, E>,
) -> Result<T, E> {
    type Transactions = <Conn as Connection>::TransactionManager;
    let ended = |error: diesel::result::Error| E::from(StoreError::from(error));
    Transactions::begin_transaction(conn).map_err(ended)?;
    match part(conn) {
        Ok(value) => Transactions::commit_transaction(conn).map(|()| value).map_err(ended),
        Err(error) => {
            Transactions::rollback_transaction(conn).map_err(ended)?;
            Err(error)
        }
    }
}

/// A pattern for LIKE, with `!` as the escape, that finds the text anywhere and nothing else.
pub fn containing(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}

/// A query whose rows stay locked against other writers until the transaction ends; a plain query on SQLite.
///
/// `FOR NO KEY UPDATE`: it does not block rows that only refer to the locked one. Made by [`locked`].
#[derive(Clone, Copy, Debug)]
pub struct Locked<Q> {
    query: Q,
}

/// Locks the rows of a query until the end of the transaction. The query must not be a join or an aggregate.
pub fn locked<Q>(query: Q) -> Locked<Q> {
    Locked { query }
}

impl<Q> QueryId for Locked<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: diesel::query_builder::Query> diesel::query_builder::Query for Locked<Q> {
    type SqlType = Q::SqlType;
}

impl<Q> diesel::RunQueryDsl<crate::store::Conn> for Locked<Q> {}

impl<Q> QueryFragment<diesel::sqlite::Sqlite> for Locked<Q>
where
    Q: QueryFragment<diesel::sqlite::Sqlite>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, diesel::sqlite::Sqlite>) -> QueryResult<()> {
        self.query.walk_ast(out)
    }
}

impl<Q> QueryFragment<diesel::pg::Pg> for Locked<Q>
where
    Q: QueryFragment<diesel::pg::Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(" FOR NO KEY UPDATE");
        Ok(())
    }
}

impl<Q> QueryFragment<MultiBackend> for Locked<Q>
where
    Self: QueryFragment<diesel::sqlite::Sqlite> + QueryFragment<diesel::pg::Pg>,
{
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        MultiBackend::walk_variant_ast(self, out)
    }
}

/// A statement that its connection keeps prepared, so that it is parsed and planned once. Made by [`kept`].
///
/// Diesel keeps queries by itself, but no UPDATE and no INSERT, because their text may depend on the values. Of one whose text
/// is one of a few we show it the text as a whole: then there is nothing that it has to doubt.
#[derive(Clone, Copy, Debug)]
pub struct Kept<Q> {
    statement: Q,
    is_kept: bool,
}

/// Keeps a statement whose text never changes, or is one of a few.
pub fn kept<Q>(statement: Q) -> Kept<Q> {
    Kept { statement, is_kept: true }
}

/// Keeps a statement whose text depends on the number of its rows, while there are few.
pub fn kept_of_few<Q>(rows: usize, statement: Q) -> Kept<Q> {
    const FEW: usize = 4;
    Kept { statement, is_kept: rows <= FEW }
}

impl<Q> QueryId for Kept<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q: diesel::query_builder::Query> diesel::query_builder::Query for Kept<Q> {
    type SqlType = Q::SqlType;
}

impl<Q, C> diesel::RunQueryDsl<C> for Kept<Q> {}

impl<Q, DB> QueryFragment<DB> for Kept<Q>
where
    DB: Backend + Default,
    DB::QueryBuilder: Default,
    Q: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.is_kept || out.bind_collector().is_some() || out.debug_binds().is_some() {
            return self.statement.walk_ast(out);
        }
        let mut text = DB::QueryBuilder::default();
        self.statement.to_sql(&mut text, &DB::default())?;
        out.push_sql(&text.finish());
        Ok(())
    }
}

/// Inserts rows: `insert_rows!(conn, rows.len(), diesel::insert_into(t).values(&rows))`. PostgreSQL keeps the statement of a
/// few rows; SQLite writes them one by one.
macro_rules! insert_rows {
    ($conn:expr, $rows:expr, $statement:expr) => {
        match $conn {
            $crate::store::Conn::Sqlite(c) => $statement.execute(c)?,
            $crate::store::Conn::Postgres(c) => {
                $crate::store::db::dialect::kept_of_few($rows, $statement).execute(c)?
            }
        }
    };
}
pub(in crate::store) use insert_rows;

/// Row comparison `(a, b) > (x, y)` for keyset pages: both databases walk the index for it, which they do not do
/// for the same thing spelled with OR. Made by [`after`] and [`before`].
#[derive(Clone, Copy, Debug, QueryId)]
pub struct RowComparison<A, B, X, Y> {
    columns: (A, B),
    values: (X, Y),
    greater: bool,
}

/// `(columns) > (values)`.
pub fn after<A, B, X, Y>(columns: (A, B), values: (X, Y)) -> RowComparison<A, B, X, Y> {
    RowComparison { columns, values, greater: true }
}

/// `(columns) < (values)`.
pub fn before<A, B, X, Y>(columns: (A, B), values: (X, Y)) -> RowComparison<A, B, X, Y> {
    RowComparison { columns, values, greater: false }
}

impl<A, B, X, Y, DB> QueryFragment<DB> for RowComparison<A, B, X, Y>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    X: QueryFragment<DB>,
    Y: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.columns.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.columns.1.walk_ast(out.reborrow())?;
        out.push_sql(if self.greater { ") > (" } else { ") < (" });
        self.values.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.values.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<A, B, X, Y> diesel::expression::Expression for RowComparison<A, B, X, Y>
where
    A: diesel::expression::Expression,
    B: diesel::expression::Expression,
    X: diesel::expression::Expression,
    Y: diesel::expression::Expression,
{
    type SqlType = diesel::sql_types::Bool;
}

impl<A, B, X, Y, GB> diesel::expression::ValidGrouping<GB> for RowComparison<A, B, X, Y> {
    type IsAggregate = diesel::expression::is_aggregate::No;
}

impl<A, B, X, Y, QS> diesel::expression::SelectableExpression<QS> for RowComparison<A, B, X, Y> where
    Self: diesel::expression::AppearsOnTable<QS>
{
}

impl<A, B, X, Y, QS> diesel::expression::AppearsOnTable<QS> for RowComparison<A, B, X, Y>
where
    A: diesel::expression::AppearsOnTable<QS>,
    B: diesel::expression::AppearsOnTable<QS>,
    X: diesel::expression::AppearsOnTable<QS>,
    Y: diesel::expression::AppearsOnTable<QS>,
{
}
