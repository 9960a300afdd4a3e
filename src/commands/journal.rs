//! Writes in an agent's journal: what was done, one by one or as a day's tally.

pub mod activities;
pub mod tally;
