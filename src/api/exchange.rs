//! What is exchanged with other systems: what they are told, and the insurer's tables.

pub mod changes;
pub mod cooling_off_rules;
pub mod premium_factors;
pub mod products;
pub mod tables;
