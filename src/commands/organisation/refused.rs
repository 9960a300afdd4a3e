//! Writes on the organisation: people, teams, settings, cycles.

use crate::{
    domain::{
        organisation::{
            actor::{Actor, Role},
            user::MoveRefusal,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        organisation::teams::{self as stored, Team},
    },
};

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or not for the actor.
    Store(StoreError),
    /// Only supervisors do this.
    SupervisorsOnly,
    /// It has another version than the one that was seen.
    Stale,
    /// The id is taken.
    IdTaken,
    /// The user name is taken.
    UsernameTaken,
    /// The code of an agent is taken.
    AgentCodeTaken,
    /// No such team in the actor's reach.
    UnknownTeam,
    /// The date lies in the future.
    InTheFuture,
    /// Whoever leaves has not left yet.
    LeavesInTheFuture,
    /// The entry of the roster is no agent's, or otherwise none that a machine keeps.
    NotKeptByMachines,
    /// The move to another team is not possible.
    Move(MoveRefusal),
    /// Nobody changes the own role or status.
    OwnRoleOrStatus,
    /// The own password is changed with the present one.
    OwnPassword,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

pub(super) fn supervisor(actor: &Actor) -> Result<(), Refused> {
    if actor.role == Role::Supervisor { Ok(()) } else { Err(Refused::SupervisorsOnly) }
}

/// A team that is named; one out of sight reads like one that does not exist.
pub(super) fn visible_team(conn: &mut Conn, actor: &Actor, id: Id) -> Result<Team, Refused> {
    stored::find(conn, actor, id).map_err(|error| match error {
        StoreError::NotFound => Refused::UnknownTeam,
        other => Refused::Store(other),
    })
}
