//! Writes on what is exchanged with other systems: the insurer's tables, and what others are told.

pub mod deliveries;
pub mod insurer_tables;
pub mod webhooks;
