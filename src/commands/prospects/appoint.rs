//! Fixing appointments, and what became of them (method section 2).

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{
    Fixed,
    recorded::{FactsAndWords, has_words},
    write::{Refused, Target, Written, check_joint_visit, decide, load},
};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{
            appointment::Outcome,
            appointments,
            fact::{AppointmentKind, FactBody},
            fact_entries,
            history::Cut,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        ledger::{self, Loaded},
    },
};

/// Fixes an appointment of the open pursuit; without a kind the usual one, first before the first meeting and next
/// after it.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn fix(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (kind, new): (Option<AppointmentKind>, Fixed),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    let met = loaded.row.card.0.facts.first_meeting_on.is_some();
    let usual = if met { AppointmentKind::Next } else { AppointmentKind::First };
    let kind = kind.unwrap_or(usual);
    check_joint_visit(conn, loaded.row.owner_id, new.joint_visit_with, kind)?;
    let is_known = loaded.history.facts.iter().any(
        |f| matches!(f.body, FactBody::AppointmentFixed { appointment_id, .. } if Some(appointment_id) == new.id),
    );
    if is_known {
        return Err(Refused::IdTaken);
    }
    let mut recorded = FactsAndWords::default();
    recorded.fix(|| occasion.ids.id(), kind, new, loaded.context.time_zone);
    decide(conn, actor, loaded, recorded.words, occasion, |ctx| fact_entries::record(ctx, recorded.facts))
}

/// What is told of an appointment that has been fixed.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// When it starts now.
    pub starts_at: Option<DateTime<Utc>>,
    /// What it is for now; the inner one is none to take it back.
    pub agenda: Option<Option<String>>,
    /// Who goes along; the inner one is none for nobody.
    pub joint_visit_with: Option<Option<Id>>,
    /// Words about the outcome.
    pub notes: Option<String>,
    /// Business date of all that.
    pub occurred_on: Option<NaiveDate>,
}

/// Records what came of an appointment, puts it off, changes what it is for or who goes along.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn change(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    target: &Target,
    (appointment_id, told): (Id, Change),
) -> Result<Written, Refused> {
    let loaded = load(conn, actor, target, occasion)?;
    check_joint_visit(conn, loaded.row.owner_id, told.joint_visit_with.flatten(), AppointmentKind::Next)?;
    let texts = ledger::evidence_of(conn, &loaded.row)?;
    let recorded = changed(&loaded, &texts, appointment_id, told, occasion)?;
    decide(conn, actor, loaded, recorded.words, occasion, |ctx| fact_entries::record(ctx, recorded.facts))
}

fn changed(
    loaded: &Loaded,
    texts: &HashMap<Id, String>,
    appointment_id: Id,
    told: Change,
    occasion: &Occasion,
) -> Result<FactsAndWords, Refused> {
    let known = appointments::find(&loaded.history, appointment_id, Cut::EndOf(loaded.today));
    let (_, appointment) = known.ok_or(StoreError::NotFound)?;
    let mut recorded = FactsAndWords::default();
    let id = || occasion.ids.id();
    // What came of it is dated on its own day, everything else today.
    let own_day = matches!(told.outcome, Some(Outcome::Held | Outcome::NoShow));
    let on = told.occurred_on.or(own_day.then_some(appointment.on));
    // Before the outcome: who goes along to what is called off in the same breath is no contradiction.
    if let Some(with) = told.joint_visit_with.filter(|with| *with != appointment.joint_visit_with) {
        recorded.add(id(), on, FactBody::JointVisit { appointment_id, with }, None);
    }
    match (told.outcome, told.starts_at) {
        (None, None) if told.joint_visit_with.is_some() && told.agenda.is_none() => {}
        (None, starts_at) if starts_at.is_some() || told.agenda.is_some() => {
            let starts_at = starts_at.unwrap_or(appointment.starts_at);
            // The words belong to the record that set the date: a new one takes them along.
            let agenda_so_far = texts.get(&appointment.set_by).cloned();
            let agenda = told.agenda.unwrap_or_else(|| agenda_so_far.clone());
            if starts_at == appointment.starts_at && agenda == agenda_so_far {
                return Ok(recorded);
            }
            let fact = FactBody::AppointmentPostponed {
                appointment_id,
                starts_at,
                starts_on: starts_at.with_timezone(&loaded.context.time_zone).date_naive(),
                has_agenda: has_words(agenda.as_deref()),
            };
            recorded.add(id(), on, fact, agenda);
        }
        (Some(Outcome::Held), None) => {
            let held_on = on.unwrap_or(appointment.on);
            let fact = FactBody::AppointmentHeld { appointment_id, held_on };
            recorded.add(id(), Some(held_on), fact, told.notes);
            // Of several first meetings the earliest counts, whichever was told of first.
            if appointment.kind == AppointmentKind::First {
                recorded.add(id(), Some(held_on), FactBody::FirstMeeting { on: held_on }, None);
            }
        }
        (Some(Outcome::NoShow), None)
            if appointment.outcome == Outcome::NoShow
                && told.notes.as_ref() == appointment.settled_by.and_then(|by| texts.get(&by)) => {}
        (Some(Outcome::NoShow), None) => {
            recorded.add(id(), on, FactBody::AppointmentNoShow { appointment_id }, told.notes);
        }
        (Some(Outcome::Cancelled), None) => {
            recorded.add(id(), on, FactBody::AppointmentCancelled { appointment_id }, told.notes);
        }
        (Some(Outcome::Open), _) | (None, _) | (Some(_), Some(_)) => return Err(Refused::OneChangeAtATime),
    }
    Ok(recorded)
}
