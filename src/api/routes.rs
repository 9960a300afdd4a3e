//! The route table: one line an operation, from which both the server and the API description are made.

use actix_web::web;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{
    exchange::changes,
    journal::{activities, activity_tallies, appointment_list, appointments, calendar_feeds, today},
    method::{classify, exercises},
    organisation::{
        agents, audit, auth, cycles, me, memberships, roster, service_clients, settings, teams, token,
    },
    pages::health,
    prospects::{
        confirmations, corrections, criteria_checks, export, extensions, fallback_proposals, log, next_steps,
        prospect, pursuits, timeline, transfers, transitions,
    },
    reports::{self, sign_offs},
};

/// Makes both readings of the route table from one list: the server, and the API description. The server does not
/// collect the description as it goes: every worker would build its own and throw it away, 8 MB each.
macro_rules! route_table {
    ($($operation:path,)*) => {
        /// The route table: every operation of the API description.
        pub fn routes(api: &mut ServiceConfig) {
            api$(.service($operation))*;
        }

        /// The same operations, to be served.
        pub fn served(cfg: &mut web::ServiceConfig) {
            cfg$(.service($operation))*;
        }
    };
}

route_table! {
    health::livez,
    health::readyz,
    prospect::create_prospect,
    prospect::list_prospects,
    prospect::search_prospects,
    prospect::get_prospect,
    prospect::update_prospect,
    prospect::delete_prospect,
    export::get_prospect_export,
    auth::login,
    auth::refresh,
    auth::logout,
    auth::jwks,
    token::create_access_token,
    me::get,
    me::change_password,
    today::get_today,
    agents::list,
    agents::create,
    agents::get,
    agents::update,
    agents::reset_password,
    roster::keep_agent,
    memberships::list,
    memberships::move_to_team,
    teams::list,
    teams::create,
    teams::get,
    teams::update,
    transitions::create_transition,
    transitions::list_transitions,
    transitions::get_transition,
    log::list_transitions,
    log::export_transitions,
    next_steps::get_next_steps,
    criteria_checks::create_criteria_check,
    criteria_checks::list_criteria_checks,
    appointments::create_appointment,
    appointments::list_appointments,
    appointments::update_appointment,
    appointment_list::list_appointments,
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
    service_clients::create_service_client,
    service_clients::list_service_clients,
    service_clients::get_service_client,
    service_clients::update_service_client,
    service_clients::create_service_client_secret,
    service_clients::delete_service_client_secret,
    audit::list_audit,
    audit::export_audit,
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
    changes::list_changes,
    classify::classify_facts,
    exercises::list_exercises,
    exercises::get_exercise,
    exercises::answer_exercise,
}
