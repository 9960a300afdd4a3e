//! Writes in an agent's journal: a day's tally.

pub mod tally;
