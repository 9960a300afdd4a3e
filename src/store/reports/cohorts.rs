//! What became of those who entered a stage in a period, followed to this day; the counting is the domain's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::members::{Member, counts, ids};
use crate::{
    domain::{
        method::stage::Stage,
        reports::{
            cohort::{Cohorts, Path},
            funnel::FunnelMove,
        },
        values::{id::Id, window::Window},
    },
    store::{Conn, StoreError, db::schema::standings},
};
use aliases::later;

mod aliases {
    #![allow(missing_docs)]
    use super::standings;
    diesel::alias!(standings as later: Later);
}

/// The cohorts of a period by agent: an entry is its owner's of its own day, wherever the prospect went afterwards.
///
/// # Errors
/// Those of the database.
pub fn of_members(
    conn: &mut Conn,
    members: &[Member],
    window: Window,
) -> Result<BTreeMap<Id, Cohorts>, StoreError> {
    let same_attempt = later
        .field(standings::pursuit_number)
        .eq(standings::pursuit_number)
        .or(standings::stage.eq(Stage::Opportunity));
    let follows = later
        .field(standings::prospect_id)
        .eq(standings::prospect_id)
        .and(later.field(standings::position).gt(standings::position))
        .and(later.field(standings::is_entry).eq(true))
        .and(same_attempt);
    // Contacts by their first record; a way back to column 1 enters nothing.
    let enters = standings::stage.ne(Stage::Opportunity).or(standings::stage_before.is_null());
    type Entry = (Id, Id, i32, NaiveDate, Option<Stage>, Stage);
    type Later = Option<(Option<Stage>, Stage)>;
    let rows: Vec<(Entry, Later)> = standings::table
        .left_join(later.on(follows))
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::from_on.between(window.from, window.to))
        .filter(standings::is_entry.eq(true))
        .filter(enters)
        .select((
            (
                standings::owner_id,
                standings::prospect_id,
                standings::pursuit_number,
                standings::from_on,
                standings::stage_before,
                standings::stage,
            ),
            (later.field(standings::stage_before), later.field(standings::stage)).nullable(),
        ))
        .load(conn)?;
    let mut paths: BTreeMap<Id, Vec<Path>> = BTreeMap::new();
    for ((agent, prospect_id, pursuit_number, on, from, to), came) in rows {
        if counts(members, agent, on) {
            let entry = FunnelMove { on, from, to };
            paths.entry(agent).or_default().push(Path { prospect_id, pursuit_number, entry, later: came });
        }
    }
    Ok(paths.into_iter().map(|(agent, paths)| (agent, Cohorts::of(&paths))).collect())
}
