//! Whose prospects were, by date (method section 11). A prospect that never changed hands has no row here: its owner
//! stands in its own row, and nobody asks further.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::prospect_row::ProspectRow;
use crate::{
    domain::{
        prospects::{
            history::Environment,
            ownership::{self, everybody},
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::schema::ownerships,
        ledger::agent_context::{self, AgentContext},
    },
};

/// A prospect changed hands.
#[derive(Queryable, Selectable, Insertable, Clone, Copy, Debug)]
#[diesel(table_name = ownerships)]
pub struct OwnershipRow {
    /// The prospect.
    pub prospect_id: Id,
    /// 1, 2, 3, …
    pub position: i32,
    /// By this transfer.
    pub transfer_id: Id,
    /// From whom.
    pub from_agent_id: Id,
    /// To whom.
    pub to_agent_id: Id,
    /// First day of the new owner.
    pub valid_from: NaiveDate,
}

/// The owners of some prospects by date; those that never changed hands are left out.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn changed_hands(
    conn: &mut Conn,
    prospect_ids: &[Id],
) -> Result<BTreeMap<Id, Timeline<Id>>, StoreError> {
    let rows: Vec<OwnershipRow> = ownerships::table
        .filter(ownerships::prospect_id.eq_any(prospect_ids.to_vec()))
        .order((ownerships::prospect_id, ownerships::position))
        .select(OwnershipRow::as_select())
        .load(conn)?;
    let mut all: BTreeMap<Id, Timeline<Id>> = BTreeMap::new();
    for row in rows {
        let owners = all.remove(&row.prospect_id).unwrap_or(Timeline::constant(row.from_agent_id));
        all.insert(row.prospect_id, owners.followed_by(row.valid_from, &Timeline::constant(row.to_agent_id)));
    }
    Ok(all)
}

/// The owners of one prospect by date.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn owners_of(conn: &mut Conn, row: &ProspectRow) -> Result<Timeline<Id>, StoreError> {
    let known = match row.times_transferred {
        0 => None,
        _ => changed_hands(conn, &[row.id])?.remove(&row.id),
    };
    Ok(known.unwrap_or(Timeline::constant(row.owner_id)))
}

/// What surrounds a prospect with these owners: the cycle and the settings of each of them in their own time.
/// `present` is what surrounds the present owner.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn surround(
    conn: &mut Conn,
    owners: &Timeline<Id>,
    mut present: AgentContext,
) -> Result<AgentContext, StoreError> {
    if owners.steps().is_empty() {
        return Ok(present);
    }
    let ids: BTreeSet<Id> = everybody(owners).collect();
    let known = agent_context::of_agents(conn, &ids.into_iter().collect::<Vec<Id>>())?;
    present.env = composed(owners, &known)?;
    Ok(present)
}

/// The same from surroundings that were loaded together.
pub(in crate::store) fn composed(
    owners: &Timeline<Id>,
    known: &BTreeMap<Id, AgentContext>,
) -> Result<Environment, StoreError> {
    ownership::governing(owners, |id| known.get(&id).map(|context| &context.env))
        .ok_or_else(|| StoreError::Corrupt("ownerships: an owner without a team".to_owned()))
}

/// What surrounded those of some prospects that had changed hands by the end of a day, as it was known then; for the
/// others it is what surrounded their owner.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn governing_as_known_on(
    conn: &mut Conn,
    prospect_ids: &[Id],
    day: NaiveDate,
) -> Result<BTreeMap<Id, Environment>, StoreError> {
    let mut changed = changed_hands(conn, prospect_ids)?;
    changed.values_mut().for_each(|owners| owners.cut_after(day));
    changed.retain(|_, owners| !owners.steps().is_empty());
    if changed.is_empty() {
        return Ok(BTreeMap::new());
    }
    let agents: BTreeSet<Id> = changed.values().flat_map(everybody).collect();
    let agents: Vec<Id> = agents.into_iter().collect();
    let known = agent_context::of_agents_as_known_on(conn, &agents, day)?;
    changed.into_iter().map(|(id, owners)| Ok((id, composed(&owners, &known)?))).collect()
}

mod aliases {
    #![allow(missing_docs)]
    use super::ownerships;
    diesel::alias!(ownerships as received: Received);
}
pub(in crate::store) use aliases::received;
