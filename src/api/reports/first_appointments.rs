//! The level of first appointments, "the most important step", and the replenishment debt (method section 7).

mod forms;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    definition::ReportDefinition,
    subject::{PositionQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::due,
    },
    app::App,
    domain::{
        reports::{
            first_appointment_level::{FirstAppointmentLevel, Judged, level},
            replenishment::{Replenishment, last_cycle, replenishment},
            report::Report,
        },
        values::{
            calendar::plus_days,
            id::Id,
            window::{Span, Window},
        },
    },
    store::{
        Conn,
        ledger::agent_context::AgentContext,
        reports::{activity_counts, members::Member},
    },
};

/// New first appointments of some days against what the target asks of them.
#[derive(Serialize, ToSchema)]
pub struct JudgedWeek {
    /// First day counted.
    pub from: On,
    /// Last day counted.
    pub to: On,
    /// Entries into stage 2.
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub new: i64,
    /// What the target asks for, to one place.
    #[schema(required = true, minimum = 0.0, example = 5.0)]
    pub wanted: Option<f64>,
    /// Fewer than that.
    pub below: bool,
}

/// What has to be filled up again after the closings of the last cycle.
#[derive(Serialize, ToSchema)]
#[schema(as = Replenishment)]
pub struct ReplenishmentView {
    /// First day of the last cycle.
    pub from: On,
    /// Last day of it.
    pub to: On,
    /// Closings in it.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub closings: i64,
    /// Prospects developed in it.
    #[schema(minimum = 0, maximum = 1_000_000, example = 2)]
    pub developed: i64,
    /// 5 × closings − developed, at least 0.
    #[schema(minimum = 0, maximum = 10_000_000, example = 3)]
    pub debt: i64,
}

/// The level of one agent.
#[derive(Serialize, ToSchema)]
pub struct AgentLevel {
    /// The agent.
    pub agent_id: Id,
    /// The agent's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// The agent's cycle on the day.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// New first appointments wanted a week.
    #[schema(minimum = 0, maximum = 100, example = 5)]
    pub target_a_week: i32,
    /// The last full sheet week; null where the agent joined the service after its first day.
    #[schema(required = true)]
    pub last_week: Option<JudgedWeek>,
    /// The running week; null before its first block has ended.
    #[schema(required = true)]
    pub this_week: Option<JudgedWeek>,
    /// Fewer than wanted.
    pub below: bool,
    /// How many more the running week needs.
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub missing_this_week: i64,
    /// What has to be filled up again.
    pub replenishment: ReplenishmentView,
}

/// The levels of an agent or a team's members.
#[derive(Serialize, ToSchema)]
pub struct FirstAppointments {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// One entry an agent, by name.
    #[schema(max_items = 10_000)]
    pub agents: Vec<AgentLevel>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

impl From<Judged> for JudgedWeek {
    fn from(j: Judged) -> Self {
        JudgedWeek {
            from: On(j.window.from),
            to: On(j.window.to),
            new: j.new,
            wanted: j.wanted.shown(1),
            below: j.below,
        }
    }
}

impl From<Replenishment> for ReplenishmentView {
    fn from(r: Replenishment) -> Self {
        ReplenishmentView {
            from: On(r.window.from),
            to: On(r.window.to),
            closings: r.closings,
            developed: r.developed,
            debt: r.debt,
        }
    }
}

/// What the levels are made from.
pub struct Sources {
    context: BTreeMap<Id, AgentContext>,
    developed: BTreeMap<Id, Vec<NaiveDate>>,
}

/// The days that the level and the debt look back on: two sheet weeks, and the longest cycle.
pub fn looks_back(context: &BTreeMap<Id, AgentContext>, day: NaiveDate) -> Window {
    let longest = context.values().map(|context| context.env.cycle_days(day)).max().unwrap_or(0);
    Window { from: plus_days(day, -i64::from(longest).max(14)), to: day }
}

impl Sources {
    /// From what has been loaded: the days on which prospects were developed cover [`looks_back`].
    pub fn new(context: BTreeMap<Id, AgentContext>, developed: BTreeMap<Id, Vec<NaiveDate>>) -> Self {
        Sources { context, developed }
    }

    fn load(conn: &mut Conn, subject: &Subject, day: NaiveDate) -> Result<Self, Problem> {
        let context = subject.agent_contexts(conn)?;
        let members: Vec<Member> = subject.members.iter().map(whole_book).collect();
        let developed = activity_counts::steps(conn, &members, looks_back(&context, day))?.developed_on();
        Ok(Sources { context, developed })
    }
}

/// A member with everything since joining: nobody is blamed for a week spent in another team, and the row of a team says
/// what the agent's own report says.
fn whole_book(member: &Member) -> Member {
    Member { spans: vec![Span::ALWAYS], ..member.clone() }
}

/// The level and the debt of each agent on a day, by the agent's own settings.
pub fn levels(sources: &Sources, subject: &Subject, day: NaiveDate) -> Vec<AgentLevel> {
    let developed = &sources.developed;
    let none: Vec<NaiveDate> = Vec::new();
    let of = |m: &Member| {
        let entered = developed.get(&m.id).unwrap_or(&none);
        let context = sources.context.get(&m.id);
        let settings = context.map_or(&subject.settings, |context| &context.env.settings).on(day);
        let cycle_days = context
            .map_or(crate::domain::organisation::settings::DEFAULT_CYCLE_DAYS, |context| {
                context.env.cycle_days(day)
            });
        let since = context.map_or(day, |context| context.joined_on);
        let target = settings.first_appointments_a_week;
        let l: FirstAppointmentLevel = level(entered, target, settings.sheet_week_start, since, day);
        let cycle = last_cycle(day, cycle_days);
        let within = |days: &[NaiveDate]| {
            i64::try_from(days.iter().filter(|on| cycle.contains(**on)).count()).unwrap_or(i64::MAX)
        };
        let deals = context.map_or(&[][..], |context| &context.inputs.deals);
        let closed: Vec<NaiveDate> = deals.iter().map(|deal| deal.closed_on).collect();
        let closings = within(&closed);
        let per_sale = settings.benchmarks.prospects_per_sale;
        let this_week =
            crate::domain::reports::sheet_week::SheetWeek::containing(day, settings.sheet_week_start);
        let new_this_week = entered.iter().filter(|on| this_week.window().contains(**on)).count();
        AgentLevel {
            agent_id: m.id,
            agent_name: m.display_name.clone(),
            cycle_days,
            target_a_week: l.target_a_week,
            last_week: l.last_week.map(Into::into),
            this_week: l.this_week.map(Into::into),
            below: l.is_below(),
            missing_this_week: l.missing_this_week(i64::try_from(new_this_week).unwrap_or(i64::MAX)),
            replenishment: replenishment(cycle, closings, within(entered), per_sale).into(),
        }
    };
    subject.members.iter().map(of).collect()
}

/// Show the level of first appointments
///
/// Per agent: new first appointments of the last full sheet week and, mid-week, pro rata by block, against the target; and
/// how many prospects the closings of the last cycle have used up without being replaced.
#[utoipa::path(tag = "reports", operation_id = "getFirstAppointments", params(PositionQuery),
    responses((status = 200, description = "The levels.", body = FirstAppointments)))]
#[get("/v1/reports/first-appointments")]
pub async fn get_first_appointments(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PositionQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let view = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, day) = Subject::load(conn, actor, query, now, |today| query.day(today))?;
        Ok::<_, Problem>(FirstAppointments {
            subject: subject.view(day.to),
            agents: levels(&Sources::load(conn, &subject, day.to)?, &subject, day.to),
            definition: ReportDefinition::of(Report::FirstAppointments, language.0),
        })
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language.0), view).await
}
