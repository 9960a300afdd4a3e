//! Putting a person into one's own book (method section 4).

use chrono::NaiveDate;

use super::write::Refused;
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Actor,
        prospects::{
            decision::Warning,
            prospect::{Draft, Person},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        ledger::stage_writes::{self, NewProspect},
        prospects::{
            people::{self, PhoneKey},
            prospect_row::ProspectRow,
        },
    },
};

/// A contact to enter.
#[derive(Clone, Debug)]
pub struct NewContact {
    /// Its id; a new one when absent.
    pub id: Option<Id>,
    /// The day on which it came about; today when absent.
    pub occurred_on: Option<NaiveDate>,
    /// The person as entered.
    pub draft: Draft,
}

/// A contact that was entered, or changed.
pub struct Entered {
    /// The prospect.
    pub row: ProspectRow,
    /// The person.
    pub person: Person,
    /// Another prospect in the same book with the same number.
    pub duplicate: Option<Id>,
    /// That what is noted down now stands against a check that has been recorded.
    pub contradiction: Option<Warning>,
    /// The business date for the owner.
    pub today: NaiveDate,
}

/// Enters a contact into the actor's book.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn enter(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    key: PhoneKey,
    new: NewContact,
) -> Result<Entered, Refused> {
    let today = occasion.today(actor.time_zone);
    let person = Person::new(new.draft, today).map_err(Refused::Person)?;
    let id = new.id.unwrap_or_else(|| occasion.ids.id());
    let new = NewProspect { id, owner_id: actor.id, by: actor.acts_as(), occurred_on: new.occurred_on };
    let row = stage_writes::create_prospect(conn, &new, occasion).map_err(taken)??;
    people::insert(conn, id, actor.id, &person, key, occasion.ids)?;
    let duplicate = people::duplicate(conn, &row, &person, key)?;
    Ok(Entered { row, person, duplicate, contradiction: None, today })
}

fn taken(error: StoreError) -> Refused {
    match error {
        StoreError::Conflict { constraint } if constraint == "prospects_pkey" => Refused::IdTaken,
        other => Refused::Store(other),
    }
}
