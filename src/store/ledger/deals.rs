//! Rows that follow from the log: pursuits, and the deals from which cycles are measured.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::{prelude::*, upsert::excluded};

use super::review;
use crate::{
    both,
    clock::Occasion,
    domain::{
        prospects::{
            history::{Environment, History},
            pursuit::{self, Closing, closings},
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{
            dialect::kept,
            schema::{deals, pursuits},
        },
        prospects::prospect_row::ProspectRow,
    },
};

/// Writes the pursuits that new records opened or ended.
pub(super) fn save_pursuits(
    conn: &mut Conn,
    row: &ProspectRow,
    (before, after): (&History, &History),
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let known = pursuit::pursuits(before);
    let mut changed = pursuit::pursuits(after);
    changed.retain(|p| !known.contains(p));
    // The ended ones first: at most one may be open at any moment.
    changed.sort_by_key(|p| p.ended_on.is_none());
    for p in changed {
        let row = (
            pursuits::id.eq(occasion.ids.id()),
            pursuits::prospect_id.eq(row.id),
            pursuits::number.eq(p.number),
            pursuits::opened_on.eq(p.opened_on),
            pursuits::ended_on.eq(p.ended_on),
            pursuits::outcome.eq(p.outcome.map(|o| o.code())),
        );
        both!(conn, c => kept(diesel::insert_into(pursuits::table)
            .values(row)
            .on_conflict((pursuits::prospect_id, pursuits::number))
            .do_update()
            .set((
                pursuits::opened_on.eq(excluded(pursuits::opened_on)),
                pursuits::ended_on.eq(excluded(pursuits::ended_on)),
                pursuits::outcome.eq(excluded(pursuits::outcome)),
            )))
            .execute(c)?);
    }
    Ok(())
}

/// Rewrites the prospect's deals, each for its owner at `signed_on` (method section 11); the cycle of that agent follows
/// from them, and whether one changed is answered. All owners of the prospect are held.
pub(super) fn save_deals(
    conn: &mut Conn,
    row: &ProspectRow,
    owners: &Timeline<Id>,
    env: &Environment,
    history: &History,
    today: NaiveDate,
    occasion: &Occasion,
) -> Result<bool, StoreError> {
    let before = kept_deals(conn, row.id)?;
    let made: Vec<(Id, Closing)> = closings(history, &env.settings)
        .into_iter()
        .map(|closing| (*owners.on(closing.signed_on), closing))
        .collect();
    let gone = before.iter().filter(|deal| !made.contains(deal));
    let changed: Vec<&(Id, Closing)> =
        gone.chain(made.iter().filter(|deal| !before.contains(deal))).collect();
    let Some(since) = changed.iter().map(|(_, closing)| closing.counts_from).min() else { return Ok(false) };
    let concerned: BTreeSet<Id> = changed.iter().map(|(agent, _)| *agent).collect();
    if !before.is_empty() {
        diesel::delete(deals::table.filter(deals::prospect_id.eq(row.id))).execute(conn)?;
    }
    for (agent_id, closing) in made {
        let pursuit_id: Id = pursuits::table
            .filter(pursuits::prospect_id.eq(row.id))
            .filter(pursuits::number.eq(closing.pursuit_number))
            .select(pursuits::id)
            .first(conn)?;
        diesel::insert_into(deals::table)
            .values((
                deals::id.eq(occasion.ids.id()),
                deals::pursuit_id.eq(pursuit_id),
                deals::prospect_id.eq(row.id),
                deals::agent_id.eq(agent_id),
                deals::pursuit_number.eq(closing.pursuit_number),
                deals::first_meeting_on.eq(closing.first_meeting_on),
                deals::signed_on.eq(closing.signed_on),
                deals::closed_on.eq(closing.closed_on),
                deals::counts_from.eq(closing.counts_from),
                deals::counts_until.eq(closing.counts_until),
            ))
            .execute(conn)?;
    }
    review::agents(conn, &concerned.into_iter().collect::<Vec<Id>>(), Some(since), today)?;
    Ok(true)
}

fn kept_deals(conn: &mut Conn, prospect_id: Id) -> Result<Vec<(Id, Closing)>, StoreError> {
    type Row = (Id, i32, NaiveDate, NaiveDate, NaiveDate, NaiveDate, Option<NaiveDate>);
    let rows: Vec<Row> = deals::table
        .filter(deals::prospect_id.eq(prospect_id))
        .order(deals::closed_on)
        .select((
            deals::agent_id,
            deals::pursuit_number,
            deals::first_meeting_on,
            deals::signed_on,
            deals::closed_on,
            deals::counts_from,
            deals::counts_until,
        ))
        .load(conn)?;
    let deal =
        |(agent, pursuit_number, first_meeting_on, signed_on, closed_on, counts_from, counts_until): Row| {
            let closing =
                Closing { pursuit_number, first_meeting_on, signed_on, closed_on, counts_from, counts_until };
            (agent, closing)
        };
    Ok(rows.into_iter().map(deal).collect())
}

/// The ids of a prospect's pursuits by number.
///
/// # Errors
/// Those of the database.
pub fn pursuit_ids(
    conn: &mut Conn,
    row: &ProspectRow,
) -> Result<std::collections::HashMap<i32, Id>, StoreError> {
    let rows: Vec<(i32, Id)> = pursuits::table
        .filter(pursuits::prospect_id.eq(row.id))
        .select((pursuits::number, pursuits::id))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
