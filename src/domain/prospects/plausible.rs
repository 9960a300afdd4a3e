//! Whether a new fact can have been: nothing comes before what it rests on (method sections 4 and 5; decision 0001, rule 23).
//!
//! Knows the history with the fact in it; never who tells it, nor what becomes of it.

use chrono::NaiveDate;

use super::{
    appointment::{Appointment, Outcome},
    decision::{AfterSigning, Dating, Refusal},
    fact::{AppointmentKind, Fact, FactBody},
    history::{Cut, Environment, History},
    pursuit::takes_from,
};
use crate::domain::values::id::Id;

/// Checks a fact that has just been told.
///
/// # Errors
/// `NewerPursuitBegun`, `BeforeItWasFixed`, `BeforeItsDay`, `BeforeTheSignature`, `CoolingOffTooShort`, `FirstAppointmentExists`.
pub(super) fn check(
    history: &History,
    env: &Environment,
    today: NaiveDate,
    fact: &Fact,
) -> Result<(), Refusal> {
    if let Some(begun_on) = takes_from(history, fact).filter(|begun_on| fact.occurred_on < *begun_on) {
        let dating = Dating::of(&fact.body);
        return Err(Refusal::NewerPursuitBegun { dating, date: fact.occurred_on, begun_on });
    }
    match &fact.body {
        FactBody::AppointmentFixed { appointment_id, appointment_kind, starts_on, .. } => {
            lies_ahead(history, fact, *appointment_id, *starts_on)?;
            match appointment_kind {
                AppointmentKind::First => is_the_only_first(history, fact, *appointment_id),
                AppointmentKind::Next => Ok(()),
            }
        }
        FactBody::AppointmentPostponed { appointment_id, starts_on, .. } => {
            lies_ahead(history, fact, *appointment_id, *starts_on)
        }
        FactBody::AppointmentNoShow { appointment_id } => {
            match appointment(history, fact, *appointment_id, fact.occurred_on) {
                Some(a) if fact.occurred_on < a.on => {
                    Err(Refusal::BeforeItsDay { date: fact.occurred_on, day: a.on })
                }
                _ => Ok(()),
            }
        }
        FactBody::PolicyIssued { on, .. } => {
            follows_signature(history, fact, AfterSigning::PolicyIssuedOn, *on)
        }
        FactBody::ReceiptSigned { on, cooling_off_days } => {
            follows_signature(history, fact, AfterSigning::ReceiptSignedOn, *on)?;
            let known = history.facts_on(fact.pursuit_number, Cut::EndOf(today), &env.settings);
            let least = env.settings.on(known.signed_on.unwrap_or(*on)).cooling_off_days;
            match cooling_off_days {
                Some(days) if *days < least => Err(Refusal::CoolingOffTooShort { days: *days, least }),
                _ => Ok(()),
            }
        }
        FactBody::Withdrawn { on } => follows_signature(history, fact, AfterSigning::WithdrawnOn, *on),
        _ => Ok(()),
    }
}

fn appointment(history: &History, fact: &Fact, id: Id, day: NaiveDate) -> Option<Appointment> {
    let list = history.appointments_on(fact.pursuit_number, Cut::EndOf(day));
    list.into_iter().find(|a| a.id == id)
}

/// An appointment lies on or after the day on which it is fixed or put off.
fn lies_ahead(history: &History, fact: &Fact, id: Id, starts_on: NaiveDate) -> Result<(), Refusal> {
    if starts_on >= fact.occurred_on {
        return Ok(());
    }
    let kind = appointment(history, fact, id, NaiveDate::MAX).map_or(AppointmentKind::Next, |a| a.kind);
    Err(Refusal::BeforeItWasFixed { kind, date: starts_on, fixed_on: fact.occurred_on })
}

/// A pursuit has one first appointment at a time: the meeting that is told again is the one there is (method section 4).
fn is_the_only_first(history: &History, fact: &Fact, id: Id) -> Result<(), Refusal> {
    // Once they have met, none of them waits any more.
    let met = |f: &&Fact| matches!(f.body, FactBody::FirstMeeting { .. }) && f.group_id != fact.group_id;
    if history.pursuit_facts(fact.pursuit_number).iter().any(met) {
        return Ok(());
    }
    let all = history.appointments_on(fact.pursuit_number, Cut::EndOf(NaiveDate::MAX));
    let waits = |a: &&Appointment| a.kind == AppointmentKind::First && a.outcome == Outcome::Open;
    match all.iter().filter(waits).find(|a| a.id != id) {
        Some(a) => Err(Refusal::FirstAppointmentExists { appointment_id: a.id, day: a.on }),
        None => Ok(()),
    }
}

fn follows_signature(
    history: &History,
    fact: &Fact,
    which: AfterSigning,
    date: NaiveDate,
) -> Result<(), Refusal> {
    match signature_beside(history, fact) {
        Some(signed_on) if date < signed_on => Err(Refusal::BeforeTheSignature { which, date, signed_on }),
        _ => Ok(()),
    }
}

/// The signature of the attempt that a fact was told for: a way back from 90% in the same request has not retired it.
fn signature_beside(history: &History, fact: &Fact) -> Option<NaiveDate> {
    let falls: Vec<i32> =
        history.effective().into_iter().filter(|t| t.is_fall_from_90()).map(|t| t.seq).collect();
    let attempt = |of: &Fact| falls.iter().filter(|seq| **seq <= of.after_transition).count();
    let facts = history.pursuit_facts(fact.pursuit_number);
    facts.into_iter().rev().filter(|f| attempt(f) == attempt(fact)).find_map(|f| match f.body {
        FactBody::Signed { on } => Some(on),
        _ => None,
    })
}
