//! Why a rule holds or does not, and what mends it, in both languages. Codes are never translated.

use super::{
    classify::{Rule, RuleCode},
    criteria::{Criterion, Verdict},
    stage::Stage,
};
use crate::domain::{
    prospects::{appointment::Outcome, fact::AppointmentKind},
    values::text::Text,
};

impl AppointmentKind {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            AppointmentKind::First => Text::new("first appointment", "初次见面"),
            AppointmentKind::Next => Text::new("next appointment", "后续见面"),
        }
    }
}

impl Outcome {
    /// What people call it; nothing while nothing came of it.
    pub fn label(self) -> Option<Text> {
        match self {
            Outcome::Open => None,
            Outcome::Held => Some(Text::new("Held", "已见面")),
            Outcome::NoShow => Some(Text::new("The client did not come", "客户未到")),
            Outcome::Cancelled => Some(Text::new("Called off", "已取消")),
        }
    }
}

impl Stage {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Stage::Opportunity => Text::new("opportunity", "销售机会"),
            Stage::FirstAppointment => Text::new("first appointment", "约定初次见面"),
            Stage::Stage25 => Text::new("25%", "25%"),
            Stage::Stage50 => Text::new("50%", "50%"),
            Stage::Stage90 => Text::new("90%", "90%"),
            Stage::Closed => Text::new("closed", "成交"),
            Stage::Exited => Text::new("left the process", "退出"),
        }
    }
}

impl Rule {
    /// Why it holds, or what is missing and how to mend it.
    pub fn why(&self) -> Text {
        let date = self.date.map_or_else(|| "–".to_owned(), |d| d.to_string());
        let bound = self.bound.unwrap_or_default();
        if self.satisfied { self.why_it_holds(&date, bound) } else { self.what_is_missing(&date, bound) }
    }

    fn why_it_holds(&self, date: &str, bound: i64) -> Text {
        match self.code {
            RuleCode::FirstAppointmentDated => Text::new(
                format!("A first appointment is fixed for {date}."),
                format!("初次见面已定在 {date}。"),
            ),
            RuleCode::FirstFixedInCycle => self.first_fixed_holds(bound),
            RuleCode::FirstMeetingHeld => Text::new(
                format!("The first meeting was held on {date}."),
                format!("初次见面已于 {date} 进行。"),
            ),
            RuleCode::CooperationAgreed => {
                Text::new("Further co-operation is agreed.", "对方同意进一步合作。")
            }
            RuleCode::NextAppointmentDated => {
                Text::new(format!("The next appointment is on {date}."), format!("下次见面定在 {date}。"))
            }
            RuleCode::NextAppointmentInCycle => {
                Text::new(format!("It is at most {bound} days off."), format!("不超过 {bound} 天之后。"))
            }
            RuleCode::WithinCycle => {
                Text::new(format!("Within the limit of {bound} days."), format!("在 {bound} 天的期限之内。"))
            }
            RuleCode::Criterion(criterion) => self.why_criterion(criterion, true, date, bound),
            RuleCode::Signed => Text::new(format!("Signed on {date}."), format!("已于 {date} 签单。")),
            RuleCode::DocumentsSubmitted => Text::new("The documents are submitted.", "资料已提交。"),
            RuleCode::PremiumReceived => Text::new(
                format!("The company received the money on {date}."),
                format!("保费已于 {date} 到账。"),
            ),
            RuleCode::PolicyIssued => Text::new(format!("Issued on {date}."), format!("已于 {date} 承保。")),
            RuleCode::ReceiptSigned => {
                Text::new(format!("The receipt was signed on {date}."), format!("回执已于 {date} 签收。"))
            }
            RuleCode::CoolingOffOver => Text::new(
                format!("The last day of the cooling-off period, {date}, has passed."),
                format!("犹豫期最后一天 {date} 已过。"),
            ),
            RuleCode::NotWithdrawn => {
                Text::new("Not withdrawn in the cooling-off period.", "犹豫期内未撤单。")
            }
            RuleCode::SupervisorConfirmation => {
                Text::new(format!("Confirmed by a supervisor on {date}."), format!("主管已于 {date} 确认。"))
            }
        }
    }

    fn what_is_missing(&self, date: &str, bound: i64) -> Text {
        match self.code {
            RuleCode::FirstAppointmentDated => self.first_appointment_missing(date, bound),
            RuleCode::FirstFixedInCycle => Text::new(
                format!("First fixed on {date}, more than {bound} days ago, and still not met."),
                format!("{date} 首次约定，已超过 {bound} 天仍未见面。"),
            ),
            RuleCode::FirstMeetingHeld => Text::new(
                "The first meeting has not been held. Record the day on which you met.",
                "尚未进行初次见面。请记录见面日期。",
            ),
            RuleCode::CooperationAgreed => Text::new(
                "Further co-operation is not agreed. Ask for it, and record the answer.",
                "尚未同意进一步合作。请征得同意并记录。",
            ),
            RuleCode::NextAppointmentDated => self.next_appointment_missing(date),
            RuleCode::NextAppointmentInCycle => Text::new(
                format!(
                    "The next appointment on {date} is more than a cycle of {bound} days off. Fix a nearer one."
                ),
                format!("下次见面 {date} 超出销售周期 {bound} 天。请约更近的日期。"),
            ),
            RuleCode::WithinCycle => Text::new(
                format!(
                    "The clock started on {date}; more than {bound} days have gone. The person is an opportunity again."
                ),
                format!("自 {date} 起计，已超过 {bound} 天的期限，应退回销售机会。"),
            ),
            RuleCode::Criterion(criterion) => self.why_criterion(criterion, false, date, bound),
            RuleCode::Signed => Text::new(
                "The application is not signed. Record the day of the signature.",
                "投保单尚未签署。请记录签署日期。",
            ),
            RuleCode::DocumentsSubmitted => Text::new("The documents are not submitted.", "资料尚未提交。"),
            RuleCode::PremiumReceived => Text::new(
                "The company has not received the money. A signature without it stays at 50%.",
                "公司尚未收到保费。只有签名仍属 50%。",
            ),
            RuleCode::PolicyIssued => self.issue_missing(date),
            RuleCode::ReceiptSigned => self.receipt_missing(date),
            RuleCode::CoolingOffOver if self.date.is_none() => Text::new(
                format!(
                    "The cooling-off period of {bound} days begins on the day after the receipt is signed."
                ),
                format!("{bound} 天的犹豫期从签收回执的次日起算，尚未开始。"),
            ),
            RuleCode::CoolingOffOver => Text::new(
                format!("The cooling-off period of {bound} days is not over; its last day: {date}."),
                format!("{bound} 天的犹豫期尚未结束，最后一天：{date}。"),
            ),
            RuleCode::NotWithdrawn => {
                Text::new(format!("Withdrawn on {date}."), format!("已于 {date} 撤单。"))
            }
            RuleCode::SupervisorConfirmation => Text::new(
                "A supervisor has to confirm the move to 50% first: POST …/confirmations.",
                "进入 50% 须先经主管确认：POST …/confirmations。",
            ),
        }
    }

    /// Fixed lately, not fixed at all, or no longer waiting because the meeting was held.
    fn first_fixed_holds(&self, bound: i64) -> Text {
        match (self.date, self.bound) {
            (_, None) => Text::new(
                "The first meeting has been held: nobody waits for it.",
                "初次见面已进行，不必再等。",
            ),
            (None, Some(_)) => Text::new("No first appointment is waiting.", "没有等待中的初次见面。"),
            (Some(_), Some(_)) => Text::new(
                format!("First fixed at most {bound} days ago."),
                format!("首次约定未超过 {bound} 天。"),
            ),
        }
    }

    /// No first appointment, or one on a day that does not count.
    fn first_appointment_missing(&self, date: &str, bound: i64) -> Text {
        match self.date {
            _ if self.bound.is_none() => Text::new(
                "The first meeting lies behind: from here on the next appointment counts.",
                "初次见面已经过去：此后要看下一次见面的约定。",
            ),
            None => Text::new(
                "No first appointment with a date and time. Fix one with the person.",
                "没有约定日期和时间的初次见面。请与对方约定。",
            ),
            Some(_) => Text::new(
                format!(
                    "The first appointment of {date} does not count: it must lie ahead, at most {bound} days off, and not be held yet. Fix a new date."
                ),
                format!("{date} 的初次见面不算数：必须在今后 {bound} 天之内且尚未进行。请另约日期。"),
            ),
        }
    }

    /// No next appointment, or one whose day has passed.
    fn next_appointment_missing(&self, date: &str) -> Text {
        match self.date {
            None => Text::new(
                "No dated next appointment. Fix one before you leave.",
                "没有定下日期的下次见面。离开前请约定。",
            ),
            Some(_) => Text::new(
                format!("The next appointment's day, {date}, has passed. Fix a new one."),
                format!("下次见面的日期 {date} 已过。请另约日期。"),
            ),
        }
    }

    /// No issue, or one before the signature.
    fn issue_missing(&self, date: &str) -> Text {
        match self.date {
            None => Text::new("The policy is not issued.", "尚未承保。"),
            Some(_) => Text::new(
                format!("The issue of {date} lies before the signature. Correct one of the two dates."),
                format!("承保日期 {date} 早于签单日期。请更正其中之一。"),
            ),
        }
    }

    /// No receipt, or one before the signature.
    fn receipt_missing(&self, date: &str) -> Text {
        match self.date {
            None => Text::new(
                "The receipt is not signed: the cooling-off period has not started.",
                "回执尚未签收，犹豫期还没有开始。",
            ),
            Some(_) => Text::new(
                format!("The receipt of {date} lies before the signature. Correct one of the two dates."),
                format!("回执日期 {date} 早于签单日期。请更正其中之一。"),
            ),
        }
    }

    fn why_criterion(&self, criterion: Criterion, satisfied: bool, date: &str, bound: i64) -> Text {
        let stale = self.verdict == Some(Verdict::Stale);
        match (criterion, satisfied) {
            (Criterion::DecisionMaker, true) => {
                Text::new("The person you deal with decides.", "对方是合适的人。")
            }
            (Criterion::DecisionMaker, false) => Text::new(
                "Nobody has confirmed that the person you deal with decides; a joint decision needs everybody who decides.",
                "尚未确认对方是能做决定的人；共同决定时须所有决定人参与。",
            ),
            (Criterion::PlanFits, true) => {
                Text::new("The plan makes sense to the client.", "计划符合客户需要。")
            }
            (Criterion::PlanFits, false) => Text::new(
                "It is not established that the plan makes sense to the client.",
                "尚未确认计划符合客户需要。",
            ),
            (Criterion::Budget, true) => Text::new("The price has been discussed.", "预算已谈过且合理。"),
            (Criterion::Budget, false) => {
                Text::new("The price or a price range has not been discussed.", "尚未谈过价格或价格范围。")
            }
            (Criterion::Timing, true) => Text::new(
                format!("A signing date inside the cycle is set: {date}."),
                format!("已定下周期之内的签单日期：{date}。"),
            ),
            (Criterion::Timing, false) if stale => Text::new(
                "The signing date has passed, or the sale fell back from 90%. Agree on a new one.",
                "签单日期已过，或已从 90% 退回。请重新约定。",
            ),
            (Criterion::Timing, false) if self.bound.is_none() => Text::new(
                "The cycle begins with the first meeting: before it no signing date lies inside.",
                "销售周期从初次见面开始：见面之前没有周期之内的签单日期。",
            ),
            (Criterion::Timing, false) => Text::new(
                format!("No concrete signing date inside the limit of {bound} days from the first meeting."),
                format!("没有初次见面起 {bound} 天期限之内的具体签单日期。"),
            ),
            (Criterion::NextStep, true) => Text::new(
                format!("The client knows what comes of the next meeting on {date}."),
                format!("客户清楚 {date} 下次见面的内容。"),
            ),
            (Criterion::NextStep, false) if stale => Text::new(
                "The next meeting's day has passed, or the sale fell back from 90%. Fix a new one with an agenda.",
                "下次见面日期已过，或已从 90% 退回。请重新约定并写明议程。",
            ),
            (Criterion::NextStep, false) => Text::new(
                "No next appointment with date, time and agenda.",
                "没有定下日期、时间和议程的下次见面。",
            ),
        }
    }
}
