//! Choosing settings for the organisation, a team or an agent (method section 12).

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::organisation::{actor::Actor, settings::SettingsPatch},
    store::{
        Conn, StoreError,
        organisation::{
            audit,
            cycles::{self, ChosenSettings, SettingsOf},
            standing,
        },
    },
};

/// Why nothing was chosen.
#[derive(Debug)]
pub enum Refused {
    /// The store failed.
    Store(StoreError),
    /// Another choice was made than the ones that were seen.
    Stale,
    /// Only who heads the whole organisation chooses for it.
    NotTheHead,
    /// The shortest cycle would be longer than the longest.
    ShortestAboveLongest {
        /// The longest, days.
        longest: i32,
    },
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// The version of settings: one more than the choices made for this very subject.
pub fn version(settings: &ChosenSettings) -> i64 {
    settings.choices + 1
}

/// Records a choice in force from a day on, today or later. That the actor is a supervisor with the subject in reach has been
/// asked at the door.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn choose(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (whose, seen): (&SettingsOf, &Seen),
    (patch, valid_from): (SettingsPatch, NaiveDate),
) -> Result<ChosenSettings, Refused> {
    if matches!(whose, SettingsOf::Organisation) && !cycles::heads_organisation(conn, actor)? {
        return Err(Refused::NotTheHead);
    }
    cycles::hold(conn, whose, actor.id)?;
    standing::still_stands(conn, actor)?;
    let before = cycles::settings_of(conn, whose)?;
    if !seen.is(version(&before)) {
        return Err(Refused::Stale);
    }
    if patch.adds_nothing_to(&cycles::own_choice(conn, whose, valid_from)?) {
        return Ok(before);
    }
    let chosen = cycles::choose(conn, whose, patch, valid_from, actor.id, occasion)?;
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[chosen])?;
    let settings = cycles::settings_of(conn, whose)?;
    let after = settings.timeline.on(valid_from);
    if after.cycle_min_days > after.cycle_max_days {
        return Err(Refused::ShortestAboveLongest { longest: after.cycle_max_days });
    }
    Ok(settings)
}
