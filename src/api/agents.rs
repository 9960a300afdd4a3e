//! `/v1/agents`: the roster. Agents see themselves, supervisors their own team and those below; only supervisors write.

use actix_web::{HttpRequest, HttpResponse, get, http::header, patch, post, put, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::{Validate, ValidationError};

use super::{
    auth::not_checked,
    extract::{
        At, Caller, Given, IfMatch, IfNoneMatch, On, PathId, StrictQuery, ValidJson, etag, faults::invalid,
    },
    idempotency::{self, Answer},
    page::{self, Page},
    problem::{Code, Problem},
};
use crate::{
    app::App,
    domain::{
        actor::{Actor, Role},
        id::Id,
        text::Text,
        user::{MoveRefusal, Status, Username, may_move},
    },
    store::{
        Conn, StoreError,
        audit::{self, Entry},
        catch_up, sessions, teams,
        users::{self, Filter, Membership, NewUser, User},
    },
};

/// A person of the roster.
#[derive(Serialize, ToSchema)]
#[schema(as = Agent, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "username": "agent-a",
    "display_name": "张三", "role": "agent", "status": "active", "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
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
    #[validate(length(min = 1, max = 100), custom(function = "not_blank"))]
    #[schema(min_length = 1, max_length = 100, pattern = "\\S", example = "李四")]
    pub display_name: String,
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
pub struct PatchAgent {
    /// The name to show.
    #[validate(length(min = 1, max = 100))]
    #[schema(value_type = String, min_length = 1, max_length = 100, pattern = "\\S", required = false, example = "李四")]
    pub display_name: Given<String>,
    /// What the user may do; counts at once, also for tokens already given out.
    #[schema(value_type = Role, required = false)]
    pub role: Given<Role>,
    /// Whether the user may sign in; `disabled` ends every login at once.
    #[schema(value_type = Status, required = false)]
    pub status: Given<Status>,
}

/// A new password for somebody.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "a new password"}))]
pub struct ResetPassword {
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
                "2 至 64 个英文字母、数字、点、下划线或连字符,以字母或数字开头。",
            ),
        )
    })
}

fn not_blank(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(invalid("blank", Text::new("It must not be blank.", "不能为空白。")));
    }
    Ok(())
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
    let AgentQuery { team_id, role, status, limit, cursor } = query.0;
    let page = Page::new(&app, &caller.0, &request, limit, &(team_id, role, status));
    let after: Option<String> = page.after(cursor.as_deref())?;
    let filter = Filter { team_id, role, status, after };
    let scope = caller.0.scope;
    let fetch = page.fetch();
    let mut rows =
        app.db.read(move |conn| users::list(conn, &scope, &filter, fetch)).await.map_err(Problem::from)?;
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
pub async fn get(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    known: IfNoneMatch,
) -> Result<HttpResponse, Problem> {
    let scope = caller.0.scope;
    let user = app.db.read(move |conn| users::find(conn, &scope, id.0)).await.map_err(Problem::from)?;
    let tag = etag(i64::from(user.version), &[]);
    if known.holds(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(AgentView::from(user)))
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
    caller.supervisor()?;
    let new = body.0;
    let password_hash = app.passwords.hash(new.password.clone()).await.map_err(not_checked)?;
    let (ids, now, clock, actor) = (app.ids, app.clock.now(), app.clock.clone(), caller.0.clone());
    idempotency::run(&app, &caller, &request, move |conn| {
        let team = visible_team(conn, &actor, new.team_id)?;
        let today = clock.today(team.time_zone.parse().unwrap_or(actor.time_zone));
        let member_from = new.member_from.map_or(today, |on| on.0);
        if member_from > today {
            return Err(in_future("/member_from"));
        }
        let user = NewUser {
            id: new.id.unwrap_or_else(|| ids.id()),
            username: new.username.parse().map_err(|_| Problem::new(Code::ValidationFailed))?,
            display_name: new.display_name.trim().to_owned(),
            role: new.role,
            password_hash,
            team_id: team.id,
            member_from,
            at: now,
        };
        users::create(conn, &user, ids.id()).map_err(taken)?;
        audit::record(conn, ids, now, &entry(&actor, "user_created", user.id))?;
        let view = AgentView::from(users::find(conn, &actor.scope, user.id)?);
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/agents/{}", view.id))
            .header("ETag", etag(i64::from(view.version), &[])))
    })
    .await
}

/// Change a person
///
/// Supervisors only: display name, role, status. Nobody changes the own role or status.
#[utoipa::path(tag = "agents", operation_id = "updateAgent", request_body = PatchAgent,
    responses((status = 200, description = "Changed.", body = AgentView)))]
#[patch("/v1/agents/{agent_id}")]
pub async fn update(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<PatchAgent>,
) -> Result<HttpResponse, Problem> {
    if_match.present()?;
    let (ids, now, actor, patch) = (app.ids, app.clock.now(), caller.0.clone(), body.0);
    let user = app
        .db
        .write(move |conn| {
            let mut user = users::find(conn, &actor.scope, id.0)?;
            caller.supervisor()?;
            if_match.require(i64::from(user.version))?;
            let before = (user.role, user.status);
            if let Given(Some(name)) = patch.display_name {
                user.display_name = name.trim().to_owned();
            }
            user.role = patch.role.0.unwrap_or(user.role);
            user.status = patch.status.0.unwrap_or(user.status);
            if user.id == actor.id && (user.role, user.status) != before {
                return Err(Problem::new(Code::Forbidden).detail(Text::new(
                    "Nobody changes the own role or status.",
                    "任何人都不能更改自己的角色或状态。",
                )));
            }
            let disabled = before.1 == Status::Active && user.status == Status::Disabled;
            users::update(conn, &user, disabled, now)?;
            if disabled {
                sessions::end_all(conn, user.id, now)?;
            }
            let mut entry = self::entry(&actor, "user_changed", user.id);
            entry.details = json!({"role": user.role, "status": user.status});
            audit::record(conn, ids, now, &entry)?;
            Ok::<_, Problem>(users::find(conn, &actor.scope, user.id)?)
        })
        .await?;
    let tag = etag(i64::from(user.version), &[]);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(AgentView::from(user)))
}

/// Reset somebody's password
///
/// Supervisors only; ends every login of that person. The own password is changed at `/v1/me/password`.
#[utoipa::path(tag = "agents", operation_id = "updateAgentPassword", request_body = ResetPassword,
    responses((status = 204, description = "Set.")))]
#[put("/v1/agents/{agent_id}/password")]
pub async fn reset_password(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<ResetPassword>,
) -> Result<HttpResponse, Problem> {
    if_match.present()?;
    let (ids, now, actor) = (app.ids, app.clock.now(), caller.0.clone());
    // Asked before hashing, so that a missing person costs what one out of scope costs.
    let scope = actor.scope.clone();
    app.db.read(move |conn| users::find(conn, &scope, id.0)).await.map_err(Problem::from)?;
    caller.supervisor()?;
    let hash = app.passwords.hash(body.0.password).await.map_err(not_checked)?;
    let version = app
        .db
        .write(move |conn| {
            let user = users::find(conn, &actor.scope, id.0)?;
            if_match.require(i64::from(user.version))?;
            if user.id == actor.id {
                return Err(Problem::new(Code::Forbidden).detail(Text::new(
                    "Change the own password at /v1/me/password.",
                    "请在 /v1/me/password 修改自己的密码。",
                )));
            }
            users::set_password(conn, user.id, user.version, &hash, now)?;
            sessions::end_all(conn, user.id, now)?;
            audit::record(conn, ids, now, &entry(&actor, "password_reset", user.id))?;
            Ok(user.version + 1)
        })
        .await?;
    Ok(HttpResponse::NoContent().insert_header((header::ETAG, etag(i64::from(version), &[]))).finish())
}

/// A stay in a team.
#[derive(Serialize, ToSchema)]
#[schema(as = Membership, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e",
    "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "team_name": "一组", "valid_from": "2009-01-05", "valid_to": null}))]
pub struct MembershipView {
    /// Id.
    pub id: Id,
    /// The team.
    pub team_id: Id,
    /// Its name.
    #[schema(max_length = 100, example = "一组")]
    pub team_name: String,
    /// First day.
    pub valid_from: On,
    /// The day after the last; null while it goes on.
    #[schema(required = true)]
    pub valid_to: Option<On>,
}

impl From<Membership> for MembershipView {
    fn from(m: Membership) -> Self {
        MembershipView {
            id: m.id,
            team_id: m.team_id,
            team_name: m.team_name,
            valid_from: On(m.valid_from),
            valid_to: m.valid_to.map(On),
        }
    }
}

/// Where somebody has belonged.
#[derive(Serialize, ToSchema)]
pub struct MembershipPage {
    /// Oldest first.
    #[schema(max_items = 1000)]
    pub data: Vec<MembershipView>,
    /// Null: they fit on one page.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// False.
    pub has_more: bool,
}

/// A change of teams.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f"}))]
pub struct CreateMembership {
    /// The new team, within the own subtree.
    pub team_id: Id,
    /// First day in it; today when absent, never in the future, never before the present membership.
    #[serde(default)]
    pub valid_from: Option<On>,
}

/// List somebody's teams
///
/// By date, oldest first.
#[utoipa::path(tag = "agents", operation_id = "listMemberships",
    responses((status = 200, description = "The memberships.", body = MembershipPage)))]
#[get("/v1/agents/{agent_id}/memberships")]
pub async fn memberships(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let actor = caller.0;
    let rows = app
        .db
        .read(move |conn| {
            let user = users::find(conn, &actor.scope, id.0)?;
            users::memberships_of(conn, &user)
        })
        .await
        .map_err(Problem::from)?;
    let data = rows.into_iter().map(MembershipView::from).collect();
    Ok(HttpResponse::Ok().json(MembershipPage { data, next_cursor: None, has_more: false }))
}

/// Move somebody to another team
///
/// Supervisors only, between teams of the own subtree. What the person may see changes at once; what happened before
/// the date stays with the team of its own date.
#[utoipa::path(tag = "agents", operation_id = "createMembership", request_body = CreateMembership,
    responses((status = 201, description = "Moved.", body = MembershipPage)))]
#[post("/v1/agents/{agent_id}/memberships")]
pub async fn move_to_team(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateMembership>,
) -> Result<HttpResponse, Problem> {
    let (ids, now, clock, actor, new) =
        (app.ids, app.clock.now(), app.clock.clone(), caller.0.clone(), body.0);
    let door = caller.clone();
    idempotency::run(&app, &caller, &request, move |conn| {
        let user = users::find(conn, &actor.scope, id.0)?;
        door.supervisor()?;
        let team = visible_team(conn, &actor, new.team_id)?;
        let today = clock.today(team.time_zone.parse().unwrap_or(actor.time_zone));
        let from = new.valid_from.map_or(today, |on| on.0);
        may_move(user.member_since, from, today, team.id == user.team_id).map_err(refused_move)?;
        users::move_to(conn, &user, team.id, from, ids.id(), now)?;
        // Another team may mean other settings and another cycle, on both sides.
        catch_up::review_agent(conn, user.id, today)?;
        catch_up::review_team(conn, user.team_id, today)?;
        catch_up::review_team(conn, team.id, today)?;
        let mut entry = self::entry(&actor, "user_moved", user.id);
        entry.details = json!({"from_team_id": user.team_id, "to_team_id": team.id, "valid_from": from});
        audit::record(conn, ids, now, &entry)?;
        let moved = users::find(conn, &actor.scope, user.id)?;
        let data = users::memberships_of(conn, &moved)?.into_iter().map(MembershipView::from).collect();
        Ok(Answer::new(201, &MembershipPage { data, next_cursor: None, has_more: false })
            .header("Location", format!("/v1/agents/{}/memberships", user.id))
            .header("ETag", etag(i64::from(moved.version), &[])))
    })
    .await
}

/// The team a body names; one out of sight reads like one that does not exist.
fn visible_team(conn: &mut Conn, actor: &Actor, id: Id) -> Result<teams::Team, Problem> {
    match teams::find(conn, actor, id) {
        Err(StoreError::NotFound) => Err(Problem::new(Code::ValidationFailed).error(
            "/team_id",
            "unknown_team",
            Text::new("There is no such team.", "没有这个团队。"),
            json!({}),
        )),
        other => Ok(other?),
    }
}

fn in_future(pointer: &'static str) -> Problem {
    Problem::new(Code::ValidationFailed).error(
        pointer,
        "in_future",
        Text::new("The date must not be in the future.", "日期不能晚于今天。"),
        json!({}),
    )
}

fn refused_move(refusal: MoveRefusal) -> Problem {
    match refusal {
        MoveRefusal::InFuture => in_future("/valid_from"),
        MoveRefusal::BeforePresent { since } => Problem::new(Code::ValidationFailed).error(
            "/valid_from",
            "before_present_membership",
            Text::new(
                format!("The present membership began on {since}."),
                format!("当前的团队归属始于 {since}。"),
            ),
            json!({"since": since}),
        ),
        MoveRefusal::SameTeam => Problem::new(Code::Conflict).error(
            "/team_id",
            "same_team",
            Text::new("That is the present team already.", "此人已在该团队。"),
            json!({}),
        ),
    }
}

fn taken(error: StoreError) -> Problem {
    match error {
        StoreError::Conflict { constraint } if constraint == "users_pkey" => Problem::new(Code::IdTaken),
        StoreError::Conflict { constraint } if constraint == "ux_users__username" => {
            Problem::new(Code::Conflict).error(
                "/username",
                "username_taken",
                Text::new("This user name is taken.", "该用户名已被占用。"),
                json!({}),
            )
        }
        other => Problem::from(other),
    }
}

fn entry(actor: &Actor, action: &'static str, subject_id: Id) -> Entry {
    Entry { actor_id: Some(actor.id), action, subject_kind: "user", subject_id, details: json!({}) }
}
