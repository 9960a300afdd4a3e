//! Taking back a slip, correcting a date (method section 4).

use chrono::NaiveDate;

use super::write::{Refused, Target, Written, decide, load};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{
            appointments,
            corrections::{latest_by_hand, redate_fact, redate_move, take_back_outcome, void_latest},
            decision::CorrectableDate,
            history::{Cut, History},
        },
        values::id::Id,
    },
    store::{
        Conn,
        ledger::{self, Evidence},
        reports::sign_offs,
    },
};

/// What to correct, with all that it needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Correction {
    /// Take back the latest move.
    Void,
    /// Give the latest move another date.
    Redate(NaiveDate),
    /// Correct a date.
    Date(CorrectableDate, NaiveDate),
    /// Take back what was recorded of an appointment's outcome.
    Outcome(Id),
}

impl Correction {
    /// The business date of the record that would be taken back: its block may be signed off.
    fn dated(self, history: &History) -> Option<NaiveDate> {
        match self {
            Correction::Outcome(id) => {
                let (_, known) = appointments::find(history, id, Cut::EndOf(NaiveDate::MAX))?;
                history.facts.iter().find(|f| Some(f.id) == known.settled_by).map(|f| f.occurred_on)
            }
            Correction::Void | Correction::Redate(_) | Correction::Date(..) => {
                latest_by_hand(history).map(|latest| latest.occurred_on)
            }
        }
    }
}

/// Corrects, with a reason in words.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn make(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (what, reason): (Correction, String),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let fact_id = occasion.ids.id();
    let signed = match what.dated(&loaded.history) {
        Some(on) => sign_offs::blocks_around(conn, loaded.row.owner_id, on)?,
        None => Vec::new(),
    };
    let written = decide(conn, actor, loaded, Vec::new(), occasion, |ctx| match what {
        Correction::Void => void_latest(ctx, &signed),
        Correction::Redate(on) => redate_move(ctx, on, &signed),
        Correction::Date(which, on) => redate_fact(ctx, fact_id, which, on),
        Correction::Outcome(id) => take_back_outcome(ctx, id, &signed),
    })?;
    let decided = &written.decided;
    let first = decided.transitions.first().map(|t| t.id).or(decided.facts.first().map(|f| f.id));
    if let Some(subject_id) = first {
        ledger::save_evidence(conn, target.id, vec![Evidence { subject_id, content: reason }])?;
    }
    Ok(written)
}
