//! `/v1/teams`: the team tree. Agents see their own team, supervisors theirs and those below; only supervisors write.

use actix_web::{HttpRequest, HttpResponse, get, http::header, patch, post, web};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::people_rules;
use crate::{
    api::{
        extract::{
            At, Caller, Given, IfMatch, Line, PathId, StrictQuery, ValidJson, etag_of, faults::invalid,
        },
        middleware::idempotency::{self, Answer},
        problem::document::Problem,
        respond::page::{self, Page},
    },
    app::App,
    clock::Occasion,
    commands::organisation::{refused::Refused, teams},
    domain::{
        organisation::actor::Actor,
        values::{id::Id, text::Text},
    },
    store::{
        Conn,
        organisation::teams::{self as stored, Team},
    },
};

/// A team.
#[derive(Serialize, ToSchema)]
#[schema(as = Team, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "parent_id": null, "name": "一组",
    "time_zone": "Asia/Shanghai", "version": 1, "created_at": "2009-01-05T01:00:00Z", "updated_at": "2009-01-05T01:00:00Z"}))]
pub struct TeamView {
    /// Id.
    pub id: Id,
    /// The team above; null for the top, and where the caller may not see it.
    #[schema(required = true)]
    pub parent_id: Option<Id>,
    /// Name.
    #[schema(max_length = 100, example = "一组")]
    pub name: String,
    /// Time zone: its members' dates are dates in it.
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When it was made.
    pub created_at: At,
    /// When it was last written.
    pub updated_at: At,
}

impl TeamView {
    /// The view of a team for somebody of `own_team`, which is the top of what that person may see.
    fn new(team: Team, own_team: Id) -> Self {
        TeamView {
            parent_id: team.parent_id.filter(|_| team.id != own_team),
            id: team.id,
            name: team.name,
            time_zone: team.time_zone,
            version: team.version,
            created_at: At(team.created_at.and_utc()),
            updated_at: At(team.updated_at.and_utc()),
        }
    }
}

/// A page of teams.
#[derive(Serialize, ToSchema)]
pub struct TeamPage {
    /// Teams by id.
    #[schema(max_items = 100)]
    pub data: Vec<TeamView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which page.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TeamQuery {
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[validate(length(min = 1, max = 1000))]
    #[param(min_length = 1, max_length = 1000)]
    pub cursor: Option<String>,
}

/// A team to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "二组", "parent_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f"}))]
pub struct CreateTeam {
    /// An id of your own making; the service makes one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// Name.
    #[schema(example = "二组")]
    pub name: Line<100>,
    /// The team above, within the own subtree.
    pub parent_id: Id,
    /// Time zone by its IANA name; that of the team above when absent.
    #[serde(default)]
    #[validate(length(min = 1, max = 64), custom(function = "is_time_zone"))]
    #[schema(min_length = 1, max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: Option<String>,
}

/// Changes to a team.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"name": "一组（东）"}))]
pub struct UpdateTeam {
    /// Name.
    #[schema(value_type = Line<100>, required = false, example = "一组")]
    pub name: Given<Line<100>>,
}

fn is_time_zone(name: &str) -> Result<(), ValidationError> {
    name.parse::<Tz>().map(drop).map_err(|_| {
        invalid(
            "unknown_time_zone",
            Text::new(
                "The IANA name of a time zone, e.g. Asia/Shanghai.",
                "应为 IANA 时区名称，例如 Asia/Shanghai。",
            ),
        )
    })
}

/// List teams
///
/// Supervisors see their own team and those below it, agents their own. In order of id.
#[utoipa::path(tag = "teams", operation_id = "listTeams", params(TeamQuery),
    responses((status = 200, description = "A page of teams.", body = TeamPage)))]
#[get("/v1/teams")]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    query: StrictQuery<TeamQuery>,
) -> Result<HttpResponse, Problem> {
    let TeamQuery { limit, cursor } = query.0;
    let page = Page::new(&app, &caller, &request, limit, &());
    let after: Option<Id> = page.after(cursor.as_deref())?;
    let fetch = page.fetch();
    let read =
        move |conn: &mut Conn, actor: &Actor| Ok((stored::list(conn, actor, after, fetch)?, actor.team_id));
    let (mut rows, own_team) = caller.read(&app, read).await?;
    let next_cursor = page.cut(&mut rows, |team: &Team| team.id);
    let body = TeamPage {
        data: rows.into_iter().map(|team| TeamView::new(team, own_team)).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one team
///
/// Name, time zone and the team above.
#[utoipa::path(tag = "teams", operation_id = "getTeam",
    responses((status = 200, description = "The team.", body = TeamView)))]
#[get("/v1/teams/{team_id}")]
pub async fn get(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let read = move |conn: &mut Conn, actor: &Actor| Ok((stored::find(conn, actor, id.0)?, actor.team_id));
    let (team, own_team) = caller.read(&app, read).await?;
    let view = TeamView::new(team, own_team);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag(&view))).json(view))
}

/// Make a team
///
/// Supervisors only, below the own team.
#[utoipa::path(tag = "teams", operation_id = "createTeam", request_body = CreateTeam,
    responses((status = 201, description = "Made.", body = TeamView)))]
#[post("/v1/teams")]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    body: ValidJson<CreateTeam>,
) -> Result<HttpResponse, Problem> {
    let CreateTeam { id, parent_id, name, time_zone } = body.0;
    let (source, new) = (app.clone(), teams::New { id, parent_id, name: name.into(), time_zone });
    idempotency::run_as_supervisor(&app, &caller, &request, move |conn, actor| {
        let made = teams::make(conn, actor, &Occasion::of(&source.clock, source.ids), new);
        let view = TeamView::new(made.map_err(refused)?, actor.team_id);
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/teams/{}", view.id))
            .header("ETag", tag(&view)))
    })
    .await
}

/// Whether the team above is shown depends on the reader's own team.
fn tag(view: &TeamView) -> String {
    etag_of(i64::from(view.version), view)
}

fn refused(refused: Refused) -> Problem {
    people_rules::refused(refused, "/parent_id", "")
}

/// Rename a team
///
/// Supervisors only.
#[utoipa::path(tag = "teams", operation_id = "updateTeam", request_body = UpdateTeam,
    responses((status = 200, description = "Changed.", body = TeamView)))]
#[patch("/v1/teams/{team_id}")]
pub async fn update(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<UpdateTeam>,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let (team, own_team) = caller
        .write(&app, move |conn, actor| {
            let seen = if_match.seen()?;
            let renamed =
                teams::rename(conn, actor, &occasion, (id.0, &seen), body.0.name.0.map(String::from));
            Ok((renamed.map_err(refused)?, actor.team_id))
        })
        .await?;
    let view = TeamView::new(team, own_team);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag(&view))).json(view))
}
