//! Dates and answers of the current pursuit that can be recorded without moving anybody.

use chrono::NaiveDate;

use super::{
    recorded::FactsAndWords,
    write::{Refused, Target, Written, decide, load},
};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{fact::FactBody, fact_entries, history::Cut},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        ledger::{Evidence, deals},
    },
};

/// What is told of the current pursuit, at least one fact.
#[derive(Clone, Debug, Default)]
pub struct Dates {
    /// Day on which it became known; today when absent.
    pub occurred_on: Option<NaiveDate>,
    /// Dates and answers, in order.
    pub facts: Vec<FactBody>,
    /// On what they rest.
    pub evidence: Option<String>,
}

/// Records dates of a pursuit, which must be the current one.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn record(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (pursuit_id, dates): (Id, Dates),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let known = deals::pursuit_ids(conn, &loaded.row)?;
    let number = known.iter().find(|(_, id)| **id == pursuit_id).map(|(number, _)| *number);
    let current = loaded.history.pursuit_number();
    if number.ok_or(StoreError::NotFound)? != current {
        return Err(Refused::NotTheCurrentPursuit { current });
    }
    // What stands already is not written again, unless it now rests on something or is dated.
    let told_anew = dates.occurred_on.is_some() || dates.evidence.is_some();
    let known = loaded.history.facts_on(current, Cut::EndOf(loaded.today), &loaded.env().settings);
    let says_something =
        |body: &FactBody| told_anew || !fact_entries::stands_already(&loaded.history, current, &known, body);
    let mut recorded = FactsAndWords::default();
    for body in dates.facts.into_iter().filter(says_something) {
        recorded.add(occasion.ids.id(), dates.occurred_on, body, None);
    }
    if let (Some(content), Some(last)) = (dates.evidence, recorded.facts.last()) {
        recorded.words.push(Evidence { subject_id: last.id, content });
    }
    decide(conn, actor, loaded, recorded.words, occasion, |ctx| fact_entries::record(ctx, recorded.facts))
}
