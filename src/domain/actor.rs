//! Who acts, and what that person may see (method section 11).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::id::Id;

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
}

impl Actor {
    /// The business date of an instant in the user's time zone.
    pub fn today(&self, business_now: DateTime<Utc>) -> NaiveDate {
        business_now.with_timezone(&self.time_zone).date_naive()
    }
}
