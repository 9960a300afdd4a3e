//! How many open pursuits each agent has where, as entered and as verified: kept beside the prospects in the transaction
//! that writes one, so that the shape of a team is read without reading the team's prospects.
//!
//! Whoever inserts a prospect's row or changes its owner, its stages or its erasure calls [`count`].

use diesel::{dsl::case_when, prelude::*, sql_types::Integer, upsert::excluded};

use super::members::{Member, ids};
use crate::{
    both,
    domain::{method::stage::Stage, reports::shape::Placed, values::id::Id},
    store::{
        Conn, StoreError,
        db::{dialect::kept, schema::board_counts},
        prospects::prospect_row::ProspectRow,
    },
};

/// Where an open pursuit is counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    /// The owner.
    pub owner_id: Id,
    /// As entered and as verified.
    pub placed: Placed,
}

impl Place {
    /// The place of a prospect; none for one without an open pursuit, and for an erased one.
    pub fn of(row: &ProspectRow) -> Option<Self> {
        let open = Stage::PURSUED.contains(&row.stage) && row.erased_at.is_none();
        open.then(|| Place {
            owner_id: row.owner_id,
            placed: placed(row.stage, row.verified_stage, row.is_claimed),
        })
    }

    fn row(self) -> PlaceRow {
        let Placed { entered, verified, claimed } = self.placed;
        (self.owner_id, entered, verified, claimed)
    }

    /// One pursuit at this place.
    pub fn one(self) -> (Id, Placed, i64) {
        (self.owner_id, self.placed, 1)
    }
}

fn placed(entered: Stage, verified: Option<Stage>, claimed: bool) -> Placed {
    Placed { entered, verified: verified.unwrap_or(entered), claimed }
}

/// The open pursuits of some agents, by agent and place, with their number.
pub type Board = Vec<(Id, Placed, i64)>;

type PlaceRow = (Id, Stage, Stage, bool);

/// The columns that name a place.
const PLACE: (
    board_counts::owner_id,
    board_counts::stage,
    board_counts::verified_stage,
    board_counts::is_claimed,
) = (board_counts::owner_id, board_counts::stage, board_counts::verified_stage, board_counts::is_claimed);

/// The row of a place, as a condition.
macro_rules! at {
    ($place:expr) => {
        board_counts::owner_id
            .eq($place.owner_id)
            .and(board_counts::stage.eq($place.placed.entered))
            .and(board_counts::verified_stage.eq($place.placed.verified))
            .and(board_counts::is_claimed.eq($place.placed.claimed))
    };
}

/// Counts a pursuit where it is now instead of where it was. The writes of its owner's team are held by the caller.
///
/// # Errors
/// `Corrupt` when nobody was counted where it was; those of the database.
pub fn count(conn: &mut Conn, before: Option<Place>, after: Option<Place>) -> Result<(), StoreError> {
    if before == after {
        return Ok(());
    }
    let counted = match (before, after) {
        (None, None) => return Ok(()),
        // Most moves go between two places that have been counted at before: one statement for both.
        (Some(left), Some(reached)) => {
            let one_less = case_when(at!(left), (-1).into_sql::<Integer>());
            let change = one_less.otherwise(1.into_sql::<Integer>());
            let moved = diesel::update(board_counts::table.filter(at!(left).or(at!(reached))))
                .set(board_counts::n.eq(board_counts::n + change));
            both!(conn, c => kept(moved.returning(PLACE)).load::<PlaceRow>(c)?)
        }
        (Some(left), None) => {
            let gone = diesel::update(board_counts::table.filter(at!(left)))
                .set(board_counts::n.eq(board_counts::n - 1));
            both!(conn, c => kept(gone.returning(PLACE)).load(c)?)
        }
        (None, Some(_)) => Vec::new(),
    };
    let reached_one = |place: Place| counted.contains(&place.row());
    if before.is_some_and(|left| !reached_one(left)) {
        return Err(StoreError::Corrupt("board_counts: nobody was counted there".to_owned()));
    }
    let Some(Place { owner_id, placed }) = after.filter(|reached| !reached_one(*reached)) else {
        return Ok(());
    };
    let row = (
        board_counts::owner_id.eq(owner_id),
        board_counts::stage.eq(placed.entered),
        board_counts::verified_stage.eq(placed.verified),
        board_counts::is_claimed.eq(placed.claimed),
        board_counts::n.eq(1),
    );
    both!(conn, c => kept(diesel::insert_into(board_counts::table)
        .values(row)
        .on_conflict(PLACE)
        .do_update()
        .set(board_counts::n.eq(board_counts::n + excluded(board_counts::n))))
        .execute(c)?);
    Ok(())
}

/// The open pursuits of today, as entered and as verified, with their number. What was due has been written down.
///
/// # Errors
/// Those of the database.
pub fn of_members(conn: &mut Conn, members: &[Member]) -> Result<Board, StoreError> {
    let rows: Vec<(Id, Stage, Stage, bool, i32)> = board_counts::table
        .filter(board_counts::owner_id.eq_any(ids(members)))
        .filter(board_counts::n.gt(0))
        .load(conn)?;
    let placed = |(owner, entered, verified, claimed, n): (Id, Stage, Stage, bool, i32)| {
        (owner, placed(entered, Some(verified), claimed), i64::from(n))
    };
    Ok(rows.into_iter().map(placed).collect())
}
