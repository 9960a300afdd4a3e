//! The method, pure: no I/O, no async, no clock, no database, no HTTP.

pub mod exchange;
pub mod journal;
pub mod method;
pub mod organisation;
pub mod prospects;
pub mod reports;
pub mod values;
