//! The shape of the board (method section 9): what the numbers at 25, 50 and 90% say, and what to do about it.

mod counts;
mod experience;
mod form;
mod meaning;
mod reading;
#[cfg(test)]
mod tests;

pub use counts::{BoardCounts, Boards, Placed};
pub use experience::Experience;
pub use form::Shape;
pub use meaning::{Cause, Remedy};
pub use reading::{Confidence, LOW_CONFIDENCE_BELOW, Reading, read};
