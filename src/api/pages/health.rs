//! For operators: is the process alive, can it serve, how is it doing.

use actix_web::{HttpResponse, get, http::header, web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        middleware::metrics::Metrics,
        problem::{Code, defects::Defect, document::Problem},
    },
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

/// Figures for Prometheus; not part of the API description.
#[get("/metrics")]
pub async fn metrics(app: web::Data<App>, metrics: web::Data<Metrics>) -> HttpResponse {
    let gauges = app.db.gauges();
    let text = metrics.text(&[
        ("db_jobs_waiting", "Requests waiting for a database thread.", gauges.waiting as f64),
        ("db_jobs_running", "Database threads at work.", gauges.running as f64),
        ("db_jobs_total", "Database jobs done since the start.", gauges.jobs as f64),
        ("db_jobs_refused_total", "Requests refused because too many were waiting.", gauges.refused as f64),
        (
            "db_connections_given_up_total",
            "Database connections that hung and were given up.",
            gauges.given_up as f64,
        ),
        (
            "db_statements_total",
            "SQL statements since the start, without those of transactions.",
            gauges.statements as f64,
        ),
        (
            "constraint_defects_total",
            "Writes that passed every rule and were refused by a constraint of the database.",
            Defect::Constraint.counted() as f64,
        ),
        ("corrupt_rows_total", "Rows that the domain did not accept.", Defect::CorruptRow.counted() as f64),
        (
            "database_defects_total",
            "Errors of the database that have no other name.",
            Defect::Database.counted() as f64,
        ),
    ]);
    HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(text)
}
