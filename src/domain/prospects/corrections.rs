//! Undoing a slip (method section 4): records too, and automatic moves are derived afresh.

use chrono::NaiveDate;

use super::{
    appointment, appointments,
    decision::{Context, CorrectableDate, Decision, MoveRequest, NewFact, NotVoidable, Refusal, VOID_DAYS},
    fact::{Fact, FactBody},
    history::{Cut, History},
    moves,
    recorder::Recorder,
    transition::{Path, Reason, RecordKind, Transition},
};
use crate::domain::values::{calendar::days_between, id::Id, window::Window};

/// The move that a correction would take back: the latest one that was not automatic.
pub fn latest_by_hand(history: &History) -> Option<&Transition> {
    // A closing that fell due on the strength of a slip goes with it.
    history.effective().into_iter().rfind(|t| !t.is_derived()).filter(|t| t.path != Path::Created)
}

/// Takes back the latest non-automatic move with everything that came in the same request. `signed` are the blocks of
/// the owner that are signed off, at least those around the date of that move: agents leave them alone (method section 4).
///
/// # Errors
/// `NotVoidable` with the reason.
pub fn void_latest(ctx: &mut Context<'_>, signed: &[Window]) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    void(&mut recorder, signed)?;
    recorder.finish()
}

fn void(recorder: &mut Recorder<'_, '_>, signed: &[Window]) -> Result<Transition, Refusal> {
    let refuse = |why| Err(Refusal::NotVoidable { why });
    let Some(anchor) = latest_by_hand(&recorder.history).cloned() else {
        return refuse(NotVoidable::Created);
    };
    if !recorder.ctx.capacity().supervises() {
        if anchor.by.id() != recorder.ctx.by.id() {
            return refuse(NotVoidable::NotOwn);
        }
        if days_between(anchor.recorded_on, recorder.today()) > VOID_DAYS {
            return refuse(NotVoidable::TooOld);
        }
        if signed.iter().any(|block| block.contains(anchor.occurred_on)) {
            return refuse(NotVoidable::SignedOff { date: anchor.occurred_on });
        }
    }
    recorder.overtake_since(anchor.seq, |t| t.is_derived());
    let group: Vec<Transition> = recorder
        .history
        .effective()
        .into_iter()
        .filter(|t| t.group_id == anchor.group_id && !t.is_derived())
        .cloned()
        .collect();
    for record in group.iter().rev() {
        recorder.cancel(record, RecordKind::Voided, Reason::Slip);
    }
    Ok(anchor)
}

/// Corrects the date of the latest non-automatic move: takes it back and makes it again on another day, its
/// guards judged afresh. What came with it and was dated on its day goes along; other dates stay.
///
/// # Errors
/// As for voiding and for moving; `NotTheLatest` and `DatedElsewhere` for a move that has its date from elsewhere (90 from
/// the sale, closed from the cooling-off period, closed→50 from its arrival); `OutcomeBeforeItWasFixed` when something would have come of an
/// appointment before it was fixed.
pub fn redate_move(
    ctx: &mut Context<'_>,
    occurred_on: NaiveDate,
    signed: &[Window],
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let anchor = void(&mut recorder, signed)?;
    recorder.check_not_future(occurred_on)?;
    // Only up to the new date: what would have fallen due since the old one has not come about.
    recorder.settle_until(occurred_on);
    let again = as_last_corrected(&recorder.history, anchor.group_id)
        .into_iter()
        .map(|f| NewFact {
            id: (recorder.ctx.ids)(),
            occurred_on: Some(f.occurred_on).filter(|on| *on != anchor.occurred_on),
            body: f.body.redated(anchor.occurred_on, occurred_on),
        })
        .collect();
    let request = MoveRequest {
        to: anchor.to,
        occurred_on: Some(occurred_on),
        reason: Some(anchor.reason),
        overrides: anchor.path == Path::Overridden,
        facts: again,
    };
    // Whoever may take the move back may also correct it: nobody is asked again who it is.
    moves::make(&mut recorder, request)?;
    let made = recorder.transitions.iter().rfind(|t| t.kind == RecordKind::Move && !t.is_derived());
    if let Some(expected) = made.map(|t| t.occurred_on).filter(|on| *on != occurred_on) {
        return Err(Refusal::NotTheLatest { date: occurred_on, expected });
    }
    if let Some((date, fixed_on)) = outcome_before_it_was_fixed(&recorder.history) {
        return Err(Refusal::OutcomeBeforeItWasFixed { date, fixed_on });
    }
    recorder.finish()
}

/// Something that came of an appointment before it was fixed, with both days.
fn outcome_before_it_was_fixed(history: &History) -> Option<(NaiveDate, NaiveDate)> {
    let facts = history.pursuit_facts(history.pursuit_number());
    let list = appointment::fold(&facts);
    facts.iter().find_map(|f| {
        let about = f.body.about_appointment()?;
        let early = list.iter().find(|a| a.id == about && f.occurred_on < a.fixed_on)?;
        Some((f.occurred_on, early.fixed_on))
    })
}

/// What came in one request, with the dates that were corrected since.
fn as_last_corrected(history: &History, group_id: Id) -> Vec<Fact> {
    let of_group = || history.facts.iter().filter(|f| history.first_group_of(f) == group_id);
    let replaced: Vec<Id> = of_group().filter_map(|f| f.replaces).collect();
    of_group().filter(|f| !replaced.contains(&f.id)).cloned().collect()
}

impl CorrectableDate {
    fn is_of(self, body: &FactBody) -> bool {
        match self {
            CorrectableDate::FirstMeetingOn => matches!(body, FactBody::FirstMeeting { .. }),
            CorrectableDate::PolicyIssuedOn => matches!(body, FactBody::PolicyIssued { .. }),
            CorrectableDate::ReceiptSignedOn => matches!(body, FactBody::ReceiptSigned { .. }),
        }
    }
}

/// Corrects a recorded date; the earlier record stays in the history and no longer counts. What retired with a fallen
/// 90 cannot be corrected any more: it would come back to life.
///
/// # Errors
/// `NothingToCorrect`, `InTheFuture`, `NoPursuit`, `OutcomeBeforeItWasFixed` (the meeting was an appointment that was
/// fixed only later).
pub fn redate_fact(
    ctx: &mut Context<'_>,
    fact_id: Id,
    which: CorrectableDate,
    on: NaiveDate,
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    recorder.check_not_future(on)?;
    let stage = recorder.stage();
    if !stage.is_pursued() {
        return Err(Refusal::NoPursuit { stage, ended_on: None });
    }
    let pursuit = recorder.history.pursuit_number();
    let Some(wrong) = counting(&recorder.history, pursuit, which) else {
        return Err(Refusal::NothingToCorrect);
    };
    let held = held_with(&recorder, pursuit, &wrong, on)?;
    let body = wrong.body.clone().redated(wrong.occurred_on, on);
    recorder.fact(NewFact { id: fact_id, occurred_on: None, body }, pursuit, on, Some(wrong.id));
    if let Some(held) = held {
        let id = (recorder.ctx.ids)();
        let body = held.body.redated(held.occurred_on, on);
        recorder.fact(NewFact { id, occurred_on: Some(on), body }, pursuit, on, Some(held.id));
    }
    recorder.finish()
}

/// The record that counts: the first of several meetings, the last of several issues or receipts.
fn counting(history: &History, pursuit: i32, which: CorrectableDate) -> Option<Fact> {
    let fallen = |t: &&Transition| t.is_fall_from_90() && t.pursuit_number == pursuit;
    let retired = history.effective().into_iter().rfind(fallen).map_or(0, |t| t.seq);
    let facts = history.pursuit_facts(pursuit);
    let mut found = facts.into_iter().filter(|f| which.is_of(&f.body)).cloned();
    match which {
        CorrectableDate::FirstMeetingOn => found.next(),
        CorrectableDate::PolicyIssuedOn | CorrectableDate::ReceiptSignedOn => {
            found.rfind(|f| f.after_transition >= retired)
        }
    }
}

/// The appointment that was the meeting: its day is corrected with it.
fn held_with(
    recorder: &Recorder<'_, '_>,
    pursuit: i32,
    meeting: &Fact,
    on: NaiveDate,
) -> Result<Option<Fact>, Refusal> {
    if !matches!(meeting.body, FactBody::FirstMeeting { .. }) {
        return Ok(None);
    }
    let facts = recorder.history.pursuit_facts(pursuit);
    let same = |f: &&&Fact| f.group_id == meeting.group_id && f.occurred_on == meeting.occurred_on;
    for fact in facts.iter().filter(same) {
        if let FactBody::AppointmentHeld { appointment_id, .. } = fact.body {
            let list = recorder.history.appointments_on(pursuit, Cut::EndOf(recorder.today()));
            if let Some(early) = list.iter().find(|a| a.id == appointment_id && on < a.fixed_on) {
                return Err(Refusal::OutcomeBeforeItWasFixed { date: on, fixed_on: early.fixed_on });
            }
            return Ok(Some((*fact).clone()));
        }
    }
    Ok(None)
}

/// Takes back what was told of an appointment's outcome; a first meeting that it recorded goes with it, and the clock that it
/// started. `signed` are the blocks of the owner that are signed off, as for [`void_latest`].
///
/// # Errors
/// `UnknownAppointment`, `NothingToCorrect` while it is open, and `NotVoidable`: not the caller's own word, older than seven
/// days, signed off, or a move rests on it.
pub fn take_back_outcome(
    ctx: &mut Context<'_>,
    appointment_id: Id,
    signed: &[Window],
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let known = appointments::find(&recorder.history, appointment_id, Cut::EndOf(recorder.today()));
    let Some((pursuit, known)) = known else { return Err(Refusal::UnknownAppointment) };
    let facts: Vec<Fact> = recorder.history.pursuit_facts(pursuit).into_iter().cloned().collect();
    let told = facts.iter().find(|f| Some(f.id) == known.settled_by);
    let Some(told) = told else { return Err(Refusal::NothingToCorrect) };
    may_take_back(&recorder, told, signed)?;
    let started_with_it = |f: &&Fact| {
        let same = f.group_id == told.group_id && f.occurred_on == told.occurred_on;
        same && matches!(f.body, FactBody::FirstMeeting { .. })
    };
    let meeting = facts.iter().find(started_with_it);
    if has_a_move_that_rests_on(&recorder.history, told, meeting.is_some()) {
        return Err(Refusal::NotVoidable { why: NotVoidable::MoveRestsOnIt });
    }
    for wrong in std::iter::once(told).chain(meeting) {
        let body = FactBody::OutcomeTakenBack { appointment_id };
        let new = NewFact { id: (recorder.ctx.ids)(), occurred_on: Some(wrong.occurred_on), body };
        recorder.fact(new, pursuit, wrong.occurred_on, Some(wrong.id));
    }
    recorder.finish()
}

/// The own word, for seven days and until its block is signed off; supervisors later.
fn may_take_back(recorder: &Recorder<'_, '_>, told: &Fact, signed: &[Window]) -> Result<(), Refusal> {
    let refuse = |why| Err(Refusal::NotVoidable { why });
    if recorder.ctx.capacity().supervises() {
        return Ok(());
    }
    if told.by.id() != recorder.ctx.by.id() {
        return refuse(NotVoidable::NotOwn);
    }
    if days_between(told.recorded_on, recorder.today()) > VOID_DAYS {
        return refuse(NotVoidable::TooOld);
    }
    if signed.iter().any(|block| block.contains(told.occurred_on)) {
        return refuse(NotVoidable::SignedOff { date: told.occurred_on });
    }
    Ok(())
}

/// A move carried the outcome, or came after the first meeting that the outcome recorded.
fn has_a_move_that_rests_on(history: &History, told: &Fact, first_meeting: bool) -> bool {
    let by_hand = |t: &&Transition| !t.is_derived() && t.pursuit_number == told.pursuit_number;
    history.effective().into_iter().filter(by_hand).any(|t| {
        t.group_id == told.group_id || (first_meeting && t.seq > told.after_transition && t.to.is_effective())
    })
}
