//! What a shape means and what to do about it (method section 9), in words.

use serde::{Deserialize, Serialize};

use super::{experience::Experience, form::Shape};
use crate::domain::values::text::Text;

/// What a shape comes from, or leads to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Nobody new comes in behind the sales that are about to close.
    LivingOffReserves,
    /// Proposals lie undecided, or people stand too far up.
    ProposalsPending,
    /// A beginner has only just begun.
    Beginner,
    /// A beginner's board on which nobody stands yet.
    NobodyYet,
    /// A veteran closed and did not refill.
    NotRefilled,
    /// All is well.
    Steady,
    /// No clear picture.
    Unclear,
}

impl Cause {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Cause::LivingOffReserves => "living_off_reserves",
            Cause::ProposalsPending => "proposals_pending",
            Cause::Beginner => "beginner",
            Cause::NobodyYet => "nobody_yet",
            Cause::NotRefilled => "not_refilled",
            Cause::Steady => "steady",
            Cause::Unclear => "unclear",
        }
    }

    /// In words.
    pub fn text(self) -> Text {
        match self {
            Cause::LivingOffReserves => Text::new(
                "Many sales soon, and too few people behind them: next month slumps.",
                "近期成交多，后面跟上的人太少，坐吃山空，下个月业绩会下滑。",
            ),
            Cause::ProposalsPending => Text::new(
                "Most people wait at 50%: proposals are pending and nothing settles, or people are misclassified.",
                "多数人停在 50%：计划书待定、迟迟没有结果，或者归类有误。",
            ),
            Cause::Beginner => Text::new(
                "A beginner's board: people have been met, but few have come further.",
                "新人的形态：见过一些人，能推进的还很少。",
            ),
            Cause::NobodyYet => Text::new(
                "A beginner's board: nobody has come as far as 25% yet.",
                "新人的形态：还没有人进入 25%。",
            ),
            Cause::NotRefilled => Text::new(
                "Sales were closed and nobody came in behind them.",
                "成交之后没有及时补充，手上忽然没有人了。",
            ),
            Cause::Steady => {
                Text::new("Steady sales; they need constant correction.", "业绩稳定，但需要不断修正。")
            }
            Cause::Unclear => Text::new(
                "No clear shape; the nearest one tells what to look at.",
                "没有明显的形态，请参考最接近的一种。",
            ),
        }
    }
}

/// What to do about a shape.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Find new prospects all the time.
    FindProspects,
    /// Fix first appointments.
    FixFirstAppointments,
    /// Look whether the plans fit.
    CheckPlansFit,
    /// Hold the weekly review of effective prospects.
    HoldWeeklyReview,
    /// Put everybody where the rules say.
    UpdateBoard,
    /// 陪访.
    JointVisits,
    /// Work differently.
    ChangeHabits,
    /// Keep correcting.
    KeepCorrecting,
}

impl Remedy {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Remedy::FindProspects => "find_prospects",
            Remedy::FixFirstAppointments => "fix_first_appointments",
            Remedy::CheckPlansFit => "check_plans_fit",
            Remedy::HoldWeeklyReview => "hold_weekly_review",
            Remedy::UpdateBoard => "update_board",
            Remedy::JointVisits => "joint_visits",
            Remedy::ChangeHabits => "change_habits",
            Remedy::KeepCorrecting => "keep_correcting",
        }
    }

    /// In words.
    pub fn text(self) -> Text {
        match self {
            Remedy::FindProspects => Text::new("Keep finding new prospects.", "持续开发新的潜在客户。"),
            Remedy::FixFirstAppointments => {
                Text::new("Call, and fix first appointments.", "打电话，约定初次见面。")
            }
            Remedy::CheckPlansFit => {
                Text::new("Check with each client that the plan fits.", "逐一确认计划是否符合客户需要。")
            }
            Remedy::HoldWeeklyReview => {
                Text::new("Hold the weekly review of effective prospects.", "做每周有效潜在客户总结。")
            }
            Remedy::UpdateBoard => Text::new(
                "Update the board: everybody where the standard puts them.",
                "更新看板：按标准重新归类。",
            ),
            Remedy::JointVisits => Text::new("Joint visits with the supervisor.", "请主管陪访。"),
            Remedy::ChangeHabits => Text::new("Change the working habits.", "改变工作习惯。"),
            Remedy::KeepCorrecting => Text::new("Go on, and keep correcting.", "保持并不断修正。"),
        }
    }
}

/// Where a board of this shape comes from.
pub(super) fn cause(shape: Shape, experience: Experience) -> Cause {
    match (shape, experience) {
        (Shape::Depleting, _) => Cause::LivingOffReserves,
        (Shape::Stalled, _) => Cause::ProposalsPending,
        (Shape::Empty, Experience::Beginner) => Cause::NobodyYet,
        (Shape::Starting, Experience::Beginner) => Cause::Beginner,
        (Shape::Empty | Shape::Starting, Experience::Veteran) => Cause::NotRefilled,
        (Shape::Ideal, _) => Cause::Steady,
        (Shape::Mixed, _) => Cause::Unclear,
    }
}

/// What to do about it, the most important first.
pub(super) fn remedies(shape: Shape, experience: Experience) -> Vec<Remedy> {
    match (shape, experience) {
        (Shape::Depleting, _) => vec![Remedy::FindProspects, Remedy::FixFirstAppointments],
        (Shape::Stalled, _) => vec![Remedy::CheckPlansFit, Remedy::HoldWeeklyReview, Remedy::UpdateBoard],
        (Shape::Empty | Shape::Starting, Experience::Beginner) => {
            vec![Remedy::JointVisits, Remedy::FixFirstAppointments]
        }
        (Shape::Empty | Shape::Starting, Experience::Veteran) => {
            vec![Remedy::ChangeHabits, Remedy::FixFirstAppointments]
        }
        (Shape::Ideal | Shape::Mixed, _) => vec![Remedy::KeepCorrecting],
    }
}
