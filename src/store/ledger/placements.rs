//! Where every open pursuit stood from day to day, kept in the transaction that writes a prospect: a board of any past day is
//! counted from one index.

use chrono::NaiveDate;
use diesel::{dsl::count_star, prelude::*};

use super::{projections::OPEN_END, rewrite_tail::rewrite_tail};
use crate::{
    domain::{
        method::stage::Stage,
        reports::{
            placement::{Placement, append},
            shape::Placed,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::schema::placements,
        reports::{
            board_counts::Board,
            members::{Member, counts, ids},
        },
    },
};

/// Days in a row at one place of the board.
#[derive(Queryable, Selectable, Insertable, Clone, Copy, PartialEq, Eq, Debug)]
#[diesel(table_name = placements)]
pub struct PlacementRow {
    /// Prospect.
    pub prospect_id: Id,
    /// 0, 1, 2, … in order of time.
    pub position: i32,
    /// On whose board.
    pub owner_id: Id,
    /// First day.
    pub from_on: NaiveDate,
    /// First day after it; 9999-12-31 while it goes on.
    pub until_on: NaiveDate,
    /// As entered.
    pub stage: Stage,
    /// As verified.
    pub verified_stage: Stage,
    /// Whether it rests on the agent's word.
    pub is_claimed: bool,
}

impl PlacementRow {
    fn new(prospect_id: Id, position: i32, p: &Placement) -> Self {
        PlacementRow {
            prospect_id,
            position,
            owner_id: p.owner_id,
            from_on: p.from,
            until_on: p.until.unwrap_or(OPEN_END),
            stage: p.placed.entered,
            verified_stage: p.placed.verified,
            is_claimed: p.placed.claimed,
        }
    }

    /// The interval as the domain knows it.
    pub fn placement(&self) -> Placement {
        Placement {
            owner_id: self.owner_id,
            from: self.from_on,
            until: Some(self.until_on).filter(|day| *day < OPEN_END),
            placed: Placed { entered: self.stage, verified: self.verified_stage, claimed: self.is_claimed },
        }
    }
}

/// Where a prospect stood from day to day, earliest first.
///
/// # Errors
/// Those of the database.
pub(super) fn of_prospect(conn: &mut Conn, prospect_id: Id) -> Result<Vec<PlacementRow>, StoreError> {
    Ok(placements::table
        .filter(placements::prospect_id.eq(prospect_id))
        .order(placements::position)
        .load(conn)?)
}

/// Writes down where a prospect stands since a day on which something changed; without one, since its last placement
/// began, because dates may have passed. What was before that day stays. `before` is where it stood, `made` tells the placements from a day on.
///
/// # Errors
/// Those of the database.
pub(super) fn rewrite(
    conn: &mut Conn,
    (prospect_id, before): (Id, &[PlacementRow]),
    changed_on: Option<NaiveDate>,
    made: impl FnOnce(NaiveDate) -> Vec<Placement>,
) -> Result<(), StoreError> {
    let looked_through = before.last().map_or(NaiveDate::MIN, |row| row.from_on);
    let since = changed_on.map_or(looked_through, |day| day.min(looked_through));
    let mut all: Vec<Placement> = Vec::with_capacity(before.len() + 1);
    for kept in before.iter().take_while(|row| row.from_on < since) {
        let until = Some(kept.until_on.min(since));
        all.push(Placement { until, ..kept.placement() });
    }
    for placement in made(since) {
        append(&mut all, placement);
    }
    let after: Vec<PlacementRow> =
        (0..).zip(&all).map(|(position, p)| PlacementRow::new(prospect_id, position, p)).collect();
    rewrite_tail!(
        conn,
        placements { owner_id, from_on, until_on, stage, verified_stage, is_claimed },
        prospect_id,
        before,
        &after
    );
    Ok(())
}

/// Ends how a prospect stood on the day on which it was erased.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn end(conn: &mut Conn, prospect_id: Id, on: NaiveDate) -> Result<(), StoreError> {
    let later =
        placements::table.filter(placements::prospect_id.eq(prospect_id)).filter(placements::until_on.gt(on));
    diesel::delete(later.filter(placements::from_on.ge(on))).execute(conn)?;
    diesel::update(later).set(placements::until_on.eq(on)).execute(conn)?;
    Ok(())
}

/// The open pursuits at the end of several days, by agent and place, in one look. Each day counts those who were members
/// on it.
///
/// # Errors
/// Those of the database.
pub fn boards_on(conn: &mut Conn, members: &[Member], days: &[NaiveDate]) -> Result<Vec<Board>, StoreError> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(Vec::new()) };
    type Row = (Id, Stage, Stage, bool, NaiveDate, NaiveDate, i64);
    let rows: Vec<Row> = placements::table
        .filter(placements::owner_id.eq_any(ids(members)))
        .filter(placements::until_on.gt(*first))
        .filter(placements::from_on.le(*last))
        .group_by((
            placements::owner_id,
            placements::stage,
            placements::verified_stage,
            placements::is_claimed,
            placements::from_on,
            placements::until_on,
        ))
        .select((
            placements::owner_id,
            placements::stage,
            placements::verified_stage,
            placements::is_claimed,
            placements::from_on,
            placements::until_on,
            count_star(),
        ))
        .load(conn)?;
    let on = |day: NaiveDate| {
        rows.iter()
            .filter(|(agent, .., from, until, _)| {
                *from <= day && day < *until && counts(members, *agent, day)
            })
            .map(|(agent, entered, verified, claimed, _, _, n)| {
                let placed = Placed { entered: *entered, verified: *verified, claimed: *claimed };
                (*agent, placed, *n)
            })
            .collect()
    };
    Ok(days.iter().map(|day| on(*day)).collect())
}
