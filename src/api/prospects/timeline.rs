//! `…/{prospect_id}/timeline`: everything recorded about one person, in one list.

use std::collections::HashMap;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::timeline_fact::TimelineFact;
use crate::{
    api::{
        extract::{At, Caller, On, PathId},
        problem::document::Problem,
        respond::{due, page::whole_page},
    },
    app::App,
    domain::{
        method::stage::Stage,
        organisation::actor::ActorKind,
        prospects::{
            fact::Fact,
            history::History,
            transition::{RecordKind, Transition},
        },
        values::id::Id,
    },
    store::{
        journal::activities::{self, Noted},
        ledger,
    },
};

/// One entry of a timeline: a move, a fact or an activity.
#[derive(Serialize, ToSchema)]
pub struct TimelineEntry {
    /// Id of the record, fact or activity.
    pub id: Id,
    /// `move`, `superseded`, `voided`, the kind of a fact, e.g. `appointment_fixed`, or of an activity, e.g. `call`.
    #[schema(max_length = 64, example = "move")]
    pub kind: String,
    /// The pursuit; 0 before the first.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// Business date.
    pub occurred_on: On,
    /// When it was written down.
    pub recorded_at: At,
    /// Who: an agent, a supervisor, the service itself or another system.
    pub actor_kind: ActorKind,
    /// The user, or the client of the other system; null for the service itself.
    #[schema(required = true)]
    pub actor_id: Option<Id>,
    /// Stage before, for moves.
    #[schema(required = true)]
    pub from: Option<Stage>,
    /// Stage after, for moves.
    #[schema(required = true)]
    pub to: Option<Stage>,
    /// What a fact says, and how a call ended: codes and values, no free text; null for moves.
    #[schema(required = true)]
    pub fact: Option<TimelineFact>,
    /// The words that were written with it.
    #[schema(required = true, max_length = 2000)]
    pub text: Option<String>,
}

impl TimelineEntry {
    fn of_fact(fact: &Fact, text: Option<String>) -> Self {
        TimelineEntry {
            id: fact.id,
            kind: fact.body.kind().to_owned(),
            pursuit_number: fact.pursuit_number,
            occurred_on: On(fact.occurred_on),
            recorded_at: At(fact.recorded_at),
            actor_kind: fact.by.kind(),
            actor_id: fact.by.id(),
            from: None,
            to: None,
            fact: Some(TimelineFact::of(&fact.body)),
            text,
        }
    }

    fn of_record(record: &Transition, text: Option<String>) -> Self {
        TimelineEntry {
            id: record.id,
            kind: match record.kind {
                RecordKind::Move => "move".to_owned(),
                other => other.code().to_owned(),
            },
            pursuit_number: record.pursuit_number,
            occurred_on: On(record.occurred_on),
            recorded_at: At(record.recorded_at),
            actor_kind: record.by.kind(),
            actor_id: record.by.id(),
            from: record.from,
            to: Some(record.to),
            fact: None,
            text,
        }
    }

    fn of_activity(Noted { row, text, .. }: Noted, history: &History) -> Self {
        TimelineEntry {
            id: row.id,
            pursuit_number: history.pursuit_on(row.occurred_on),
            occurred_on: On(row.occurred_on),
            recorded_at: At(row.recorded_at.and_utc()),
            // Activities are noted in the own diary.
            actor_kind: ActorKind::Agent,
            actor_id: Some(row.agent_id),
            from: None,
            to: None,
            fact: Some(TimelineFact { outcome: row.outcome, ..TimelineFact::default() }),
            text,
            kind: row.kind,
        }
    }
}

whole_page! {
    /// A prospect's timeline.
    pub struct TimelinePage {
        /// In order of business date, then of recording.
        #[schema(max_items = 5000)]
        data: Vec<TimelineEntry>
    }
}

/// Show a prospect's timeline
///
/// Moves, facts and activities in one list, in order of business date; what was superseded or voided stays visible.
#[utoipa::path(tag = "prospects", operation_id = "getTimeline",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "The timeline.", body = TimelinePage)))]
#[get("/v1/prospects/{prospect_id}/timeline")]
pub async fn get_timeline(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let (loaded, texts, journal) = due::read(&app, &caller, move |conn, actor, now| {
        let loaded = ledger::load(conn, &actor.scope, id.0, now)?;
        let texts = ledger::evidence_of(conn, &loaded.row)?;
        let journal = activities::all_with(conn, &actor.scope, id.0)?;
        Ok((loaded, texts, journal))
    })
    .await?;
    Ok(HttpResponse::Ok().json(TimelinePage::of(entries(&loaded.history, &texts, journal))))
}

/// Log, facts and journal in one list; `texts` are the free texts by fact or record.
pub(super) fn entries(
    history: &History,
    texts: &HashMap<Id, String>,
    journal: Vec<Noted>,
) -> Vec<TimelineEntry> {
    let words = |id: Id| texts.get(&id).cloned();
    let facts = history.facts.iter().map(|fact| TimelineEntry::of_fact(fact, words(fact.id)));
    let mut data: Vec<TimelineEntry> = facts.collect();
    data.extend(history.transitions.iter().map(|one| TimelineEntry::of_record(one, words(one.id))));
    data.extend(journal.into_iter().map(|noted| TimelineEntry::of_activity(noted, history)));
    data.sort_by_key(|entry| (entry.occurred_on, entry.recorded_at, entry.id));
    data
}
