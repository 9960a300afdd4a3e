//! A day's tally of calls, visits and messages (method section 7).

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    domain::{exchange::event::Event, journal::activity::DayCounts, organisation::actor::Actor},
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        journal::activities::{self, TallyRow},
        organisation::{audit, users},
    },
};

/// Keeps the actor's tally of a day; a later one of the same day counts instead, and the earlier ones stay on record.
///
/// # Errors
/// Those of the store.
pub fn keep(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    day: NaiveDate,
    counts: DayCounts,
) -> Result<TallyRow, StoreError> {
    let narrow = |count: i64| i32::try_from(count).unwrap_or(i32::MAX);
    users::lock(conn, actor.id)?;
    let before = activities::tallies(conn, &[actor.id], day, day)?.pop();
    let row = TallyRow {
        id: occasion.ids.id(),
        agent_id: actor.id,
        day,
        version: before.map_or(0, |row| row.version) + 1,
        dials: narrow(counts.dials),
        connects: narrow(counts.connects),
        appointments_set: narrow(counts.appointments_set),
        refused: narrow(counts.refused),
        visits: narrow(counts.visits),
        messages: narrow(counts.messages),
        recorded_at: stored_instant(occasion.now),
        recorded_on: occasion.today(actor.time_zone),
    };
    activities::keep_tally(conn, &row)?;
    let kept = Event::TallyKept { tally_id: row.id, agent_id: actor.id, day, version: row.version };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[kept])?;
    Ok(row)
}
