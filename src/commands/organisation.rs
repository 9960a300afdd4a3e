//! Writes on the organisation: people, teams, settings, cycles.

pub mod cycles;
pub mod operator;
pub mod refused;
pub mod roster;
pub mod service_clients;
pub mod settings;
pub mod teams;
pub mod users;
