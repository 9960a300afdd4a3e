//! `/v1/agents`: the roster. Agents see themselves, supervisors their own team and those below; only supervisors write.

use actix_web::{HttpRequest, HttpResponse, get, http::header, patch, post, put, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::{auth::not_checked, people_rules};
use crate::{
    api::{
        extract::{
            At, Caller, Given, IfMatch, Line, On, Patch, PathId, StrictQuery, ValidJson, etag, etag_of,
            faults::invalid, supervisor,
        },
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::page::{self, Page},
    },
    app::App,
    clock::Occasion,
    commands::organisation::{refused::Refused, users},
    domain::{
        organisation::{
            actor::{Actor, Role},
            user::{AgentCode, Status, Username},
        },
        values::{id::Id, text::Text},
    },
    store::{
        Conn,
        organisation::users::{self as stored, Filter, User},
    },
};

/// A person of the roster.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "username": "agent-a",
    "display_name": "张三", "agent_code": "10017", "role": "agent", "status": "active", "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "team_name": "一组", "member_since": "2009-01-05", "version": 1,
    "created_at": "2009-01-05T01:00:00Z", "updated_at": "2009-01-05T01:00:00Z"}))]
pub struct AgentView {
    /// Id.
    pub id: Id,
    /// The name to sign in with.
    #[schema(max_length = 64, example = "agent-a")]
    pub username: String,
    /// The name to show.
    #[schema(max_length = 100, example = "张三")]
    pub display_name: String,
    /// The number by which the insurer's other systems know an agent (工号); null without one.
    #[schema(required = true, max_length = 32, pattern = "^[A-Z0-9][A-Z0-9._-]{1,31}$", example = "10017")]
    pub agent_code: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// Whether the user may sign in.
    pub status: Status,
    /// The present team.
    pub team_id: Id,
    /// Its name.
    #[schema(max_length = 100, example = "一组")]
    pub team_name: String,
    /// First day in it.
    pub member_since: On,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When the user was made.
    pub created_at: At,
    /// When the user was last written.
    pub updated_at: At,
}

impl From<User> for AgentView {
    fn from(user: User) -> Self {
        AgentView {
            id: user.id,
            username: user.username,
            display_name: user.display_name,
            agent_code: user.agent_code,
            role: user.role,
            status: user.status,
            team_id: user.team_id,
            team_name: user.team_name,
            member_since: On(user.member_since),
            version: user.version,
            created_at: At(user.created_at.and_utc()),
            updated_at: At(user.updated_at.and_utc()),
        }
    }
}

/// A page of the roster.
#[derive(Serialize, ToSchema)]
pub struct AgentPage {
    /// People by user name.
    #[schema(max_items = 100)]
    pub data: Vec<AgentView>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which people.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgentQuery {
    /// Of this team only (not of those below it).
    pub team_id: Option<Id>,
    /// With this role.
    pub role: Option<Role>,
    /// With this status.
    pub status: Option<Status>,
    /// Part of the display name, of its pinyin or initials, or of the user name.
    pub q: Option<Line<100>>,
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

/// Somebody to be added.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "li.si", "display_name": "李四", "role": "agent",
    "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "password": "a first password"}))]
pub struct CreateAgent {
    /// An id of your own making; the service makes one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// The name to sign in with: 2 to 64 of `a-z 0-9 . _ -`; capital letters count as small ones.
    #[validate(custom(function = "is_username"))]
    #[schema(
        min_length = 2,
        max_length = 64,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$",
        example = "li.si"
    )]
    pub username: String,
    /// The name to show.
    #[schema(example = "李四")]
    pub display_name: Line<100>,
    /// The number by which the insurer's other systems know the agent (工号): 2 to 32 of `A-Z 0-9 . _ -`; small letters count
    /// as capital ones.
    #[serde(default)]
    #[validate(custom(function = "is_agent_code"))]
    #[schema(
        min_length = 2,
        max_length = 32,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$",
        example = "10017"
    )]
    pub agent_code: Option<String>,
    /// What the user may do.
    pub role: Role,
    /// The first team.
    pub team_id: Id,
    /// First day in the team; today when absent, never in the future.
    #[serde(default)]
    pub member_from: Option<On>,
    /// The first password: 10 to 128 characters.
    #[validate(length(min = 10, max = 128))]
    #[schema(min_length = 10, max_length = 128, format = "password", example = "a first password")]
    pub password: String,
}

/// Changes to a person.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"status": "disabled"}))]
pub struct UpdateAgent {
    /// The name to show.
    #[schema(value_type = Line<100>, required = false, example = "李四")]
    pub display_name: Given<Line<100>>,
    /// The number by which the insurer's other systems know the agent (工号); null takes it away.
    #[validate(custom(function = "is_patch_of_agent_code"))]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 32,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$", example = "10017")]
    pub agent_code: Patch<String>,
    /// What the user may do; counts at once, also for tokens already given out.
    #[schema(value_type = Role, required = false)]
    pub role: Given<Role>,
    /// Whether the user may sign in; `disabled` ends every login and every link to the calendar at once.
    #[schema(value_type = Status, required = false)]
    pub status: Given<Status>,
}

/// A new password for somebody.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "a new password"}))]
pub struct UpdateAgentPassword {
    /// 10 to 128 characters.
    #[validate(length(min = 10, max = 128))]
    #[schema(min_length = 10, max_length = 128, format = "password", example = "a new password")]
    pub password: String,
}

fn is_username(name: &str) -> Result<(), ValidationError> {
    name.parse::<Username>().map(drop).map_err(|_| {
        invalid(
            "invalid_username",
            Text::new(
                "2 to 64 letters, digits, dots, underscores or hyphens, beginning with a letter or digit.",
                "2 至 64 个英文字母、数字、点、下划线或连字符，以字母或数字开头。",
            ),
        )
    })
}

/// Whether a text can be the code of an agent.
pub(super) fn is_agent_code(code: &str) -> Result<(), ValidationError> {
    code.parse::<AgentCode>().map(drop).map_err(|_| {
        invalid(
            "invalid_agent_code",
            Text::new(
                "2 to 32 letters, digits, dots, underscores or hyphens, beginning with a letter or digit.",
                "2 至 32 个英文字母、数字、点、下划线或连字符，以字母或数字开头。",
            ),
        )
    })
}

fn is_patch_of_agent_code(code: &Patch<String>) -> Result<(), ValidationError> {
    code.as_set().map_or(Ok(()), |code| is_agent_code(code))
}

/// List the roster
///
/// Supervisors see their own team and those below it, agents themselves. In order of user name.
#[utoipa::path(tag = "agents", operation_id = "listAgents", params(AgentQuery),
    responses((status = 200, description = "A page of people.", body = AgentPage)))]
#[get("/v1/agents")]
pub async fn list(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    query: StrictQuery<AgentQuery>,
) -> Result<HttpResponse, Problem> {
    let AgentQuery { team_id, role, status, q, limit, cursor } = query.0;
    let page = Page::new(&app, &caller, &request, limit, &(team_id, role, status, &q));
    let after: Option<String> = page.after(cursor.as_deref())?;
    let filter = Filter { team_id, role, status, search: q.map(String::from), after };
    let fetch = page.fetch();
    let read = move |conn: &mut Conn, actor: &Actor| Ok(stored::list(conn, &actor.scope, &filter, fetch)?);
    let mut rows = caller.read(&app, read).await?;
    let next_cursor = page.cut(&mut rows, |user: &User| user.username.clone());
    let body = AgentPage {
        data: rows.into_iter().map(AgentView::from).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one person
///
/// With the present team.
#[utoipa::path(tag = "agents", operation_id = "getAgent",
    responses((status = 200, description = "The person.", body = AgentView)))]
#[get("/v1/agents/{agent_id}")]
pub async fn get(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let user = caller.read(&app, move |conn, actor| Ok(stored::find(conn, &actor.scope, id.0)?)).await?;
    let view = AgentView::from(user);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag(&view))).json(view))
}

/// Add a person
///
/// Supervisors only, into a team of the own subtree.
#[utoipa::path(tag = "agents", operation_id = "createAgent", request_body = CreateAgent,
    responses((status = 201, description = "Added.", body = AgentView)))]
#[post("/v1/agents")]
pub async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    body: ValidJson<CreateAgent>,
) -> Result<HttpResponse, Problem> {
    // Asked before hashing, which is dear.
    supervisor(&caller.look(&app).await?)?;
    let new = body.0;
    let password_hash = app.passwords.hash(new.password.clone()).await.map_err(not_checked)?;
    let new = users::New {
        id: new.id,
        username: new.username.parse().map_err(|_| Problem::new(Code::ValidationFailed))?,
        display_name: new.display_name.into(),
        agent_code: new.agent_code.and_then(|code| code.parse().ok()),
        role: new.role,
        password_hash,
        team_id: new.team_id,
        member_from: new.member_from.map(|on| on.0),
    };
    let source = app.clone();
    idempotency::run_as_supervisor(&app, &caller, &request, move |conn, actor| {
        let added = users::add(conn, actor, &Occasion::of(&source.clock, source.ids), new);
        let view = AgentView::from(added.map_err(refused)?);
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/agents/{}", view.id))
            .header("ETag", tag(&view)))
    })
    .await
}

/// Change a person
///
/// Supervisors only: display name, code, role, status. Nobody changes the own role or status.
#[utoipa::path(tag = "agents", operation_id = "updateAgent", request_body = UpdateAgent,
    responses((status = 200, description = "Changed.", body = AgentView)))]
#[patch("/v1/agents/{agent_id}")]
pub async fn update(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<UpdateAgent>,
) -> Result<HttpResponse, Problem> {
    let (occasion, patch) = (Occasion::of(&app.clock, app.ids), body.0);
    let change = users::Change {
        display_name: patch.display_name.0.map(String::from),
        agent_code: patch.agent_code.told().map(|code| code.and_then(|code| code.parse().ok())),
        role: patch.role.0,
        status: patch.status.0,
    };
    let user = caller
        .write(&app, move |conn, actor| {
            let seen = if_match.seen()?;
            users::change(conn, actor, &occasion, (id.0, &seen), change).map_err(refused)
        })
        .await?;
    let view = AgentView::from(user);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag(&view))).json(view))
}

/// Reset somebody's password
///
/// Supervisors only; ends every login of that person and every link to the calendar. Somebody whom a machine put on the
/// roster may sign in once a password is set for the first time. The own password is changed at `/v1/me/password`.
#[utoipa::path(tag = "agents", operation_id = "updateAgentPassword", request_body = UpdateAgentPassword,
    responses((status = 204, description = "Set.")))]
#[put("/v1/agents/{agent_id}/password")]
pub async fn reset_password(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<UpdateAgentPassword>,
) -> Result<HttpResponse, Problem> {
    let (occasion, seen) = (Occasion::of(&app.clock, app.ids), if_match.seen());
    let seen = caller
        .read(&app, move |conn, actor| {
            let seen = seen?;
            users::may_reset_password(conn, actor, id.0).map_err(refused)?;
            Ok(seen)
        })
        .await?;
    let hash = app.passwords.hash(body.0.password).await.map_err(not_checked)?;
    let version = caller
        .write(&app, move |conn, actor| {
            users::reset_password(conn, actor, &occasion, (id.0, &seen), &hash).map_err(refused)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header((header::ETAG, etag(i64::from(version), &[]))).finish())
}

/// The name of the team is shown, and changes without the person being written.
fn tag(view: &AgentView) -> String {
    etag_of(i64::from(view.version), view)
}

fn refused(refused: Refused) -> Problem {
    people_rules::refused(refused, "/team_id", "/member_from")
}
