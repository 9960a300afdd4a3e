//! Prospects that another system may be telling of, held for a write. There is no scope: what decides is by which numbers they
//! were found, and those are held; nobody is shown anything.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{
    agent_context, due,
    loaded::{Loaded, complete},
    locks,
};
use crate::{
    clock::Occasion,
    domain::values::id::Id,
    store::{
        Conn, StoreError, db::schema::prospects, exchange::number_locks::HeldNumbers,
        prospects::prospect_row::ProspectRow,
    },
};

/// Loads for writing the prospects that `find` names, in order of id, without those that are not there any more: their owners
/// are held, and `others`; what was due is written down. `find` is asked first and again whenever the transaction had to start
/// afresh: it holds the numbers and says whom they may be about. The first thing that a write does.
///
/// # Errors
/// Those of `find`; `Timeout` when another write takes too long; those of the database.
pub fn load_told<T>(
    conn: &mut Conn,
    others: &BTreeSet<Id>,
    occasion: &Occasion,
    mut find: impl FnMut(&mut Conn) -> Result<(HeldNumbers, T, BTreeSet<Id>), StoreError>,
) -> Result<(HeldNumbers, T, Vec<Loaded>), StoreError> {
    let mut concerned = others.clone();
    loop {
        let (held, found, named) = find(conn)?;
        let named: Vec<Id> = named.into_iter().collect();
        if named.is_empty() {
            if !others.is_empty() {
                locks::hold(conn, others.clone())?;
            }
            return Ok((held, found, Vec::new()));
        }
        let before = rows(conn, &named)?;
        for row in &before {
            concerned.insert(row.owner_id);
            concerned.extend(locks::to_settle(conn, row.owner_id)?);
            if row.times_transferred > 0 {
                concerned.extend(locks::former_owners(conn, &[row.id])?);
            }
        }
        let holds = locks::hold(conn, concerned.clone())?;
        // A transfer may have been faster than the lock: then somebody else has to be held as well.
        let owners: BTreeSet<Id> = rows(conn, &named)?.iter().map(|row| row.owner_id).collect();
        let mut wanted = owners.clone();
        for owner in &owners {
            wanted.extend(locks::to_settle(conn, *owner)?);
        }
        if !holds.covers(&wanted) {
            concerned.extend(wanted);
            locks::start_again(conn)?;
            continue;
        }
        due::settle_held(conn, &owners.into_iter().collect::<Vec<Id>>(), occasion)?;
        let mut loaded = Vec::with_capacity(named.len());
        for row in rows(conn, &named)? {
            let present = agent_context::of_agent(conn, row.owner_id)?;
            loaded.push(complete(conn, row, present, occasion.business_now)?);
        }
        return Ok((held, found, loaded));
    }
}

fn rows(conn: &mut Conn, ids: &[Id]) -> Result<Vec<ProspectRow>, StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq_any(ids.to_vec()))
        .filter(prospects::erased_at.is_null())
        .order(prospects::id)
        .select(ProspectRow::as_select())
        .load(conn)?)
}
