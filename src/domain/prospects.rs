//! One prospect: what is recorded about it, what follows from the records, and the decisions that add to them.

pub(in crate::domain) mod application;
pub mod appointment;
pub mod appointments;
pub mod confirmed;
pub mod corrections;
pub mod deciders;
pub mod decision;
pub mod extension;
pub mod fact;
pub mod fact_entries;
pub mod facts;
pub(in crate::domain) mod facts_fold;
pub mod history;
mod move_steps;
pub mod moves;
pub mod naming;
pub mod ownership;
pub mod phone;
mod plausible;
pub mod policy_fact;
pub mod policy_facts;
pub mod prospect;
pub mod pursuit;
pub mod recorder;
pub mod sale;
#[cfg(test)]
pub(super) mod story;
pub mod transfer_hold;
pub mod transition;
