//! What is told of a block that was signed off.

use chrono::NaiveDate;

use crate::domain::{reports::sheet_week::CheckIn, values::id::Id};

/// A block that is or was signed off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignedBlock {
    /// The sign-off.
    pub sign_off_id: Id,
    /// Whose sheet.
    pub agent_id: Id,
    /// The check-in that ends the block.
    pub check_in: CheckIn,
    /// Which attempt.
    pub attempt: i32,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}
