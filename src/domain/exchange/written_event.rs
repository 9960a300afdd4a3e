//! Events as they are written down: which are of a prospect's log, and which take rows out of the audit.

use chrono::NaiveDateTime;

use super::event::Event;
use crate::domain::{
    prospects::{decision::Decision, fact::Fact},
    values::id::Id,
};

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
