//! The roster as a machine keeps it (method section 11): agents only, never a role, a password, or the team above all others.

use chrono::NaiveDate;

use super::{
    refused::Refused,
    users::{insert, moved, update},
};
use crate::{
    clock::Occasion,
    domain::{
        organisation::{
            actor::Role,
            service_client::Machine,
            user::{AgentCode, NO_PASSWORD, Status},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        organisation::{
            memberships,
            teams::{self, Team},
            users::{self, NewUser, User},
        },
    },
};

/// What a machine says of an agent.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The agent's code.
    pub code: AgentCode,
    /// The name to show.
    pub display_name: String,
    /// The team.
    pub team_id: Id,
    /// First day in it.
    pub member_from: NaiveDate,
    /// Last day of the agent, once it has come.
    pub left_on: Option<NaiveDate>,
}

/// The agent as the roster has it now, and whether it was put there by this.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The agent.
    pub user: User,
    /// Whether it is new.
    pub is_new: bool,
}

/// Puts an agent on the roster, disabled until a supervisor sets a password; or changes name and team of one who is there, and
/// disables one who has left. The same said twice changes nothing.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn keep(conn: &mut Conn, machine: &Machine, occasion: &Occasion, entry: Entry) -> Result<Kept, Refused> {
    let above_all = teams::above_all(conn)?;
    let team = teams::by_id(conn, entry.team_id).map_err(|error| match error {
        StoreError::NotFound => Refused::UnknownTeam,
        other => Refused::Store(other),
    })?;
    if above_all == Some(team.id) {
        return Err(Refused::UnknownTeam);
    }
    let zone =
        team.time_zone.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
    let today = occasion.today(zone);
    if entry.member_from > today {
        return Err(Refused::InTheFuture);
    }
    if entry.left_on.is_some_and(|day| day > today) {
        return Err(Refused::LeavesInTheFuture);
    }
    match users::by_code(conn, &entry.code)? {
        None => {
            add(conn, machine, occasion, (&entry, &team))?;
            let user = users::by_code(conn, &entry.code)?.ok_or(StoreError::NotFound)?;
            Ok(Kept { user, is_new: true })
        }
        Some(user) if user.role == Role::Supervisor || above_all == Some(user.team_id) => {
            Err(Refused::NotKeptByMachines)
        }
        Some(user) => {
            let user = change(conn, machine, occasion, (&user, &entry), (&team, today))?;
            Ok(Kept { user, is_new: false })
        }
    }
}

fn add(
    conn: &mut Conn,
    machine: &Machine,
    occasion: &Occasion,
    (entry, team): (&Entry, &Team),
) -> Result<(), Refused> {
    let username = entry.code.as_username().map_err(|_| Refused::NotKeptByMachines)?;
    // Somebody else signs in with that name: whoever it is.
    if users::account(conn, &username)?.is_some() {
        return Err(Refused::NotKeptByMachines);
    }
    let new = NewUser {
        id: occasion.ids.id(),
        username,
        display_name: entry.display_name.clone(),
        role: Role::Agent,
        status: Status::Disabled,
        agent_code: Some(entry.code.clone()),
        password_hash: NO_PASSWORD.to_owned(),
        team_id: team.id,
        member_from: entry.member_from,
        at: occasion.now,
    };
    insert(conn, &new, machine.acts_as(), occasion).map_err(|refused| match refused {
        // Put there meanwhile by another request.
        Refused::UsernameTaken | Refused::AgentCodeTaken => Refused::Stale,
        other => other,
    })
}

fn change(
    conn: &mut Conn,
    machine: &Machine,
    occasion: &Occasion,
    (present, entry): (&User, &Entry),
    (team, today): (&Team, NaiveDate),
) -> Result<User, Refused> {
    let by = machine.acts_as();
    memberships::hold_for_move(conn, None, (present.id, &[present.team_id, team.id]), occasion)?;
    let before = users::by_code(conn, &entry.code)?.ok_or(Refused::Stale)?;
    if (before.id, before.team_id, before.role) != (present.id, present.team_id, present.role) {
        return Err(Refused::Stale);
    }
    let status = if entry.left_on.is_some() { Status::Disabled } else { before.status };
    let after = User { display_name: entry.display_name.clone(), status, ..before.clone() };
    if !after.says_the_same_as(&before) {
        update(conn, (&before, &after), by, occasion)?;
    }
    if team.id != before.team_id {
        let written = users::by_code(conn, &entry.code)?.ok_or(StoreError::NotFound)?;
        moved(conn, (&written, team), (entry.member_from, today), by, occasion)?;
    }
    Ok(users::by_code(conn, &entry.code)?.ok_or(StoreError::NotFound)?)
}
