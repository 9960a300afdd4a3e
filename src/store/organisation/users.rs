//! The roster: people, their roles and what they sign in with, each with the present team.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use crate::{
    domain::{
        organisation::{
            actor::{Actor, Role, Scope},
            user::{AgentCode, Status, Username},
        },
        values::{id::Id, readings, words},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            dialect::{containing, locked},
            schema::{memberships, teams, users},
        },
    },
    text_enum,
};

text_enum!(Status { Active => "active", Disabled => "disabled" });

/// The epoch of a new user's tokens.
pub const FIRST_EPOCH: i32 = 1;

/// A person of the roster, with the present team.
#[derive(Clone, Debug, Queryable)]
pub struct User {
    /// The user's id.
    pub id: Id,
    /// The name to sign in with.
    pub username: String,
    /// The name to show.
    pub display_name: String,
    /// Agent or supervisor.
    pub role: Role,
    /// Whether the user may sign in.
    pub status: Status,
    /// Counts the writes.
    pub version: i32,
    /// When the user was made.
    pub created_at: NaiveDateTime,
    /// When the user was last written.
    pub updated_at: NaiveDateTime,
    /// The present team.
    pub team_id: Id,
    /// Its name.
    pub team_name: String,
    /// Its path.
    pub team_path: String,
    /// Its time zone.
    pub time_zone: String,
    /// First day in it.
    pub member_since: NaiveDate,
    /// By which other systems know an agent.
    pub agent_code: Option<String>,
}

impl User {
    /// Whether both have the same name, code, role and status: what is changed of a person.
    pub fn says_the_same_as(&self, other: &User) -> bool {
        let said = |user: &User| (user.display_name.clone(), user.agent_code.clone(), user.role, user.status);
        said(self) == said(other)
    }
}

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The id.
    pub id: Id,
    /// The name to sign in with.
    pub username: Username,
    /// The name to show.
    pub display_name: String,
    /// Agent or supervisor.
    pub role: Role,
    /// Whether the user may sign in.
    pub status: Status,
    /// By which other systems know an agent.
    pub agent_code: Option<AgentCode>,
    /// Hash of the password.
    pub password_hash: String,
    /// The first team.
    pub team_id: Id,
    /// First day in it.
    pub member_from: NaiveDate,
    /// Now.
    pub at: DateTime<Utc>,
}

/// What a login is checked against.
#[derive(Clone, Debug, Queryable)]
pub struct Account {
    /// The user.
    pub id: Id,
    /// Agent or supervisor.
    pub role: Role,
    /// Whether the user may sign in.
    pub status: Status,
    /// Hash of the password.
    pub password_hash: String,
    /// Which tokens count.
    pub epoch: i32,
}

/// Which people to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this team.
    pub team_id: Option<Id>,
    /// With this role.
    pub role: Option<Role>,
    /// With this status.
    pub status: Option<Status>,
    /// Part of the display name, of its pinyin or initials, or of the user name.
    pub search: Option<String>,
    /// From after this user name.
    pub after: Option<String>,
}

const COLUMNS: Columns = (
    users::id,
    users::username,
    users::display_name,
    users::role,
    users::status,
    users::version,
    users::created_at,
    users::updated_at,
    teams::id,
    teams::name,
    teams::path,
    teams::time_zone,
    memberships::valid_from,
    users::agent_code,
);
type Columns = (
    users::id,
    users::username,
    users::display_name,
    users::role,
    users::status,
    users::version,
    users::created_at,
    users::updated_at,
    teams::id,
    teams::name,
    teams::path,
    teams::time_zone,
    memberships::valid_from,
    users::agent_code,
);

/// The actor behind a verified token, in one statement: `None` when the user is gone, disabled, or the token is of an
/// epoch before the present one (a password was changed, the user was disabled).
///
/// # Errors
/// Those of the database.
pub fn actor(conn: &mut Conn, user_id: Id, epoch: i32) -> Result<Option<Actor>, StoreError> {
    let row: Option<(Role, Id, String, String)> = users::table
        .inner_join(memberships::table.inner_join(teams::table))
        .filter(users::id.eq(user_id))
        .filter(users::epoch.eq(epoch))
        .filter(users::status.eq(Status::Active))
        .filter(memberships::valid_to.is_null())
        .select((users::role, teams::id, teams::path, teams::time_zone))
        .first(conn)
        .optional()?;
    row.map(|(role, team_id, path, zone)| acting((user_id, role, epoch), (team_id, path, zone))).transpose()
}

/// A user as an actor: role and team say what may be seen.
pub(super) fn acting(
    (user_id, role, epoch): (Id, Role, i32),
    (team_id, team_path, time_zone): (Id, String, String),
) -> Result<Actor, StoreError> {
    let scope = match role {
        Role::Agent => Scope::Own { user_id },
        Role::Supervisor => Scope::Subtree { user_id, team_path },
    };
    let time_zone =
        time_zone.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
    Ok(Actor { id: user_id, role, team_id, scope, time_zone, epoch })
}

/// What a login with this name is checked against.
///
/// # Errors
/// Those of the database.
pub fn account(conn: &mut Conn, username: &Username) -> Result<Option<Account>, StoreError> {
    Ok(users::table
        .filter(users::username.eq(username.to_string()))
        .select((users::id, users::role, users::status, users::password_hash, users::epoch))
        .first(conn)
        .optional()?)
}

/// [`account`] by id.
///
/// # Errors
/// `NotFound`, or those of the database.
pub fn account_of(conn: &mut Conn, user_id: Id) -> Result<Account, StoreError> {
    Ok(users::table
        .find(user_id)
        .select((users::id, users::role, users::status, users::password_hash, users::epoch))
        .first(conn)?)
}

macro_rules! roster {
    () => {
        users::table
            .inner_join(memberships::table.inner_join(teams::table))
            .filter(memberships::valid_to.is_null())
            .select(COLUMNS)
            .into_boxed()
    };
}

macro_rules! within {
    ($query:expr, $scope:expr) => {
        match $scope {
            Scope::Own { user_id } => $query.filter(users::id.eq(*user_id)),
            Scope::Subtree { user_id, team_path } => {
                $query.filter(users::id.eq(*user_id).or(teams::path.like(format!("{team_path}%"))))
            }
        }
    };
}

/// One person of the roster the scope's holder may see.
///
/// # Errors
/// `NotFound` when there is none, or not in this scope.
pub fn find(conn: &mut Conn, scope: &Scope, id: Id) -> Result<User, StoreError> {
    Ok(within!(roster!(), scope).filter(users::id.eq(id)).first(conn)?)
}

/// The people the scope's holder may see, by user name.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, scope: &Scope, filter: &Filter, limit: i64) -> Result<Vec<User>, StoreError> {
    let mut query = within!(roster!(), scope).order(users::username).limit(limit);
    if let Some(team_id) = filter.team_id {
        query = query.filter(teams::id.eq(team_id));
    }
    if let Some(role) = filter.role {
        query = query.filter(users::role.eq(role));
    }
    if let Some(status) = filter.status {
        query = query.filter(users::status.eq(status));
    }
    if let Some(search) = &filter.search {
        query = query.filter(users::search.like(containing(&words::compared(search))).escape('!'));
    }
    if let Some(after) = &filter.after {
        query = query.filter(users::username.gt(after.clone()));
    }
    Ok(query.load(conn)?)
}

/// Locks a user against other writers for the rest of the transaction.
///
/// # Errors
/// `NotFound`.
pub fn lock(conn: &mut Conn, id: Id) -> Result<(), StoreError> {
    locked(users::table.find(id).select(users::id)).get_result::<Id>(conn)?;
    Ok(())
}

/// A person by user name, whoever asks: for the command line and the demo.
///
/// # Errors
/// `NotFound`, or those of the database.
pub fn by_username(conn: &mut Conn, username: &Username) -> Result<User, StoreError> {
    Ok(roster!().filter(users::username.eq(username.to_string())).first(conn)?)
}

/// A person by code, whoever asks: for machines.
///
/// # Errors
/// Those of the database.
pub fn by_code(conn: &mut Conn, code: &AgentCode) -> Result<Option<User>, StoreError> {
    Ok(roster!().filter(users::agent_code.eq(code.to_string())).first(conn).optional()?)
}

/// The person of an agent code (工号), whoever asks: another system names people by it.
///
/// # Errors
/// Those of the database.
pub fn by_agent_code(conn: &mut Conn, agent_code: &str) -> Result<Option<Id>, StoreError> {
    let of_code = users::table.filter(users::agent_code.eq(agent_code.to_owned())).select(users::id);
    Ok(of_code.first(conn).optional()?)
}

/// Whether anybody is on the roster.
///
/// # Errors
/// Those of the database.
pub fn any(conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(users::table.select(users::id).first::<Id>(conn).optional()?.is_some())
}

/// The lines that a search looks into.
fn search_text(display_name: &str, username: &str) -> String {
    format!("{}\n{}", readings::search_text(display_name), words::compared(username))
}

/// Adds a person and the first membership.
///
/// # Errors
/// `Conflict` with `ux_users__username`, `ux_users__agent_code` or `users_pkey` when the name, the code or the id is taken.
pub fn create(conn: &mut Conn, new: &NewUser, membership_id: Id) -> Result<(), StoreError> {
    let at = stored_instant(new.at);
    diesel::insert_into(users::table)
        .values((
            users::id.eq(new.id),
            users::username.eq(new.username.to_string()),
            users::display_name.eq(&new.display_name),
            users::search.eq(search_text(&new.display_name, &new.username.to_string())),
            users::role.eq(new.role),
            users::status.eq(new.status),
            users::password_hash.eq(&new.password_hash),
            users::epoch.eq(FIRST_EPOCH),
            users::version.eq(1),
            users::created_at.eq(at),
            users::updated_at.eq(at),
            users::agent_code.eq(new.agent_code.as_ref().map(AgentCode::to_string)),
        ))
        .execute(conn)?;
    diesel::insert_into(memberships::table)
        .values((
            memberships::id.eq(membership_id),
            memberships::user_id.eq(new.id),
            memberships::team_id.eq(new.team_id),
            memberships::valid_from.eq(new.member_from),
        ))
        .execute(conn)?;
    Ok(())
}

/// Writes display name, code, role and status. Disabling raises the epoch, so that no token given out counts any more.
///
/// # Errors
/// `Stale` when the user was written since `user.version`; `Conflict` with `ux_users__agent_code` when the code is taken.
pub fn update(conn: &mut Conn, user: &User, disabled_now: bool, at: DateTime<Utc>) -> Result<(), StoreError> {
    let rows = diesel::update(users::table.find(user.id).filter(users::version.eq(user.version)))
        .set((
            users::display_name.eq(&user.display_name),
            users::search.eq(search_text(&user.display_name, &user.username)),
            users::agent_code.eq(&user.agent_code),
            users::role.eq(user.role),
            users::status.eq(user.status),
            users::epoch.eq(users::epoch + i32::from(disabled_now)),
            users::version.eq(user.version + 1),
            users::updated_at.eq(stored_instant(at)),
        ))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// Sets a password; no token given out before counts any more.
///
/// # Errors
/// `Stale` when the user was written since `version`.
pub fn set_password(
    conn: &mut Conn,
    user_id: Id,
    version: i32,
    password_hash: &str,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = diesel::update(users::table.find(user_id).filter(users::version.eq(version)))
        .set((
            users::password_hash.eq(password_hash),
            users::epoch.eq(users::epoch + 1),
            users::version.eq(version + 1),
            users::updated_at.eq(stored_instant(at)),
        ))
        .execute(conn)?;
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}
