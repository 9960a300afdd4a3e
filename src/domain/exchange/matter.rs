//! Whose matter an event is: it decides who may read that it happened.

use super::event::Event;
use crate::domain::values::id::Id;

/// Whose matter something is: it decides who may read that it happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matter {
    /// Whoever may see this prospect.
    Prospect(Id),
    /// Whoever has this user within reach.
    User(Id),
    /// Whoever has this team within reach.
    Team(Id),
    /// Whoever heads the whole organisation.
    Organisation,
}

impl Matter {
    /// The stable code of its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Matter::Prospect(_) => "prospect",
            Matter::User(_) => "user",
            Matter::Team(_) => "team",
            Matter::Organisation => "organisation",
        }
    }

    /// Its id; none for the organisation.
    pub fn id(self) -> Option<Id> {
        match self {
            Matter::Prospect(id) | Matter::User(id) | Matter::Team(id) => Some(id),
            Matter::Organisation => None,
        }
    }
}

impl Event {
    /// Whose matter it is.
    pub fn matter(&self) -> Matter {
        match self {
            Event::ProspectCreated { prospect_id, .. }
            | Event::ProspectMoved { prospect_id, .. }
            | Event::FactRecorded { prospect_id, .. }
            | Event::PersonChanged { prospect_id, .. }
            | Event::ProspectErased { prospect_id, .. }
            | Event::ProspectExported { prospect_id }
            | Event::ProspectTransferred { prospect_id, .. } => Matter::Prospect(*prospect_id),
            Event::BlockSignedOff(block) | Event::SignOffRevoked(block) => Matter::User(block.agent_id),
            Event::SettingsChosen { team_id, agent_id, .. } => match (team_id, agent_id) {
                (_, Some(agent_id)) => Matter::User(*agent_id),
                (Some(team_id), None) => Matter::Team(*team_id),
                (None, None) => Matter::Organisation,
            },
            Event::CycleDeclared { agent_id, .. }
            | Event::ActivityRecorded { agent_id, .. }
            | Event::ActivityTakenBack { agent_id, .. }
            | Event::TallyKept { agent_id, .. } => Matter::User(*agent_id),
            Event::UserAdded { user_id }
            | Event::UserChanged { user_id, .. }
            | Event::UserMoved { user_id, .. }
            | Event::PasswordReset { user_id, .. }
            | Event::PasswordChanged { user_id, .. }
            | Event::Webhook { user_id, .. }
            | Event::CalendarFeedMade { user_id, .. }
            | Event::CalendarFeedRevoked { user_id, .. }
            | Event::PeopleListed { user_id, .. }
            | Event::AuditExported { user_id, .. }
            | Event::LogExported { user_id, .. } => Matter::User(*user_id),
            Event::LoginsRefused { user_id: Some(user_id), .. } => Matter::User(*user_id),
            Event::PolicyEvent { agent_id, what, .. } => match (what.prospect_id(), agent_id) {
                (Some(prospect_id), _) => Matter::Prospect(prospect_id),
                (None, Some(agent_id)) => Matter::User(*agent_id),
                (None, None) => Matter::Organisation,
            },
            Event::TeamMade { team_id, .. } | Event::TeamRenamed { team_id, .. } => Matter::Team(*team_id),
            Event::ReportExported { subject_kind: "team", subject_id, .. } => Matter::Team(*subject_id),
            Event::ReportExported { subject_id, .. } => Matter::User(*subject_id),
            Event::ServiceClient { .. }
            | Event::InsurerTableChanged(_)
            | Event::AuditPurged { .. }
            | Event::BackupMade { .. }
            | Event::Followed(_)
            | Event::LoginsRefused { user_id: None, .. } => Matter::Organisation,
        }
    }
}
