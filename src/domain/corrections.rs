//! Undoing a slip (method section 4): records too, and automatic moves are derived afresh.

use chrono::NaiveDate;

use super::{
    calendar::days_between,
    decision::{Context, Decision, NewFact, NotVoidable, Refusal, VOID_DAYS},
    fact::{Fact, FactBody},
    history::History,
    id::Id,
    moves::{self, MoveRequest},
    recorder::Recorder,
    stage::Stage,
    transition::{Path, Reason, RecordKind, Transition},
    window::Window,
};

/// The move that a correction would take back: the latest one that was not automatic.
pub fn latest_by_hand(history: &History) -> Option<&Transition> {
    // A closing that fell due on the strength of a slip goes with it.
    history.effective().into_iter().rfind(|t| !t.is_automatic()).filter(|t| t.path != Path::Created)
}

/// Takes back the latest non-automatic move with everything that came in the same request. `signed` are the blocks of
/// the owner that are signed off, at least those around the date of that move: agents leave them alone (method section 4).
///
/// # Errors
/// `NotVoidable` with the reason.
pub fn void_latest(ctx: &mut Context<'_>, signed: &[Window]) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    void(&mut recorder, signed)?;
    Ok(recorder.finish())
}

fn void(recorder: &mut Recorder<'_, '_>, signed: &[Window]) -> Result<Transition, Refusal> {
    let refuse = |why| Err(Refusal::NotVoidable { why });
    let Some(anchor) = latest_by_hand(&recorder.history).cloned() else {
        return refuse(NotVoidable::Created);
    };
    let authority = recorder.ctx.authority;
    if !authority.supervisor {
        if anchor.actor_id != Some(recorder.ctx.actor_id) {
            return refuse(NotVoidable::NotOwn);
        }
        if days_between(anchor.recorded_on, recorder.today()) > VOID_DAYS {
            return refuse(NotVoidable::TooOld);
        }
        if signed.iter().any(|block| block.contains(anchor.occurred_on)) {
            return refuse(NotVoidable::SignedOff { date: anchor.occurred_on });
        }
    }
    recorder.overtake_since(anchor.seq, |t| t.is_automatic());
    let group: Vec<Transition> = recorder
        .history
        .effective()
        .into_iter()
        .filter(|t| t.group_id == anchor.group_id && !t.is_automatic())
        .cloned()
        .collect();
    for record in group.iter().rev() {
        recorder.cancel(record, RecordKind::Voided, Reason::Slip);
    }
    Ok(anchor)
}

/// Corrects the date of the latest non-automatic move: takes it back and makes it again on another day, its
/// guards judged afresh.
///
/// # Errors
/// As for voiding and for moving.
pub fn redate_move(
    ctx: &mut Context<'_>,
    occurred_on: NaiveDate,
    signed: &[Window],
) -> Result<Decision, Refusal> {
    let mut recorder = Recorder::new(ctx);
    let group_facts = |history: &History, group: Id| -> Vec<Fact> {
        history.facts.iter().filter(|f| f.group_id == group).cloned().collect()
    };
    let anchor = void(&mut recorder, signed)?;
    let facts = group_facts(&recorder.history, anchor.group_id);
    let undone = Decision {
        history: recorder.history,
        transitions: recorder.transitions,
        facts: recorder.facts,
        warnings: recorder.warnings,
        next: None,
    };
    let again = facts
        .into_iter()
        .map(|f| NewFact {
            id: (ctx.ids)(),
            occurred_on: (f.occurred_on != anchor.occurred_on).then_some(f.occurred_on),
            body: f.body,
        })
        .collect();
    let request = MoveRequest {
        to: anchor.to,
        occurred_on: (anchor.to != Stage::Stage90).then_some(occurred_on),
        reason: Some(anchor.reason),
        overrides: anchor.path == Path::Overridden,
        facts: again,
    };
    let mut after = Context {
        history: &undone.history,
        env: ctx.env,
        today: ctx.today,
        now: ctx.now,
        actor_id: ctx.actor_id,
        authority: ctx.authority,
        ids: &mut *ctx.ids,
    };
    let mut redone = moves::decide(&mut after, request)?;
    let mut transitions = undone.transitions;
    transitions.append(&mut redone.transitions);
    Ok(Decision { transitions, ..redone })
}

/// A date of the current pursuit that can be corrected on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CorrectableDate {
    /// First meeting.
    FirstMeetingOn,
    /// Issue of the policy.
    PolicyIssuedOn,
    /// Signature of the receipt.
    ReceiptSignedOn,
}

/// Corrects a recorded date; the earlier record stays in the history and no longer counts.
///
/// # Errors
/// `NothingToCorrect`, `InTheFuture`, `NoPursuit`, `NotTheOwner` (an agent who does not own it).
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
    let found = recorder.history.pursuit_facts(pursuit).into_iter().rev().find_map(|f| {
        let body = match (which, &f.body) {
            (CorrectableDate::FirstMeetingOn, FactBody::FirstMeeting { .. }) => FactBody::FirstMeeting { on },
            (CorrectableDate::PolicyIssuedOn, FactBody::PolicyIssued { standard_premium_minor, .. }) => {
                FactBody::PolicyIssued { on, standard_premium_minor: *standard_premium_minor }
            }
            (CorrectableDate::ReceiptSignedOn, FactBody::ReceiptSigned { cooling_off_days, .. }) => {
                FactBody::ReceiptSigned { on, cooling_off_days: *cooling_off_days }
            }
            _ => return None,
        };
        Some((f.id, body))
    });
    let Some((replaced, body)) = found else { return Err(Refusal::NothingToCorrect) };
    recorder.fact(NewFact { id: fact_id, occurred_on: None, body }, pursuit, on, Some(replaced));
    Ok(recorder.finish())
}
