//! A fact that the policy system told: one event of one application (method section 10).

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::{exchange::policy_event::PolicyEventType, values::id::Id};

/// One event of an application. Ids, codes, dates and figures only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PolicyFact {
    /// The application that it is about.
    pub application_id: Id,
    /// The event as we keep it.
    pub event_id: Id,
    /// The event as its sender calls it: decides between two of one instant and one kind.
    pub event: String,
    /// What happened.
    pub event_type: PolicyEventType,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The day of it in the insurer's time zone.
    pub on: NaiveDate,
    /// The signature of the application, where the event names it.
    pub signed_on: Option<NaiveDate>,
    /// Advance premium (预收保费) received or returned, minor units.
    pub amount_minor: Option<i64>,
    /// Standard premium (标准保费) of the policy issued, minor units: the system's own, else by factor.
    pub standard_premium_minor: Option<i64>,
    /// Cooling-off period in force for it on `signed_on`, days, where the event is a receipt.
    pub cooling_off_days: Option<i32>,
}

impl PolicyFact {
    /// Its place among the events of an application: by when it happened, never by when it arrived.
    pub fn place(&self) -> (DateTime<Utc>, PolicyEventType, &str, Id) {
        (self.at, self.event_type, &self.event, self.event_id)
    }
}

/// The signature of an application, from all that was told of it: the first that an event names, else the day on which it
/// was submitted.
pub fn signature(told: &[&PolicyFact]) -> Option<NaiveDate> {
    let mut told = told.to_vec();
    told.sort_by(|a, b| a.place().cmp(&b.place()));
    let submitted = |fact: &&&PolicyFact| fact.event_type == PolicyEventType::ApplicationSubmitted;
    told.iter().find_map(|fact| fact.signed_on).or_else(|| told.iter().find(submitted).map(|fact| fact.on))
}
