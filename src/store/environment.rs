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
    let rows: Vec<(Id, NaiveDate, Option<NaiveDate>, String, String)> = memberships::table
        .inner_join(teams::table)
        .filter(memberships::user_id.eq(agent_id))
        .order((memberships::valid_from, memberships::id))
        .select((
            memberships::team_id,
            memberships::valid_from,
            memberships::valid_to,
            teams::path,
            teams::time_zone,
        ))
        .load(conn)?;
    let last = rows.last().ok_or(StoreError::NotFound)?;
    let team_id = last.0;
    let time_zone: Tz =
        last.4.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
    let periods: Vec<Period> = rows
        .iter()
        .map(|(_, from, to, path, _)| Period { from: *from, to: *to, path: path.clone() })
        .collect();
    let chosen: Vec<SettingsRow> = settings::table
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select((settings::team_id, settings::valid_from, settings::document))
        .load(conn)?;
    let settings = settings_timeline(&periods, &chosen);
    let inputs = cycle_inputs(conn, agent_id, team_id)?;
    let cycle = cycle_timeline(&inputs, &settings);
    Ok(Surroundings { env: Environment { cycle, settings }, inputs, team_id, time_zone })
}

/// The settings of a team by date, as its members have them.
///
/// # Errors
/// Those of the database.
pub fn settings_of_team(conn: &mut Conn, team_path: &str) -> Result<Timeline<Settings>, StoreError> {
    let chosen: Vec<SettingsRow> = settings::table
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select((settings::team_id, settings::valid_from, settings::document))
        .load(conn)?;
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

/// The cycles in force for some agents on a day.
///
/// # Errors
/// Those of the database.
pub fn cycles_on(conn: &mut Conn, agents: &[Id], day: NaiveDate) -> Result<BTreeMap<Id, i32>, StoreError> {
    let mut cycles = BTreeMap::new();
    for agent in agents {
        cycles.insert(*agent, of_agent(conn, *agent)?.env.cycle_days(day));
    }
    Ok(cycles)
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

fn cycle_inputs(conn: &mut Conn, agent_id: Id, team_id: Id) -> Result<CycleInputs, StoreError> {
    let own = load_deals(conn, agent_id)?;
    let declarations: Vec<(NaiveDate, i32)> = cycle_declarations::table
        .filter(cycle_declarations::agent_id.eq(agent_id))
        .order((cycle_declarations::valid_from, cycle_declarations::recorded_at, cycle_declarations::id))
        .select((cycle_declarations::valid_from, cycle_declarations::cycle_days))
        .load(conn)?;
    let rows: Vec<DealRow> = deals::table
        .filter(
            deals::agent_id.eq_any(
                memberships::table
                    .filter(memberships::team_id.eq(team_id))
                    .filter(memberships::valid_to.is_null())
                    .select(memberships::user_id),
            ),
        )
        .filter(deals::agent_id.ne(agent_id))
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
    let mut team: Vec<(Id, Vec<Deal>)> = Vec::new();
    for (agent, deal) in rows.into_iter().map(deal) {
        match team.last_mut() {
            Some((last, deals)) if *last == agent => deals.push(deal),
            _ => team.push((agent, vec![deal])),
        }
    }
    Ok(CycleInputs {
        deals: own,
        declarations: declarations
            .into_iter()
            .map(|(valid_from, cycle_days)| Declaration { valid_from, cycle_days })
            .collect(),
        team: team.into_iter().map(|(_, deals)| deals).collect(),
    })
}

fn load_deals(conn: &mut Conn, agent_id: Id) -> Result<Vec<Deal>, StoreError> {
    let rows: Vec<DealRow> = deals::table
        .filter(deals::agent_id.eq(agent_id))
        .order(deals::id)
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
    Ok(rows.into_iter().map(|row| deal(row).1).collect())
}
