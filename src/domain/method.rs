//! The method's own rules: stages and criteria, where somebody belongs and why, what moves by itself, and when.

pub mod automatic;
pub mod classify;
pub mod confirmation;
pub mod cooling_off;
pub mod criteria;
pub mod cycle;
pub mod due;
pub mod exercises;
pub mod guards;
pub mod labels;
mod policy_moves;
pub mod proposals;
pub mod stage;
pub mod wording;
