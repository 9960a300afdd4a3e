//! The use cases that write: who, when, what. Each is a function of a connection in a write transaction, an
//! [`Actor`](crate::domain::organisation::actor::Actor), an [`Occasion`](crate::clock::Occasion) and its input; handlers, the demo
//! and the sweep call the same ones.
//!
//! A command loads, lets the domain decide, and saves. What stands against it is a value (each subject's `Refused`), never a
//! problem document: this room knows no HTTP, no SQL, no JSON pointers.

pub mod due;
pub mod exchange;
pub mod journal;
pub mod organisation;
pub mod prospects;
pub mod reports;

/// From which version somebody writes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Whatever version it has.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl Seen {
    /// Whether a version is the one that was seen.
    pub fn is(&self, version: i64) -> bool {
        match self {
            Seen::Any => true,
            Seen::Versions(versions) => versions.contains(&version),
        }
    }
}
