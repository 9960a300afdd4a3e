//! `/v1/reports/…`: what a check-in needs (method sections 7 to 9). Each report says what its figures mean.

mod block_label;
pub mod block_sign_offs;
pub mod sign_offs;

pub mod action_sheet;
pub mod attention;
pub mod definition;
pub mod first_appointments;
pub mod forecast;
pub mod funnel;
pub mod heading;
pub mod levers;
pub mod next_actions;
pub mod ratios;
pub mod shape;
pub mod subject;
pub mod team_sheet;
pub mod velocity;
