//! What is sent to webhooks, row by row: one for each change and webhook, whoever puts it there and however often.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    dsl::count_star,
    prelude::*,
    sql_types::{Text, Timestamp},
};

use super::webhooks::WebhookRow;
use crate::{
    both,
    domain::{exchange::delivery::DeliveryStatus, values::id::Id},
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            connection::MultiBackend,
            dialect::before,
            schema::{webhook_deliveries, webhooks},
        },
    },
    text_enum,
};

text_enum!(DeliveryStatus { Pending => "pending", Delivered => "delivered", Failed => "failed", Withheld => "withheld" });

/// One delivery.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = webhook_deliveries)]
pub struct DeliveryRow {
    /// Id.
    pub id: Id,
    /// To which webhook.
    pub webhook_id: Id,
    /// The same in every attempt.
    pub message_id: Id,
    /// Code of the topic.
    pub topic: String,
    /// The body as it is signed.
    pub body: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next.
    pub next_at: Option<NaiveDateTime>,
    /// Status of the last answer.
    pub answered: Option<i32>,
    /// Why the last attempt failed, as a code.
    pub failure: Option<String>,
    /// When it was put here.
    pub created_at: NaiveDateTime,
    /// When it was over.
    pub ended_at: Option<NaiveDateTime>,
}

/// Puts deliveries here, each unless it is here already.
///
/// # Errors
/// Those of the database.
pub fn put(conn: &mut Conn, rows: &[DeliveryRow]) -> Result<(), StoreError> {
    for row in rows {
        both!(conn, c => {
            diesel::insert_into(webhook_deliveries::table).values(row).on_conflict_do_nothing().execute(c)?
        });
    }
    Ok(())
}

/// What is due for a webhook, the longest due first.
///
/// # Errors
/// Those of the database.
pub fn due(
    conn: &mut Conn,
    webhook_id: Id,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    Ok(webhook_deliveries::table
        .filter(webhook_deliveries::webhook_id.eq(webhook_id))
        .filter(webhook_deliveries::next_at.le(stored_instant(now)))
        .order((webhook_deliveries::next_at, webhook_deliveries::id))
        .limit(limit)
        .select(DeliveryRow::as_select())
        .load(conn)?)
}

/// Writes what came of an attempt.
///
/// # Errors
/// Those of the database.
pub fn save(conn: &mut Conn, row: &DeliveryRow) -> Result<(), StoreError> {
    diesel::update(webhook_deliveries::table.find(row.id))
        .set((
            webhook_deliveries::status.eq(row.status),
            webhook_deliveries::attempts.eq(row.attempts),
            webhook_deliveries::next_at.eq(row.next_at),
            webhook_deliveries::answered.eq(row.answered),
            webhook_deliveries::failure.eq(&row.failure),
            webhook_deliveries::ended_at.eq(row.ended_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// The deliveries of a webhook, the latest first.
///
/// # Errors
/// Those of the database.
pub fn list(
    conn: &mut Conn,
    webhook: &WebhookRow,
    status: Option<DeliveryStatus>,
    position: Option<(NaiveDateTime, Id)>,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    let mut query = webhook_deliveries::table
        .into_boxed::<MultiBackend>()
        .filter(webhook_deliveries::webhook_id.eq(webhook.id))
        .order((webhook_deliveries::created_at.desc(), webhook_deliveries::id.desc()))
        .limit(limit)
        .select(DeliveryRow::as_select());
    if let Some(status) = status {
        query = query.filter(webhook_deliveries::status.eq(status));
    }
    if let Some((at, id)) = position {
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        query = query.filter(before((webhook_deliveries::created_at, webhook_deliveries::id), position));
    }
    Ok(query.load(conn)?)
}

/// One delivery of a webhook.
///
/// # Errors
/// `NotFound`.
pub fn find(conn: &mut Conn, webhook: &WebhookRow, id: Id) -> Result<DeliveryRow, StoreError> {
    Ok(webhook_deliveries::table
        .find(id)
        .filter(webhook_deliveries::webhook_id.eq(webhook.id))
        .select(DeliveryRow::as_select())
        .first(conn)?)
}

/// How many wait for webhooks that send, and since when the oldest does.
///
/// # Errors
/// Those of the database.
pub fn backlog(conn: &mut Conn) -> Result<(i64, Option<NaiveDateTime>), StoreError> {
    use crate::domain::exchange::delivery::WebhookStatus;
    let oldest = diesel::dsl::min(webhook_deliveries::created_at);
    Ok(webhook_deliveries::table
        .inner_join(webhooks::table)
        .filter(webhooks::status.eq(WebhookStatus::Active))
        .filter(webhook_deliveries::status.eq(DeliveryStatus::Pending))
        .select((count_star(), oldest))
        .first(conn)?)
}

/// Takes away what was over before an instant.
///
/// # Errors
/// Those of the database.
pub fn forget(conn: &mut Conn, limit: DateTime<Utc>) -> Result<usize, StoreError> {
    let old: Vec<Id> = webhook_deliveries::table
        .filter(webhook_deliveries::created_at.lt(stored_instant(limit)))
        .order(webhook_deliveries::created_at)
        .limit(super::outbox::AT_ONCE)
        .select(webhook_deliveries::id)
        .load(conn)?;
    Ok(diesel::delete(webhook_deliveries::table.filter(webhook_deliveries::id.eq_any(old))).execute(conn)?)
}
