//! The words people write beside facts and records of the log: a personal table of its own, keyed by them.

use diesel::prelude::*;

use crate::{
    domain::values::id::Id,
    store::{
        Conn, StoreError,
        db::{dialect::insert_rows, schema::evidence},
        prospects::prospect_row::ProspectRow,
    },
};

/// Free text that belongs to a fact or a record of the log.
pub struct Evidence {
    /// The fact or record.
    pub subject_id: Id,
    /// The text.
    pub content: String,
}

/// Stores free texts beside the facts or records they belong to.
///
/// # Errors
/// Those of the database.
pub fn save_evidence(conn: &mut Conn, prospect_id: Id, texts: Vec<Evidence>) -> Result<(), StoreError> {
    if texts.is_empty() {
        return Ok(());
    }
    let row = |text: Evidence| {
        (
            evidence::subject_id.eq(text.subject_id),
            evidence::prospect_id.eq(prospect_id),
            evidence::content.eq(text.content),
        )
    };
    let rows: Vec<_> = texts.into_iter().map(row).collect();
    insert_rows!(conn, rows.len(), diesel::insert_into(evidence::table).values(&rows));
    Ok(())
}

/// The free texts about a prospect, by the id of the fact or record they belong to.
///
/// # Errors
/// Those of the database.
pub fn evidence_of(
    conn: &mut Conn,
    row: &ProspectRow,
) -> Result<std::collections::HashMap<Id, String>, StoreError> {
    let rows: Vec<(Id, String)> = evidence::table
        .filter(evidence::prospect_id.eq(row.id))
        .select((evidence::subject_id, evidence::content))
        .load(conn)?;
    Ok(rows.into_iter().collect())
}
