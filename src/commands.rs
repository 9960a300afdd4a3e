//! The use cases that write: who, when, what. Each is a function of a connection in a write transaction, an
//! [`Actor`](crate::domain::actor::Actor), an [`Occasion`](crate::store::ledger::Occasion) and its input; handlers, the demo
//! and the sweep call the same ones.
//!
//! A command loads, lets the domain decide, and saves. What stands against it is a value ([`prospects::Refused`]), never a
//! problem document: this room knows no HTTP, no SQL, no JSON pointers.

pub mod journal;
pub mod prospects;
