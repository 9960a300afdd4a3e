//! Writing down what is due: before a read or a write that needs it, and in sweeps.
//!
//! A row's `next_review_on` says from which day on its picture must be derived again. An agent's closings come
//! first, because the cycle that all other due dates compare with follows from them (decision 0001).

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{
    Conn, StoreError, environment,
    ledger::{Occasion, ProspectRow, lock_owner, settle_one},
    ownerships::{lock_owners, lock_owners_and_team},
    schema::{memberships, ownerships, prospects, teams, transitions},
    scope::{self, mates, own_team},
};
use crate::domain::{
    actor::Scope,
    id::Id,
    stage::Stage,
    transition::{Path, RecordKind},
};

/// What a catch-up wrote.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Caught {
    /// Prospects looked at.
    pub prospects: usize,
    /// Automatic moves written down.
    pub moves: usize,
}

impl Caught {
    /// Counts another catch-up in.
    pub fn add(&mut self, other: Caught) {
        self.prospects += other.prospects;
        self.moves += other.moves;
    }
}

/// The furthest that "today" can be in any time zone.
fn latest_today(business_now: DateTime<Utc>) -> NaiveDate {
    let utc = business_now.date_naive();
    utc.checked_add_days(Days::new(1)).unwrap_or(utc)
}

/// Whose due moves are looked for.
enum Whose<'a> {
    Near(&'a Scope),
    Owner(Id),
}

/// Whether something is due in a scope (or on team-mates, on whose closings a cycle may rest), each due date by the
/// owner's own time zone: one look at an index, owner by owner.
///
/// # Errors
/// Those of the database.
pub fn is_due(conn: &mut Conn, scope: &Scope, business_now: DateTime<Utc>) -> Result<bool, StoreError> {
    any_due(conn, Whose::Near(scope), business_now)
}

fn any_due(conn: &mut Conn, whose: Whose<'_>, business_now: DateTime<Utc>) -> Result<bool, StoreError> {
    // From the people to their prospects: what is due elsewhere in the organisation is not even passed over.
    let people = memberships::table
        .inner_join(teams::table)
        .inner_join(prospects::table.on(prospects::owner_id.eq(memberships::user_id)))
        .filter(memberships::valid_to.is_null())
        .filter(prospects::next_review_on.le(latest_today(business_now)))
        .filter(prospects::erased_at.is_null())
        .group_by(teams::time_zone)
        .select((teams::time_zone, diesel::dsl::min(prospects::next_review_on)));
    let earliest: Vec<(String, Option<NaiveDate>)> = match whose {
        Whose::Owner(id) => people.filter(memberships::user_id.eq(id)).load(conn)?,
        Whose::Near(Scope::Own { user_id }) => {
            people.filter(memberships::team_id.eq_any(own_team!(*user_id))).load(conn)?
        }
        Whose::Near(Scope::Subtree { team_path, .. }) => {
            people.filter(teams::path.like(format!("{team_path}%"))).load(conn)?
        }
    };
    // Where the zone is not known the earliest counts: to look once too often does no harm.
    let today = |zone: Tz| business_now.with_timezone(&zone).date_naive();
    let reached = |(zone, day): &(String, Option<NaiveDate>)| {
        let zone: Option<Tz> = zone.parse().ok();
        day.is_some_and(|day| zone.is_none_or(|zone| day <= today(zone)))
    };
    Ok(earliest.iter().any(reached))
}

/// The owners in a scope (and their team-mates) with something due, whatever the time zone.
///
/// # Errors
/// Those of the database.
pub fn due_owners(
    conn: &mut Conn,
    scope: Option<&Scope>,
    business_now: DateTime<Utc>,
) -> Result<Vec<Id>, StoreError> {
    let mut query = prospects::table
        .filter(prospects::next_review_on.le(latest_today(business_now)))
        .filter(prospects::erased_at.is_null())
        .select(prospects::owner_id)
        .distinct()
        .order(prospects::owner_id)
        .into_boxed();
    if let Some(scope) = scope {
        query = query.filter(scope::near(scope));
    }
    Ok(query.load(conn)?)
}

/// What of an agent's due moves is written down.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Closings: the cycles that everything else is judged by follow from them.
    Closings,
    /// Everything.
    All,
}

/// Writes down everything that is due for one agent, whose row the caller has locked.
///
/// # Errors
/// Those of the database.
pub fn settle_owner(conn: &mut Conn, owner_id: Id, occasion: &Occasion) -> Result<Caught, StoreError> {
    settle_owners(conn, &[owner_id], occasion)
}

/// The same for several agents: everybody's closings first, because a mate's closing may be somebody's cycle.
fn settle_owners(conn: &mut Conn, owners: &[Id], occasion: &Occasion) -> Result<Caught, StoreError> {
    let mut caught = Caught::default();
    for which in [Which::Closings, Which::All] {
        for owner in owners {
            caught.add(settle_some(conn, *owner, which, occasion)?);
        }
    }
    Ok(caught)
}

fn settle_some(
    conn: &mut Conn,
    owner_id: Id,
    which: Which,
    occasion: &Occasion,
) -> Result<Caught, StoreError> {
    let mut caught = Caught::default();
    if !any_due(conn, Whose::Owner(owner_id), occasion.business_now)? {
        return Ok(caught);
    }
    let around = environment::of_agent(conn, owner_id)?;
    let today = occasion.today(around.time_zone);
    for row in due_rows(conn, owner_id, today)? {
        if which == Which::Closings && row.stage != Stage::Stage90 {
            continue;
        }
        let decided = settle_one(conn, row, &around, occasion)?;
        caught.prospects += 1;
        caught.moves += decided.transitions.iter().filter(|t| t.kind == RecordKind::Move).count();
    }
    Ok(caught)
}

fn due_rows(conn: &mut Conn, owner_id: Id, today: NaiveDate) -> Result<Vec<ProspectRow>, StoreError> {
    Ok(prospects::table
        .filter(prospects::owner_id.eq(owner_id))
        .filter(prospects::next_review_on.le(today))
        .filter(prospects::erased_at.is_null())
        .order((prospects::next_review_on, prospects::id))
        .select(ProspectRow::as_select())
        .load(conn)?)
}

/// Locks an agent and writes down what is due.
///
/// # Errors
/// Those of the database.
pub fn sweep_owner(conn: &mut Conn, owner_id: Id, occasion: &Occasion) -> Result<Caught, StoreError> {
    lock_owner(conn, owner_id)?;
    settle_owner(conn, owner_id, occasion)
}

/// Writes down what is due in a scope, or everywhere. Owners are taken in one order by everybody, closings may
/// make more fall due, so it goes on until nothing is.
///
/// # Errors
/// Those of the database.
pub fn sweep(conn: &mut Conn, scope: Option<&Scope>, occasion: &Occasion) -> Result<Caught, StoreError> {
    let mut caught = Caught::default();
    loop {
        let due = due_owners(conn, scope, occasion.business_now)?;
        // All of them at once: whoever holds several teams takes them in the same order.
        lock_owners(conn, &due)?;
        let round = settle_owners(conn, &due, occasion)?;
        caught.add(round);
        if round.prospects == 0 {
            return Ok(caught);
        }
    }
}

/// Marks an agent's open prospects to be derived again: the cycle has changed.
///
/// # Errors
/// Those of the database.
pub fn review_agent(conn: &mut Conn, agent_id: Id, today: NaiveDate) -> Result<(), StoreError> {
    review_of(conn, vec![agent_id], today)
}

/// Holds the writes of everybody whose cycle may change when somebody moves to another team, and writes down what is due
/// there: what has come to pass by now was judged by the teams of now, and a closing that nobody has looked at yet would
/// later have to be looked for among former mates.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn hold_for_move(
    conn: &mut Conn,
    user_id: Id,
    to_team: Id,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let present = memberships::table.filter(memberships::valid_to.is_null());
    let mut concerned = mates_of(conn, vec![user_id])?;
    let theirs = present.filter(memberships::team_id.eq(to_team)).select(memberships::user_id);
    concerned.extend(theirs.load::<Id>(conn)?);
    lock_owners_and_team(conn, &concerned, Some(to_team))?;
    settle_all(conn, &concerned, occasion)
}

/// Has everything derived again that may rest on the cycle of somebody who belongs to one of two teams on or after a day:
/// somebody moved from one to the other on that day. A fallback dated on it or later is looked at again as well, because
/// another cycle governed its day than was known then.
///
/// # Errors
/// Those of the database.
pub fn review_move(
    conn: &mut Conn,
    teams: [Id; 2],
    since: NaiveDate,
    today: NaiveDate,
) -> Result<(), StoreError> {
    let members: Vec<Id> = memberships::table
        .filter(memberships::team_id.eq_any(teams))
        .filter(memberships::valid_to.is_null().or(memberships::valid_to.gt(since)))
        .select(memberships::user_id)
        .load(conn)?;
    review_fallen(conn, members.clone(), since, today)?;
    review_of(conn, members, today)
}

/// Marks those of some agents whom an automatic move has sent back on a day or later.
fn review_fallen(
    conn: &mut Conn,
    agents: Vec<Id>,
    since: NaiveDate,
    today: NaiveDate,
) -> Result<(), StoreError> {
    let fell_since = transitions::table
        .filter(transitions::occurred_on.ge(since))
        .filter(transitions::path.eq(Path::Automatic))
        .filter(transitions::to_stage.eq(Stage::Opportunity))
        .select(transitions::prospect_id);
    let fallen = prospects::table
        .filter(prospects::owner_id.eq_any(agents))
        .filter(prospects::stage.eq(Stage::Opportunity))
        .filter(prospects::id.eq_any(fell_since));
    diesel::update(fallen).set(prospects::next_review_on.eq(Some(today))).execute(conn)?;
    Ok(())
}

/// Marks the open prospects of some agents and of everybody who ever shared a team with them to be derived again: whoever
/// has no deals goes by the mean of those who were in the team on the day, also on days that are past. Whoever fell back
/// on the day from which the cycle changes or later is looked at too: the closing may have been found after that.
pub(super) fn review_mates(
    conn: &mut Conn,
    agents: Vec<Id>,
    since: NaiveDate,
    today: NaiveDate,
) -> Result<(), StoreError> {
    if agents.is_empty() {
        return Ok(());
    }
    let (own_from, own_to) = (mates.field(memberships::valid_from), mates.field(memberships::valid_to));
    let together: Vec<Id> = memberships::table
        .inner_join(mates.on(mates.field(memberships::team_id).eq(memberships::team_id)))
        .filter(mates.field(memberships::user_id).eq_any(agents))
        .filter(memberships::valid_to.is_null().or(memberships::valid_to.gt(own_from.nullable())))
        .filter(own_to.is_null().or(own_to.gt(memberships::valid_from.nullable())))
        .select(memberships::user_id)
        .distinct()
        .load(conn)?;
    review_fallen(conn, together.clone(), since, today)?;
    review_of(conn, together, today)
}

/// Everybody in the teams to which some agents belong.
fn mates_of(conn: &mut Conn, agents: Vec<Id>) -> Result<Vec<Id>, StoreError> {
    let own_teams: Vec<Id> = memberships::table
        .filter(memberships::user_id.eq_any(agents))
        .filter(memberships::valid_to.is_null())
        .select(memberships::team_id)
        .load(conn)?;
    Ok(memberships::table
        .filter(memberships::team_id.eq_any(own_teams))
        .filter(memberships::valid_to.is_null())
        .order(memberships::user_id)
        .select(memberships::user_id)
        .load(conn)?)
}

/// Marks the open prospects of some agents, and those that were theirs once: the days of then keep their cycle.
fn review_of(conn: &mut Conn, agents: Vec<Id>, today: NaiveDate) -> Result<(), StoreError> {
    let owned = prospects::table
        .filter(prospects::owner_id.eq_any(agents.clone()))
        .filter(prospects::stage.eq_any(PURSUED));
    diesel::update(owned).set(prospects::next_review_on.eq(Some(today))).execute(conn)?;
    let left =
        ownerships::table.filter(ownerships::from_agent_id.eq_any(agents)).select(ownerships::prospect_id);
    let once_owned =
        prospects::table.filter(prospects::id.eq_any(left)).filter(prospects::stage.eq_any(PURSUED));
    diesel::update(once_owned).set(prospects::next_review_on.eq(Some(today))).execute(conn)?;
    Ok(())
}

/// Holds the writes of the teams of some agents, and writes down everything that is due there.
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub(super) fn hold_teams(conn: &mut Conn, agents: Vec<Id>, occasion: &Occasion) -> Result<(), StoreError> {
    let members = mates_of(conn, agents)?;
    lock_owners(conn, &members)?;
    settle_all(conn, &members, occasion)
}

/// Writes down everything that is due for some agents, whose teams are locked.
fn settle_all(conn: &mut Conn, agents: &[Id], occasion: &Occasion) -> Result<(), StoreError> {
    loop {
        let mut due: Vec<Id> = prospects::table
            .filter(prospects::owner_id.eq_any(agents.to_vec()))
            .filter(prospects::next_review_on.le(latest_today(occasion.business_now)))
            .filter(prospects::erased_at.is_null())
            .select(prospects::owner_id)
            .load(conn)?;
        due.sort_unstable();
        due.dedup();
        let round = settle_owners(conn, &due, occasion)?;
        if round.prospects == 0 {
            return Ok(());
        }
    }
}

/// Marks every open prospect below a team, or everywhere, to be derived again: settings have changed.
///
/// # Errors
/// Those of the database.
pub fn review_below(conn: &mut Conn, team_path: Option<&str>, today: NaiveDate) -> Result<(), StoreError> {
    let open = prospects::stage.eq_any(PURSUED);
    match team_path {
        Some(path) => diesel::update(
            prospects::table.filter(prospects::owner_id.eq_any(scope::members_below(path))).filter(open),
        )
        .set(prospects::next_review_on.eq(Some(today)))
        .execute(conn)?,
        None => diesel::update(prospects::table.filter(open))
            .set(prospects::next_review_on.eq(Some(today)))
            .execute(conn)?,
    };
    Ok(())
}

const PURSUED: [Stage; 4] = [Stage::FirstAppointment, Stage::Stage25, Stage::Stage50, Stage::Stage90];
