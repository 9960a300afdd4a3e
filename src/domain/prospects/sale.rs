//! Moves to 90% and closed: dated by the sale itself, reinstated where the money comes late (method sections 4 and 10).

use chrono::NaiveDate;

use super::{
    application::Sale,
    decision::{MoveRequest, NewFact, Refusal, Warning},
    fact::FactBody,
    history::Cut,
    move_steps::{add_facts, climb, record_step, reopen},
    recorder::Recorder,
    transition::{Path, Reason},
};
use crate::domain::method::{
    cooling_off,
    guards::{enter, judged, known, unmet},
    stage::Stage,
};

/// The dates on which a move to 90 rests, from what is recorded and what the request brings. Of several the latest counts, as
/// it does for the rules.
fn with_told(standing: Sale, told: &[NewFact]) -> Sale {
    let mut sale = standing;
    for fact in told {
        match &fact.body {
            FactBody::Signed { on } => sale.signed_on = sale.signed_on.max(Some(*on)),
            FactBody::DocumentsSubmitted { on } => sale.documents_on = sale.documents_on.max(Some(*on)),
            FactBody::PremiumReceived { on, .. } => sale.premium_on = sale.premium_on.max(Some(*on)),
            _ => {}
        }
    }
    sale
}

fn latest(sale: &Sale) -> Option<NaiveDate> {
    Some(sale.signed_on?.max(sale.documents_on?).max(sale.premium_on?))
}

/// Moves to 90% and to closed.
pub(super) fn to_90_or_closed(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let stage = recorder.stage();
    match (stage, request.to) {
        (Stage::Stage90, Stage::Stage90) | (Stage::Closed, Stage::Closed) => {
            Err(Refusal::AlreadyThere { stage })
        }
        (Stage::Stage90, Stage::Closed) => close(recorder, request),
        (_, Stage::Closed) => {
            let (to_90, to_closed) = split(request);
            to_stage_90(recorder, to_90)?;
            close(recorder, to_closed)
        }
        (_, _) => to_stage_90(recorder, request),
    }
}

/// A pass-through to closed is a move to 90 and a closing, each on its own date.
fn split(request: MoveRequest) -> (MoveRequest, MoveRequest) {
    let (later, earlier): (Vec<NewFact>, Vec<NewFact>) = request
        .facts
        .into_iter()
        .partition(|f| matches!(f.body, FactBody::PolicyIssued { .. } | FactBody::ReceiptSigned { .. }));
    let to_90 =
        MoveRequest { to: Stage::Stage90, occurred_on: None, reason: None, overrides: false, facts: earlier };
    (to_90, MoveRequest { facts: later, ..MoveRequest { to: Stage::Closed, facts: Vec::new(), ..request } })
}

fn to_stage_90(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let last_pursuit = recorder.history.pursuit_number();
    let ended = matches!(recorder.stage(), Stage::Exited | Stage::Closed);
    // What was signed and paid in a pursuit that has ended is not this sale's.
    let standing = if ended {
        Sale::default()
    } else {
        let pursuit = recorder.history.dossier(last_pursuit);
        pursuit.sale_on(Cut::EndOf(recorder.today()), &recorder.ctx.env.settings)
    };
    let dates = with_told(standing, &request.facts);
    let day = latest(&dates).or(request.occurred_on).unwrap_or(recorder.today());
    if let Some(date) = request.occurred_on.filter(|d| *d != day) {
        return Err(Refusal::NotTheLatest { date, expected: day });
    }
    recorder.check_date(day)?;
    recorder.overtake(|t| t.occurred_on >= day);
    let from = recorder.stage();
    let (from, pursuit, path) = match from {
        Stage::Exited | Stage::Closed => {
            reopen(recorder, from, day, true);
            (Stage::Opportunity, recorder.history.highest_pursuit() + 1, Path::Manual)
        }
        Stage::Opportunity => match fallen_back_on(recorder) {
            Some(ended_on) if dates.signed_on.is_some_and(|signed| signed <= ended_on) => {
                (from, last_pursuit, Path::Reinstated)
            }
            _ => (from, recorder.history.highest_pursuit() + 1, Path::Manual),
        },
        Stage::Stage25 => match back_at_25_on(recorder) {
            Some(on) if dates.signed_on.is_some_and(|signed| signed <= on) => {
                (from, last_pursuit, Path::Reinstated)
            }
            _ => (from, last_pursuit, Path::Manual),
        },
        Stage::FirstAppointment | Stage::Stage50 => (from, last_pursuit, Path::Manual),
        Stage::Stage90 => return Err(Refusal::AlreadyThere { stage: from }),
    };
    let otherwise = dates.signed_on.filter(|s| *s <= day).unwrap_or(day);
    for fact in request.facts {
        recorder.fact(fact, pursuit, otherwise, None);
    }
    let answer = judged(recorder, pursuit, day);
    // A reinstated pursuit was at 50% before, with whatever consent that took.
    let climbed_from = if path == Path::Reinstated { Stage::Stage50 } else { from };
    enter(recorder, &answer, pursuit, climbed_from, Stage::Stage90)?;
    if path == Path::Reinstated {
        record_step(recorder, from, Stage::Stage90, path, Reason::GuardsMet, day);
        // `record_step` numbers by the last record; a reinstated pursuit is that one by definition.
    } else {
        climb(recorder, from, Stage::Stage90, pursuit, day);
    }
    if known(recorder, pursuit, day).premium_claimed {
        recorder.warnings.push(Warning::Claimed);
    }
    Ok(())
}

/// When the last pursuit fell back to opportunity, if that is why the prospect is there.
fn fallen_back_on(recorder: &Recorder<'_, '_>) -> Option<NaiveDate> {
    let last = recorder.history.effective().last().copied()?.clone();
    let from = last.from?;
    (last.to == Stage::Opportunity && from.is_prospect()).then_some(last.occurred_on)
}

fn back_at_25_on(recorder: &Recorder<'_, '_>) -> Option<NaiveDate> {
    let last = recorder.history.effective().last().copied()?.clone();
    (last.to == Stage::Stage25 && last.from == Some(Stage::Stage50)).then_some(last.occurred_on)
}

/// 90 → closed happens by itself once its guards hold; asking for it may bring the missing facts.
fn close(recorder: &mut Recorder<'_, '_>, request: MoveRequest) -> Result<(), Refusal> {
    let today = recorder.today();
    let overrides = request.overrides;
    add_facts(recorder, request.facts, today);
    let pursuit = recorder.history.pursuit_number();
    // Whoever stands at 90 has passed its guards, whatever was corrected since.
    let answer = judged(recorder, pursuit, today);
    if answer.unmet(Stage::Closed).next().is_some() {
        let unmet = unmet(&answer, Stage::Closed);
        return Err(Refusal::Guards { to: Stage::Closed, as_of: today, unmet });
    }
    let asked_for = request.occurred_on;
    if overrides {
        let since = recorder.history.anchor().map_or(today, |t| t.occurred_on);
        let facts = known(recorder, pursuit, today);
        let receipt = facts.receipt_by(today);
        let matured = receipt.map(|on| cooling_off::matures_on(on, facts.cooling_off_days));
        let day = since.max(facts.issued_by(today).unwrap_or(since)).max(matured.unwrap_or(since));
        record_step(recorder, Stage::Stage90, Stage::Closed, Path::Overridden, Reason::CoolingOffOver, day);
    } else {
        recorder.settle();
    }
    let closed_on = recorder.history.effective().last().map(|t| t.occurred_on);
    match (asked_for, closed_on) {
        (Some(date), Some(expected)) if date != expected => {
            Err(Refusal::DatedElsewhere { to: Stage::Closed, date, expected })
        }
        _ => Ok(()),
    }
}
