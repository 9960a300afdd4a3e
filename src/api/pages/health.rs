//! For operators: is the process alive, can it serve.

use actix_web::{HttpResponse, get, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::problem::{Code, document::Problem},
    app::App,
    store::db::migrate::{self, MigrateError},
};

/// How the service is.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`; anything else is a problem document.
    #[schema(max_length = 16, pattern = "^ok$", example = "ok")]
    pub status: String,
}

impl Health {
    fn ok() -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(Health { status: "ok".to_owned() })
    }
}

/// Is the process alive?
///
/// Answers as long as the process runs, whatever the state of the database. Meant for restarts, not for routing.
#[utoipa::path(tag = "operations", operation_id = "getLiveness", security(()),
    responses((status = 200, description = "The process runs.", body = Health, example = json!({"status": "ok"}))))]
#[get("/livez")]
pub async fn livez() -> HttpResponse {
    Health::ok()
}

/// Can the service take requests?
///
/// Checks that the database answers and that its schema is the one this binary knows. 503 before that, and while
/// the service shuts down.
#[utoipa::path(tag = "operations", operation_id = "getReadiness", security(()),
    responses((status = 200, description = "Requests are taken.", body = Health, example = json!({"status": "ok"}))))]
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    if !app.is_ready() {
        return Err(Problem::new(Code::Unavailable));
    }
    app.db.check(migrate::check).await.map_err(|error: MigrateError| {
        tracing::warn!(%error, "not ready");
        Problem::new(Code::Unavailable)
    })?;
    Ok(Health::ok())
}
