//! `prospector user`: what the roster needs before anybody can sign in, and when nobody can any more.

use std::io::{self, BufRead};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono_tz::Tz;
use clap::{Subcommand, ValueEnum};

use super::terminal::say;
use crate::{
    app::{App, StartError},
    clock::{Clock, Ids, Occasion},
    commands::organisation::{operator, refused::Refused, users::Change},
    config::Config,
    domain::{
        organisation::{
            actor::Role,
            user::{PASSWORD_MAX, PASSWORD_MIN, Status, Username},
        },
        values::{id::Id, words},
    },
    security::passwords,
    store::{
        Conn, StoreError,
        organisation::{
            teams::{self, Team},
            users::User,
        },
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
            let new = Wanted {
                username: username_of(&username)?,
                role: role.into(),
                name: name.map(|name| name_of("--name", &name)).transpose()?,
                team: team.map(|team| name_of("--team", &team)).transpose()?,
            };
            let (user, team) = create(&app, new, &password)?;
            say(&format!("user {} ({}) in the team {}", user.username, user.role.code(), team.name));
            tell(&password, made_up);
            Ok(())
        }
        UserCommand::Disable { username } => set_status(&app, &username, Status::Disabled),
        UserCommand::Enable { username } => set_status(&app, &username, Status::Active),
        UserCommand::SetRole { username, role } => {
            change(&app, &username, Change { role: Some(role.into()), ..Change::default() })
        }
        UserCommand::ResetPassword { username, password_stdin } => {
            let (password, made_up) = password(password_stdin)?;
            let name = username_of(&username)?;
            let (hash, occasion) = (hashed(&password)?, Occasion::of(&app.clock, app.ids));
            app.db
                .write_blocking(move |conn| operator::reset_password(conn, &occasion, &name, &hash))
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
    let (hash, occasion, zone) = (hashed(password)?, Occasion::of(&app.clock, app.ids), app.config.time_zone);
    let username = wanted.username.clone();
    app.db
        .write_blocking(move |conn| {
            let team = team(conn, &occasion, wanted.team.as_deref(), zone)?;
            let new = operator::New {
                display_name: wanted.name.unwrap_or_else(|| wanted.username.to_string()),
                username: wanted.username,
                role: wanted.role,
                password_hash: hash,
                member_from: occasion.today(team.time_zone.parse().unwrap_or(zone)),
            };
            Ok((operator::add(conn, &occasion, &team, new)?, team))
        })
        .map_err(|stopped| match stopped {
            Stopped::Said(line) => StartError::Refused(line),
            Stopped::Refused(Refused::UsernameTaken) => {
                StartError::Refused(format!("the user name {username} is taken"))
            }
            Stopped::Refused(other) => not_done(other),
        })
}

/// Why nobody was added.
enum Stopped {
    /// In a line for the person at the terminal.
    Said(String),
    /// By the command.
    Refused(Refused),
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        Stopped::Refused(refused)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Stopped::Refused(Refused::Store(error))
    }
}

/// The team asked for, the only one, or a new one in a database that has none.
fn team(conn: &mut Conn, occasion: &Occasion, wanted: Option<&str>, time_zone: Tz) -> Result<Team, Stopped> {
    let there = teams::any_two(conn)?;
    let name = match (wanted, there.as_slice()) {
        (None, []) => "Head office",
        (None, [only]) => return Ok(only.clone()),
        (None, _) => {
            return Err(Stopped::Said(
                "there are several teams: say which with --team NAME or --team ID".to_owned(),
            ));
        }
        (Some(name), []) if name.parse::<Id>().is_err() => name,
        (Some(name), _) => return the_one_named(teams::named(conn, name)?, name),
    };
    Ok(operator::make_team(conn, occasion, None, (name, time_zone))?)
}

fn the_one_named(found: Vec<Team>, name: &str) -> Result<Team, Stopped> {
    match found.as_slice() {
        [] => Err(Stopped::Said(format!("there is no team {name:?}"))),
        [team] => Ok(team.clone()),
        several => {
            let ids: Vec<String> = several.iter().take(10).map(|team| team.id.to_string()).collect();
            let ids = ids.join(" ");
            Err(Stopped::Said(format!(
                "several teams are called {name:?}: say which with --team ID, of {ids}"
            )))
        }
    }
}

/// A name to show, by the rules that bodies keep.
fn name_of(option: &str, text: &str) -> Result<String, StartError> {
    words::line(text, 100).map_err(|_| {
        StartError::Refused(format!("{option} takes a name of 1 to 100 characters on one line, not blank"))
    })
}

fn set_status(app: &App, username: &str, status: Status) -> Result<(), StartError> {
    change(app, username, Change { status: Some(status), ..Change::default() })
}

fn change(app: &App, username: &str, change: Change) -> Result<(), StartError> {
    let (name, occasion) = (username_of(username)?, Occasion::of(&app.clock, app.ids));
    let user = app
        .db
        .write_blocking(move |conn| operator::change(conn, &occasion, &name, change))
        .map_err(no_such_user)?;
    let status = if user.status == Status::Active { "active" } else { "disabled" };
    say(&format!("user {}: {}, {status}", user.username, user.role.code()));
    Ok(())
}

fn no_such_user(refused: Refused) -> StartError {
    match refused {
        Refused::Store(StoreError::NotFound) => StartError::Refused("there is no such user".to_owned()),
        other => not_done(other),
    }
}

fn not_done(refused: Refused) -> StartError {
    match refused {
        Refused::Store(error) => StartError::Store(error),
        other => StartError::Refused(format!("not done: {other:?}")),
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
