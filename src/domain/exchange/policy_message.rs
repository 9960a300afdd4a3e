//! One thing that the insurer's policy system told (method section 10), and where it stands: under an application, waiting for
//! a supervisor, or dismissed.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::policy_event::PolicyEventType;
use crate::domain::values::id::Id;

/// Most characters of an id that another system gives.
pub const SENDER_ID_MAX: usize = 128;

/// Most characters of an application number or a policy number.
pub const NUMBER_MAX: usize = 64;

/// What was told. Codes, numbers and dates only: the client's telephone and the words beside it are personal and kept apart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct PolicyMessage {
    /// The sender's own id of it.
    pub sender_id: String,
    /// What happened.
    pub event_type: PolicyEventType,
    /// When.
    pub occurred_at: DateTime<Utc>,
    /// The insurer's number of the application.
    pub application_number: Option<String>,
    /// The insurer's number of the policy.
    pub policy_number: Option<String>,
    /// Whom it is about, in the sender's word.
    pub prospect_id: Option<Id>,
    /// Whose client it is (工号).
    pub agent_code: Option<String>,
    /// The product.
    pub product_code: Option<String>,
    /// Through which channel it was sold.
    pub channel: Option<String>,
    /// Over how many years premiums are paid.
    pub payment_term_years: Option<i32>,
    /// The money that it is about, minor units.
    pub amount_minor: Option<i64>,
    /// Standard premium in the sender's own figure, minor units.
    pub standard_premium_minor: Option<i64>,
    /// When the application was signed.
    pub signed_on: Option<NaiveDate>,
}

/// Where an event stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventStatus {
    /// Under an application.
    Matched,
    /// It matches nobody, or several, or cannot count as things stand.
    Unmatched,
    /// It says something else than what is known.
    Contradicting,
    /// A supervisor said that it counts for nobody.
    Dismissed,
}

impl EventStatus {
    /// Every one.
    pub const ALL: [EventStatus; 4] =
        [EventStatus::Matched, EventStatus::Unmatched, EventStatus::Contradicting, EventStatus::Dismissed];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            EventStatus::Matched => "matched",
            EventStatus::Unmatched => "unmatched",
            EventStatus::Contradicting => "contradicting",
            EventStatus::Dismissed => "dismissed",
        }
    }

    /// Whether it waits for a supervisor.
    pub fn waits(self) -> bool {
        matches!(self, EventStatus::Unmatched | EventStatus::Contradicting)
    }
}

/// Why an event waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// It names nobody who is known.
    NoMatch,
    /// It could be about several.
    SeveralMatches,
    /// Nobody has begun to sell to the person.
    NoPursuit,
    /// The person has left the process.
    Exited,
    /// It belongs to a pursuit that is not the latest.
    OlderPursuit,
    /// It names another person than its numbers do.
    AnotherProspect,
    /// Its numbers belong to different applications.
    AnotherNumber,
    /// Another event of the application says otherwise.
    AnotherEvent,
    /// The rules refuse it as things stand.
    Refused,
    /// A supervisor took its match back.
    HeldBack,
}

impl WaitsFor {
    /// Every one.
    pub const ALL: [WaitsFor; 10] = [
        WaitsFor::NoMatch,
        WaitsFor::SeveralMatches,
        WaitsFor::NoPursuit,
        WaitsFor::Exited,
        WaitsFor::OlderPursuit,
        WaitsFor::AnotherProspect,
        WaitsFor::AnotherNumber,
        WaitsFor::AnotherEvent,
        WaitsFor::Refused,
        WaitsFor::HeldBack,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            WaitsFor::NoMatch => "no_match",
            WaitsFor::SeveralMatches => "several_matches",
            WaitsFor::NoPursuit => "no_pursuit",
            WaitsFor::Exited => "exited",
            WaitsFor::OlderPursuit => "older_pursuit",
            WaitsFor::AnotherProspect => "another_prospect",
            WaitsFor::AnotherNumber => "another_number",
            WaitsFor::AnotherEvent => "another_event",
            WaitsFor::Refused => "refused",
            WaitsFor::HeldBack => "held_back",
        }
    }

    /// Where an event stands that waits for it.
    pub fn status(self) -> EventStatus {
        match self {
            WaitsFor::AnotherProspect | WaitsFor::AnotherNumber | WaitsFor::AnotherEvent => {
                EventStatus::Contradicting
            }
            WaitsFor::NoMatch
            | WaitsFor::SeveralMatches
            | WaitsFor::NoPursuit
            | WaitsFor::Exited
            | WaitsFor::OlderPursuit
            | WaitsFor::Refused
            | WaitsFor::HeldBack => EventStatus::Unmatched,
        }
    }
}

/// By what an event found its application.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// It named the prospect.
    ProspectId,
    /// Its numbers were tied by another event.
    Numbers,
    /// It named the agent and the client's telephone.
    Phone,
    /// A supervisor said so.
    Supervisor,
}

impl MatchedBy {
    /// Every one.
    pub const ALL: [MatchedBy; 4] =
        [MatchedBy::ProspectId, MatchedBy::Numbers, MatchedBy::Phone, MatchedBy::Supervisor];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            MatchedBy::ProspectId => "prospect_id",
            MatchedBy::Numbers => "numbers",
            MatchedBy::Phone => "phone",
            MatchedBy::Supervisor => "supervisor",
        }
    }

    /// Whether it ties the numbers by itself; what was found by numbers stands only as long as another event ties them.
    pub fn ties(self) -> bool {
        !matches!(self, MatchedBy::Numbers)
    }
}
