//! What reads differently after a write on a prospect, besides the records and facts themselves: readers who follow the
//! changes are told, in the transaction of the write.

use std::collections::BTreeSet;

use super::projections::Tracks;
use crate::{
    domain::{
        exchange::{
            change::{Audience, Change, Topic},
            event::Event,
        },
        prospects::{
            decision::Decision,
            extension::requests_in,
            fact::{Fact, FactBody},
            ownership::everybody,
        },
        values::{id::Id, timeline::Timeline},
    },
    store::prospects::prospect_row::ProspectRow,
};

/// The records of a decision, where the audit has one row for all of it.
pub(super) fn of_log(prospect_id: Id, decided: &Decision) -> Vec<Event> {
    let told = |id| Event::Followed(Change::under(Topic::TransitionRecorded, prospect_id, id));
    decided.transitions.iter().map(|record| told(record.id)).collect()
}

/// What of a decision is read by an id of its own: checks and extensions.
pub(super) fn of_decision(prospect_id: Id, decided: &Decision) -> Vec<Event> {
    let read = |fact: &Fact| {
        let (topic, id) = match fact.body {
            FactBody::Check { .. } => (Topic::CriterionChecked, fact.id),
            FactBody::ExtensionRequested { .. } => (Topic::ExtensionChanged, fact.id),
            FactBody::ExtensionGranted { .. } | FactBody::ExtensionDenied => {
                let number = fact.pursuit_number;
                let of_it = decided.history.facts.iter().filter(|f| f.pursuit_number == number);
                let mut requests = requests_in(of_it).into_iter();
                let asked =
                    requests.find(|r| r.answer.is_some_and(|(answer, _)| answer.id == fact.id))?.asked;
                (Topic::ExtensionChanged, asked.id)
            }
            _ => return None,
        };
        Some(Event::Followed(Change::under(topic, prospect_id, id)))
    };
    decided.facts.iter().filter_map(read).collect()
}

/// The appointments that stand otherwise than before.
pub(super) fn of_appointments(prospect_id: Id, before: &Tracks, after: &Tracks) -> Vec<Event> {
    let told = |topic, id| Event::Followed(Change::under(topic, prospect_id, id));
    let (changed, gone) = after.appointments_unlike(before);
    let changed = changed.into_iter().map(|id| told(Topic::AppointmentChanged, id));
    changed.chain(gone.into_iter().map(|id| told(Topic::AppointmentGone, id))).collect()
}

/// The row of the prospect, if it reads otherwise than before, and the proposal to fall back that it holds.
pub(super) fn of_row(before: &ProspectRow, after: &ProspectRow) -> Vec<Event> {
    let mut told = Vec::new();
    if reads_otherwise(before, after) {
        told.push(Change::of_prospect(Topic::ProspectChanged, after.id, after.version));
    }
    if before.fallback_proposed != after.fallback_proposed {
        let topic = if after.fallback_proposed { Topic::FallbackProposed } else { Topic::FallbackSettled };
        told.push(Change::under(topic, after.id, after.id));
    }
    told.into_iter().map(Event::Followed).collect()
}

/// A picture derived again may read otherwise without a new version.
fn reads_otherwise(before: &ProspectRow, after: &ProspectRow) -> bool {
    before.version != after.version
        || before.stage != after.stage
        || before.falls_back_on != after.falls_back_on
        || before.next_appointment_at != after.next_appointment_at
        || before.verified_stage != after.verified_stage
        || before.is_claimed != after.is_claimed
        || before.fallback_proposed != after.fallback_proposed
        || before.card != after.card
}

/// A closing came, went or changed: the cycles of those who owned the prospect follow from it.
pub(super) fn of_cycles(owners: &Timeline<Id>) -> Vec<Event> {
    let told =
        |agent_id| Event::Followed(Change::new(Topic::CycleChanged, agent_id, Audience::User(agent_id)));
    everybody(owners).collect::<BTreeSet<Id>>().into_iter().map(told).collect()
}
