//! Erasing everything personal about a prospect (method section 11).

use super::write::{Refused, Target};
use crate::{
    clock::Occasion,
    domain::{exchange::event::Event, organisation::actor::Actor},
    store::{
        Conn,
        organisation::audit,
        prospects::{erasure, prospect},
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
    let erased = Event::ProspectErased { prospect_id: row.id, stage: row.stage };
    Ok(audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[erased])?)
}
