//! What people call ratios, benchmark sets and the like, in both languages. Codes are never translated.

use super::stage::Stage;
use crate::domain::{
    organisation::benchmark::BenchmarkSet,
    reports::{
        board::Flag,
        definition::Figure,
        forecast::ElapsedShare,
        funnel::{CurrentlyAt, Entered},
        lever::{Infeasible, Lever},
        ratio::RatioCode,
        shape::Confidence,
    },
    values::text::Text,
};

impl RatioCode {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            RatioCode::DialsADay => Text::new("dials a day", "每日拨打"),
            RatioCode::ConnectsADay => Text::new("connects a day", "每日接通"),
            RatioCode::AppointmentsADay => Text::new("appointments set a day", "每日约成"),
            RatioCode::NewAWeek => Text::new("new appointments a week", "每周新约见面"),
            RatioCode::AppointmentsAWeek => Text::new("appointments held a week", "每周见面"),
            RatioCode::ConnectRate => Text::new("connects per dial", "接通率"),
            RatioCode::AppointmentRate => Text::new("appointments per connect", "约访率"),
            RatioCode::DeferralRate => Text::new("deferred per new appointment", "延期与新约之比"),
            RatioCode::ClosingRate => Text::new("signed per appointment held", "签单率"),
            RatioCode::ProspectRate => Text::new("prospects per new contact", "联系人转为潜在客户"),
            RatioCode::SaleRate => Text::new("closed per prospect", "潜在客户成交率"),
            RatioCode::RateTo25 => Text::new("first appointment to 25%", "约定初次见面至 25%"),
            RatioCode::RateTo50 => Text::new("25% to 50%", "25% 至 50%"),
            RatioCode::RateTo90 => Text::new("50% to 90%", "50% 至 90%"),
            RatioCode::RateToClosed => Text::new("90% to closed", "90% 至成交"),
            RatioCode::CaseSize => Text::new("case size", "件均"),
        }
    }

    /// Whether it is a number a working day or week.
    pub fn is_pace(self) -> bool {
        matches!(
            self,
            RatioCode::DialsADay
                | RatioCode::ConnectsADay
                | RatioCode::AppointmentsADay
                | RatioCode::NewAWeek
                | RatioCode::AppointmentsAWeek
        )
    }
}

impl Entered {
    /// Its counts with what people call them, in the order of the process.
    pub fn labelled(&self) -> [(Text, i64); 8] {
        [
            (Text::new("new contacts", "新增联系人"), self.new_contacts),
            (Stage::FirstAppointment.label(), self.first_appointment),
            (Stage::Stage25.label(), self.stage_25),
            (Stage::Stage50.label(), self.stage_50),
            (Stage::Stage90.label(), self.stage_90),
            (Stage::Closed.label(), self.closed),
            (Text::new("fell back", "退回销售机会"), self.fell_back),
            (Stage::Exited.label(), self.exited),
        ]
    }
}

impl CurrentlyAt {
    /// Its counts with what people call them, in the order of the process.
    pub fn labelled(&self) -> [(Text, i64); 7] {
        [
            (Stage::Opportunity.label(), self.opportunity),
            (Stage::FirstAppointment.label(), self.first_appointment),
            (Stage::Stage25.label(), self.stage_25),
            (Stage::Stage50.label(), self.stage_50),
            (Stage::Stage90.label(), self.stage_90),
            (Stage::Closed.label(), self.closed),
            (Stage::Exited.label(), self.exited),
        ]
    }
}

impl BenchmarkSet {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            BenchmarkSet::Day => Text::new("The day", "每日"),
            BenchmarkSet::Week => Text::new("The week", "每周"),
            BenchmarkSet::Appointments => Text::new("Appointments for one policy", "几次见面一张保单"),
            BenchmarkSet::Contacts => Text::new("Contacts, prospects, sales", "联系人、潜在客户、成交"),
        }
    }
}

impl Confidence {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Confidence::Low => Text::new("low confidence: few cases", "人数少，仅供参考"),
            Confidence::Normal => Text::new("normal confidence", "人数足够"),
        }
    }
}

impl Lever {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Lever::Dials => Text::new("1 more dials", "1 增加拨打"),
            Lever::ConnectRate => Text::new("2 more connects per dial", "2 提高接通率"),
            Lever::AppointmentRate => Text::new("3 more appointments per connect", "3 提高约访率"),
            Lever::ClosingRate => Text::new("4 more signed per appointment", "4 提高签单率"),
            Lever::CaseSize => Text::new("5 larger case size", "5 提高件均"),
        }
    }
}

impl Infeasible {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Infeasible::TooManyDials => Text::new("too many dials for a day", "每日拨打过多"),
            Infeasible::RateAboveOne => Text::new("a rate above one", "比率超过 1"),
            Infeasible::Unreachable => {
                Text::new("cannot be reached: a ratio is nought", "无法达到：有比率为零")
            }
        }
    }
}

impl ElapsedShare {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            ElapsedShare::FirstQuarter => Text::new("up to a quarter", "四分之一以内"),
            ElapsedShare::SecondQuarter => Text::new("up to a half", "二分之一以内"),
            ElapsedShare::ThirdQuarter => Text::new("up to three quarters", "四分之三以内"),
            ElapsedShare::LastQuarter => Text::new("up to the limit", "期限以内"),
            ElapsedShare::Over => Text::new("beyond the limit", "超过期限"),
        }
    }
}

impl Flag {
    /// What people call it.
    pub fn label(self) -> Text {
        match self {
            Flag::CycleWarning => Text::new("three quarters of the limit gone", "期限已过四分之三"),
            Flag::LastDay => Text::new("last day", "最后一天"),
            Flag::OverCycle => Text::new("over the cycle", "超过销售周期"),
            Flag::NoNextDate => Text::new("no next date", "没有下一步日期"),
            Flag::OutcomeMissing => Text::new("outcome missing", "结果未记录"),
            Flag::Deferred => Text::new("put off", "已延期"),
            Flag::CriterionStale => Text::new("criterion stale", "标准已过期"),
            Flag::FallbackProposed => Text::new("fallback proposed", "待决定退回"),
            Flag::ExtensionPending => Text::new("extension pending", "延长待批"),
            Flag::Stuck => Text::new("stuck at 90%", "停留在 90%"),
            Flag::IssuePending => Text::new("policy not issued yet", "保单未承保"),
            Flag::ReceiptMissing => Text::new("receipt missing", "回执未签收"),
            Flag::Claimed => Text::new("on the agent's word", "凭代理人申报"),
            Flag::Overridden => Text::new("by a supervisor's evidence", "以主管证明代替"),
        }
    }
}

impl Figure {
    /// What people call it; a report calls no two figures the same.
    pub fn label(self) -> Text {
        match self {
            Figure::SheetOpportunity => Text::new("column 1, opportunity", "第 1 栏：销售机会"),
            Figure::SheetPosition => Text::new("columns 2 to 5", "第 2 至 5 栏"),
            Figure::SheetClosed => Text::new("column 6, closed", "第 6 栏：成交"),
            Figure::Window => Text::new("the days of a block", "时段"),
            Figure::Worked => Text::new("worked", "有活动"),
            Figure::FirstMeetingOn => Text::new("first meeting", "初次见面"),
            Figure::DaysElapsed => Text::new("days elapsed", "已过天数"),
            Figure::OverCycle => Text::new("over the cycle", "超过周期"),
            Figure::CycleDays => Text::new("sales cycle, days", "销售周期（天）"),
            Figure::Late => Text::new("late entry", "补录"),
            Figure::Restatement => Text::new("restated", "更正后"),
            Figure::AdvancePremium => Text::new("advance premium", "预收保费"),
            Figure::StandardPremium => Text::new("standard premium", "承保标保"),
            Figure::Dials => Text::new("dials", "拨打"),
            Figure::Connects => Text::new("connects", "接通"),
            Figure::AppointmentsSet => Text::new("appointments set", "约成"),
            Figure::HeldNew => Text::new("new, held", "新约见面"),
            Figure::HeldDeferred => Text::new("deferred, held", "延期见面"),
            Figure::NewContacts => Text::new("new contacts", "新增联系人"),
            Figure::Developed => Text::new("prospects developed", "开发的潜在客户"),
            Figure::Entered => Text::new("entered", "进入"),
            Figure::CurrentlyAt => Text::new("currently at", "当前处于"),
            Figure::FellBack => Text::new("fell back", "退回"),
            Figure::Exited => Text::new("left the process", "退出"),
            Figure::Signed => Text::new("signed", "签单"),
            Figure::Closed => Text::new("closed", "成交"),
            Figure::CaseSize => RatioCode::CaseSize.label(),
            Figure::Pace => Text::new("a day, a week", "每日、每周"),
            Figure::ConnectRate => RatioCode::ConnectRate.label(),
            Figure::AppointmentRate => RatioCode::AppointmentRate.label(),
            Figure::DeferralRate => RatioCode::DeferralRate.label(),
            Figure::ClosingRate => RatioCode::ClosingRate.label(),
            Figure::ProspectRate => RatioCode::ProspectRate.label(),
            Figure::SaleRate => RatioCode::SaleRate.label(),
            Figure::StageRate => Text::new("from stage to stage", "各阶段之间"),
            Figure::Cohort => Text::new("of the same people, by now", "同批至今"),
            Figure::Benchmark => Text::new("benchmark", "参考比例"),
            Figure::Levers => Text::new("the five levers", "五个杠杆"),
            Figure::FirstAppointmentLevel => Text::new("new first appointments", "新约初次见面"),
            Figure::ReplenishmentDebt => Text::new("to be filled up", "需补充"),
            Figure::ShapeEntered => Text::new("as entered", "录入"),
            Figure::ShapeVerified => Text::new("verified by the rules", "按标准核实"),
            Figure::Confidence => Text::new("confidence", "可信程度"),
            Figure::Trend => Text::new("eight weeks", "最近八周"),
            Figure::NextAction => Text::new("what to do next", "下一步"),
            Figure::TimeInStage => Text::new("time in a stage", "各阶段停留时间"),
            Figure::StepTime => Text::new("to the next stage", "推进到下一阶段"),
            Figure::ForecastProbability => Text::new("probability", "成交概率"),
            Figure::ExpectedPolicies => Text::new("policies to expect", "预计保单"),
            Figure::ExpectedPremium => Text::new("standard premium to expect", "预计标保"),
            Figure::Calibration => Text::new("how forecasts turned out", "预测与实际"),
            Figure::Attention => Text::new("needs attention", "需要关注"),
        }
    }
}
