//! The guards of a move: the rules of classification on the day it names, and the consent that settings may ask for.

use chrono::NaiveDate;

use super::{
    classify::{Classification, Rule, classify},
    confirmation::confirmation,
    stage::Stage,
};
use crate::domain::prospects::{decision::Refusal, facts::Facts, history::Cut, recorder::Recorder};

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
