//! Who did what: the only place that makes rows of events, here and in the outbox. Rows are only ever added, in the
//! transaction of what they tell; [`purge`] alone takes some, the oldest first, and leaves one that says so.

pub mod list;
pub mod purge;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::{
    clock::Ids,
    domain::{
        exchange::{
            client_event::ClientEvent,
            event::{Event, SignedBlock},
            intake_event::IntakeEvent,
        },
        organisation::actor::{ActedBy, ActorKind},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            dialect::insert_rows,
            schema::audit,
        },
        exchange::outbox,
        prospects::prospect_row::ProspectRow,
    },
};

#[derive(Insertable)]
#[diesel(table_name = audit)]
struct AuditRow {
    id: Id,
    at: NaiveDateTime,
    actor_kind: ActorKind,
    actor_id: Option<Id>,
    action: &'static str,
    subject_kind: &'static str,
    subject_id: Id,
    details: String,
    matter_kind: &'static str,
    matter_id: Option<Id>,
    takes_before: Option<NaiveDateTime>,
}

/// What was done to a prospect, as it was written down.
#[derive(Queryable, Selectable, Clone, Debug)]
#[diesel(table_name = audit)]
pub struct Entry {
    /// Id.
    pub id: Id,
    /// When.
    pub at: NaiveDateTime,
    /// As what somebody acted.
    pub actor_kind: ActorKind,
    /// Who; none for the service itself.
    pub actor_id: Option<Id>,
    /// Code of what was done.
    pub action: String,
    /// Codes, ids and figures.
    pub details: Json<Value>,
}

/// Everything that was done to a prospect, oldest first.
///
/// # Errors
/// Those of the database.
pub fn of_prospect(conn: &mut Conn, row: &ProspectRow) -> Result<Vec<Entry>, StoreError> {
    Ok(audit::table
        .filter(audit::subject_id.eq(row.id))
        .filter(audit::subject_kind.eq("prospect"))
        .order((audit::at, audit::id))
        .select(Entry::as_select())
        .load(conn)?)
}

/// Adds what happened, in the transaction in which it did: to the audit, where what one write adds to a prospect's log is one
/// row, and to the outbox, where every resource that reads differently has one.
///
/// # Errors
/// Those of the database.
pub fn record(
    conn: &mut Conn,
    ids: Ids,
    at: DateTime<Utc>,
    by: ActedBy,
    events: &[Event],
) -> Result<(), StoreError> {
    let together =
        |a: &&Event, b: &&Event| a.is_of_the_log() && b.is_of_the_log() && a.subject() == b.subject();
    let row = |events: &[&Event]| {
        let first = *events.first()?;
        let (subject_kind, subject_id) = first.subject();
        let details = if first.is_of_the_log() { of_the_log(events) } else { details(first) };
        Some(AuditRow {
            id: ids.id(),
            at: stored_instant(at),
            actor_kind: by.kind(),
            actor_id: by.id(),
            action: first.code(),
            subject_kind,
            subject_id,
            details: details.to_string(),
            matter_kind: first.matter().kind(),
            matter_id: first.matter().id(),
            takes_before: first.takes_before(),
        })
    };
    let audited: Vec<&Event> = events.iter().filter(|event| event.is_audited()).collect();
    let rows: Vec<AuditRow> = audited.chunk_by(together).filter_map(row).collect();
    if !rows.is_empty() {
        insert_rows!(conn, rows.len(), diesel::insert_into(audit::table).values(&rows));
    }
    let told =
        events.iter().flat_map(|event| event.changes().into_iter().map(|change| (change, details(event))));
    outbox::append(conn, ids, at, told)
}

/// The records and facts of one write.
fn of_the_log(events: &[&Event]) -> Value {
    let of = |moves: bool| -> Vec<Value> {
        let wanted = |event: &&&Event| matches!(event, Event::ProspectMoved { .. }) == moves;
        events.iter().filter(wanted).map(|event| details(event)).collect()
    };
    json!({"records": of(true), "facts": of(false)})
}

/// Codes and figures of one event.
fn details(event: &Event) -> Value {
    match event {
        Event::ProspectCreated { owner_id, .. } => json!({"owner_id": owner_id}),
        Event::ProspectMoved { record_id, kind, path, from, to, .. } => {
            json!({"id": record_id, "kind": kind, "path": path, "from": from, "to": to})
        }
        Event::FactRecorded { fact_id, kind, .. } => json!({"id": fact_id, "kind": kind}),
        Event::ProspectErased { stage, .. } => json!({"stage": stage}),
        Event::ProspectTransferred { transfer_id, from_agent_id, to_agent_id, transferred_on, .. } => {
            json!({"transfer_id": transfer_id, "from_agent_id": from_agent_id, "to_agent_id": to_agent_id,
                "transferred_on": transferred_on})
        }
        Event::BlockSignedOff(block) | Event::SignOffRevoked(block) => {
            let SignedBlock { agent_id, check_in, attempt, from, to, .. } = block;
            json!({"agent_id": agent_id, "check_in": check_in, "attempt": attempt, "from": from, "to": to})
        }
        Event::SettingsChosen { team_id, agent_id, valid_from, .. } => {
            json!({"team_id": team_id, "agent_id": agent_id, "valid_from": valid_from})
        }
        Event::CycleDeclared { cycle_days, valid_from, .. } => {
            json!({"cycle_days": cycle_days, "valid_from": valid_from})
        }
        Event::UserChanged { role, status, .. } => json!({"role": role, "status": status}),
        Event::UserMoved { from_team_id, to_team_id, valid_from, .. } => {
            json!({"from_team_id": from_team_id, "to_team_id": to_team_id, "valid_from": valid_from})
        }
        Event::LoginsRefused { hour, failures, .. } => refused(hour, *failures),
        Event::ServiceClient { what, .. } => of_client(what),
        Event::InsurerTableChanged(change) => {
            json!({"valid_from": change.valid_from, "figure": change.figure})
        }
        Event::PolicyEvent { what, .. } => of_policy_event(what),
        Event::TeamMade { parent_id, .. } => json!({"parent_id": parent_id}),
        Event::ReportExported { report, format, rows, from, to, .. } => {
            json!({"report": report, "format": format, "rows": rows, "from": from, "to": to})
        }
        Event::ActivityRecorded { kind, .. } => json!({"kind": kind}),
        Event::TallyKept { day, version, .. } => json!({"day": day, "version": version}),
        Event::PeopleListed { people, .. } => json!({"people": people}),
        Event::AuditExported { rows, .. } | Event::LogExported { rows, .. } => json!({"rows": rows}),
        Event::AuditPurged { rows, before, .. } => json!({"rows": rows, "before": before.and_utc()}),
        Event::Followed(_)
        | Event::Webhook { .. }
        | Event::PersonChanged { .. }
        | Event::ActivityTakenBack { .. }
        | Event::BackupMade { .. }
        | Event::ProspectExported { .. }
        | Event::UserAdded { .. }
        | Event::PasswordReset { .. }
        | Event::PasswordChanged { .. }
        | Event::TeamRenamed { .. }
        | Event::CalendarFeedMade { .. }
        | Event::CalendarFeedRevoked { .. } => json!({}),
    }
}

fn of_client(what: &ClientEvent) -> Value {
    match what {
        ClientEvent::Made => json!({}),
        ClientEvent::Changed { status } => json!({"status": status}),
        ClientEvent::SecretMade { secret_id } | ClientEvent::SecretRetired { secret_id } => {
            json!({"secret_id": secret_id})
        }
        ClientEvent::TokensRefused { hour, failures } => refused(hour, *failures),
    }
}

fn refused(hour: &DateTime<Utc>, failures: i32) -> Value {
    json!({"hour": hour.to_rfc3339_opts(SecondsFormat::Secs, true), "failures": failures})
}

fn of_policy_event(what: &IntakeEvent) -> Value {
    match what {
        IntakeEvent::Received { event_type } => json!({"type": event_type.code()}),
        IntakeEvent::Matched { prospect_id, application_id, by } => {
            json!({"prospect_id": prospect_id, "application_id": application_id, "by": by.code()})
        }
        IntakeEvent::Waits { for_what } => json!({"for": for_what.code()}),
        IntakeEvent::MatchDecided { decision_id, prospect_id } => {
            json!({"id": decision_id, "prospect_id": prospect_id})
        }
        IntakeEvent::Dismissed { decision_id } => json!({"id": decision_id}),
        IntakeEvent::Revoked { decision_id, .. } => json!({"id": decision_id}),
    }
}
