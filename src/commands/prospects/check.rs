//! Checking a criterion of 50% (method section 4).

use super::{
    Check, deciders,
    recorded::FactsAndWords,
    write::{Refused, Target, Written, decide, load},
};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{fact::FactBody, fact_entries},
        values::id::Id,
    },
    store::Conn,
};

/// Records a check, under an id of the caller's.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn record(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (id, check): (Id, Check),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let remark = deciders::remarks(conn, &loaded, [&check], loaded.today)?;
    let Check { criterion, verdict, evidence, checked_on } = check;
    let mut recorded = FactsAndWords::default();
    recorded.add(id, checked_on, FactBody::Check { criterion, verdict }, evidence);
    let mut written = decide(conn, actor, loaded, recorded.words, occasion, |ctx| {
        fact_entries::record(ctx, recorded.facts)
    })?;
    written.decided.warnings.extend(remark);
    Ok(written)
}
