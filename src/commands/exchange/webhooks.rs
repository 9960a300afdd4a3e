//! Webhooks of the actor's own: made, changed, given another secret, deleted, tried out.

use chrono::{Duration, NaiveDateTime};
use serde_json::json;

use super::deliveries;
use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::{
            delivery::{DeliveryStatus, DisabledBecause, WebhookStatus},
            event::Event,
            webhook::WebhookDeed,
        },
        organisation::actor::Actor,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::{Json, stored_instant},
        exchange::{
            deliveries::{self as rows, DeliveryRow},
            outbox,
            webhooks::{self, WebhookRow},
        },
        organisation::{audit, standing},
    },
};

/// How many webhooks a user has at most.
pub const MOST_WEBHOOKS: usize = 100;
/// How long the secret before still signs after another was made.
pub const OVERLAP: Duration = Duration::hours(24);

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or somebody else's.
    Store(StoreError),
    /// As many stand as may.
    TooMany,
    /// The id is taken.
    IdTaken,
    /// It has another version than the one that was seen.
    Stale,
    /// It ended with the account, and is not taken up again.
    Ended,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// A webhook to make.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id; a new one when absent.
    pub id: Option<Id>,
    /// Where to.
    pub url: String,
    /// Codes of topics; empty for all.
    pub topics: Vec<String>,
}

/// What to change.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Where to.
    pub url: Option<String>,
    /// Codes of topics; empty for all.
    pub topics: Option<Vec<String>>,
    /// Whether it sends; true also takes up again what was disabled.
    pub sends: Option<bool>,
}

fn record(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    row: &WebhookRow,
    deed: WebhookDeed,
) -> Result<(), StoreError> {
    let event = Event::Webhook { webhook_id: row.id, user_id: row.user_id, deed, version: row.version };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[event])
}

/// Makes one, for what changes from now on.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(conn: &mut Conn, actor: &Actor, occasion: &Occasion, new: New) -> Result<WebhookRow, Refused> {
    // One made while the login ends must not outlive it.
    standing::hold_own(conn, actor)?;
    if webhooks::list(conn, actor.id)?.len() >= MOST_WEBHOOKS {
        return Err(Refused::TooMany);
    }
    let (from, _) = outbox::horizon(conn, None)?;
    let now = stored_instant(occasion.now);
    let row = WebhookRow {
        id: new.id.unwrap_or_else(|| occasion.ids.id()),
        user_id: actor.id,
        url: new.url,
        topics: Json(new.topics),
        status: WebhookStatus::Active,
        disabled_because: None,
        secret_number: 1,
        overlap_until: None,
        failing_since: None,
        rests_until: None,
        position_tx: from.tx,
        position_id: from.id,
        lease_epoch: 0,
        leased_until: None,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    webhooks::insert(conn, &row).map_err(|error| match error {
        StoreError::Conflict { constraint } if constraint == "webhooks_pkey" => Refused::IdTaken,
        other => Refused::Store(other),
    })?;
    record(conn, actor, occasion, &row, WebhookDeed::Made)?;
    Ok(row)
}

/// Changes one. Taken up again, it begins where it was held.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn change(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    change: Change,
) -> Result<WebhookRow, Refused> {
    let mut row = held(conn, actor, (id, seen))?;
    let said = |row: &WebhookRow| (row.url.clone(), row.topics.0.clone(), row.status);
    let before = said(&row);
    row.url = change.url.unwrap_or(row.url);
    row.topics = change.topics.map_or(row.topics, Json);
    match change.sends {
        None => {}
        Some(_) if row.disabled_because == Some(DisabledBecause::AccountEnded) => return Err(Refused::Ended),
        Some(false) => row.status = WebhookStatus::Paused,
        Some(true) => {
            row.status = WebhookStatus::Active;
            (row.disabled_because, row.failing_since, row.rests_until) = (None, None, None);
        }
    }
    // What says nothing new leaves the version as it was.
    if said(&row) == before {
        return Ok(row);
    }
    let row = webhooks::update(conn, &row, occasion.now)?;
    record(conn, actor, occasion, &row, WebhookDeed::Changed)?;
    Ok(row)
}

fn held(conn: &mut Conn, actor: &Actor, (id, seen): (Id, &Seen)) -> Result<WebhookRow, Refused> {
    webhooks::find(conn, actor.id, id)?;
    standing::hold_own(conn, actor)?;
    let row = webhooks::hold(conn, actor.id, id)?;
    if seen.is(i64::from(row.version)) { Ok(row) } else { Err(Refused::Stale) }
}

/// Gives one another secret; the one before signs as well for a day.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn rotate(conn: &mut Conn, actor: &Actor, occasion: &Occasion, id: Id) -> Result<WebhookRow, Refused> {
    let mut row = held(conn, actor, (id, &Seen::Any))?;
    row.secret_number += 1;
    row.overlap_until = Some(stored_instant(occasion.now + OVERLAP));
    let row = webhooks::update(conn, &row, occasion.now)?;
    record(conn, actor, occasion, &row, WebhookDeed::SecretChanged)?;
    Ok(row)
}

/// Deletes one, with everything that was to be sent.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn delete(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    which: (Id, &Seen),
) -> Result<(), Refused> {
    let row = held(conn, actor, which)?;
    webhooks::delete(conn, row.id)?;
    Ok(record(conn, actor, occasion, &row, WebhookDeed::Deleted)?)
}

/// Has a message sent that is about nothing.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn try_out(conn: &mut Conn, actor: &Actor, occasion: &Occasion, id: Id) -> Result<DeliveryRow, Refused> {
    let row = held(conn, actor, (id, &Seen::Any))?;
    let message_id = occasion.ids.id();
    let body = deliveries::body(deliveries::TEST, stored_instant(occasion.now), json!({}));
    let delivery = deliveries::new((row.id, message_id), deliveries::TEST, body, occasion);
    rows::put(conn, std::slice::from_ref(&delivery))?;
    record(conn, actor, occasion, &row, WebhookDeed::Tried)?;
    Ok(delivery)
}

/// Sends one again, whatever became of it, under the same id and with the attempts counted anew.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn resend(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, delivery_id): (Id, Id),
) -> Result<DeliveryRow, Refused> {
    let row = held(conn, actor, (id, &Seen::Any))?;
    let before = rows::find(conn, &row, delivery_id)?;
    let again = DeliveryRow {
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_at: Some(stored_instant(occasion.now)),
        ended_at: None::<NaiveDateTime>,
        ..before
    };
    rows::save(conn, &again)?;
    record(conn, actor, occasion, &row, WebhookDeed::SentAgain)?;
    Ok(again)
}
