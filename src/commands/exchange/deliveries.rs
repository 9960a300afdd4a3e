//! Sending what changed to webhooks: what goes out next, and what came of it. Two short transactions, and no network between
//! them: whoever claims a webhook holds it by a lease, and what it writes afterwards counts only while it holds it.
//!
//! Each change is put down for each webhook once, under the id of its row in the outbox, in the transaction that notes how
//! far the webhook has been given everything: killed at any point, the same message is found again and sent under the same id.

use std::collections::BTreeSet;

use chrono::{DateTime, Duration, NaiveDateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::{
    clock::Occasion,
    domain::{
        exchange::{
            delivery::{DeliveryStatus, DisabledBecause, GIVEN_UP_AFTER, next_attempt, rest},
            event::Event,
            webhook::WebhookDeed,
        },
        organisation::actor::{ActedBy, Actor},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::{
            deliveries::{self, DeliveryRow},
            outbox::{self, Told},
            webhooks::{self, WebhookRow, Worked},
        },
        organisation::{audit, callers},
    },
};

/// Code of a message that is about nothing.
pub const TEST: &str = "webhook.test";
/// Changes given to a webhook in one transaction.
const GIVEN_AT_ONCE: i64 = 200;
/// Deliveries tried under one lease.
const SENT_AT_ONCE: i64 = 32;

/// What goes out to one webhook next.
#[derive(Clone, Debug)]
pub struct Batch {
    /// The webhook, held.
    pub webhook: WebhookRow,
    /// What is due for it.
    pub due: Vec<DeliveryRow>,
    /// Whether more is to be given to it than was.
    pub has_more: bool,
}

impl Batch {
    /// Numbers of the secrets that sign now, the latest first.
    pub fn secrets(&self, now: DateTime<chrono::Utc>) -> Vec<i32> {
        let number = self.webhook.secret_number;
        let overlaps = self.webhook.overlap_until.is_some_and(|until| stored_instant(now) < until);
        if overlaps { vec![number, number - 1] } else { vec![number] }
    }
}

/// What came of one attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Attempt {
    /// The receiver answered.
    Answered {
        /// With this status.
        status: u16,
        /// And asks to wait so long.
        retry_after: Option<Duration>,
    },
    /// It did not; why, as a code.
    Failed(&'static str),
}

impl Attempt {
    /// Whether the receiver took it.
    pub fn took(self) -> bool {
        matches!(self, Attempt::Answered { status: 200..=299, .. })
    }
}

/// The body of a message (Standard Webhooks): ids and codes only.
pub fn body(topic: &str, at: NaiveDateTime, data: Value) -> String {
    let timestamp = at.and_utc().to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({"type": topic, "timestamp": timestamp, "data": data}).to_string()
}

/// A delivery that has not been tried.
pub fn new(
    (webhook_id, message_id): (Id, Id),
    topic: &str,
    body: String,
    occasion: &Occasion,
) -> DeliveryRow {
    let now = stored_instant(occasion.now);
    DeliveryRow {
        id: occasion.ids.id(),
        webhook_id,
        message_id,
        topic: topic.to_owned(),
        body,
        status: DeliveryStatus::Pending,
        attempts: 0,
        next_at: Some(now),
        answered: None,
        failure: None,
        created_at: now,
        ended_at: None,
    }
}

fn message(webhook_id: Id, told: &Told, occasion: &Occasion) -> DeliveryRow {
    let mut data = json!({"kind": told.topic.resource(), "id": told.subject_id, "change": told.topic.became(),
        "version": told.version});
    if let (Some(data), Some(details)) = (data.as_object_mut(), told.details.0.as_object()) {
        for (name, value) in details {
            data.entry(name.clone()).or_insert(value.clone());
        }
    }
    let code = told.topic.code();
    new((webhook_id, told.id), code, body(code, told.at, data), occasion)
}

/// Claims a webhook, gives it what has changed, and answers what is due for it: only what its maker may see at this moment.
/// None when somebody else has it, or it sends nothing.
///
/// # Errors
/// Those of the database.
pub fn claim(conn: &mut Conn, occasion: &Occasion, id: Id) -> Result<Option<Batch>, StoreError> {
    let Some(webhook) = webhooks::claim(conn, id)? else { return Ok(None) };
    let Some(maker) = callers::known(conn, webhook.user_id, occasion.business_now)? else {
        let ended =
            Worked { failing_since: None, rests_until: None, disabled: Some(DisabledBecause::AccountEnded) };
        finish(conn, occasion, &webhook, ended)?;
        return Ok(None);
    };
    let has_more = give(conn, occasion, &webhook, &maker.actor)?;
    let mut due = deliveries::due(conn, webhook.id, occasion.now, SENT_AT_ONCE)?;
    let about: Vec<Id> = due.iter().filter(|row| row.topic != TEST).map(|row| row.message_id).collect();
    let seen: BTreeSet<Id> = outbox::within(conn, &maker.actor, about)?;
    for row in &mut due {
        if row.topic != TEST && !seen.contains(&row.message_id) {
            row.status = DeliveryStatus::Withheld;
            (row.next_at, row.ended_at) = (None, Some(stored_instant(occasion.now)));
            deliveries::save(conn, row)?;
        }
    }
    due.retain(|row| row.status == DeliveryStatus::Pending);
    Ok(Some(Batch { webhook, due, has_more }))
}

/// Puts down what has changed since the webhook was last given something; whether there is more.
fn give(
    conn: &mut Conn,
    occasion: &Occasion,
    webhook: &WebhookRow,
    maker: &Actor,
) -> Result<bool, StoreError> {
    let (until, _) = outbox::horizon(conn, None)?;
    let told = outbox::page(conn, maker, (webhook.position(), until), GIVEN_AT_ONCE)?;
    let is_full = i64::try_from(told.len()) == Ok(GIVEN_AT_ONCE);
    // What is done to it is told elsewhere.
    let wanted = told.iter().filter(|told| webhook.wants(told.topic) && told.subject_id != webhook.id);
    let rows: Vec<DeliveryRow> = wanted.map(|told| message(webhook.id, told, occasion)).collect();
    deliveries::put(conn, &rows)?;
    let to = told.last().filter(|_| is_full).map_or(until, Told::position);
    if to > webhook.position() {
        webhooks::advance(conn, webhook.id, to)?;
    }
    Ok(is_full)
}

/// What a batch came to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// Taken by the receiver.
    pub delivered: usize,
    /// Not taken, to be tried again.
    pub postponed: usize,
    /// Not taken, and given up.
    pub failed: usize,
    /// Why the webhook sends nothing from now on.
    pub disabled: Option<DisabledBecause>,
}

/// Writes what came of the attempts and lets go of the webhook. Writes nothing when somebody else holds it by now.
///
/// # Errors
/// Those of the database.
pub fn settle(
    conn: &mut Conn,
    occasion: &Occasion,
    webhook: &WebhookRow,
    attempts: Vec<(DeliveryRow, Attempt)>,
) -> Result<Sent, StoreError> {
    let mut sent = Sent::default();
    if !webhooks::still_held(conn, webhook)? {
        return Ok(sent);
    }
    let took = attempts.iter().any(|(_, attempt)| attempt.took());
    let refused = attempts.iter().any(|(_, attempt)| !attempt.took());
    for (row, attempt) in attempts {
        if matches!(attempt, Attempt::Answered { status: 410, .. }) {
            sent.disabled = Some(DisabledBecause::Gone);
        }
        let row = after(row, attempt, occasion);
        match row.status {
            DeliveryStatus::Delivered => sent.delivered += 1,
            DeliveryStatus::Pending => sent.postponed += 1,
            DeliveryStatus::Failed | DeliveryStatus::Withheld => sent.failed += 1,
        }
        deliveries::save(conn, &row)?;
    }
    let before = webhook.failing_since.filter(|_| !took).map(|since| since.and_utc());
    let failing = if refused { Some(before.unwrap_or(occasion.now)) } else { before };
    if sent.disabled.is_none() && failing.is_some_and(|since| occasion.now - since >= GIVEN_UP_AFTER) {
        sent.disabled = Some(DisabledBecause::Failing);
    }
    let worked = Worked {
        failing_since: failing.map(stored_instant),
        rests_until: failing
            .filter(|_| refused)
            .map(|since| stored_instant(occasion.now + rest(since, occasion.now))),
        disabled: sent.disabled,
    };
    finish(conn, occasion, webhook, worked)?;
    Ok(sent)
}

/// A delivery after an attempt.
fn after(row: DeliveryRow, attempt: Attempt, occasion: &Occasion) -> DeliveryRow {
    let now = stored_instant(occasion.now);
    let attempts = row.attempts.saturating_add(1);
    let (answered, failure, asked) = match attempt {
        Attempt::Answered { status, retry_after } => (Some(i32::from(status)), None, retry_after),
        Attempt::Failed(code) => (None, Some(code.to_owned()), None),
    };
    let row = DeliveryRow { attempts, answered, failure, ..row };
    if attempt.took() {
        return DeliveryRow { status: DeliveryStatus::Delivered, next_at: None, ended_at: Some(now), ..row };
    }
    let jitter = occasion.ids.secret(1).first().copied().unwrap_or(128);
    let is_gone = answered == Some(410);
    match next_attempt(attempts, occasion.now, jitter, asked).filter(|_| !is_gone) {
        Some(next) => DeliveryRow { next_at: Some(stored_instant(next)), ..row },
        None => DeliveryRow { status: DeliveryStatus::Failed, next_at: None, ended_at: Some(now), ..row },
    }
}

fn finish(
    conn: &mut Conn,
    occasion: &Occasion,
    webhook: &WebhookRow,
    worked: Worked,
) -> Result<(), StoreError> {
    let released = webhooks::release(conn, webhook, worked, occasion.now)?;
    if released && worked.disabled.is_some() {
        let deed = WebhookDeed::Disabled;
        let version = webhook.version + 1;
        let event = Event::Webhook { webhook_id: webhook.id, user_id: webhook.user_id, deed, version };
        audit::record(conn, occasion.ids, occasion.now, ActedBy::System, &[event])?;
    }
    Ok(())
}
