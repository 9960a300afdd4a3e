//! Taking in what the insurer's policy system tells (method section 10): each event once, whatever it is about.

use std::collections::BTreeSet;

use chrono_tz::Tz;
use serde::Serialize;

use super::{
    aim,
    fold::{Telling, fold},
};
use crate::{
    clock::Occasion,
    domain::{
        exchange::{event::Event, intake_event::IntakeEvent, policy_message::PolicyMessage},
        organisation::actor::ActedBy,
        prospects::phone::Phone,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::{
            policy_event_people::{self, PersonalRow},
            policy_events::{self, PolicyEventRow},
        },
        organisation::{audit, users},
        prospects::people::PhoneKey,
    },
};

/// What a machine told.
#[derive(Clone, Debug)]
pub struct Message {
    /// The event.
    pub event: PolicyMessage,
    /// The client's telephone.
    pub client_phone: Option<Phone>,
    /// Why it happened, in the machine's words.
    pub reason: Option<String>,
}

impl Message {
    /// A keyed digest of everything that was told: a repetition says the same.
    fn digest(&self, key: PhoneKey) -> String {
        #[derive(Serialize)]
        struct Said<'a> {
            event: &'a PolicyMessage,
            phone: Option<String>,
            reason: Option<&'a str>,
        }
        let phone = self.client_phone.as_ref().map(Phone::line);
        let said = Said { event: &self.event, phone, reason: self.reason.as_deref() };
        key.digest(&serde_json::to_string(&said).unwrap_or_default())
    }
}

/// What came of a message.
#[derive(Clone, Debug)]
pub enum Received {
    /// It is new.
    New(PolicyEventRow),
    /// It was told before, in the same words.
    Again(PolicyEventRow),
    /// Under its id something else was told before.
    AnotherBody,
}

/// Whose word a message is, and by what it is read.
#[derive(Clone, Copy)]
pub struct Sender {
    /// The machine client.
    pub client_id: Id,
    /// The key under which telephone numbers are hashed.
    pub key: PhoneKey,
    /// The insurer's time zone.
    pub zone: Tz,
}

/// Takes one message in: keeps it, finds whom it is about, and writes down what follows. What waits for its numbers is
/// matched with it.
///
/// # Errors
/// Those of the store; nothing was written then.
pub fn receive(
    conn: &mut Conn,
    sender: Sender,
    occasion: &Occasion,
    message: Message,
) -> Result<Received, StoreError> {
    let Sender { client_id, key, zone } = sender;
    let digest = message.digest(key);
    if let Some(known) = policy_events::of_sender(conn, client_id, &message.event.sender_id)? {
        return Ok(repeated(known, &digest));
    }
    let Message { event, client_phone, reason } = message;
    let id = occasion.ids.id();
    let agent_id = match &event.agent_code {
        Some(code) => users::by_agent_code(conn, code)?,
        None => None,
    };
    let row = PolicyEventRow {
        agent_id,
        ..PolicyEventRow::new((id, client_id), event, digest.clone(), stored_instant(occasion.now))
    };
    let personal = PersonalRow::new(id, client_phone.as_ref(), reason, key);
    let phone = personal.as_ref().and_then(|personal| personal.phone_hmac.clone());
    let mut twin = None;
    let nobody = BTreeSet::new();
    let (held, row, pursuit) = aim::hold(conn, &row, &nobody, (occasion, zone), |conn, _| {
        // It may have come in on another instance at the same moment.
        twin = policy_events::of_sender(conn, client_id, &row.sender_id)?;
        Ok((row.clone(), phone.clone()))
    })?;
    if let Some(known) = twin {
        return Ok(repeated(known, &digest));
    }
    let row = match &pursuit {
        Ok(_) => row,
        Err(for_what) => row.waiting(*for_what),
    };
    policy_events::insert(conn, &row)?;
    if let Some(personal) = &personal {
        policy_event_people::insert(conn, personal)?;
    }
    let by = ActedBy::Integration(client_id);
    let what = IntakeEvent::Received { event_type: row.event_type };
    let received = Event::PolicyEvent { event_id: row.id, agent_id, what };
    audit::record(conn, occasion.ids, occasion.now, by, &[received])?;
    if let Ok(pursuit) = pursuit {
        fold(conn, &held, pursuit, Telling { occasion, by, zone })?;
    }
    Ok(Received::New(row))
}

fn repeated(known: PolicyEventRow, digest: &str) -> Received {
    if known.digest == digest { Received::Again(known) } else { Received::AnotherBody }
}
