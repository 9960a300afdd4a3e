//! Writes on what is exchanged with other systems: the insurer's tables, the events of its policy system, and what others are
//! told.

mod aim;
pub mod deliveries;
mod figures;
mod fold;
pub mod insurer_tables;
pub mod policy_event_queue;
pub mod policy_events;
pub mod webhooks;
