//! `GET /v1/today`: an agent's day in one request.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        extract::{At, Caller, On, ReaderLanguage},
        problem::{Code, document::Problem},
        reports::{
            definition::ReportDefinition,
            first_appointments::{self, AgentLevel},
            next_actions::{self, ActionView},
            subject::{PositionQuery, ReportSubject, Subject},
        },
        respond::{due, people},
    },
    app::App,
    domain::{
        journal::activity::DayCounts,
        method::stage::Stage,
        organisation::{actor::Actor, benchmark::Benchmarks},
        prospects::{appointment::Outcome, fact::AppointmentKind},
        reports::{
            report::Report,
            shape::{BoardCounts, Experience, read},
        },
        values::{
            calendar::{days_between, plus_days},
            id::Id,
            text::Language,
            window::Window,
        },
    },
    store::{
        Conn,
        journal::today::{self, DayMeeting},
        reports::{
            activity_counts,
            figures::{self, BoardEntry},
        },
    },
};

/// How far ahead a fallback is announced, days.
const SOON_DAYS: i64 = 7;

/// An appointment of the day.
#[derive(Serialize, ToSchema)]
pub struct DayAppointment {
    /// The prospect.
    pub prospect_id: Id,
    /// The name; null when it was erased.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// The appointment.
    pub appointment_id: Id,
    /// First or next.
    pub kind: AppointmentKind,
    /// When it starts.
    pub starts_at: At,
    /// Its day in the team's time zone.
    pub on: On,
    /// What came of it.
    pub outcome: Outcome,
    /// How often it was put off.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub deferrals: i32,
    /// What it is for.
    #[schema(required = true, max_length = 500)]
    pub agenda: Option<String>,
    /// Whose prospect it is: you, or the agent with whom you go along.
    pub agent_id: Id,
    /// That agent's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// The supervisor who goes along (陪访).
    #[schema(required = true)]
    pub joint_visit_with: Option<Id>,
    /// That supervisor's name.
    #[schema(required = true, max_length = 100, example = "林主管")]
    pub joint_visit_name: Option<String>,
}

/// Somebody who falls back soon.
#[derive(Serialize, ToSchema)]
pub struct FallingBack {
    /// The prospect.
    pub prospect_id: Id,
    /// The name; null when it was erased.
    #[schema(required = true, max_length = 100, example = "刘岩")]
    pub name: Option<String>,
    /// Where it stands.
    pub stage: Stage,
    /// When it falls back if nothing is entered.
    pub falls_back_on: On,
    /// Where to.
    pub falls_back_to: Stage,
    /// Days left on the clock, negative when over; null where no clock runs.
    #[schema(required = true, minimum = -100_000, maximum = 1000, example = 3)]
    pub days_left: Option<i64>,
}

/// A number to reach.
#[derive(Serialize, ToSchema)]
pub struct DayTarget {
    /// So far today.
    #[schema(minimum = 0, maximum = 1_000_000, example = 6)]
    pub done: i64,
    /// What the benchmark asks of a day.
    #[schema(minimum = 0, maximum = 1000, example = 15)]
    pub wanted: i64,
}

/// The numbers of a day (15-7-1).
#[derive(Serialize, ToSchema)]
pub struct DayTargets {
    /// Calls.
    pub dials: DayTarget,
    /// Calls answered.
    pub connects: DayTarget,
    /// Appointments agreed.
    pub appointments_set: DayTarget,
}

/// An agent's day.
#[derive(Serialize, ToSchema)]
pub struct Today {
    /// Whose.
    pub subject: ReportSubject,
    /// The day.
    pub on: On,
    /// Today's appointments, in order of time; for a supervisor also those to which you go along (陪访).
    #[schema(max_items = 10_000)]
    pub appointments: Vec<DayAppointment>,
    /// Appointments whose day has passed without an outcome, oldest first.
    #[schema(max_items = 10_000)]
    pub outcomes_to_enter: Vec<DayAppointment>,
    /// Who falls back within a week if nothing is entered, soonest first.
    #[schema(max_items = 100_000)]
    pub falls_back_soon: Vec<FallingBack>,
    /// Numbers to reach today.
    pub targets: DayTargets,
    /// The level of first appointments, and what has to be filled up.
    pub first_appointments: AgentLevel,
    /// What to do, in order of doing.
    #[schema(max_items = 100_000)]
    pub next_actions: Vec<ActionView>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

fn targets(counts: &DayCounts, b: &Benchmarks) -> DayTargets {
    let target = |done, wanted: i32| DayTarget { done, wanted: i64::from(wanted) };
    DayTargets {
        dials: target(counts.dials, b.dials_a_day),
        connects: target(counts.connects, b.connects_a_day),
        appointments_set: target(counts.appointments_set, b.appointments_a_day),
    }
}

/// Show my day
///
/// Today's appointments, outcomes to enter, who falls back soon, the numbers to reach and what to do next, in one request.
#[utoipa::path(tag = "me", operation_id = "getToday",
    responses((status = 200, description = "The day.", body = Today)))]
#[get("/v1/today")]
pub async fn get_today(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
) -> Result<HttpResponse, Problem> {
    let view = due::read(&app, &caller, move |conn, actor, now| build(conn, actor, now, language.0)).await?;
    people::shown(&app, &caller, view.people()).await?;
    Ok(HttpResponse::Ok().json(view))
}

impl Today {
    /// Everybody who is named in it.
    fn people(&self) -> impl Iterator<Item = Id> {
        let meetings = self.appointments.iter().chain(&self.outcomes_to_enter).map(|a| a.prospect_id);
        let soon = self.falls_back_soon.iter().map(|f| f.prospect_id);
        meetings.chain(soon).chain(self.next_actions.iter().filter_map(|action| action.prospect_id))
    }
}

fn build(conn: &mut Conn, actor: &Actor, now: DateTime<Utc>, language: Language) -> Result<Today, Problem> {
    let asked = PositionQuery { agent_id: Some(actor.id), ..PositionQuery::default() };
    let (subject, day) = Subject::load(conn, actor, asked, now, |today| asked.day(today))?;
    let (today, agent) = (day.to, actor.id);
    let (appointments, mut open): (Vec<_>, Vec<_>) =
        diary(conn, actor, today)?.into_iter().partition(|a| a.on.0 == today);
    open.retain(|a| a.outcome == Outcome::Open);
    let context = subject.agent_contexts(conn)?;
    // One look serves the day's numbers, the level and the names to call.
    let back = first_appointments::looks_back(&context, today);
    let done = activity_counts::load(conn, &subject.members, day, back)?;
    let counts = done.day_counts(&subject.members);
    let developed = done.developed_on();
    let board = figures::own_board(conn, agent)?;
    let settings = subject.settings.on(today);
    let tenure = context.get(&agent).map_or(i64::MAX, |context| days_between(context.joined_on, today));
    let experience = Experience::of(tenure, settings.beginner_tenure_days);
    let reading = read(&BoardCounts::of(board.iter().map(|entry| entry.row.stage)), experience);
    let own = developed.get(&agent).map_or(&[][..], Vec::as_slice);
    let next_actions = next_actions::of(&subject, &board, own, &reading, language);
    let sources = first_appointments::Sources::new(context, developed);
    let level = first_appointments::levels(&sources, &subject, today).pop();
    Ok(Today {
        subject: subject.view(today),
        on: On(today),
        appointments,
        outcomes_to_enter: open,
        falls_back_soon: falling_back(&board, today),
        targets: targets(&counts.get(&agent).copied().unwrap_or_default(), &settings.benchmarks),
        first_appointments: level.ok_or_else(|| Problem::new(Code::NotFound))?,
        next_actions,
        definition: ReportDefinition::of(Report::Today, language),
    })
}

/// Today's appointments, and those of the last ninety days.
fn diary(conn: &mut Conn, actor: &Actor, today: NaiveDate) -> Result<Vec<DayAppointment>, Problem> {
    let rows = today::meetings(conn, actor, Window { from: plus_days(today, -90), to: today })?;
    let view = |m: DayMeeting| DayAppointment {
        prospect_id: m.row.prospect_id,
        name: m.name,
        appointment_id: m.row.appointment_id,
        kind: m.row.kind,
        starts_at: At(m.row.starts_at.and_utc()),
        on: On(m.row.day),
        outcome: m.row.outcome,
        deferrals: m.row.deferrals,
        agenda: m.agenda,
        agent_id: m.agent_id,
        agent_name: m.agent_name,
        joint_visit_with: m.row.joint_visit_with,
        joint_visit_name: m.visitor_name,
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Whoever falls back within a week, soonest first.
fn falling_back(board: &[BoardEntry], today: NaiveDate) -> Vec<FallingBack> {
    let is_soon = |entry: &&BoardEntry| {
        let row = &entry.row;
        row.stage.is_prospect() && row.falls_back_on.is_some_and(|on| days_between(today, on) <= SOON_DAYS)
    };
    let mut soon: Vec<&BoardEntry> = board.iter().filter(is_soon).collect();
    soon.sort_by_key(|entry| (entry.row.falls_back_on, entry.row.id));
    let view = |entry: &BoardEntry| {
        let clock = entry.row.card.0.clock(entry.row.stage, today);
        Some(FallingBack {
            prospect_id: entry.row.id,
            name: entry.name.clone(),
            stage: entry.row.stage,
            falls_back_on: On(clock.falls_back_on?),
            falls_back_to: clock.falls_back_to?,
            days_left: clock.days_left,
        })
    };
    soon.into_iter().filter_map(view).collect()
}
