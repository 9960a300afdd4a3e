//! Erasing a prospect (method section 11): what becomes of it in every table that knows it.
//!
//! Stands above those tables and calls what each of them does itself. Whether it may be erased is decided elsewhere.

use chrono::{DateTime, NaiveDate, Utc};

use super::{mentions, people, prospect, prospect_row::ProspectRow, transfers};
use crate::{
    domain::{prospects::naming::Naming, values::id::Id},
    store::{
        Conn, StoreError,
        db::{erased_pages, idempotency},
        exchange::policy_event_people,
        journal::activities,
        ledger::{locks, placements, projections},
        reports::{
            board_counts::{self, Place},
            sign_offs,
        },
    },
};

/// Erases a prospect: from now on it is not there for anybody, and from today on it stands nowhere. Everything personal goes:
/// the person, the numbers, all free text, the stored answers, and the name in texts that hang on nobody. The log of moves
/// stays: it holds ids, codes and dates only.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile.
pub fn erase(
    conn: &mut Conn,
    row: &ProspectRow,
    now: DateTime<Utc>,
    today: NaiveDate,
) -> Result<(), StoreError> {
    let naming = Naming::of(&people::find(conn, row)?);
    let mut owners: Vec<Id> = locks::former_owners(conn, &[row.id])?;
    owners.push(row.owner_id);
    prospect::erase(conn, row, now)?;
    projections::end(conn, row.id, today)?;
    placements::end(conn, row.id, today)?;
    board_counts::count(conn, Place::of(row), None)?;
    policy_event_people::erase(conn, &owners, row.id)?;
    people::erase(conn, row.id)?;
    activities::erase_texts(conn, row.id)?;
    transfers::erase_texts(conn, row.id)?;
    sign_offs::erase_texts(conn, &owners, row.id)?;
    idempotency::forget_prospect(conn, row.id)?;
    mentions::erase(conn, &owners, &naming)?;
    erased_pages::remain(conn, row.id)
}
