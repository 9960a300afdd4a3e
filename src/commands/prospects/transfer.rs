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

/// Why nothing was handed over. Places are those in the list, from 0.
#[derive(Debug)]
pub enum Refused {
    /// The store failed.
    Store(StoreError),
    /// Only supervisors do this.
    SupervisorsOnly,
    /// No such user in the actor's reach.
    ToNobody,
    /// The new owner is disabled.
    ToADisabledUser,
    /// Prospects that stand in the list before.
    Repeated(Vec<usize>),
    /// Prospects that are not there, or not for the actor.
    Unknown(Vec<usize>),
    /// Prospects that have another version than the one that was seen: this one.
    Stale(Vec<(usize, i32)>),
    /// The day lies in the future.
    InTheFuture,
    /// On that day the new owner was in no team, so that nobody's figures would hold what flows on it.
    BeforeMembership {
        /// The first day in a team.
        since: NaiveDate,
    },
    /// The method does not allow it, prospect by prospect.
    NotHandedOver(Vec<(usize, NotHandedOver)>),
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
/// [`Refused`], with everything of its kind that stands against it; nothing was written then.
pub fn transfer(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    asked: &Handover,
) -> Result<Transferred, Refused> {
    if actor.role != Role::Supervisor {
        return Err(Refused::SupervisorsOnly);
    }
    let receiver = receiver(conn, actor, asked.to_agent_id)?;
    let ids: Vec<Id> = asked.prospects.iter().map(|(id, _)| *id).collect();
    let (loaded, present) = transfers::hold(conn, &actor.scope, &ids, receiver.id, occasion)?;
    standing::still_stands(conn, actor)?;
    let mut loaded: BTreeMap<Id, Loaded> = loaded.into_iter().map(|one| (one.row.id, one)).collect();
    asked.each_once_as_seen(&loaded)?;
    let days = loaded.values().map(|one| one.today);
    let today = days.fold(occasion.today(present.time_zone), NaiveDate::min);
    let on = asked.transferred_on.unwrap_or(today);
    check_date(conn, &receiver, on, today)?;
    let owners = asked.owners_after(&loaded, on)?;
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
fn receiver(conn: &mut Conn, actor: &Actor, id: Id) -> Result<User, Refused> {
    match users::find(conn, &actor.scope, id) {
        Ok(user) if user.status == Status::Active => Ok(user),
        Ok(_) => Err(Refused::ToADisabledUser),
        Err(StoreError::NotFound) => Err(Refused::ToNobody),
        Err(other) => Err(other.into()),
    }
}

/// The day must have come, and find the new owner in a team: what flows on it belongs to that team.
fn check_date(conn: &mut Conn, receiver: &User, on: NaiveDate, today: NaiveDate) -> Result<(), Refused> {
    if on > today {
        return Err(Refused::InTheFuture);
    }
    match memberships::of_user(conn, receiver)?.first().map(|stay| stay.valid_from) {
        Some(since) if on < since => Err(Refused::BeforeMembership { since }),
        _ => Ok(()),
    }
}

impl Handover {
    fn each_once_as_seen(&self, loaded: &BTreeMap<Id, Loaded>) -> Result<(), Refused> {
        let all = || self.prospects.iter().enumerate();
        let again = |place: usize, id: &Id| self.prospects.iter().take(place).any(|(other, _)| other == id);
        let repeated = all().filter(|(place, (id, _))| again(*place, id)).map(|(place, _)| place);
        some(repeated.collect(), Refused::Repeated)?;
        let unknown = all().filter(|(_, (id, _))| !loaded.contains_key(id)).map(|(place, _)| place);
        some(unknown.collect(), Refused::Unknown)?;
        let stale = all().filter_map(|(place, (id, seen))| {
            let present = loaded.get(id)?.row.version;
            seen.is_some_and(|seen| seen != present).then_some((place, present))
        });
        some(stale.collect(), Refused::Stale)
    }

    /// The owners of each prospect by date once it is handed over.
    fn owners_after(
        &self,
        loaded: &BTreeMap<Id, Loaded>,
        on: NaiveDate,
    ) -> Result<Vec<Timeline<Id>>, Refused> {
        let (mut owners, mut against) = (Vec::new(), Vec::new());
        for (place, (id, _)) in self.prospects.iter().enumerate() {
            let Some(one) = loaded.get(id) else { continue };
            match ownership::hand_over(&one.history, &one.owners, self.to_agent_id, on) {
                Ok(by_date) => owners.push(by_date),
                Err(why) => against.push((place, why)),
            }
        }
        some(against, Refused::NotHandedOver)?;
        Ok(owners)
    }
}

/// A refusal, if there is anything to refuse for.
fn some<T>(places: Vec<T>, refused: impl FnOnce(Vec<T>) -> Refused) -> Result<(), Refused> {
    if places.is_empty() { Ok(()) } else { Err(refused(places)) }
}
