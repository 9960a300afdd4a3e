//! Recording facts that move nobody forward: appointments, checks, dates, extensions (method sections 3 to 5).

use std::mem::discriminant;

use chrono::NaiveDate;

use super::{
    appointment::{Appointment, Outcome},
    appointments,
    decision::{Context, Decision, NewFact, Refusal},
    extension,
    fact::{AppointmentKind, Fact, FactBody},
    facts::Facts,
    history::{Cut, History},
    pursuit::pursuits,
    recorder::{Recorder, Step},
    transition::{Path, Reason},
};
use crate::domain::{
    method::{
        criteria::{Criterion, Verdict},
        stage::Stage,
    },
    organisation::actor::Capacity,
    values::id::Id,
};

/// Records facts of the current pursuit, or of one that fell back only later than they are dated. Automatic moves
/// that they overtake are superseded; a criterion that they make unmet at 50% records 50→25. What came of an appointment
/// is told of the pursuit it belongs to, also when that one has ended.
///
/// # Errors
/// `NotTheOwner`, `InTheFuture`, `NoPursuit`, `UnknownAppointment`, `PursuitEnded`, `OutcomeBeforeItWasFixed`,
/// `AppointmentSettled`.
pub fn record(ctx: &mut Context<'_>, facts: Vec<NewFact>) -> Result<Decision, Refusal> {
    if !ctx.capacity().owns() {
        return Err(Refusal::NotTheOwner);
    }
    let mut recorder = Recorder::new(ctx);
    let mut unmet_from: Option<(Criterion, NaiveDate)> = None;
    for new in facts {
        let date = new.body.own_date().or(new.occurred_on).unwrap_or(recorder.today());
        recorder.check_not_future(date)?;
        let pursuit = match new.body.about_appointment() {
            Some(id) => pursuit_of_appointment(&recorder, id, date, &new.body)?,
            None => pursuit_for(&recorder, date, new.body.is_policy())?,
        };
        if let FactBody::Check { criterion, verdict: Verdict::Unmet | Verdict::Unknown } = new.body {
            unmet_from = Some((criterion, date));
        }
        recorder.fact(new, pursuit, date, None);
    }
    if let Some((criterion, date)) = unmet_from {
        drop_to_25(&mut recorder, criterion, date);
    }
    recorder.finish()
}

/// Whether a date or an answer of a pursuit says what was said last and still stands; `known` is what is known of it today.
pub fn stands_already(history: &History, pursuit: i32, known: &Facts, body: &FactBody) -> bool {
    let kind = discriminant(body);
    let of_kind = |fact: &&Fact| fact.pursuit_number == pursuit && discriminant(&fact.body) == kind;
    let said_last = history.facts.iter().rev().find(of_kind).is_some_and(|fact| fact.body == *body);
    said_last
        && match body {
            FactBody::TargetSigning { on } => known.target_signing_on == *on && !known.timing_overridden,
            FactBody::Signed { on } => known.signed_on == Some(*on),
            FactBody::PolicyIssued { on, .. } => known.policy_issued_on == Some(*on),
            FactBody::ReceiptSigned { on, .. } => known.receipt_signed_on == Some(*on),
            _ => true,
        }
}

/// The pursuit that a fact of a day belongs to.
fn pursuit_for(recorder: &Recorder<'_, '_>, date: NaiveDate, policy: bool) -> Result<i32, Refusal> {
    let stage = recorder.stage();
    let effective = recorder.history.effective();
    let last = effective.last();
    let number = last.map_or(0, |t| t.pursuit_number);
    if stage.is_pursued() {
        return Ok(number);
    }
    match last {
        Some(t)
            if t.is_automatic()
                && t.to == Stage::Opportunity
                && (date < t.occurred_on || (policy && date == t.occurred_on)) =>
        {
            Ok(number)
        }
        Some(t) => {
            let ended_on = t.from.filter(|from| from.is_prospect()).map(|_| t.occurred_on);
            Err(Refusal::NoPursuit { stage, ended_on })
        }
        None => Err(Refusal::NoPursuit { stage, ended_on: None }),
    }
}

/// The pursuit of an appointment, of which something can be told.
fn pursuit_of_appointment(
    recorder: &Recorder<'_, '_>,
    id: Id,
    date: NaiveDate,
    body: &FactBody,
) -> Result<i32, Refusal> {
    let known = appointments::find(&recorder.history, id, Cut::EndOf(recorder.today()));
    let Some((number, known)) = known else { return Err(Refusal::UnknownAppointment) };
    let goes_on = pursuit_for(recorder, date, false).is_ok_and(|current| current == number);
    if !goes_on && !is_told_after_the_end(body, &known) {
        let all = pursuits(&recorder.history);
        let ended_on = all.iter().find(|p| p.number == number).and_then(|p| p.ended_on);
        return Err(Refusal::PursuitEnded { ended_on });
    }
    if date < known.fixed_on {
        return Err(Refusal::OutcomeBeforeItWasFixed { date, fixed_on: known.fixed_on });
    }
    match known.outcome {
        // Who went along may be written down after the meeting.
        Outcome::Held if matches!(body, FactBody::JointVisit { .. }) => Ok(number),
        Outcome::Held | Outcome::Cancelled => Err(Refusal::AppointmentSettled),
        Outcome::Open | Outcome::NoShow => Ok(number),
    }
}

/// What moves nobody may be told of a pursuit that has ended. A first meeting would have begun its clock.
fn is_told_after_the_end(body: &FactBody, appointment: &Appointment) -> bool {
    match body {
        FactBody::AppointmentNoShow { .. }
        | FactBody::AppointmentCancelled { .. }
        | FactBody::JointVisit { .. } => true,
        FactBody::AppointmentHeld { .. } => appointment.kind == AppointmentKind::Next,
        _ => false,
    }
}

/// A check that makes a criterion unmet at 50 records 50→25 in the same transaction (method section 3).
fn drop_to_25(recorder: &mut Recorder<'_, '_>, criterion: Criterion, date: NaiveDate) {
    let Some((anchor_on, _)) = recorder.history.anchor().map(|t| (t.occurred_on, t.seq)) else { return };
    let day = date.max(anchor_on);
    if recorder.history.stage_on(day) != Some(Stage::Stage50) {
        return;
    }
    let pursuit_number = recorder.history.pursuit_number();
    let env = recorder.ctx.env;
    let known = recorder.history.facts_on(pursuit_number, Cut::EndOf(day), &env.settings);
    let verdict = known.verdicts(env.cycle_days(day), day).of(criterion);
    if matches!(verdict, Verdict::Met | Verdict::Stale) {
        return;
    }
    recorder.overtake(|t| t.occurred_on > day);
    recorder.record(Step {
        pursuit_number,
        from: Some(Stage::Stage50),
        to: Stage::Stage25,
        path: Path::Manual,
        reason: Reason::CriterionUnmet,
        pass_through: false,
        occurred_on: day,
    });
}

/// The most days an extension may have: half the cycle at granting, rounded down.
pub fn longest_extension(cycle_days: i32) -> i64 {
    i64::from(cycle_days) / 2
}

/// The agent asks for an extension; one request a pursuit.
///
/// # Errors
/// `NotTheOwner`, `NoPursuit`, `ExtensionExists`, `ExtensionTooLong`.
pub fn request_extension(ctx: &mut Context<'_>, fact_id: Id, days: i32) -> Result<Decision, Refusal> {
    if !ctx.capacity().owns() {
        return Err(Refusal::NotTheOwner);
    }
    let mut recorder = Recorder::new(ctx);
    let today = recorder.today();
    let stage = recorder.stage();
    if !matches!(stage, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50) {
        return Err(Refusal::NoPursuit { stage, ended_on: None });
    }
    let pursuit = recorder.history.pursuit_number();
    if !extension::requests_in(recorder.history.pursuit_facts(pursuit)).is_empty() {
        return Err(Refusal::ExtensionExists);
    }
    let most = longest_extension(recorder.ctx.env.cycle_days(today));
    if i64::from(days) > most {
        return Err(Refusal::ExtensionTooLong { most });
    }
    let body = FactBody::ExtensionRequested { days };
    recorder.fact(NewFact { id: fact_id, occurred_on: Some(today), body }, pursuit, today, None);
    recorder.finish()
}

/// Where one request for an extension stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestState {
    /// It can be decided.
    Pending,
    /// It was decided.
    Decided,
    /// Its pursuit ended, or was voided, before anybody decided it.
    Lapsed,
}

/// Where a request stands: only the open pursuit's own can still be decided.
pub fn request_state(history: &History, request_id: Id) -> RequestState {
    let open = extension::pending(history.pursuit_facts(history.pursuit_number()));
    if open.is_some_and(|request| request.asked.id == request_id) && history.stage().is_pursued() {
        return RequestState::Pending;
    }
    // What was voided with its pursuit had been answered all the same.
    let number = history.facts.iter().find(|fact| fact.id == request_id).map(|fact| fact.pursuit_number);
    let of_pursuit =
        extension::requests_in(history.facts.iter().filter(|fact| Some(fact.pursuit_number) == number));
    let decided = of_pursuit.iter().any(|r| r.asked.id == request_id && r.answer.is_some());
    if decided { RequestState::Decided } else { RequestState::Lapsed }
}

/// A supervisor above the owner grants (`Some(days)`) or refuses a pending request.
///
/// # Errors
/// `NotASupervisor`, `NoPendingExtension`, `ExtensionLapsed`, `ExtensionTooLong`.
pub fn decide_extension(
    ctx: &mut Context<'_>,
    request_id: Id,
    fact_id: Id,
    granted: Option<i32>,
) -> Result<Decision, Refusal> {
    if ctx.capacity() != Capacity::SupervisorAbove {
        return Err(Refusal::NotASupervisor);
    }
    let mut recorder = Recorder::new(ctx);
    let today = recorder.today();
    let pursuit = recorder.history.pursuit_number();
    match request_state(&recorder.history, request_id) {
        RequestState::Pending => {}
        RequestState::Decided => return Err(Refusal::NoPendingExtension),
        RequestState::Lapsed => return Err(Refusal::ExtensionLapsed),
    }
    let body = match granted {
        Some(days) => {
            let most = longest_extension(recorder.ctx.env.cycle_days(today));
            if i64::from(days) > most {
                return Err(Refusal::ExtensionTooLong { most });
            }
            FactBody::ExtensionGranted { days }
        }
        None => FactBody::ExtensionDenied,
    };
    recorder.fact(NewFact { id: fact_id, occurred_on: Some(today), body }, pursuit, today, None);
    recorder.finish()
}

/// A supervisor above the owner confirms that a pursuit may enter 50%, once its guards hold (method section 4).
///
/// # Errors
/// `NotASupervisor` (also for the owner: nobody confirms the own work), `NoPursuit`.
pub fn confirm_stage_50(ctx: &mut Context<'_>, fact_id: Id) -> Result<Decision, Refusal> {
    if ctx.capacity() != Capacity::SupervisorAbove {
        return Err(Refusal::NotASupervisor);
    }
    let mut recorder = Recorder::new(ctx);
    let (today, stage) = (recorder.today(), recorder.stage());
    if !stage.is_pursued() {
        return Err(Refusal::NoPursuit { stage, ended_on: None });
    }
    let pursuit = recorder.history.pursuit_number();
    let body = FactBody::Stage50Confirmed;
    recorder.fact(NewFact { id: fact_id, occurred_on: Some(today), body }, pursuit, today, None);
    recorder.finish()
}
