//! Refresh tokens: opaque, kept as hashes, used once. A token used twice kills every token of its login.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::{
        organisation::{actor::Role, user::Status},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            dialect::locked,
            schema::{refresh_families, refresh_tokens, users},
        },
    },
};

/// The hash of a refresh token and how long it may be used.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Hash of the token.
    pub hash: String,
    /// Now, in real time.
    pub at: DateTime<Utc>,
    /// End of its life.
    pub expires_at: DateTime<Utc>,
}

/// Who may have a new access token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder {
    /// The user.
    pub user_id: Id,
    /// Agent or supervisor, as stored now.
    pub role: Role,
    /// Which tokens count.
    pub epoch: i32,
}

/// What became of a refresh token that was presented.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refreshed {
    /// It was good and has been replaced.
    Replaced(Holder),
    /// It is unknown, expired, revoked, or its user is disabled.
    Refused,
    /// It had been used before: somebody has a copy, so the whole login was revoked.
    Reused {
        /// Whose login it was.
        user_id: Id,
    },
}

/// Begins a login with its first refresh token, if the user still is the one whose password was checked: since then somebody
/// may have been disabled or got another password, which ended the logins of before. The user is held, so that the one
/// comes before the other.
///
/// # Errors
/// `LoginEnded` when it is another epoch by now.
pub fn begin(
    conn: &mut Conn,
    family_id: Id,
    (user_id, epoch): (Id, i32),
    token: &NewToken,
) -> Result<(), StoreError> {
    let present = users::table.find(user_id).select((users::status, users::epoch));
    let present: Option<(Status, i32)> = locked(present).get_result(conn).optional()?;
    if present != Some((Status::Active, epoch)) {
        return Err(StoreError::LoginEnded);
    }
    diesel::insert_into(refresh_families::table)
        .values((
            refresh_families::id.eq(family_id),
            refresh_families::user_id.eq(user_id),
            refresh_families::created_at.eq(stored_instant(token.at)),
        ))
        .execute(conn)?;
    insert(conn, family_id, token)
}

/// Uses a refresh token and puts a new one in its place. Of two uses at the same time one wins; the other is a reuse
/// and takes the winner's new token down with it.
///
/// # Errors
/// Those of the database. A refusal is no error: what it revoked must be kept.
pub fn refresh(conn: &mut Conn, hash: &str, new: &NewToken) -> Result<Refreshed, StoreError> {
    let now = stored_instant(new.at);
    // The condition is part of the write, so that a race is decided by the database.
    let spent: Option<(Id, NaiveDateTime)> = diesel::update(refresh_tokens::table.find(hash))
        .filter(refresh_tokens::used_at.is_null())
        .set(refresh_tokens::used_at.eq(now))
        .returning((refresh_tokens::family_id, refresh_tokens::expires_at))
        .get_result(conn)
        .optional()?;
    let Some((family_id, expires_at)) = spent else {
        return revoke_reused(conn, hash, now);
    };
    let holder: Option<(Id, Role, i32)> = refresh_families::table
        .inner_join(users::table)
        .filter(refresh_families::id.eq(family_id))
        .filter(refresh_families::revoked_at.is_null())
        .filter(users::status.eq(Status::Active))
        .select((users::id, users::role, users::epoch))
        .first(conn)
        .optional()?;
    let Some((user_id, role, epoch)) = holder.filter(|_| expires_at > now) else {
        return Ok(Refreshed::Refused);
    };
    insert(conn, family_id, new)?;
    Ok(Refreshed::Replaced(Holder { user_id, role, epoch }))
}

fn revoke_reused(conn: &mut Conn, hash: &str, now: NaiveDateTime) -> Result<Refreshed, StoreError> {
    let family: Option<(Id, Id)> = refresh_tokens::table
        .inner_join(refresh_families::table)
        .filter(refresh_tokens::hash.eq(hash))
        .select((refresh_families::id, refresh_families::user_id))
        .first(conn)
        .optional()?;
    let Some((family_id, user_id)) = family else { return Ok(Refreshed::Refused) };
    revoke_family(conn, family_id, now)?;
    Ok(Refreshed::Reused { user_id })
}

fn revoke_family(conn: &mut Conn, family_id: Id, now: NaiveDateTime) -> Result<(), StoreError> {
    diesel::update(refresh_families::table.find(family_id).filter(refresh_families::revoked_at.is_null()))
        .set(refresh_families::revoked_at.eq(now))
        .execute(conn)?;
    Ok(())
}

/// Ends the login a refresh token belongs to; an unknown token ends nothing.
///
/// # Errors
/// Those of the database.
pub fn end(conn: &mut Conn, hash: &str, at: DateTime<Utc>) -> Result<(), StoreError> {
    let family: Option<Id> =
        refresh_tokens::table.find(hash).select(refresh_tokens::family_id).first(conn).optional()?;
    match family {
        Some(family_id) => revoke_family(conn, family_id, stored_instant(at)),
        None => Ok(()),
    }
}

/// Ends every login of a user.
///
/// # Errors
/// Those of the database.
pub fn end_all(conn: &mut Conn, user_id: Id, at: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::update(refresh_families::table)
        .filter(refresh_families::user_id.eq(user_id))
        .filter(refresh_families::revoked_at.is_null())
        .set(refresh_families::revoked_at.eq(stored_instant(at)))
        .execute(conn)?;
    Ok(())
}

/// Forgets the tokens of logins that were ended before an instant; [`forget_expired`] then forgets the logins.
///
/// # Errors
/// Those of the database.
pub fn forget_ended(conn: &mut Conn, before: DateTime<Utc>) -> Result<usize, StoreError> {
    let ended = refresh_families::table
        .filter(refresh_families::revoked_at.lt(stored_instant(before)))
        .select(refresh_families::id);
    Ok(diesel::delete(refresh_tokens::table.filter(refresh_tokens::family_id.eq_any(ended))).execute(conn)?)
}

/// Forgets tokens that could not be used any more, and logins that have none left.
///
/// # Errors
/// Those of the database.
pub fn forget_expired(conn: &mut Conn, at: DateTime<Utc>) -> Result<(), StoreError> {
    diesel::delete(refresh_tokens::table)
        .filter(refresh_tokens::expires_at.lt(stored_instant(at)))
        .execute(conn)?;
    let kept = refresh_tokens::table.select(refresh_tokens::family_id);
    diesel::delete(refresh_families::table.filter(refresh_families::id.ne_all(kept))).execute(conn)?;
    Ok(())
}

fn insert(conn: &mut Conn, family_id: Id, token: &NewToken) -> Result<(), StoreError> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::hash.eq(&token.hash),
            refresh_tokens::family_id.eq(family_id),
            refresh_tokens::issued_at.eq(stored_instant(token.at)),
            refresh_tokens::expires_at.eq(stored_instant(token.expires_at)),
        ))
        .execute(conn)?;
    Ok(())
}
