//! Which shape a board has: the rules in their order, and the nearest model of a mixed board (method section 9).

use serde::{Deserialize, Serialize};

use super::counts::BoardCounts;
use crate::domain::values::text::Text;

/// The shape of a board.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Nobody at 25, 50 or 90%.
    Empty,
    /// A: many sales soon, then living off reserves (坐吃山空).
    Depleting,
    /// C: proposal pending (计划书待定).
    Stalled,
    /// B: a beginner, or someone who just closed and suddenly has nobody.
    Starting,
    /// Steady sales.
    Ideal,
    /// None of these.
    Mixed,
}

impl Shape {
    /// Every shape, in the order of evaluation.
    pub const ALL: [Shape; 6] =
        [Shape::Empty, Shape::Depleting, Shape::Stalled, Shape::Starting, Shape::Ideal, Shape::Mixed];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Shape::Empty => "empty",
            Shape::Depleting => "depleting",
            Shape::Stalled => "stalled",
            Shape::Starting => "starting",
            Shape::Ideal => "ideal",
            Shape::Mixed => "mixed",
        }
    }

    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Shape::Empty => Text::new("empty board", "无有效潜在客户"),
            Shape::Depleting => Text::new("living off reserves", "坐吃山空"),
            Shape::Stalled => Text::new("proposal pending", "计划书待定"),
            Shape::Starting => Text::new("starting over", "起步阶段"),
            Shape::Ideal => Text::new("ideal", "理想形态"),
            Shape::Mixed => Text::new("mixed", "混合形态"),
        }
    }

    /// The shape of these counts: the first rule that holds.
    pub fn of(counts: &BoardCounts) -> Shape {
        let BoardCounts { stage_25: a, stage_50: b, stage_90: c } = *counts;
        if counts.total() == 0 {
            Shape::Empty
        } else if c > a && c >= b {
            Shape::Depleting
        } else if b > a && b > c {
            Shape::Stalled
        } else if a > b && a > c && 4 * (b + c) <= counts.total() {
            Shape::Starting
        } else if a >= b && b >= c && c >= 1 && a > c {
            Shape::Ideal
        } else {
            Shape::Mixed
        }
    }

    /// The shape that a mixed board comes nearest to: smallest Euclidean distance of (a,b,c)/N to (4,2,1)/7, (1,2,4)/7,
    /// (8,1,1)/10, (2,6,1)/9, ties in that order. None for an empty board.
    pub fn nearest(counts: &BoardCounts) -> Option<Shape> {
        const MODELS: [(Shape, [i128; 3]); 4] = [
            (Shape::Ideal, [4, 2, 1]),
            (Shape::Depleting, [1, 2, 4]),
            (Shape::Starting, [8, 1, 1]),
            (Shape::Stalled, [2, 6, 1]),
        ];
        let n = i128::from(counts.total());
        if n == 0 {
            return None;
        }
        let point = [counts.stage_25, counts.stage_50, counts.stage_90].map(i128::from);
        // Squared distance times N², as a fraction over M²: whole numbers, so that a tie is a tie.
        let distance = |model: &[i128; 3]| {
            let m: i128 = model.iter().sum();
            let sum: i128 = point.iter().zip(model).map(|(p, r)| (p * m - r * n).pow(2)).sum();
            (sum, m * m)
        };
        let nearer = |(d1, m1): (i128, i128), (d2, m2): (i128, i128)| d1 * m2 < d2 * m1;
        let mut best = MODELS[0];
        for model in &MODELS[1..] {
            if nearer(distance(&model.1), distance(&best.1)) {
                best = *model;
            }
        }
        Some(best.0)
    }
}
