//! The team tree.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{prelude::*, sql_types::Bool};

use crate::{
    domain::{
        organisation::{
            actor::{Actor, Scope},
            user::team_path,
        },
        values::{id::Id, words},
    },
    store::{
        Conn, StoreError,
        db::{codec::stored_instant, connection::MultiBackend, dialect::locked, schema::teams},
    },
};

/// A team.
#[derive(Clone, Debug, Queryable)]
pub struct Team {
    /// Its id.
    pub id: Id,
    /// The team above; none for a root.
    pub parent_id: Option<Id>,
    /// The ids from the root down.
    pub path: String,
    /// Its name.
    pub name: String,
    /// Name of its time zone.
    pub time_zone: String,
    /// Counts the writes.
    pub version: i32,
    /// When it was made.
    pub created_at: NaiveDateTime,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

/// A team to be made.
#[derive(Clone, Debug)]
pub struct NewTeam {
    /// Its id.
    pub id: Id,
    /// The team above.
    pub parent: Option<Team>,
    /// Its name.
    pub name: String,
    /// Name of its time zone.
    pub time_zone: String,
    /// Now.
    pub at: DateTime<Utc>,
}

/// A condition on `teams`.
pub(in crate::store) type OnTeams = Box<dyn BoxableExpression<teams::table, MultiBackend, SqlType = Bool>>;

/// The teams the actor may see: an agent the own one, a supervisor the own one and those below.
pub(in crate::store) fn visible(actor: &Actor) -> OnTeams {
    match &actor.scope {
        Scope::Own { .. } => Box::new(teams::id.eq(actor.team_id)),
        Scope::Subtree { team_path, .. } => Box::new(teams::path.like(format!("{team_path}%"))),
    }
}

/// One team the actor may see.
///
/// # Errors
/// `NotFound` when there is none, or not for this actor.
pub fn find(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Team, StoreError> {
    Ok(teams::table.find(id).filter(visible(actor)).first(conn)?)
}

/// The one team that stands above all others; none where several have no parent.
///
/// # Errors
/// Those of the database.
pub fn above_all(conn: &mut Conn) -> Result<Option<Id>, StoreError> {
    let top: Vec<Id> =
        teams::table.filter(teams::parent_id.is_null()).select(teams::id).limit(2).load(conn)?;
    Ok(if let [only] = top.as_slice() { Some(*only) } else { None })
}

/// A team, whoever asks: for machines.
///
/// # Errors
/// `NotFound`.
pub fn by_id(conn: &mut Conn, id: Id) -> Result<Team, StoreError> {
    Ok(teams::table.find(id).first(conn)?)
}

/// The teams the actor may see, by id, from after the given one.
///
/// # Errors
/// Those of the database.
pub fn list(conn: &mut Conn, actor: &Actor, after: Option<Id>, limit: i64) -> Result<Vec<Team>, StoreError> {
    let mut query = teams::table.filter(visible(actor)).order(teams::id).limit(limit).into_boxed();
    if let Some(after) = after {
        query = query.filter(teams::id.gt(after));
    }
    Ok(query.load(conn)?)
}

/// Makes a team.
///
/// # Errors
/// `Conflict` with `teams_pkey` when the id is taken.
pub fn create(conn: &mut Conn, new: &NewTeam) -> Result<Team, StoreError> {
    let at = stored_instant(new.at);
    Ok(diesel::insert_into(teams::table)
        .values((
            teams::id.eq(new.id),
            teams::parent_id.eq(new.parent.as_ref().map(|parent| parent.id)),
            teams::path.eq(team_path(new.parent.as_ref().map(|parent| parent.path.as_str()), new.id)),
            teams::name.eq(&new.name),
            teams::time_zone.eq(&new.time_zone),
            teams::version.eq(1),
            teams::created_at.eq(at),
            teams::updated_at.eq(at),
        ))
        .returning(teams::all_columns)
        .get_result(conn)?)
}

/// Writes name and time zone of a team the actor may see.
///
/// # Errors
/// `NotFound`, or `Stale` when it was written since `version`.
pub fn update(conn: &mut Conn, team: &Team, at: DateTime<Utc>) -> Result<Team, StoreError> {
    diesel::update(teams::table.find(team.id).filter(teams::version.eq(team.version)))
        .set((
            teams::name.eq(&team.name),
            teams::time_zone.eq(&team.time_zone),
            teams::version.eq(team.version + 1),
            teams::updated_at.eq(stored_instant(at)),
        ))
        .returning(teams::all_columns)
        .get_result(conn)
        .optional()?
        .ok_or(StoreError::Stale)
}

/// For the command line: the teams of an id or a name in any spelling, whoever asks; of the same spelling, if there are some.
///
/// # Errors
/// Those of the database.
pub fn named(conn: &mut Conn, name: &str) -> Result<Vec<Team>, StoreError> {
    if let Ok(id) = name.parse::<Id>() {
        return Ok(teams::table.find(id).load(conn)?);
    }
    let mut found: Vec<Team> = teams::table.order(teams::id).load(conn)?;
    found.retain(|team| words::compared(&team.name) == words::compared(name));
    if found.iter().any(|team| team.name == name) {
        found.retain(|team| team.name == name);
    }
    Ok(found)
}

/// For the command line: whichever teams there are, at most two.
///
/// # Errors
/// Those of the database.
pub fn any_two(conn: &mut Conn) -> Result<Vec<Team>, StoreError> {
    Ok(teams::table.limit(2).load(conn)?)
}

/// Locks a team against other writers for the rest of the transaction.
///
/// # Errors
/// `NotFound`.
pub fn lock(conn: &mut Conn, id: Id) -> Result<(), StoreError> {
    locked(teams::table.find(id).select(teams::id)).get_result::<Id>(conn)?;
    Ok(())
}
