//! What to do next, concretely (method section 9): names to call, dates to fix, joint visits to book.
//!
//! From the board and its shape. First what the standard asks for (outcomes, dates, places), then what the shape asks for.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    board::Flag,
    shape::{Reading, Remedy},
};
use crate::domain::{
    method::stage::Stage,
    values::{calendar::plus_days, id::Id, text::Text},
};

/// One contact, as far as the next action needs it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Candidate {
    /// Who.
    pub prospect_id: Id,
    /// Stage as entered.
    pub entered: Stage,
    /// Stage by the rules.
    pub verified: Stage,
    /// What asks for attention.
    pub flags: Vec<Flag>,
    /// Day of the next appointment that lies ahead, or today.
    pub next_on: Option<NaiveDate>,
    /// Whether a supervisor goes along to it (陪访).
    pub joint_visit_booked: bool,
    /// Day on which the contact was last worked; none for never.
    pub last_worked_on: Option<NaiveDate>,
    /// When the pursuit falls back if nothing is entered.
    pub falls_back_on: Option<NaiveDate>,
}

/// Which action.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionCode {
    /// Record what came of an appointment.
    RecordOutcome,
    /// Fix a next date.
    FixNextDate,
    /// Set a stale criterion's date anew.
    RenewCriterion,
    /// Put the contact where the rules say.
    UpdateBoard,
    /// Find out what holds up a 90%.
    ClearUp,
    /// Have the receipt signed.
    GetReceipt,
    /// Ask the company what the policy waits for.
    AskAboutIssue,
    /// 陪访: take the supervisor along.
    BookJointVisit,
    /// Check that the plan fits.
    CheckPlan,
    /// Call, to fix a first appointment.
    CallForFirstAppointment,
    /// Find new contacts: there are not enough names left to call.
    FindContacts,
    /// Hold the weekly review of effective prospects.
    HoldReview,
}

impl ActionCode {
    /// Every action, in order of doing.
    pub const ALL: [ActionCode; 12] = [
        ActionCode::RecordOutcome,
        ActionCode::FixNextDate,
        ActionCode::RenewCriterion,
        ActionCode::UpdateBoard,
        ActionCode::ClearUp,
        ActionCode::GetReceipt,
        ActionCode::AskAboutIssue,
        ActionCode::BookJointVisit,
        ActionCode::CheckPlan,
        ActionCode::CallForFirstAppointment,
        ActionCode::FindContacts,
        ActionCode::HoldReview,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            ActionCode::RecordOutcome => "record_outcome",
            ActionCode::FixNextDate => "fix_next_date",
            ActionCode::RenewCriterion => "renew_criterion",
            ActionCode::UpdateBoard => "update_board",
            ActionCode::ClearUp => "clear_up",
            ActionCode::GetReceipt => "get_receipt",
            ActionCode::AskAboutIssue => "ask_about_issue",
            ActionCode::BookJointVisit => "book_joint_visit",
            ActionCode::CheckPlan => "check_plan",
            ActionCode::CallForFirstAppointment => "call_for_first_appointment",
            ActionCode::FindContacts => "find_contacts",
            ActionCode::HoldReview => "hold_review",
        }
    }

    /// What to do, for a reader; the name stands beside it.
    pub fn text(self) -> Text {
        match self {
            ActionCode::RecordOutcome => {
                Text::new("Record what came of the appointment.", "补录约见的结果。")
            }
            ActionCode::FixNextDate => Text::new("Fix the next date.", "约定下一次见面的日期。"),
            ActionCode::RenewCriterion => {
                Text::new("Agree on a new date for the stale criterion.", "重新约定已过期标准的日期。")
            }
            ActionCode::UpdateBoard => {
                Text::new("Put the name where the standard puts it.", "按标准重新归类。")
            }
            ActionCode::ClearUp => Text::new("Find out what holds up the sale.", "查明承保受阻的原因。"),
            ActionCode::GetReceipt => Text::new("Have the receipt signed.", "请客户签收回执。"),
            ActionCode::AskAboutIssue => {
                Text::new("Ask the company what the policy waits for.", "向公司查询保单的承保进度。")
            }
            ActionCode::BookJointVisit => {
                Text::new("Book a joint visit with the supervisor.", "请主管陪访。")
            }
            ActionCode::CheckPlan => {
                Text::new("Check with the client that the plan fits.", "与客户确认计划是否符合需要。")
            }
            ActionCode::CallForFirstAppointment => {
                Text::new("Call, and fix a first appointment.", "打电话，约定初次见面。")
            }
            ActionCode::FindContacts => Text::new("Find new contacts.", "开发新的联系人。"),
            ActionCode::HoldReview => {
                Text::new("Hold the weekly review of effective prospects.", "做每周有效潜在客户总结。")
            }
        }
    }
}

/// One thing to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextAction {
    /// Which.
    pub code: ActionCode,
    /// With whom; none for what concerns nobody in particular.
    pub prospect_id: Option<Id>,
    /// On which day, or by which day at the latest.
    pub by: Option<NaiveDate>,
}

/// The list of a day, in order of doing.
pub fn next_actions(
    board: &[Candidate],
    reading: &Reading,
    calls: Calls,
    today: NaiveDate,
) -> Vec<NextAction> {
    let mut actions = by_standard(board, today);
    actions.sort_by_key(|a| (a.code, a.by.unwrap_or(NaiveDate::MAX), a.prospect_id));
    for remedy in &reading.remedies {
        actions.extend(by_shape(*remedy, board));
    }
    for call in names_to_call(board, calls.wanted(reading)) {
        // The shape may have asked for new contacts already.
        if !actions.contains(&call) {
            actions.push(call);
        }
    }
    actions
}

/// How many calls there are to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Calls {
    /// First appointments still missing in the running week, 0 or more.
    pub missing: i64,
    /// Dials that one appointment takes, by benchmark or by the agent's own ratios, 1 or more.
    pub dials_per_appointment: i64,
    /// Longest list of names, 0 or more: a day's dials.
    pub most: i64,
}

impl Calls {
    fn wanted(&self, reading: &Reading) -> usize {
        // A shape that asks for first appointments asks for at least one, whatever the week has brought.
        let asked = reading.remedies.contains(&Remedy::FixFirstAppointments);
        let missing = self.missing.max(i64::from(asked));
        let calls = missing.saturating_mul(self.dials_per_appointment).min(self.most);
        usize::try_from(calls).unwrap_or(0)
    }
}

/// What the standard asks for, name by name.
fn by_standard(board: &[Candidate], today: NaiveDate) -> Vec<NextAction> {
    let before_fallback = |c: &Candidate| c.falls_back_on.map(|on| plus_days(on, -1).max(today));
    let mut actions = Vec::new();
    for c in board {
        let mut push = |code, by| actions.push(NextAction { code, prospect_id: Some(c.prospect_id), by });
        for flag in &c.flags {
            match flag {
                Flag::OutcomeMissing => push(ActionCode::RecordOutcome, Some(today)),
                Flag::NoNextDate => push(ActionCode::FixNextDate, before_fallback(c)),
                Flag::CriterionStale => push(ActionCode::RenewCriterion, before_fallback(c)),
                Flag::Stuck => push(ActionCode::ClearUp, None),
                Flag::ReceiptMissing => push(ActionCode::GetReceipt, None),
                Flag::IssuePending => push(ActionCode::AskAboutIssue, None),
                Flag::CycleWarning
                | Flag::LastDay
                | Flag::OverCycle
                | Flag::Deferred
                | Flag::FallbackProposed
                | Flag::ExtensionPending
                | Flag::Claimed
                | Flag::Overridden => {}
            }
        }
        if c.entered != c.verified {
            push(ActionCode::UpdateBoard, None);
        }
    }
    actions
}

/// What the shape asks for. Its calls are counted apart, with those that the week is short of.
fn by_shape(remedy: Remedy, board: &[Candidate]) -> Vec<NextAction> {
    let nobody = |code| vec![NextAction { code, prospect_id: None, by: None }];
    match remedy {
        Remedy::JointVisits => joint_visits(board),
        Remedy::CheckPlansFit => board
            .iter()
            .filter(|c| c.entered == Stage::Stage50)
            .map(|c| NextAction {
                code: ActionCode::CheckPlan,
                prospect_id: Some(c.prospect_id),
                by: c.next_on,
            })
            .collect(),
        Remedy::HoldWeeklyReview => nobody(ActionCode::HoldReview),
        Remedy::FindProspects => nobody(ActionCode::FindContacts),
        Remedy::FixFirstAppointments
        | Remedy::UpdateBoard
        | Remedy::ChangeHabits
        | Remedy::KeepCorrecting => Vec::new(),
    }
}

/// The meetings ahead at which a beginner learns most, the soonest first.
fn joint_visits(board: &[Candidate]) -> Vec<NextAction> {
    let early = |c: &&Candidate| matches!(c.entered, Stage::FirstAppointment | Stage::Stage25);
    let mut visits: Vec<NextAction> = board
        .iter()
        .filter(early)
        .filter(|c| !c.joint_visit_booked)
        .filter_map(|c| {
            let on = c.next_on?;
            Some(NextAction {
                code: ActionCode::BookJointVisit,
                prospect_id: Some(c.prospect_id),
                by: Some(on),
            })
        })
        .collect();
    visits.sort_by_key(|a| (a.by, a.prospect_id));
    visits
}

/// Opportunities, those never worked and those longest left alone first; and new contacts where the names run out.
fn names_to_call(board: &[Candidate], wanted: usize) -> Vec<NextAction> {
    let mut names: Vec<&Candidate> = board.iter().filter(|c| c.entered == Stage::Opportunity).collect();
    names.sort_by_key(|c| (c.last_worked_on, c.prospect_id));
    let call = |c: &Candidate| NextAction {
        code: ActionCode::CallForFirstAppointment,
        prospect_id: Some(c.prospect_id),
        by: None,
    };
    let mut actions: Vec<NextAction> = names.iter().take(wanted).map(|c| call(c)).collect();
    if names.len() < wanted {
        actions.push(NextAction { code: ActionCode::FindContacts, prospect_id: None, by: None });
    }
    actions
}

#[cfg(test)]
mod tests;
