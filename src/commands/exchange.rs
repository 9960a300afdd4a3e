//! Writes on what is exchanged with the insurer's systems.

pub mod insurer_tables;
