//! `/v1/settings`: what the organisation, its teams and, for figures to reach, single agents have chosen, effective-dated.

use actix_web::{HttpResponse, get, patch, web};
use chrono::NaiveDate;
use serde_json::json;

mod bodies;

use crate::{
    api::{
        extract::{Caller, IfMatch, On, StrictQuery, ValidJson, etag_of, one_of, supervisor},
        problem::{Code, document::Problem},
    },
    app::App,
    clock::Occasion,
    commands::organisation::settings::{self, Refused},
    domain::{
        organisation::{actor::Actor, settings::SettingsPatch},
        values::{id::Id, text::Text},
    },
    store::{
        Conn,
        organisation::cycles::{self, ChosenSettings, SettingsOf},
    },
};
use bodies::{SettingsQuery, SettingsTarget, SettingsView, UpdateSettings};

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
        ("/issue_pending_days", !patch.issue_pending_days.is_kept()),
    ];
    let given = others.into_iter().filter(|(_, given)| *given);
    let problem = given.fold(None, |problem: Option<Problem>, (pointer, _)| {
        let detail =
            Text::new("This is chosen for teams, not for one agent.", "此项按团队设置，不能按代理人设置。");
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
    let view = SettingsView::new(whose, day, settings.timeline.on(day.0));
    // What is chosen above counts here as well.
    HttpResponse::Ok().insert_header(("ETag", etag_of(settings::version(settings), &view))).json(view)
}

/// Choose settings
///
/// Records a choice for a team, the organisation or, for figures to reach, an agent, in force from a day on; null takes the
/// own choice of a setting back. What fell due before stays as it was. For the whole organisation only supervisors of the
/// one team that stands above all others choose: where several teams have no team above them, nobody does over the API.
#[utoipa::path(tag = "administration", operation_id = "updateSettings", params(SettingsTarget),
    request_body(content = UpdateSettings, example = json!({"fallback": "propose"})),
    responses((status = 200, description = "Chosen.", body = SettingsView)))]
#[patch("/v1/settings")]
pub async fn update_settings(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<SettingsTarget>,
    if_match: IfMatch,
    body: ValidJson<UpdateSettings>,
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
