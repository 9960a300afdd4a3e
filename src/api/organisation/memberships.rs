//! `/v1/agents/{agent_id}/memberships`: who belongs to which team, effective-dated (method section 11).

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::people_rules;
use crate::{
    api::{
        extract::{Caller, On, PathId, ValidJson, etag},
        middleware::idempotency::{self, Answer},
        problem::document::Problem,
        respond::page::whole_page,
    },
    app::App,
    clock::Occasion,
    commands::organisation::users,
    domain::values::id::Id,
    store::organisation::{
        memberships::{self, Membership},
        users as stored,
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
            let user = stored::find(conn, &actor.scope, id.0)?;
            Ok(memberships::of_user(conn, &user)?)
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
    let (source, new) = (app.clone(), body.0);
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let what = (id.0, new.team_id, new.valid_from.map(|on| on.0));
        let moved = users::move_to_team(conn, actor, &occasion, what)
            .map_err(|refused| people_rules::refused(refused, "/team_id", "/valid_from"))?;
        let data = memberships::of_user(conn, &moved)?.into_iter().map(MembershipView::from).collect();
        Ok(Answer::new(201, &MembershipPage::of(data))
            .header("Location", format!("/v1/agents/{}/memberships", moved.id))
            .header("ETag", etag(i64::from(moved.version), &[])))
    })
    .await
}
