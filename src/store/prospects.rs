//! Prospects as rows: pages of them, the people behind them, whose they were and are.

pub mod erasure;
mod mentions;
pub mod ownerships;
pub mod people;
pub mod prospect;
pub mod prospect_row;
pub mod retention;
pub mod transfers;
