//! What agents did and what awaits them: activities and tallies, appointments, calendars, the day.

pub mod activities;
pub mod activity_tallies;
pub mod appointment_list;
pub mod appointments;
pub mod calendar_feeds;
pub mod today;
