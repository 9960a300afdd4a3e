//! What moves by itself, and on which day (method sections 4 and 5; decision 0001).
//!
//! Automatic moves are a pure function of the log, the facts, and cycle and settings by date. Nothing
//! here knows whether a sweep has run: `reconcile` says which records a log lacks, or has too many.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    cooling_off,
    criteria::{Criterion, Verdict},
    stage::Stage,
};
use crate::domain::{
    organisation::settings::FallbackMode,
    prospects::{
        appointment::Appointment,
        extension,
        fact::{AppointmentKind, Fact},
        facts::Facts,
        history::{Cut, Dossier, Environment, History},
        transition::{Reason, Transition},
    },
    values::calendar::{check_in_covering, days_between, next_check_in_after, plus_days},
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
pub(super) struct Standing {
    pub(super) stage: Stage,
    /// Day of the 50→25 that led here, if that is how 25 was reached.
    back_at_25_on: Option<NaiveDate>,
    /// A way back from 90% comes first on its day: an automatic move may follow on the same day.
    fell_from_90: bool,
}

impl Standing {
    pub(super) fn after(anchor: &Transition) -> Self {
        let back = anchor.from == Some(Stage::Stage50) && anchor.to == Stage::Stage25;
        Standing {
            stage: anchor.to,
            back_at_25_on: back.then_some(anchor.occurred_on),
            fell_from_90: anchor.is_fall_from_90(),
        }
    }

    fn apply(&mut self, due: &Due) {
        self.stage = due.to;
        self.back_at_25_on = (due.to == Stage::Stage25).then_some(due.on);
        self.fell_from_90 = false;
    }
}

/// All automatic moves since the last anchor that are due by `until`, in order, and the next one after it
/// if nothing else is entered.
pub fn derive(history: &History, env: &Environment, until: NaiveDate) -> (Vec<Due>, Option<Due>) {
    let mut due = Vec::new();
    let Some(anchor) = history.anchor() else { return (due, None) };
    let pursuit = history.dossier(anchor.pursuit_number);
    let mut standing = Standing::after(anchor);
    let mut from = anchor.occurred_on;
    let last = plus_days(until.max(from), HORIZON_DAYS);
    loop {
        let Some(next) = next_due(&pursuit, env, standing, from, last) else { return (due, None) };
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
    pursuit: &Dossier<'_>,
    env: &Environment,
    standing: Standing,
    since: NaiveDate,
    last: NaiveDate,
) -> Option<Due> {
    match standing.stage {
        Stage::Stage90 => closing(pursuit, env, since, last),
        Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 => {
            let mut day = if standing.fell_from_90 { since } else { plus_days(since, 1) };
            while day <= last {
                let auto = env.settings.on(day).fallback == FallbackMode::Auto;
                if let Some((to, reason)) = condition(pursuit, env, standing, day, auto) {
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
fn closing(pursuit: &Dossier<'_>, env: &Environment, since: NaiveDate, last: NaiveDate) -> Option<Due> {
    let by_then = pursuit.facts_on(Cut::StartOf(last), &env.settings);
    by_then.receipt_signed_on.and(by_then.policy_issued_on)?;
    // Day by day: a second issue or receipt recorded later never moves a day that was due before it.
    let mut day = since;
    while day <= last {
        let known = pursuit.facts_on(Cut::StartOf(day), &env.settings);
        let issued = known.issued_by(day).is_some();
        let matures_on = known.receipt_by(day).map(|on| cooling_off::matures_on(on, known.cooling_off_days));
        if issued && matures_on.is_some_and(|on| on <= day) && known.withdrawn_by(day).is_none() {
            return Some(Due {
                on: day,
                from: Stage::Stage90,
                to: Stage::Closed,
                reason: Reason::CoolingOffOver,
            });
        }
        day = plus_days(day, 1);
    }
    None
}

/// Which automatic move's condition holds on a day; without `fallbacks` only an unmet criterion counts, which is no
/// fallback: neither the setting nor a request holds it. After a transfer nothing falls due, that one included: a new
/// owner's shorter cycle would otherwise make it unmet at once.
fn condition(
    pursuit: &Dossier<'_>,
    env: &Environment,
    standing: Standing,
    day: NaiveDate,
    fallbacks: bool,
) -> Option<(Stage, Reason)> {
    if env.is_held_after_transfer(day) || (!fallbacks && standing.stage != Stage::Stage50) {
        return None;
    }
    let known = pursuit.facts_on(Cut::StartOf(day), &env.settings);
    let why_no_50 =
        fifty_condition(&known, env.cycle_days(day), env.settings.on(day).criteria_grace_days, day);
    let unmet = (standing.stage == Stage::Stage50 && why_no_50 == Some(Reason::CriterionUnmet))
        .then_some((Stage::Stage25, Reason::CriterionUnmet));
    if !fallbacks || is_held_by_request(pursuit.facts(), day) {
        return unmet;
    }
    let [over, stale, lapsed] =
        fallbacks_of(&known, &pursuit.appointments_on(Cut::StartOf(day)), env, standing, day);
    over.or(unmet).or(stale).or(lapsed)
}

/// Each fallback whose condition holds on what is known of a day, whatever the setting says and whoever holds it: over the
/// cycle, stale beyond the grace, lapsed.
pub(super) fn fallbacks_of(
    known: &Facts,
    appointments: &[Appointment],
    env: &Environment,
    standing: Standing,
    day: NaiveDate,
) -> [Option<(Stage, Reason)>; 3] {
    let (stage, cycle_days, settings) = (standing.stage, env.cycle_days(day), env.settings.on(day));
    let never_met = stage == Stage::FirstAppointment && known.met_by(day).is_none();
    let waits_since = first_fixed_on(appointments).filter(|_| never_met);
    let waits_too_long = waits_since.is_some_and(|on| days_between(on, day) > i64::from(cycle_days));
    let over = known.is_over(cycle_days, day) || waits_too_long;
    let stale = stage == Stage::Stage50 && beyond_grace(known, cycle_days, settings.criteria_grace_days, day);
    let latest = appointments.iter().map(|a| a.on).chain(standing.back_at_25_on).max();
    let lapses_on = latest
        .filter(|_| stage != Stage::Stage50)
        .map(|on| plus_days(check_in_covering(on, settings.sheet_week_start), 1));
    [
        over.then_some((Stage::Opportunity, Reason::OverCycle)),
        stale.then_some((Stage::Stage25, Reason::CriterionStale)),
        lapses_on.is_some_and(|due| due <= day).then_some((Stage::Opportunity, Reason::Lapsed)),
    ]
}

/// When the first meeting was first fixed; also when it has been called off since.
pub fn first_fixed_on(appointments: &[Appointment]) -> Option<NaiveDate> {
    appointments.iter().filter(|a| a.kind == AppointmentKind::First).map(|a| a.fixed_on).min()
}

/// Why 50% no longer stands on a day: a criterion is unmet, or has been stale beyond the grace.
pub fn fifty_condition(known: &Facts, cycle_days: i32, grace_days: i32, day: NaiveDate) -> Option<Reason> {
    let verdicts = known.verdicts(cycle_days, day);
    // A sale may be made and fall on one day: at its start the checks of that day are not known yet.
    let fell_today = known.fell_from_90_on == Some(day);
    let missing = |c| match verdicts.of(c) {
        Verdict::Unmet => true,
        Verdict::Unknown => !fell_today,
        Verdict::Met | Verdict::Stale => false,
    };
    if Criterion::ALL.into_iter().any(missing) {
        return Some(Reason::CriterionUnmet);
    }
    beyond_grace(known, cycle_days, grace_days, day).then_some(Reason::CriterionStale)
}

/// Whether a criterion has been stale for longer than the grace.
fn beyond_grace(known: &Facts, cycle_days: i32, grace_days: i32, day: NaiveDate) -> bool {
    let passed = [known.timing(cycle_days, day).passed_on, known.next_step(day).passed_on];
    passed.into_iter().flatten().any(|on| days_between(on, day) > i64::from(grace_days))
}

/// A pending extension request holds the fallback until the day after the next check-in day (method section 5).
pub(super) fn is_held_by_request(facts: &[&Fact], day: NaiveDate) -> bool {
    let before = facts.iter().filter(|f| f.occurred_on < day).copied();
    extension::pending(before).is_some_and(|request| day <= next_check_in_after(request.asked.occurred_on))
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
    // Where nothing moves by itself, a proposal, or another place on the verified board, may come up on any day.
    let undecided = env.settings.on(today).fallback != FallbackMode::Auto && stage != Stage::Stage90;
    let tomorrow = undecided.then(|| plus_days(today, 1));
    let changes = [env.cycle.next_change_after(today), env.settings.next_change_after(today), tomorrow];
    next.map(|d| d.on).into_iter().chain(changes.into_iter().flatten()).min()
}
