//! Webhooks: where users have changes sent. A user sees the own ones only, and whoever works on one holds it by a lease: the
//! database's clock, and an epoch that rises with every holder, so that one who wakes up late writes nothing.

use chrono::{DateTime, Duration, NaiveDateTime, Utc};
use diesel::{dsl::exists, prelude::*, sql_types::Timestamp};

use super::outbox::Position;
use crate::{
    domain::{
        exchange::{
            change::Topic,
            delivery::{DisabledBecause, WebhookStatus},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            connection::MultiBackend,
            dialect::locked,
            schema::{webhook_deliveries, webhooks},
        },
        exchange::outbox,
    },
    text_enum,
};

text_enum!(WebhookStatus { Active => "active", Paused => "paused", Disabled => "disabled" });
text_enum!(DisabledBecause { Failing => "failing", Gone => "gone", AccountEnded => "account_ended" });

/// How long whoever works on a webhook holds it at most.
pub const LEASE: Duration = Duration::seconds(60);

/// A webhook.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = webhooks)]
pub struct WebhookRow {
    /// Id.
    pub id: Id,
    /// Whose.
    pub user_id: Id,
    /// Where to.
    pub url: String,
    /// Codes of the topics; empty for all.
    pub topics: Json<Vec<String>>,
    /// Whether it sends.
    pub status: WebhookStatus,
    /// Why it is disabled.
    pub disabled_because: Option<DisabledBecause>,
    /// Which secret.
    pub secret_number: i32,
    /// Until when the secret before signs as well.
    pub overlap_until: Option<NaiveDateTime>,
    /// Since when it has taken nothing.
    pub failing_since: Option<NaiveDateTime>,
    /// Nothing is sent before.
    pub rests_until: Option<NaiveDateTime>,
    /// The last row of the outbox that it has been given.
    pub position_tx: i64,
    /// Its id.
    pub position_id: Id,
    /// Rises with every holder.
    pub lease_epoch: i32,
    /// Until when it is held.
    pub leased_until: Option<NaiveDateTime>,
    /// Counts the writes of its user, and its end.
    pub version: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

impl WebhookRow {
    /// Whether it wants a topic.
    pub fn wants(&self, topic: Topic) -> bool {
        topic.is_told() && (self.topics.0.is_empty() || self.topics.0.iter().any(|code| code == topic.code()))
    }

    /// Where it stands in the outbox.
    pub fn position(&self) -> Position {
        Position { tx: self.position_tx, id: self.position_id }
    }
}

/// Writes a new one.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, row: &WebhookRow) -> Result<(), StoreError> {
    diesel::insert_into(webhooks::table).values(row).execute(conn)?;
    Ok(())
}

/// A user's own, oldest first.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, user_id: Id) -> Result<Vec<WebhookRow>, StoreError> {
    Ok(webhooks::table
        .filter(webhooks::user_id.eq(user_id))
        .order(webhooks::id)
        .limit(100)
        .select(WebhookRow::as_select())
        .load(conn)?)
}

/// One of a user's own.
///
/// # Errors
/// `NotFound` for anybody else's.
pub fn find(conn: &mut Conn, user_id: Id, id: Id) -> Result<WebhookRow, StoreError> {
    Ok(webhooks::table
        .find(id)
        .filter(webhooks::user_id.eq(user_id))
        .select(WebhookRow::as_select())
        .first(conn)?)
}

/// The same, held against other writers until the transaction ends.
///
/// # Errors
/// `NotFound` for anybody else's.
pub fn hold(conn: &mut Conn, user_id: Id, id: Id) -> Result<WebhookRow, StoreError> {
    locked(webhooks::table.find(id).select(webhooks::id)).get_result::<Id>(conn)?;
    find(conn, user_id, id)
}

/// Writes what its user decides, as the next version, and when; what the sender keeps is left alone, but for rests and
/// failures where it begins anew.
///
/// # Errors
/// `Stale` when it was written since.
pub fn update(conn: &mut Conn, row: &WebhookRow, at: DateTime<Utc>) -> Result<WebhookRow, StoreError> {
    let seen = webhooks::table.find(row.id).filter(webhooks::version.eq(row.version));
    let written = diesel::update(seen)
        .set((
            webhooks::url.eq(&row.url),
            webhooks::topics.eq(&row.topics),
            webhooks::status.eq(row.status),
            webhooks::disabled_because.eq(row.disabled_because),
            webhooks::secret_number.eq(row.secret_number),
            webhooks::overlap_until.eq(row.overlap_until),
            webhooks::failing_since.eq(row.failing_since),
            webhooks::rests_until.eq(row.rests_until),
            webhooks::version.eq(row.version + 1),
            webhooks::updated_at.eq(stored_instant(at)),
        ))
        .execute(conn)?;
    if written == 0 {
        return Err(StoreError::Stale);
    }
    Ok(webhooks::table.find(row.id).select(WebhookRow::as_select()).first(conn)?)
}

/// Deletes one, with everything that was to be sent.
///
/// # Errors
/// Those of the database.
pub fn delete(conn: &mut Conn, id: Id) -> Result<(), StoreError> {
    diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::webhook_id.eq(id))).execute(conn)?;
    diesel::delete(webhooks::table.find(id)).execute(conn)?;
    Ok(())
}

/// Disables every webhook of a user for good; which they were.
///
/// # Errors
/// Those of the database.
pub fn end_all(conn: &mut Conn, user_id: Id, at: NaiveDateTime) -> Result<Vec<(Id, i32)>, StoreError> {
    let ended = Some(DisabledBecause::AccountEnded);
    let theirs = webhooks::table
        .filter(webhooks::user_id.eq(user_id))
        .filter(webhooks::disabled_because.is_null().or(webhooks::disabled_because.ne(ended)));
    Ok(diesel::update(theirs)
        .set((
            webhooks::status.eq(WebhookStatus::Disabled),
            webhooks::disabled_because.eq(ended),
            webhooks::version.eq(webhooks::version + 1),
            webhooks::updated_at.eq(at),
        ))
        .returning((webhooks::id, webhooks::version))
        .get_results(conn)?)
}

/// The instant by the database's own clock, which all instances share.
fn clock(conn: &mut Conn) -> Result<NaiveDateTime, StoreError> {
    let now = match conn {
        Conn::Sqlite(c) => {
            diesel::select(diesel::dsl::sql::<Timestamp>("strftime('%Y-%m-%d %H:%M:%f', 'now')"))
                .get_result(c)?
        }
        Conn::Postgres(c) => {
            diesel::select(diesel::dsl::sql::<Timestamp>("(clock_timestamp() AT TIME ZONE 'UTC')"))
                .get_result(c)?
        }
    };
    Ok(now)
}

/// Webhooks for which there is something to do now, those that have waited longest first, and nobody works on.
///
/// # Errors
/// Those of the database.
pub fn waiting(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<Id>, StoreError> {
    let clock = clock(conn)?;
    let now = stored_instant(now);
    let due = webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhooks::id))
        .filter(webhook_deliveries::next_at.le(now));
    Ok(webhooks::table
        .into_boxed::<MultiBackend>()
        .filter(webhooks::status.eq(WebhookStatus::Active))
        .filter(webhooks::leased_until.is_null().or(webhooks::leased_until.lt(clock)))
        .filter(webhooks::rests_until.is_null().or(webhooks::rests_until.le(now)))
        .filter(exists(due).or(outbox::goes_on_behind_webhook()))
        .order((webhooks::updated_at, webhooks::id))
        .limit(limit)
        .select(webhooks::id)
        .load(conn)?)
}

/// Takes hold of one, unless somebody else has it or it sends nothing.
///
/// # Errors
/// Those of the database.
pub fn claim(conn: &mut Conn, id: Id) -> Result<Option<WebhookRow>, StoreError> {
    let clock = clock(conn)?;
    let free = webhooks::table
        .find(id)
        .filter(webhooks::status.eq(WebhookStatus::Active))
        .filter(webhooks::leased_until.is_null().or(webhooks::leased_until.lt(clock)));
    Ok(diesel::update(free)
        .set((
            webhooks::lease_epoch.eq(webhooks::lease_epoch + 1),
            webhooks::leased_until.eq(Some(clock + LEASE)),
        ))
        .returning(webhooks::all_columns)
        .get_result(conn)
        .optional()?)
}

/// Notes up to where it has been given everything.
///
/// # Errors
/// Those of the database.
pub fn advance(conn: &mut Conn, id: Id, to: Position) -> Result<(), StoreError> {
    diesel::update(webhooks::table.find(id))
        .set((webhooks::position_tx.eq(to.tx), webhooks::position_id.eq(to.id)))
        .execute(conn)?;
    Ok(())
}

/// What the work on a webhook came to.
#[derive(Clone, Copy, Debug)]
pub struct Worked {
    /// Since when it has taken nothing.
    pub failing_since: Option<NaiveDateTime>,
    /// Until when it rests.
    pub rests_until: Option<NaiveDateTime>,
    /// Why it sends nothing from now on.
    pub disabled: Option<DisabledBecause>,
}

/// Lets go of one that is held; false when somebody else has taken it meanwhile, and nothing was written.
///
/// # Errors
/// Those of the database.
pub fn release(
    conn: &mut Conn,
    held: &WebhookRow,
    worked: Worked,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mine = webhooks::table.find(held.id).filter(webhooks::lease_epoch.eq(held.lease_epoch));
    let free = (
        webhooks::leased_until.eq(None::<NaiveDateTime>),
        webhooks::failing_since.eq(worked.failing_since),
        webhooks::rests_until.eq(worked.rests_until),
    );
    let written = match worked.disabled {
        None => diesel::update(mine).set(free).execute(conn)?,
        Some(_) => diesel::update(mine)
            .set((
                free,
                webhooks::status.eq(WebhookStatus::Disabled),
                webhooks::disabled_because.eq(worked.disabled),
                webhooks::version.eq(webhooks::version + 1),
                webhooks::updated_at.eq(stored_instant(at)),
            ))
            .execute(conn)?,
    };
    Ok(written > 0)
}

/// Whether one that was claimed is still held by whoever claimed it.
///
/// # Errors
/// Those of the database.
pub fn still_held(conn: &mut Conn, held: &WebhookRow) -> Result<bool, StoreError> {
    let epoch = locked(webhooks::table.find(held.id).select(webhooks::lease_epoch))
        .get_result::<i32>(conn)
        .optional()?;
    Ok(epoch == Some(held.lease_epoch))
}
