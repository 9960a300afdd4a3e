//! Rows of the log and of the facts, to and from the domain. Refuses rows the domain would not have written.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::{
    domain::{
        method::{criteria::Verdicts, stage::Stage},
        organisation::actor::{ActedBy, ActorKind},
        prospects::{
            fact::{Fact, FactBody},
            history::History,
            transition::{Path, Reason, RecordKind, Transition},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            dialect::insert_rows,
            schema::{facts, transitions},
        },
    },
    text_enum,
};

text_enum!(Stage {
    Opportunity => "opportunity",
    FirstAppointment => "first_appointment",
    Stage25 => "stage_25",
    Stage50 => "stage_50",
    Stage90 => "stage_90",
    Closed => "closed",
    Exited => "exited",
});
text_enum!(RecordKind { Move => "move", Superseded => "superseded", Voided => "voided" });
text_enum!(ActorKind {
    Agent => "agent",
    Supervisor => "supervisor",
    System => "system",
    Integration => "integration",
});
text_enum!(Path {
    Created => "created",
    Manual => "manual",
    Automatic => "automatic",
    Reinstated => "reinstated",
    Overridden => "overridden",
    Compensating => "compensating",
    Correction => "correction",
});

impl crate::store::db::codec::StoredText for Reason {
    fn stored(&self) -> std::borrow::Cow<'_, str> {
        std::borrow::Cow::Borrowed(self.code())
    }

    fn from_stored(text: &str) -> Option<Self> {
        Reason::from_code(text)
    }
}
crate::stored_as_text!(Reason);

fn acted_by(kind: ActorKind, id: Option<Id>) -> Result<ActedBy, StoreError> {
    let corrupt = || StoreError::Corrupt("actor_kind and actor_id: they do not belong together".to_owned());
    ActedBy::from_parts(kind, id).ok_or_else(corrupt)
}

/// A row of the log.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = transitions)]
pub struct TransitionRow {
    /// Id.
    pub id: Id,
    /// Prospect.
    pub prospect_id: Id,
    /// Position.
    pub seq: i32,
    /// Kind.
    pub kind: RecordKind,
    /// Pursuit.
    pub pursuit_number: i32,
    /// Before.
    pub from_stage: Option<Stage>,
    /// After.
    pub to_stage: Stage,
    /// How.
    pub path: Path,
    /// Why.
    pub reason: Reason,
    /// On the way to another.
    pub pass_through: bool,
    /// Business date.
    pub occurred_on: NaiveDate,
    /// Instant of recording.
    pub recorded_at: NaiveDateTime,
    /// Its date.
    pub recorded_on: NaiveDate,
    /// Who: the kind.
    pub actor_kind: ActorKind,
    /// Who; none for the service itself.
    pub actor_id: Option<Id>,
    /// Request.
    pub group_id: Id,
    /// Cancelled record.
    pub cancels: Option<Id>,
    /// Cycle in force.
    pub cycle_days: i32,
    /// Criteria.
    pub criteria: Json<Verdicts>,
}

impl TransitionRow {
    fn from_domain(prospect_id: Id, t: &Transition) -> Self {
        TransitionRow {
            id: t.id,
            prospect_id,
            seq: t.seq,
            kind: t.kind,
            pursuit_number: t.pursuit_number,
            from_stage: t.from,
            to_stage: t.to,
            path: t.path,
            reason: t.reason,
            pass_through: t.pass_through,
            occurred_on: t.occurred_on,
            recorded_at: stored_instant(t.recorded_at),
            recorded_on: t.recorded_on,
            actor_kind: t.by.kind(),
            actor_id: t.by.id(),
            group_id: t.group_id,
            cancels: t.cancels,
            cycle_days: t.cycle_days,
            criteria: Json(t.criteria),
        }
    }

    /// The record as the domain knows it.
    ///
    /// # Errors
    /// `Corrupt` for somebody without an id.
    pub fn into_domain(self) -> Result<Transition, StoreError> {
        Ok(Transition {
            id: self.id,
            seq: self.seq,
            kind: self.kind,
            pursuit_number: self.pursuit_number,
            from: self.from_stage,
            to: self.to_stage,
            path: self.path,
            reason: self.reason,
            pass_through: self.pass_through,
            occurred_on: self.occurred_on,
            recorded_at: self.recorded_at.and_utc(),
            recorded_on: self.recorded_on,
            by: acted_by(self.actor_kind, self.actor_id)?,
            group_id: self.group_id,
            cancels: self.cancels,
            cycle_days: self.cycle_days,
            criteria: self.criteria.0,
        })
    }
}

#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = facts)]
struct FactRow {
    id: Id,
    prospect_id: Id,
    seq: i32,
    after_transition: i32,
    pursuit_number: i32,
    group_id: Id,
    occurred_on: NaiveDate,
    recorded_at: NaiveDateTime,
    recorded_on: NaiveDate,
    actor_kind: ActorKind,
    actor_id: Option<Id>,
    replaces: Option<Id>,
    kind: String,
    body: Json<FactBody>,
}

impl FactRow {
    fn from_domain(prospect_id: Id, f: &Fact) -> Self {
        FactRow {
            id: f.id,
            prospect_id,
            seq: f.seq,
            after_transition: f.after_transition,
            pursuit_number: f.pursuit_number,
            group_id: f.group_id,
            occurred_on: f.occurred_on,
            recorded_at: stored_instant(f.recorded_at),
            recorded_on: f.recorded_on,
            actor_kind: f.by.kind(),
            actor_id: f.by.id(),
            replaces: f.replaces,
            kind: f.body.kind().to_owned(),
            body: Json(f.body.clone()),
        }
    }

    fn into_domain(self) -> Result<Fact, StoreError> {
        Ok(Fact {
            id: self.id,
            seq: self.seq,
            after_transition: self.after_transition,
            pursuit_number: self.pursuit_number,
            group_id: self.group_id,
            occurred_on: self.occurred_on,
            recorded_at: self.recorded_at.and_utc(),
            recorded_on: self.recorded_on,
            by: acted_by(self.actor_kind, self.actor_id)?,
            replaces: self.replaces,
            body: self.body.0,
        })
    }
}

/// Everything recorded about one prospect. Callers have checked the scope: they hold the prospect's row.
///
/// # Errors
/// Those of the database; `Corrupt` for a log with gaps.
pub(in crate::store) fn load(conn: &mut Conn, prospect_id: Id) -> Result<History, StoreError> {
    Ok(load_many(conn, &[prospect_id])?.pop().map(|(_, history)| history).unwrap_or_default())
}

/// The same of several prospects at once, in order of id; those without a log are left out.
///
/// # Errors
/// As for [`load`].
pub(in crate::store) fn load_many(
    conn: &mut Conn,
    prospect_ids: &[Id],
) -> Result<Vec<(Id, History)>, StoreError> {
    let of_record = facts::prospect_id
        .eq(transitions::prospect_id)
        .and(facts::after_transition.eq(transitions::seq))
        // Said twice, so that PostgreSQL need not look for each record.
        .and(facts::prospect_id.eq_any(prospect_ids.to_vec()));
    // Each fact stands beside the record after which it was told: no record has so many that repeating it would cost.
    let rows: Vec<(TransitionRow, Option<FactRow>)> = transitions::table
        .left_join(facts::table.on(of_record))
        .filter(transitions::prospect_id.eq_any(prospect_ids.to_vec()))
        .order((transitions::prospect_id, transitions::seq, facts::seq))
        .select((TransitionRow::as_select(), Option::<FactRow>::as_select()))
        .load(conn)?;
    let mut all: Vec<(Id, History)> = Vec::with_capacity(prospect_ids.len());
    for (record, fact) in rows {
        let id = record.prospect_id;
        if all.last().is_none_or(|(last, _)| *last != id) {
            all.push((id, History::default()));
        }
        let Some((_, history)) = all.last_mut() else { continue };
        let told = history.last_seq();
        if record.seq == told + 1 {
            history.transitions.push(record.into_domain()?);
        } else if record.seq != told {
            return Err(StoreError::Corrupt("transitions: the log has gaps".to_owned()));
        }
        if let Some(fact) = fact {
            history.facts.push(fact.into_domain()?);
        }
    }
    Ok(all)
}

/// Appends records and facts.
pub(super) fn append(
    conn: &mut Conn,
    prospect_id: Id,
    new_transitions: &[Transition],
    new_facts: &[Fact],
) -> Result<(), StoreError> {
    if !new_transitions.is_empty() {
        let rows: Vec<TransitionRow> =
            new_transitions.iter().map(|t| TransitionRow::from_domain(prospect_id, t)).collect();
        insert_rows!(conn, rows.len(), diesel::insert_into(transitions::table).values(&rows));
    }
    if !new_facts.is_empty() {
        let rows: Vec<FactRow> = new_facts.iter().map(|f| FactRow::from_domain(prospect_id, f)).collect();
        insert_rows!(conn, rows.len(), diesel::insert_into(facts::table).values(&rows));
    }
    Ok(())
}
