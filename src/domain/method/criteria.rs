//! The five criteria of 50% (五项标准, method section 3).

use serde::{Deserialize, Serialize};

/// One of the five. All five or it is not 50%.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// 合适的人: the person one deals with decides.
    DecisionMaker,
    /// 计划符合需要: the plan makes sense to the client.
    PlanFits,
    /// 预算合理: the price or a price range has been discussed.
    Budget,
    /// 合适的时间: a concrete signing date inside the sales cycle. Computed from its date.
    Timing,
    /// 有更进一步发展: the client knows what comes of the next meeting. Computed from its date.
    NextStep,
}

impl Criterion {
    /// All five in the method's order.
    pub const ALL: [Criterion; 5] = [
        Criterion::DecisionMaker,
        Criterion::PlanFits,
        Criterion::Budget,
        Criterion::Timing,
        Criterion::NextStep,
    ];

    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Criterion::DecisionMaker => "decision_maker",
            Criterion::PlanFits => "plan_fits",
            Criterion::Budget => "budget",
            Criterion::Timing => "timing",
            Criterion::NextStep => "next_step",
        }
    }

    /// The criterion with this code.
    pub fn from_code(code: &str) -> Option<Criterion> {
        Criterion::ALL.into_iter().find(|c| c.code() == code)
    }

    /// Whether the verdict follows from dates only, so that `met` cannot be posted.
    pub fn is_computed(self) -> bool {
        matches!(self, Criterion::Timing | Criterion::NextStep)
    }
}

/// What is known of a criterion.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Never checked.
    #[default]
    Unknown,
    /// Satisfied.
    Met,
    /// Checked and not satisfied.
    Unmet,
    /// Was met; its date has since passed, or the pursuit fell from 90% to 50%.
    Stale,
}

impl Verdict {
    /// The code used in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Unknown => "unknown",
            Verdict::Met => "met",
            Verdict::Unmet => "unmet",
            Verdict::Stale => "stale",
        }
    }
}

/// The verdict on each of the five on one day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Verdicts {
    /// 合适的人.
    pub decision_maker: Verdict,
    /// 计划符合需要.
    pub plan_fits: Verdict,
    /// 预算合理.
    pub budget: Verdict,
    /// 合适的时间.
    pub timing: Verdict,
    /// 有更进一步发展.
    pub next_step: Verdict,
}

impl Verdicts {
    /// The verdict on one criterion.
    pub fn of(&self, criterion: Criterion) -> Verdict {
        match criterion {
            Criterion::DecisionMaker => self.decision_maker,
            Criterion::PlanFits => self.plan_fits,
            Criterion::Budget => self.budget,
            Criterion::Timing => self.timing,
            Criterion::NextStep => self.next_step,
        }
    }
}
