//! What an operator does at the terminal, where nobody is signed in: the first teams and people, and the way back in when
//! nobody can sign in any more.

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{
    refused::Refused,
    users::{self as people, Change},
};
use crate::{
    clock::Occasion,
    domain::{
        exchange::event::Event,
        organisation::{
            actor::{ActedBy, Role},
            user::{Status, Username},
        },
    },
    store::{
        Conn, StoreError,
        organisation::{
            audit,
            teams::{self, NewTeam, Team},
            users::{self, NewUser, User},
        },
    },
};

const BY: ActedBy = ActedBy::System;

/// Makes a team, at the top unless one is above it.
///
/// # Errors
/// Those of the store.
pub fn make_team(
    conn: &mut Conn,
    occasion: &Occasion,
    parent: Option<&Team>,
    (name, time_zone): (&str, Tz),
) -> Result<Team, StoreError> {
    let team = NewTeam {
        id: occasion.ids.id(),
        parent: parent.cloned(),
        name: name.to_owned(),
        time_zone: time_zone.name().to_owned(),
        at: occasion.now,
    };
    let made = teams::create(conn, &team)?;
    let event = Event::TeamMade { team_id: made.id, parent_id: made.parent_id };
    audit::record(conn, occasion.ids, occasion.now, BY, &[event])?;
    Ok(made)
}

/// A person to add.
#[derive(Clone, Debug)]
pub struct New {
    /// The name to sign in with.
    pub username: Username,
    /// The name to show.
    pub display_name: String,
    /// Agent or supervisor.
    pub role: Role,
    /// Hash of the password.
    pub password_hash: String,
    /// First day in the team.
    pub member_from: NaiveDate,
}

/// Adds a person to a team.
///
/// # Errors
/// [`Refused::UsernameTaken`]; those of the store.
pub fn add(conn: &mut Conn, occasion: &Occasion, team: &Team, new: New) -> Result<User, Refused> {
    let user = NewUser {
        id: occasion.ids.id(),
        username: new.username.clone(),
        display_name: new.display_name,
        role: new.role,
        status: Status::Active,
        agent_code: None,
        password_hash: new.password_hash,
        team_id: team.id,
        member_from: new.member_from,
        at: occasion.now,
    };
    people::insert(conn, &user, BY, occasion)?;
    Ok(users::by_username(conn, &new.username)?)
}

/// Changes a person; disabling ends every login.
///
/// # Errors
/// Those of the store.
pub fn change(
    conn: &mut Conn,
    occasion: &Occasion,
    username: &Username,
    change: Change,
) -> Result<User, Refused> {
    let before = users::by_username(conn, username)?;
    let after = change.of(&before);
    if after.says_the_same_as(&before) {
        return Ok(before);
    }
    people::update(conn, (&before, &after), BY, occasion)?;
    Ok(after)
}

/// Sets a new password, which ends every login of the user.
///
/// # Errors
/// Those of the store.
pub fn reset_password(
    conn: &mut Conn,
    occasion: &Occasion,
    username: &Username,
    hash: &str,
) -> Result<(), Refused> {
    let user = users::by_username(conn, username)?;
    people::set_password(
        conn,
        &user,
        (hash, Event::PasswordReset { user_id: user.id, version: user.version + 1 }),
        BY,
        occasion,
    )
}
