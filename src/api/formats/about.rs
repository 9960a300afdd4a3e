//! What a report that leaves the service is about, in ids and codes.

use crate::domain::{
    reports::report::Report,
    values::{id::Id, window::Window},
};

/// What a handed-out report is about: for its file name, and for the audit.
#[derive(Clone, Debug)]
pub struct About {
    /// Which report.
    pub report: Report,
    /// `user` or `team`.
    pub subject_kind: &'static str,
    /// Whose figures.
    pub subject_id: Id,
    /// The days it covers.
    pub window: Window,
}
