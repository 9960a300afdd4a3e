//! The method, pure: no I/O, no async, no clock, no database, no HTTP.

pub mod actor;
pub mod id;
pub mod text;
