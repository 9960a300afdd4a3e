//! How many stand at each effective stage, as entered and as the rules have it (method section 9).

use serde::{Deserialize, Serialize};

use crate::domain::method::stage::Stage;

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
