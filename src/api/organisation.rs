//! People, teams, memberships, signing in, cycles and settings.

pub mod agents;
pub mod audit;
pub mod auth;
pub mod cycles;
pub mod me;
pub mod memberships;
pub mod people_rules;
pub mod roster;
pub mod service_clients;
pub mod settings;
pub mod teams;
pub mod token;
