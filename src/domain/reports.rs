//! What boards, sheets and reports show: pure functions of histories and counts. What a figure means is said once, in
//! [`definition`].

pub mod attention;
pub mod board;
pub mod cohort;
pub mod definition;
pub mod first_appointment_level;
pub mod forecast;
pub mod funnel;
pub mod lever;
pub mod next_action;
pub mod placement;
pub mod premium_flow;
pub mod ratio;
pub mod replenishment;
pub mod report;
pub mod shape;
pub mod sheet;
pub mod sheet_contact;
pub mod sheet_week;
pub mod sign_off;
pub mod standing;
pub mod team_sheet;
pub mod velocity;
