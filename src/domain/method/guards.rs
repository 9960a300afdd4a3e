//! The guards of a move: the rules of classification on the day it names, and the consent that settings may ask for.

use chrono::NaiveDate;

use super::{
    classify::{Classification, Rule, RuleCode, classify},
    stage::Stage,
};
use crate::domain::prospects::{
    decision::Refusal,
    fact::{Fact, FactBody},
    facts::Facts,
    history::{Cut, Dossier, Environment, History},
    recorder::Recorder,
    transition::Transition,
};

/// What is known of a pursuit at the end of a day.
pub(in crate::domain) fn known(recorder: &Recorder<'_, '_>, pursuit: i32, day: NaiveDate) -> Facts {
    recorder.history.facts_on(pursuit, Cut::EndOf(day), &recorder.ctx.env.settings)
}

/// The classification of a pursuit at the end of a day.
pub(in crate::domain) fn judged(recorder: &Recorder<'_, '_>, pursuit: i32, day: NaiveDate) -> Classification {
    classify(&known(recorder, pursuit, day), recorder.ctx.env.cycle_days(day), day)
}

/// Every rule in the way to a stage that does not hold.
pub(in crate::domain) fn unmet(answer: &Classification, to: Stage) -> Vec<Rule> {
    answer.guards(to).into_iter().filter(|rule| !rule.satisfied).cloned().collect()
}

/// Whether a stage may be entered on a classification: every guard holds, and on the way through 50% the
/// confirmation is there where the settings ask for one.
///
/// # Errors
/// `Guards` with every rule that does not hold.
pub(in crate::domain) fn enter(
    recorder: &Recorder<'_, '_>,
    answer: &Classification,
    pursuit: i32,
    from: Stage,
    to: Stage,
) -> Result<(), Refusal> {
    let reached = answer.reaches(to);
    let mut missing = if reached { Vec::new() } else { unmet(answer, to) };
    let consent = confirmation(&recorder.history, recorder.ctx.env, pursuit, (from, to), answer.as_of);
    missing.extend(consent.filter(|rule| !rule.satisfied));
    if reached && missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::Guards { to, as_of: answer.as_of, unmet: missing })
}

/// Whether the confirmation that settings may ask for is there.
pub(super) fn consented(
    pursuit: &Dossier<'_>,
    env: &Environment,
    way: (Stage, Stage),
    day: NaiveDate,
) -> bool {
    confirmation_of(pursuit.moves(), pursuit.facts(), env, way, day).is_none_or(|rule| rule.satisfied)
}

/// The guard of a supervisor's confirmation, where the settings of the day ask for one and the way leads into 50%
/// (method section 4). It holds from the confirmation until the pursuit leaves 50% again, whatever the move's date: it
/// is a consent, not a fact about the client.
pub fn confirmation(
    history: &History,
    env: &Environment,
    pursuit_number: i32,
    way: (Stage, Stage),
    day: NaiveDate,
) -> Option<Rule> {
    confirmation_of(&history.effective(), &history.pursuit_facts(pursuit_number), env, way, day)
}

fn confirmation_of(
    moves: &[&Transition],
    facts: &[&Fact],
    env: &Environment,
    (from, to): (Stage, Stage),
    day: NaiveDate,
) -> Option<Rule> {
    let asked = from < Stage::Stage50 && matches!(to, Stage::Stage50 | Stage::Stage90);
    if !asked || !env.settings.on(day).confirm_stage_50 {
        return None;
    }
    let left = moves.iter().rfind(|t| t.from == Some(Stage::Stage50) && t.to < Stage::Stage50);
    let left_at = left.map_or(0, |t| t.seq);
    let given = facts.iter().rfind(|f| f.body == FactBody::Stage50Confirmed && f.after_transition >= left_at);
    Some(Rule {
        code: RuleCode::SupervisorConfirmation,
        for_stage: Stage::Stage50,
        satisfied: given.is_some(),
        date: given.map(|f| f.occurred_on),
        bound: None,
        verdict: None,
    })
}
