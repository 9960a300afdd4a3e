//! Cycles and settings: reading and writing what they follow from.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::{
    clock::Occasion,
    domain::{
        exchange::event::Event,
        method::cycle::{self, TeamMean},
        organisation::{
            actor::{Actor, Role, Scope},
            settings::{Settings, SettingsPatch},
        },
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::{Json, stored_instant},
            schema::{cycle_declarations, settings, teams},
        },
        ledger::{
            agent_context::{self, AgentContext},
            closings, locks, review,
        },
        organisation::teams::above_all,
    },
};

/// The surroundings of an agent within a scope.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn of_agent_in_scope(conn: &mut Conn, scope: &Scope, agent_id: Id) -> Result<AgentContext, StoreError> {
    if let Scope::Own { user_id } = scope
        && *user_id != agent_id
    {
        return Err(StoreError::NotFound);
    }
    let context = agent_context::of_agent(conn, agent_id)?;
    match scope {
        Scope::Subtree { user_id, team_path } if *user_id != agent_id => {
            let below = |path: &String| path.starts_with(team_path.as_str());
            context.present_path.as_ref().filter(|path| below(path)).ok_or(StoreError::NotFound)?;
        }
        Scope::Own { .. } | Scope::Subtree { .. } => {}
    }
    Ok(context)
}

/// The mean of the agent's team on a day, to be shown beside the agent's cycle: of everybody who belonged to it on that
/// day, the agent too (method section 5).
///
/// # Errors
/// Those of the database.
pub fn team_mean(
    conn: &mut Conn,
    agent_id: Id,
    context: &AgentContext,
    day: NaiveDate,
) -> Result<Option<TeamMean>, StoreError> {
    let of_members = closings::of_team_of(conn, agent_id, day)?;
    Ok(cycle::team_mean(&of_members, context.env.settings.on(day).cycle_window, day))
}

/// Records a declared cycle and has the agent's open prospects derived again. The agent is held.
///
/// # Errors
/// Those of the database.
pub fn declare(
    conn: &mut Conn,
    agent_id: Id,
    cycle_days: i32,
    valid_from: NaiveDate,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let context = agent_context::of_agent(conn, agent_id)?;
    diesel::insert_into(cycle_declarations::table)
        .values((
            cycle_declarations::id.eq(occasion.ids.id()),
            cycle_declarations::agent_id.eq(agent_id),
            cycle_declarations::valid_from.eq(valid_from),
            cycle_declarations::cycle_days.eq(cycle_days),
            cycle_declarations::recorded_at.eq(stored_instant(occasion.now)),
        ))
        .execute(conn)?;
    review::agents(conn, &[agent_id], None, occasion.today(context.time_zone))
}

/// A team with its path, within a supervisor's subtree.
///
/// # Errors
/// `NotFound` outside it, and for agents other than their own team.
pub fn team_in_scope(conn: &mut Conn, actor: &Actor, team_id: Id) -> Result<String, StoreError> {
    let path: String = teams::table.find(team_id).select(teams::path).first(conn)?;
    let visible = match &actor.scope {
        Scope::Own { .. } => actor.team_id == team_id,
        Scope::Subtree { team_path, .. } => path.starts_with(team_path.as_str()),
    };
    if visible { Ok(path) } else { Err(StoreError::NotFound) }
}

/// Whether the actor heads the whole organisation: a supervisor of the one team that stands above all others. Where
/// several teams have no parent, nobody does.
///
/// # Errors
/// Those of the database.
pub fn heads_organisation(conn: &mut Conn, actor: &Actor) -> Result<bool, StoreError> {
    Ok(actor.role == Role::Supervisor && above_all(conn)? == Some(actor.team_id))
}

/// Whose settings: the organisation's, a team's, or those of one agent.
#[derive(Clone, Debug)]
pub enum SettingsOf {
    /// Everybody's.
    Organisation,
    /// A team's, for everybody below its path.
    Team {
        /// The team.
        id: Id,
        /// Its path.
        path: String,
    },
    /// One agent's: figures to reach, nothing that decides about a move.
    Agent(Id),
}

/// Settings by date, with the number of choices made for this very subject.
pub struct ChosenSettings {
    /// In force.
    pub timeline: Timeline<Settings>,
    /// Number of choices recorded for this subject: the version of the resource.
    pub choices: i64,
}

/// The settings of the organisation, a team or an agent.
///
/// # Errors
/// `NotFound` for a user who never belonged to a team; those of the database.
pub fn settings_of(conn: &mut Conn, whose: &SettingsOf) -> Result<ChosenSettings, StoreError> {
    let timeline = match whose {
        SettingsOf::Organisation => agent_context::settings_of_team(conn, "")?,
        SettingsOf::Team { path, .. } => agent_context::settings_of_team(conn, path)?,
        SettingsOf::Agent(id) => agent_context::of_agent(conn, *id)?.env.settings,
    };
    let of = settings::table.select(diesel::dsl::count_star()).into_boxed();
    let choices: i64 = match whose {
        SettingsOf::Organisation => {
            of.filter(settings::team_id.is_null()).filter(settings::agent_id.is_null()).first(conn)?
        }
        SettingsOf::Team { id, .. } => of.filter(settings::team_id.eq(*id)).first(conn)?,
        SettingsOf::Agent(id) => of.filter(settings::agent_id.eq(*id)).first(conn)?,
    };
    Ok(ChosenSettings { timeline, choices })
}

/// What a subject itself has chosen for a day: its choices one over the other, without those of the levels above.
///
/// # Errors
/// Those of the database.
pub fn own_choice(conn: &mut Conn, whose: &SettingsOf, on: NaiveDate) -> Result<SettingsPatch, StoreError> {
    let until = settings::table
        .filter(settings::valid_from.le(on))
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select(settings::document)
        .into_boxed();
    let chosen: Vec<Json<SettingsPatch>> = match whose {
        SettingsOf::Organisation => {
            until.filter(settings::team_id.is_null()).filter(settings::agent_id.is_null()).load(conn)?
        }
        SettingsOf::Team { id, .. } => until.filter(settings::team_id.eq(*id)).load(conn)?,
        SettingsOf::Agent(id) => until.filter(settings::agent_id.eq(*id)).load(conn)?,
    };
    Ok(chosen.iter().fold(SettingsPatch::default(), |own, later| own.then(&later.0)))
}

/// Holds the writes of everybody whom a choice concerns: of an agent, or of the teams and everybody in them, so that nobody
/// slips in meanwhile; and those of the actor, see [`super::standing`].
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn hold(conn: &mut Conn, whose: &SettingsOf, actor_id: Id) -> Result<(), StoreError> {
    match whose {
        SettingsOf::Organisation => locks::hold_everybody_below(conn, None, &[actor_id]),
        SettingsOf::Team { path, .. } => locks::hold_everybody_below(conn, Some(path), &[actor_id]),
        SettingsOf::Agent(id) => locks::hold(conn, [*id, actor_id].into()).map(|_| ()),
    }
}

/// Records a choice in force from a date on, and has everything that rests on it derived again; answers what
/// changed. Whom it concerns is held by [`hold`].
///
/// # Errors
/// Those of the database.
pub fn choose(
    conn: &mut Conn,
    whose: &SettingsOf,
    patch: SettingsPatch,
    valid_from: NaiveDate,
    actor_id: Id,
    occasion: &Occasion,
) -> Result<Event, StoreError> {
    let settings_id = occasion.ids.id();
    let (team_id, agent_id, path) = match whose {
        SettingsOf::Organisation => (None, None, None),
        SettingsOf::Team { id, path } => (Some(*id), None, Some(path.as_str())),
        SettingsOf::Agent(id) => (None, Some(*id), None),
    };
    diesel::insert_into(settings::table)
        .values((
            settings::id.eq(settings_id),
            settings::team_id.eq(team_id),
            settings::agent_id.eq(agent_id),
            settings::valid_from.eq(valid_from),
            settings::document.eq(Json(patch)),
            settings::actor_id.eq(Some(actor_id)),
            settings::recorded_at.eq(stored_instant(occasion.now)),
        ))
        .execute(conn)?;
    // Derived again from today on: a change for a later date is noted as the day of the next review.
    match agent_id {
        Some(id) => {
            let zone = agent_context::of_agent(conn, id)?.time_zone;
            review::agents(conn, &[id], None, occasion.today(zone))?;
        }
        None => review::below(conn, path, occasion.business_now.date_naive())?,
    }
    Ok(Event::SettingsChosen { settings_id, team_id, agent_id, valid_from })
}
