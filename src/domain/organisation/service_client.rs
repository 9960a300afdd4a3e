//! Other systems as callers (method section 11): what a machine may do, and nothing else.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::actor::ActedBy;
use crate::domain::values::id::Id;

/// What a machine may do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceScope {
    /// Tell what happened to policies.
    PolicyEvents,
    /// Write the insurer's tables: products, cooling-off rules, premium factors.
    Products,
    /// Keep the roster of agents.
    Roster,
}

/// There is no such scope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NoScope;

impl ServiceScope {
    /// All, in the order in which they are told.
    pub const ALL: [ServiceScope; 3] =
        [ServiceScope::PolicyEvents, ServiceScope::Products, ServiceScope::Roster];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ServiceScope::PolicyEvents => "policy_events",
            ServiceScope::Products => "products",
            ServiceScope::Roster => "roster",
        }
    }

    /// Several as one text, with blanks between them (RFC 6749 section 3.3).
    pub fn joined(scopes: &[ServiceScope]) -> String {
        scopes.iter().map(|scope| scope.code()).collect::<Vec<_>>().join(" ")
    }

    /// The other way round, each once and in order.
    ///
    /// # Errors
    /// When one of them is none.
    pub fn split(text: &str) -> Result<Vec<ServiceScope>, NoScope> {
        let mut scopes: Vec<ServiceScope> =
            text.split(' ').filter(|code| !code.is_empty()).map(str::parse).collect::<Result<_, _>>()?;
        scopes.sort_unstable();
        scopes.dedup();
        Ok(scopes)
    }
}

impl FromStr for ServiceScope {
    type Err = NoScope;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        ServiceScope::ALL.into_iter().find(|scope| scope.code() == code).ok_or(NoScope)
    }
}

/// A machine that calls, after its token has been checked against the stored client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Machine {
    /// The client.
    pub client_id: Id,
    /// What the token is for, as far as the client still may.
    pub scopes: Vec<ServiceScope>,
}

impl Machine {
    /// Whether it may do this.
    pub fn may(&self, scope: ServiceScope) -> bool {
        self.scopes.contains(&scope)
    }

    /// As whom it is recorded.
    pub fn acts_as(&self) -> ActedBy {
        ActedBy::Integration(self.client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written_each_once_and_in_order() {
        let [events, products, roster] = ServiceScope::ALL;
        assert_eq!(ServiceScope::joined(&ServiceScope::ALL), "policy_events products roster");
        assert_eq!(ServiceScope::split("roster  policy_events roster"), Ok(vec![events, roster]));
        assert_eq!(ServiceScope::split(""), Ok(vec![]));
        for wrong in ["admin", "Products", "products,roster", "products\troster"] {
            assert_eq!(ServiceScope::split(wrong), Err(NoScope), "{wrong}");
        }
        let machine = Machine { client_id: Id(uuid::Uuid::nil()), scopes: vec![products] };
        assert!(machine.may(products) && !machine.may(events) && !machine.may(roster));
    }
}
