//! `/v1/settings`: what the organisation, its teams and, for figures to reach, single agents have chosen, effective-dated.

use actix_web::{HttpResponse, get, patch, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    extract::{Caller, Given, IfMatch, On, Patch, StrictQuery, ValidJson, etag, one_of, supervisor},
    problem::{Code, Problem},
};
use crate::{
    app::App,
    clock::Occasion,
    commands::organisation::settings::{self, Refused},
    domain::{
        actor::Actor,
        benchmark::Benchmarks,
        calendar::SheetWeekStart,
        id::Id,
        settings::{Choice, FallbackMode, Settings, SettingsPatch},
        text::Text,
    },
    store::{
        Conn,
        cycles::{self, ChosenSettings, SettingsOf},
    },
};

/// Whose settings, on which day.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SettingsQuery {
    /// The team; the organisation's own choices when neither is given.
    #[serde(default)]
    #[param(required = false)]
    pub team_id: Option<Id>,
    /// One agent instead: what is in force for this agent.
    #[serde(default)]
    #[param(required = false)]
    pub agent_id: Option<Id>,
    /// The day asked about; today when absent.
    #[serde(default)]
    #[param(required = false)]
    pub as_of: Option<On>,
}

/// Whose settings to change.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SettingsTarget {
    /// The team; the organisation when neither is given (only supervisors of the one team that stands above all others).
    #[serde(default)]
    #[param(required = false)]
    pub team_id: Option<Id>,
    /// One agent instead; only figures: `benchmarks`, `first_appointments_a_week`, `beginner_tenure_days`, `default_cycle_days`.
    #[serde(default)]
    #[param(required = false)]
    pub agent_id: Option<Id>,
}

/// Settings in force.
#[derive(Serialize, ToSchema)]
#[schema(as = Settings)]
pub struct SettingsView {
    /// The team; null for the organisation and for an agent.
    #[schema(required = true)]
    pub team_id: Option<Id>,
    /// The agent; null for the organisation and for a team.
    #[schema(required = true)]
    pub agent_id: Option<Id>,
    /// The day asked about.
    pub as_of: On,
    /// What happens when a fallback is due.
    pub fallback: FallbackMode,
    /// Days a stale criterion is tolerated at 50%.
    #[schema(minimum = 0, maximum = 90, example = 7)]
    pub criteria_grace_days: i32,
    /// Whether a move to 50% needs the confirmation of a supervisor.
    #[schema(example = false)]
    pub confirm_stage_50: bool,
    /// Weekday on which the sheet's week starts.
    pub sheet_week_start: SheetWeekStart,
    /// How many last deals make the cycle.
    #[schema(minimum = 10, maximum = 20, example = 10)]
    pub cycle_window: i32,
    /// The cycle of an agent who has neither deals nor a declared value, and of the deals missing in the window, days.
    #[schema(minimum = 7, maximum = 365, example = 28)]
    pub default_cycle_days: i32,
    /// Shortest cycle a measurement may give, days.
    #[schema(minimum = 1, maximum = 365, example = 7)]
    pub cycle_min_days: i32,
    /// Longest cycle a measurement may give, days.
    #[schema(minimum = 1, maximum = 365, example = 365)]
    pub cycle_max_days: i32,
    /// Cooling-off period where no product says otherwise, natural days.
    #[schema(minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: i32,
    /// New first appointments a week that keep the board full.
    #[schema(minimum = 0, maximum = 100, example = 5)]
    pub first_appointments_a_week: i32,
    /// Days in the service during which an agent counts as a beginner.
    #[schema(minimum = 0, maximum = 3650, example = 180)]
    pub beginner_tenure_days: i32,
    /// What measured ratios are held against.
    pub benchmarks: BenchmarksBody,
}

/// A choice of some settings, in force from a day on: absent keeps, null takes the own choice back, so that what the team
/// above, the organisation or the default has is in force again.
#[derive(Deserialize, Serialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
pub struct SettingsChange {
    /// First day; today when absent, never in the past.
    #[schema(value_type = On, required = false)]
    pub valid_from: Given<On>,
    /// What happens when a fallback is due.
    #[schema(value_type = Option<FallbackMode>)]
    pub fallback: Patch<FallbackMode>,
    /// Days a stale criterion is tolerated at 50%.
    #[validate(range(min = 0, max = 90))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 90, example = 7)]
    pub criteria_grace_days: Patch<i32>,
    /// Whether a move to 50% needs the confirmation of a supervisor.
    #[schema(value_type = Option<bool>)]
    pub confirm_stage_50: Patch<bool>,
    /// Weekday on which the sheet's week starts.
    #[schema(value_type = Option<SheetWeekStart>)]
    pub sheet_week_start: Patch<SheetWeekStart>,
    /// How many last deals make the cycle: 10 or 20.
    #[validate(custom(function = "window"))]
    #[schema(value_type = Option<i32>, minimum = 10, maximum = 20, example = 10)]
    pub cycle_window: Patch<i32>,
    /// The cycle of an agent who has neither deals nor a declared value, and of the deals missing in the window, days.
    #[validate(range(min = 7, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 7, maximum = 365, example = 28)]
    pub default_cycle_days: Patch<i32>,
    /// Shortest cycle a measurement may give, days.
    #[validate(range(min = 1, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365, example = 7)]
    pub cycle_min_days: Patch<i32>,
    /// Longest cycle a measurement may give, days.
    #[validate(range(min = 1, max = 365))]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 365, example = 365)]
    pub cycle_max_days: Patch<i32>,
    /// Cooling-off period, natural days.
    #[validate(range(min = 0, max = 60))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 60, example = 10)]
    pub cooling_off_days: Patch<i32>,
    /// New first appointments a week that keep the board full.
    #[validate(range(min = 0, max = 100))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 100, example = 5)]
    pub first_appointments_a_week: Patch<i32>,
    /// Days in the service during which an agent counts as a beginner.
    #[validate(range(min = 0, max = 3650))]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 3650, example = 180)]
    pub beginner_tenure_days: Patch<i32>,
    /// What measured ratios are held against; the sets are chosen together.
    #[validate(nested)]
    #[schema(value_type = Option<BenchmarksBody>)]
    pub benchmarks: Patch<BenchmarksBody>,
}

/// The method's benchmark sets: 15-7-1 a day, 8 appointments a week, 8:1, 20:5:1. They stand beside each other and are
/// never chained.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone, Copy)]
#[serde(deny_unknown_fields)]
#[schema(as = Benchmarks)]
pub struct BenchmarksBody {
    /// New contacts dialled a working day.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 15)]
    pub dials_a_day: i32,
    /// Of those, reached.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 7)]
    pub connects_a_day: i32,
    /// Of those, agreed to meet.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 1)]
    pub appointments_a_day: i32,
    /// New appointments held a week.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub new_a_week: i32,
    /// Deferred ones held a week.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub deferred_a_week: i32,
    /// Appointments held for one policy.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 8)]
    pub appointments_per_sale: i32,
    /// New contacts for one sale.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 20)]
    pub contacts_per_sale: i32,
    /// Prospects for one sale.
    #[validate(range(min = 1, max = 1000))]
    #[schema(minimum = 1, maximum = 1000, example = 5)]
    pub prospects_per_sale: i32,
    /// Working days a week.
    #[validate(range(min = 1, max = 7))]
    #[schema(minimum = 1, maximum = 7, example = 5)]
    pub days_a_week: i32,
    /// Working weeks a year.
    #[validate(range(min = 1, max = 52))]
    #[schema(minimum = 1, maximum = 52, example = 50)]
    pub weeks_a_year: i32,
}

macro_rules! same_fields {
    ($from:ty => $to:ident { $($field:ident),* }) => {
        impl From<$from> for $to {
            fn from(b: $from) -> Self {
                $to { $($field: b.$field),* }
            }
        }
    };
}
macro_rules! both_ways {
    ($($field:ident),*) => {
        same_fields!(Benchmarks => BenchmarksBody { $($field),* });
        same_fields!(BenchmarksBody => Benchmarks { $($field),* });
    };
}
both_ways!(
    dials_a_day,
    connects_a_day,
    appointments_a_day,
    new_a_week,
    deferred_a_week,
    appointments_per_sale,
    contacts_per_sale,
    prospects_per_sale,
    days_a_week,
    weeks_a_year
);

fn window(value: &Patch<i32>) -> Result<(), validator::ValidationError> {
    if matches!(value.as_set(), None | Some(10 | 20)) {
        return Ok(());
    }
    Err(super::extract::faults::invalid("ten_or_twenty", Text::new("10 or 20.", "应为 10 或 20。")))
}

fn view(whose: &SettingsOf, day: On, s: &Settings) -> SettingsView {
    let (team_id, agent_id) = match whose {
        SettingsOf::Organisation => (None, None),
        SettingsOf::Team { id, .. } => (Some(*id), None),
        SettingsOf::Agent(id) => (None, Some(*id)),
    };
    SettingsView {
        team_id,
        agent_id,
        as_of: day,
        fallback: s.fallback,
        criteria_grace_days: s.criteria_grace_days,
        confirm_stage_50: s.confirm_stage_50,
        sheet_week_start: s.sheet_week_start,
        cycle_window: s.cycle_window,
        default_cycle_days: s.default_cycle_days,
        cycle_min_days: s.cycle_min_days,
        cycle_max_days: s.cycle_max_days,
        cooling_off_days: s.cooling_off_days,
        first_appointments_a_week: s.first_appointments_a_week,
        beginner_tenure_days: s.beginner_tenure_days,
        benchmarks: s.benchmarks.into(),
    }
}

/// Whose settings a query names, within the caller's reach.
///
/// # Errors
/// 404 outside the reach, 400 for both a team and an agent.
fn whose(
    conn: &mut Conn,
    actor: &Actor,
    team_id: Option<Id>,
    agent_id: Option<Id>,
) -> Result<SettingsOf, Problem> {
    match (team_id, agent_id) {
        (Some(_), Some(_)) => Err(one_of()),
        (Some(id), None) => Ok(SettingsOf::Team { id, path: cycles::team_in_scope(conn, actor, id)? }),
        (None, Some(id)) => {
            cycles::of_agent_in_scope(conn, &actor.scope, id)?;
            Ok(SettingsOf::Agent(id))
        }
        (None, None) => Ok(SettingsOf::Organisation),
    }
}

/// For an agent only figures are chosen; what decides about moves and sheets is the same for a whole team.
fn for_an_agent(patch: &SettingsPatch) -> Result<(), Problem> {
    let others = [
        ("/fallback", !patch.fallback.is_kept()),
        ("/criteria_grace_days", !patch.criteria_grace_days.is_kept()),
        ("/confirm_stage_50", !patch.confirm_stage_50.is_kept()),
        ("/sheet_week_start", !patch.sheet_week_start.is_kept()),
        ("/cycle_window", !patch.cycle_window.is_kept()),
        ("/cycle_min_days", !patch.cycle_min_days.is_kept()),
        ("/cycle_max_days", !patch.cycle_max_days.is_kept()),
        ("/cooling_off_days", !patch.cooling_off_days.is_kept()),
    ];
    let given = others.into_iter().filter(|(_, given)| *given);
    let problem = given.fold(None, |problem: Option<Problem>, (pointer, _)| {
        let detail =
            Text::new("This is chosen for teams, not for one agent.", "此项按团队设置，不能按业务员设置。");
        let problem = problem.unwrap_or_else(|| Problem::new(Code::ValidationFailed));
        Some(problem.error(pointer, "of_teams_only", detail, json!({})))
    });
    problem.map_or(Ok(()), Err)
}

/// Show settings
///
/// What is in force for a team or an agent on a day: the own choices over those of the teams above, over the
/// organisation's, over the defaults.
#[utoipa::path(tag = "administration", operation_id = "getSettings", params(SettingsQuery),
    responses((status = 200, description = "The settings.", body = SettingsView)))]
#[get("/v1/settings")]
pub async fn get_settings(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<SettingsQuery>,
) -> Result<HttpResponse, Problem> {
    let SettingsQuery { team_id, agent_id, as_of } = query.0;
    let business_now = app.clock.business_now();
    let (whose, settings, day) = caller
        .read(&app, move |conn, actor| {
            let whose = whose(conn, actor, team_id, agent_id)?;
            let settings = cycles::settings_of(conn, &whose)?;
            Ok((whose, settings, as_of.unwrap_or(On(actor.today(business_now)))))
        })
        .await?;
    Ok(shown(&whose, day, &settings))
}

fn shown(whose: &SettingsOf, day: On, settings: &ChosenSettings) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("ETag", etag(settings::version(settings), &[&day.0.to_string()])))
        .json(view(whose, day, settings.timeline.on(day.0)))
}

/// Choose settings
///
/// Records a choice for a team, the organisation or, for figures to reach, an agent, in force from a day on; null takes the
/// own choice of a setting back. What fell due before stays as it was. For the whole organisation only supervisors of the
/// one team that stands above all others choose: where several teams have no team above them, nobody does over the API.
#[utoipa::path(tag = "administration", operation_id = "updateSettings", params(SettingsTarget),
    request_body(content = SettingsChange, example = json!({"fallback": "propose"})),
    responses((status = 200, description = "Chosen.", body = SettingsView)))]
#[patch("/v1/settings")]
pub async fn update_settings(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<SettingsTarget>,
    if_match: IfMatch,
    body: ValidJson<SettingsChange>,
) -> Result<HttpResponse, Problem> {
    let (source, target) = (app.clone(), query.0);
    let (whose, settings, valid_from) = caller
        .write(&app, move |conn, actor| {
            supervisor(actor)?;
            let seen = if_match.seen()?;
            let occasion = Occasion::of(&source.clock, source.ids);
            let valid_from = begins(body.0.valid_from.0, occasion.today(actor.time_zone))?;
            let patch = SettingsPatch::from(body.0);
            if target.agent_id.is_some() {
                for_an_agent(&patch)?;
            }
            let whose = whose(conn, actor, target.team_id, target.agent_id)?;
            let choice = (patch, valid_from);
            let chosen =
                settings::choose(conn, actor, &occasion, (&whose, &seen), choice).map_err(refused)?;
            Ok((whose, chosen, valid_from))
        })
        .await?;
    Ok(shown(&whose, On(valid_from), &settings))
}

/// The first day of a choice.
fn begins(given: Option<On>, today: NaiveDate) -> Result<NaiveDate, Problem> {
    let valid_from = given.map_or(today, |on| on.0);
    if valid_from >= today {
        return Ok(valid_from);
    }
    Err(Problem::new(Code::ValidationFailed).error(
        "/valid_from",
        "in_the_past",
        Text::new("Settings begin today or later.", "设置从今天或以后生效。"),
        json!({"today": today}),
    ))
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::NotTheHead => Problem::new(Code::Forbidden).detail(Text::new(
            "Only a supervisor of the one team that stands above all others chooses for the whole organisation. Choose for your own team with `team_id`.",
            "只有唯一最上级团队的主管可以为整个组织设置。请用 `team_id` 为自己的团队设置。",
        )),
        Refused::ShortestAboveLongest { longest } => Problem::new(Code::ValidationFailed).error(
            "/cycle_min_days",
            "above_maximum",
            Text::new("The shortest cycle is longer than the longest.", "最短周期不能大于最长周期。"),
            json!({"max": longest}),
        ),
    }
}

impl<T> From<Patch<T>> for Choice<T> {
    fn from(patch: Patch<T>) -> Self {
        match patch {
            Patch::Keep => Choice::Kept,
            Patch::Clear => Choice::Cleared,
            Patch::Set(value) => Choice::Chosen(value),
        }
    }
}

impl From<SettingsChange> for SettingsPatch {
    fn from(body: SettingsChange) -> Self {
        SettingsPatch {
            fallback: body.fallback.into(),
            criteria_grace_days: body.criteria_grace_days.into(),
            confirm_stage_50: body.confirm_stage_50.into(),
            sheet_week_start: body.sheet_week_start.into(),
            cycle_window: body.cycle_window.into(),
            default_cycle_days: body.default_cycle_days.into(),
            cycle_min_days: body.cycle_min_days.into(),
            cycle_max_days: body.cycle_max_days.into(),
            cooling_off_days: body.cooling_off_days.into(),
            first_appointments_a_week: body.first_appointments_a_week.into(),
            beginner_tenure_days: body.beginner_tenure_days.into(),
            benchmarks: body.benchmarks.map(Benchmarks::from).into(),
        }
    }
}
