//! What is exchanged with other systems: what they are told, and the insurer's tables.

pub mod changes;
pub mod cooling_off_rules;
pub mod deliveries;
pub mod premium_factors;
pub mod products;
pub mod tables;
pub mod topics;
pub mod webhook_url;
pub mod webhooks;
