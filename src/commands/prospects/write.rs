//! Writes on a prospect: create, change, move, correct, appoint, check, extend, transfer, erase.

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        organisation::actor::{Actor, Role},
        prospects::{
            decision::{Context, Decision, Refusal},
            fact::AppointmentKind,
            prospect::DraftFault,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        journal::joint_visits,
        ledger::{self, Evidence, Loaded, stage_writes},
        organisation::standing,
    },
};

/// A prospect to write on, from what was seen of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// The prospect.
    pub id: Id,
    /// From which version.
    pub seen: Seen,
}

impl Target {
    /// A prospect, whatever version it has.
    pub fn any(id: Id) -> Self {
        Target { id, seen: Seen::Any }
    }
}

/// What a write came to: the prospect as it stands now, and what was decided about it.
pub struct Written {
    /// The prospect after it.
    pub loaded: Loaded,
    /// What was added.
    pub decided: Decision,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` for what is not there, or not for the actor.
    Store(StoreError),
    /// The prospect has another version than the one that was seen.
    Stale,
    /// It is the owner's alone to do.
    OwnersOnly,
    /// The id is taken.
    IdTaken,
    /// The person's data are not in order.
    Person(Vec<DraftFault>),
    /// The method forbids it.
    Rule(Refusal),
    /// On other people's prospects a supervisor gives a reason in words (method section 11).
    ReasonWanted,
    /// Whoever should go along to an appointment of this kind is no active supervisor above the owner.
    NotAbove(AppointmentKind),
    /// A change of an appointment that says nothing, or too much.
    OneChangeAtATime,
    /// Only the current pursuit takes new dates.
    NotTheCurrentPursuit {
        /// The number of the current one.
        current: i32,
    },
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused::Rule(refusal)
    }
}

/// Loads the target for writing: its owners are held, what was due is written down, the version is the one that was seen, and a
/// supervisor above the owner still is one.
pub(super) fn load(
    conn: &mut Conn,
    actor: &Actor,
    target: &Target,
    occasion: &Occasion,
) -> Result<Loaded, Refused> {
    let loaded = ledger::load_for_write(conn, &actor.scope, target.id, occasion)?;
    if actor.role == Role::Supervisor && loaded.row.owner_id != actor.id {
        standing::still_stands(conn, actor)?;
    }
    if target.seen.is(i64::from(loaded.row.version)) { Ok(loaded) } else { Err(Refused::Stale) }
}

/// The same for what is the owner's alone to do.
pub(super) fn load_own(
    conn: &mut Conn,
    actor: &Actor,
    target: &Target,
    occasion: &Occasion,
) -> Result<Loaded, Refused> {
    let loaded = ledger::load_for_write(conn, &actor.scope, target.id, occasion)?;
    if loaded.row.owner_id != actor.id {
        return Err(Refused::OwnersOnly);
    }
    if target.seen.is(i64::from(loaded.row.version)) { Ok(loaded) } else { Err(Refused::Stale) }
}

/// Lets the domain decide about a loaded prospect, and saves what it decided with the words that belong to it.
pub(super) fn decide(
    conn: &mut Conn,
    actor: &Actor,
    loaded: Loaded,
    words: Vec<Evidence>,
    occasion: &Occasion,
    decision: impl FnOnce(&mut Context<'_>) -> Result<Decision, Refusal>,
) -> Result<Written, Refused> {
    let (loaded, decided) = stage_writes::decide(conn, loaded, actor.acts_as(), words, occasion, decision)??;
    Ok(Written { loaded, decided })
}

/// Whoever goes along must be an active supervisor above the owner (陪访, method section 2).
pub(super) fn check_joint_visit(
    conn: &mut Conn,
    owner_id: Id,
    named: Option<Id>,
    kind: AppointmentKind,
) -> Result<(), Refused> {
    match named {
        Some(named) if !joint_visits::is_above(conn, named, owner_id)? => Err(Refused::NotAbove(kind)),
        Some(_) | None => Ok(()),
    }
}
