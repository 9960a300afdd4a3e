//! The events of a decision, and what reads differently because of an event, so that whoever follows is told.

use super::{
    change::{Audience, Change, Topic},
    event::{Event, SignedBlock},
    webhook::WebhookDeed,
};
use crate::domain::{
    prospects::{decision::Decision, fact::Fact},
    values::id::Id,
};

fn of_user(topic: Topic, id: Id, user_id: Id) -> Change {
    Change::new(topic, id, Audience::User(user_id))
}

fn user_at(topic: Topic, user_id: Id, version: i32) -> Change {
    Change { version: Some(version), ..of_user(topic, user_id, user_id) }
}

impl Event {
    /// What a decision about a prospect came to: its records, then its facts.
    pub fn of_decision(prospect_id: Id, decided: &Decision) -> Vec<Event> {
        let moved = decided.transitions.iter().map(|t| Event::ProspectMoved {
            prospect_id,
            record_id: t.id,
            kind: t.kind,
            path: t.path,
            from: t.from,
            to: t.to,
        });
        let recorded = |f: &Fact| Event::FactRecorded { prospect_id, fact_id: f.id, kind: f.body.kind() };
        moved.chain(decided.facts.iter().map(recorded)).collect()
    }

    /// What reads differently after it.
    pub fn changes(&self) -> Vec<Change> {
        match *self {
            Event::Followed(change) => vec![change],
            Event::InsurerTableChanged(ref change) => vec![change.told()],
            Event::ProspectCreated { .. }
            | Event::ProspectMoved { .. }
            | Event::PersonChanged { .. }
            | Event::ProspectErased { .. }
            | Event::ProspectTransferred { .. } => self.of_prospect(),
            Event::UserAdded { .. }
            | Event::UserChanged { .. }
            | Event::UserMoved { .. }
            | Event::PasswordReset { .. }
            | Event::PasswordChanged { .. }
            | Event::TeamMade { .. }
            | Event::TeamRenamed { .. }
            | Event::SettingsChosen { .. }
            | Event::CycleDeclared { .. } => self.of_organisation(),
            Event::BlockSignedOff(SignedBlock { sign_off_id, agent_id, .. }) => {
                vec![of_user(Topic::SignedOff, sign_off_id, agent_id)]
            }
            Event::SignOffRevoked(SignedBlock { sign_off_id, agent_id, .. }) => {
                vec![of_user(Topic::SignOffRevoked, sign_off_id, agent_id)]
            }
            Event::CalendarFeedMade { feed_id, user_id } => {
                let made = Change::new(Topic::CalendarFeedMade, feed_id, Audience::Only(user_id));
                vec![Change { version: Some(1), ..made }]
            }
            Event::Webhook { .. } => self.of_webhook(),
            Event::CalendarFeedRevoked { feed_id, user_id } => {
                vec![Change::new(Topic::CalendarFeedRevoked, feed_id, Audience::Only(user_id))]
            }
            Event::ActivityRecorded { activity_id, agent_id, .. } => {
                vec![Change { version: Some(1), ..of_user(Topic::ActivityRecorded, activity_id, agent_id) }]
            }
            Event::ActivityTakenBack { activity_id, agent_id } => {
                vec![of_user(Topic::ActivityTakenBack, activity_id, agent_id)]
            }
            Event::TallyKept { tally_id, agent_id, version, .. } => {
                vec![Change { version: Some(version), ..of_user(Topic::TallyKept, tally_id, agent_id) }]
            }
            // Which facts and which events of the policy system there are is read under the prospect, of whose row the same
            // write tells.
            Event::FactRecorded { .. }
            | Event::PolicyEvent { .. }
            | Event::ProspectExported { .. }
            | Event::LoginsRefused { .. }
            | Event::ServiceClient { .. }
            | Event::PeopleListed { .. }
            | Event::ReportExported { .. }
            | Event::AuditExported { .. }
            | Event::LogExported { .. }
            | Event::AuditPurged { .. }
            | Event::BackupMade { .. } => Vec::new(),
        }
    }

    fn of_webhook(&self) -> Vec<Change> {
        let Event::Webhook { webhook_id, user_id, deed, version } = *self else { return Vec::new() };
        let topic = match deed {
            WebhookDeed::Made => Topic::WebhookCreated,
            WebhookDeed::Changed | WebhookDeed::SecretChanged => Topic::WebhookChanged,
            WebhookDeed::Deleted => Topic::WebhookDeleted,
            WebhookDeed::Disabled => Topic::WebhookDisabled,
            WebhookDeed::Tried | WebhookDeed::SentAgain => return Vec::new(),
        };
        vec![Change { version: Some(version), ..Change::new(topic, webhook_id, Audience::Only(user_id)) }]
    }

    fn of_prospect(&self) -> Vec<Change> {
        match *self {
            Event::ProspectCreated { prospect_id, .. } => {
                vec![Change::of_prospect(Topic::ProspectCreated, prospect_id, 1)]
            }
            Event::ProspectMoved { prospect_id, record_id, .. } => {
                vec![Change::under(Topic::TransitionRecorded, prospect_id, record_id)]
            }
            Event::PersonChanged { prospect_id, version } => {
                vec![Change::of_prospect(Topic::ProspectChanged, prospect_id, version)]
            }
            Event::ProspectErased { prospect_id, version, .. } => {
                vec![Change::of_prospect(Topic::ProspectErased, prospect_id, version)]
            }
            Event::ProspectTransferred { prospect_id, transfer_id, from_agent_id, .. } => {
                let left = Audience::UserWithout(from_agent_id, prospect_id);
                vec![
                    Change::new(Topic::ProspectOutOfReach, prospect_id, left),
                    Change::under(Topic::TransferRecorded, prospect_id, transfer_id),
                ]
            }
            _ => Vec::new(),
        }
    }

    fn of_organisation(&self) -> Vec<Change> {
        match *self {
            Event::UserAdded { user_id } => vec![user_at(Topic::AgentCreated, user_id, 1)],
            Event::UserChanged { user_id, version, .. }
            | Event::PasswordReset { user_id, version }
            | Event::PasswordChanged { user_id, version } => {
                vec![user_at(Topic::AgentChanged, user_id, version)]
            }
            Event::UserMoved { user_id, version, from_team_id, to_team_id, .. } => vec![
                user_at(Topic::AgentChanged, user_id, version),
                of_user(Topic::MembershipChanged, user_id, user_id),
                Change::new(Topic::ReachChanged, user_id, Audience::TeamWithout(from_team_id, to_team_id)),
                Change::new(Topic::ReachChanged, user_id, Audience::TeamWithout(to_team_id, from_team_id)),
            ],
            Event::TeamMade { team_id, .. } => {
                vec![Change {
                    version: Some(1),
                    ..Change::new(Topic::TeamCreated, team_id, Audience::Team(team_id))
                }]
            }
            Event::TeamRenamed { team_id, version } => {
                let renamed = Change::new(Topic::TeamChanged, team_id, Audience::Team(team_id));
                vec![Change { version: Some(version), ..renamed }]
            }
            Event::SettingsChosen { settings_id, team_id, agent_id, .. } => {
                let audience = match (team_id, agent_id) {
                    (_, Some(agent_id)) => Audience::User(agent_id),
                    (Some(team_id), None) => Audience::TeamAndBelow(team_id),
                    (None, None) => Audience::Everybody,
                };
                vec![Change::new(Topic::SettingsChosen, settings_id, audience)]
            }
            Event::CycleDeclared { agent_id, .. } => {
                vec![of_user(Topic::CycleChanged, agent_id, agent_id)]
            }
            _ => Vec::new(),
        }
    }
}
