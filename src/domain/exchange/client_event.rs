//! What happened to a machine client.

use chrono::{DateTime, Utc};

use crate::domain::{organisation::user::Status, values::id::Id};

/// Something that happened to a machine client.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ClientEvent {
    /// It was made.
    Made,
    /// Its name or status was changed.
    Changed {
        /// The status now.
        status: Status,
    },
    /// It was given a secret.
    SecretMade {
        /// The secret's id.
        secret_id: Id,
    },
    /// A secret was retired.
    SecretRetired {
        /// The secret's id.
        secret_id: Id,
    },
    /// Tokens were refused within an hour: the secret was wrong.
    TokensRefused {
        /// When the hour began.
        hour: DateTime<Utc>,
        /// How many.
        failures: i32,
    },
}

impl ClientEvent {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            ClientEvent::Made => "service_client_created",
            ClientEvent::Changed { .. } => "service_client_changed",
            ClientEvent::SecretMade { .. } => "service_client_secret_created",
            ClientEvent::SecretRetired { .. } => "service_client_secret_retired",
            ClientEvent::TokensRefused { .. } => "service_client_tokens_refused",
        }
    }
}
