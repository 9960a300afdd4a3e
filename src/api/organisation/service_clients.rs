//! `/v1/service-clients`: the machines that may call. Only who heads the whole organisation sees or writes them.

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{
            At, Given, Head, IfMatch, Line, PathId, PathPair, StrictQuery, ValidJson, etag, etag_of,
            machine_caller::not_the_head,
        },
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::page::{self, Page},
    },
    app::App,
    clock::Occasion,
    commands::organisation::service_clients::{self, Change, Issued, Manager, Refused},
    domain::{
        organisation::{service_client::ServiceScope, user::Status},
        values::{id::Id, text::Text},
    },
    store::{
        Conn,
        organisation::service_clients::{self as stored, MOST_SECRETS, Secret, ServiceClient},
    },
};

/// A secret of a client, without the secret itself.
#[derive(Serialize, ToSchema)]
pub struct ServiceClientSecret {
    /// Id.
    pub id: Id,
    /// When it was made.
    pub created_at: At,
    /// When a token was last given for it; null before the first.
    #[schema(required = true)]
    pub last_used_at: Option<At>,
}

impl From<Secret> for ServiceClientSecret {
    fn from(secret: Secret) -> Self {
        ServiceClientSecret {
            id: secret.id,
            created_at: At(secret.created_at.and_utc()),
            last_used_at: secret.last_used_at.map(|at| At(at.and_utc())),
        }
    }
}

/// A machine client.
#[derive(Serialize, ToSchema)]
#[schema(as = ServiceClient, example = json!({"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e",
    "client_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e", "name": "policy core", "scopes": ["policy_events"],
    "status": "active", "secrets": [{"id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6f",
    "created_at": "2009-12-14T01:00:00Z", "last_used_at": null}], "created_by": null, "version": 1,
    "created_at": "2009-12-14T01:00:00Z", "updated_at": "2009-12-14T01:00:00Z"}))]
pub struct ServiceClientView {
    /// Id.
    pub id: Id,
    /// The same, by the name that RFC 6749 gives it: what the client signs in with.
    pub client_id: Id,
    /// What people call it.
    #[schema(max_length = 100, example = "policy core")]
    pub name: String,
    /// What it may do.
    #[schema(max_items = 3)]
    pub scopes: Vec<ServiceScope>,
    /// Whether it gets tokens, and whether those that it got count.
    pub status: Status,
    /// The secrets that count, two at most, without the secrets themselves.
    #[schema(max_items = 2)]
    pub secrets: Vec<ServiceClientSecret>,
    /// Who made it; null when it was made at the terminal.
    #[schema(required = true)]
    pub created_by: Option<Id>,
    /// Version; the ETag carries it.
    #[schema(minimum = 1, maximum = 2_147_483_647, example = 1)]
    pub version: i32,
    /// When it was made.
    pub created_at: At,
    /// When it or its secrets were last written.
    pub updated_at: At,
}

impl From<ServiceClient> for ServiceClientView {
    fn from(client: ServiceClient) -> Self {
        ServiceClientView {
            id: client.id,
            client_id: client.id,
            name: client.name,
            scopes: client.scopes,
            status: client.status,
            secrets: client.secrets.into_iter().map(ServiceClientSecret::from).collect(),
            created_by: client.created_by,
            version: client.version,
            created_at: At(client.created_at.and_utc()),
            updated_at: At(client.updated_at.and_utc()),
        }
    }
}

/// A client with a secret that was just made.
#[derive(Serialize, ToSchema)]
pub struct IssuedServiceClient {
    /// The client.
    #[serde(flatten)]
    pub client: ServiceClientView,
    /// Id of the new secret.
    pub secret_id: Id,
    /// The secret, shown this once. Null when the request is answered again under its Idempotency-Key: it is not kept.
    #[schema(
        required = true,
        max_length = 128,
        format = "password",
        example = "psc_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"
    )]
    pub client_secret: Option<String>,
}

/// A page of clients.
#[derive(Serialize, ToSchema)]
pub struct ServiceClientPage {
    /// Clients by id.
    #[schema(max_items = 100)]
    pub data: Vec<ServiceClientView>,
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
pub struct ServiceClientQuery {
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

/// A client to be made.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "policy core", "scopes": ["policy_events", "products"]}))]
pub struct CreateServiceClient {
    /// What people call it.
    #[schema(example = "policy core")]
    pub name: Line<100>,
    /// What it may do; it stays so.
    #[validate(length(min = 1, max = 3))]
    #[schema(min_items = 1, max_items = 3)]
    pub scopes: Vec<ServiceScope>,
}

/// Changes to a client.
#[derive(Deserialize, Validate, ToSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"status": "disabled"}))]
pub struct UpdateServiceClient {
    /// What people call it.
    #[schema(value_type = Line<100>, required = false, example = "policy core")]
    pub name: Given<Line<100>>,
    /// `disabled` ends every token at once and for good; after `active` it has to get new ones.
    #[schema(value_type = Status, required = false)]
    pub status: Given<Status>,
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::NotTheHead => not_the_head(),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::TooManySecrets => Problem::new(Code::Conflict).error(
            "",
            "too_many_secrets",
            Text::new(
                format!("At most {MOST_SECRETS} secrets count at a time; retire one first."),
                format!("同时最多有 {MOST_SECRETS} 个有效密钥；请先停用一个。"),
            ),
            json!({"max": MOST_SECRETS}),
        ),
    }
}

/// The answer that tells a secret; a repeated one leaves it out.
fn issued(issued: Issued) -> Answer {
    let Issued { client, secret_id, secret } = issued;
    let (id, version) = (client.id, i64::from(client.version));
    let mut shown = IssuedServiceClient { client: client.into(), secret_id, client_secret: Some(secret) };
    let told = Answer::new(201, &shown);
    shown.client_secret = None;
    told.kept_as(&shown)
        .header("Location", format!("/v1/service-clients/{id}"))
        .header("ETag", etag(version, &[]))
}

async fn issue(
    app: &web::Data<App>,
    caller: &Head,
    request: &HttpRequest,
    make: impl FnOnce(&mut Conn, Manager<'_>, &Occasion) -> Result<Issued, Refused> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let mut answer = idempotency::run_as(app, caller, request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        make(conn, Manager::Signed(actor), &occasion).map(issued).map_err(refused)
    })
    .await?;
    answer.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// Make a machine client
///
/// With its first secret, which is shown this once. What it may do is chosen now and stays. Only a supervisor of the one team
/// that stands above all others makes clients.
#[utoipa::path(tag = "administration", operation_id = "createServiceClient", request_body = CreateServiceClient,
    responses((status = 201, description = "Made.", body = IssuedServiceClient)))]
#[post("/v1/service-clients")]
pub async fn create_service_client(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Head,
    body: ValidJson<CreateServiceClient>,
) -> Result<HttpResponse, Problem> {
    let CreateServiceClient { name, scopes } = body.0;
    issue(&app, &caller, &request, |conn, by, occasion| {
        service_clients::make(conn, by, occasion, (name.into(), scopes))
    })
    .await
}

/// List machine clients
///
/// In order of id, without their secrets.
#[utoipa::path(tag = "administration", operation_id = "listServiceClients", params(ServiceClientQuery),
    responses((status = 200, description = "A page of clients.", body = ServiceClientPage)))]
#[get("/v1/service-clients")]
pub async fn list_service_clients(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Head,
    query: StrictQuery<ServiceClientQuery>,
) -> Result<HttpResponse, Problem> {
    let ServiceClientQuery { limit, cursor } = query.0;
    let page = Page::new(&app, &caller, &request, limit, &());
    let after: Option<Id> = page.after(cursor.as_deref())?;
    let fetch = page.fetch();
    let mut rows = caller.read(&app, move |conn, _| Ok(stored::list(conn, after, fetch)?)).await?;
    let next_cursor = page.cut(&mut rows, |client: &ServiceClient| client.id);
    let body = ServiceClientPage {
        data: rows.into_iter().map(ServiceClientView::from).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read one machine client
///
/// Without its secrets.
#[utoipa::path(tag = "administration", operation_id = "getServiceClient",
    responses((status = 200, description = "The client.", body = ServiceClientView)))]
#[get("/v1/service-clients/{client_id}")]
pub async fn get_service_client(
    app: web::Data<App>,
    caller: Head,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    Ok(shown(caller.read(&app, move |conn, _| Ok(stored::find(conn, id.0)?)).await?))
}

/// The tag holds when a secret was last used as well: that is no change of the client.
fn shown(client: ServiceClient) -> HttpResponse {
    let view = ServiceClientView::from(client);
    let tag = etag_of(i64::from(view.version), &view);
    HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view)
}

/// Change a machine client
///
/// Its name, and whether it is active. Disabling it ends every token that it has, at once and for good.
#[utoipa::path(tag = "administration", operation_id = "updateServiceClient", request_body = UpdateServiceClient,
    responses((status = 200, description = "Changed.", body = ServiceClientView)))]
#[patch("/v1/service-clients/{client_id}")]
pub async fn update_service_client(
    app: web::Data<App>,
    caller: Head,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<UpdateServiceClient>,
) -> Result<HttpResponse, Problem> {
    let (occasion, patch) = (Occasion::of(&app.clock, app.ids), body.0);
    let change = Change { name: patch.name.0.map(String::from), status: patch.status.0 };
    let changed = caller.write(&app, move |conn, actor| {
        let (by, seen) = (Manager::Signed(actor), if_match.seen()?);
        service_clients::change(conn, by, &occasion, (id.0, &seen), change).map_err(refused)
    });
    Ok(shown(changed.await?))
}

/// Give a machine client a second secret
///
/// Shown this once. Both count until one is retired, so that the client can change over without a break; a third is refused.
#[utoipa::path(tag = "administration", operation_id = "createServiceClientSecret",
    responses((status = 201, description = "Made.", body = IssuedServiceClient)))]
#[post("/v1/service-clients/{client_id}/secrets")]
pub async fn create_service_client_secret(
    app: web::Data<App>,
    request: HttpRequest,
    caller: Head,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    issue(&app, &caller, &request, move |conn, by, occasion| {
        service_clients::add_secret(conn, by, occasion, id.0)
    })
    .await
}

/// Retire a secret of a machine client
///
/// From now on it opens nothing, nor does any token that was given for it. If-Match takes the ETag of the client.
#[utoipa::path(tag = "administration", operation_id = "deleteServiceClientSecret",
    responses((status = 204, description = "Retired.")))]
#[delete("/v1/service-clients/{client_id}/secrets/{secret_id}")]
pub async fn delete_service_client_secret(
    app: web::Data<App>,
    caller: Head,
    ids: PathPair,
    if_match: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            let (by, seen) = (Manager::Signed(actor), if_match.seen()?);
            service_clients::retire_secret(conn, by, &occasion, (ids.0, ids.1, &seen)).map_err(refused)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
