//! What happened to an event of the policy system after it was told.

use super::{
    policy_event::PolicyEventType,
    policy_message::{MatchedBy, WaitsFor},
};
use crate::domain::values::id::Id;

/// Something that happened to an event of the policy system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IntakeEvent {
    /// It came in.
    Received {
        /// What it tells.
        event_type: PolicyEventType,
    },
    /// It stands under an application by now.
    Matched {
        /// Of this prospect.
        prospect_id: Id,
        /// The application.
        application_id: Id,
        /// By what.
        by: MatchedBy,
    },
    /// It waits by now.
    Waits {
        /// For what.
        for_what: WaitsFor,
    },
    /// A supervisor said whom it is about.
    MatchDecided {
        /// The decision.
        decision_id: Id,
        /// The prospect.
        prospect_id: Id,
    },
    /// A supervisor said that it counts for nobody.
    Dismissed {
        /// The decision.
        decision_id: Id,
    },
    /// A supervisor took its match or its dismissal back.
    Revoked {
        /// The decision.
        decision_id: Id,
        /// Whom it was about, where it was matched.
        prospect_id: Option<Id>,
    },
}

impl IntakeEvent {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            IntakeEvent::Received { .. } => "policy_event_received",
            IntakeEvent::Matched { .. } => "policy_event_matched",
            IntakeEvent::Waits { .. } => "policy_event_waits",
            IntakeEvent::MatchDecided { .. } => "policy_event_match_created",
            IntakeEvent::Dismissed { .. } => "policy_event_dismissal_created",
            IntakeEvent::Revoked { .. } => "policy_event_revocation_created",
        }
    }

    /// The prospect that it is about, if it is about one.
    pub fn prospect_id(&self) -> Option<Id> {
        match self {
            IntakeEvent::Matched { prospect_id, .. } | IntakeEvent::MatchDecided { prospect_id, .. } => {
                Some(*prospect_id)
            }
            IntakeEvent::Revoked { prospect_id, .. } => *prospect_id,
            IntakeEvent::Received { .. } | IntakeEvent::Waits { .. } | IntakeEvent::Dismissed { .. } => None,
        }
    }
}
