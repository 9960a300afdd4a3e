//! Events as they are written down: which are of a prospect's log, and which take rows out of the audit.

use chrono::NaiveDateTime;

use super::event::Event;

impl Event {
    /// Before which instant it takes rows out of the audit.
    pub fn takes_before(&self) -> Option<NaiveDateTime> {
        match self {
            Event::AuditPurged { before, .. } => Some(*before),
            _ => None,
        }
    }

    /// Whether the audit has a row of it.
    pub fn is_audited(&self) -> bool {
        !matches!(self, Event::Followed(_))
    }

    /// Whether it only says what an entry in a prospect's log or among its facts says: those of one write are told together.
    pub fn is_of_the_log(&self) -> bool {
        matches!(self, Event::ProspectMoved { .. } | Event::FactRecorded { .. })
    }
}
