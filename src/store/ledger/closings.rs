//! The deals that cycles are measured from (method section 5): each counts for its owner at the signature.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::{
    domain::{method::cycle::Deal, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{deals, memberships},
    },
};

type DealRow = (Id, Id, Id, i32, NaiveDate, NaiveDate, NaiveDate, NaiveDate, Option<NaiveDate>);

fn deal(row: DealRow) -> (Id, Deal) {
    let (agent_id, prospect_id, pursuit_id, number, met, signed, closed, from, until) = row;
    let deal = Deal {
        prospect_id,
        pursuit_number: number,
        pursuit_id,
        first_meeting_on: met,
        signed_on: signed,
        closed_on: closed,
        counts_from: from,
        counts_until: until,
    };
    (agent_id, deal)
}

macro_rules! in_order {
    ($deals:expr) => {
        $deals.order((deals::agent_id, deals::id)).select((
            deals::agent_id,
            deals::prospect_id,
            deals::pursuit_id,
            deals::pursuit_number,
            deals::first_meeting_on,
            deals::signed_on,
            deals::closed_on,
            deals::counts_from,
            deals::counts_until,
        ))
    };
}

fn by_agent(rows: Vec<DealRow>) -> BTreeMap<Id, Vec<Deal>> {
    let mut all: BTreeMap<Id, Vec<Deal>> = BTreeMap::new();
    for (agent, deal) in rows.into_iter().map(deal) {
        all.entry(agent).or_default().push(deal);
    }
    all
}

/// The deals of some agents.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn of_agents(
    conn: &mut Conn,
    agents: &[Id],
) -> Result<BTreeMap<Id, Vec<Deal>>, StoreError> {
    Ok(by_agent(in_order!(deals::table.filter(deals::agent_id.eq_any(agents.to_vec()))).load(conn)?))
}

/// The deals of everybody who belonged on a day to the team of an agent on that day, member by member.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn of_team_of(
    conn: &mut Conn,
    agent_id: Id,
    day: NaiveDate,
) -> Result<Vec<Vec<Deal>>, StoreError> {
    let stays = || {
        memberships::table
            .filter(memberships::valid_from.le(day))
            .filter(memberships::valid_to.is_null().or(memberships::valid_to.gt(day)))
    };
    let team: Option<Id> = stays()
        .filter(memberships::user_id.eq(agent_id))
        .select(memberships::team_id)
        .first(conn)
        .optional()?;
    let Some(team) = team else { return Ok(Vec::new()) };
    let members = stays().filter(memberships::team_id.eq(team)).select(memberships::user_id);
    let rows = in_order!(deals::table.filter(deals::agent_id.eq_any(members))).load(conn)?;
    Ok(by_agent(rows).into_values().collect())
}
