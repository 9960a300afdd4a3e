//! Rows, SQL and transactions, on SQLite and on PostgreSQL alike.
//!
//! Knows the tables and turns rows into values of the domain. Must never decide anything the method has a rule
//! for, and never speaks HTTP. Everything runs on the database threads of [`executor::Db`], through one of two
//! doors: [`Db::read`] and [`Db::write`].

pub mod activities;
pub mod audit;
pub mod board;
pub mod board_counts;
pub mod calendar_feeds;
pub mod callers;
pub mod codec;
pub mod connection;
pub mod cycles;
mod deals;
pub mod dialect;
pub mod diary;
pub mod doings;
pub mod due;
pub mod environment;
pub mod erasure;
pub mod error;
pub mod executor;
pub mod experience;
pub mod figures;
pub mod history;
pub mod idempotency;
pub mod joint_visits;
pub mod ledger;
mod locks;
pub mod members;
pub mod memberships;
pub mod meta;
pub mod migrate;
pub mod outcomes;
pub mod ownerships;
pub mod people;
pub mod placements;
pub mod prospect_row;
pub mod prospects;
pub mod recent_callers;
mod review;
pub mod schema;
pub mod scope;
pub mod sessions;
pub mod sheets;
pub mod sign_offs;
pub mod standards;
pub mod sweep;
pub mod teams;
pub mod today;
pub mod tracks;
pub mod transfers;
pub mod users;

pub use connection::AnyConnection as Conn;
pub use error::StoreError;
pub use executor::Db;
