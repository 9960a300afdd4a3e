//! What surrounds an agent's prospects: settings by date, the cycle by date, the time zone.
//! Reads tables; every rule about what follows from them is the domain's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::{
    prelude::*,
    sql_types::{Nullable, Text},
};

use super::closings;
use crate::{
    domain::{
        method::cycle::{CycleInputs, Declaration, cycle_timeline},
        organisation::{
            actor::Actor,
            settings::{Settings, SettingsPatch},
        },
        prospects::history::Environment,
        values::{id::Id, timeline::Timeline, window::Span},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            connection::MultiBackend,
            schema::{cycle_declarations, memberships, settings, teams, users},
        },
        organisation::teams::{Team, visible},
    },
};

/// The environment of one agent.
#[derive(Clone, Debug)]
pub struct AgentContext {
    /// Cycle and settings by date.
    pub env: Environment,
    /// What the cycle follows from.
    pub inputs: CycleInputs,
    /// The agent's team today.
    pub team_id: Id,
    /// Time zone of that team: dates are dates in it.
    pub time_zone: Tz,
    /// The agent's name to show.
    pub display_name: String,
    /// First day in the service.
    pub joined_on: NaiveDate,
    /// Path of the team that the agent belongs to today; none for somebody who has left.
    pub present_path: Option<String>,
}

/// A stay in the team with this path.
pub(in crate::store) struct Period {
    pub(in crate::store) span: Span,
    pub(in crate::store) path: String,
}

/// A choice of a team, of the organisation, or of one agent: whose, from when on, what, and when it was made.
pub(in crate::store) type SettingsRow =
    (Option<Id>, Option<Id>, NaiveDate, Json<SettingsPatch>, NaiveDateTime);

/// Loads what surrounds an agent's prospects.
///
/// # Errors
/// `NotFound` for a user who never belonged to a team; those of the database.
pub fn of_agent(conn: &mut Conn, agent_id: Id) -> Result<AgentContext, StoreError> {
    of_agents(conn, &[agent_id])?.remove(&agent_id).ok_or(StoreError::NotFound)
}

/// The same for several agents, in as many statements as for one. Users who never belonged to a team are left out.
///
/// # Errors
/// Those of the database.
pub fn of_agents(conn: &mut Conn, agents: &[Id]) -> Result<BTreeMap<Id, AgentContext>, StoreError> {
    load(conn, agents, None)
}

/// The same as it was known at the end of a past day, so that what was foreseen on that day is answered today as it was
/// then. Closings and changes of teams after it had not happened; a declaration or a setting in force from a later day on
/// is there when it had been announced by then. Which day that was is told by the time of recording, which is real time:
/// in a demo database whose business day lies elsewhere nothing counts as announced before its own day.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn of_agents_as_known_on(
    conn: &mut Conn,
    agents: &[Id],
    day: NaiveDate,
) -> Result<BTreeMap<Id, AgentContext>, StoreError> {
    load(conn, agents, Some(day))
}

fn load(
    conn: &mut Conn,
    agents: &[Id],
    known_on: Option<NaiveDate>,
) -> Result<BTreeMap<Id, AgentContext>, StoreError> {
    let mut stays = stays(conn, agents)?;
    if let Some(day) = known_on {
        forget_after(&mut stays, day);
    }
    let chosen = chosen_settings(conn, stays.iter().map(|stay| stay.path.as_str()), agents)?;
    let mut deals = closings::of_agents(conn, agents)?;
    let mut all = BTreeMap::new();
    for of_one in stays.chunk_by(|a, b| a.user_id == b.user_id) {
        let (Some(first), Some(last)) = (of_one.first(), of_one.last()) else { continue };
        let time_zone: Tz =
            last.time_zone.parse().map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
        let periods: Vec<Period> =
            of_one.iter().map(|stay| Period { span: stay.span, path: stay.path.clone() }).collect();
        let announced = |from: NaiveDate, at: NaiveDateTime| {
            let told_on = || at.and_utc().with_timezone(&time_zone).date_naive();
            known_on.is_none_or(|day| from <= day || told_on() <= day)
        };
        let in_force: Vec<&SettingsRow> =
            chosen.iter().filter(|(_, _, from, _, at)| announced(*from, *at)).collect();
        let settings = settings_timeline(&periods, Some(last.user_id), &in_force);
        let mut of_agent = deals.remove(&last.user_id).unwrap_or_default();
        if let Some(day) = known_on {
            of_agent.retain(|deal| deal.counts_from <= day);
            of_agent.iter_mut().for_each(|d| d.counts_until = d.counts_until.filter(|until| *until <= day));
        }
        let told = last.declared.iter().filter(|(from, _, at)| announced(*from, *at));
        let declarations = told
            .map(|(valid_from, days, _)| Declaration { valid_from: *valid_from, cycle_days: *days })
            .collect();
        let inputs = CycleInputs { deals: of_agent, declarations };
        let cycle = cycle_timeline(&inputs, &settings);
        let context = AgentContext {
            env: Environment::of_owner(cycle, settings),
            inputs,
            team_id: last.team_id,
            time_zone,
            display_name: last.display_name.clone(),
            joined_on: first.span.from,
            present_path: Some(last.path.clone()).filter(|_| last.span.until.is_none()),
        };
        all.insert(last.user_id, context);
    }
    Ok(all)
}

/// One stay of somebody in a team, with everything that this person declared.
struct Stay {
    id: Id,
    user_id: Id,
    display_name: String,
    team_id: Id,
    path: String,
    time_zone: String,
    span: Span,
    /// From when on, days, and when it was said.
    declared: Vec<Declared>,
}

type Declared = (NaiveDate, i32, NaiveDateTime);

/// Takes out of some stays what came after a day: nobody had left or come yet. The first stay of somebody stays, so that
/// whoever came later is still somebody.
fn forget_after(stays: &mut Vec<Stay>, day: NaiveDate) {
    let mut before: Option<Id> = None;
    stays.retain(|stay| {
        let is_first = before != Some(stay.user_id);
        before = Some(stay.user_id);
        is_first || stay.span.from <= day
    });
    for stay in stays {
        stay.span.until = stay.span.until.filter(|until| *until <= day);
    }
}

/// The stays of some agents, person by person and in order of time, in one statement.
fn stays(conn: &mut Conn, agents: &[Id]) -> Result<Vec<Stay>, StoreError> {
    type Row = ((Id, Id, String, Id, String, String, NaiveDate, Option<NaiveDate>), Option<Declared>);
    let rows: Vec<Row> = memberships::table
        .inner_join(teams::table)
        .inner_join(users::table)
        .left_join(cycle_declarations::table.on(cycle_declarations::agent_id.eq(memberships::user_id)))
        .filter(memberships::user_id.eq_any(agents.to_vec()))
        .order((
            memberships::user_id,
            memberships::valid_from,
            memberships::id,
            cycle_declarations::valid_from,
            cycle_declarations::recorded_at,
            cycle_declarations::id,
        ))
        .select((
            (
                memberships::id,
                memberships::user_id,
                users::display_name,
                memberships::team_id,
                teams::path,
                teams::time_zone,
                memberships::valid_from,
                memberships::valid_to,
            ),
            (cycle_declarations::valid_from, cycle_declarations::cycle_days, cycle_declarations::recorded_at)
                .nullable(),
        ))
        .load(conn)?;
    let mut stays: Vec<Stay> = Vec::new();
    for ((id, user_id, display_name, team_id, path, time_zone, from, until), declared) in rows {
        match stays.last_mut() {
            Some(stay) if stay.id == id => stay.declared.extend(declared),
            _ => {
                let (span, declared) = (Span { from, until }, declared.into_iter().collect());
                stays.push(Stay { id, user_id, display_name, team_id, path, time_zone, span, declared });
            }
        }
    }
    Ok(stays)
}

/// The teams on a path, from the root down.
fn on_path(path: &str) -> impl Iterator<Item = Id> {
    path.split('/').filter_map(|part| part.parse().ok())
}

/// What was chosen for the organisation, for the teams on some paths and for some agents.
pub(in crate::store) fn chosen_settings<'a>(
    conn: &mut Conn,
    paths: impl Iterator<Item = &'a str>,
    agents: &[Id],
) -> Result<Vec<SettingsRow>, StoreError> {
    let concerned: BTreeSet<Id> = paths.flat_map(on_path).collect();
    let concerned: Vec<Id> = concerned.into_iter().collect();
    Ok(settings::table
        .filter(
            settings::team_id
                .eq_any(concerned)
                .or(settings::agent_id.eq_any(agents.to_vec()))
                .or(settings::team_id.is_null().and(settings::agent_id.is_null())),
        )
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select((
            settings::team_id,
            settings::agent_id,
            settings::valid_from,
            settings::document,
            settings::recorded_at,
        ))
        .load(conn)?)
}

/// The settings of a team by date, as its members have them.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn settings_of_team(
    conn: &mut Conn,
    team_path: &str,
) -> Result<Timeline<Settings>, StoreError> {
    let chosen = chosen_settings(conn, std::iter::once(team_path), &[])?;
    let period = Period { span: Span::ALWAYS, path: team_path.to_owned() };
    Ok(settings_timeline(&[period], None, &chosen.iter().collect::<Vec<_>>()))
}

/// A team that the actor may see, with its settings by date, in one statement.
///
/// # Errors
/// `NotFound` when there is none, or not for this actor.
pub fn team_with_settings(
    conn: &mut Conn,
    actor: &Actor,
    team_id: Id,
) -> Result<(Team, Timeline<Settings>), StoreError> {
    let on_path = "%".into_sql::<Nullable<Text>>().concat(settings::team_id).concat("%");
    let organisation = settings::team_id.is_null().and(settings::agent_id.is_null());
    let concerns = organisation.or(teams::path.nullable().like(on_path));
    let rows: Vec<(Team, Option<SettingsRow>)> = teams::table
        .into_boxed::<MultiBackend>()
        .filter(teams::id.eq(team_id))
        .filter(visible(actor))
        .left_join(settings::table.on(concerns))
        .order((settings::valid_from, settings::recorded_at, settings::id))
        .select((
            teams::all_columns,
            (
                settings::team_id,
                settings::agent_id,
                settings::valid_from,
                settings::document,
                settings::recorded_at,
            )
                .nullable(),
        ))
        .load(conn)?;
    let team = rows.first().map(|(team, _)| team.clone()).ok_or(StoreError::NotFound)?;
    let chosen: Vec<SettingsRow> = rows.into_iter().filter_map(|(_, chosen)| chosen).collect();
    let period = Period { span: Span::ALWAYS, path: team.path.clone() };
    Ok((team, settings_timeline(&[period], None, &chosen.iter().collect::<Vec<_>>())))
}

/// The chain from the organisation down to the team and the agent: later choices over earlier ones, nearer over farther.
pub(in crate::store) fn settings_timeline(
    periods: &[Period],
    agent: Option<Id>,
    chosen: &[&SettingsRow],
) -> Timeline<Settings> {
    let mut dates: BTreeSet<NaiveDate> = periods.iter().map(|p| p.span.from).collect();
    dates.extend(chosen.iter().map(|(_, _, from, ..)| *from));
    let on = |date: NaiveDate| {
        let path = periods
            .iter()
            .rev()
            .find(|p| p.span.holds_on(date))
            .or(periods.first())
            .map_or("", |p| p.path.as_str());
        let chain = std::iter::once((None, None))
            .chain(on_path(path).map(|id| (Some(id), None)))
            .chain(agent.map(|id| (None, Some(id))));
        chain.fold(Settings::default(), |settings, who| {
            // Of one subject first: a choice that was cleared must not show through again.
            let own = chosen
                .iter()
                .filter(|(team, agent, from, ..)| (*team, *agent) == who && *from <= date)
                .fold(SettingsPatch::default(), |own, (_, _, _, patch, _)| own.then(&patch.0));
            settings.with(&own)
        })
    };
    let steps = dates.iter().map(|date| (*date, on(*date))).collect();
    Timeline::new(on(NaiveDate::MIN), steps)
}
