//! People, teams, scopes, sessions, settings, and the audit of what they did.

pub mod audit;
pub mod callers;
pub mod cycles;
pub mod logins;
pub mod member_settings;
pub mod memberships;
pub mod recent_callers;
pub mod scope;
pub mod service_clients;
pub mod sessions;
pub mod standing;
pub mod teams;
pub mod users;
