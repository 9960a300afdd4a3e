//! The test suite: one binary, so that everything is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[allow(dead_code, unused_imports)] // it serves tests that come and go
mod harness;

mod access;
mod activities;
mod agreement;
mod api_document;
mod api_errors;
mod appointments;
mod architecture;
mod audit;
mod board_counts;
mod calendar_feeds;
mod catalogue;
mod confirmations;
mod corrections;
mod crossing_rights;
mod deciders;
mod demo;
mod diary;
mod documents;
mod durability;
mod executor;
mod extensions;
mod fallback_proposals;
mod formats;
mod generated_clients;
mod hangs;
mod idempotency;
mod joint_visits;
mod kept_connections;
mod lives;
mod locks;
mod log;
mod membership_by_date;
mod memory;
mod migrations;
mod newer_pursuits;
mod on_the_way;
mod oracle;
mod outcomes;
mod pictures;
mod plans;
mod preconditions;
mod prospects;
mod recorded_ids;
mod reports;
mod revalidation;
mod roster;
mod sales;
mod sessions;
mod settings;
mod sheets;
mod sign_offs;
mod standings;
mod starting;
mod statements;
mod team_mean;
mod tokens;
mod transfers;
mod valid_bodies;
