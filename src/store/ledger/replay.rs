//! Whether the log says what the rows say: its fold is the stage of every prospect, its positions have no gap, and every record
//! begins where the one before it ended (reliability C1).

use std::collections::HashMap;

use diesel::prelude::*;

use super::history::TransitionRow;
use crate::{
    domain::{
        method::stage::Stage,
        prospects::{history::History, transition::Transition},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::schema::{prospects, transitions},
    },
};

/// Prospects looked at together.
const AT_ONCE: i64 = 500;

/// How much was looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Prospects, erased ones included.
    pub prospects: usize,
    /// Records of their logs.
    pub records: usize,
}

/// Replays the log of every prospect. Wants a transaction that sees one state of the database.
///
/// # Errors
/// `Corrupt` with the id of the first prospect whose log says something else; those of the database.
pub fn replay(conn: &mut Conn) -> Result<Replayed, StoreError> {
    let mut all = Replayed::default();
    let mut after: Option<Id> = None;
    loop {
        let mut page = prospects::table
            .order(prospects::id)
            .limit(AT_ONCE)
            .select((prospects::id, prospects::stage))
            .into_boxed();
        if let Some(after) = after {
            page = page.filter(prospects::id.gt(after));
        }
        let rows: Vec<(Id, Stage)> = page.load(conn)?;
        let Some((last, _)) = rows.last() else { return Ok(all) };
        after = Some(*last);
        let mut logs = logs(conn, rows.iter().map(|(id, _)| *id).collect())?;
        for (id, stage) in rows {
            let log = logs.remove(&id).unwrap_or_default();
            all.prospects += 1;
            all.records += log.len();
            follows(id, stage, log)?;
        }
    }
}

fn logs(conn: &mut Conn, ids: Vec<Id>) -> Result<HashMap<Id, Vec<Transition>>, StoreError> {
    let rows: Vec<TransitionRow> = transitions::table
        .filter(transitions::prospect_id.eq_any(ids))
        .order((transitions::prospect_id, transitions::seq))
        .select(TransitionRow::as_select())
        .load(conn)?;
    let mut logs: HashMap<Id, Vec<Transition>> = HashMap::new();
    for row in rows {
        logs.entry(row.prospect_id).or_default().push(row.into_domain()?);
    }
    Ok(logs)
}

fn follows(id: Id, stage: Stage, log: Vec<Transition>) -> Result<(), StoreError> {
    let corrupt = |what: &str| Err(StoreError::Corrupt(format!("prospect {id}: {what}")));
    if log.is_empty() {
        return corrupt("it has no log");
    }
    if !log.iter().zip(1..).all(|(record, seq)| record.seq == seq) {
        return corrupt("its log has a gap");
    }
    if !log.windows(2).all(|pair| pair[1].from == Some(pair[0].to)) {
        return corrupt("a record of its log begins elsewhere than the one before it ended");
    }
    let folded = History { transitions: log, facts: Vec::new() }.stage();
    if folded != stage {
        return corrupt("its stage is not the fold of its log");
    }
    Ok(())
}
