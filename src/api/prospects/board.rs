//! How a prospect's place on the board is shown.

use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::extract::On,
    domain::{
        method::{
            criteria::{Verdict, Verdicts},
            stage::Stage,
        },
        reports::board::{Card, Flag},
    },
    store::prospects::prospect_row::ProspectRow,
};

/// Where a prospect stands, its clock and its flags.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct BoardView {
    /// The stage.
    pub stage: Stage,
    /// 潜在客户: stages 2 to 5.
    pub is_prospect: bool,
    /// 有效潜在客户: 25%, 50%, 90%.
    pub is_effective: bool,
    /// Date of the move into the stage.
    pub entered_stage_on: On,
    /// Number of the current or last pursuit; 0 before the first.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// The clock of the current pursuit.
    pub clock: ClockBody,
    /// The five criteria on the day asked about.
    pub criteria: CriteriaView,
    /// What is known of the current pursuit.
    pub facts: PursuitFacts,
    /// What a reader should notice.
    #[schema(max_items = 20)]
    pub flags: Vec<Flag>,
}

/// The clock of a pursuit (method section 5).
#[derive(Serialize, ToSchema, Clone, Debug)]
#[schema(as = PursuitClock)]
pub struct ClockBody {
    /// Cycle in force, days; where no clock runs, that of the day on which the prospect came to its stage, or was written last.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// Granted extension, days.
    #[schema(minimum = 0, maximum = 182, example = 0)]
    pub extension_days: i32,
    /// Cycle plus extension, days.
    #[schema(minimum = 1, maximum = 547, example = 28)]
    pub limit_days: i64,
    /// When the clock started; null before the first meeting.
    #[schema(required = true)]
    pub started_on: Option<On>,
    /// Calendar days since then.
    #[schema(required = true, minimum = 0, maximum = 200_000, example = 4)]
    pub days_elapsed: Option<i64>,
    /// Days left within the limit; negative when over.
    #[schema(required = true, minimum = -200_000, maximum = 547, example = 24)]
    pub days_left: Option<i64>,
    /// When the prospect will fall back if nothing is entered.
    #[schema(required = true)]
    pub falls_back_on: Option<On>,
    /// Where to.
    #[schema(required = true)]
    pub falls_back_to: Option<Stage>,
    /// When a 90% will close by itself.
    #[schema(required = true)]
    pub closes_on: Option<On>,
}

/// The five criteria of 50%.
#[derive(Serialize, ToSchema, Clone, Copy, Debug)]
#[schema(as = Criteria)]
pub struct CriteriaView {
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

impl From<Verdicts> for CriteriaView {
    fn from(v: Verdicts) -> Self {
        CriteriaView {
            decision_maker: v.decision_maker,
            plan_fits: v.plan_fits,
            budget: v.budget,
            timing: v.timing,
            next_step: v.next_step,
        }
    }
}

/// Dates of the current pursuit.
#[derive(Serialize, ToSchema, Clone, Debug)]
pub struct PursuitFacts {
    /// First meeting.
    #[schema(required = true)]
    pub first_meeting_on: Option<On>,
    /// Further co-operation agreed.
    pub further_cooperation_agreed: bool,
    /// Day of the next appointment.
    #[schema(required = true)]
    pub next_appointment_on: Option<On>,
    /// Concrete signing date.
    #[schema(required = true)]
    pub target_signing_on: Option<On>,
    /// Signature.
    #[schema(required = true)]
    pub signed_on: Option<On>,
    /// Whether the documents are submitted.
    pub documents_submitted: bool,
    /// Money received.
    #[schema(required = true)]
    pub premium_received_on: Option<On>,
    /// Policy issued.
    #[schema(required = true)]
    pub policy_issued_on: Option<On>,
    /// Receipt signed.
    #[schema(required = true)]
    pub receipt_signed_on: Option<On>,
    /// Withdrawn.
    #[schema(required = true)]
    pub withdrawn_on: Option<On>,
}

impl BoardView {
    /// The view of a stored row on a day.
    pub fn of(row: &ProspectRow, day: NaiveDate) -> Self {
        BoardView::new(&row.card.0, row.stage, row.pursuit_number, day)
    }

    /// The view of a card on a day.
    pub fn new(card: &Card, stage: Stage, pursuit_number: i32, day: NaiveDate) -> Self {
        let clock = card.clock(stage, day);
        // Days pass without a write: which appointment is the next one is a question of the day asked about.
        let facts = card.facts_for(day);
        let first = facts.first_appointment.filter(|_| facts.first_meeting_on.is_none());
        BoardView {
            stage,
            is_prospect: stage.is_prospect(),
            is_effective: stage.is_effective(),
            entered_stage_on: On(card.entered_on),
            pursuit_number,
            clock: ClockBody {
                cycle_days: clock.cycle_days,
                extension_days: clock.extension_days,
                limit_days: clock.limit_days,
                started_on: clock.started_on.map(On),
                days_elapsed: clock.days_elapsed,
                days_left: clock.days_left,
                falls_back_on: clock.falls_back_on.map(On),
                falls_back_to: clock.falls_back_to,
                closes_on: clock.closes_on.map(On),
            },
            criteria: card.verdicts(day).into(),
            facts: PursuitFacts {
                first_meeting_on: facts.first_meeting_on.map(On),
                further_cooperation_agreed: facts.further_cooperation_agreed,
                next_appointment_on: first.map(|a| a.starts_on).or(facts.next_appointment_on).map(On),
                target_signing_on: facts.target_signing_on.map(On),
                signed_on: facts.signed_on.map(On),
                documents_submitted: facts.documents_submitted,
                premium_received_on: facts.premium_received_on.map(On),
                policy_issued_on: facts.policy_issued_on.map(On),
                receipt_signed_on: facts.receipt_signed_on.map(On),
                withdrawn_on: facts.withdrawn_on.map(On),
            },
            flags: card.flags(stage, day),
        }
    }
}
