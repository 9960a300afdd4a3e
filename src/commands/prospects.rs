//! Writes on a prospect: create, change, move, correct, appoint, check, extend, transfer, erase.

pub mod appoint;
pub mod change;
pub mod check;
pub mod confirm;
pub mod correct;
pub mod create;
pub mod date;
mod deciders;
pub mod erase;
pub mod extend;
pub mod moves;
mod recorded;
pub mod transfer;
pub mod write;

pub use recorded::{Check, Fixed, Recorded, Sale};
