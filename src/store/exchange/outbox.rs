//! What reads differently, row by row, written in the transaction of the write that made it so and told in an order that
//! skips nothing.
//!
//! On PostgreSQL transactions commit in another order than they began. Each row carries the number of its transaction, and
//! only rows of transactions before the oldest one still running are told, in order of (transaction, id): whatever commits
//! later has a greater number. A transaction that idles holds the feed up for no longer than the sessions' timeouts allow
//! (`idle_in_transaction_session_timeout`, and the statement timeout); one of another program on the same cluster holds it up
//! as long as that program lets it. SQLite has one writer, so there the order of rows is that of the commits.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    QueryResult,
    dsl::sql,
    expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate},
    prelude::*,
    query_builder::{AstPass, QueryFragment, QueryId},
    sql_types::{BigInt, Bool, Text},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::audience;
use crate::{
    clock::Ids,
    domain::{
        exchange::change::{Audience, Became, Change, Topic},
        organisation::actor::Actor,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, StoredText, stored_instant},
            connection::MultiBackend,
            dialect::{after, kept_of_few},
            schema::{outbox, webhooks},
        },
    },
    stored_as_text,
};

/// Rows taken away in one transaction: a long one would keep others waiting.
pub const AT_ONCE: i64 = 5_000;

/// Details that name a team: whoever may see the subject need not see those.
const NOT_TOLD: [&str; 4] = ["team_id", "from_team_id", "to_team_id", "parent_id"];

impl StoredText for Topic {
    fn stored(&self) -> std::borrow::Cow<'_, str> {
        self.code().into()
    }

    fn from_stored(text: &str) -> Option<Self> {
        Topic::ALL.iter().copied().find(|topic| topic.code() == text)
    }
}

stored_as_text!(Topic);

#[derive(Insertable)]
#[diesel(table_name = outbox)]
struct OutboxRow {
    id: Id,
    at: NaiveDateTime,
    topic: Topic,
    subject_id: Id,
    version: Option<i32>,
    audience: &'static str,
    audience_id: Option<Id>,
    without_id: Option<Id>,
    details: Json<Value>,
}

/// Where a reader stands: at a row, which is told already.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, Queryable)]
pub struct Position {
    /// Its transaction.
    pub tx: i64,
    /// Its id.
    pub id: Id,
}

/// A row as its readers see it.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = outbox)]
pub struct Told {
    /// Id.
    pub id: Id,
    /// Its transaction.
    pub tx: i64,
    /// When it was written.
    pub at: NaiveDateTime,
    /// What happened.
    pub topic: Topic,
    /// To what.
    pub subject_id: Id,
    /// Its version after that.
    pub version: Option<i32>,
    /// Ids, codes and figures.
    pub details: Json<Value>,
}

impl Told {
    /// Where a reader stands who was told this last.
    pub fn position(&self) -> Position {
        Position { tx: self.tx, id: self.id }
    }
}

/// Adds what reads differently, each with the codes and figures of its event.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn append(
    conn: &mut Conn,
    ids: Ids,
    at: DateTime<Utc>,
    changes: impl Iterator<Item = (Change, Value)>,
) -> Result<(), StoreError> {
    let row = |(change, details): (Change, Value)| OutboxRow {
        id: ids.id(),
        at: stored_instant(at),
        topic: change.topic,
        subject_id: change.id,
        version: change.version,
        audience: change.audience.kind(),
        audience_id: change.audience.id(),
        without_id: change.audience.without(),
        details: Json(told(&change, details)),
    };
    let rows: Vec<OutboxRow> = changes.map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    match conn {
        Conn::Sqlite(c) => {
            for row in &rows {
                let next = outbox::tx.eq(sql::<BigInt>("(SELECT coalesce(max(tx), 0) + 1 FROM outbox)"));
                diesel::insert_into(outbox::table).values((row, next)).execute(c)?;
            }
        }
        // The database itself writes the transaction.
        Conn::Postgres(c) => {
            kept_of_few(rows.len(), diesel::insert_into(outbox::table).values(&rows)).execute(c)?;
        }
    }
    Ok(())
}

/// What is told beside the id: nothing to those who no longer see it.
fn told(change: &Change, mut details: Value) -> Value {
    if change.topic.became() == Became::OutOfReach || change.topic == Topic::ReachChanged {
        return json!({});
    }
    if let Some(details) = details.as_object_mut() {
        details.retain(|name, _| !NOT_TOLD.contains(&name.as_str()) && name != "id");
        if let Audience::Prospect(prospect_id) = change.audience
            && prospect_id != change.id
        {
            details.insert("prospect_id".to_owned(), json!(prospect_id));
        }
    }
    details
}

/// A condition on a table that each database says in its own words.
macro_rules! condition {
    ($(#[$doc:meta])* $name:ident on $table:ty, $sqlite:literal, $postgres:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, QueryId)]
        struct $name;

        impl Expression for $name {
            type SqlType = Bool;
        }

        impl<GB> ValidGrouping<GB> for $name {
            type IsAggregate = is_aggregate::No;
        }

        impl SelectableExpression<$table> for $name {}
        impl AppearsOnTable<$table> for $name {}

        impl QueryFragment<diesel::sqlite::Sqlite> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::sqlite::Sqlite>) -> QueryResult<()> {
                out.push_sql($sqlite);
                Ok(())
            }
        }

        impl QueryFragment<diesel::pg::Pg> for $name {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, diesel::pg::Pg>) -> QueryResult<()> {
                out.push_sql($postgres);
                Ok(())
            }
        }

        impl QueryFragment<MultiBackend> for $name {
            fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
                MultiBackend::walk_variant_ast(self, out)
            }
        }
    };
}

condition!(
    /// No transaction that still runs can add a row before this one.
    Settled on outbox::table,
    "1 = 1",
    "outbox.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
);
condition!(
    /// The last row of those.
    Last on outbox::table,
    "outbox.id = (SELECT o.id FROM outbox o ORDER BY o.tx DESC, o.id DESC LIMIT 1)",
    "outbox.id = (SELECT o.id FROM outbox o WHERE o.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint \
        ORDER BY o.tx DESC, o.id DESC LIMIT 1)"
);

condition!(
    /// Something can be told behind the position of a webhook.
    GoesOn on webhooks::table,
    "EXISTS (SELECT 1 FROM outbox o WHERE (o.tx, o.id) > (webhooks.position_tx, webhooks.position_id))",
    "EXISTS (SELECT 1 FROM outbox o WHERE (o.tx, o.id) > (webhooks.position_tx, webhooks.position_id) \
        AND o.tx < pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
);

/// Whether something can be told behind the position of a webhook: a condition on webhooks.
pub(super) fn goes_on_behind_webhook()
-> Box<dyn BoxableExpression<webhooks::table, MultiBackend, SqlType = Bool>> {
    Box::new(GoesOn)
}

/// Of some rows those that the actor may be told of now.
///
/// # Errors
/// Those of the database.
pub fn within(conn: &mut Conn, actor: &Actor, ids: Vec<Id>) -> Result<BTreeSet<Id>, StoreError> {
    let seen = outbox::table
        .into_boxed::<MultiBackend>()
        .filter(outbox::id.eq_any(ids))
        .filter(audience::of(actor))
        .select(outbox::id);
    Ok(seen.load(conn)?.into_iter().collect())
}

/// Up to where everything can be told, and whether a position is still that of a row: where it is not, rows behind it may
/// have been taken away.
///
/// # Errors
/// Those of the database.
pub fn horizon(conn: &mut Conn, known: Option<Position>) -> Result<(Position, bool), StoreError> {
    let nobody = Id(uuid::Uuid::max());
    let rows: Vec<Position> = outbox::table
        .filter(Last.or(outbox::id.eq(known.map_or(nobody, |position| position.id))))
        .filter(Settled)
        .order((outbox::tx.desc(), outbox::id.desc()))
        .select((outbox::tx, outbox::id))
        .load(conn)?;
    let stands = known.is_none_or(|position| rows.contains(&position));
    let beginning = Position { tx: 0, id: Id(uuid::Uuid::nil()) };
    Ok((rows.first().copied().unwrap_or(beginning), stands))
}

/// At most `limit` rows after one position and up to another that the actor may be told of, in the order in which they
/// became visible.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut Conn,
    actor: &Actor,
    (since, until): (Position, Position),
    limit: i64,
) -> Result<Vec<Told>, StoreError> {
    let position = |at: Position| (at.tx.into_sql::<BigInt>(), at.id.into_sql::<Text>());
    Ok(outbox::table
        .into_boxed::<MultiBackend>()
        .filter(after((outbox::tx, outbox::id), position(since)))
        .filter(diesel::dsl::not(after((outbox::tx, outbox::id), position(until))))
        .filter(audience::of(actor))
        .order((outbox::tx, outbox::id))
        .limit(limit)
        .select(Told::as_select())
        .load(conn)?)
}

/// Takes away rows written before an instant, the last one excepted: whoever has been told everything stands there. At most
/// [`AT_ONCE`]; answers how many.
///
/// # Errors
/// Those of the database.
pub fn forget(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let last: Option<Id> = outbox::table
        .order((outbox::tx.desc(), outbox::id.desc()))
        .select(outbox::id)
        .first(conn)
        .optional()?;
    let Some(last) = last else { return Ok(0) };
    let old: Vec<Id> = outbox::table
        .filter(outbox::at.lt(stored_instant(before)))
        .filter(outbox::id.ne(last))
        .order(outbox::at)
        .limit(AT_ONCE)
        .select(outbox::id)
        .load(conn)?;
    Ok(diesel::delete(outbox::table.filter(outbox::id.eq_any(old))).execute(conn)?)
}

/// After a dump was restored into another cluster its transactions are counted from anew, and rows of the old one would be
/// told in the wrong order: then all of them go to the beginning. Whoever follows has to begin anew, since no position is
/// that of a row any more. Nothing happens otherwise.
///
/// # Errors
/// Those of the database.
pub fn adopt(conn: &mut Conn) -> Result<usize, StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(0),
        Conn::Postgres(c) => {
            let of_another = "EXISTS (SELECT 1 FROM outbox WHERE tx >= \
                pg_snapshot_xmax(pg_current_snapshot())::text::bigint)";
            let rows = outbox::table.filter(outbox::tx.gt(0)).filter(sql::<Bool>(of_another));
            let adopted = diesel::update(rows).set(outbox::tx.eq(0)).execute(c)?;
            if adopted > 0 {
                diesel::update(webhooks::table).set(webhooks::position_tx.eq(0)).execute(c)?;
            }
            Ok(adopted)
        }
    }
}
