//! Whom an event of the policy system may be about (method section 10): by numbers already tied, else by the prospect it names,
//! else by agent code and telephone; never by a name.

use std::collections::BTreeSet;

use chrono_tz::Tz;

use super::fold::Pursuit;
use crate::{
    clock::Occasion,
    domain::{
        exchange::{
            matching::{open_with, pursuit_of},
            policy_message::WaitsFor,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        exchange::{
            applications,
            number_locks::{self, HeldNumbers},
            policy_event_people,
            policy_events::PolicyEventRow,
        },
        ledger::{self, Loaded},
    },
};

/// What an event says of whom it is about.
pub(super) enum Aim {
    /// Nobody, and why it waits.
    Nobody(WaitsFor),
    /// The pursuit to which its numbers are tied.
    Tied(Id, i32),
    /// The prospect it names.
    Named(Id),
    /// Those of an agent who have the telephone.
    Phone(Id, BTreeSet<Id>),
}

impl Aim {
    /// By what an event may be about somebody; its numbers are held.
    ///
    /// # Errors
    /// Those of the database.
    pub(super) fn of(
        conn: &mut Conn,
        held: &HeldNumbers,
        event: &PolicyEventRow,
        phone_hmac: Option<&str>,
    ) -> Result<Self, StoreError> {
        if event.held_back {
            return Ok(Aim::Nobody(WaitsFor::HeldBack));
        }
        let numbers = event.numbers();
        let tied = applications::tied(conn, held)?;
        let tied = tied.iter().filter(|one| one.numbers().meets(&numbers));
        let pursuits: BTreeSet<(Id, i32)> = tied.map(|one| (one.prospect_id, one.pursuit_number)).collect();
        let mut pursuits = pursuits.into_iter();
        Ok(match (pursuits.next(), pursuits.next(), event.named_prospect_id) {
            (Some(_), Some(_), _) => Aim::Nobody(WaitsFor::AnotherNumber),
            (Some((prospect_id, _)), None, Some(named)) if named != prospect_id => {
                Aim::Nobody(WaitsFor::AnotherProspect)
            }
            (Some((prospect_id, number)), None, _) => Aim::Tied(prospect_id, number),
            (None, _, Some(named)) => Aim::Named(named),
            (None, _, None) => match (event.agent_id, phone_hmac) {
                (Some(agent_id), Some(phone)) => {
                    Aim::Phone(agent_id, policy_event_people::with_phone(conn, held, agent_id, phone)?)
                }
                _ => Aim::Nobody(WaitsFor::NoMatch),
            },
        })
    }

    fn prospects(&self) -> BTreeSet<Id> {
        match self {
            Aim::Nobody(_) => BTreeSet::new(),
            Aim::Tied(id, _) | Aim::Named(id) => [*id].into(),
            Aim::Phone(_, ids) => ids.clone(),
        }
    }

    /// The pursuit that takes the event, of the prospects that were loaded.
    fn pursuit(self, event: &PolicyEventRow, loaded: Vec<Loaded>, zone: Tz) -> Result<Pursuit, WaitsFor> {
        let on = event.occurred_at.and_utc().with_timezone(&zone).date_naive();
        let (tied, by_phone) = match &self {
            Aim::Nobody(for_what) => return Err(*for_what),
            Aim::Tied(_, number) => (Some(*number), None),
            Aim::Named(_) => (None, None),
            Aim::Phone(..) => (None, Some(event.id)),
        };
        let mut loaded: Vec<Loaded> = match &self {
            Aim::Phone(agent_id, _) => {
                let open = |one: &Loaded| open_with(&one.history, &one.owners, *agent_id, on);
                if loaded.iter().map(open).sum::<usize>() > 1 {
                    return Err(WaitsFor::SeveralMatches);
                }
                loaded.into_iter().filter(|one| open(one) == 1).collect()
            }
            _ => loaded,
        };
        let loaded = loaded.pop().ok_or(WaitsFor::NoMatch)?;
        let number = pursuit_of(&loaded.history, on, tied)?;
        Ok(Pursuit { loaded, number, by_phone })
    }
}

/// Finds the pursuit that takes an event, and holds it with everything that its numbers touch. The first thing that a write
/// does; `others` are held as well. `read` gives the event, and the keyed hash of its telephone, as they are once its numbers are held.
///
/// # Errors
/// Outer: those of the store. Inner: why the event waits.
pub(super) fn hold(
    conn: &mut Conn,
    event: &PolicyEventRow,
    others: &BTreeSet<Id>,
    (occasion, zone): (&Occasion, Tz),
    mut read: impl FnMut(&mut Conn, &HeldNumbers) -> Result<(PolicyEventRow, Option<String>), StoreError>,
) -> Result<(HeldNumbers, PolicyEventRow, Result<Pursuit, WaitsFor>), StoreError> {
    let numbers = event.numbers();
    let (held, (event, aim), loaded) = ledger::load_told(conn, others, occasion, |conn| {
        let held = number_locks::hold(conn, (event.client_id, &event.sender_id), &numbers)?;
        let (event, phone) = read(conn, &held)?;
        let aim = Aim::of(conn, &held, &event, phone.as_deref())?;
        let prospects = aim.prospects();
        Ok((held, (event, aim), prospects))
    })?;
    let pursuit = aim.pursuit(&event, loaded, zone);
    Ok((held, event, pursuit))
}
