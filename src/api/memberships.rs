//! `/v1/agents/{agent_id}/memberships`: who belongs to which team, effective-dated (method section 11).

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    extract::{Caller, On, PathId, ValidJson, etag, supervisor},
    idempotency::{self, Answer},
    page::whole_page,
    problem::{Code, Problem},
    roster,
};
use crate::{
    app::App,
    domain::{
        id::Id,
        text::Text,
        user::{MoveRefusal, may_move},
    },
    store::{
        audit,
        ledger::Occasion,
        users::{self, Membership},
    },
};

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

whole_page! {
    /// Where somebody has belonged.
    pub struct MembershipPage {
        /// Oldest first.
        #[schema(max_items = 1000)]
        data: Vec<MembershipView>
    }
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
pub async fn list(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let rows = caller
        .read(&app, move |conn, actor| {
            let user = users::find(conn, &actor.scope, id.0)?;
            Ok(users::memberships_of(conn, &user)?)
        })
        .await?;
    let data = rows.into_iter().map(MembershipView::from).collect();
    Ok(HttpResponse::Ok().json(MembershipPage::of(data)))
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
    let (ids, now, clock, new) = (app.ids, app.clock.now(), app.clock.clone(), body.0);
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let user = users::find(conn, &actor.scope, id.0)?;
        supervisor(actor)?;
        let team = roster::visible_team(conn, actor, new.team_id, "/team_id")?;
        let today = clock.today(team.time_zone.parse().unwrap_or(actor.time_zone));
        let from = new.valid_from.map_or(today, |on| on.0);
        may_move(user.member_since, from, today, team.id == user.team_id).map_err(refused_move)?;
        users::hold_for_move(conn, &user, team.id, &Occasion::of(&clock, ids))?;
        users::move_to(conn, &user, team.id, from, ids.id(), now)?;
        // Another team means other settings, and with them perhaps another cycle, from that day on.
        users::review_move(conn, user.id, from, today)?;
        let mut entry = roster::entry(actor, "user_moved", user.id);
        entry.details = json!({"from_team_id": user.team_id, "to_team_id": team.id, "valid_from": from});
        audit::record(conn, ids, now, &entry)?;
        let moved = users::find(conn, &actor.scope, user.id)?;
        let data = users::memberships_of(conn, &moved)?.into_iter().map(MembershipView::from).collect();
        Ok(Answer::new(201, &MembershipPage::of(data))
            .header("Location", format!("/v1/agents/{}/memberships", user.id))
            .header("ETag", etag(i64::from(moved.version), &[])))
    })
    .await
}

fn refused_move(refusal: MoveRefusal) -> Problem {
    match refusal {
        MoveRefusal::InFuture => roster::in_future("/valid_from"),
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
