//! What changed: every write gives a list of these, and whatever has to be told of it follows from the list. Ids, codes and
//! figures only, never names or free text.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use uuid::Uuid;

pub use super::signed_block::SignedBlock;
use super::{
    change::Change, client_event::ClientEvent, intake_event::IntakeEvent, table_change::TableChange,
    webhook::WebhookDeed,
};
use crate::domain::{
    method::stage::Stage,
    organisation::{actor::Role, user::Status},
    prospects::transition::{Path, RecordKind},
    values::id::Id,
};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Event {
    /// A person was put into a book.
    ProspectCreated {
        /// The prospect.
        prospect_id: Id,
        /// Whose book.
        owner_id: Id,
    },
    /// A record was added to a prospect's log.
    ProspectMoved {
        /// The prospect.
        prospect_id: Id,
        /// The record.
        record_id: Id,
        /// What it does to the fold.
        kind: RecordKind,
        /// How it came about.
        path: Path,
        /// Stage before.
        from: Option<Stage>,
        /// Stage after.
        to: Stage,
    },
    /// A fact was recorded.
    FactRecorded {
        /// The prospect.
        prospect_id: Id,
        /// The fact.
        fact_id: Id,
        /// Its kind, e.g. `appointment_fixed`.
        kind: &'static str,
    },
    /// What is noted about a person was changed.
    PersonChanged {
        /// The prospect.
        prospect_id: Id,
        /// Its version after it.
        version: i32,
    },
    /// Everything personal about a prospect was erased.
    ProspectErased {
        /// The prospect.
        prospect_id: Id,
        /// Where it stood.
        stage: Stage,
        /// Its version after it.
        version: i32,
    },
    /// Everything about a prospect was taken away as a file.
    ProspectExported {
        /// The prospect.
        prospect_id: Id,
    },
    /// A prospect was handed to another agent.
    ProspectTransferred {
        /// The prospect.
        prospect_id: Id,
        /// The transfer.
        transfer_id: Id,
        /// Whose it was.
        from_agent_id: Id,
        /// Whose it is.
        to_agent_id: Id,
        /// First day of the new owner.
        transferred_on: NaiveDate,
    },
    /// A block of a sheet was signed off.
    BlockSignedOff(SignedBlock),
    /// A sign-off was revoked.
    SignOffRevoked(SignedBlock),
    /// Settings were chosen.
    SettingsChosen {
        /// The choice.
        settings_id: Id,
        /// For a team and everybody below it.
        team_id: Option<Id>,
        /// For one agent; neither for the organisation.
        agent_id: Option<Id>,
        /// From which day on.
        valid_from: NaiveDate,
    },
    /// An agent declared a cycle.
    CycleDeclared {
        /// The agent.
        agent_id: Id,
        /// Days.
        cycle_days: i32,
        /// From which day on.
        valid_from: NaiveDate,
    },
    /// A user was added.
    UserAdded {
        /// The user.
        user_id: Id,
    },
    /// A user was changed.
    UserChanged {
        /// The user.
        user_id: Id,
        /// The role now.
        role: Role,
        /// The status now.
        status: Status,
        /// Its version after it.
        version: i32,
    },
    /// A user went to another team.
    UserMoved {
        /// The user.
        user_id: Id,
        /// The team before.
        from_team_id: Id,
        /// The team after.
        to_team_id: Id,
        /// First day in it.
        valid_from: NaiveDate,
        /// Its version after it.
        version: i32,
    },
    /// A user's password was reset by somebody else.
    PasswordReset {
        /// The user.
        user_id: Id,
        /// Its version after it.
        version: i32,
    },
    /// A user changed the own password.
    PasswordChanged {
        /// The user.
        user_id: Id,
        /// Its version after it.
        version: i32,
    },
    /// Logins were refused within an hour.
    LoginsRefused {
        /// With the name of this user; nobody's when absent.
        user_id: Option<Id>,
        /// When the hour began.
        hour: DateTime<Utc>,
        /// How many.
        failures: i32,
    },
    /// Something happened to a machine client.
    ServiceClient {
        /// The client.
        client_id: Id,
        /// What.
        what: ClientEvent,
    },
    /// Something happened to an event of the policy system.
    PolicyEvent {
        /// The event.
        event_id: Id,
        /// The agent whose client it is, as far as the event says so.
        agent_id: Option<Id>,
        /// What.
        what: IntakeEvent,
    },
    /// A team was made.
    TeamMade {
        /// The team.
        team_id: Id,
        /// The team above.
        parent_id: Option<Id>,
    },
    /// A team was renamed.
    TeamRenamed {
        /// The team.
        team_id: Id,
        /// Its version after it.
        version: i32,
    },
    /// A row of one of the insurer's tables was written or taken out.
    InsurerTableChanged(TableChange),
    /// A calendar feed was made.
    CalendarFeedMade {
        /// The feed.
        feed_id: Id,
        /// Whose calendar.
        user_id: Id,
    },
    /// A calendar feed was revoked.
    CalendarFeedRevoked {
        /// The feed.
        feed_id: Id,
        /// Whose calendar.
        user_id: Id,
    },
    /// Something was put into a journal.
    ActivityRecorded {
        /// The activity.
        activity_id: Id,
        /// Whose journal.
        agent_id: Id,
        /// Its kind, e.g. `call`.
        kind: &'static str,
    },
    /// An activity was taken back: a slip.
    ActivityTakenBack {
        /// The activity.
        activity_id: Id,
        /// Whose journal.
        agent_id: Id,
    },
    /// A day's tally was kept.
    TallyKept {
        /// The tally.
        tally_id: Id,
        /// Whose.
        agent_id: Id,
        /// The day.
        day: NaiveDate,
        /// Which telling of that day.
        version: i32,
    },
    /// Many people were shown to one caller within a minute.
    PeopleListed {
        /// The caller.
        user_id: Id,
        /// How many people.
        people: usize,
    },
    /// A report was taken away as a file.
    ReportExported {
        /// Code of the report.
        report: &'static str,
        /// Name of the form.
        format: &'static str,
        /// Rows in it.
        rows: usize,
        /// `user` or `team`.
        subject_kind: &'static str,
        /// Whose figures.
        subject_id: Id,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    },
    /// Rows of the audit were taken away as a file.
    AuditExported {
        /// By whom.
        user_id: Id,
        /// Rows in it.
        rows: usize,
    },
    /// Records of the log of moves were taken away as a file.
    LogExported {
        /// By whom.
        user_id: Id,
        /// Records in it.
        rows: usize,
    },
    /// The oldest rows of the audit were removed, as the setting for their life asks.
    AuditPurged {
        /// The last of them.
        last_id: Id,
        /// How many.
        rows: i64,
        /// They were all older than this.
        before: NaiveDateTime,
    },
    /// A resource reads differently because of the others in the list: readers are told, the audit has it from those.
    Followed(Change),
    /// Something was done to a webhook.
    Webhook {
        /// The webhook.
        webhook_id: Id,
        /// Whose.
        user_id: Id,
        /// What.
        deed: WebhookDeed,
        /// Its version after it.
        version: i32,
    },
    /// A copy of the whole database was taken.
    BackupMade {
        /// Names the copy.
        backup_id: Id,
    },
}

impl Event {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Event::ProspectCreated { .. } => "prospect_created",
            Event::ProspectMoved { .. } => "prospect_moved",
            Event::FactRecorded { .. } => "fact_recorded",
            Event::PersonChanged { .. } => "person_changed",
            Event::ProspectErased { .. } => "prospect_erased",
            Event::ProspectExported { .. } => "prospect_exported",
            Event::ProspectTransferred { .. } => "prospect_transferred",
            Event::BlockSignedOff(_) => "sign_off_created",
            Event::SignOffRevoked(_) => "sign_off_revoked",
            Event::SettingsChosen { .. } => "settings_chosen",
            Event::CycleDeclared { .. } => "cycle_declared",
            Event::UserAdded { .. } => "user_created",
            Event::UserChanged { .. } => "user_changed",
            Event::UserMoved { .. } => "user_moved",
            Event::PasswordReset { .. } => "password_reset",
            Event::PasswordChanged { .. } => "password_changed",
            Event::LoginsRefused { .. } => "logins_refused",
            Event::ServiceClient { what, .. } => what.code(),
            Event::PolicyEvent { what, .. } => what.code(),
            Event::TeamMade { .. } => "team_created",
            Event::TeamRenamed { .. } => "team_changed",
            Event::InsurerTableChanged(change) => change.code(),
            Event::CalendarFeedMade { .. } => "calendar_feed_created",
            Event::CalendarFeedRevoked { .. } => "calendar_feed_revoked",
            Event::ActivityRecorded { .. } => "activity_recorded",
            Event::ActivityTakenBack { .. } => "activity_taken_back",
            Event::TallyKept { .. } => "tally_kept",
            Event::PeopleListed { .. } => "people_listed",
            Event::AuditExported { .. } => "audit_exported",
            Event::LogExported { .. } => "log_exported",
            Event::AuditPurged { .. } => "audit_purged",
            Event::BackupMade { .. } => "backup_made",
            Event::Webhook { deed, .. } => deed.code(),
            Event::Followed(change) => change.topic.code(),
            Event::ReportExported { .. } => "report_exported",
        }
    }

    /// What it happened to: the kind of the thing, and its id.
    pub fn subject(&self) -> (&'static str, Id) {
        match self {
            Event::ProspectCreated { prospect_id, .. }
            | Event::ProspectMoved { prospect_id, .. }
            | Event::FactRecorded { prospect_id, .. }
            | Event::PersonChanged { prospect_id, .. }
            | Event::ProspectErased { prospect_id, .. }
            | Event::ProspectExported { prospect_id }
            | Event::ProspectTransferred { prospect_id, .. } => ("prospect", *prospect_id),
            Event::BlockSignedOff(block) | Event::SignOffRevoked(block) => ("sign_off", block.sign_off_id),
            Event::SettingsChosen { settings_id, .. } => ("settings", *settings_id),
            Event::CycleDeclared { agent_id, .. } => ("user", *agent_id),
            Event::UserAdded { user_id }
            | Event::UserChanged { user_id, .. }
            | Event::UserMoved { user_id, .. }
            | Event::PasswordReset { user_id, .. }
            | Event::PasswordChanged { user_id, .. } => ("user", *user_id),
            Event::LoginsRefused { user_id: Some(user_id), .. } => ("user", *user_id),
            // Of names that nobody has: of no user, but a subject there must be.
            Event::LoginsRefused { user_id: None, .. } => ("login", Id(Uuid::nil())),
            Event::ServiceClient { client_id, .. } => ("service_client", *client_id),
            Event::PolicyEvent { event_id, .. } => ("policy_event", *event_id),
            Event::TeamMade { team_id, .. } | Event::TeamRenamed { team_id, .. } => ("team", *team_id),
            Event::InsurerTableChanged(change) => (change.table.subject(), change.row_id),
            Event::CalendarFeedMade { feed_id, .. } | Event::CalendarFeedRevoked { feed_id, .. } => {
                ("calendar_feed", *feed_id)
            }
            Event::ActivityRecorded { activity_id, .. } | Event::ActivityTakenBack { activity_id, .. } => {
                ("activity", *activity_id)
            }
            Event::TallyKept { tally_id, .. } => ("activity_tally", *tally_id),
            Event::PeopleListed { user_id, .. }
            | Event::AuditExported { user_id, .. }
            | Event::LogExported { user_id, .. } => ("user", *user_id),
            Event::AuditPurged { last_id, .. } => ("audit", *last_id),
            Event::BackupMade { backup_id } => ("backup", *backup_id),
            Event::Webhook { webhook_id, .. } => ("webhook", *webhook_id),
            Event::Followed(change) => (change.topic.resource(), change.id),
            Event::ReportExported { subject_kind, subject_id, .. } => (subject_kind, *subject_id),
        }
    }
}
