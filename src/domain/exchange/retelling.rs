//! Telling a pursuit afresh what the policy system says of all its applications (method section 10).

use std::collections::BTreeSet;

use crate::domain::{
    prospects::{
        decision::{Context, Decision, Refusal},
        moves,
        policy_facts::{Told, tell},
    },
    values::id::Id,
};

/// The events that should stand under an application, in order of what happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// The application.
    pub application_id: Id,
    /// The events.
    pub told: Vec<Told>,
}

/// Makes the facts of a pursuit those that are wanted, application by application. Answers also the events that the rules
/// refuse as things stand: of an application as many stand as can, in order of what happened, so that which ones those are
/// does not depend on the order in which they came in.
pub fn retell(ctx: &mut Context<'_>, pursuit_number: i32, wanted: &[Wanted]) -> (Decision, BTreeSet<Id>) {
    let mut refused = BTreeSet::new();
    let mut all: Option<Decision> = None;
    for Wanted { application_id, told } in wanted {
        let mut tried = |told: Vec<Told>| -> Result<Decision, Refusal> {
            let mut after = Context {
                history: all.as_ref().map_or(ctx.history, |decided| &decided.history),
                env: ctx.env,
                today: ctx.today,
                now: ctx.now,
                by: ctx.by,
                owner_id: ctx.owner_id,
                ids: &mut *ctx.ids,
            };
            tell(&mut after, pursuit_number, *application_id, told)
        };
        let mut decided = tried(told.clone()).ok();
        if decided.is_none() {
            let mut kept: Vec<Told> = Vec::new();
            decided = tried(Vec::new()).ok();
            for one in told {
                let more: Vec<Told> = kept.iter().chain([one]).cloned().collect();
                match tried(more.clone()) {
                    Ok(better) => (kept, decided) = (more, Some(better)),
                    Err(_) => {
                        refused.insert(one.fact.event_id);
                    }
                }
            }
        }
        match (&mut all, decided) {
            (Some(all), Some(more)) => all.followed_by(more),
            (all @ None, more) => *all = more,
            (Some(_), None) => {}
        }
    }
    (all.unwrap_or_else(|| moves::settle(ctx)), refused)
}
