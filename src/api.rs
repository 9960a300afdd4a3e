//! HTTP. The server that stands around the routes.
//!
//! Every route is named once, in [`routes`], and stands from there both in the server and in the API description.
//! Handlers load, decide, save and show; rules live in `domain`, rows in `store`.

pub mod activities;
pub mod activity_tallies;
pub mod agents;
pub mod appointments;
pub mod as_of;
pub mod auth;
pub mod batch;
pub mod block_sign_offs;
pub mod board;
pub mod board_change;
pub mod calendar_feeds;
pub mod catalogue;
pub mod classify;
pub mod confirmations;
pub mod corrections;
pub mod criteria_checks;
pub mod cycles;
pub mod diary;
pub mod docs;
pub mod enums;
pub mod exercises;
pub mod extensions;
pub mod extract;
pub mod fallback;
pub mod fallback_proposals;
pub mod fault_codes;
pub mod formats;
pub mod frame;
pub mod health;
pub mod idempotency;
pub mod limits;
pub mod me;
pub mod memberships;
pub mod metrics;
pub mod money;
pub mod move_facts;
pub mod next_steps;
pub mod openapi;
pub mod page;
pub mod problem;
pub mod prospects;
pub mod pursuits;
pub mod refusals;
pub mod refused;
pub mod reports;
pub mod request_id;
pub mod revalidation;
pub mod roster;
pub mod routes;
pub mod rule_fields;
pub mod settings;
pub mod settled;
pub mod sign_offs;
pub mod teams;
pub mod timeline;
pub mod today;
pub mod transfers;
pub mod transitions;
pub mod warnings;
pub mod writing;

use std::net::TcpListener;

use actix_cors::Cors;
use actix_web::{
    App as ActixApp, Error, HttpServer,
    body::MessageBody,
    dev::{Server, ServiceFactory, ServiceRequest, ServiceResponse},
    http::header,
    middleware::{Compress, from_fn},
    web,
};

use crate::app::App;

/// Pages outside the API description.
fn pages(cfg: &mut web::ServiceConfig) {
    cfg.service(docs::openapi_json)
        .service(docs::docs)
        .service(docs::docs_file)
        .service(catalogue::list_problems)
        .service(catalogue::show_problem)
        .service(health::metrics);
}

/// The server over a listening socket; signals are the caller's business.
///
/// # Errors
/// When the socket cannot be used.
pub fn server(app: web::Data<App>, listener: TcpListener) -> std::io::Result<Server> {
    server_with(app, listener, |_| {})
}

/// [`server`] with routes that only a test knows.
///
/// # Errors
/// When the socket cannot be used.
pub fn server_with(
    app: web::Data<App>,
    listener: TcpListener,
    more: fn(&mut web::ServiceConfig),
) -> std::io::Result<Server> {
    let workers = app.config.http_workers;
    let figures = web::Data::new(metrics::Metrics::default());
    let server = HttpServer::new(move || application(app.clone(), figures.clone(), more));
    Ok(server
        .workers(workers)
        // An answer that goes out in several writes, as compressed ones do, would wait 40 ms for the caller's
        // delayed acknowledgement.
        .tcp_nodelay(true)
        .client_request_timeout(std::time::Duration::from_secs(5))
        .disable_signals()
        .shutdown_timeout(30)
        .listen(listener)?
        .run())
}

/// One worker's application. The last layer wrapped is the first to see a request.
fn application(
    app: web::Data<App>,
    figures: web::Data<metrics::Metrics>,
    more: fn(&mut web::ServiceConfig),
) -> ActixApp<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<impl MessageBody>,
        Error = Error,
        InitError = (),
    >,
> {
    let cors = cors(&app.config.cors_origins);
    ActixApp::new()
        .app_data(web::Data::new(limits::Limits::from(&app.config)))
        .app_data(app)
        .app_data(figures)
        .configure(routes::served)
        .configure(pages)
        .configure(more)
        .default_service(web::to(fallback::unrouted))
        .wrap(from_fn(revalidation::tag))
        .wrap(from_fn(frame::spare_small))
        .wrap(Compress::default())
        .wrap(from_fn(frame::guard))
        .wrap(from_fn(frame::frame))
        .wrap(cors)
}

/// Browsers of these origins may call us and read our headers; of others, none.
fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            header::AUTHORIZATION.as_str(),
            header::CONTENT_TYPE.as_str(),
            header::ACCEPT_LANGUAGE.as_str(),
            header::IF_MATCH.as_str(),
            header::IF_NONE_MATCH.as_str(),
            "idempotency-key",
            "x-request-id",
            "traceparent",
        ])
        .expose_headers([
            header::ETAG.as_str(),
            header::LOCATION.as_str(),
            header::LINK.as_str(),
            header::RETRY_AFTER.as_str(),
            header::ALLOW.as_str(),
            header::CONTENT_LANGUAGE.as_str(),
            header::CONTENT_DISPOSITION.as_str(),
            header::WWW_AUTHENTICATE.as_str(),
            "x-request-id",
            "api-version",
            "business-date",
            "idempotency-replayed",
        ])
        .block_on_origin_mismatch(false)
        .max_age(3600)
}
