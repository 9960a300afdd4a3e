//! Declaring the own cycle (method section 5).

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{exchange::event::Event, organisation::actor::Actor, values::id::Id},
    store::{
        Conn, StoreError,
        ledger::agent_context::AgentContext,
        organisation::{audit, cycles, standing},
    },
};

/// Why nothing was declared.
#[derive(Debug)]
pub enum Refused {
    /// The store failed.
    Store(StoreError),
    /// It is the agent's own word.
    OwnersOnly,
    /// Another value was declared since.
    Stale,
    /// A declared cycle begins today or later.
    InThePast {
        /// Today.
        today: NaiveDate,
    },
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Refused::Store(error)
    }
}

/// The version of an agent's cycle: one more than the values declared.
pub fn version(context: &AgentContext) -> i64 {
    i64::try_from(context.inputs.declarations.len()).unwrap_or(i64::MAX - 1) + 1
}

/// Declares a cycle of the actor's own from a day on; answers what surrounds the agent now, and today.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn declare(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (agent_id, seen): (Id, &Seen),
    (days, valid_from): (i32, Option<NaiveDate>),
) -> Result<(AgentContext, NaiveDate), Refused> {
    cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
    if actor.id != agent_id {
        return Err(Refused::OwnersOnly);
    }
    standing::hold_own(conn, actor)?;
    let context = cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
    if !seen.is(version(&context)) {
        return Err(Refused::Stale);
    }
    let today = occasion.today(context.time_zone);
    let valid_from = valid_from.unwrap_or(today);
    if valid_from < today {
        return Err(Refused::InThePast { today });
    }
    cycles::declare(conn, agent_id, days, valid_from, occasion)?;
    let declared = Event::CycleDeclared { agent_id, cycle_days: days, valid_from };
    audit::record(conn, occasion.ids, occasion.now, actor.acts_as(), &[declared])?;
    Ok((cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?, today))
}
