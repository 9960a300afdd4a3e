//! HTTP. The server that stands around the routes.
//!
//! Every route is named once, in [`routes`], and stands from there both in the server and in the API description.
//! Handlers load, decide, save and show; rules live in `domain`, rows in `store`.

pub mod connections;
pub mod exchange;
pub mod extract;
pub mod formats;
pub mod journal;
pub mod method;
pub mod middleware;
pub mod openapi;
pub mod organisation;
pub mod pages;
pub mod problem;
pub mod prospects;
pub mod reports;
pub mod respond;
pub mod routes;

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

use self::{
    connections::{Bounds, Connections},
    middleware::metrics::Metrics,
};
use crate::app::App;

/// Pages outside the API description.
fn pages(cfg: &mut web::ServiceConfig) {
    cfg.service(pages::docs::openapi_json)
        .service(pages::docs::docs)
        .service(pages::docs::docs_file)
        .service(pages::catalogue::list_problems)
        .service(pages::catalogue::show_problem);
}

/// The server over a listening socket, which counts its answers in `figures`; signals are the caller's business.
///
/// # Errors
/// When the socket cannot be used.
pub fn server(
    app: web::Data<App>,
    figures: web::Data<Metrics>,
    listener: TcpListener,
) -> std::io::Result<Server> {
    server_with(app, figures, listener, |_| {})
}

/// [`server`] with routes that only a test knows.
///
/// # Errors
/// When the socket cannot be used.
pub fn server_with(
    app: web::Data<App>,
    figures: web::Data<Metrics>,
    listener: TcpListener,
    more: fn(&mut web::ServiceConfig),
) -> std::io::Result<Server> {
    let workers = app.config.http_workers;
    let connections = Connections::new(Bounds::from(&app.config), figures.clone());
    connections::watch(&connections);
    let server = HttpServer::new(move || application(app.clone(), figures.clone(), more));
    Ok(server
        .on_connect(move |connection, data| connections.admit(connection, data))
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
    figures: web::Data<Metrics>,
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
        .app_data(web::Data::new(extract::limits::Limits::from(&app.config)))
        .app_data(app)
        .app_data(figures)
        .configure(routes::served)
        .configure(pages)
        .configure(more)
        .default_service(web::to(problem::unknown_routes::unrouted))
        .wrap(from_fn(formats::lead))
        .wrap(from_fn(middleware::revalidation::tag))
        .wrap(from_fn(middleware::request_context::spare_small))
        .wrap(Compress::default())
        .wrap(from_fn(middleware::request_context::guard))
        .wrap(from_fn(middleware::request_context::frame))
        .wrap(cors)
        .wrap(from_fn(middleware::request_context::preflight))
        .wrap(from_fn(middleware::connection::keep))
}

/// Browsers of these origins may call us and read our headers; of others, none.
fn cors(origins: &[String]) -> Cors {
    origins
        .iter()
        .fold(Cors::default(), |cors, origin| cors.allowed_origin(origin))
        .allowed_methods(middleware::preflights::METHODS)
        .allowed_headers(middleware::preflights::HEADERS)
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
