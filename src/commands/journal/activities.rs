//! Calls, visits, messages and notes (method sections 2 and 7).

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::event::Event, journal::activity::Activity, organisation::actor::Actor, values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        journal::activities::{self, ActivityRow, Noted},
        organisation::audit,
    },
};

/// The version of an activity: it is written once, and taken back whole.
pub const VERSION: i64 = 1;

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or not for the actor.
    Store(StoreError),
    /// The id is taken.
    IdTaken,
    /// It is somebody else's.
    OwnersOnly,
    /// It has another version than the one that was seen.
    Stale,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// What somebody did.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its id; a new one when absent.
    pub id: Option<Id>,
    /// With which prospect, one of the actor's reach.
    pub prospect_id: Option<Id>,
    /// What.
    pub activity: Activity,
    /// On which day.
    pub occurred_on: NaiveDate,
    /// At which instant, where that is told.
    pub occurred_at: Option<DateTime<Utc>>,
    /// Words.
    pub text: Option<String>,
}

/// Records what the actor did.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn record(conn: &mut Conn, actor: &Actor, occasion: &Occasion, done: Done) -> Result<Noted, Refused> {
    let row = ActivityRow {
        id: done.id.unwrap_or_else(|| occasion.ids.id()),
        agent_id: actor.id,
        prospect_id: done.prospect_id,
        kind: done.activity.kind().to_owned(),
        outcome: done.activity.outcome(),
        occurred_on: done.occurred_on,
        occurred_at: done.occurred_at.map(stored_instant),
        recorded_at: stored_instant(occasion.now),
        recorded_on: occasion.today(actor.time_zone),
        withdrawn_at: None,
    };
    activities::insert(conn, &row, done.text.as_deref()).map_err(|error| match error {
        StoreError::Conflict { constraint } if constraint == "activities_pkey" => Refused::IdTaken,
        other => Refused::Store(other),
    })?;
    let recorded =
        Event::ActivityRecorded { activity_id: row.id, agent_id: actor.id, kind: done.activity.kind() };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[recorded])?;
    Ok(Noted { row, text: done.text, withheld: false })
}

/// Takes back an activity of the actor's own: a slip. Its words are deleted.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn take_back(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
) -> Result<(), Refused> {
    let row = activities::find(conn, &actor.scope, id)?.row;
    if row.agent_id != actor.id {
        return Err(Refused::OwnersOnly);
    }
    if !seen.is(VERSION) {
        return Err(Refused::Stale);
    }
    activities::withdraw(conn, row.id, stored_instant(occasion.now))?;
    let taken_back = Event::ActivityTakenBack { activity_id: row.id, agent_id: actor.id };
    Ok(audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[taken_back])?)
}
