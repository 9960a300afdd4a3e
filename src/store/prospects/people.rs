//! The personal tables: who the person behind a prospect is. An erasure empties them.
//!
//! Telephone numbers are found again by a keyed hash, within one owner's book only (method section 11).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::prospect_row::ProspectRow;
use crate::{
    both,
    clock::Ids,
    domain::{
        prospects::{
            deciders::{CoDecider, DecisionRole},
            phone::Phone,
            prospect::Person,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            dialect::kept,
            schema::{evidence, prospect_people, prospect_phones},
        },
    },
    text_enum,
};

text_enum!(DecisionRole {
    Unknown => "unknown",
    Decides => "decides",
    DecidesJointly => "decides_jointly",
    DoesNotDecide => "does_not_decide",
});

/// The key under which telephone numbers are hashed.
#[derive(Clone, Copy)]
pub struct PhoneKey(pub [u8; 32]);

impl PhoneKey {
    /// The keyed hash of a number: two are the same when the numbers are.
    pub(in crate::store) fn hash(&self, phone: &Phone) -> String {
        self.digest(&phone.line())
    }

    /// The keyed hash of a text, by which it is known again and from which it cannot be guessed.
    pub fn digest(&self, text: &str) -> String {
        // An HMAC takes a key of any length, so the arm only satisfies the types.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = prospect_people, primary_key(prospect_id), treat_none_as_null = true)]
pub(super) struct PersonRow {
    prospect_id: Id,
    name: String,
    search: String,
    phones: Json<Vec<Phone>>,
    source: Option<String>,
    referrer: Option<String>,
    occupation: Option<String>,
    birthday: Option<NaiveDate>,
    decision_role: DecisionRole,
    co_deciders: Json<Vec<CoDecider>>,
    tags: Json<Vec<String>>,
    tags_compared: String,
    notes: Option<String>,
    consent_given_on: Option<NaiveDate>,
    consent_channel: Option<String>,
}

impl PersonRow {
    fn new(prospect_id: Id, person: &Person) -> Self {
        PersonRow {
            prospect_id,
            search: person.search_text(),
            name: person.name.clone(),
            phones: Json(person.phones.clone()),
            source: person.source.clone(),
            referrer: person.referrer.clone(),
            occupation: person.occupation.clone(),
            birthday: person.birthday,
            decision_role: person.decision_role,
            co_deciders: Json(person.co_deciders.clone()),
            tags: Json(person.tags.clone()),
            tags_compared: person.tags_compared(),
            notes: person.notes.clone(),
            consent_given_on: person.consent_given_on,
            consent_channel: person.consent_channel.clone(),
        }
    }

    pub(super) fn person(self) -> Person {
        Person {
            name: self.name,
            phones: self.phones.0,
            source: self.source,
            referrer: self.referrer,
            occupation: self.occupation,
            birthday: self.birthday,
            decision_role: self.decision_role,
            co_deciders: self.co_deciders.0,
            tags: self.tags.0,
            notes: self.notes,
            consent_given_on: self.consent_given_on,
            consent_channel: self.consent_channel,
        }
    }
}

/// Writes a new person.
///
/// # Errors
/// Those of the store.
pub fn insert(
    conn: &mut Conn,
    prospect_id: Id,
    owner_id: Id,
    person: &Person,
    key: PhoneKey,
    ids: Ids,
) -> Result<(), StoreError> {
    let row = PersonRow::new(prospect_id, person);
    both!(conn, c => kept(diesel::insert_into(prospect_people::table).values(&row)).execute(c)?);
    insert_phones(conn, prospect_id, owner_id, person, key, ids)
}

/// Writes a changed person.
///
/// # Errors
/// Those of the store.
pub fn replace(
    conn: &mut Conn,
    prospect_id: Id,
    owner_id: Id,
    person: &Person,
    key: PhoneKey,
    ids: Ids,
) -> Result<(), StoreError> {
    diesel::update(prospect_people::table.find(prospect_id))
        .set(&PersonRow::new(prospect_id, person))
        .execute(conn)?;
    diesel::delete(prospect_phones::table.filter(prospect_phones::prospect_id.eq(prospect_id)))
        .execute(conn)?;
    insert_phones(conn, prospect_id, owner_id, person, key, ids)
}

fn insert_phones(
    conn: &mut Conn,
    prospect_id: Id,
    owner_id: Id,
    person: &Person,
    key: PhoneKey,
    ids: Ids,
) -> Result<(), StoreError> {
    for phone in &person.phones {
        let row = (
            prospect_phones::id.eq(ids.id()),
            prospect_phones::prospect_id.eq(prospect_id),
            prospect_phones::owner_id.eq(owner_id),
            prospect_phones::phone_hmac.eq(key.hash(phone)),
            prospect_phones::last_four.eq(phone.last_four()),
        );
        both!(conn, c => kept(diesel::insert_into(prospect_phones::table).values(row)).execute(c)?);
    }
    Ok(())
}

/// Another prospect of the same owner with one of these numbers, the oldest if there are several.
///
/// # Errors
/// Those of the store.
pub fn duplicate(
    conn: &mut Conn,
    row: &ProspectRow,
    person: &Person,
    key: PhoneKey,
) -> Result<Option<Id>, StoreError> {
    let hashes: Vec<String> = person.phones.iter().map(|phone| key.hash(phone)).collect();
    if hashes.is_empty() {
        return Ok(None);
    }
    Ok(prospect_phones::table
        .filter(prospect_phones::owner_id.eq(row.owner_id))
        .filter(prospect_phones::phone_hmac.eq_any(hashes))
        .filter(prospect_phones::prospect_id.ne(row.id))
        .order(prospect_phones::prospect_id)
        .select(prospect_phones::prospect_id)
        .first(conn)
        .optional()?)
}

/// Of some prospects those whose number stands in an agent's book already, or with another one of them: each with the
/// other, the oldest if there are several.
///
/// # Errors
/// Those of the store.
pub fn duplicates_with<'a>(
    conn: &mut Conn,
    agent_id: Id,
    rows: impl Iterator<Item = &'a ProspectRow>,
) -> Result<BTreeMap<Id, Id>, StoreError> {
    let brought: Vec<(Id, String)> = prospect_phones::table
        .filter(prospect_phones::prospect_id.eq_any(rows.map(|row| row.id)))
        .select((prospect_phones::prospect_id, prospect_phones::phone_hmac))
        .load(conn)?;
    let numbers: Vec<String> = brought.iter().map(|(_, number)| number.clone()).collect();
    let mut book: Vec<(Id, String)> = prospect_phones::table
        .filter(prospect_phones::owner_id.eq(agent_id))
        .filter(prospect_phones::phone_hmac.eq_any(numbers))
        .select((prospect_phones::prospect_id, prospect_phones::phone_hmac))
        .load(conn)?;
    book.extend(brought.iter().cloned());
    let same = |id: Id, number: &str| {
        let others = book.iter().filter(|(other, known)| *other != id && known == number);
        others.map(|(other, _)| *other).min()
    };
    let mut found: BTreeMap<Id, Id> = BTreeMap::new();
    for (id, number) in &brought {
        if let Some(other) = same(*id, number) {
            let oldest = found.entry(*id).or_insert(other);
            *oldest = other.min(*oldest);
        }
    }
    Ok(found)
}

/// The person behind one prospect.
///
/// # Errors
/// `NotFound` when it was erased.
pub fn find(conn: &mut Conn, row: &ProspectRow) -> Result<Person, StoreError> {
    let person: PersonRow = prospect_people::table.find(row.id).select(PersonRow::as_select()).first(conn)?;
    Ok(person.person())
}

/// Moves the numbers of a prospect into another owner's book.
///
/// # Errors
/// Those of the store.
pub fn change_owner(conn: &mut Conn, prospect_id: Id, owner_id: Id) -> Result<(), StoreError> {
    diesel::update(prospect_phones::table.filter(prospect_phones::prospect_id.eq(prospect_id)))
        .set(prospect_phones::owner_id.eq(owner_id))
        .execute(conn)?;
    Ok(())
}

/// Deletes the person behind a prospect, the numbers and what was written beside facts and records.
///
/// # Errors
/// Those of the store.
pub(super) fn erase(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    diesel::delete(prospect_people::table.find(prospect_id)).execute(conn)?;
    diesel::delete(prospect_phones::table.filter(prospect_phones::prospect_id.eq(prospect_id)))
        .execute(conn)?;
    diesel::delete(evidence::table.filter(evidence::prospect_id.eq(prospect_id))).execute(conn)?;
    Ok(())
}
