//! People, teams, who may see what, and what they have chosen.

pub mod actor;
pub mod benchmark;
pub mod service_client;
pub mod settings;
pub mod user;
