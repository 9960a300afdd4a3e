//! What surrounds every request: its id and span, figures, revalidation, repeated keys.

pub mod connection;
pub mod exposition;
pub mod idempotency;
pub mod metrics;
pub mod preflights;
pub mod request_context;
pub mod request_id;
pub mod revalidation;
