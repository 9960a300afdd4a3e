//! What people call ratios, benchmark sets and the like, in both languages. Codes are never translated.

use super::{benchmark::BenchmarkSet, ratio::RatioCode, shape::Confidence, text::Text};

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

    /// Whether its value is a share of what stands below, shown as a percentage; else a pace, or money.
    pub fn is_share(self) -> bool {
        !self.is_money() && !self.is_pace()
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
