//! Machine clients: made, renamed, disabled, given secrets. Over the API by who heads the whole organisation, at the terminal
//! by the operator.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::{client_event::ClientEvent, event::Event},
        organisation::{
            actor::{ActedBy, Actor},
            service_client::ServiceScope,
            user::Status,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        organisation::{
            audit, cycles,
            service_clients::{self as stored, NewClient, NewSecret, ServiceClient},
            standing,
        },
    },
};

const SECRET_BYTES: usize = 32;

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there.
    Store(StoreError),
    /// Only who heads the whole organisation does this.
    NotTheHead,
    /// It has another version than the one that was seen.
    Stale,
    /// As many secrets count as may.
    TooManySecrets,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// Who manages clients.
#[derive(Clone, Copy, Debug)]
pub enum Manager<'a> {
    /// Somebody signed in.
    Signed(&'a Actor),
    /// The operator at the terminal.
    Operator,
}

impl Manager<'_> {
    fn acts_as(self) -> ActedBy {
        match self {
            Manager::Signed(actor) => actor.acts_as(),
            Manager::Operator => ActedBy::System,
        }
    }

    fn id(self) -> Option<Id> {
        match self {
            Manager::Signed(actor) => Some(actor.id),
            Manager::Operator => None,
        }
    }

    /// That the manager may, and still may once the own row is held.
    fn stands(self, conn: &mut Conn) -> Result<(), Refused> {
        let Manager::Signed(actor) = self else { return Ok(()) };
        if !cycles::heads_organisation(conn, actor)? {
            return Err(Refused::NotTheHead);
        }
        Ok(standing::hold(conn, actor, &[])?)
    }
}

/// A client and a secret of it that was just made: it is told once and kept as a hash only.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The client as it is now.
    pub client: ServiceClient,
    /// The secret's id.
    pub secret_id: Id,
    /// The secret.
    pub secret: String,
}

/// As which a secret is kept. It has 256 random bits, so a plain hash is enough.
pub fn hashed(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

/// Makes a client with its first secret.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(
    conn: &mut Conn,
    by: Manager<'_>,
    occasion: &Occasion,
    (name, mut scopes): (String, Vec<ServiceScope>),
) -> Result<Issued, Refused> {
    by.stands(conn)?;
    scopes.sort_unstable();
    scopes.dedup();
    let client = NewClient { id: occasion.ids.id(), name, scopes, created_by: by.id() };
    let client_id = client.id;
    stored::insert(conn, client, occasion.now)?;
    let (secret_id, secret) = issue(conn, (client_id, 1), occasion)?;
    let what = [ClientEvent::Made, ClientEvent::SecretMade { secret_id }];
    record(conn, by, occasion, client_id, what)?;
    Ok(Issued { client: stored::find(conn, client_id)?, secret_id, secret })
}

fn issue(
    conn: &mut Conn,
    (client_id, place): (Id, i32),
    occasion: &Occasion,
) -> Result<(Id, String), StoreError> {
    let secret = format!("psc_{}", URL_SAFE_NO_PAD.encode(occasion.ids.secret(SECRET_BYTES)));
    let new = NewSecret { id: occasion.ids.id(), place, hash: hashed(&secret) };
    stored::add_secret(conn, client_id, &new, occasion.now)?;
    Ok((new.id, secret))
}

fn record<const N: usize>(
    conn: &mut Conn,
    by: Manager<'_>,
    occasion: &Occasion,
    client_id: Id,
    what: [ClientEvent; N],
) -> Result<(), StoreError> {
    let events = what.map(|what| Event::ServiceClient { client_id, what });
    audit::record(conn, occasion.ids, occasion.now, by.acts_as(), &events)
}

/// The client, held until the transaction ends.
fn held(conn: &mut Conn, by: Manager<'_>, id: Id) -> Result<ServiceClient, Refused> {
    by.stands(conn)?;
    stored::lock(conn, id)?;
    Ok(stored::find(conn, id)?)
}

/// What of a client is changed; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What people call it.
    pub name: Option<String>,
    /// Whether its tokens count.
    pub status: Option<Status>,
}

/// Changes a client. Disabling ends every token that was given to it, for good.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn change(
    conn: &mut Conn,
    by: Manager<'_>,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    change: Change,
) -> Result<ServiceClient, Refused> {
    let before = held(conn, by, id)?;
    if !seen.is(i64::from(before.version)) {
        return Err(Refused::Stale);
    }
    let after = ServiceClient {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        status: change.status.unwrap_or(before.status),
        ..before.clone()
    };
    if (&after.name, after.status) == (&before.name, before.status) {
        return Ok(before);
    }
    let disabled_now = before.status == Status::Active && after.status == Status::Disabled;
    stored::update(conn, &after, disabled_now, occasion.now)?;
    record(conn, by, occasion, id, [ClientEvent::Changed { status: after.status }])?;
    Ok(stored::find(conn, id)?)
}

/// Gives a client another secret beside the one it has, so that it can change over without a break.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn add_secret(conn: &mut Conn, by: Manager<'_>, occasion: &Occasion, id: Id) -> Result<Issued, Refused> {
    let client = held(conn, by, id)?;
    let place = client.free_place().ok_or(Refused::TooManySecrets)?;
    let (secret_id, secret) = issue(conn, (id, place), occasion)?;
    stored::update(conn, &client, false, occasion.now)?;
    record(conn, by, occasion, id, [ClientEvent::SecretMade { secret_id }])?;
    Ok(Issued { client: stored::find(conn, id)?, secret_id, secret })
}

/// Retires a secret: it opens nothing any more, nor does any token that was given for it.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn retire_secret(
    conn: &mut Conn,
    by: Manager<'_>,
    occasion: &Occasion,
    (id, secret_id, seen): (Id, Id, &Seen),
) -> Result<(), Refused> {
    let client = held(conn, by, id)?;
    if !client.secrets.iter().any(|secret| secret.id == secret_id) {
        return Err(StoreError::NotFound.into());
    }
    if !seen.is(i64::from(client.version)) {
        return Err(Refused::Stale);
    }
    stored::retire_secret(conn, id, secret_id)?;
    stored::update(conn, &client, false, occasion.now)?;
    Ok(record(conn, by, occasion, id, [ClientEvent::SecretRetired { secret_id }])?)
}
