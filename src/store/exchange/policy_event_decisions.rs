//! What supervisors decided about events of the policy system; never changed. Why, in words, stands in a personal table.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::{
    domain::values::id::Id,
    store::{
        Conn, StoreError,
        db::schema::{policy_event_decisions, policy_event_texts},
    },
    text_enum,
};

/// What was decided.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DecisionKind {
    /// Whom an event is about.
    Match,
    /// That it counts for nobody.
    Dismissal,
    /// That its match or its dismissal was wrong.
    Revocation,
}

text_enum!(DecisionKind { Match => "match", Dismissal => "dismissal", Revocation => "revocation" });

/// A decision.
#[derive(Queryable, Selectable, Insertable, Clone, Copy, Debug)]
#[diesel(table_name = policy_event_decisions)]
pub struct DecisionRow {
    /// Id.
    pub id: Id,
    /// About which event.
    pub event_id: Id,
    /// What.
    pub kind: DecisionKind,
    /// Whom the event is about; of a revocation, whom it was about.
    pub prospect_id: Option<Id>,
    /// Who decided.
    pub decided_by: Id,
    /// When.
    pub decided_at: NaiveDateTime,
}

/// Adds a decision, with why.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, row: &DecisionRow, why: Option<&str>) -> Result<(), StoreError> {
    diesel::insert_into(policy_event_decisions::table).values(row).execute(conn)?;
    if let Some(why) = why {
        diesel::insert_into(policy_event_texts::table)
            .values((policy_event_texts::decision_id.eq(row.id), policy_event_texts::content.eq(why)))
            .execute(conn)?;
    }
    Ok(())
}

/// The decisions about some events that the reader may see, in order of time, each with why; none once that was erased.
///
/// # Errors
/// Those of the database.
pub fn about(conn: &mut Conn, event_ids: &[Id]) -> Result<Vec<(DecisionRow, Option<String>)>, StoreError> {
    Ok(policy_event_decisions::table
        .left_join(
            policy_event_texts::table.on(policy_event_texts::decision_id.eq(policy_event_decisions::id)),
        )
        .filter(policy_event_decisions::event_id.eq_any(event_ids.to_vec()))
        .order((policy_event_decisions::decided_at, policy_event_decisions::id))
        .select((DecisionRow::as_select(), policy_event_texts::content.nullable()))
        .load(conn)?)
}
