//! Deciding a move (method section 4): which edge it is, whether its guards hold, which records it makes.

use chrono::NaiveDate;

use super::{
    decision::{Context, Decision, MoveRequest, NewFact, Refusal, Warning},
    fact::FactBody,
    facts::Facts,
    history::Cut,
    move_steps::{add_facts, climb, record_step, reopen},
    recorder::{Recorder, Step},
    sale::to_90_or_closed,
    transition::{Path, Reason, RecordKind, Transition},
};
use crate::domain::{
    method::{
        automatic::{fifty_condition, first_fixed_on},
        cooling_off,
        guards::{enter, judged, known},
        stage::Stage,
    },
    values::calendar::days_between,
};

/// Writes down what is due by today, and nothing else: what a sweep does.
pub fn settle(ctx: &mut Context<'_>) -> Decision {
    Recorder::new(ctx).close()
}

/// The first record of a prospect: new → opportunity (method section 4).
///
/// # Errors
/// `InTheFuture` when `occurred_on` lies after today.
pub fn create(ctx: &mut Context<'_>, occurred_on: Option<NaiveDate>) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let occurred_on = occurred_on.unwrap_or(recorder.today());
    recorder.check_not_future(occurred_on)?;
    recorder.record(Step {
        pursuit_number: 0,
        from: None,
        to: Stage::Opportunity,
        path: Path::Created,
        reason: Reason::Created,
        pass_through: false,
        occurred_on,
    });
    recorder.finish()
}

/// Decides a move. Facts and move land together or not at all; automatic moves that the entry overtakes are
/// superseded and derived afresh.
///
/// # Errors
/// A [`Refusal`] with every unmet guard; nothing is recorded then.
pub fn decide(ctx: &mut Context<'_>, request: MoveRequest) -> Result<Decision, Refusal> {
    authorise(ctx, &request)?;
    let mut recorder = Recorder::new(ctx);
    make(&mut recorder, request)?;
    if recorder.transitions.iter().any(is_reopening) && !recorder.ctx.capacity().owns() {
        return Err(Refusal::NotTheOwner);
    }
    recorder.finish()
}

/// A new attempt or a repeat sale: the owner's alone to begin.
fn is_reopening(record: &Transition) -> bool {
    let ended = matches!(record.from, Some(Stage::Exited | Stage::Closed));
    record.kind == RecordKind::Move && ended && record.to == Stage::Opportunity
}

/// Decides a move on what a recorder has written so far.
pub(super) fn make(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    for fact in &request.facts {
        if let Some(date) = fact.body.own_date().or(fact.occurred_on) {
            recorder.check_not_future(date)?;
        }
    }
    match (recorder.stage(), request.to) {
        (Stage::Closed, Stage::Stage50) if request.reason.is_some_and(Reason::is_fall_from_90) => {
            compensate(recorder, request)
        }
        (_, Stage::Exited) => exit(recorder, request),
        (_, Stage::Opportunity) => to_opportunity(recorder, request),
        (_, Stage::Stage90 | Stage::Closed) => to_90_or_closed(recorder, request),
        (_, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50) => by_date(recorder, request),
    }
}

/// On other people's prospects a supervisor decides fallbacks, exits and overrides, nothing else (method section 11).
fn authorise(ctx: &Context<'_>, request: &MoveRequest) -> Result<(), Refusal> {
    if request.overrides && !ctx.capacity().supervises() {
        return Err(Refusal::NotASupervisor);
    }
    let supervisory = matches!(request.to, Stage::Exited | Stage::Opportunity)
        || (request.to == Stage::Closed && request.overrides)
        || (request.to == Stage::Stage25 && ctx.history.stage() == Stage::Stage50);
    if ctx.capacity().owns() || (ctx.capacity().supervises() && supervisory) {
        Ok(())
    } else {
        Err(Refusal::NotTheOwner)
    }
}

/// Moves to 2, 25 and 50, and the ways back to 25 and 50.
fn by_date(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let day = request.occurred_on.unwrap_or(recorder.today());
    let fall = recorder.stage() == Stage::Stage90 && request.to == Stage::Stage50;
    recorder.check_date(day)?;
    recorder.overtake(|t| t.occurred_on > day);
    let from = recorder.stage();
    match (from, request.to) {
        (Stage::Stage90, Stage::Stage50) if fall => fall_from_90(recorder, request, day),
        (Stage::Stage50, Stage::Stage25) => back_to_25(recorder, request, day),
        (Stage::Exited | Stage::Closed, _) => {
            reopen(recorder, from, day, true);
            forward(recorder, request, Stage::Opportunity, day)
        }
        (from, to) if from == to => Err(Refusal::AlreadyThere { stage: from }),
        (from, to) if from < to => forward(recorder, request, from, day),
        (from, to) => Err(Refusal::NoSuchMove { from, to }),
    }
}

fn forward(
    recorder: &mut Recorder<'_, '_>,
    request: MoveRequest,
    from: Stage,
    day: NaiveDate,
) -> Result<(), Refusal> {
    let pursuit = match from {
        Stage::Opportunity => recorder.history.highest_pursuit() + 1,
        _ => recorder.history.pursuit_number(),
    };
    for fact in request.facts {
        recorder.fact(fact, pursuit, day, None);
    }
    let answer = judged(recorder, pursuit, day);
    enter(recorder, &answer, pursuit, from, request.to)?;
    if request.to == Stage::FirstAppointment && !known(recorder, pursuit, day).decision_maker_expected {
        recorder.warnings.push(Warning::DecisionMakerNotExpected);
    }
    climb(recorder, from, request.to, pursuit, day);
    Ok(())
}

fn fall_from_90(
    recorder: &mut Recorder<'_, '_>,
    request: MoveRequest,
    day: NaiveDate,
) -> Result<(), Refusal> {
    let Some(reason) = request.reason.filter(|r| r.is_fall_from_90()) else {
        return Err(Refusal::ReasonNeeded {
            allowed: Reason::ALL.into_iter().filter(|r| r.is_fall_from_90()).collect(),
        });
    };
    let brings = |f: &NewFact| match f.body {
        FactBody::Withdrawn { on } => Some(on),
        _ => None,
    };
    let withdrawn_on = request.facts.iter().find_map(brings).unwrap_or(day);
    let sale = known(recorder, recorder.history.pursuit_number(), day);
    let last_day = sale.receipt_by(day).map(|on| cooling_off::last_day(on, sale.cooling_off_days));
    if let (Reason::Withdrawn, Some(last_day)) = (reason, last_day.filter(|last| withdrawn_on > *last)) {
        return Err(Refusal::AfterTheClosing { last_day });
    }
    add_facts(recorder, request.facts, day);
    record_step(recorder, Stage::Stage90, Stage::Stage50, Path::Manual, reason, day);
    Ok(())
}

/// closed → 50 (method section 10): a withdrawal in the cooling-off period that arrives after the closing; a refund or a
/// voiding acts like a withdrawal of its own date. History stands; the record is dated on the day it arrives.
fn compensate(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let today = recorder.today();
    if let Some(date) = request.occurred_on.filter(|on| *on != today) {
        recorder.check_not_future(date)?;
        return Err(Refusal::DatedElsewhere { to: Stage::Stage50, date, expected: today });
    }
    let pursuit = recorder.history.pursuit_number();
    let closed_on = recorder.history.effective().last().map_or(today, |t| t.occurred_on);
    let sale = known(recorder, pursuit, today);
    let last_day = sale.receipt_by(today).map(|on| cooling_off::last_day(on, sale.cooling_off_days));
    let reason = request.reason.unwrap_or(Reason::Withdrawn);
    add_facts(recorder, request.facts, today);
    recorder.check_facts()?;
    if known(recorder, pursuit, today).withdrawn_by(today).is_none() {
        return Err(Refusal::AfterTheClosing { last_day: last_day.unwrap_or(closed_on) });
    }
    record_step(recorder, Stage::Closed, Stage::Stage50, Path::Compensating, reason, today);
    Ok(())
}

fn back_to_25(recorder: &mut Recorder<'_, '_>, request: MoveRequest, day: NaiveDate) -> Result<(), Refusal> {
    add_facts(recorder, request.facts, day);
    let facts = known(recorder, recorder.history.pursuit_number(), day);
    let env = recorder.ctx.env;
    let grace_days = env.settings.on(day).criteria_grace_days;
    if fifty_condition(&facts, env.cycle_days(day), grace_days, day).is_none() {
        return Err(Refusal::FiftyStands { as_of: day });
    }
    record_step(recorder, Stage::Stage50, Stage::Stage25, Path::Manual, Reason::CriterionUnmet, day);
    Ok(())
}

fn exit(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let day = request.occurred_on.unwrap_or(recorder.today());
    recorder.check_date(day)?;
    let Some(reason) = request.reason.filter(|r| r.is_exit()) else {
        return Err(Refusal::ReasonNeeded {
            allowed: Reason::ALL.into_iter().filter(|r| r.is_exit()).collect(),
        });
    };
    recorder.overtake(|t| t.occurred_on > day);
    let from = recorder.stage();
    match from {
        Stage::Exited => Err(Refusal::AlreadyThere { stage: from }),
        from if from.is_open() => {
            take_along(recorder, request.facts, day)?;
            record_step(recorder, from, Stage::Exited, Path::Manual, reason, day);
            Ok(())
        }
        from => Err(Refusal::NoSuchMove { from, to: Stage::Exited }),
    }
}

/// Facts that come with a move out of a pursuit or beside one: they are of that pursuit, or of none and refused. On what
/// a move rests can always be told.
fn take_along(recorder: &mut Recorder<'_, '_>, facts: Vec<NewFact>, day: NaiveDate) -> Result<(), Refusal> {
    let stage = recorder.stage();
    let of_a_pursuit = |fact: &NewFact| fact.body != FactBody::EvidenceGiven;
    if !stage.is_pursued() && facts.iter().any(of_a_pursuit) {
        return Err(Refusal::NoPursuit { stage, ended_on: None });
    }
    add_facts(recorder, facts, day);
    Ok(())
}

fn to_opportunity(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let day = request.occurred_on.unwrap_or(recorder.today());
    recorder.check_date(day)?;
    recorder.overtake(|t| t.occurred_on > day);
    let from = recorder.stage();
    match from {
        Stage::Opportunity => Err(Refusal::AlreadyThere { stage: from }),
        Stage::Exited | Stage::Closed => {
            take_along(recorder, request.facts, day)?;
            reopen(recorder, from, day, false);
            Ok(())
        }
        Stage::Stage90 => Err(Refusal::NoSuchMove { from, to: Stage::Opportunity }),
        Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 => {
            add_facts(recorder, request.facts, day);
            let pursuit = recorder.history.pursuit_number();
            let facts = known(recorder, pursuit, day);
            let fixed_on = first_fixed_on(&recorder.history.appointments_on(pursuit, Cut::EndOf(day)));
            let cycle_days = recorder.ctx.env.cycle_days(day);
            let Some(reason) = fallback_reason(&facts, fixed_on, cycle_days, from, day) else {
                return Err(Refusal::FallbackNotDue { from, as_of: day });
            };
            record_step(recorder, from, Stage::Opportunity, Path::Manual, reason, day);
            Ok(())
        }
    }
}

/// Whether a fallback to opportunity can be recorded by hand, and why (decision 0001, rule 16).
fn fallback_reason(
    facts: &Facts,
    first_fixed_on: Option<NaiveDate>,
    cycle_days: i32,
    from: Stage,
    day: NaiveDate,
) -> Option<Reason> {
    let met = facts.met_by(day).is_some();
    let first = facts.first_appointment;
    let deferred_too_long = from == Stage::FirstAppointment
        && !met
        && first_fixed_on.is_some_and(|on| days_between(on, day) > i64::from(cycle_days));
    if facts.is_over(cycle_days, day) || deferred_too_long {
        return Some(Reason::OverCycle);
    }
    if from == Stage::Stage50 {
        return None;
    }
    let first_on = first.map(|a| a.starts_on).filter(|_| !met && from == Stage::FirstAppointment);
    let dated = [first_on, facts.next_appointment_on].into_iter().flatten().any(|on| on >= day);
    (!dated).then_some(Reason::Lapsed)
}
