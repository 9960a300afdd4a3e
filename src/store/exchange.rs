//! What is exchanged with the insurer's systems: the insurer's tables.

pub mod cooling_off_rules;
pub mod insurer_tables;
pub mod premium_factors;
pub mod products;
pub mod rows;
