//! Erasing everything personal about a prospect (method section 11).

use serde_json::json;

use super::{Refused, Target};
use crate::{
    domain::actor::Actor,
    store::{
        Conn,
        audit::{self, Entry},
        ledger::Occasion,
        prospects,
    },
};

/// Erases a prospect of one's own: from now on it is not there for anybody, and its log holds nothing personal.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn erase(conn: &mut Conn, actor: &Actor, occasion: &Occasion, target: &Target) -> Result<(), Refused> {
    let row = prospects::find_for_write(conn, &actor.scope, target.id)?;
    if row.owner_id != actor.id {
        return Err(Refused::OwnersOnly);
    }
    if !target.seen.is(i64::from(row.version)) {
        return Err(Refused::Stale);
    }
    prospects::erase(conn, &row, occasion.now, occasion.today(actor.time_zone))?;
    let entry = Entry {
        actor_id: Some(actor.id),
        action: "prospect_erased",
        subject_kind: "prospect",
        subject_id: row.id,
        details: json!({"stage": row.stage}),
    };
    Ok(audit::record(conn, occasion.ids, occasion.now, &entry)?)
}
