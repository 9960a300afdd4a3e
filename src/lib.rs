//! Prospector: prospect management (潜在客户管理系统) for life-insurance agents and their supervisors.
//!
//! Four rooms and a rim. Imports go one way: `api`, `jobs`, `cli`, `demo` → `commands` → `store` → `domain`.
//!
//! * [`domain`] is the method itself: pure, no I/O, no clock, no database, no HTTP.
//! * [`store`] is rows, SQL and transactions, on SQLite and on PostgreSQL.
//! * [`commands`] is the use cases that write: they load, let the domain decide, and save.
//! * [`api`] is HTTP: doors, handlers, problem documents, the OpenAPI document.
//! * [`jobs`] is what runs by itself; [`cli`] is the command line; [`demo`] plays the method's own sample.
//!
//! Invariants: exactly one function writes a stage; the log of moves is append-only and its fold is the
//! current stage; automatic moves are a pure function of what people recorded, so no answer depends on
//! a job having run; every query takes a [`domain::organisation::actor::Scope`].

pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod domain;
pub mod file_limit;
pub mod file_turns;
pub mod file_writer;
pub mod job_figures;
pub mod jobs;
pub mod process_figures;
pub mod security;
pub mod store;
