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
pub mod formats;
pub mod frame;
pub mod health;
pub mod idempotency;
pub mod joint_visits;
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
pub mod prospect_bodies;
pub mod prospects;
pub mod pursuits;
pub mod refusals;
pub mod reports;
pub mod roster;
pub mod settings;
pub mod settled;
pub mod sign_offs;
pub mod teams;
pub mod timeline;
pub mod today;
pub mod transfers;
pub mod transitions;
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

/// The route table: every operation of the API description.
pub fn routes(api: &mut ServiceConfig) {
    api.service(health::livez)
        .service(health::readyz)
        .service(prospects::create_prospect)
        .service(prospects::list_prospects)
        .service(prospects::search_prospects)
        .service(prospects::get_prospect)
        .service(prospects::update_prospect)
        .service(prospects::delete_prospect)
        .service(auth::login)
        .service(auth::refresh)
        .service(auth::logout)
        .service(auth::jwks)
        .service(me::get)
        .service(me::change_password)
        .service(today::get_today)
        .service(agents::list)
        .service(agents::create)
        .service(agents::get)
        .service(agents::update)
        .service(agents::reset_password)
        .service(memberships::list)
        .service(memberships::move_to_team)
        .service(teams::list)
        .service(teams::create)
        .service(teams::get)
        .service(teams::update)
        .service(transitions::create_transition)
        .service(transitions::list_transitions)
        .service(transitions::get_transition)
        .service(next_steps::get_next_steps)
        .service(criteria_checks::create_criteria_check)
        .service(criteria_checks::list_criteria_checks)
        .service(appointments::create_appointment)
        .service(appointments::list_appointments)
        .service(appointments::update_appointment)
        .service(diary::list_appointments)
        .service(calendar_feeds::create_calendar_feed)
        .service(calendar_feeds::list_calendar_feeds)
        .service(calendar_feeds::get_calendar_feed)
        .service(calendar_feeds::delete_calendar_feed)
        .service(calendar_feeds::read_calendar)
        .service(pursuits::list_pursuits)
        .service(pursuits::update_pursuit)
        .service(timeline::get_timeline)
        .service(confirmations::create_confirmation)
        .service(corrections::create_correction)
        .service(cycles::get_cycle)
        .service(cycles::declare_cycle)
        .service(cycles::list_cycle_history)
        .service(cycles::create_sweep)
        .service(extensions::create_extension)
        .service(extensions::list_extensions)
        .service(extensions::decide_extension)
        .service(fallback_proposals::list_fallback_proposals)
        .service(settings::get_settings)
        .service(settings::update_settings)
        .service(transfers::create_transfer)
        .service(transfers::list_transfers)
        .service(transfers::get_transfer)
        .service(activities::create_activity)
        .service(activities::create_activity_batch)
        .service(activities::list_activities)
        .service(activities::get_activity)
        .service(activities::delete_activity)
        .service(activity_tallies::create_activity_tally)
        .service(activity_tallies::list_activity_tallies)
        .service(reports::action_sheet::get_action_sheet)
        .service(reports::team_sheet::get_team_sheet)
        .service(reports::shape::get_shape)
        .service(reports::funnel::get_funnel)
        .service(reports::velocity::get_velocity)
        .service(reports::ratios::get_ratios)
        .service(reports::levers::get_levers)
        .service(reports::first_appointments::get_first_appointments)
        .service(reports::attention::get_attention)
        .service(reports::attention::get_over_cycle)
        .service(reports::forecast::get_forecast)
        .service(sign_offs::create_sign_off)
        .service(sign_offs::list_sign_offs)
        .service(sign_offs::get_sign_off)
        .service(sign_offs::create_revocation)
        .service(classify::classify_facts)
        .service(exercises::list_exercises)
        .service(exercises::get_exercise)
        .service(exercises::answer_exercise);
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
        .configure(|cfg| routes(&mut ServiceConfig::new(cfg)))
        .configure(pages)
        .configure(more)
        .default_service(web::to(fallback::unrouted))
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
