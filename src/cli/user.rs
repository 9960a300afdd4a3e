//! `prospector user`: what the roster needs before anybody can sign in, and when nobody can any more.

use std::io::{self, BufRead};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::{Subcommand, ValueEnum};

use super::terminal::say;
use crate::{
    app::{App, StartError},
    clock::{Clock, Ids},
    config::Config,
    domain::{
        actor::{ActedBy, Role},
        event::Event,
        id::Id,
        user::{PASSWORD_MAX, PASSWORD_MIN, Status, Username},
    },
    passwords,
    store::{
        Conn, StoreError, audit, sessions,
        teams::{self, NewTeam, Team},
        users::{self, NewUser, User},
    },
};

#[derive(Subcommand)]
pub(super) enum UserCommand {
    /// Add somebody. The first one also makes the first team.
    Create {
        /// The name to sign in with.
        username: String,
        /// What the user may do.
        #[arg(long, value_enum, default_value = "supervisor")]
        role: RoleName,
        /// The name to show; the user name when absent.
        #[arg(long)]
        name: Option<String>,
        /// Name or id of the team; not needed while there is one team, made when there is none.
        #[arg(long)]
        team: Option<String>,
        /// Read the password from standard input instead of making one up.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let nobody sign in as this user; tokens given out stop counting at once.
    Disable {
        /// The name to sign in with.
        username: String,
    },
    /// Let this user sign in again.
    Enable {
        /// The name to sign in with.
        username: String,
    },
    /// Change what a user may do.
    SetRole {
        /// The name to sign in with.
        username: String,
        /// What the user may do.
        #[arg(value_enum)]
        role: RoleName,
    },
    /// Set a new password; every login of the user ends.
    ResetPassword {
        /// The name to sign in with.
        username: String,
        /// Read the password from standard input instead of making one up.
        #[arg(long)]
        password_stdin: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    Agent,
    Supervisor,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Agent => Role::Agent,
            RoleName::Supervisor => Role::Supervisor,
        }
    }
}

pub(super) fn run(config: Config, command: UserCommand) -> Result<(), StartError> {
    let app = App::build(config, Clock::system())?;
    match command {
        UserCommand::Create { username, role, name, team, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            let new = Wanted { username: username_of(&username)?, role: role.into(), name, team };
            let (user, team) = create(&app, new, &password)?;
            say(&format!("user {} ({}) in the team {}", user.username, user.role.code(), team.name));
            tell(&password, made_up);
            Ok(())
        }
        UserCommand::Disable { username } => set_status(&app, &username, Status::Disabled),
        UserCommand::Enable { username } => set_status(&app, &username, Status::Active),
        UserCommand::SetRole { username, role } => {
            change(&app, &username, move |user| user.role = role.into())
        }
        UserCommand::ResetPassword { username, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            let name = username_of(&username)?;
            let (hash, ids, now) = (hashed(&password)?, app.ids, app.clock.now());
            app.db
                .write_blocking(move |conn| {
                    let user = users::by_username(conn, &name)?;
                    users::set_password(conn, user.id, user.version, &hash, now)?;
                    sessions::end_all(conn, user.id, now)?;
                    audit::record(
                        conn,
                        ids,
                        now,
                        ActedBy::System,
                        &[Event::PasswordReset { user_id: user.id }],
                    )
                })
                .map_err(no_such_user)?;
            say(&format!("new password for {username}"));
            tell(&password, made_up);
            Ok(())
        }
    }
}

struct Wanted {
    username: Username,
    role: Role,
    name: Option<String>,
    team: Option<String>,
}

fn create(app: &App, wanted: Wanted, password: &str) -> Result<(User, Team), StartError> {
    let (hash, ids, now) = (hashed(password)?, app.ids, app.clock.now());
    let (clock, time_zone) = (app.clock.clone(), app.config.time_zone);
    let named = wanted.team.clone();
    let username = wanted.username.clone();
    app.db
        .write_blocking(move |conn| {
            let team = team(conn, wanted.team.as_deref(), time_zone.name(), ids, now)?;
            let user = NewUser {
                id: ids.id(),
                display_name: wanted.name.unwrap_or_else(|| wanted.username.to_string()),
                username: wanted.username.clone(),
                role: wanted.role,
                password_hash: hash,
                team_id: team.id,
                member_from: clock.today(team.time_zone.parse().unwrap_or(time_zone)),
                at: now,
            };
            users::create(conn, &user, ids.id())?;
            audit::record(conn, ids, now, ActedBy::System, &[Event::UserAdded { user_id: user.id }])?;
            Ok((users::by_username(conn, &wanted.username)?, team))
        })
        .map_err(|error| match error {
            StoreError::Conflict { constraint } if constraint == "ux_users__username" => {
                StartError::Refused(format!("the user name {username} is taken"))
            }
            StoreError::Conflict { .. } => StartError::Refused(
                "there are several teams: say which with --team NAME or --team ID".to_owned(),
            ),
            StoreError::NotFound => {
                StartError::Refused(format!("there is no team {:?}", named.unwrap_or_default()))
            }
            other => StartError::Store(other),
        })
}

/// The team asked for, the only one, or a new one in a database that has none.
fn team(
    conn: &mut Conn,
    wanted: Option<&str>,
    time_zone: &str,
    ids: Ids,
    at: chrono::DateTime<chrono::Utc>,
) -> Result<Team, StoreError> {
    let name = match (wanted, teams::only(conn)) {
        (None, Ok(Some(team))) => return Ok(team),
        (None, Err(error)) => return Err(error),
        (None, Ok(None)) => "Head office",
        (Some(name), Ok(None)) if name.parse::<Id>().is_err() => name,
        (Some(name), _) => return teams::named(conn, name),
    };
    let team =
        NewTeam { id: ids.id(), parent: None, name: name.to_owned(), time_zone: time_zone.to_owned(), at };
    teams::create(conn, &team)
}

fn set_status(app: &App, username: &str, status: Status) -> Result<(), StartError> {
    change(app, username, move |user| user.status = status)
}

fn change(
    app: &App,
    username: &str,
    change: impl FnOnce(&mut User) + Send + 'static,
) -> Result<(), StartError> {
    let name = username_of(username)?;
    let (ids, now) = (app.ids, app.clock.now());
    let user = app
        .db
        .write_blocking(move |conn| {
            let mut user = users::by_username(conn, &name)?;
            let was_active = user.status == Status::Active;
            change(&mut user);
            let disabled = was_active && user.status == Status::Disabled;
            users::update(conn, &user, disabled, now)?;
            if disabled {
                sessions::end_all(conn, user.id, now)?;
            }
            let changed = Event::UserChanged { user_id: user.id, role: user.role, status: user.status };
            audit::record(conn, ids, now, ActedBy::System, &[changed])?;
            Ok(user)
        })
        .map_err(no_such_user)?;
    let status = if user.status == Status::Active { "active" } else { "disabled" };
    say(&format!("user {}: {}, {status}", user.username, user.role.code()));
    Ok(())
}

fn no_such_user(error: StoreError) -> StartError {
    match error {
        StoreError::NotFound => StartError::Refused("there is no such user".to_owned()),
        other => StartError::Store(other),
    }
}

fn username_of(text: &str) -> Result<Username, StartError> {
    text.parse().map_err(|_| {
        StartError::Refused(
            "a user name is 2 to 64 of a-z 0-9 . _ - and begins with a letter or digit".to_owned(),
        )
    })
}

/// The password to set, and whether it was made up here.
fn password(from_stdin: bool) -> Result<(String, bool), StartError> {
    if !from_stdin {
        return Ok((URL_SAFE_NO_PAD.encode(Ids.secret(15)), true));
    }
    let mut line = String::new();
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| StartError::Refused(format!("cannot read the password: {error}")))?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if (PASSWORD_MIN..=PASSWORD_MAX).contains(&password.chars().count()) {
        Ok((password, false))
    } else {
        Err(StartError::Refused(format!("a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters")))
    }
}

fn tell(password: &str, made_up: bool) {
    if made_up {
        say(&format!("password: {password}"));
    }
}

fn hashed(password: &str) -> Result<String, StartError> {
    passwords::hash(password, Ids)
        .ok_or_else(|| StartError::Refused("the password could not be hashed".to_owned()))
}
