//! Moves that rest on what the policy system told: 50→90, 90→50, closed→50, and the reinstatement of whoever had fallen back
//! (method sections 4 and 10; decision 0007).
//!
//! They are derived like automatic moves, from the events in the order in which they happened: the order in which they
//! arrived changes nothing but the date of a closed→50.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::{
    classify::classify,
    confirmation::consented,
    due::{Due, Standing},
    stage::Stage,
};
use crate::domain::{
    prospects::{
        application::{Sale, in_order},
        fact::Fact,
        facts_fold::Fall,
        history::{Cut, Dossier, Environment},
        transition::{Path, Reason, Transition},
    },
    values::id::Id,
};

/// A move, how many events of its day led to it, and what falls with it.
pub(super) struct PolicyMove {
    pub(super) due: Due,
    pub(super) seen: Option<(NaiveDate, usize)>,
    pub(super) fall: Option<Fall>,
}

/// The days from `since` on at which such a move is looked for: those on which something was recorded. None where the policy
/// system has told nothing of the pursuit.
pub(super) fn days(pursuit: &Dossier<'_>, since: NaiveDate) -> BTreeSet<NaiveDate> {
    if !pursuit.has_policy_facts() {
        return BTreeSet::new();
    }
    let later = pursuit.facts().iter().map(|fact| fact.occurred_on).filter(|on| *on > since);
    later.chain([since]).collect()
}

/// The move that a day brings, event by event.
pub(super) fn on_day(
    pursuit: &Dossier<'_>,
    env: &Environment,
    standing: &Standing,
    day: NaiveDate,
    since: NaiveDate,
) -> Option<PolicyMove> {
    let told = in_order(pursuit.facts().iter().copied().filter(|fact| fact.occurred_on == day));
    let looked_at = match standing.seen {
        Some((on, events)) if on == day => events,
        // What happened until a move that somebody made is known as a whole.
        None if day == since => told.len(),
        _ => 0,
    };
    (looked_at..=told.len()).find_map(|events| {
        let cut = Cut::Through { day, events };
        if standing.stage == Stage::Stage90 {
            undone(pursuit, env, cut)
        } else {
            paid(pursuit, env, standing, cut)
        }
    })
}

/// The way to 90%: the policy system says that the money is there, and every guard holds.
fn paid(pursuit: &Dossier<'_>, env: &Environment, standing: &Standing, cut: Cut) -> Option<PolicyMove> {
    let day = cut.day();
    let sale = pursuit.sale_on(cut, &env.settings);
    if sale.premium_on.is_none() || sale.premium_claimed {
        return None;
    }
    let known = pursuit.facts_on(cut, &env.settings);
    if !classify(&known, env.cycle_days(day), day).reaches(Stage::Stage90) {
        return None;
    }
    let from = standing.stage;
    let had_been_signed =
        |fell: Option<NaiveDate>| fell.is_some_and(|on| known.signed_on.is_some_and(|s| s <= on));
    let reinstated = match from {
        Stage::Opportunity => had_been_signed(standing.fell_back_on),
        Stage::Stage25 => had_been_signed(standing.back_at_25_on),
        _ => false,
    };
    let to = match from {
        _ if reinstated => Stage::Stage90,
        Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 => from.next()?,
        _ => return None,
    };
    if !reinstated && !consented(pursuit, env, (from, Stage::Stage90), day) {
        return None;
    }
    let path = if reinstated { Path::Reinstated } else { Path::Automatic };
    let client_id = client_of(pursuit, cut);
    let pass_through = to != Stage::Stage90;
    let due = Due { path, pass_through, client_id, ..Due::automatic(day, from, to, Reason::GuardsMet) };
    Some(PolicyMove { due, seen: seen(cut), fall: None })
}

/// The way back from 90%: no application has its money any more.
fn undone(pursuit: &Dossier<'_>, env: &Environment, cut: Cut) -> Option<PolicyMove> {
    let sale = pursuit.sale_on(cut, &env.settings);
    if sale.stands() {
        return None;
    }
    let day = cut.day();
    let undone = sale.undone?;
    let client_id = undone.client;
    let due = Due { client_id, ..Due::automatic(day, Stage::Stage90, Stage::Stage50, undone.reason) };
    Some(PolicyMove { due, seen: seen(cut), fall: Some(Fall::told(day, undone.told_at)) })
}

/// The way back from closed: what the closing rests on had been undone by then, as is known now. A compensating record, dated
/// on the day on which that arrived (method section 4).
pub(super) fn compensation(
    pursuit: &Dossier<'_>,
    env: &Environment,
    closing: &Transition,
) -> Option<PolicyMove> {
    if !pursuit.has_policy_facts() {
        return None;
    }
    let day = closing.occurred_on;
    // What was told before it closed has been judged then. Whatever comes later may show that it had been undone: also the
    // money of an earlier attempt.
    let told_since =
        pursuit.admitted(Cut::EndOf(day)).into_iter().filter(|f| f.after_transition >= closing.seq);
    let mut arrivals: Vec<&Fact> = told_since.filter(|f| f.body.policy_fact().is_some()).collect();
    arrivals.sort_by_key(|fact| fact.recorded_at);
    let (arrived, undone) = arrivals.into_iter().find_map(|fact| {
        let known = pursuit.sales_on(Cut::EndOf(day), Some(fact.recorded_at), &env.settings);
        let closes = |sale: &Sale| match closing.path {
            Path::Overridden => sale.stands(),
            _ => sale.stands() && sale.matures_on().is_some_and(|on| on <= day),
        };
        let undone =
            known.iter().filter_map(|sale| sale.undone.or(sale.fell)).max_by_key(|undone| undone.on)?;
        (!known.iter().any(closes)).then_some((fact, undone))
    })?;
    let on = arrived.recorded_on.max(day);
    let due = Due {
        path: Path::Compensating,
        client_id: arrived.by.id(),
        ..Due::automatic(on, Stage::Closed, Stage::Stage50, undone.reason)
    };
    Some(PolicyMove { due, seen: None, fall: Some(Fall::told(on, arrived.recorded_at)) })
}

fn seen(cut: Cut) -> Option<(NaiveDate, usize)> {
    match cut {
        Cut::Through { day, events } => Some((day, events)),
        Cut::EndOf(_) | Cut::StartOf(_) => None,
    }
}

/// The client that told the last event that counts.
fn client_of(pursuit: &Dossier<'_>, cut: Cut) -> Option<Id> {
    in_order(pursuit.admitted(cut).into_iter()).last().and_then(|(fact, _)| fact.by.id())
}

#[cfg(test)]
mod tests;
