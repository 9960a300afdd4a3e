//! `/v1/me`: the signed-in user.

use actix_web::{HttpResponse, get, http::header, put, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{auth::not_checked, people_rules::refused};
use crate::{
    api::{
        extract::{Caller, On, ValidJson, etag_of},
        problem::{Code, document::Problem},
    },
    app::App,
    clock::Occasion,
    commands::organisation::users::change_own_password,
    domain::{
        method::cycle::CycleSource,
        organisation::actor::Role,
        values::{id::Id, text::Text},
    },
    store::{ledger::agent_context, organisation::users},
};

/// The signed-in user.
#[derive(Serialize, ToSchema)]
#[schema(as = Me, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "username": "agent-a",
    "display_name": "张三", "role": "agent", "team_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f", "team_name": "一组",
    "time_zone": "Asia/Shanghai", "today": "2009-12-14", "cycle_days": 28, "cycle_source": "measured", "version": 1}))]
pub struct Me {
    /// Id.
    pub id: Id,
    /// The name to sign in with.
    #[schema(max_length = 64, example = "agent-a")]
    pub username: String,
    /// The name to show.
    #[schema(max_length = 100, example = "张三")]
    pub display_name: String,
    /// What the user may do, as stored now.
    pub role: Role,
    /// The present team.
    pub team_id: Id,
    /// Its name.
    #[schema(max_length = 100, example = "一组")]
    pub team_name: String,
    /// Its time zone: dates are dates in it.
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// The business date there.
    pub today: On,
    /// The user's own sales cycle in force today, in days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// Where the cycle comes from.
    pub cycle_source: CycleSource,
    /// Version of the user.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
}

/// Who am I?
///
/// Name, role, team, the business date and the sales cycle in force.
#[utoipa::path(tag = "me", operation_id = "getMe",
    responses((status = 200, description = "The signed-in user.", body = Me)))]
#[get("/v1/me")]
pub async fn get(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let business_now = app.clock.business_now();
    let me = caller
        .read(&app, move |conn, actor| {
            let today = actor.today(business_now);
            let user = users::find(conn, &actor.scope, actor.id)?;
            let context = agent_context::of_agent(conn, actor.id)?;
            let cycle = context.env.cycle.on(today);
            Ok(Me {
                id: user.id,
                username: user.username,
                display_name: user.display_name,
                role: user.role,
                team_id: user.team_id,
                team_name: user.team_name,
                time_zone: user.time_zone,
                today: On(today),
                cycle_days: cycle.cycle_days,
                cycle_source: cycle.source,
                version: user.version,
            })
        })
        .await?;
    // Day, team and cycle change without the user being written.
    let tag = etag_of(i64::from(me.version), &me);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(me))
}

/// A new password.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "the present password", "new_password": "a longer sentence"}))]
pub struct UpdateMyPassword {
    /// The present password.
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128, format = "password", example = "the present password")]
    pub current_password: String,
    /// The new one: 10 to 128 characters.
    #[validate(length(min = 10, max = 128))]
    #[schema(min_length = 10, max_length = 128, format = "password", example = "a longer sentence")]
    pub new_password: String,
}

/// Change the own password
///
/// Ends every login of the user, this one too, and every link to the calendar: sign in again with the new password.
#[utoipa::path(tag = "me", operation_id = "updateMyPassword", request_body = UpdateMyPassword,
    responses((status = 204, description = "Changed.")))]
#[put("/v1/me/password")]
pub async fn change_password(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<UpdateMyPassword>,
) -> Result<HttpResponse, Problem> {
    let UpdateMyPassword { current_password, new_password } = body.0;
    let attempt = app.passwords.attempt(&caller.id.to_string(), None).map_err(not_checked)?;
    let account = caller.read(&app, |conn, actor| Ok(users::account_of(conn, actor.id)?)).await?;
    let checked = account.password_hash.clone();
    if !app.passwords.verify(current_password, Some(account.password_hash)).await.map_err(not_checked)? {
        return Err(Problem::new(Code::ValidationFailed).error(
            "/current_password",
            "wrong_password",
            Text::new("This is not the present password.", "当前密码不正确。"),
            json!({}),
        ));
    }
    app.passwords.was_no_guess(&attempt);
    let hash = app.passwords.hash(new_password).await.map_err(not_checked)?;
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            change_own_password(conn, actor, &occasion, (&checked, &hash)).map_err(|why| refused(why, "", ""))
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
