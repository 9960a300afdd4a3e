//! `/v1/webhooks`: where the caller has changes sent, signed by Standard Webhooks.

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{topics::MessageType, webhook_url};
use crate::{
    api::{
        extract::{At, Caller, Given, IfMatch, PathId, ValidJson, etag},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::page::whole_page,
    },
    app::App,
    clock::Occasion,
    commands::exchange::webhooks::{self, Change, MOST_WEBHOOKS, New, Refused},
    domain::{
        exchange::{
            change::Topic,
            delivery::{DisabledBecause, WebhookStatus},
        },
        values::{id::Id, text::Text},
    },
    store::exchange::webhooks::{self as rows, WebhookRow},
};

/// A webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "url": "https://example.com/hooks",
    "types": ["transition.recorded"], "status": "active", "disabled_because": null, "failing_since": null,
    "old_secret_until": null, "version": 1, "created_at": "2009-12-14T01:00:00Z", "updated_at": "2009-12-14T01:00:00Z"}))]
pub struct WebhookView {
    /// Id.
    pub id: Id,
    /// Where to.
    #[schema(format = "uri", max_length = 2048)]
    pub url: String,
    /// Which types of messages; empty for all.
    #[schema(max_items = 100)]
    pub types: Vec<MessageType>,
    /// Whether it sends.
    pub status: WebhookStatus,
    /// Why it is disabled.
    #[schema(required = true)]
    pub disabled_because: Option<DisabledBecause>,
    /// Since when it has taken nothing; after five days it is disabled.
    #[schema(required = true)]
    pub failing_since: Option<At>,
    /// Until when the secret before the present one signs as well.
    #[schema(required = true)]
    pub old_secret_until: Option<At>,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2147483647, example = 1)]
    pub version: i32,
    /// When it was made.
    pub created_at: At,
    /// When it was last changed.
    pub updated_at: At,
}

impl WebhookView {
    fn of(row: &WebhookRow, now: chrono::DateTime<chrono::Utc>) -> Self {
        let topic =
            |code: &String| Topic::ALL.iter().find(|topic| topic.code() == code).copied().map(MessageType);
        WebhookView {
            id: row.id,
            url: row.url.clone(),
            types: row.topics.0.iter().filter_map(topic).collect(),
            status: row.status,
            disabled_because: row.disabled_because,
            failing_since: row.failing_since.map(|at| At(at.and_utc())),
            old_secret_until: row.overlap_until.map(|at| at.and_utc()).filter(|until| now < *until).map(At),
            version: row.version,
            created_at: At(row.created_at.and_utc()),
            updated_at: At(row.updated_at.and_utc()),
        }
    }
}

/// A webhook with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct IssuedWebhook {
    /// The webhook.
    pub webhook: WebhookView,
    /// The secret, as libraries for Standard Webhooks take it. Null when the request is answered again under its
    /// Idempotency-Key.
    #[schema(required = true, max_length = 100, example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
}

whole_page! {
    /// The webhooks of the signed-in user.
    pub struct WebhookPage {
        /// Oldest first.
        #[schema(max_items = 100)]
        data: Vec<WebhookView>
    }
}

/// A webhook to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://example.com/hooks", "types": ["transition.recorded", "prospect.erased"]}))]
pub struct CreateWebhook {
    /// An id of your own making; the service makes one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// Where to: `https`, by a name or an address of the public internet.
    #[validate(length(min = 1, max = 2048))]
    #[schema(format = "uri", min_length = 1, max_length = 2048, example = "https://example.com/hooks")]
    pub url: String,
    /// Which types of messages; all when absent or empty.
    #[serde(default)]
    #[validate(length(max = 100))]
    #[schema(max_items = 100)]
    pub types: Option<Vec<MessageType>>,
}

/// Whether a webhook sends, as its maker says it.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum WantedStatus {
    /// It sends, from where it was held on; also when it was disabled.
    Active,
    /// It is held.
    Paused,
}

/// Changes to a webhook.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"status": "paused"}))]
pub struct UpdateWebhook {
    /// Where to.
    #[validate(length(min = 1, max = 2048))]
    #[schema(value_type = String, required = false, format = "uri", min_length = 1, max_length = 2048,
        example = "https://example.com/hooks")]
    pub url: Given<String>,
    /// Which types of messages; empty for all.
    #[validate(length(max = 100))]
    #[schema(value_type = Vec<MessageType>, required = false, max_items = 100)]
    pub types: Given<Vec<MessageType>>,
    /// Hold it, or let it send.
    #[schema(value_type = WantedStatus, required = false)]
    pub status: Given<WantedStatus>,
}

/// What stands against it, as a problem.
pub(super) fn refused(why: Refused) -> Problem {
    match why {
        Refused::Store(error) => error.into(),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::IdTaken => Problem::new(Code::IdTaken),
        Refused::TooMany => {
            let said = Text::new(
                format!("At most {MOST_WEBHOOKS} stand at a time; delete one first."),
                format!("同时最多有 {MOST_WEBHOOKS} 个；请先删除一个。"),
            );
            Problem::new(Code::Conflict).error("", "too_many_webhooks", said, json!({"max": MOST_WEBHOOKS}))
        }
        Refused::Ended => {
            let said = Text::new(
                "It ended when the account was disabled or got another password; make a new one.",
                "账号停用或更换密码时它已终止；请新建一个。",
            );
            Problem::new(Code::Conflict).error("/status", "webhook_ended", said, json!({}))
        }
    }
}

fn codes(types: Vec<MessageType>) -> Vec<String> {
    types.into_iter().map(|one| one.0.code().to_owned()).collect()
}

/// A webhook with its present secret, which a repeated answer leaves out.
fn issued(app: &App, row: &WebhookRow) -> Answer {
    let shown = |secret| IssuedWebhook { webhook: WebhookView::of(row, app.clock.now()), secret };
    let secret = app.webhook_secrets().shown(row.id, row.secret_number);
    Answer::new(201, &shown(Some(secret)))
        .kept_as(&shown(None))
        .header("Location", format!("/v1/webhooks/{}", row.id))
        .header("ETag", etag(row.version.into(), &[]))
}

fn kept_by_nobody(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    answer
}

/// Make a webhook
///
/// What changes from now on is sent there, as far as you may see it at the moment of sending, and signed by Standard Webhooks
/// with a secret that is shown once. At least once, under one id, retried over three days; after five days without success
/// the webhook is disabled, as when it answers 410. It ends with your account and your password. At most a hundred stand at a time.
#[utoipa::path(tag = "integration", operation_id = "createWebhook", request_body = CreateWebhook,
    responses((status = 201, description = "Made.", body = IssuedWebhook)))]
#[post("/v1/webhooks")]
pub async fn create_webhook(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<CreateWebhook>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let url = webhook_url::checked(&body.0.url, &app.config.webhook_networks)?;
    let new = New { id: body.0.id, url, topics: codes(body.0.types.unwrap_or_default()) };
    let source = app.clone();
    let answer = idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let row = webhooks::make(conn, actor, &occasion, new).map_err(refused)?;
        Ok(issued(&source, &row))
    })
    .await?;
    Ok(kept_by_nobody(answer))
}

/// List webhooks
///
/// Your own, without their secrets.
#[utoipa::path(tag = "integration", operation_id = "listWebhooks",
    responses((status = 200, description = "The webhooks.", body = WebhookPage)))]
#[get("/v1/webhooks")]
pub async fn list_webhooks(app: web::Data<App>, caller: Caller) -> Result<HttpResponse, Problem> {
    let found = caller.read(&app, |conn, actor| Ok(rows::list(conn, actor.id)?)).await?;
    let now = app.clock.now();
    Ok(HttpResponse::Ok().json(WebhookPage::of(found.iter().map(|row| WebhookView::of(row, now)).collect())))
}

/// Read a webhook
///
/// One of your own, without its secret.
#[utoipa::path(tag = "integration", operation_id = "getWebhook",
    responses((status = 200, description = "The webhook.", body = WebhookView)))]
#[get("/v1/webhooks/{webhook_id}")]
pub async fn get_webhook(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let row = caller.read(&app, move |conn, actor| Ok(rows::find(conn, actor.id, id.0)?)).await?;
    Ok(shown(&app, &row))
}

fn shown(app: &App, row: &WebhookRow) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, etag(row.version.into(), &[])))
        .json(WebhookView::of(row, app.clock.now()))
}

/// Change a webhook
///
/// Its address, its types, or hold it and let it send again: what happens meanwhile waits, for as long as changes are kept.
#[utoipa::path(tag = "integration", operation_id = "updateWebhook", request_body = UpdateWebhook,
    responses((status = 200, description = "Changed.", body = WebhookView)))]
#[patch("/v1/webhooks/{webhook_id}")]
pub async fn update_webhook(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    seen: IfMatch,
    body: ValidJson<UpdateWebhook>,
) -> Result<HttpResponse, Problem> {
    let UpdateWebhook { url, types, status } = body.0;
    let url = url.0.map(|url| webhook_url::checked(&url, &app.config.webhook_networks)).transpose()?;
    let sends = status.0.map(|status| status == WantedStatus::Active);
    let change = Change { url, topics: types.0.map(codes), sends };
    let occasion = Occasion::of(&app.clock, app.ids);
    let row = caller
        .write(&app, move |conn, actor| {
            webhooks::change(conn, actor, &occasion, (id.0, &seen.seen()?), change).map_err(refused)
        })
        .await?;
    Ok(shown(&app, &row))
}

/// Delete a webhook
///
/// With everything that was still to be sent.
#[utoipa::path(tag = "integration", operation_id = "deleteWebhook",
    responses((status = 204, description = "Deleted.")))]
#[delete("/v1/webhooks/{webhook_id}")]
pub async fn delete_webhook(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            webhooks::delete(conn, actor, &occasion, (id.0, &seen.seen()?)).map_err(refused)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Give a webhook another secret
///
/// It is shown once. For 24 hours every message is signed with both, so that the receiver can be changed without a gap.
#[utoipa::path(tag = "integration", operation_id = "rotateWebhookSecret",
    responses((status = 201, description = "The new secret.", body = IssuedWebhook)))]
#[post("/v1/webhooks/{webhook_id}/secrets")]
pub async fn rotate_webhook_secret(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let answer = idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let row = webhooks::rotate(conn, actor, &occasion, id.0).map_err(refused)?;
        Ok(issued(&source, &row))
    })
    .await?;
    Ok(kept_by_nobody(answer))
}
