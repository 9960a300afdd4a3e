//! `/v1/reports/…`: what a check-in needs (method sections 7 to 9). Each report says what its figures mean.

mod block_label;

pub mod action_sheet;
pub mod definition;
pub mod team_sheet;
