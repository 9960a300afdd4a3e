//! The counts behind the reports, by agent and day; the arithmetic of the last step is the domain's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{dsl::count_star, prelude::*};

use super::{
    Conn, StoreError, doings, environment, history,
    ledger::ProspectRow,
    ownerships,
    schema::{activities, appointments, memberships, prospect_people, prospects, sale_flows, standings},
    sheets::{self, Member},
    tracks::{SaleFlow, StandingRow},
};
use crate::domain::{
    appointment::Outcome,
    automatic::reconcile,
    board::{Card, card},
    fact::AppointmentKind,
    id::Id,
    ratio::Measured,
    shape::Placed,
    stage::Stage,
    window::{Window, holds_on},
};

/// The stages of an open pursuit.
pub const PURSUED: [Stage; 4] = [Stage::FirstAppointment, Stage::Stage25, Stage::Stage50, Stage::Stage90];

/// Whether what happened on a day counts: the agent belonged to the team of the report then.
pub(super) fn counts(members: &[Member], agent: Id, day: NaiveDate) -> bool {
    members.iter().any(|m| m.id == agent && holds_on(&m.spans, day))
}

pub(super) fn ids(members: &[Member]) -> Vec<Id> {
    members.iter().map(|m| m.id).collect()
}

/// Who stood where at the end of a day, by agent.
///
/// # Errors
/// Those of the database.
pub fn positions(
    conn: &mut Conn,
    members: &[Member],
    day: NaiveDate,
) -> Result<Vec<(Id, Stage, i64)>, StoreError> {
    let rows: Vec<(Id, Stage, i64)> = standings::table
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::from_on.le(day))
        .filter(standings::until_on.gt(day))
        .group_by((standings::owner_id, standings::stage))
        .select((standings::owner_id, standings::stage, count_star()))
        .load(conn)?;
    Ok(rows.into_iter().filter(|(agent, ..)| counts(members, *agent, day)).collect())
}

/// The pictures of everybody open at the end of a past day, as they were then, late entries included: what comes next, too,
/// is what was to be foreseen on that day, whoever was handed on, closed or changed teams since. Reads the histories of
/// those that were open: a report about the past may take longer than one about today.
///
/// # Errors
/// Those of the database.
pub fn board_on(
    conn: &mut Conn,
    members: &[Member],
    day: NaiveDate,
) -> Result<Vec<(Id, Id, Stage, Card)>, StoreError> {
    let open: Vec<(Id, Id)> = standings::table
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::from_on.le(day))
        .filter(standings::until_on.gt(day))
        .filter(standings::stage.eq_any(PURSUED))
        .order((standings::owner_id, standings::prospect_id))
        .select((standings::owner_id, standings::prospect_id))
        .load(conn)?;
    let around = environment::of_agents_as_known_on(conn, &ids(members), day)?;
    let owners: BTreeMap<Id, Id> =
        open.iter().filter(|(agent, _)| counts(members, *agent, day)).map(|(a, p)| (*p, *a)).collect();
    let wanted: Vec<Id> = owners.keys().copied().collect();
    let mut board = Vec::new();
    for some in wanted.chunks(sheets::AT_ONCE) {
        let governing = ownerships::governing_as_known_on(conn, some, day)?;
        for (id, known) in history::load_many(conn, some)? {
            let Some(owner) = owners.get(&id) else { continue };
            let of_owner = around.get(owner).map(|around| &around.env);
            let Some(env) = governing.get(&id).or(of_owner) else { continue };
            let Some(then) = known.as_of(day) else { continue };
            let next = reconcile(&then, env, day).next;
            board.push((id, *owner, then.stage(), card(&then, env, day, next)));
        }
    }
    Ok(board)
}

/// The open pursuits at the end of a past day, as entered then and as the rules put them.
///
/// # Errors
/// Those of the database.
pub fn placed_on(
    conn: &mut Conn,
    members: &[Member],
    day: NaiveDate,
) -> Result<Vec<(Id, Placed, i64)>, StoreError> {
    let board = board_on(conn, members, day)?.into_iter();
    Ok(board
        .map(|(_, owner, entered, picture)| {
            let verified = picture.placement(entered, day).unwrap_or(entered);
            (owner, Placed { entered, verified, claimed: picture.claimed }, 1)
        })
        .collect())
}

/// The effective stages at the end of several days, all members together, in one look: for the trend.
///
/// # Errors
/// Those of the database.
pub fn effective_on(
    conn: &mut Conn,
    members: &[Member],
    days: &[NaiveDate],
) -> Result<Vec<Vec<(Stage, i64)>>, StoreError> {
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else { return Ok(Vec::new()) };
    let rows: Vec<(Id, Stage, NaiveDate, NaiveDate, i64)> = standings::table
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::until_on.gt(*first))
        .filter(standings::from_on.le(*last))
        .filter(standings::stage.eq_any([Stage::Stage25, Stage::Stage50, Stage::Stage90]))
        .group_by((standings::owner_id, standings::stage, standings::from_on, standings::until_on))
        .select((
            standings::owner_id,
            standings::stage,
            standings::from_on,
            standings::until_on,
            count_star(),
        ))
        .load(conn)?;
    let on = |day: NaiveDate| {
        rows.iter()
            .filter(|(agent, _, from, until, _)| *from <= day && day < *until && counts(members, *agent, day))
            .map(|(_, stage, _, _, n)| (*stage, *n))
            .collect()
    };
    Ok(days.iter().map(|day| on(*day)).collect())
}

/// The pictures of those of some agents' open pursuits that may need attention by a day, today or later.
///
/// # Errors
/// Those of the database.
pub fn pressing(conn: &mut Conn, agents: &[Id], day: NaiveDate) -> Result<Vec<ProspectRow>, StoreError> {
    Ok(prospects::table
        .filter(prospects::owner_id.eq_any(agents.to_vec()))
        .filter(prospects::attention_on.le(day))
        .filter(prospects::erased_at.is_null())
        .order(prospects::id)
        .select(ProspectRow::as_select())
        .load(conn)?)
}

/// A row of an agent's own board.
#[derive(Clone, Debug)]
pub struct BoardEntry {
    /// The prospect.
    pub row: ProspectRow,
    /// The name; none when it was erased.
    pub name: Option<String>,
    /// The last day on which the agent noted down an activity with it.
    pub last_activity_on: Option<NaiveDate>,
}

impl BoardEntry {
    /// The last day on which it was worked: an activity, or a move.
    pub fn last_worked_on(&self) -> NaiveDate {
        let moved_on = self.row.card.0.entered_on;
        self.last_activity_on.map_or(moved_on, |day| day.max(moved_on))
    }
}

/// Everything an agent's day is made of, in one statement: the open pursuits and the opportunities, in order of id.
///
/// # Errors
/// Those of the database.
pub fn own_board(conn: &mut Conn, agent: Id) -> Result<Vec<BoardEntry>, StoreError> {
    let stages = [&PURSUED[..], &[Stage::Opportunity]].concat();
    let last_activity = activities::table
        .filter(activities::prospect_id.eq(prospects::id.nullable()))
        .filter(activities::agent_id.eq(agent))
        .filter(activities::withdrawn_at.is_null())
        .select(diesel::dsl::max(activities::occurred_on));
    let rows: Vec<(ProspectRow, Option<String>, Option<NaiveDate>)> = prospects::table
        .left_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
        .filter(prospects::owner_id.eq(agent))
        .filter(prospects::stage.eq_any(stages))
        .filter(prospects::erased_at.is_null())
        .order(prospects::id)
        .select((ProspectRow::as_select(), prospect_people::name.nullable(), last_activity.single_value()))
        .load(conn)?;
    let entry = |(row, name, last_activity_on)| BoardEntry { row, name, last_activity_on };
    Ok(rows.into_iter().map(entry).collect())
}

/// The intervals of all stages that began by the end of a period and ended in or after it, in order.
///
/// # Errors
/// Those of the database.
pub fn lives(conn: &mut Conn, members: &[Member], window: Window) -> Result<Vec<StandingRow>, StoreError> {
    Ok(standings::table
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::until_on.ge(window.from))
        .filter(standings::from_on.le(window.to))
        .order((standings::prospect_id, standings::position))
        .select(StandingRow::as_select())
        .load(conn)?)
}

/// Everything measured in a period, by agent (method section 7).
///
/// # Errors
/// Those of the database.
pub fn measured(
    conn: &mut Conn,
    members: &[Member],
    window: Window,
) -> Result<BTreeMap<Id, Measured>, StoreError> {
    let mut by_agent: BTreeMap<Id, Measured> = members.iter().map(|m| (m.id, Measured::default())).collect();
    let done = doings::load(conn, members, window, window)?;
    for (agent, counted) in done.day_counts(members) {
        by_agent.entry(agent).or_default().counts = counted;
    }
    for (agent, e) in done.entered() {
        let m = by_agent.entry(agent).or_default();
        (m.new_contacts, m.developed) = (e.new_contacts, e.first_appointment);
        (m.entered_25, m.entered_50, m.entered_90) = (e.stage_25, e.stage_50, e.stage_90);
        m.closed = e.closed;
    }
    for (agent, deferrals, n) in held(conn, members, window)? {
        let m = by_agent.entry(agent).or_default();
        if deferrals == 0 {
            m.held_new += n;
        } else {
            m.held_deferred += n;
        }
    }
    for (agent, kind, sum, n) in flows(conn, members, window)? {
        let m = by_agent.entry(agent).or_default();
        match kind {
            SaleFlow::Signed => m.signed += n,
            SaleFlow::Advance => m.advance_premium_minor += sum,
            SaleFlow::Standard => {
                m.standard_premium_minor += sum;
                m.policies += n;
            }
        }
    }
    Ok(by_agent)
}

/// First appointments held, by how often they had been put off.
fn held(conn: &mut Conn, members: &[Member], window: Window) -> Result<Vec<(Id, i32, i64)>, StoreError> {
    let rows: Vec<(Id, NaiveDate, i32, i64)> = appointments::table
        .filter(appointments::owner_id.eq_any(ids(members)))
        .filter(appointments::day.between(window.from, window.to))
        .filter(appointments::kind.eq(AppointmentKind::First))
        .filter(appointments::outcome.eq(Outcome::Held))
        .group_by((appointments::owner_id, appointments::day, appointments::deferrals))
        .select((appointments::owner_id, appointments::day, appointments::deferrals, count_star()))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter(|(agent, day, ..)| counts(members, *agent, *day))
        .map(|(agent, _, deferrals, n)| (agent, deferrals, n))
        .collect())
}

fn flows(
    conn: &mut Conn,
    members: &[Member],
    window: Window,
) -> Result<Vec<(Id, SaleFlow, i64, i64)>, StoreError> {
    let rows: Vec<(Id, NaiveDate, SaleFlow, i64)> = sale_flows::table
        .filter(sale_flows::owner_id.eq_any(ids(members)))
        .filter(sale_flows::day.between(window.from, window.to))
        .select((sale_flows::owner_id, sale_flows::day, sale_flows::kind, sale_flows::amount_minor))
        .load(conn)?;
    Ok(rows
        .into_iter()
        .filter(|(agent, day, ..)| counts(members, *agent, *day))
        .map(|(agent, _, kind, minor)| (agent, kind, minor, 1))
        .collect())
}

/// First day in the service of some users.
///
/// # Errors
/// Those of the database.
pub fn joined_on(conn: &mut Conn, agents: &[Id]) -> Result<BTreeMap<Id, NaiveDate>, StoreError> {
    let rows: Vec<(Id, Option<NaiveDate>)> = memberships::table
        .filter(memberships::user_id.eq_any(agents.to_vec()))
        .group_by(memberships::user_id)
        .select((memberships::user_id, diesel::dsl::min(memberships::valid_from)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(id, day)| Some((id, day?))).collect())
}
