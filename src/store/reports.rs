//! Rows counted for boards, sheets and reports; the arithmetic is the domain's.

pub mod activity_counts;
pub mod board;
pub mod board_counts;
pub mod cohorts;
pub mod figures;
pub mod forecast_cases;
pub mod members;
pub mod sheets;
pub mod sign_offs;
