//! The row of a prospect: what lists, boards and writes read without its log.
//!
//! Knows the columns and nothing that is done with them. Only the ledger writes a stage.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use crate::{
    domain::{method::stage::Stage, reports::board::Card, values::id::Id},
    store::db::{codec::Json, schema::prospects},
};

/// The prospect's row.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, Debug)]
#[diesel(table_name = prospects, treat_none_as_null = true)]
pub struct ProspectRow {
    /// Id.
    pub id: Id,
    /// Owner.
    pub owner_id: Id,
    /// Version, 1 and up.
    pub version: i32,
    /// Stage as written down.
    pub stage: Stage,
    /// Number of the current or last pursuit.
    pub pursuit_number: i32,
    /// The stored picture.
    pub card: Json<Card>,
    /// Next fallback.
    pub falls_back_on: Option<NaiveDate>,
    /// Day from which on the picture must be derived again.
    pub next_review_on: Option<NaiveDate>,
    /// Next appointment.
    pub next_appointment_at: Option<NaiveDateTime>,
    /// Created.
    pub created_at: NaiveDateTime,
    /// Last written.
    pub updated_at: NaiveDateTime,
    /// Erased.
    pub erased_at: Option<NaiveDateTime>,
    /// Where the rules put an open pursuit today.
    pub verified_stage: Option<Stage>,
    /// Whether it rests on the agent's word.
    pub is_claimed: bool,
    /// How often it changed hands.
    pub times_transferred: i32,
    /// Before this day the picture asks for nobody's attention.
    pub attention_on: Option<NaiveDate>,
    /// Whether a fallback waits for a decision.
    pub fallback_proposed: bool,
    /// Whether a request for more days waits for a decision.
    pub extension_pending: bool,
}
