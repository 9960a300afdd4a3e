//! Defects of ours that requests ran into, counted for `/metrics`: an alert rests on them.

use std::sync::atomic::{AtomicU64, Ordering};

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defect {
    /// A constraint of the database refused a write that no rule had refused.
    Constraint,
    /// A row that the domain does not accept.
    CorruptRow,
    /// An error of the database that has no other name.
    Database,
}

static COUNTS: [AtomicU64; 3] = [const { AtomicU64::new(0) }; 3];

impl Defect {
    /// Counts one.
    pub fn count(self) {
        COUNTS[self as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many this process has run into.
    pub fn counted(self) -> u64 {
        COUNTS[self as usize].load(Ordering::Relaxed)
    }
}
