//! What is exchanged with other systems: the insurer's tables, the events of its policy system and the applications that they are
//! about, and what others are told.

pub mod applications;
pub mod audience;
pub mod cooling_off_rules;
pub mod deliveries;
pub mod insurer_tables;
pub mod number_locks;
pub mod outbox;
pub mod policy_event_decisions;
pub mod policy_event_people;
pub mod policy_event_queue;
pub mod policy_events;
pub mod premium_factors;
pub mod products;
pub mod rows;
pub mod webhooks;
