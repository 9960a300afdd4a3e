//! `/v1/prospects` and what hangs below one of them: moves, checks, dates, corrections, transfers.

pub mod batch;
pub mod board;
pub mod board_change;
pub mod confirmations;
pub mod corrections;
pub mod criteria_checks;
pub mod export;
pub mod extensions;
pub mod fallback_proposals;
pub mod lists;
pub mod log;
pub mod move_facts;
pub mod next_steps;
pub mod person;
pub mod prospect;
pub mod pursuits;
pub mod query;
pub mod timeline;
mod timeline_fact;
pub mod transfers;
pub mod transitions;
pub mod view;
pub mod warnings;
pub mod writing;
