//! The consent of a supervisor to 50%, where the settings ask for one (method section 4).

use chrono::NaiveDate;

use super::{
    classify::{Rule, RuleCode},
    stage::Stage,
};
use crate::domain::prospects::{
    fact::{Fact, FactBody},
    history::{Dossier, Environment, History},
    transition::Transition,
};

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
