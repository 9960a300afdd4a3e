//! What each member of a team is held against: the member's own settings by date, and the first day in the service
//! (method section 7: settings are per agent or team). In two statements, however many members there are.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::{
    domain::{
        organisation::settings::Settings,
        values::{id::Id, timeline::Timeline, window::Span},
    },
    store::{
        Conn, StoreError,
        db::schema::{memberships, teams},
        ledger::agent_context::{AgentContext, Period, chosen_settings, settings_timeline},
    },
};

/// What one agent is held against.
#[derive(Clone, Debug)]
pub struct Standards {
    /// The agent's settings by date: those of the team of that date, and the agent's own over them.
    pub settings: Timeline<Settings>,
    /// First day in the service.
    pub joined_on: NaiveDate,
}

impl From<&AgentContext> for Standards {
    fn from(context: &AgentContext) -> Self {
        Standards { settings: context.env.settings.clone(), joined_on: context.joined_on }
    }
}

/// The standards of some agents. Users who never belonged to a team are left out.
///
/// # Errors
/// Those of the database.
pub fn of_agents(conn: &mut Conn, agents: &[Id]) -> Result<BTreeMap<Id, Standards>, StoreError> {
    let rows: Vec<(Id, NaiveDate, Option<NaiveDate>, String)> = memberships::table
        .inner_join(teams::table)
        .filter(memberships::user_id.eq_any(agents.to_vec()))
        .order((memberships::user_id, memberships::valid_from, memberships::id))
        .select((memberships::user_id, memberships::valid_from, memberships::valid_to, teams::path))
        .load(conn)?;
    let mut stays: BTreeMap<Id, Vec<Period>> = BTreeMap::new();
    for (agent, from, to, path) in rows {
        stays.entry(agent).or_default().push(Period { span: Span { from, until: to }, path });
    }
    let paths = stays.values().flatten().map(|period| period.path.as_str());
    let chosen = chosen_settings(conn, paths, agents)?;
    let standards = |(agent, periods): (Id, Vec<Period>)| {
        let joined_on = periods.first()?.span.from;
        // Everybody's choices are here; looking through those of others for every member would take members squared.
        let on_path = |team: &Id| periods.iter().any(|p| p.path.contains(&team.to_string()));
        let own: Vec<_> = chosen
            .iter()
            .filter(|(team, of, ..)| of.is_none_or(|of| of == agent) && team.as_ref().is_none_or(on_path))
            .collect();
        let settings = settings_timeline(&periods, Some(agent), &own);
        Some((agent, Standards { settings, joined_on }))
    };
    Ok(stays.into_iter().filter_map(standards).collect())
}
