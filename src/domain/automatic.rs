//! What moves by itself, and on which day (method sections 4 and 5; decision 0001).
//!
//! Automatic moves are a pure function of the log, the facts, and cycle and settings by date. Nothing
//! here knows whether a sweep has run: `reconcile` says which records a log lacks, or has too many.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    calendar::{check_in_covering, days_between, next_check_in_after, plus_days},
    classify::classify,
    cooling_off,
    criteria::{Criterion, Verdict},
    fact::{Fact, FactBody},
    facts::Facts,
    history::{Cut, Environment, History},
    settings::FallbackMode,
    stage::Stage,
    transition::{Reason, Transition},
};

/// How far ahead a due date is looked for, days: the longest cycle, its extension, and a margin.
const HORIZON_DAYS: i64 = 600;

/// An automatic move with the date on which it fell, or will fall, due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Due {
    /// First date on which its condition holds.
    pub on: NaiveDate,
    /// Stage before.
    pub from: Stage,
    /// Stage after.
    pub to: Stage,
    /// Why.
    pub reason: Reason,
}

/// Where a pursuit stands while the days are walked through.
#[derive(Clone, Copy, Debug)]
struct Standing {
    stage: Stage,
    pursuit_number: i32,
    /// Day of the 50→25 that led here, if that is how 25 was reached.
    back_at_25_on: Option<NaiveDate>,
}

impl Standing {
    fn after(anchor: &Transition) -> Self {
        let back = anchor.from == Some(Stage::Stage50) && anchor.to == Stage::Stage25;
        Standing {
            stage: anchor.to,
            pursuit_number: anchor.pursuit_number,
            back_at_25_on: back.then_some(anchor.occurred_on),
        }
    }

    fn apply(&mut self, due: &Due) {
        self.stage = due.to;
        self.back_at_25_on = (due.to == Stage::Stage25).then_some(due.on);
    }
}

/// All automatic moves since the last anchor that are due by `until`, in order, and the next one after it
/// if nothing else is entered.
pub fn derive(history: &History, env: &Environment, until: NaiveDate) -> (Vec<Due>, Option<Due>) {
    let mut due = Vec::new();
    let Some(anchor) = history.anchor() else { return (due, None) };
    let mut standing = Standing::after(anchor);
    let mut from = anchor.occurred_on;
    let last = plus_days(until.max(from), HORIZON_DAYS);
    loop {
        let Some(next) = next_due(history, env, standing, from, last) else { return (due, None) };
        if next.on > until {
            return (due, Some(next));
        }
        standing.apply(&next);
        from = next.on;
        due.push(next);
    }
}

/// The first automatic move after the state entered on `since`, at the latest on `last`.
fn next_due(
    history: &History,
    env: &Environment,
    standing: Standing,
    since: NaiveDate,
    last: NaiveDate,
) -> Option<Due> {
    match standing.stage {
        Stage::Stage90 => closing(history, env, standing, since, last),
        Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 => {
            let mut day = plus_days(since, 1);
            while day <= last {
                let auto = env.settings.on(day).fallback == FallbackMode::Auto;
                let due = condition(history, env, standing, day)
                    .filter(|(_, reason)| auto || *reason == Reason::CriterionUnmet);
                if let Some((to, reason)) = due {
                    return Some(Due { on: day, from: standing.stage, to, reason });
                }
                day = plus_days(day, 1);
            }
            None
        }
        Stage::Opportunity | Stage::Closed | Stage::Exited => None,
    }
}

/// 90 → closed: from the day after the cooling-off period, once issue and receipt are there (method section 10).
fn closing(
    history: &History,
    env: &Environment,
    standing: Standing,
    since: NaiveDate,
    last: NaiveDate,
) -> Option<Due> {
    let known = history.facts_on(standing.pursuit_number, Cut::StartOf(last), &env.settings);
    let (issued, receipt) = (known.policy_issued_on?, known.receipt_signed_on?);
    let on = since.max(issued).max(cooling_off::matures_on(receipt, known.cooling_off_days));
    let undone = known.withdrawn_by(last).is_some();
    (on <= last && !undone).then_some(Due {
        on,
        from: Stage::Stage90,
        to: Stage::Closed,
        reason: Reason::CoolingOffOver,
    })
}

/// Whether a fallback's condition holds on a day, whatever the setting says about acting on it.
fn condition(
    history: &History,
    env: &Environment,
    standing: Standing,
    day: NaiveDate,
) -> Option<(Stage, Reason)> {
    let known = history.facts_on(standing.pursuit_number, Cut::StartOf(day), &env.settings);
    let cycle_days = env.cycle_days(day);
    let fifty = (standing.stage == Stage::Stage50)
        .then(|| fifty_condition(&known, cycle_days, env.settings.on(day).criteria_grace_days, day))
        .flatten();
    if is_held_by_request(&history.pursuit_facts(standing.pursuit_number), day) {
        // An unmet criterion is no fallback: neither a request nor the setting holds it.
        return fifty
            .filter(|reason| *reason == Reason::CriterionUnmet)
            .map(|reason| (Stage::Stage25, reason));
    }
    let met = known.met_by(day).is_some();
    let deferred_too_long = !met
        && known.first_appointment.is_some_and(|a| days_between(a.fixed_on, day) > i64::from(cycle_days));
    if known.is_over(cycle_days, day) || (standing.stage == Stage::FirstAppointment && deferred_too_long) {
        return Some((Stage::Opportunity, Reason::OverCycle));
    }
    if standing.stage == Stage::Stage50 {
        return fifty.map(|reason| (Stage::Stage25, reason));
    }
    let latest = history
        .appointments_on(standing.pursuit_number, Cut::StartOf(day))
        .iter()
        .map(|a| a.on)
        .chain(standing.back_at_25_on)
        .max()?;
    let due = plus_days(check_in_covering(latest, env.settings.on(day).sheet_week_start), 1);
    (due <= day).then_some((Stage::Opportunity, Reason::Lapsed))
}

/// Why 50% no longer stands on a day: a criterion is unmet, or has been stale beyond the grace.
pub fn fifty_condition(known: &Facts, cycle_days: i32, grace_days: i32, day: NaiveDate) -> Option<Reason> {
    let verdicts = known.verdicts(cycle_days, day);
    if Criterion::ALL.into_iter().any(|c| matches!(verdicts.of(c), Verdict::Unmet | Verdict::Unknown)) {
        return Some(Reason::CriterionUnmet);
    }
    let passed = [known.timing(cycle_days, day).passed_on, known.next_step(day).passed_on];
    passed
        .into_iter()
        .flatten()
        .any(|on| days_between(on, day) > i64::from(grace_days))
        .then_some(Reason::CriterionStale)
}

/// A pending extension request holds the fallback until the day after the next check-in day (method section 5).
fn is_held_by_request(facts: &[&Fact], day: NaiveDate) -> bool {
    let mut held = false;
    for fact in facts.iter().filter(|f| f.occurred_on < day) {
        match fact.body {
            FactBody::ExtensionRequested { .. } => {
                held = day <= next_check_in_after(fact.occurred_on);
            }
            FactBody::ExtensionGranted { .. } | FactBody::ExtensionDenied => held = false,
            _ => {}
        }
    }
    held
}

/// A fallback whose condition holds on a day although nobody acted on it: what `propose` puts to people.
pub fn proposal(history: &History, env: &Environment, day: NaiveDate) -> Option<Due> {
    let last = history.effective().last().copied()?.clone();
    if !matches!(last.to, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50) {
        return None;
    }
    let standing = Standing::after(&last);
    let mut on = plus_days(last.occurred_on, 1);
    while on <= day {
        if let Some((to, reason)) = condition(history, env, standing, on) {
            // Still so today? An entry after that day may have mended it.
            return condition(history, env, standing, day).filter(|now| now.0 == to).map(|_| Due {
                on,
                from: last.to,
                to,
                reason,
            });
        }
        on = plus_days(on, 1);
    }
    None
}

/// What the log lacks and has too many, so that its automatic moves are those that are due by `until`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reconciliation {
    /// Automatic records that no longer hold, last first.
    pub superseded: Vec<Transition>,
    /// Automatic moves that are due and not yet written down, in order.
    pub due: Vec<Due>,
    /// The next automatic move after `until`, if nothing else is entered.
    pub next: Option<Due>,
}

/// Compares the log with what is due.
pub fn reconcile(history: &History, env: &Environment, until: NaiveDate) -> Reconciliation {
    let Some(anchor) = history.anchor() else { return Reconciliation::default() };
    let (derived, next) = derive(history, env, until);
    let written: Vec<&Transition> = history.effective().into_iter().filter(|t| t.seq > anchor.seq).collect();
    let same = written
        .iter()
        .zip(&derived)
        .take_while(|(w, d)| w.occurred_on == d.on && w.to == d.to && w.from == Some(d.from))
        .count();
    let superseded = written[same..].iter().rev().map(|t| (*t).clone()).collect();
    Reconciliation { superseded, due: derived[same..].to_vec(), next }
}

/// The day from which on the stored picture of a prospect must be derived again: its next automatic move, or a
/// change of cycle or settings that is already known.
pub fn review_on(env: &Environment, next: Option<&Due>, stage: Stage, today: NaiveDate) -> Option<NaiveDate> {
    if !stage.is_prospect() {
        return None;
    }
    let changes = [env.cycle.next_change_after(today), env.settings.next_change_after(today)];
    next.map(|d| d.on).into_iter().chain(changes.into_iter().flatten()).min()
}

/// Where the rules put the pursuit at the end of a day, without any grace.
pub fn classified_on(history: &History, env: &Environment, day: NaiveDate) -> Stage {
    let known = history.facts_on(history.pursuit_number(), Cut::EndOf(day), &env.settings);
    classify(&known, env.cycle_days(day), day).stage
}
