//! A prospect with everything a decision needs, read within a scope.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::{
    agent_context::{self, AgentContext},
    history,
};
use crate::{
    domain::{
        method::automatic::reconcile,
        organisation::actor::Scope,
        prospects::history::{Environment, History},
        reports::board::card,
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{codec::Json, schema::prospects},
        organisation::scope,
        prospects::{ownerships, prospect_row::ProspectRow},
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
    pub context: AgentContext,
    /// The business date in the team's time zone.
    pub today: NaiveDate,
}

impl Loaded {
    /// Cycle and settings.
    pub fn env(&self) -> &Environment {
        &self.context.env
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
pub(super) fn visible(conn: &mut Conn, scope: &Scope, id: Id) -> Result<ProspectRow, StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(ProspectRow::as_select())
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
    let present = agent_context::of_agent(conn, row.owner_id)?;
    complete(conn, row, present, business_now)
}

/// A row with everything around it. `present` is what surrounds the present owner.
pub(super) fn complete(
    conn: &mut Conn,
    row: ProspectRow,
    present: AgentContext,
    business_now: DateTime<Utc>,
) -> Result<Loaded, StoreError> {
    let owners = ownerships::owners_of(conn, &row)?;
    let context = ownerships::surround(conn, &owners, present)?;
    let today = business_now.with_timezone(&context.time_zone).date_naive();
    let history = history::load(conn, row.id)?;
    Ok(Loaded { row, history, owners, context, today })
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
    agents.extend(owned.values().flat_map(crate::domain::prospects::ownership::everybody));
    agents.sort_unstable();
    agents.dedup();
    let known = agent_context::of_agents(conn, &agents)?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let owners = owned.remove(&row.id).unwrap_or(Timeline::constant(row.owner_id));
        let mut context = known.get(&row.owner_id).cloned().ok_or(StoreError::NotFound)?;
        context.env = ownerships::composed(&owners, &known)?;
        let today = business_now.with_timezone(&context.time_zone).date_naive();
        let history = histories.remove(&row.id).unwrap_or_default();
        all.push(Loaded { row, history, owners, context, today });
    }
    all.sort_by_key(|loaded| loaded.row.id);
    Ok(all)
}
