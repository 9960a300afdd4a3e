//! `/v1/webhooks/{webhook_id}/deliveries`: what was sent to a webhook and what came of it; a try, and one sent again.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::webhooks::refused;
use crate::{
    api::{
        extract::{At, Caller, PathId, StrictQuery, ValidJson},
        middleware::idempotency::{self, Answer},
        problem::document::Problem,
        respond::page::{self, Page},
    },
    app::App,
    clock::Occasion,
    commands::exchange::webhooks,
    domain::{exchange::delivery::DeliveryStatus, values::id::Id},
    store::exchange::{
        deliveries::{self, DeliveryRow},
        webhooks as rows,
    },
};

/// One message to one webhook.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "message_id": "msg_0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "type": "transition.recorded", "status": "pending", "attempts": 1, "next_attempt_at": "2009-12-14T01:00:05Z",
    "last_answer": 500, "last_failure": null, "created_at": "2009-12-14T01:00:00Z", "ended_at": null}))]
pub struct WebhookDelivery {
    /// Id.
    pub id: Id,
    /// The header `webhook-id`: the same in every attempt.
    #[schema(max_length = 64)]
    pub message_id: String,
    /// The type of the message; `webhook.test` for a try.
    #[serde(rename = "type")]
    #[schema(max_length = 64, example = "transition.recorded")]
    pub kind: String,
    /// What became of it.
    pub status: DeliveryStatus,
    /// How often it was tried.
    #[schema(minimum = 0, maximum = 1000)]
    pub attempts: i32,
    /// When it is tried next.
    #[schema(required = true)]
    pub next_attempt_at: Option<At>,
    /// Status of the last answer.
    #[schema(required = true, minimum = 100, maximum = 999)]
    pub last_answer: Option<i32>,
    /// Why there was no answer: `address_not_allowed`, `name_unknown`, `not_connected`, `not_trusted`, `no_http`, `timeout`.
    #[schema(required = true, max_length = 64)]
    pub last_failure: Option<String>,
    /// When it was put down.
    pub created_at: At,
    /// When it was over.
    #[schema(required = true)]
    pub ended_at: Option<At>,
}

impl From<DeliveryRow> for WebhookDelivery {
    fn from(row: DeliveryRow) -> Self {
        WebhookDelivery {
            id: row.id,
            message_id: format!("msg_{}", row.message_id),
            kind: row.topic,
            status: row.status,
            attempts: row.attempts,
            next_attempt_at: row.next_at.map(|at| At(at.and_utc())),
            last_answer: row.answered,
            last_failure: row.failure,
            created_at: At(row.created_at.and_utc()),
            ended_at: row.ended_at.map(|at| At(at.and_utc())),
        }
    }
}

/// A page of deliveries.
#[derive(Serialize, ToSchema)]
pub struct WebhookDeliveryPage {
    /// The latest first.
    #[schema(max_items = 100)]
    pub data: Vec<WebhookDelivery>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 1000)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// Which deliveries.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryQuery {
    /// Of which this became.
    pub status: Option<DeliveryStatus>,
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

/// List deliveries
///
/// Everything that was or is to be sent to one of your webhooks, the latest first, for as long as changes are kept.
#[utoipa::path(tag = "integration", operation_id = "listWebhookDeliveries", params(DeliveryQuery),
    responses((status = 200, description = "A page.", body = WebhookDeliveryPage)))]
#[get("/v1/webhooks/{webhook_id}/deliveries")]
pub async fn list_webhook_deliveries(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    query: StrictQuery<DeliveryQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let cursor = query.0.cursor.clone();
    let bound_to = DeliveryQuery { cursor: None, ..query.0 };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let (status, after, fetch) = (bound_to.status, page.after(cursor.as_deref())?, page.fetch());
    let mut found = caller
        .read(&app, move |conn, actor| {
            let webhook = rows::find(conn, actor.id, id.0)?;
            Ok(deliveries::list(conn, &webhook, status, after, fetch)?)
        })
        .await?;
    let next_cursor = page.cut(&mut found, |row| (row.created_at, row.id));
    let data = found.into_iter().map(WebhookDelivery::from).collect();
    let body = WebhookDeliveryPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

fn put_down(webhook_id: Id, row: DeliveryRow) -> Answer {
    Answer::new(201, &WebhookDelivery::from(row))
        .header("Location", format!("/v1/webhooks/{webhook_id}/deliveries"))
}

/// Try a webhook
///
/// Sends a message of type `webhook.test` that is about nothing; what came of it stands in the list of deliveries.
#[utoipa::path(tag = "integration", operation_id = "createTestDelivery",
    responses((status = 201, description = "Put down, to be sent at once.", body = WebhookDelivery)))]
#[post("/v1/webhooks/{webhook_id}/test-deliveries")]
pub async fn create_test_delivery(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        Ok(put_down(id.0, webhooks::try_out(conn, actor, &occasion, id.0).map_err(refused)?))
    })
    .await
}

/// A delivery to be sent again.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"delivery_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"}))]
pub struct CreateResend {
    /// Which one.
    pub delivery_id: Id,
}

/// Send a delivery again
///
/// Whatever became of it: under the same message id, with its attempts counted anew.
#[utoipa::path(tag = "integration", operation_id = "createResend", request_body = CreateResend,
    responses((status = 201, description = "Put down, to be sent at once.", body = WebhookDelivery)))]
#[post("/v1/webhooks/{webhook_id}/resends")]
pub async fn create_resend(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateResend>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let which = (id.0, body.0.delivery_id);
        Ok(put_down(id.0, webhooks::resend(conn, actor, &occasion, which).map_err(refused)?))
    })
    .await
}
