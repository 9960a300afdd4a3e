//! What supervisors decide about events of the policy system: whom one is about, that it counts for nobody, and that such a
//! decision was wrong (method section 10). What is told is folded afresh after each.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::{
    aim,
    fold::{Pursuit, Telling, fold},
};
use crate::{
    clock::Occasion,
    domain::{
        exchange::{
            event::Event,
            intake_event::IntakeEvent,
            matching::pursuit_of,
            policy_message::{EventStatus, WaitsFor},
        },
        organisation::actor::{Actor, Role},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::{
            applications,
            number_locks::{self, HeldNumbers},
            policy_event_decisions::{self, DecisionKind, DecisionRow},
            policy_event_people, policy_event_queue,
            policy_events::{self, PolicyEventRow},
        },
        ledger,
        organisation::{audit, standing},
        prospects::prospect,
    },
};

/// Why nothing was decided.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or not for the actor.
    Store(StoreError),
    /// Only supervisors do this.
    SupervisorsOnly,
    /// There is no such prospect, or not for the actor.
    UnknownProspect,
    /// It does not wait: it is matched or dismissed.
    NotWaiting,
    /// There is neither a match nor a dismissal to take back.
    NothingToRevoke,
    /// It cannot stand under the prospect as things are.
    CannotStand(WaitsFor),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// When and where a supervisor decides.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// Who.
    pub actor: &'a Actor,
    /// When.
    pub occasion: &'a Occasion,
    /// The insurer's time zone.
    pub zone: Tz,
}

impl<'a> Desk<'a> {
    fn telling(self) -> Telling<'a> {
        Telling { occasion: self.occasion, by: self.actor.acts_as(), zone: self.zone }
    }

    /// The event, as far as the actor may see it.
    fn event(self, conn: &mut Conn, event_id: Id) -> Result<PolicyEventRow, Refused> {
        if self.actor.role != Role::Supervisor {
            return Err(Refused::SupervisorsOnly);
        }
        Ok(policy_event_queue::find(conn, self.actor, event_id)?.row)
    }

    /// Writes a decision down, and answers it.
    fn decide(
        self,
        conn: &mut Conn,
        event: &PolicyEventRow,
        (kind, prospect_id): (DecisionKind, Option<Id>),
        why: Option<&str>,
    ) -> Result<DecisionRow, Refused> {
        let Desk { actor, occasion, .. } = self;
        let row = DecisionRow {
            id: occasion.ids.id(),
            event_id: event.id,
            kind,
            prospect_id,
            decided_by: actor.id,
            decided_at: stored_instant(occasion.now),
        };
        policy_event_decisions::insert(conn, &row, why)?;
        let what = match (kind, prospect_id) {
            (DecisionKind::Match, Some(prospect_id)) => {
                IntakeEvent::MatchDecided { decision_id: row.id, prospect_id }
            }
            (DecisionKind::Revocation, _) => IntakeEvent::Revoked { decision_id: row.id, prospect_id },
            _ => IntakeEvent::Dismissed { decision_id: row.id },
        };
        let decided = Event::PolicyEvent { event_id: event.id, agent_id: event.agent_id, what };
        audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[decided])?;
        Ok(row)
    }
}

/// Says whom an event that waits is about. Its numbers are tied to the prospect's latest pursuit, and what waits for them
/// is matched with it.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn match_event(
    conn: &mut Conn,
    desk: Desk<'_>,
    event_id: Id,
    prospect_id: Id,
) -> Result<DecisionRow, Refused> {
    let event = desk.event(conn, event_id)?;
    match prospect::find(conn, &desk.actor.scope, prospect_id) {
        Err(StoreError::NotFound) => return Err(Refused::UnknownProspect),
        found => drop(found?),
    }
    let numbers = event.numbers();
    let (held, event, loaded) = ledger::load_told(conn, &[desk.actor.id].into(), desk.occasion, |conn| {
        let held = number_locks::hold(conn, (event.client_id, &event.sender_id), &numbers)?;
        let event = policy_events::find(conn, &held, event_id)?;
        Ok((held, event, [prospect_id].into()))
    })?;
    standing::still_stands(conn, desk.actor)?;
    if !event.status.waits() {
        return Err(Refused::NotWaiting);
    }
    let Some(loaded) = loaded.into_iter().next() else { return Err(Refused::UnknownProspect) };
    // Somebody may have handed the prospect over, out of the actor's reach, while this waited for the lock.
    prospect::find(conn, &desk.actor.scope, prospect_id).map_err(|_| Refused::UnknownProspect)?;
    let on = event.occurred_at.and_utc().with_timezone(&desk.zone).date_naive();
    let number = pursuit_of(&loaded.history, on, None).map_err(Refused::CannotStand)?;
    let event = PolicyEventRow { matched_prospect_id: Some(prospect_id), held_back: false, ..event };
    policy_events::place(conn, &event)?;
    let decided = desk.decide(conn, &event, (DecisionKind::Match, Some(prospect_id)), None)?;
    fold(conn, &held, Pursuit { loaded, number, by_phone: None }, desk.telling())?;
    let now = policy_events::find(conn, &held, event_id)?;
    match now.status {
        EventStatus::Matched => Ok(decided),
        _ => Err(Refused::CannotStand(now.waits_for.unwrap_or(WaitsFor::Refused))),
    }
}

/// Says that an event that waits counts for nobody, and why.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn dismiss(conn: &mut Conn, desk: Desk<'_>, event_id: Id, why: &str) -> Result<DecisionRow, Refused> {
    let event = desk.event(conn, event_id)?;
    let (_, event, _) = alone(conn, desk, &event)?;
    if !event.status.waits() {
        return Err(Refused::NotWaiting);
    }
    let dismissed = PolicyEventRow { status: EventStatus::Dismissed, waits_for: None, ..event };
    policy_events::place(conn, &dismissed)?;
    desk.decide(conn, &dismissed, (DecisionKind::Dismissal, None), Some(why))
}

/// An event with its numbers and the actor held, and nothing else.
fn alone(
    conn: &mut Conn,
    desk: Desk<'_>,
    event: &PolicyEventRow,
) -> Result<(HeldNumbers, PolicyEventRow, Vec<ledger::Loaded>), Refused> {
    let numbers = event.numbers();
    let found = ledger::load_told(conn, &[desk.actor.id].into(), desk.occasion, |conn| {
        let held = number_locks::hold(conn, (event.client_id, &event.sender_id), &numbers)?;
        let event = policy_events::find(conn, &held, event.id)?;
        Ok((held, event, BTreeSet::new()))
    })?;
    standing::still_stands(conn, desk.actor)?;
    Ok(found)
}

/// Takes a match or a dismissal back, and why. What was dismissed is matched again as if it had just come in; what was
/// matched waits until a supervisor says whom it is about, and what stood by its numbers alone waits with it.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn revoke(conn: &mut Conn, desk: Desk<'_>, event_id: Id, why: &str) -> Result<DecisionRow, Refused> {
    let event = desk.event(conn, event_id)?;
    match event.status {
        EventStatus::Dismissed => revoke_dismissal(conn, desk, &event, why),
        EventStatus::Matched => revoke_match(conn, desk, &event, why),
        EventStatus::Unmatched | EventStatus::Contradicting => Err(Refused::NothingToRevoke),
    }
}

fn revoke_dismissal(
    conn: &mut Conn,
    desk: Desk<'_>,
    event: &PolicyEventRow,
    why: &str,
) -> Result<DecisionRow, Refused> {
    let others = [desk.actor.id].into();
    let (held, event, pursuit) =
        aim::hold(conn, event, &others, (desk.occasion, desk.zone), |conn, held| {
            let event = policy_events::find(conn, held, event.id)?;
            let phone = policy_event_people::phone_of(conn, held, event.id)?;
            Ok((event, phone))
        })?;
    standing::still_stands(conn, desk.actor)?;
    if event.status != EventStatus::Dismissed {
        return Err(Refused::NothingToRevoke);
    }
    let waiting = event.waiting(pursuit.as_ref().err().copied().unwrap_or(WaitsFor::NoMatch));
    policy_events::place(conn, &waiting)?;
    let decided = desk.decide(conn, &waiting, (DecisionKind::Revocation, None), Some(why))?;
    if let Ok(pursuit) = pursuit {
        fold(conn, &held, pursuit, desk.telling())?;
    }
    Ok(decided)
}

fn revoke_match(
    conn: &mut Conn,
    desk: Desk<'_>,
    event: &PolicyEventRow,
    why: &str,
) -> Result<DecisionRow, Refused> {
    let numbers = event.numbers();
    let (held, found, loaded) = ledger::load_told(conn, &[desk.actor.id].into(), desk.occasion, |conn| {
        let held = number_locks::hold(conn, (event.client_id, &event.sender_id), &numbers)?;
        let event = policy_events::find(conn, &held, event.id)?;
        let application = match event.application_id {
            Some(id) => Some(applications::find(conn, &held, id)?),
            None => None,
        };
        let about: BTreeSet<Id> = application.iter().map(|one| one.prospect_id).collect();
        Ok((held, (event, application), about))
    })?;
    standing::still_stands(conn, desk.actor)?;
    let (event, Some(application)) = found else { return Err(Refused::NothingToRevoke) };
    // An erased prospect is there for nobody.
    let Some(loaded) = loaded.into_iter().next() else { return Err(StoreError::NotFound.into()) };
    prospect::find(conn, &desk.actor.scope, loaded.row.id)?;
    let prospect_id = loaded.row.id;
    // It keeps its place until the fold takes it away, so that what stood by its numbers goes with it.
    let event = PolicyEventRow { matched_prospect_id: None, held_back: true, ..event };
    policy_events::place(conn, &event)?;
    let revoked = (DecisionKind::Revocation, Some(prospect_id));
    let decided = desk.decide(conn, &event, revoked, Some(why))?;
    let pursuit = Pursuit { loaded, number: application.pursuit_number, by_phone: None };
    fold(conn, &held, pursuit, desk.telling())?;
    Ok(decided)
}
