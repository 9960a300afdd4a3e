//! An actor whose right must still stand once a write holds what it is about.
//!
//! Who may was asked when the transaction began; the write may have waited since for one that took that right away. Every
//! write on other people holds the actor's own row as well, in order of id with theirs, so that of two that take each
//! other's right away one comes first and the other finds it gone.

use std::collections::BTreeSet;

use super::users;
use crate::{
    domain::{organisation::actor::Actor, values::id::Id},
    store::{Conn, StoreError, ledger::locks},
};

/// Holds the writes of the actor and of some others until the transaction ends, and asks again whether the actor still is
/// who asked.
///
/// # Errors
/// As for [`still_stands`]; `Timeout` when another write takes too long.
pub fn hold(conn: &mut Conn, actor: &Actor, others: &[Id]) -> Result<(), StoreError> {
    let all: BTreeSet<Id> = others.iter().copied().chain([actor.id]).collect();
    locks::hold(conn, all)?;
    still_stands(conn, actor)
}

/// Holds the actor's own writes, for what is the actor's own whatever the role: only the login must still count.
///
/// # Errors
/// `LoginEnded` when the user was disabled or got another password meanwhile.
pub fn hold_own(conn: &mut Conn, actor: &Actor) -> Result<(), StoreError> {
    locks::hold(conn, [actor.id].into())?;
    match users::actor(conn, actor.id, actor.epoch)? {
        Some(_) => Ok(()),
        None => Err(StoreError::LoginEnded),
    }
}

/// Asks again who the actor is; the actor is held by now.
///
/// # Errors
/// `LoginEnded` when the user was disabled or got another password meanwhile, `ReachChanged` when role or team changed.
pub fn still_stands(conn: &mut Conn, actor: &Actor) -> Result<(), StoreError> {
    match users::actor(conn, actor.id, actor.epoch)? {
        Some(now) if now == *actor => Ok(()),
        Some(_) => Err(StoreError::ReachChanged),
        None => Err(StoreError::LoginEnded),
    }
}
