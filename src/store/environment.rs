//! What surrounds an agent's prospects: settings by date, the cycle by date, the time zone.
//! Reads tables; every rule about what follows from them is the domain's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{
    Conn, StoreError,
    codec::Json,
    schema::{cycle_declarations, deals, memberships, settings, teams},
};
use crate::domain::{
    cycle::{CycleInputs, Deal, Declaration, cycle_timeline},
    history::Environment,
    id::Id,
    settings::{Settings, SettingsPatch},
    timeline::Timeline,
};

/// The environment of one agent.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// Cycle and settings by date.
    pub env: Environment,
    /// What the cycle follows from.
    pub inputs: CycleInputs,
    /// The agent's team today.
    pub team_id: Id,
    /// Time zone of that team: dates are dates in it.
    pub time_zone: Tz,
}

struct Period {
    from: NaiveDate,
    to: Option<NaiveDate>,
    path: String,
}

type SettingsRow = (Option<Id>, NaiveDate, Json<SettingsPatch>);

/// Loads what surrounds an agent's prospects.
///
/// # Errors
/// `NotFound` for a user who never belonged to a team; those of the database.
pub fn of_agent(conn: &mut Conn, agent_id: Id) -> Result<Surroundings, StoreError> {
    of_agents(conn, &[agent_id])?.remove(&agent_id).ok_or(StoreError::NotFound)
}

/// The same for several agents, in as many statements as for one. Users who never belonged to a team are left out.
///
/// # Errors
/// Those of the database.
pub fn of_agents(conn: &mut Conn, agents: &[Id]) -> Result<BTreeMap<Id, Surroundings>, StoreError> {
    type Stay = (Id, Id, NaiveDate, Option<NaiveDate>, String, String);
    let stays: Vec<Stay> = memberships::table
        .inner_join(teams::table)
        .filter(memberships::user_id.eq_any(agents.to_vec()))
        .order((memberships::user_id, memberships::valid_from, memberships::id))
        .select((
            memberships::user_id,
            memberships::team_id,
            memberships::valid_from,
            memberships::valid_to,
            teams::path,
            teams::time_zone,
        ))
        .load(conn)?;
    let chosen = chosen_settings(conn)?;
    let present = |of_one: &[Stay]| of_one.last().map(|stay| stay.1);
    let own_teams: BTreeSet<Id> = stays.chunk_by(|a, b| a.0 == b.0).filter_map(present).collect();
    let known = CycleSources::load(conn, agents, &own_teams)?;
    let mut all = BTreeMap::new();
    for of_one in stays.chunk_by(|a, b| a.0 == b.0) {
        let Some((agent_id, team_id, .., time_zone)) = of_one.last() else { continue };
        let time_zone: Tz =
            time_zone.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
        let periods: Vec<Period> = of_one
            .iter()
            .map(|(_, _, from, to, path, _)| Period { from: *from, to: *to, path: path.clone() })
            .collect();
        let settings = settings_timeline(&periods, &chosen);
        let inputs = known.inputs(*agent_id, *team_id);
        let cycle = cycle_timeline(&inputs, &settings);
        let env = Environment::of_owner(cycle, settings);
        all.insert(*agent_id, Surroundings { env, inputs, team_id: *team_id, time_zone });
    }
    Ok(all)
}

fn chosen_settings(conn: &mut Conn) -> Result<Vec<SettingsRow>, StoreError> {
    Ok(settings::table
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select((settings::team_id, settings::valid_from, settings::document))
        .load(conn)?)
}

/// The settings of a team by date, as its members have them.
///
/// # Errors
/// Those of the database.
pub fn settings_of_team(conn: &mut Conn, team_path: &str) -> Result<Timeline<Settings>, StoreError> {
    let chosen = chosen_settings(conn)?;
    let period = Period { from: NaiveDate::MIN, to: None, path: team_path.to_owned() };
    Ok(settings_timeline(&[period], &chosen))
}

/// The chain from the organisation down to the team, later choices over earlier ones, nearer over farther.
fn settings_timeline(periods: &[Period], chosen: &[SettingsRow]) -> Timeline<Settings> {
    let mut dates: BTreeSet<NaiveDate> = periods.iter().map(|p| p.from).collect();
    dates.extend(chosen.iter().map(|(_, from, _)| *from));
    let on = |date: NaiveDate| {
        let path = periods
            .iter()
            .rev()
            .find(|p| p.from <= date && p.to.is_none_or(|to| date < to))
            .or(periods.first())
            .map_or("", |p| p.path.as_str());
        let chain = std::iter::once(None).chain(
            path.split('/').filter(|s| !s.is_empty()).map(|s| s.parse::<Id>().ok()).filter(Option::is_some),
        );
        chain.fold(Settings::default(), |settings, team| {
            chosen
                .iter()
                .filter(|(of, from, _)| *of == team && *from <= date)
                .fold(settings, |settings, (_, _, patch)| settings.with(&patch.0))
        })
    };
    let steps = dates.iter().map(|date| (*date, on(*date))).collect();
    Timeline::new(on(NaiveDate::MIN), steps)
}

type DealRow = (Id, Id, Id, i32, NaiveDate, NaiveDate, NaiveDate, NaiveDate, Option<NaiveDate>);

fn deal(row: DealRow) -> (Id, Deal) {
    let (agent_id, prospect_id, pursuit_id, number, met, signed, closed, from, until) = row;
    let deal = Deal {
        prospect_id,
        pursuit_number: number,
        pursuit_id,
        first_meeting_on: met,
        signed_on: signed,
        closed_on: closed,
        counts_from: from,
        counts_until: until,
    };
    (agent_id, deal)
}

/// What cycles follow from: the deals of some agents and of their team-mates, and what the agents declared.
struct CycleSources {
    deals: BTreeMap<Id, Vec<Deal>>,
    declarations: BTreeMap<Id, Vec<Declaration>>,
    mates: BTreeMap<Id, Vec<Id>>,
}

impl CycleSources {
    fn load(conn: &mut Conn, agents: &[Id], own_teams: &BTreeSet<Id>) -> Result<Self, StoreError> {
        let belong: Vec<(Id, Id)> = memberships::table
            .filter(memberships::team_id.eq_any(own_teams.iter().copied().collect::<Vec<Id>>()))
            .filter(memberships::valid_to.is_null())
            .order(memberships::user_id)
            .select((memberships::team_id, memberships::user_id))
            .load(conn)?;
        let mut mates: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
        for (team_id, user_id) in &belong {
            mates.entry(*team_id).or_default().push(*user_id);
        }
        let concerned: BTreeSet<Id> =
            agents.iter().copied().chain(belong.iter().map(|(_, user_id)| *user_id)).collect();
        let rows: Vec<DealRow> = deals::table
            .filter(deals::agent_id.eq_any(concerned.into_iter().collect::<Vec<Id>>()))
            .order((deals::agent_id, deals::id))
            .select((
                deals::agent_id,
                deals::prospect_id,
                deals::pursuit_id,
                deals::pursuit_number,
                deals::first_meeting_on,
                deals::signed_on,
                deals::closed_on,
                deals::counts_from,
                deals::counts_until,
            ))
            .load(conn)?;
        let mut deals: BTreeMap<Id, Vec<Deal>> = BTreeMap::new();
        for (agent, deal) in rows.into_iter().map(deal) {
            deals.entry(agent).or_default().push(deal);
        }
        Ok(CycleSources { deals, declarations: declared(conn, agents)?, mates })
    }

    /// What the cycle of an agent of a team follows from.
    fn inputs(&self, agent_id: Id, team_id: Id) -> CycleInputs {
        let others = self.mates.get(&team_id).into_iter().flatten().filter(|mate| **mate != agent_id);
        CycleInputs {
            deals: self.deals.get(&agent_id).cloned().unwrap_or_default(),
            declarations: self.declarations.get(&agent_id).cloned().unwrap_or_default(),
            team: others.filter_map(|mate| self.deals.get(mate).cloned()).collect(),
        }
    }
}

fn declared(conn: &mut Conn, agents: &[Id]) -> Result<BTreeMap<Id, Vec<Declaration>>, StoreError> {
    let rows: Vec<(Id, NaiveDate, i32)> = cycle_declarations::table
        .filter(cycle_declarations::agent_id.eq_any(agents.to_vec()))
        .order((cycle_declarations::valid_from, cycle_declarations::recorded_at, cycle_declarations::id))
        .select((
            cycle_declarations::agent_id,
            cycle_declarations::valid_from,
            cycle_declarations::cycle_days,
        ))
        .load(conn)?;
    let mut declared: BTreeMap<Id, Vec<Declaration>> = BTreeMap::new();
    for (agent, valid_from, cycle_days) in rows {
        declared.entry(agent).or_default().push(Declaration { valid_from, cycle_days });
    }
    Ok(declared)
}
