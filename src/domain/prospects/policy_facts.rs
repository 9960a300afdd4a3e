//! Taking in what the policy system tells of an application (method section 10).

use super::{
    decision::{Context, Decision, NewFact, Refusal},
    fact::{Fact, FactBody},
    policy_fact::{PolicyFact, signature},
    recorder::Recorder,
};
use crate::domain::{exchange::policy_event::PolicyEventType, organisation::actor::ActedBy, values::id::Id};

/// An event as it is to be recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// The id under which it is recorded, if it is not there yet.
    pub fact_id: Id,
    /// Who told it.
    pub by: ActedBy,
    /// What was told.
    pub fact: PolicyFact,
}

/// Makes the facts of one application of a pursuit those that are wanted: what is new is added, what has changed is
/// replaced, what no longer belongs is taken back; then every move that follows is derived afresh. Where they stand
/// afterwards depends on when the events happened, never on when they arrived.
///
/// # Errors
/// `NewerPursuitBegun` for an event from before the pursuit, where there was another one.
pub fn tell(
    ctx: &mut Context<'_>,
    pursuit_number: i32,
    application_id: Id,
    wanted: Vec<Told>,
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let mine =
        |fact: &&Fact| fact.body.policy_fact().is_some_and(|told| told.application_id == application_id);
    let standing: Vec<Fact> =
        recorder.history.pursuit_facts(pursuit_number).into_iter().filter(mine).cloned().collect();
    let event_of = |fact: &Fact| fact.body.policy_fact().map(|told| told.event_id);
    for gone in &standing {
        if let Some(event_id) =
            event_of(gone).filter(|id| wanted.iter().all(|told| told.fact.event_id != *id))
        {
            let body = FactBody::PolicyEventTakenBack { event_id };
            let new = NewFact { id: (recorder.ctx.ids)(), occurred_on: Some(gone.occurred_on), body };
            recorder.fact(new, pursuit_number, gone.occurred_on, Some(gone.id));
        }
    }
    let days = cooling_off_days(&recorder, pursuit_number, &wanted);
    for mut told in wanted {
        if told.fact.event_type == PolicyEventType::ReceiptSigned {
            told.fact.cooling_off_days = told.fact.cooling_off_days.or(Some(days));
        }
        let known = standing.iter().find(|fact| event_of(fact) == Some(told.fact.event_id));
        let replaces = match known {
            Some(fact) if fact.body.policy_fact() == Some(&told.fact) => continue,
            Some(fact) => Some(fact.id),
            None => None,
        };
        // A second version needs an id of its own, and so does what had been taken back.
        let taken = recorder.history.facts.iter().any(|fact| fact.id == told.fact_id);
        let id = if taken { (recorder.ctx.ids)() } else { told.fact_id };
        let on = told.fact.on;
        let new = NewFact { id, occurred_on: None, body: FactBody::PolicyEvent(told.fact) };
        recorder.fact_by(told.by, new, pursuit_number, on, replaces);
    }
    recorder.finish()
}

/// The cooling-off period by the settings, in force on the signature.
fn cooling_off_days(recorder: &Recorder<'_, '_>, pursuit_number: i32, wanted: &[Told]) -> i32 {
    let facts: Vec<&PolicyFact> = wanted.iter().map(|told| &told.fact).collect();
    let typed = || {
        let facts = recorder.history.pursuit_facts(pursuit_number);
        facts.iter().rev().find_map(|fact| match fact.body {
            FactBody::Signed { on } => Some(on),
            _ => None,
        })
    };
    let day = signature(&facts).or_else(typed).unwrap_or(recorder.today());
    recorder.ctx.env.settings.on(day).cooling_off_days
}

/// The events of an application that contradict what others, which happened before them, say of it: another signature,
/// another amount, a second issue or receipt on another day, or a day before the signature. They are kept, and count for
/// nothing until a supervisor has decided (method section 10).
pub fn contradicting(told: &[&PolicyFact]) -> Vec<Id> {
    let signed_on = signature(told);
    let mut told = told.to_vec();
    told.sort_by(|a, b| a.place().cmp(&b.place()));
    let mut contradicting = Vec::new();
    for (place, fact) in told.iter().enumerate() {
        let before = told.iter().take(place).filter(|other| !contradicting.contains(&other.event_id));
        let undone = before.clone().rfind(|other| other.event_type.undoes_a_sale());
        // Once it was undone, a policy may be issued again; the amount of an application stays.
        let of_this_attempt = |other: &PolicyFact| undone.is_none_or(|undone| other.place() > undone.place());
        let of_kind =
            before.filter(|other| other.event_type == fact.event_type).find(|other| match fact.event_type {
                PolicyEventType::PremiumReceived => other.amount_minor.is_some(),
                PolicyEventType::PolicyIssued | PolicyEventType::ReceiptSigned => of_this_attempt(other),
                _ => false,
            });
        let differs = of_kind.is_some_and(|other| match fact.event_type {
            PolicyEventType::PremiumReceived => {
                fact.amount_minor.is_some() && fact.amount_minor != other.amount_minor
            }
            _ => fact.on != other.on,
        });
        let early = fact.event_type > PolicyEventType::ApplicationSubmitted
            && !matches!(fact.event_type, PolicyEventType::PremiumReceived | PolicyEventType::PremiumFailed)
            && signed_on.is_some_and(|signed| fact.on < signed);
        let otherwise = fact.signed_on.is_some_and(|on| signed_on != Some(on));
        if differs || early || otherwise {
            contradicting.push(fact.event_id);
        }
    }
    contradicting
}
