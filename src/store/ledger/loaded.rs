//! A prospect with everything a decision needs, as a reader gets it and as a writer does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::{Occasion, ProspectRow};
use crate::{
    domain::{
        actor::Scope,
        automatic::reconcile,
        board::card,
        history::{Environment, History},
        id::Id,
        stage::Stage,
        timeline::Timeline,
    },
    store::{
        Conn, StoreError,
        codec::Json,
        due,
        environment::{self, Surroundings},
        history, locks, ownerships,
        schema::{ownerships as changes_of_hands, prospects},
        scope,
    },
};

/// A prospect with everything a decision needs.
pub struct Loaded {
    /// The row.
    pub row: ProspectRow,
    /// Log and facts.
    pub history: History,
    /// Whose it was, by date.
    pub owners: Timeline<Id>,
    /// What surrounds the owner; cycle and settings of a day are those of the owner of that day.
    pub around: Surroundings,
    /// The business date in the team's time zone.
    pub today: NaiveDate,
}

impl Loaded {
    /// Cycle and settings.
    pub fn env(&self) -> &Environment {
        &self.around.env
    }

    /// The row as it stood at the end of a day not after today; none before the first record. What fell due by then is
    /// in it whether or not anything has written it down.
    pub fn row_on(&self, day: NaiveDate) -> Option<ProspectRow> {
        let then = self.history.as_of(day)?;
        let next = reconcile(&then, self.env(), day).next;
        Some(ProspectRow {
            stage: then.stage(),
            pursuit_number: then.pursuit_number(),
            card: Json(card(&then, self.env(), day, next)),
            ..self.row.clone()
        })
    }
}

/// The row of a prospect within a scope.
fn visible(conn: &mut Conn, scope: &Scope, id: Id) -> Result<ProspectRow, StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(ProspectRow::as_select())
        .first(conn)?)
}

mod aliases {
    #![allow(missing_docs)]
    use super::prospects;
    diesel::alias!(prospects as of_owner: OfOwner, prospects as handed_on: HandedOn);
}
use aliases::{handed_on, of_owner};

/// The same with the earliest day on which something falls due for its owner: of the owner's prospects, and of the sales
/// signed under the owner that belong to others by now.
fn visible_with_due(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
) -> Result<(ProspectRow, Option<NaiveDate>), StoreError> {
    let own = of_owner
        .filter(of_owner.field(prospects::owner_id).eq(prospects::owner_id))
        .filter(of_owner.field(prospects::erased_at).is_null())
        .select(diesel::dsl::min(of_owner.field(prospects::next_review_on)));
    let of_sales = changes_of_hands::table
        .inner_join(handed_on.on(handed_on.field(prospects::id).eq(changes_of_hands::prospect_id)))
        .filter(changes_of_hands::from_agent_id.eq(prospects::owner_id))
        .filter(handed_on.field(prospects::stage).eq(Stage::Stage90))
        .select(diesel::dsl::min(handed_on.field(prospects::next_review_on)));
    type Row = (ProspectRow, Option<NaiveDate>, Option<NaiveDate>);
    let (row, own, of_sales): Row = prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select((ProspectRow::as_select(), own.single_value(), of_sales.single_value()))
        .first(conn)?;
    Ok((row, own.into_iter().chain(of_sales).min()))
}

/// Loads a prospect within a scope for writing: its owners are held, what was due is written down. The first thing that a
/// write does: nothing may have been written before.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn load_for_write(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
    occasion: &Occasion,
) -> Result<Loaded, StoreError> {
    // Whom the due moves of the owner concern as well; nobody, unless something is due.
    let mut concerned = BTreeSet::new();
    loop {
        let owned = owned(conn, scope, id)?;
        let held = locks::hold_owners(conn, id, owned, &concerned)?;
        let (mut row, due) = visible_with_due(conn, scope, id)?;
        // A transfer may have been faster than the lock: then somebody else has to be held as well.
        if (row.owner_id, row.times_transferred) != owned {
            locks::start_again(conn)?;
            continue;
        }
        let mut present = environment::of_agent(conn, row.owner_id)?;
        if due.is_some_and(|day| day <= occasion.today(present.time_zone)) {
            concerned = locks::to_settle(conn, row.owner_id)?;
            if !held.covers(&concerned) {
                locks::start_again(conn)?;
                continue;
            }
            due::settle_held(conn, &[row.owner_id], occasion)?;
            row = visible(conn, scope, id)?;
            present = environment::of_agent(conn, row.owner_id)?;
        }
        return complete(conn, row, present, occasion.business_now);
    }
}

/// The owner of a prospect within a scope, and how often it has changed hands.
fn owned(conn: &mut Conn, scope: &Scope, id: Id) -> Result<(Id, i32), StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select((prospects::owner_id, prospects::times_transferred))
        .first(conn)?)
}

/// Loads a prospect within a scope for reading.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn load(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
    business_now: DateTime<Utc>,
) -> Result<Loaded, StoreError> {
    let row = visible(conn, scope, id)?;
    let present = environment::of_agent(conn, row.owner_id)?;
    complete(conn, row, present, business_now)
}

fn complete(
    conn: &mut Conn,
    row: ProspectRow,
    present: Surroundings,
    business_now: DateTime<Utc>,
) -> Result<Loaded, StoreError> {
    let owners = ownerships::owners_of(conn, &row)?;
    let around = ownerships::surround(conn, &owners, present)?;
    let today = business_now.with_timezone(&around.time_zone).date_naive();
    let history = history::load(conn, row.id)?;
    Ok(Loaded { row, history, owners, around, today })
}

/// Loads several prospects within a scope, in order of id, in as many statements as one. Those out of reach are left out;
/// a writer holds the owners.
///
/// # Errors
/// Those of the database.
pub fn load_all(
    conn: &mut Conn,
    scope: &Scope,
    ids: &[Id],
    business_now: DateTime<Utc>,
) -> Result<Vec<Loaded>, StoreError> {
    let rows: Vec<ProspectRow> = prospects::table
        .filter(prospects::id.eq_any(ids.to_vec()))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(ProspectRow::as_select())
        .load(conn)?;
    let found: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut owned = ownerships::changed_hands(conn, &found)?;
    let mut histories: BTreeMap<Id, History> = history::load_many(conn, &found)?.into_iter().collect();
    let mut agents: Vec<Id> = rows.iter().map(|row| row.owner_id).collect();
    agents.extend(owned.values().flat_map(crate::domain::ownership::everybody));
    agents.sort_unstable();
    agents.dedup();
    let known = environment::of_agents(conn, &agents)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let owners = owned.remove(&row.id).unwrap_or(Timeline::constant(row.owner_id));
        let mut around = known.get(&row.owner_id).cloned().ok_or(StoreError::NotFound)?;
        around.env = ownerships::composed(&owners, &known)?;
        let today = business_now.with_timezone(&around.time_zone).date_naive();
        let history = histories.remove(&row.id).unwrap_or_default();
        all.push(Loaded { row, history, owners, around, today });
    }
    all.sort_by_key(|loaded| loaded.row.id);
    Ok(all)
}
