//! Who may see and do what (reliability A1, A2, A4, A6, P1), over every operation of the API document.
//!
//! [`table`] holds one row per operation: who may, and a request that succeeds for them. Everything else follows from
//! the table and the document, so that a new endpoint needs one row and nothing more.

mod afterwards;
pub mod callers;
mod canaries;
pub mod document;
mod erasure;
mod matrix;
mod planting;
mod read_only;
mod silence;
mod strangers;
pub mod table;
mod texts;
