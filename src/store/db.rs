//! The two databases behind one connection type: threads, dialects, codecs, errors, the schema and its migrations.
//! Knows no rule and no subject.

mod address;
pub mod backup;
pub mod codec;
pub mod connection;
pub mod dialect;
pub mod erased_pages;
pub mod error;
pub mod executor;
pub mod idempotency;
pub mod meta;
pub mod migrate;
pub mod schema;
