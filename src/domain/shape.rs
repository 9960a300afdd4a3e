//! The shape of the board (method section 9): what the numbers at 25, 50 and 90% say, and what to do about it.

use serde::{Deserialize, Serialize};

mod meaning;

pub use meaning::{Cause, Remedy};

use super::{stage::Stage, text::Text};

/// Below how many effective prospects a shape says little.
pub const LOW_CONFIDENCE_BELOW: i64 = 4;

/// How many stand at 25, 50 and 90%.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, Serialize, Deserialize)]
pub struct BoardCounts {
    /// a = n(25), 0 or more.
    pub stage_25: i64,
    /// b = n(50), 0 or more.
    pub stage_50: i64,
    /// c = n(90), 0 or more.
    pub stage_90: i64,
}

impl BoardCounts {
    /// Counts the effective stages; every other stage is passed over.
    pub fn of(stages: impl IntoIterator<Item = Stage>) -> Self {
        let mut counts = BoardCounts::default();
        for stage in stages {
            counts.add(stage, 1);
        }
        counts
    }

    /// Counts `n` more at a stage; a stage that is not effective is passed over.
    fn add(&mut self, stage: Stage, n: i64) {
        match stage {
            Stage::Stage25 => self.stage_25 += n,
            Stage::Stage50 => self.stage_50 += n,
            Stage::Stage90 => self.stage_90 += n,
            Stage::Opportunity | Stage::FirstAppointment | Stage::Closed | Stage::Exited => {}
        }
    }

    /// N = a + b + c: the effective prospects (有效潜在客户).
    pub fn total(&self) -> i64 {
        self.stage_25 + self.stage_50 + self.stage_90
    }
}

/// One open pursuit as entered, and where `classify` puts it on the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Placed {
    /// The stored stage.
    pub entered: Stage,
    /// The stage by the rules, without any grace.
    pub verified: Stage,
    /// Whether it rests on the agent's word that nothing has confirmed.
    pub claimed: bool,
}

/// The board as entered beside the board as verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Boards {
    /// By stored stage.
    pub entered: BoardCounts,
    /// By the rules.
    pub verified: BoardCounts,
    /// How many of the verified rest on claimed facts.
    pub n_claimed: i64,
    /// How many stand elsewhere than the rules put them.
    pub n_misplaced: i64,
}

impl Boards {
    /// Counts the open pursuits both ways, each place with its number.
    pub fn of(placed: impl IntoIterator<Item = (Placed, i64)>) -> Self {
        let mut boards = Boards::default();
        for (p, n) in placed {
            boards.entered.add(p.entered, n);
            boards.verified.add(p.verified, n);
            boards.n_claimed += if p.claimed && p.verified.is_effective() { n } else { 0 };
            boards.n_misplaced += if p.entered == p.verified { 0 } else { n };
        }
        boards
    }
}

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

/// Whether somebody is a beginner: joined less than so many days ago (setting, 180).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Experience {
    /// 新人.
    Beginner,
    /// Everybody else.
    Veteran,
}

impl Experience {
    /// By tenure, days since joining.
    pub fn of(tenure_days: i64, beginner_tenure_days: i32) -> Self {
        if tenure_days < i64::from(beginner_tenure_days) { Experience::Beginner } else { Experience::Veteran }
    }

    /// Of a team, by its members: a beginner while all of them are. One veteran is enough to ask for what is asked of
    /// veterans, a change of working habits, which the whole team shares; joint visits stand in each beginner's own row. A
    /// team with nobody in it has no beginners.
    pub fn of_team(members: impl IntoIterator<Item = Experience>) -> Self {
        let mut members = members.into_iter().peekable();
        let beginners = members.peek().is_some() && members.all(|one| one == Experience::Beginner);
        if beginners { Experience::Beginner } else { Experience::Veteran }
    }

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Experience::Beginner => "beginner",
            Experience::Veteran => "veteran",
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
        cause: meaning::cause(shape, experience),
        remedies: meaning::remedies(nearest.unwrap_or(shape), experience),
    }
}

#[cfg(test)]
mod tests;
