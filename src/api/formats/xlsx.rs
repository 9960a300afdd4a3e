//! Workbooks that look like the paper forms and print on A4: borders, headings on every page, real numbers and dates.
//!
//! Nothing here is ever a formula: text is written as text, and what looks like a formula is marked as quoted, so that it
//! stays text also when somebody edits the cell.

mod book;
mod ink;
mod measure;
mod paper;
mod plain;

pub use book::Book;
pub use ink::{Ink, Side};
pub use measure::{lines_needed, row_height};
pub use paper::{Area, Drawn, Paper};
