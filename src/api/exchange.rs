//! What other systems are told, and how they follow.

pub mod changes;
