//! What is exchanged with other systems: the insurer's tables, and what others are told.

pub mod audience;
pub mod cooling_off_rules;
pub mod deliveries;
pub mod insurer_tables;
pub mod outbox;
pub mod premium_factors;
pub mod products;
pub mod rows;
pub mod webhooks;
