//! The method, pure: no I/O, no async, no clock, no database, no HTTP.

pub mod actor;
pub mod automatic;
pub mod board;
pub mod calendar;
pub mod classify;
pub mod cooling_off;
pub mod corrections;
pub mod criteria;
pub mod cycle;
pub mod decision;
pub mod entries;
pub mod exercises;
pub mod fact;
pub mod facts;
pub mod history;
pub mod id;
pub mod money;
pub mod moves;
pub mod prospect;
pub mod pursuit;
pub mod settings;
pub mod stage;
pub mod text;
pub mod timeline;
pub mod transition;
pub mod wording;
