//! Writes in an agent's journal: what was done, one by one or as a day's tally, and the links to the own calendar.

pub mod activities;
pub mod calendar_feeds;
pub mod tally;
