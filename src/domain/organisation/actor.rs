//! Who acts, and what that person may see (method section 11).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::values::id::Id;

/// The role of a user.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 代理人: sees the own prospects only.
    Agent,
    /// 主管: sees everything in the own team and the teams below it.
    Supervisor,
}

impl Role {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Supervisor => "supervisor",
        }
    }
}

/// Who acted, as every record of the log and every fact says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ActedBy {
    /// An agent.
    Agent(Id),
    /// A supervisor, whoever's prospect it was.
    Supervisor(Id),
    /// The service itself: what falls due, and what is taken back because of it.
    System,
    /// Another system, by its client.
    Integration(Id),
}

/// The kind of whoever acted.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// An agent.
    Agent,
    /// A supervisor.
    Supervisor,
    /// The service itself.
    System,
    /// Another system.
    Integration,
}

impl ActorKind {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ActorKind::Agent => "agent",
            ActorKind::Supervisor => "supervisor",
            ActorKind::System => "system",
            ActorKind::Integration => "integration",
        }
    }
}

impl ActedBy {
    /// A user, in the role of today.
    pub fn user(id: Id, role: Role) -> Self {
        match role {
            Role::Agent => ActedBy::Agent(id),
            Role::Supervisor => ActedBy::Supervisor(id),
        }
    }

    /// From its two parts; none when they do not belong together.
    pub fn from_parts(kind: ActorKind, id: Option<Id>) -> Option<Self> {
        match (kind, id) {
            (ActorKind::Agent, Some(id)) => Some(ActedBy::Agent(id)),
            (ActorKind::Supervisor, Some(id)) => Some(ActedBy::Supervisor(id)),
            (ActorKind::System, None) => Some(ActedBy::System),
            (ActorKind::Integration, Some(id)) => Some(ActedBy::Integration(id)),
            _ => None,
        }
    }

    /// The kind.
    pub fn kind(self) -> ActorKind {
        match self {
            ActedBy::Agent(_) => ActorKind::Agent,
            ActedBy::Supervisor(_) => ActorKind::Supervisor,
            ActedBy::System => ActorKind::System,
            ActedBy::Integration(_) => ActorKind::Integration,
        }
    }

    /// The user or the client; none for the service itself.
    pub fn id(self) -> Option<Id> {
        match self {
            ActedBy::Agent(id) | ActedBy::Supervisor(id) | ActedBy::Integration(id) => Some(id),
            ActedBy::System => None,
        }
    }

    /// Whether what was recorded is somebody's word, until another system confirms it (method section 4).
    pub fn gives_a_word(self) -> bool {
        match self {
            ActedBy::Agent(_) | ActedBy::Supervisor(_) => true,
            ActedBy::System | ActedBy::Integration(_) => false,
        }
    }

    /// In which capacity one acts on a prospect of this owner. That it is in reach has been asked before.
    pub fn capacity(self, owner_id: Id) -> Capacity {
        match self {
            ActedBy::Agent(id) if id == owner_id => Capacity::Owner,
            ActedBy::Supervisor(id) if id == owner_id => Capacity::SupervisingOwner,
            ActedBy::Supervisor(_) => Capacity::SupervisorAbove,
            ActedBy::Agent(_) | ActedBy::System | ActedBy::Integration(_) => Capacity::Neither,
        }
    }
}

/// What somebody is to a prospect (method section 11).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Capacity {
    /// Its owner, an agent.
    Owner,
    /// Its owner, a supervisor.
    SupervisingOwner,
    /// A supervisor above its owner.
    SupervisorAbove,
    /// Neither owner nor supervisor.
    Neither,
}

impl Capacity {
    /// Whether the prospect is one's own.
    pub fn owns(self) -> bool {
        matches!(self, Capacity::Owner | Capacity::SupervisingOwner)
    }

    /// Whether one decides what takes a supervisor.
    pub fn supervises(self) -> bool {
        matches!(self, Capacity::SupervisingOwner | Capacity::SupervisorAbove)
    }
}

/// The only way to a query: which owners' records the caller may see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scope {
    /// An agent: what this user owns.
    Own {
        /// The agent.
        user_id: Id,
    },
    /// A supervisor: what this user owns, and what anyone owns who belongs today to the team or to one below it.
    Subtree {
        /// The supervisor.
        user_id: Id,
        /// Materialised path of the supervisor's team, e.g. `/a/b/`; teams below start with it.
        team_path: String,
    },
}

impl Scope {
    /// The user whose scope this is.
    pub fn user_id(&self) -> Id {
        match self {
            Scope::Own { user_id } | Scope::Subtree { user_id, .. } => *user_id,
        }
    }
}

/// The caller of one request, after the token has been checked against the stored user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Actor {
    /// The user.
    pub id: Id,
    /// The role as stored now, not as the token says.
    pub role: Role,
    /// The team the user belongs to today.
    pub team_id: Id,
    /// What the user may see.
    pub scope: Scope,
    /// The time zone of the user's team: "today" is a date in it.
    pub time_zone: chrono_tz::Tz,
    /// Which of the user's logins count: it rises when a password is set and when the user is disabled.
    pub epoch: i32,
}

impl Actor {
    /// As whom the caller is recorded.
    pub fn acts_as(&self) -> ActedBy {
        ActedBy::user(self.id, self.role)
    }

    /// The business date of an instant in the user's time zone.
    pub fn today(&self, business_now: DateTime<Utc>) -> NaiveDate {
        business_now.with_timezone(&self.time_zone).date_naive()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const ONE: Id = Id(Uuid::from_u128(1));
    const OTHER: Id = Id(Uuid::from_u128(2));

    #[test]
    fn whoever_acts_has_one_capacity_on_a_prospect_and_the_service_has_none() {
        let all = [
            (ActedBy::Agent(ONE), Capacity::Owner),
            (ActedBy::Agent(OTHER), Capacity::Neither),
            (ActedBy::Supervisor(ONE), Capacity::SupervisingOwner),
            (ActedBy::Supervisor(OTHER), Capacity::SupervisorAbove),
            (ActedBy::System, Capacity::Neither),
            // Even under the very id of the owner.
            (ActedBy::Integration(ONE), Capacity::Neither),
        ];
        for (by, capacity) in all {
            assert_eq!(by.capacity(ONE), capacity, "{by:?}");
        }
    }

    #[test]
    fn kind_and_id_are_the_whole_of_who_acted_and_others_do_not_belong_together() {
        let all = [ActedBy::Agent(ONE), ActedBy::Supervisor(ONE), ActedBy::System, ActedBy::Integration(ONE)];
        for by in all {
            assert_eq!(ActedBy::from_parts(by.kind(), by.id()), Some(by));
            let other = if by.id().is_some() { None } else { Some(ONE) };
            assert_eq!(ActedBy::from_parts(by.kind(), other), None);
        }
    }
}
