//! Whose writes a transaction holds. A write holds *agents*, by locking their rows in order of id: the present and all
//! former owners of the prospects it saves, because a deal counts for the owner at the signature and the days of a former
//! owner keep that owner's cycle. Two agents who never owned the same prospect never wait for each other.
//!
//! Entering a team locks the team's row; a change of settings locks teams first and then everybody in them. Nobody takes a
//! second lock out of order: who finds that others are needed starts again.

use std::collections::BTreeSet;

use diesel::{connection::SimpleConnection, prelude::*};

use crate::{
    domain::{method::stage::Stage, values::id::Id},
    store::{
        Conn, StoreError,
        db::{
            dialect::locked,
            schema::{ownerships, prospects, teams, users},
        },
        organisation::scope::members_below,
    },
};

/// Agents whose writes are held until the transaction ends.
#[derive(Debug)]
pub(in crate::store) struct Held(BTreeSet<Id>);

impl Held {
    /// Whether all of these are held.
    pub(super) fn covers(&self, agents: &BTreeSet<Id>) -> bool {
        self.0.is_superset(agents)
    }
}

/// Holds the writes of some agents until the transaction ends.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub(in crate::store) fn hold(conn: &mut Conn, agents: BTreeSet<Id>) -> Result<Held, StoreError> {
    let mut all = agents.iter();
    match (all.next(), all.next()) {
        // Nearly always: a statement that stays prepared.
        (Some(one), None) => {
            let _: Option<Id> =
                locked(users::table.find(*one).select(users::id)).get_result(conn).optional()?;
        }
        _ => {
            let named: Vec<Id> = agents.iter().copied().collect();
            let rows = users::table.filter(users::id.eq_any(named)).order(users::id).select(users::id);
            let _: Vec<Id> = locked(rows).load(conn)?;
        }
    }
    Ok(Held(agents))
}

/// Lets everything go and starts the transaction again, because other agents must be held than those that are. Nothing
/// may have been written yet. On SQLite nobody else can have written since the transaction began, so nobody comes here.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn start_again(conn: &mut Conn) -> Result<(), StoreError> {
    match conn {
        Conn::Sqlite(c) => c.batch_execute("ROLLBACK; BEGIN IMMEDIATE")?,
        Conn::Postgres(c) => c.batch_execute("ROLLBACK; BEGIN ISOLATION LEVEL READ COMMITTED")?,
    }
    Ok(())
}

/// Everybody who owned one of these prospects before.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn former_owners(conn: &mut Conn, prospect_ids: &[Id]) -> Result<Vec<Id>, StoreError> {
    Ok(ownerships::table
        .filter(ownerships::prospect_id.eq_any(prospect_ids.to_vec()))
        .select(ownerships::from_agent_id)
        .load(conn)?)
}

/// The agents to hold when everything that is due for an agent is written down: the agent, whoever owned one of the agent's
/// prospects before, and the owners of the unclosed sales that were signed under the agent.
///
/// # Errors
/// Those of the database.
pub(super) fn to_settle(conn: &mut Conn, agent_id: Id) -> Result<BTreeSet<Id>, StoreError> {
    let before: Vec<Id> = ownerships::table
        .inner_join(prospects::table.on(prospects::id.eq(ownerships::prospect_id)))
        .filter(prospects::owner_id.eq(agent_id))
        .select(ownerships::from_agent_id)
        .load(conn)?;
    let sales: Vec<(Id, Id)> = ownerships::table
        .inner_join(prospects::table.on(prospects::id.eq(ownerships::prospect_id)))
        .filter(ownerships::from_agent_id.eq(agent_id))
        .filter(prospects::stage.eq(Stage::Stage90))
        .select((prospects::id, prospects::owner_id))
        .load(conn)?;
    let mut agents: BTreeSet<Id> = before.into_iter().chain([agent_id]).collect();
    if !sales.is_empty() {
        agents.extend(sales.iter().map(|(_, owner)| *owner));
        let ids: Vec<Id> = sales.into_iter().map(|(id, _)| id).collect();
        agents.extend(former_owners(conn, &ids)?);
    }
    Ok(agents)
}

/// Holds the row of a team that somebody is about to enter: no change of its settings slips in between.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub(in crate::store) fn hold_teams(conn: &mut Conn, team_ids: &[Id]) -> Result<(), StoreError> {
    let rows = teams::table.filter(teams::id.eq_any(team_ids.to_vec())).order(teams::id).select(teams::id);
    let _: Vec<Id> = locked(rows).load(conn)?;
    Ok(())
}

/// Holds the teams below a path, or all of them, and then everybody who belongs to one, and some others.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub(in crate::store) fn hold_everybody_below(
    conn: &mut Conn,
    team_path: Option<&str>,
    others: &[Id],
) -> Result<(), StoreError> {
    let path = team_path.unwrap_or_default();
    let below = teams::table.filter(teams::path.like(format!("{path}%"))).order(teams::id).select(teams::id);
    let _: Vec<Id> = locked(below).load(conn)?;
    let people = users::table
        .filter(users::id.eq_any(members_below(path)).or(users::id.eq_any(others.to_vec())))
        .order(users::id)
        .select(users::id);
    let _: Vec<Id> = locked(people).load(conn)?;
    Ok(())
}

/// Holds the owners of a prospect, the present one and, when it has changed hands, the former ones; and `others`.
///
/// # Errors
/// As for [`hold`].
pub(in crate::store) fn hold_owners(
    conn: &mut Conn,
    prospect_id: Id,
    (owner_id, times_transferred): (Id, i32),
    others: &BTreeSet<Id>,
) -> Result<Held, StoreError> {
    let mut agents = others.clone();
    agents.insert(owner_id);
    if times_transferred > 0 {
        agents.extend(former_owners(conn, &[prospect_id])?);
    }
    hold(conn, agents)
}
