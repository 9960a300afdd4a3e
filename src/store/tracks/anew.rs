//! The tracks of a database that is older than they: made from the log and the facts when it is migrated.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Tracks, end, rewrite};
use crate::{
    domain::{calendar::plus_days, history::History, id::Id, placement::placements as placed},
    store::{
        Conn, StoreError, environment, history,
        ledger::ProspectRow,
        ownerships, placements,
        schema::{prospects, standings},
    },
};

/// Whether the database is older than the tracks: it has prospects, and no track of any.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn are_missing(conn: &mut Conn) -> Result<bool, StoreError> {
    let made: Option<i32> = standings::table.select(standings::position).first(conn).optional()?;
    if made.is_some() {
        return Ok(false);
    }
    let known: Option<Id> = prospects::table.select(prospects::id).first(conn).optional()?;
    Ok(known.is_some())
}

/// The last day up to which nothing but an entry can have put a prospect elsewhere since it was last looked at.
fn looked_at_by(row: &ProspectRow, known: &History) -> NaiveDate {
    let told = known.effective().last().map_or(NaiveDate::MIN, |t| t.occurred_on);
    let told = known.facts.iter().map(|f| f.occurred_on).max().map_or(told, |day| day.max(told));
    row.next_review_on.map_or(told, |day| plus_days(day, -1).max(told))
}

/// Makes the tracks of every prospect of a database that is older than they, all or none.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn make_missing(conn: &mut Conn) -> Result<(), StoreError> {
    if !are_missing(conn)? {
        return Ok(());
    }
    conn.transaction(|conn| {
        let mut after: Option<Id> = None;
        loop {
            let batch: Vec<ProspectRow> = prospects::table
                .filter(prospects::id.gt(after.unwrap_or(Id(uuid::Uuid::nil()))))
                .order(prospects::id)
                .limit(500)
                .select(ProspectRow::as_select())
                .load(conn)?;
            let Some(last) = batch.last() else { return Ok(()) };
            after = Some(last.id);
            let of: BTreeSet<Id> = batch.iter().map(|row| row.owner_id).collect();
            let around = environment::of_agents(conn, &of.into_iter().collect::<Vec<Id>>())?;
            for row in batch {
                let known = history::load(conn, row.id)?;
                let owners = ownerships::owners_of(conn, &row)?;
                rewrite(conn, row.id, &Tracks::default(), &Tracks::of(row.id, &known, &owners))?;
                let present = around.get(&row.owner_id).cloned().ok_or(StoreError::NotFound)?;
                let env = ownerships::surround(conn, &owners, present)?.env;
                let by = looked_at_by(&row, &known);
                placements::rewrite(conn, row.id, None, |since| placed(&known, &env, &owners, (since, by)))?;
                if let Some(at) = row.erased_at {
                    end(conn, row.id, at.date())?;
                }
            }
        }
    })
}
