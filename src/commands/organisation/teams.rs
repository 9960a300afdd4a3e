//! Making and renaming teams.

use super::refused::{Refused, supervisor, visible_team};
use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{exchange::event::Event, organisation::actor::Actor, values::id::Id},
    store::{
        Conn, StoreError,
        organisation::{
            audit, standing,
            teams::{self, NewTeam, Team},
        },
    },
};

/// A team to make.
#[derive(Clone, Debug)]
pub struct New {
    /// Its id; a new one when absent.
    pub id: Option<Id>,
    /// The team above.
    pub parent_id: Id,
    /// Its name.
    pub name: String,
    /// Its time zone; that of the team above when absent.
    pub time_zone: Option<String>,
}

/// Makes a team below one in the actor's reach. That the actor is a supervisor has been asked at the door.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(conn: &mut Conn, actor: &Actor, occasion: &Occasion, new: New) -> Result<Team, Refused> {
    standing::hold(conn, actor, &[])?;
    let parent = visible_team(conn, actor, new.parent_id)?;
    let team = NewTeam {
        id: new.id.unwrap_or_else(|| occasion.ids.id()),
        name: new.name,
        time_zone: new.time_zone.unwrap_or_else(|| parent.time_zone.clone()),
        parent: Some(parent),
        at: occasion.now,
    };
    let made = teams::create(conn, &team).map_err(|error| match error {
        StoreError::Conflict { .. } => Refused::IdTaken,
        other => Refused::Store(other),
    })?;
    let event = Event::TeamMade { team_id: made.id, parent_id: made.parent_id };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[event])?;
    Ok(made)
}

/// Gives a team another name, if there is one to give.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn rename(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    name: Option<String>,
) -> Result<Team, Refused> {
    teams::find(conn, actor, id)?;
    supervisor(actor)?;
    teams::lock(conn, id)?;
    standing::hold(conn, actor, &[])?;
    let mut team = teams::find(conn, actor, id)?;
    if !seen.is(i64::from(team.version)) {
        return Err(Refused::Stale);
    }
    match name {
        Some(name) if name != team.name => team.name = name,
        Some(_) | None => return Ok(team),
    }
    let event = Event::TeamRenamed { team_id: team.id, version: team.version + 1 };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[event])?;
    Ok(teams::update(conn, &team, occasion.now)?)
}
