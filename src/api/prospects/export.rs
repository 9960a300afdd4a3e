//! `…/{prospect_id}/export`: everything the service holds about one person, as JSON, for whoever has to answer a request for
//! it. What an erasure takes away stands in it.

use std::collections::{BTreeMap, HashMap};

use actix_web::{HttpResponse, get, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    board_change::TransitionView,
    criteria_checks::{self, CriteriaCheck},
    extensions::Extension,
    pursuits::{self, PursuitView},
    timeline::{self, TimelineEntry},
    transfers::bodies::TransferView,
    view::ProspectView,
};
use crate::{
    api::{
        exchange::policy_event_views::{self as policy_events, ExportedPolicyEvent},
        extract::{At, Caller, PathId},
        journal::{
            activities::bodies::ActivityView,
            appointments::{self, AppointmentView},
        },
        problem::document::Problem,
        reports::sign_offs::bodies::{SignOffView, SignedSheet, signed_columns},
        respond::due,
    },
    app::App,
    domain::{
        exchange::event::Event,
        organisation::actor::{Actor, ActorKind},
        prospects::prospect::Person,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        exchange::{
            policy_event_decisions::{self, DecisionRow},
            policy_event_queue::{self, Queued},
        },
        journal::activities::{self, Noted},
        ledger::{self, Loaded, deals},
        organisation::audit,
        prospects::{
            people,
            transfers::{self, Transfer},
        },
        reports::{
            board::{self, ExtensionFilter, ExtensionRow},
            sign_offs::{self, Known, SignOff},
        },
    },
};

/// What was done to a person's record, and by whom.
#[derive(Serialize, ToSchema)]
pub struct AuditMention {
    /// Id of the entry.
    pub id: Id,
    /// When.
    pub at: At,
    /// As what somebody acted.
    pub actor_kind: ActorKind,
    /// Who; null for the service itself.
    #[schema(required = true)]
    pub actor_id: Option<Id>,
    /// Code of what was done.
    #[schema(max_length = 64, example = "prospect_moved")]
    pub action: String,
    /// Ids, codes and figures of it.
    #[schema(value_type = Object, additional_properties = true)]
    pub details: serde_json::Value,
}

impl From<audit::Entry> for AuditMention {
    fn from(entry: audit::Entry) -> Self {
        AuditMention {
            id: entry.id,
            at: At(entry.at.and_utc()),
            actor_kind: entry.actor_kind,
            actor_id: entry.actor_id,
            action: entry.action,
            details: entry.details.0,
        }
    }
}

/// Everything that is held about one person, as far as it lies in your reach.
#[derive(Serialize, ToSchema)]
pub struct ProspectExport {
    /// When it was put together.
    pub exported_at: At,
    /// The person, and where it stands today.
    pub prospect: ProspectView,
    /// The attempts to sell.
    #[schema(max_items = 1000)]
    pub pursuits: Vec<PursuitView>,
    /// The appointments, with agenda and notes.
    #[schema(max_items = 1000)]
    pub appointments: Vec<AppointmentView>,
    /// The checks of the five criteria, with evidence.
    #[schema(max_items = 1000)]
    pub criteria_checks: Vec<CriteriaCheck>,
    /// The requests for more days, with both reasons.
    #[schema(max_items = 1000)]
    pub extensions: Vec<Extension>,
    /// The log of moves.
    #[schema(max_items = 5000)]
    pub transitions: Vec<TransitionView>,
    /// Calls, visits, messages and notes, with their words.
    #[schema(max_items = 100_000)]
    pub activities: Vec<ActivityView>,
    /// Moves, facts and activities in one list, with the words that were written with each.
    #[schema(max_items = 100_000)]
    pub timeline: Vec<TimelineEntry>,
    /// The transfers; of each only what is about this person.
    #[schema(max_items = 1000)]
    pub transfers: Vec<TransferView>,
    /// The signed sheets on which the person stands, without the other people on them.
    #[schema(max_items = 5000)]
    pub sign_offs: Vec<SignedSheet>,
    /// What the insurer's policy system told of the person, and what supervisors decided about it.
    #[schema(max_items = 5000)]
    pub policy_events: Vec<ExportedPolicyEvent>,
    /// What was done to the record, and by whom.
    #[schema(max_items = 100_000)]
    pub audit: Vec<AuditMention>,
}

/// The rows of an export.
struct Held {
    loaded: Loaded,
    person: Person,
    texts: HashMap<Id, String>,
    pursuit_ids: HashMap<i32, Id>,
    extensions: Vec<ExtensionRow>,
    journal: Vec<Noted>,
    transfers: Vec<Transfer>,
    sign_offs: Vec<SignOff>,
    policy_events: Vec<Queued>,
    decisions: Vec<(DecisionRow, Option<String>)>,
    audit: Vec<audit::Entry>,
}

/// Everything about a prospect that a caller may see. A new table of personal data is read here as well.
fn held(conn: &mut Conn, actor: &Actor, loaded: Loaded) -> Result<Held, StoreError> {
    let (row, scope) = (&loaded.row, &actor.scope);
    let policy_events = policy_event_queue::about(conn, row)?;
    let told: Vec<Id> = policy_events.iter().map(|queued| queued.row.id).collect();
    let of_it = transfers::Filter { prospect_id: Some(row.id), ..Default::default() };
    let asked_of_it = ExtensionFilter { prospect_id: Some(row.id), ..Default::default() };
    Ok(Held {
        person: people::find(conn, row)?,
        texts: ledger::evidence_of(conn, row)?,
        pursuit_ids: deals::pursuit_ids(conn, row)?,
        extensions: board::extensions(conn, scope, &asked_of_it, i64::MAX)?,
        journal: activities::all_with(conn, scope, row.id)?,
        transfers: transfers::page(conn, scope, &of_it, i64::MAX)?,
        sign_offs: sign_offs::naming(conn, scope, row)?,
        decisions: policy_event_decisions::about(conn, &told)?,
        policy_events,
        audit: audit::of_prospect(conn, row)?,
        loaded,
    })
}

impl Held {
    fn shown(self, exported_at: At) -> Result<ProspectExport, Problem> {
        let (id, today) = (self.loaded.row.id, self.loaded.today);
        let known = Known { names: BTreeMap::from([(id, self.person.name.clone())]), ..Known::default() };
        let of_it = |signed: &SignOff| SignedSheet {
            columns: signed_columns(&signed.row.figures.0.columns, &known),
            sign_off: SignOffView::new(signed, Vec::new()),
        };
        let part = |mut transfer: Transfer| {
            transfer.prospects.retain(|(prospect_id, _)| *prospect_id == id);
            TransferView::from(transfer)
        };
        let noted: Result<Vec<ActivityView>, StoreError> =
            self.journal.iter().cloned().map(ActivityView::new).collect();
        let history = &self.loaded.history;
        Ok(ProspectExport {
            exported_at,
            pursuits: pursuits::views(&self.loaded, &self.pursuit_ids),
            appointments: appointments::views(&self.loaded, &self.texts),
            criteria_checks: criteria_checks::views(&self.loaded, &self.texts),
            extensions: self.extensions.into_iter().map(Extension::from).collect(),
            transitions: history.transitions.iter().map(|t| TransitionView::new(id, t)).collect(),
            activities: noted?,
            timeline: timeline::entries(history, &self.texts, self.journal),
            transfers: self.transfers.into_iter().map(part).collect(),
            sign_offs: self.sign_offs.iter().map(of_it).collect(),
            policy_events: policy_events::exported(self.policy_events, self.decisions, id),
            audit: self.audit.into_iter().map(AuditMention::from).collect(),
            prospect: ProspectView::new(&self.loaded.row, self.person, today),
        })
    }
}

/// Export everything about a person
///
/// All that is held about one person, as far as it lies in your reach: who asks for it gets this file. Notes that a former
/// owner keeps in a journal out of your reach are not in it; a supervisor above both sees all. It leaves an audit row.
#[utoipa::path(tag = "prospects", operation_id = "getProspectExport",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "Everything about the person.", body = ProspectExport)))]
#[get("/v1/prospects/{prospect_id}/export")]
pub async fn get_prospect_export(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let held = due::read(&app, &caller, move |conn, actor, now| {
        let loaded = ledger::load(conn, &actor.scope, id.0, now)?;
        Ok(held(conn, actor, loaded)?)
    })
    .await?;
    let (ids, now) = (app.ids, app.clock.now());
    let export = held.shown(At(now))?;
    // Nothing is given before it is written down who took it.
    let taken = Event::ProspectExported { prospect_id: id.0 };
    caller
        .write(&app, move |conn, actor| Ok(audit::record(conn, ids, now, actor.acts_as(), &[taken])?))
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(export))
}
