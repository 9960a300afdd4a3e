//! What moves by itself, and on which day (method sections 4 and 5; decision 0001).
//!
//! Automatic moves are a pure function of the log, the facts, and cycle and settings by date. Nothing
//! here knows whether a sweep has run: `reconcile` says which records a log lacks, or has too many.

use chrono::NaiveDate;

use super::{
    cooling_off,
    criteria::{Criterion, Verdict},
    due::{Due, Standing},
    policy_moves::{PolicyMove, compensation, days, on_day},
    stage::Stage,
};
use crate::domain::{
    exchange::policy_event::PolicyEventType,
    organisation::settings::FallbackMode,
    prospects::{
        appointment::Appointment,
        extension,
        fact::{AppointmentKind, Fact, FactBody},
        facts::Facts,
        history::{Cut, Dossier, Environment, History},
        transition::{Reason, Transition},
    },
    values::calendar::{check_in_covering, days_between, next_check_in_after, plus_days},
};

/// How far ahead a due date is looked for, days: the longest cycle, its extension, and a margin.
const HORIZON_DAYS: i64 = 600;

/// All derived moves since the last anchor that are due by `until`, in order, and the next one after it
/// if nothing else is entered.
pub fn derive(history: &History, env: &Environment, until: NaiveDate) -> (Vec<Due>, Option<Due>) {
    let mut due = Vec::new();
    let Some(anchor) = history.anchor() else { return (due, None) };
    let mut pursuit = history.dossier(anchor.pursuit_number).up_to(anchor.seq);
    let mut standing = Standing::after(anchor);
    let mut from = anchor.occurred_on;
    let last = plus_days(until.max(from), HORIZON_DAYS);
    loop {
        let next = match standing.stage {
            // Only a closing that stands in the log has to be undone by a record; one that is derived knows everything.
            Stage::Closed if due.is_empty() => compensation(&pursuit, env, anchor),
            Stage::Closed | Stage::Exited => None,
            _ => next_due(&pursuit, env, &standing, from, last),
        };
        let Some(next) = next else { return (due, None) };
        if next.due.on > until {
            return (due, Some(next.due));
        }
        standing.apply(&next.due, next.seen);
        from = next.due.on;
        next.fall.into_iter().for_each(|fall| pursuit.fall(fall));
        due.push(next.due);
    }
}

/// The first derived move after the state entered on `since`, at the latest on `last`. On one day what the policy system told
/// comes first, then a closing, then what the calendar takes back.
fn next_due(
    pursuit: &Dossier<'_>,
    env: &Environment,
    standing: &Standing,
    since: NaiveDate,
    last: NaiveDate,
) -> Option<PolicyMove> {
    let told = days(pursuit, since);
    let brought = |day: NaiveDate| {
        let told = told.contains(&day);
        told.then(|| on_day(pursuit, env, standing, day, since)).flatten()
    };
    if standing.stage == Stage::Opportunity {
        return told.iter().find_map(|day| brought(*day));
    }
    let closable = standing.stage == Stage::Stage90 && may_close(pursuit);
    let mut day = since;
    while day <= last {
        if let Some(policy_move) = brought(day) {
            return Some(policy_move);
        }
        let due = match standing.stage {
            Stage::Stage90 => closable.then(|| closing(pursuit, env, day)).flatten(),
            _ => falling_back(pursuit, env, *standing, day, since),
        };
        if let Some(due) = due {
            return Some(PolicyMove { due, seen: None, fall: None });
        }
        day = plus_days(day, 1);
    }
    None
}

/// Whether issue and receipt are there at all, on whatever day.
fn may_close(pursuit: &Dossier<'_>) -> bool {
    let told = |event: PolicyEventType| {
        move |body: &FactBody| body.policy_fact().is_some_and(|told| told.event_type == event)
    };
    let any = |holds: &dyn Fn(&FactBody) -> bool| pursuit.facts().iter().any(|fact| holds(&fact.body));
    let issued = told(PolicyEventType::PolicyIssued);
    let receipt = told(PolicyEventType::ReceiptSigned);
    any(&|body| matches!(body, FactBody::PolicyIssued { .. }) || issued(body))
        && any(&|body| matches!(body, FactBody::ReceiptSigned { .. }) || receipt(body))
}

/// 90 → closed: from the day after the cooling-off period, once issue and receipt are there (method section 10). Day by day: a
/// second issue or receipt recorded later never moves a day that was due before it.
fn closing(pursuit: &Dossier<'_>, env: &Environment, day: NaiveDate) -> Option<Due> {
    let known = pursuit.facts_on(Cut::StartOf(day), &env.settings);
    let matures_on = known.receipt_by(day).map(|on| cooling_off::matures_on(on, known.cooling_off_days));
    let is_over = matures_on.is_some_and(|on| on <= day);
    let closes = known.issued_by(day).is_some() && is_over && known.withdrawn_by(day).is_none();
    closes.then(|| Due::automatic(day, Stage::Stage90, Stage::Closed, Reason::CoolingOffOver))
}

/// What the calendar takes back on a day.
fn falling_back(
    pursuit: &Dossier<'_>,
    env: &Environment,
    standing: Standing,
    day: NaiveDate,
    since: NaiveDate,
) -> Option<Due> {
    if day == since && !standing.fell_from_90 {
        return None;
    }
    let auto = env.settings.on(day).fallback == FallbackMode::Auto;
    let (to, reason) = condition(pursuit, env, standing, day, auto)?;
    Some(Due::automatic(day, standing.stage, to, reason))
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
