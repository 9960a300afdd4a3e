//! HTTP. The route table, and the server that stands around it.
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
pub mod revalidation;
pub mod roster;
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
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;

/// Makes both readings of the route table from one list: the server, and the API description. The server does not
/// collect the description as it goes: every worker would build its own and throw it away, 8 MB each.
macro_rules! route_table {
    ($($operation:path,)*) => {
        /// The route table: every operation of the API description.
        pub fn routes(api: &mut ServiceConfig) {
            api$(.service($operation))*;
        }

        /// The same operations, to be served.
        fn served(cfg: &mut web::ServiceConfig) {
            cfg$(.service($operation))*;
        }
    };
}

route_table! {
    health::livez,
    health::readyz,
    prospects::create_prospect,
    prospects::list_prospects,
    prospects::search_prospects,
    prospects::get_prospect,
    prospects::update_prospect,
    prospects::delete_prospect,
    auth::login,
    auth::refresh,
    auth::logout,
    auth::jwks,
    me::get,
    me::change_password,
    today::get_today,
    agents::list,
    agents::create,
    agents::get,
    agents::update,
    agents::reset_password,
    memberships::list,
    memberships::move_to_team,
    teams::list,
    teams::create,
    teams::get,
    teams::update,
    transitions::create_transition,
    transitions::list_transitions,
    transitions::get_transition,
    next_steps::get_next_steps,
    criteria_checks::create_criteria_check,
    criteria_checks::list_criteria_checks,
    appointments::create_appointment,
    appointments::list_appointments,
    appointments::update_appointment,
    diary::list_appointments,
    calendar_feeds::create_calendar_feed,
    calendar_feeds::list_calendar_feeds,
    calendar_feeds::get_calendar_feed,
    calendar_feeds::delete_calendar_feed,
    calendar_feeds::read_calendar,
    pursuits::list_pursuits,
    pursuits::update_pursuit,
    timeline::get_timeline,
    confirmations::create_confirmation,
    corrections::create_correction,
    cycles::get_cycle,
    cycles::declare_cycle,
    cycles::list_cycle_history,
    cycles::create_sweep,
    extensions::create_extension,
    extensions::list_extensions,
    extensions::decide_extension,
    fallback_proposals::list_fallback_proposals,
    settings::get_settings,
    settings::update_settings,
    transfers::create_transfer,
    transfers::list_transfers,
    transfers::get_transfer,
    activities::create_activity,
    activities::create_activity_batch,
    activities::list_activities,
    activities::list_prospect_activities,
    activities::get_activity,
    activities::delete_activity,
    activity_tallies::create_activity_tally,
    activity_tallies::list_activity_tallies,
    reports::action_sheet::get_action_sheet,
    reports::team_sheet::get_team_sheet,
    reports::shape::get_shape,
    reports::funnel::get_funnel,
    reports::velocity::get_velocity,
    reports::ratios::get_ratios,
    reports::levers::get_levers,
    reports::first_appointments::get_first_appointments,
    reports::attention::get_attention,
    reports::attention::get_over_cycle,
    reports::forecast::get_forecast,
    sign_offs::create_sign_off,
    sign_offs::list_sign_offs,
    sign_offs::get_sign_off,
    sign_offs::create_revocation,
    classify::classify_facts,
    exercises::list_exercises,
    exercises::get_exercise,
    exercises::answer_exercise,
}

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
        .configure(served)
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
