//! `…/{prospect_id}/confirmations`: a supervisor's consent to 50%, where the settings ask for it (method section 4).

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::{board_change::BoardChange, writing};
use crate::{
    api::{
        extract::{Caller, PathId, Prose, ValidJson},
        problem::{command_refusals, document::Problem},
    },
    app::App,
    commands::prospects::{confirm, write::Target},
    domain::values::id::Id,
};

/// A supervisor's consent.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConfirmation {
    /// Why, in words.
    #[schema(example = "Went through the five criteria with her on Monday.")]
    pub reason_text: Prose<1000>,
}

/// Confirm that a prospect may enter 50%
///
/// By a supervisor above the owner. Counts until the pursuit leaves 50% again; asked for only where the setting
/// `confirm_stage_50` is on. The agent makes the move.
#[utoipa::path(tag = "transitions", operation_id = "createConfirmation",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    request_body(content = CreateConfirmation, example = json!({"reason_text": "Went through the five criteria with her on Monday."})),
    responses((status = 201, description = "Confirmed.", body = BoardChange)))]
#[post("/v1/prospects/{prospect_id}/confirmations")]
pub async fn create_confirmation(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateConfirmation>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (fact_id, reason) = (app.ids.id(), String::from(body.0.reason_text));
    writing::run(&app, &caller, &request, Some(fact_id), move |conn, actor, occasion| {
        confirm::stage_50(conn, actor, occasion, &Target::any(id.0), (fact_id, reason))
            .map_err(command_refusals::in_facts)
    })
    .await
}
