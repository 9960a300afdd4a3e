//! Changing what is noted about a person. A supervisor sees other people's prospects, but does not edit what they noted down
//! (method section 11).

use super::{
    create::Entered,
    write::{Refused, Target, load_own},
};
use crate::{
    clock::Occasion,
    domain::{
        exchange::event::Event,
        method::criteria::Verdict,
        organisation::actor::Actor,
        prospects::prospect::{Draft, Person},
    },
    store::{
        Conn,
        organisation::audit,
        prospects::{
            people::{self, PhoneKey},
            prospect,
            prospect_row::ProspectRow,
        },
    },
};

/// Changes the person; `change` says how, given the person as noted so far.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn person(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    key: PhoneKey,
    (target, change): (&Target, impl FnOnce(Person) -> Draft),
) -> Result<Entered, Refused> {
    // What fell due is written down first, so that the answer shows today's stage.
    let loaded = load_own(conn, actor, target, occasion)?;
    let (id, owner_id, today) = (target.id, loaded.row.owner_id, loaded.today);
    let before = people::find(conn, &loaded.row)?;
    let (numbers, deciders) = (before.phones.clone(), before.deciders());
    let person = Person::new(change(before.clone()), today).map_err(Refused::Person)?;
    if person == before {
        return Ok(Entered { row: loaded.row, person, duplicate: None, contradiction: None, today });
    }
    people::replace(conn, id, owner_id, &person, key, occasion.ids)?;
    let row = prospect::touch(conn, &loaded.row, occasion.now)?;
    let changed = Event::PersonChanged { prospect_id: id, version: row.version };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[changed])?;
    let duplicate = match person.phones == numbers {
        true => None,
        false => people::duplicate(conn, &row, &person, key)?,
    };
    let changed = Some(person.deciders()).filter(|now| *now != deciders && is_said_to_decide(&row));
    let contradiction = changed.and_then(|now| now.contradiction(today));
    Ok(Entered { row, person, duplicate, contradiction, today })
}

/// Whether it has been recorded in the present pursuit that one deals with whoever decides.
fn is_said_to_decide(row: &ProspectRow) -> bool {
    row.stage.is_pursued() && row.card.0.facts.recorded.decision_maker == Verdict::Met
}
