//! Machine clients and their secrets, which are kept as hashes only; one that is retired is gone.

use std::iter;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::{
        organisation::{
            service_client::{Machine, ServiceScope},
            user::Status,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            dialect::locked,
            schema::{service_client_secrets as secrets, service_clients as clients},
        },
    },
};

/// How many secrets of a client count at a time.
pub const MOST_SECRETS: usize = 2;
/// The epoch of a new client's tokens.
const FIRST_EPOCH: i32 = 1;

/// A client as it is stored.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = clients)]
struct ClientRow {
    id: Id,
    name: String,
    scopes: Json<Vec<ServiceScope>>,
    status: Status,
    epoch: i32,
    version: i32,
    created_by: Option<Id>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// A secret of a client, without the secret itself.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = secrets)]
pub struct Secret {
    /// Its id.
    pub id: Id,
    /// Which of the client's places it takes, from 1.
    pub place: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When a token was last given for it.
    pub last_used_at: Option<NaiveDateTime>,
}

/// A machine client.
#[derive(Clone, Debug)]
pub struct ServiceClient {
    /// Its id, which is also the name that it signs in with.
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ServiceScope>,
    /// Whether its tokens count.
    pub status: Status,
    /// Counts the writes.
    pub version: i32,
    /// By whom it was made; none at the terminal.
    pub created_by: Option<Id>,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it, or one of its secrets, was last made or changed.
    pub updated_at: NaiveDateTime,
    /// The secrets that count, by place.
    pub secrets: Vec<Secret>,
}

/// A client to be made.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Its id.
    pub id: Id,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<ServiceScope>,
    /// By whom; none at the terminal.
    pub created_by: Option<Id>,
}

/// A secret to be made.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Its id.
    pub id: Id,
    /// Which of the client's places it takes.
    pub place: i32,
    /// Its hash.
    pub hash: String,
}

/// For which secret a token is given, and what it may say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedIn {
    /// The secret on which the token rests.
    pub secret_id: Id,
    /// Which tokens count.
    pub epoch: i32,
    /// What the client may do.
    pub scopes: Vec<ServiceScope>,
}

type Joined = (ClientRow, Option<Secret>);

/// Rows of one client after the other, put together.
fn gathered(rows: Vec<Joined>) -> Vec<ServiceClient> {
    rows.chunk_by(|(one, _), (other, _)| one.id == other.id)
        .filter_map(|rows| {
            let (row, _) = rows.first()?.clone();
            Some(ServiceClient {
                id: row.id,
                name: row.name,
                scopes: row.scopes.0,
                status: row.status,
                version: row.version,
                created_by: row.created_by,
                created_at: row.created_at,
                updated_at: row.updated_at,
                secrets: rows.iter().filter_map(|(_, secret)| secret.clone()).collect(),
            })
        })
        .collect()
}

/// Clients by id, from after the given one.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, after: Option<Id>, limit: i64) -> Result<Vec<ServiceClient>, StoreError> {
    // A client has as many rows as secrets, and one without any has one: the first `limit` clients are all there.
    let most_rows = limit.saturating_mul(MOST_SECRETS as i64);
    let mut query = clients::table
        .left_join(secrets::table)
        .order((clients::id, secrets::place))
        .select((ClientRow::as_select(), Option::<Secret>::as_select()))
        .limit(most_rows)
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(clients::id.gt(after));
    }
    let mut found = gathered(query.load(conn)?);
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// One client.
///
/// # Errors
/// `NotFound`.
pub fn find(conn: &mut Conn, id: Id) -> Result<ServiceClient, StoreError> {
    let rows: Vec<Joined> = clients::table
        .left_join(secrets::table)
        .filter(clients::id.eq(id))
        .order(secrets::place)
        .select((ClientRow::as_select(), Option::<Secret>::as_select()))
        .load(conn)?;
    gathered(rows).pop().ok_or(StoreError::NotFound)
}

/// Locks a client against other writers for the rest of the transaction.
///
/// # Errors
/// `NotFound`.
pub fn lock(conn: &mut Conn, id: Id) -> Result<(), StoreError> {
    locked(clients::table.find(id).select(clients::id)).get_result::<Id>(conn)?;
    Ok(())
}

/// Makes a client without a secret.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, new: NewClient, at: DateTime<Utc>) -> Result<(), StoreError> {
    let row = ClientRow {
        id: new.id,
        name: new.name,
        scopes: Json(new.scopes),
        status: Status::Active,
        epoch: FIRST_EPOCH,
        version: 1,
        created_by: new.created_by,
        created_at: stored_instant(at),
        updated_at: stored_instant(at),
    };
    diesel::insert_into(clients::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes name and status, and counts the version on. Disabling raises the epoch, so that no token given out ever counts again.
///
/// # Errors
/// `Stale` when it was written since `client.version`.
pub fn update(
    conn: &mut Conn,
    client: &ServiceClient,
    disabled_now: bool,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let seen = clients::table.find(client.id).filter(clients::version.eq(client.version));
    let rows = diesel::update(seen)
        .set((
            clients::name.eq(&client.name),
            clients::status.eq(client.status),
            clients::epoch.eq(clients::epoch + i32::from(disabled_now)),
            clients::version.eq(client.version + 1),
            clients::updated_at.eq(stored_instant(at)),
        ))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Gives a client a secret, in a place that is free.
///
/// # Errors
/// Those of the database.
pub fn add_secret(
    conn: &mut Conn,
    client_id: Id,
    new: &NewSecret,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(secrets::table)
        .values((
            secrets::id.eq(new.id),
            secrets::client_id.eq(client_id),
            secrets::place.eq(new.place),
            secrets::hash.eq(&new.hash),
            secrets::created_at.eq(stored_instant(at)),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes a secret away, and with it every token that was given for it.
///
/// # Errors
/// `NotFound` when the client has no such secret.
pub fn retire_secret(conn: &mut Conn, client_id: Id, secret_id: Id) -> Result<(), StoreError> {
    let secret = secrets::table.find(secret_id).filter(secrets::client_id.eq(client_id));
    match diesel::delete(secret).execute(conn)? {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

/// Whether a secret is one of an active client's; notes that it was used.
///
/// # Errors
/// Those of the database.
pub fn sign_in(
    conn: &mut Conn,
    client_id: Id,
    hash: &str,
    at: DateTime<Utc>,
) -> Result<Option<SignedIn>, StoreError> {
    let found: Option<(Id, i32, Json<Vec<ServiceScope>>)> = secrets::table
        .inner_join(clients::table)
        .filter(clients::id.eq(client_id))
        .filter(clients::status.eq(Status::Active))
        .filter(secrets::hash.eq(hash))
        .select((secrets::id, clients::epoch, clients::scopes))
        .first(conn)
        .optional()?;
    let Some((secret_id, epoch, Json(scopes))) = found else { return Ok(None) };
    diesel::update(secrets::table.find(secret_id))
        .set(secrets::last_used_at.eq(Some(stored_instant(at))))
        .execute(conn)?;
    Ok(Some(SignedIn { secret_id, epoch, scopes }))
}

/// Whether there is such a client.
///
/// # Errors
/// Those of the database.
pub fn exists(conn: &mut Conn, client_id: Id) -> Result<bool, StoreError> {
    Ok(clients::table.find(client_id).select(clients::id).first::<Id>(conn).optional()?.is_some())
}

/// The machine behind a sound token, in one statement: `None` when the client is gone or disabled, the secret retired for
/// which the token was given, or the token of an epoch before the present one.
///
/// # Errors
/// Those of the database.
pub fn machine(
    conn: &mut Conn,
    client_id: Id,
    (secret_id, epoch): (Id, i32),
    scopes: &[ServiceScope],
) -> Result<Option<Machine>, StoreError> {
    let may: Option<Json<Vec<ServiceScope>>> = secrets::table
        .inner_join(clients::table)
        .filter(secrets::id.eq(secret_id))
        .filter(clients::id.eq(client_id))
        .filter(clients::epoch.eq(epoch))
        .filter(clients::status.eq(Status::Active))
        .select(clients::scopes)
        .first(conn)
        .optional()?;
    let both = |may: Vec<ServiceScope>| scopes.iter().copied().filter(|scope| may.contains(scope)).collect();
    Ok(may.map(|Json(may)| Machine { client_id, scopes: both(may) }))
}

impl ServiceClient {
    /// A place for another secret, if one is free.
    pub fn free_place(&self) -> Option<i32> {
        let taken = |place: &i32| self.secrets.iter().any(|secret| secret.place == *place);
        iter::successors(Some(1), |place| Some(place + 1)).take(MOST_SECRETS).find(|place| !taken(place))
    }
}
