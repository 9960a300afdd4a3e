//! A resource reads differently: what the feed that other systems follow has a row of. Ids and codes only.

use serde::Serialize;

use crate::domain::values::id::Id;

/// What became of a resource for whoever may see it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It is new, or reads differently.
    Upserted,
    /// It is not there any more.
    Erased,
    /// It is there, but no longer for those whose it was.
    OutOfReach,
}

impl Became {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Became::Upserted => "upserted",
            Became::Erased => "erased",
            Became::OutOfReach => "out_of_reach",
        }
    }
}

/// Makes [`Topic`] of one table: what happened, its stable code, the resource by its name in the paths, what became of it.
macro_rules! topics {
    ($(#[doc = $doc:literal] $topic:ident = $code:literal, $resource:literal, $became:ident;)+) => {
        /// What happened to one resource.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        pub enum Topic {
            $(#[doc = $doc] $topic,)+
        }

        impl Topic {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Topic] = &[$(Topic::$topic,)+];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self { $(Topic::$topic => $code,)+ }
            }

            /// What happened, in a sentence.
            pub fn about(self) -> &'static str {
                match self { $(Topic::$topic => $doc,)+ }
            }

            /// The resource, by its name in the paths.
            pub fn resource(self) -> &'static str {
                match self { $(Topic::$topic => $resource,)+ }
            }

            /// What became of it.
            pub fn became(self) -> Became {
                match self { $(Topic::$topic => Became::$became,)+ }
            }
        }
    };
}

topics! {
    /// A prospect was put into a book.
    ProspectCreated = "prospect.created", "prospects", Upserted;
    /// A prospect, or anything that is read under it, was written or derived anew.
    ProspectChanged = "prospect.changed", "prospects", Upserted;
    /// A prospect was erased, with everything that is read under it.
    ProspectErased = "prospect.erased", "prospects", Erased;
    /// A prospect was handed on to somebody out of reach, with everything that is read under it.
    ProspectOutOfReach = "prospect.out_of_reach", "prospects", OutOfReach;
    /// A record was added to a log of moves.
    TransitionRecorded = "transition.recorded", "transitions", Upserted;
    /// A criterion was checked.
    CriterionChecked = "criteria_check.recorded", "criteria-checks", Upserted;
    /// An extension was asked for or decided.
    ExtensionChanged = "extension.changed", "extensions", Upserted;
    /// An appointment was fixed, put off, settled, or stands otherwise after a move.
    AppointmentChanged = "appointment.changed", "appointments", Upserted;
    /// What is entered no longer makes this an appointment.
    AppointmentGone = "appointment.gone", "appointments", Erased;
    /// A fallback waits for a decision; the id is the prospect's.
    FallbackProposed = "fallback_proposal.made", "fallback-proposals", Upserted;
    /// It waits no longer.
    FallbackSettled = "fallback_proposal.settled", "fallback-proposals", Erased;
    /// Prospects were handed over.
    TransferRecorded = "transfer.recorded", "transfers", Upserted;
    /// Something was put into a journal.
    ActivityRecorded = "activity.recorded", "activities", Upserted;
    /// An activity was taken back.
    ActivityTakenBack = "activity.taken_back", "activities", Erased;
    /// A day's tally was kept.
    TallyKept = "activity_tally.kept", "activity-tallies", Upserted;
    /// A block of a sheet was signed off.
    SignedOff = "sign_off.created", "sign-offs", Upserted;
    /// A sign-off was revoked; it can still be read.
    SignOffRevoked = "sign_off.revoked", "sign-offs", Upserted;
    /// A user was added.
    AgentCreated = "agent.created", "agents", Upserted;
    /// A user was changed.
    AgentChanged = "agent.changed", "agents", Upserted;
    /// A user went to another team; the id is the user's.
    MembershipChanged = "membership.changed", "memberships", Upserted;
    /// A cycle was declared or follows from other closings; the id is the agent's.
    CycleChanged = "cycle.changed", "cycle", Upserted;
    /// A team was made.
    TeamCreated = "team.created", "teams", Upserted;
    /// A team was changed.
    TeamChanged = "team.changed", "teams", Upserted;
    /// A product was added, or another row took its place.
    ProductChanged = "product.changed", "products", Upserted;
    /// A product was taken out.
    ProductRemoved = "product.removed", "products", Erased;
    /// A cooling-off rule was added, or another row took its place.
    CoolingOffRuleChanged = "cooling_off_rule.changed", "cooling-off-rules", Upserted;
    /// A cooling-off rule was taken out.
    CoolingOffRuleRemoved = "cooling_off_rule.removed", "cooling-off-rules", Erased;
    /// A premium factor was added, or another row took its place.
    PremiumFactorChanged = "premium_factor.changed", "premium-factors", Upserted;
    /// A premium factor was taken out.
    PremiumFactorRemoved = "premium_factor.removed", "premium-factors", Erased;
    /// Settings were chosen; the id is that of the choice.
    SettingsChosen = "settings.chosen", "settings", Upserted;
    /// A calendar feed was made.
    CalendarFeedMade = "calendar_feed.created", "calendar-feeds", Upserted;
    /// A calendar feed was revoked.
    CalendarFeedRevoked = "calendar_feed.revoked", "calendar-feeds", Erased;
    /// A webhook was made.
    WebhookCreated = "webhook.created", "webhooks", Upserted;
    /// A webhook was changed or got another secret.
    WebhookChanged = "webhook.changed", "webhooks", Upserted;
    /// A webhook sends nothing any more: it took nothing for five days, answered 410, or the account ended.
    WebhookDisabled = "webhook.disabled", "webhooks", Upserted;
    /// A webhook was deleted.
    WebhookDeleted = "webhook.deleted", "webhooks", Erased;
    /// Somebody entered or left the teams below a supervisor: nobody is told, but who follows the feed begins anew.
    ReachChanged = "reach.changed", "reach", Upserted;
}

impl Topic {
    /// Whether it is told; the others only say that who follows begins anew.
    pub fn is_told(self) -> bool {
        self != Topic::ReachChanged
    }
}

/// Who may be told of a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// Whoever sees this prospect now.
    Prospect(Id),
    /// Whoever has this user within reach.
    User(Id),
    /// This user alone.
    Only(Id),
    /// Whoever has this team within reach.
    Team(Id),
    /// Whoever has this team within reach, and everybody who belongs to it or below it.
    TeamAndBelow(Id),
    /// Everybody.
    Everybody,
    /// Whoever has this user within reach and does not see this prospect now.
    UserWithout(Id, Id),
    /// Whoever has the first team within reach and not the second.
    TeamWithout(Id, Id),
}

impl Audience {
    /// The stable code of its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Audience::Prospect(_) => "prospect",
            Audience::User(_) => "user",
            Audience::Only(_) => "only",
            Audience::Team(_) => "team",
            Audience::TeamAndBelow(_) => "team_and_below",
            Audience::Everybody => "everybody",
            Audience::UserWithout(..) => "user_without",
            Audience::TeamWithout(..) => "team_without",
        }
    }

    /// Of whom or what; nobody's for everybody.
    pub fn id(self) -> Option<Id> {
        match self {
            Audience::Prospect(id)
            | Audience::User(id)
            | Audience::Only(id)
            | Audience::Team(id)
            | Audience::TeamAndBelow(id)
            | Audience::UserWithout(id, _)
            | Audience::TeamWithout(id, _) => Some(id),
            Audience::Everybody => None,
        }
    }

    /// What must not be in reach.
    pub fn without(self) -> Option<Id> {
        match self {
            Audience::UserWithout(_, id) | Audience::TeamWithout(_, id) => Some(id),
            _ => None,
        }
    }
}

/// A resource reads differently.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Change {
    /// What happened to it.
    pub topic: Topic,
    /// Its id.
    pub id: Id,
    /// Its version after the write, where it has one that the write knows.
    pub version: Option<i32>,
    /// Who may be told.
    pub audience: Audience,
}

impl Change {
    /// One without a version.
    pub fn new(topic: Topic, id: Id, audience: Audience) -> Self {
        Change { topic, id, version: None, audience }
    }

    /// Of a prospect, to whoever sees it.
    pub fn of_prospect(topic: Topic, prospect_id: Id, version: i32) -> Self {
        let audience = Audience::Prospect(prospect_id);
        Change { topic, id: prospect_id, version: Some(version), audience }
    }

    /// Of something under a prospect, to whoever sees the prospect.
    pub fn under(topic: Topic, prospect_id: Id, id: Id) -> Self {
        Change::new(topic, id, Audience::Prospect(prospect_id))
    }
}
