//! Writing down what is due: before a read or a write that needs it, and in sweeps.
//!
//! A row's `next_review_on` says from which day on its picture must be derived again. An agent's closings come first,
//! because the cycle that all other due dates compare with follows from them (decision 0001): those of the agent's own
//! prospects, and those of sales that were signed under the agent and belong to somebody else by now.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{agent_context, locks, stage_writes::settle_one};
use crate::{
    clock::Occasion,
    domain::{
        method::stage::Stage, organisation::actor::Scope, prospects::transition::RecordKind, values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::schema::{memberships, ownerships, prospects, teams},
        organisation::scope::{self, members_below},
        prospects::prospect_row::ProspectRow,
    },
};
use aliases::{stays, team_of};

/// What a sweep wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SweepReport {
    /// Prospects looked at.
    pub prospects: usize,
    /// Automatic moves written down.
    pub moves: usize,
}

impl SweepReport {
    /// Counts another sweep in.
    pub fn add(&mut self, other: SweepReport) {
        self.prospects += other.prospects;
        self.moves += other.moves;
    }
}

/// The furthest that "today" can be in any time zone.
fn latest_today(business_now: DateTime<Utc>) -> NaiveDate {
    let utc = business_now.date_naive();
    utc.checked_add_days(Days::new(1)).unwrap_or(utc)
}

/// The earliest due date in a time zone.
type Earliest = (String, Option<NaiveDate>);

fn reached(earliest: &[Earliest], business_now: DateTime<Utc>) -> bool {
    let today = |zone: Tz| business_now.with_timezone(&zone).date_naive();
    earliest.iter().any(|(zone, day)| {
        // Where the zone is not known the earliest counts: to look once too often does no harm.
        let zone: Option<Tz> = zone.parse().ok();
        day.is_some_and(|day| zone.is_none_or(|zone| day <= today(zone)))
    })
}

mod aliases {
    #![allow(missing_docs)]
    use super::{memberships, teams};
    diesel::alias!(memberships as stays: Stays, teams as team_of: TeamOf);
}

/// Whether something is due in a scope, each due date by the owner's own time zone: one look at an index, owner by owner,
/// and one at what was signed under them and handed on.
///
/// # Errors
/// Those of the database.
pub fn is_due(conn: &mut Conn, scope: &Scope, business_now: DateTime<Utc>) -> Result<bool, StoreError> {
    let latest = latest_today(business_now);
    // From the people to their prospects: what is due elsewhere in the organisation is not even passed over.
    let owned = memberships::table
        .inner_join(teams::table)
        .inner_join(prospects::table.on(prospects::owner_id.eq(memberships::user_id)))
        .filter(memberships::valid_to.is_null())
        .filter(prospects::next_review_on.le(latest))
        .filter(prospects::erased_at.is_null())
        .group_by(teams::time_zone)
        .select((teams::time_zone, diesel::dsl::min(prospects::next_review_on)));
    let earliest: Vec<Earliest> = match scope {
        Scope::Own { user_id } => owned.filter(memberships::user_id.eq(*user_id)).load(conn)?,
        Scope::Subtree { team_path, .. } => {
            owned.filter(teams::path.like(format!("{team_path}%"))).load(conn)?
        }
    };
    if reached(&earliest, business_now) {
        return Ok(true);
    }
    let handed_on = ownerships::table
        .inner_join(prospects::table.on(prospects::id.eq(ownerships::prospect_id)))
        .inner_join(stays.on(stays.field(memberships::user_id).eq(prospects::owner_id)))
        .inner_join(team_of.on(team_of.field(teams::id).eq(stays.field(memberships::team_id))))
        .filter(stays.field(memberships::valid_to).is_null())
        .filter(prospects::stage.eq(Stage::Stage90))
        .filter(prospects::next_review_on.le(latest))
        .group_by(team_of.field(teams::time_zone))
        .select((team_of.field(teams::time_zone), diesel::dsl::min(prospects::next_review_on)));
    let earliest: Vec<Earliest> = match scope {
        Scope::Own { user_id } => handed_on.filter(ownerships::from_agent_id.eq(*user_id)).load(conn)?,
        Scope::Subtree { team_path, .. } => {
            handed_on.filter(ownerships::from_agent_id.eq_any(members_below(team_path))).load(conn)?
        }
    };
    Ok(reached(&earliest, business_now))
}

/// The owners in a scope, or everywhere, of what is due whatever the time zone; and of what was signed under somebody in
/// the scope.
///
/// # Errors
/// Those of the database.
pub fn due_owners(
    conn: &mut Conn,
    scope: Option<&Scope>,
    business_now: DateTime<Utc>,
) -> Result<Vec<Id>, StoreError> {
    let due = || {
        prospects::table
            .filter(prospects::next_review_on.le(latest_today(business_now)))
            .filter(prospects::erased_at.is_null())
            .select(prospects::owner_id)
            .distinct()
            .into_boxed()
    };
    let mut owners: BTreeSet<Id> = match scope {
        Some(scope) => due().filter(scope::owned(scope)).load(conn)?.into_iter().collect(),
        None => due().load(conn)?.into_iter().collect(),
    };
    let handed_on = ownerships::table.select(ownerships::prospect_id);
    let sales = due().filter(prospects::stage.eq(Stage::Stage90));
    match scope {
        Some(Scope::Own { user_id }) => {
            let theirs = handed_on.filter(ownerships::from_agent_id.eq(*user_id));
            owners.extend(sales.filter(prospects::id.eq_any(theirs)).load::<Id>(conn)?);
        }
        Some(Scope::Subtree { team_path, .. }) => {
            let theirs = handed_on.filter(ownerships::from_agent_id.eq_any(members_below(team_path)));
            owners.extend(sales.filter(prospects::id.eq_any(theirs)).load::<Id>(conn)?);
        }
        None => {}
    }
    Ok(owners.into_iter().collect())
}

/// Holds an agent, and whoever else the agent's due moves concern, and writes down everything that is due for the agent.
/// The first thing that a transaction does: nothing may have been written before.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn settle(conn: &mut Conn, agent_id: Id, occasion: &Occasion) -> Result<SweepReport, StoreError> {
    hold_to_settle(conn, &[agent_id], BTreeSet::new())?;
    settle_held(conn, &[agent_id], occasion)
}

/// Holds everybody and writes down everything that is due: where nobody else is at work, as in a database that is being
/// filled. A service sweeps agent by agent (`commands::due`).
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn settle_everybody(conn: &mut Conn, occasion: &Occasion) -> Result<SweepReport, StoreError> {
    locks::hold_everybody_below(conn, None, &[])?;
    let mut all = SweepReport::default();
    loop {
        let owners = due_owners(conn, None, occasion.business_now)?;
        let round = settle_held(conn, &owners, occasion)?;
        all.add(round);
        if round.prospects == 0 {
            return Ok(all);
        }
    }
}

/// Holds everybody whom the due moves of some agents concern, and `others`.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub(in crate::store) fn hold_to_settle(
    conn: &mut Conn,
    agents: &[Id],
    others: BTreeSet<Id>,
) -> Result<locks::Held, StoreError> {
    let mut wanted = others;
    loop {
        for agent in agents {
            wanted.extend(locks::to_settle(conn, *agent)?);
        }
        let held = locks::hold(conn, wanted.clone())?;
        // A transfer may have been faster than the lock.
        let mut present = BTreeSet::new();
        for agent in agents {
            present.extend(locks::to_settle(conn, *agent)?);
        }
        if held.covers(&present) {
            return Ok(held);
        }
        wanted.extend(present);
        locks::start_again(conn)?;
    }
}

/// What of the agents' due moves is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Closings: the cycles that everything else is judged by follow from them.
    Closings,
    /// Everything.
    All,
}

/// Writes down everything that is due for some agents, for whom everybody concerned is held. A closing may make more fall
/// due, so it goes on until nothing is.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn settle_held(
    conn: &mut Conn,
    agents: &[Id],
    occasion: &Occasion,
) -> Result<SweepReport, StoreError> {
    let mut report = SweepReport::default();
    loop {
        let mut round = SweepReport::default();
        for which in [Which::Closings, Which::All] {
            for agent in agents {
                round.add(settle_some(conn, *agent, which, occasion)?);
            }
        }
        report.add(round);
        if round.prospects == 0 {
            return Ok(report);
        }
    }
}

/// Each row by its owner's own date: what is not due there yet stays.
fn settle_some(
    conn: &mut Conn,
    agent_id: Id,
    which: Which,
    occasion: &Occasion,
) -> Result<SweepReport, StoreError> {
    let mut report = SweepReport::default();
    let rows = due_rows(conn, agent_id, which, occasion.business_now)?;
    let owners: BTreeSet<Id> = rows.iter().map(|row| row.owner_id).collect();
    if owners.is_empty() {
        return Ok(report);
    }
    let context = agent_context::of_agents(conn, &owners.into_iter().collect::<Vec<Id>>())?;
    for row in rows {
        let present = context.get(&row.owner_id).ok_or(StoreError::NotFound)?;
        if row.next_review_on.is_some_and(|day| day <= occasion.today(present.time_zone)) {
            let decided = settle_one(conn, row, present, occasion)?;
            report.prospects += 1;
            report.moves += decided.transitions.iter().filter(|t| t.kind == RecordKind::Move).count();
        }
    }
    Ok(report)
}

fn due_rows(
    conn: &mut Conn,
    agent_id: Id,
    which: Which,
    business_now: DateTime<Utc>,
) -> Result<Vec<ProspectRow>, StoreError> {
    let due = prospects::table
        .filter(prospects::next_review_on.le(latest_today(business_now)))
        .filter(prospects::erased_at.is_null())
        .order((prospects::next_review_on, prospects::id))
        .select(ProspectRow::as_select());
    if which == Which::All {
        return Ok(due.filter(prospects::owner_id.eq(agent_id)).load(conn)?);
    }
    let handed_on =
        ownerships::table.filter(ownerships::from_agent_id.eq(agent_id)).select(ownerships::prospect_id);
    let signed_under = prospects::owner_id.eq(agent_id).or(prospects::id.eq_any(handed_on));
    Ok(due.filter(prospects::stage.eq(Stage::Stage90)).filter(signed_under).load(conn)?)
}
