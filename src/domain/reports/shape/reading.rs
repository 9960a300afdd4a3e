//! A board read: its shape, how much that says, where it comes from and what to do about it (method section 9).

use serde::{Deserialize, Serialize};

use super::{
    counts::BoardCounts,
    experience::Experience,
    form::Shape,
    meaning::{Cause, Remedy, cause, remedies},
};

/// Below how many effective prospects a shape says little.
pub const LOW_CONFIDENCE_BELOW: i64 = 4;

/// How much a shape says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Few cases.
    Low,
    /// Enough of them.
    Normal,
}

impl Confidence {
    /// Of a board.
    pub fn of(counts: &BoardCounts) -> Self {
        if counts.total() < LOW_CONFIDENCE_BELOW { Confidence::Low } else { Confidence::Normal }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Normal => "normal",
        }
    }
}

/// What a board's shape says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reading {
    /// The numbers.
    pub counts: BoardCounts,
    /// The shape.
    pub shape: Shape,
    /// For `mixed`: the nearest shape, whose remedies apply.
    pub nearest: Option<Shape>,
    /// Low below four effective prospects.
    pub confidence: Confidence,
    /// Where it comes from.
    pub cause: Cause,
    /// What to do, the most important first.
    pub remedies: Vec<Remedy>,
}

/// Reads a board.
pub fn read(counts: &BoardCounts, experience: Experience) -> Reading {
    let shape = Shape::of(counts);
    let nearest = Shape::nearest(counts).filter(|_| shape == Shape::Mixed);
    Reading {
        counts: *counts,
        shape,
        nearest,
        confidence: Confidence::of(counts),
        cause: cause(shape, experience),
        remedies: remedies(nearest.unwrap_or(shape), experience),
    }
}
