//! Erasing everything personal about a prospect (method section 11).

use super::write::{Refused, Target};
use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    domain::{
        exchange::event::Event,
        organisation::actor::{ActedBy, Actor, Scope},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        organisation::audit,
        prospects::{
            erasure, prospect,
            retention::{self, Limits},
        },
    },
};

/// Erases a prospect of one's own: from now on it is not there for anybody, and its log holds nothing personal.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn erase(conn: &mut Conn, actor: &Actor, occasion: &Occasion, target: &Target) -> Result<(), Refused> {
    let row = prospect::find_for_write(conn, &actor.scope, target.id)?;
    if row.owner_id != actor.id {
        return Err(Refused::OwnersOnly);
    }
    if !target.seen.is(i64::from(row.version)) {
        return Err(Refused::Stale);
    }
    erasure::erase(conn, &row, occasion.now, occasion.today(actor.time_zone))?;
    let erased = Event::ProspectErased { prospect_id: row.id, stage: row.stage, version: row.version + 1 };
    Ok(audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[erased])?)
}

/// Erases, as the service itself, somebody who never consented and with whom nothing has happened for long; answers whether
/// that is still so.
///
/// # Errors
/// Those of the store; nothing was written then.
pub fn forget(
    conn: &mut Conn,
    occasion: &Occasion,
    (id, owner_id): (Id, Id),
    limits: Limits,
    today: NaiveDate,
) -> Result<bool, StoreError> {
    let row = match prospect::find_for_write(conn, &Scope::Own { user_id: owner_id }, id) {
        // Handed over or erased meanwhile: the next run asks again.
        Err(StoreError::NotFound) => return Ok(false),
        found => found?,
    };
    if retention::unconsented(conn, limits, Some(id), 1)?.is_empty() {
        return Ok(false);
    }
    erasure::erase(conn, &row, occasion.now, today)?;
    let erased = Event::ProspectErased { prospect_id: row.id, stage: row.stage, version: row.version + 1 };
    audit::record(conn, occasion.ids, occasion.now, ActedBy::System, &[erased])?;
    Ok(true)
}
