//! The six stages and the way out (method section 2).

use serde::{Deserialize, Serialize};

/// Where a prospect stands. The order of the first six is the order of the board.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 销售机会: no substantive contact yet, or fallen back. Not a prospect.
    Opportunity,
    /// 约定初次见面: a first formal meeting has a fixed date and time.
    FirstAppointment,
    /// 25%: met, agreed to go further, not yet all five criteria.
    #[serde(rename = "stage_25")]
    Stage25,
    /// 50%: all five criteria.
    #[serde(rename = "stage_50")]
    Stage50,
    /// 90%: five criteria, documents signed and submitted, money received (预收到账).
    #[serde(rename = "stage_90")]
    Stage90,
    /// 成交: the cooling-off period (犹豫期) has passed.
    Closed,
    /// 退出: left the process.
    Exited,
}

impl Stage {
    /// All stages in the order of the board.
    pub const ALL: [Stage; 7] = [
        Stage::Opportunity,
        Stage::FirstAppointment,
        Stage::Stage25,
        Stage::Stage50,
        Stage::Stage90,
        Stage::Closed,
        Stage::Exited,
    ];

    /// The stages of a pursuit that is still going on, in order.
    pub const PURSUED: [Stage; 4] = [Stage::FirstAppointment, Stage::Stage25, Stage::Stage50, Stage::Stage90];

    /// The stages a forward move can enter, in order.
    pub const LADDER: [Stage; 5] =
        [Stage::FirstAppointment, Stage::Stage25, Stage::Stage50, Stage::Stage90, Stage::Closed];

    /// The code used in JSON, in the database and in the documentation.
    pub fn code(self) -> &'static str {
        match self {
            Stage::Opportunity => "opportunity",
            Stage::FirstAppointment => "first_appointment",
            Stage::Stage25 => "stage_25",
            Stage::Stage50 => "stage_50",
            Stage::Stage90 => "stage_90",
            Stage::Closed => "closed",
            Stage::Exited => "exited",
        }
    }

    /// The stage with this code.
    pub fn from_code(code: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|s| s.code() == code)
    }

    /// 潜在客户: stages 2 to 5.
    pub fn is_prospect(self) -> bool {
        matches!(self, Stage::FirstAppointment | Stage::Stage25 | Stage::Stage50 | Stage::Stage90)
    }

    /// 有效潜在客户: 25%, 50% and 90%.
    pub fn is_effective(self) -> bool {
        matches!(self, Stage::Stage25 | Stage::Stage50 | Stage::Stage90)
    }

    /// Whether a pursuit at this stage is still going on.
    pub fn is_pursued(self) -> bool {
        self.is_prospect()
    }

    /// Whether the person can still leave the process from here.
    pub fn is_open(self) -> bool {
        self == Stage::Opportunity || self.is_prospect()
    }

    /// The next stage of the ladder, for "what is missing for the next one".
    pub fn next(self) -> Option<Stage> {
        match self {
            Stage::Opportunity | Stage::Exited => Some(Stage::FirstAppointment),
            Stage::FirstAppointment => Some(Stage::Stage25),
            Stage::Stage25 => Some(Stage::Stage50),
            Stage::Stage50 => Some(Stage::Stage90),
            Stage::Stage90 => Some(Stage::Closed),
            Stage::Closed => None,
        }
    }
}
