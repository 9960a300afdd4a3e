//! What is exchanged with other systems: what the insurer's policy system tells, the insurer's tables, and what others are told.

pub mod applications;
pub mod changes;
pub mod cooling_off_rules;
pub mod deliveries;
pub mod policy_event_bodies;
pub mod policy_event_intake;
pub mod policy_event_queue;
pub mod policy_event_views;
pub mod premium_factors;
pub mod products;
pub mod tables;
pub mod topics;
pub mod webhook_url;
pub mod webhooks;
