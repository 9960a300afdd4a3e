//! Whom a report is about: one agent, or a team with the days on which each member belonged to it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{On, one_of, supervisor},
        problem::{Code, document::Problem},
        respond::as_of::future,
    },
    domain::{
        organisation::{
            actor::{Actor, Role},
            settings::Settings,
        },
        values::{
            calendar::{days_between, plus_days},
            id::Id,
            text::Text,
            timeline::Timeline,
            window::{Span, Window, holds_on},
        },
    },
    store::{
        Conn, StoreError,
        ledger::agent_context::{self, AgentContext},
        organisation::{
            cycles,
            member_settings::{self, Standards},
        },
        reports::members::{self, Member},
    },
};

/// Longest period of a report, days.
const LONGEST: i64 = 731;
/// Period of a report when nobody says: four weeks.
const USUAL: i64 = 28;

/// Whom, as of which day.
#[derive(Deserialize, Validate, IntoParams, Clone, Copy, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PositionQuery {
    /// One agent; the caller when neither is given.
    pub agent_id: Option<Id>,
    /// A team; for supervisors.
    pub team_id: Option<Id>,
    /// With a team: also the members of the teams below.
    #[serde(default)]
    #[param(required = false)]
    pub include_subteams: bool,
    /// The day asked about; today when absent.
    pub as_of: Option<On>,
}

/// Whom, over which days.
#[derive(Deserialize, Validate, IntoParams, Clone, Copy, Default)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// One agent; the caller when neither is given.
    pub agent_id: Option<Id>,
    /// A team; for supervisors.
    pub team_id: Option<Id>,
    /// With a team: also the members of the teams below.
    #[serde(default)]
    #[param(required = false)]
    pub include_subteams: bool,
    /// First day; four weeks up to `to` when absent.
    pub from: Option<On>,
    /// Last day; today when absent. At most two years in all.
    pub to: Option<On>,
}

/// Whose figures a report shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    /// One agent's.
    Agent(Id),
    /// A team's.
    Team(Id),
}

/// Whom a report is about.
#[derive(Serialize, ToSchema)]
pub struct ReportSubject {
    /// Agent or team.
    #[serde(skip)]
    pub whose: Whose,
    /// The agent; null for a team.
    #[schema(required = true)]
    pub agent_id: Option<Id>,
    /// The team; null for an agent.
    #[schema(required = true)]
    pub team_id: Option<Id>,
    /// The agent's or the team's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub name: String,
    /// Whether the teams below are in it.
    pub include_subteams: bool,
    /// Number of agents.
    #[schema(minimum = 0, maximum = 100_000, example = 1)]
    pub agents: i64,
    /// Dates are dates in this time zone.
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// The day as of which the report is computed.
    pub as_of: On,
    /// The agent's cycle on that day; null for a team.
    #[schema(required = true, minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: Option<i32>,
}

/// Whom a report is about, with what it is computed from.
pub struct Subject {
    /// The agents, with the days that count.
    pub members: Vec<Member>,
    /// What surrounds the agent; none for a team.
    pub context: Option<AgentContext>,
    /// The settings by date.
    pub settings: Timeline<Settings>,
    /// Today in the subject's time zone.
    pub today: NaiveDate,
    asked: PositionQuery,
    name: String,
    zone: Tz,
    whose: Whose,
}

impl Subject {
    /// Loads whom a report is about, within the caller's reach; a team's members are those of the range `days` gives for
    /// today.
    ///
    /// # Errors
    /// 404 outside the reach, 403 for an agent who asks about a team, 400 for both an agent and a team, those of `days`.
    pub fn load(
        conn: &mut Conn,
        actor: &Actor,
        asked: PositionQuery,
        now: chrono::DateTime<chrono::Utc>,
        days: impl FnOnce(NaiveDate) -> Result<Window, Problem>,
    ) -> Result<(Self, Window), Problem> {
        let (agent_id, team_id) = match (asked.agent_id, asked.team_id) {
            (Some(_), Some(_)) => return Err(one_of()),
            (None, None) => (Some(actor.id), None),
            given => given,
        };
        if let Some(team_id) = team_id {
            let (team, settings) = agent_context::team_with_settings(conn, actor, team_id)?;
            supervisor(actor)?;
            let zone: Tz = team
                .time_zone
                .parse()
                .map_err(|_| StoreError::Corrupt("teams: unknown time zone".to_owned()))?;
            let today = now.with_timezone(&zone).date_naive();
            let window = days(today)?;
            let members = members::of_team(conn, (team.id, &team.path), window, asked.include_subteams)?;
            let (name, whose) = (team.name, Whose::Team(team.id));
            let subject = Subject { members, context: None, settings, today, asked, name, zone, whose };
            return Ok((subject, window));
        }
        let agent_id = agent_id.unwrap_or(actor.id);
        let context = cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
        let name = context.display_name.clone();
        let today = now.with_timezone(&context.time_zone).date_naive();
        let window = days(today)?;
        let member = Member {
            id: agent_id,
            display_name: name.clone(),
            role: Role::Agent,
            joined_on: context.joined_on,
            spans: vec![Span::ALWAYS],
        };
        let subject = Subject {
            members: vec![member],
            settings: context.env.settings.clone(),
            today,
            asked,
            name,
            zone: context.time_zone,
            whose: Whose::Agent(agent_id),
            context: Some(context),
        };
        Ok((subject, window))
    }

    /// What surrounds each of the agents.
    ///
    /// # Errors
    /// Those of the store.
    pub fn agent_contexts(&self, conn: &mut Conn) -> Result<BTreeMap<Id, AgentContext>, StoreError> {
        if let (Some(agent), Some(context)) = (self.agent(), &self.context) {
            return Ok(BTreeMap::from([(agent, context.clone())]));
        }
        let ids: Vec<Id> = self.members.iter().map(|m| m.id).collect();
        agent_context::of_agents(conn, &ids)
    }

    /// What each of the agents is held against: the own settings, which may be others than those of the team asked about.
    ///
    /// # Errors
    /// Those of the store.
    pub fn standards(&self, conn: &mut Conn) -> Result<BTreeMap<Id, Standards>, StoreError> {
        if let (Some(agent), Some(context)) = (self.agent(), &self.context) {
            return Ok(BTreeMap::from([(agent, context.into())]));
        }
        let ids: Vec<Id> = self.members.iter().map(|m| m.id).collect();
        member_settings::of_agents(conn, &ids)
    }

    /// Keeps the members of one day, and answers everybody who was one in the range it was loaded for.
    pub fn narrow(&mut self, day: NaiveDate) -> Vec<Member> {
        let ever = self.members.clone();
        self.members.retain(|m| holds_on(&m.spans, day));
        ever
    }

    /// The working days of a period on which a member belonged to the report; an agent's own begin on the first day in the
    /// service, as in the team's report.
    pub fn working_days(&self, member: &Member, window: Window) -> i64 {
        let first = self.context.as_ref().map_or(window.from, |context| window.from.max(context.joined_on));
        let spans = member.spans.iter().filter_map(|span| {
            let last = span.until.map_or(window.to, |until| plus_days(until, -1));
            Window::new(first.max(span.from), window.to.min(last))
        });
        spans.map(|window| window.working_days()).sum()
    }

    /// The agent, if it is about one.
    pub fn agent(&self) -> Option<Id> {
        match self.whose {
            Whose::Agent(id) => Some(id),
            Whose::Team(_) => None,
        }
    }

    /// How it is shown.
    pub fn view(&self, as_of: NaiveDate) -> ReportSubject {
        let team_id = match self.whose {
            Whose::Agent(_) => None,
            Whose::Team(id) => Some(id),
        };
        ReportSubject {
            whose: self.whose,
            agent_id: self.agent(),
            team_id,
            name: self.name.clone(),
            include_subteams: team_id.is_some() && self.asked.include_subteams,
            agents: i64::try_from(self.members.len()).unwrap_or(i64::MAX),
            time_zone: self.zone.name().to_owned(),
            as_of: On(as_of),
            cycle_days: self.context.as_ref().map(|context| context.env.cycle_days(as_of)),
        }
    }
}

impl PositionQuery {
    /// The one day asked about, as a range.
    ///
    /// # Errors
    /// 400 for a day that has not come.
    pub fn day(self, today: NaiveDate) -> Result<Window, Problem> {
        let day = self.as_of.map_or(today, |on| on.0);
        if day > today {
            return Err(future(day, today));
        }
        Ok(Window { from: day, to: day })
    }
}

impl PeriodQuery {
    /// Whom it asks about.
    pub fn whom(self) -> PositionQuery {
        PositionQuery {
            agent_id: self.agent_id,
            team_id: self.team_id,
            include_subteams: self.include_subteams,
            as_of: None,
        }
    }

    /// The days asked about; up to today where they go on beyond it.
    ///
    /// # Errors
    /// 400 for a period that ends before it begins, is longer than two years, or has not begun.
    pub fn days(self, today: NaiveDate) -> Result<Window, Problem> {
        let to = self.to.map_or(today, |on| on.0);
        let usual = Window::ending(to, USUAL);
        let from = self.from.map_or(usual.from, |on| on.0);
        let days = days_between(from, to) + 1;
        if !(1..=LONGEST).contains(&days) || from > today {
            // Without `from` the period is the four weeks up to `to`, so that `to` is what is wrong.
            let beyond = self.to.is_some() && to > today && from <= today;
            let wrong = if self.from.is_none() || beyond { "/query/to" } else { "/query/from" };
            return Err(Problem::new(Code::InvalidParameter).error(
                wrong,
                "out_of_range",
                Text::new(
                    format!("1 to {LONGEST} days up to `to`, begun by today, {today}."),
                    format!("至 `to` 为止 1 至 {LONGEST} 天，且不晚于今天 {today} 开始。"),
                ),
                json!({"max_days": LONGEST, "today": today}),
            ));
        }
        Ok(Window { from, to: to.min(today) })
    }
}
