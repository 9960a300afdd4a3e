//! What is personal about an event of the policy system: the client's telephone, and the system's words. An erasure takes it
//! away.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::number_locks::HeldNumbers;
use crate::{
    domain::{prospects::phone::Phone, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{
            applications, ownerships, policy_event_decisions, policy_event_people, policy_event_texts,
            policy_events, prospect_phones,
        },
        prospects::people::PhoneKey,
    },
};

/// What is personal about an event.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = policy_event_people)]
pub struct PersonalRow {
    /// The event.
    pub event_id: Id,
    /// The telephone as it was told.
    pub client_phone: Option<String>,
    /// Keyed hash of the number.
    pub phone_hmac: Option<String>,
    /// Its last four digits.
    pub last_four: Option<String>,
    /// Why it happened, in the system's words.
    pub reason: Option<String>,
}

impl PersonalRow {
    /// Of an event; none where nothing personal was told.
    pub fn new(event_id: Id, phone: Option<&Phone>, reason: Option<String>, key: PhoneKey) -> Option<Self> {
        (phone.is_some() || reason.is_some()).then(|| PersonalRow {
            event_id,
            client_phone: phone.map(|phone| phone.as_typed.clone()),
            phone_hmac: phone.map(|phone| key.hash(phone)),
            last_four: phone.map(|phone| phone.last_four().to_owned()),
            reason,
        })
    }
}

/// Adds what is personal about an event.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, row: &PersonalRow) -> Result<(), StoreError> {
    diesel::insert_into(policy_event_people::table).values(row).execute(conn)?;
    Ok(())
}

/// The keyed hash of the telephone that an event names. The event is held.
///
/// # Errors
/// Those of the database.
pub fn phone_of(conn: &mut Conn, _held: &HeldNumbers, event_id: Id) -> Result<Option<String>, StoreError> {
    let found: Option<Option<String>> = policy_event_people::table
        .find(event_id)
        .select(policy_event_people::phone_hmac)
        .first(conn)
        .optional()?;
    Ok(found.flatten())
}

/// The prospects with this telephone that an agent owns or has owned. Whoever holds an event's numbers asks for it.
///
/// # Errors
/// Those of the database.
pub fn with_phone(
    conn: &mut Conn,
    _held: &HeldNumbers,
    agent_id: Id,
    phone_hmac: &str,
) -> Result<BTreeSet<Id>, StoreError> {
    let handed_on =
        ownerships::table.filter(ownerships::from_agent_id.eq(agent_id)).select(ownerships::prospect_id);
    let of_agent = prospect_phones::owner_id.eq(agent_id).or(prospect_phones::prospect_id.eq_any(handed_on));
    let found: Vec<Id> = prospect_phones::table
        .filter(prospect_phones::phone_hmac.eq(phone_hmac.to_owned()))
        .filter(of_agent)
        .select(prospect_phones::prospect_id)
        .load(conn)?;
    Ok(found.into_iter().collect())
}

/// Deletes what is personal about the events of a prospect and what supervisors wrote about them: of those under its
/// applications, and of those that stand under none what names it, was once matched with it, or names one of its numbers with
/// the code of one of its owners.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn erase(conn: &mut Conn, owners: &[Id], prospect_id: Id) -> Result<(), StoreError> {
    let numbers: Vec<String> = prospect_phones::table
        .filter(prospect_phones::prospect_id.eq(prospect_id))
        .select(prospect_phones::phone_hmac)
        .load(conn)?;
    let of_number = policy_event_people::table
        .filter(policy_event_people::phone_hmac.eq_any(numbers))
        .select(policy_event_people::event_id);
    let decided = policy_event_decisions::table
        .filter(policy_event_decisions::prospect_id.eq(prospect_id))
        .select(policy_event_decisions::event_id);
    let under = applications::table
        .filter(applications::prospect_id.eq(prospect_id))
        .select(applications::id.nullable());
    let by_number = policy_events::agent_id.eq_any(owners.to_vec()).and(policy_events::id.eq_any(of_number));
    let named =
        policy_events::named_prospect_id.eq(prospect_id).or(policy_events::id.eq_any(decided)).or(by_number);
    let about: Vec<Id> = policy_events::table
        .filter(
            policy_events::application_id
                .eq_any(under)
                .or(policy_events::application_id.is_null().and(named)),
        )
        .select(policy_events::id)
        .load(conn)?;
    diesel::delete(policy_event_people::table.filter(policy_event_people::event_id.eq_any(about.clone())))
        .execute(conn)?;
    let decisions = policy_event_decisions::table
        .filter(
            policy_event_decisions::event_id
                .eq_any(about)
                .or(policy_event_decisions::prospect_id.eq(prospect_id)),
        )
        .select(policy_event_decisions::id);
    diesel::delete(policy_event_texts::table.filter(policy_event_texts::decision_id.eq_any(decisions)))
        .execute(conn)?;
    Ok(())
}
