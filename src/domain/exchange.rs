//! What is exchanged with the rest of the service and with the insurer: the events that every write gives, what the policy system
//! tells, and the insurer's tables.

pub mod application_clock;
pub mod applications;
pub mod change;
pub mod client_event;
pub mod delivery;
pub mod event;
pub mod insurer_tables;
pub mod intake_event;
pub mod matching;
pub mod matter;
pub mod networks;
pub mod policy_event;
pub mod policy_message;
pub mod retelling;
pub mod signed_block;
pub mod table_change;
pub mod told;
pub mod webhook;
pub mod written_event;
