//! Rows, SQL and transactions, on SQLite and on PostgreSQL alike.
//!
//! Knows the tables and turns rows into values of the domain. Must never decide anything the method has a rule
//! for, and never speaks HTTP. Everything runs on the database threads of [`db::executor::Db`], through one of two
//! doors: [`Db::read`] and [`Db::write`].

pub mod db;
pub mod exchange;
pub mod journal;
pub mod ledger;
pub mod organisation;
pub mod prospects;
pub mod reports;

pub use db::connection::AnyConnection as Conn;
pub use db::error::StoreError;
pub use db::executor::Db;
