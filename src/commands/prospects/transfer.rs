//! Handing prospects to another agent (method section 11): all of them or none.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    domain::{
        method::stage::Stage,
        organisation::{
            actor::{Actor, Role},
            user::Status,
        },
        prospects::{
            ownership::{self, NotHandedOver},
            transfer_hold::held_until,
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        ledger::Loaded,
        organisation::{
            memberships, standing,
            users::{self, User},
        },
        prospects::{
            people,
            transfers::{self, TransferRow},
        },
    },
};

/// Prospects to hand over.
#[derive(Clone, Debug)]
pub struct Handover {
    /// The new owner: an active user of the actor's reach.
    pub to_agent_id: Id,
    /// The prospects, each with the version that was seen, if that matters.
    pub prospects: Vec<(Id, Option<i32>)>,
    /// First day of the new owner; today when absent.
    pub transferred_on: Option<NaiveDate>,
    /// Why, in words.
    pub reason: String,
}

/// Why nothing was handed over.
#[derive(Debug)]
pub enum Refused {
    /// The store failed.
    Store(StoreError),
    /// Only supervisors do this.
    SupervisorsOnly,
    /// Everything that stands against it.
    Against(Vec<Against>),
}

/// What stands against a transfer. Places are those in the list of prospects, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Against {
    /// No such user in the actor's reach.
    ToNobody,
    /// The new owner is disabled.
    ToADisabledUser,
    /// A prospect that stands in the list before.
    Repeated(usize),
    /// A prospect that is not there, or not for the actor.
    Unknown(usize),
    /// A prospect that has another version than the one that was seen: this one.
    Stale(usize, i32),
    /// The day lies in the future.
    InTheFuture,
    /// On that day the new owner was in no team, so that nobody's figures would hold what flows on it.
    BeforeMembership {
        /// The first day in a team.
        since: NaiveDate,
    },
    /// The method does not allow it for a prospect.
    NotHandedOver(usize, NotHandedOver),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// Where a prospect stands under one owner, today.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Side {
    /// The owner.
    pub agent_id: Id,
    /// The stage.
    pub stage: Stage,
    /// The owner's cycle in force, days.
    pub cycle_days: i32,
    /// When it falls back if nothing is entered, and where to.
    pub falls_back: Option<(NaiveDate, Stage)>,
}

impl Side {
    fn of(loaded: &Loaded) -> Self {
        let row = &loaded.row;
        let clock = row.card.0.clock(row.stage, loaded.today);
        Side {
            agent_id: row.owner_id,
            stage: row.stage,
            cycle_days: loaded.env().cycle_days(loaded.today),
            falls_back: clock.falls_back_on.zip(clock.falls_back_to),
        }
    }
}

/// What a transfer did to one prospect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Given {
    /// The prospect.
    pub prospect_id: Id,
    /// Its version now.
    pub version: i32,
    /// With the old owner.
    pub before: Side,
    /// With the new owner.
    pub after: Side,
    /// Another prospect in the new owner's book with the same phone.
    pub duplicate_of: Option<Id>,
}

/// What a transfer did.
#[derive(Clone, Debug)]
pub struct Transferred {
    /// The transfer.
    pub row: TransferRow,
    /// The last day on which nothing falls due because of it.
    pub held_until: NaiveDate,
    /// Each prospect, in the order of the list.
    pub prospects: Vec<Given>,
}

/// Hands prospects to another agent.
///
/// # Errors
/// [`Refused`], with everything that stands against it; nothing was written then.
pub fn transfer(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    asked: &Handover,
) -> Result<Transferred, Refused> {
    if actor.role != Role::Supervisor {
        return Err(Refused::SupervisorsOnly);
    }
    let mut against = Vec::new();
    let receiver = receiver(conn, actor, asked.to_agent_id, &mut against)?;
    let ids: Vec<Id> = asked.prospects.iter().map(|(id, _)| *id).collect();
    let to = receiver.as_ref().map(|user| user.id);
    let (loaded, present) = transfers::hold(conn, &actor.scope, &ids, to, occasion)?;
    standing::still_stands(conn, actor)?;
    let mut loaded: BTreeMap<Id, Loaded> = loaded.into_iter().map(|one| (one.row.id, one)).collect();
    against.extend(asked.not_once_as_seen(&loaded));
    let days = loaded.values().map(|one| one.today);
    let zone = present.as_ref().map_or(actor.time_zone, |context| context.time_zone);
    let today = days.fold(occasion.today(zone), NaiveDate::min);
    let on = asked.transferred_on.unwrap_or(today);
    against.extend(against_date(conn, receiver.as_ref(), on, today)?);
    let owners = asked.owners_after(&loaded, on, &mut against);
    let (Some(receiver), Some(present), []) = (receiver, present, against.as_slice()) else {
        return Err(Refused::Against(against));
    };
    let row = TransferRow {
        id: occasion.ids.id(),
        to_agent_id: receiver.id,
        transferred_on: on,
        recorded_by: actor.id,
        recorded_at: stored_instant(occasion.now),
    };
    transfers::insert(conn, &row, &asked.reason)?;
    let duplicates = people::duplicates_with(conn, receiver.id, loaded.values().map(|one| &one.row))?;
    let mut prospects = Vec::with_capacity(ids.len());
    for (id, owners) in ids.iter().zip(owners) {
        let Some(one) = loaded.remove(id) else { continue };
        let before = Side::of(&one);
        let given = transfers::give(conn, (&row, actor.acts_as()), one, owners, &present, occasion)?;
        prospects.push(Given {
            prospect_id: *id,
            version: given.row.version,
            before,
            after: Side::of(&given),
            duplicate_of: duplicates.get(id).copied(),
        });
    }
    Ok(Transferred { row, held_until: held_until(on), prospects })
}

/// The new owner; one out of sight reads like one that does not exist.
fn receiver(
    conn: &mut Conn,
    actor: &Actor,
    id: Id,
    against: &mut Vec<Against>,
) -> Result<Option<User>, StoreError> {
    match users::find(conn, &actor.scope, id) {
        Ok(user) => {
            if user.status != Status::Active {
                against.push(Against::ToADisabledUser);
            }
            Ok(Some(user))
        }
        Err(StoreError::NotFound) => {
            against.push(Against::ToNobody);
            Ok(None)
        }
        Err(other) => Err(other),
    }
}

/// The day must have come, and find the new owner in a team: what flows on it belongs to that team.
fn against_date(
    conn: &mut Conn,
    receiver: Option<&User>,
    on: NaiveDate,
    today: NaiveDate,
) -> Result<Option<Against>, StoreError> {
    if on > today {
        return Ok(Some(Against::InTheFuture));
    }
    let Some(receiver) = receiver else { return Ok(None) };
    let since = memberships::of_user(conn, receiver)?.first().map(|stay| stay.valid_from);
    Ok(since.filter(|since| on < *since).map(|since| Against::BeforeMembership { since }))
}

impl Handover {
    /// Whether a prospect stands in the list before a place.
    fn is_repeated(&self, place: usize, id: Id) -> bool {
        self.prospects.iter().take(place).any(|(other, _)| *other == id)
    }

    /// The places of the list that do not name a prospect for the first time, as it was seen.
    fn not_once_as_seen(&self, loaded: &BTreeMap<Id, Loaded>) -> Vec<Against> {
        let each = self.prospects.iter().enumerate();
        each.filter_map(|(place, (id, seen))| {
            if self.is_repeated(place, *id) {
                return Some(Against::Repeated(place));
            }
            let Some(one) = loaded.get(id) else { return Some(Against::Unknown(place)) };
            let present = one.row.version;
            seen.is_some_and(|seen| seen != present).then_some(Against::Stale(place, present))
        })
        .collect()
    }

    /// The owners of each prospect by date once it is handed over.
    fn owners_after(
        &self,
        loaded: &BTreeMap<Id, Loaded>,
        on: NaiveDate,
        against: &mut Vec<Against>,
    ) -> Vec<Timeline<Id>> {
        let mut owners = Vec::new();
        for (place, (id, _)) in self.prospects.iter().enumerate() {
            let Some(one) = loaded.get(id).filter(|_| !self.is_repeated(place, *id)) else { continue };
            match ownership::hand_over(&one.history, &one.owners, self.to_agent_id, on) {
                Ok(by_date) => owners.push(by_date),
                Err(why) => against.push(Against::NotHandedOver(place, why)),
            }
        }
        owners
    }
}
