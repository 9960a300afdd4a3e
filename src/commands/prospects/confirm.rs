//! A supervisor's consent to 50%, where the settings ask for it (method section 4).

use super::write::{Refused, Target, Written, decide, load};
use crate::{
    clock::Occasion,
    domain::{organisation::actor::Actor, prospects::fact_entries, values::id::Id},
    store::{Conn, ledger::Evidence},
};

/// Confirms, under an id of the caller's, with a reason in words.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn stage_50(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (id, reason): (Id, String),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let words = vec![Evidence { subject_id: id, content: reason }];
    decide(conn, actor, loaded, words, occasion, |ctx| fact_entries::confirm_stage_50(ctx, id))
}
