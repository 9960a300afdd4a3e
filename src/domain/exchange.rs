//! What the rest of the service is told: the events that every write gives.

pub mod change;
pub mod client_event;
pub mod delivery;
pub mod event;
pub mod insurer_tables;
pub mod matter;
pub mod networks;
pub mod policy_event;
pub mod signed_block;
pub mod table_change;
pub mod told;
pub mod webhook;
