//! People, teams, who may see what, and what they have chosen.

pub mod actor;
pub mod benchmark;
pub mod settings;
pub mod user;
