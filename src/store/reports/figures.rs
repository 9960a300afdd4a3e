//! The counts behind the reports, by agent and day; the arithmetic of the last step is the domain's.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::{
    dsl::count_star,
    prelude::*,
    sql_types::{BigInt, Integer, Nullable, Text},
};

use super::{
    activity_counts,
    members::{Member, counts, ids},
    sheets,
};
use crate::{
    both,
    domain::{
        method::{automatic::reconcile, stage::Stage},
        prospects::{appointment::Outcome, fact::AppointmentKind},
        reports::{
            board::{Card, card},
            ratio::Measured,
            velocity::Stay,
        },
        values::{id::Id, window::Window},
    },
    store::{
        Conn, StoreError,
        db::schema::{activities, appointments, prospect_people, prospects, sale_flows, standings},
        ledger::{agent_context, history, projections::SaleFlow},
        prospects::{ownerships, prospect_row::ProspectRow},
    },
};
use aliases::left;

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
        .filter(standings::stage.eq_any(Stage::PURSUED))
        .order((standings::owner_id, standings::prospect_id))
        .select((standings::owner_id, standings::prospect_id))
        .load(conn)?;
    let context = agent_context::of_agents_as_known_on(conn, &ids(members), day)?;
    let owners: BTreeMap<Id, Id> =
        open.iter().filter(|(agent, _)| counts(members, *agent, day)).map(|(a, p)| (*p, *a)).collect();
    let wanted: Vec<Id> = owners.keys().copied().collect();
    let mut board = Vec::new();
    for some in wanted.chunks(sheets::AT_ONCE) {
        let governing = ownerships::governing_as_known_on(conn, some, day)?;
        for (id, known) in history::load_many(conn, some)? {
            let Some(owner) = owners.get(&id) else { continue };
            let of_owner = context.get(owner).map(|context| &context.env);
            let Some(env) = governing.get(&id).or(of_owner) else { continue };
            let Some(then) = known.as_of(day) else { continue };
            let next = reconcile(&then, env, day).next;
            board.push((id, *owner, then.stage(), card(&then, env, day, next)));
        }
    }
    Ok(board)
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
    let stages = [&Stage::PURSUED[..], &[Stage::Opportunity]].concat();
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

mod aliases {
    #![allow(missing_docs)]
    use super::standings;
    diesel::alias!(standings as left: Left);
}

/// The stays that ended in a period. An ending is the owner's of its own day and belongs to that day's team, whoever owned
/// the prospect when the stay began (method section 11).
///
/// # Errors
/// Those of the database.
pub fn ended_stays(conn: &mut Conn, members: &[Member], window: Window) -> Result<Vec<Stay>, StoreError> {
    let left_by = left
        .field(standings::prospect_id)
        .eq(standings::prospect_id)
        .and(left.field(standings::position).eq(standings::position - 1));
    let rows: Vec<(Id, NaiveDate, Stage, NaiveDate, Stage)> = standings::table
        .inner_join(left.on(left_by))
        .filter(standings::owner_id.eq_any(ids(members)))
        .filter(standings::from_on.between(window.from, window.to))
        .filter(standings::is_entry.eq(true))
        .select((
            standings::owner_id,
            standings::from_on,
            standings::stage,
            left.field(standings::entered_on),
            left.field(standings::stage),
        ))
        .load(conn)?;
    let ended = rows.into_iter().filter(|(agent, on, ..)| counts(members, *agent, *on));
    Ok(ended
        .map(|(_, left_on, to, entered_on, stage)| Stay {
            stage,
            entered_on,
            left_on: Some(left_on),
            to: Some(to),
        })
        .collect())
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
    let done = activity_counts::load(conn, members, window, window)?;
    for (agent, counted) in done.day_counts(members) {
        by_agent.entry(agent).or_default().counts = counted;
    }
    for (agent, e) in done.entered() {
        let m = by_agent.entry(agent).or_default();
        (m.new_contacts, m.developed) = (e.new_contacts, e.first_appointment);
        (m.entered_25, m.entered_50, m.entered_90) = (e.stage_25, e.stage_50, e.stage_90);
        m.closed = e.closed;
    }
    for met in meetings_and_sales(conn, members, window)? {
        let m = by_agent.entry(met.0).or_default();
        match met.1 {
            Counted::Held { deferrals: 0, n } => m.held_new += n,
            Counted::Held { n, .. } => m.held_deferred += n,
            Counted::Sale(SaleFlow::Met, _) => m.held_new += 1,
            Counted::Sale(SaleFlow::Signed, _) => m.signed += 1,
            Counted::Sale(SaleFlow::Advance, minor) => m.advance_premium_minor += minor,
            Counted::Sale(SaleFlow::Standard, minor) => {
                m.standard_premium_minor += minor;
                m.policies += 1;
            }
        }
    }
    Ok(by_agent)
}

/// What was counted on a day.
enum Counted {
    /// First appointments held, by how often they had been put off.
    Held { deferrals: i32, n: i64 },
    /// A meeting without appointment, a signature, or a premium, minor units.
    Sale(SaleFlow, i64),
}

/// First appointments held, and what the sales brought, in one statement.
fn meetings_and_sales(
    conn: &mut Conn,
    members: &[Member],
    window: Window,
) -> Result<Vec<(Id, Counted)>, StoreError> {
    type Row = (Id, NaiveDate, Option<SaleFlow>, i32, i64);
    let held = appointments::table
        .filter(appointments::owner_id.eq_any(ids(members)))
        .filter(appointments::day.between(window.from, window.to))
        .filter(appointments::kind.eq(AppointmentKind::First))
        .filter(appointments::outcome.eq(Outcome::Held))
        // A meeting is told by the person and its start: entered again it is the same one (method section 4).
        .group_by((
            appointments::owner_id,
            appointments::day,
            appointments::prospect_id,
            appointments::starts_at,
        ))
        .select((
            appointments::owner_id,
            appointments::day,
            None::<SaleFlow>.into_sql::<Nullable<Text>>(),
            diesel::dsl::max(appointments::deferrals).assume_not_null(),
            1_i64.into_sql::<BigInt>(),
        ));
    let sold = sale_flows::table
        .filter(sale_flows::owner_id.eq_any(ids(members)))
        .filter(sale_flows::day.between(window.from, window.to))
        .select((
            sale_flows::owner_id,
            sale_flows::day,
            sale_flows::kind.nullable(),
            0_i32.into_sql::<Integer>(),
            sale_flows::amount_minor,
        ));
    let rows: Vec<Row> = both!(conn, c => held.union_all(sold).load(c)?);
    let counted = |(agent, _, kind, deferrals, n): Row| {
        let what = kind.map_or(Counted::Held { deferrals, n }, |kind| Counted::Sale(kind, n));
        (agent, what)
    };
    Ok(rows.into_iter().filter(|row| counts(members, row.0, row.1)).map(counted).collect())
}
