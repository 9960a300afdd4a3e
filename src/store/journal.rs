//! What agents did and what awaits them: activities, appointments in order of time, calendar links.

pub mod activities;
pub mod appointment_list;
pub mod calendar_feeds;
pub mod joint_visits;
pub mod today;
