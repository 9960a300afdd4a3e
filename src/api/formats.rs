//! The forms of a report: JSON for programs, CSV for a spreadsheet, xlsx for the printer, SVG where a picture says more.

mod about;
pub mod csv;
mod disposition;
mod file_paths;
mod format;
mod formula;
mod negotiation;
pub mod report_forms;
pub mod svg;
pub mod table;
mod wrap;
pub mod xlsx;

pub use about::About;
pub use file_paths::{FilePath, lead};
pub use format::{Format, OFFERS, PARAMETER, offered};
pub use table::{Cell, Column, Kind, Table, Tables};
