//! What agents do in a day, apart from the log of any prospect.

pub mod activity;
