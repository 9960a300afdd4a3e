//! The reports and the figures each of them shows (method sections 7 to 9).

use super::definition::Figure;
use crate::domain::values::text::Text;

/// A report.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Report {
    /// 潜在客户管理行动工具表.
    ActionSheet,
    /// 小组追踪表.
    TeamSheet,
    /// The shape of the board.
    Shape,
    /// Entries of a period, and positions.
    Funnel,
    /// Measured figures and ratios.
    Ratios,
    /// The five levers.
    Levers,
    /// The level of first appointments, and the replenishment debt.
    FirstAppointments,
    /// How fast people move.
    Velocity,
    /// What the board will come to.
    Forecast,
    /// Who is over the cycle.
    OverCycle,
    /// Who needs attention.
    Attention,
    /// One agent's day.
    Today,
}

impl Report {
    /// Every report.
    pub const ALL: [Report; 12] = [
        Report::ActionSheet,
        Report::TeamSheet,
        Report::Shape,
        Report::Funnel,
        Report::Ratios,
        Report::Levers,
        Report::FirstAppointments,
        Report::Velocity,
        Report::Forecast,
        Report::OverCycle,
        Report::Attention,
        Report::Today,
    ];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Report::ActionSheet => "action_sheet",
            Report::TeamSheet => "team_sheet",
            Report::Shape => "shape",
            Report::Funnel => "funnel",
            Report::Ratios => "ratios",
            Report::Levers => "levers",
            Report::FirstAppointments => "first_appointments",
            Report::Velocity => "velocity",
            Report::Forecast => "forecast",
            Report::OverCycle => "over_cycle",
            Report::Attention => "attention",
            Report::Today => "today",
        }
    }

    /// What people call it.
    pub fn title(self) -> Text {
        match self {
            Report::ActionSheet => Text::new("Personal action sheet", "潜在客户管理行动工具表"),
            Report::TeamSheet => Text::new("Team tracking sheet", "小组追踪表"),
            Report::Shape => Text::new("Shape of the board", "看板形态"),
            Report::Funnel => Text::new("Funnel", "销售漏斗"),
            Report::Ratios => Text::new("Ratios", "比例游戏"),
            Report::Levers => Text::new("Five levers", "五个杠杆"),
            Report::FirstAppointments => Text::new("First appointments", "初次见面数量"),
            Report::Velocity => Text::new("Velocity", "推进速度"),
            Report::Forecast => Text::new("Forecast", "业绩预测"),
            Report::OverCycle => Text::new("Over the cycle", "超过销售周期"),
            Report::Attention => Text::new("Needs attention", "需要关注"),
            Report::Today => Text::new("My day", "我的一天"),
        }
    }

    /// The figures it shows, in the order in which they are explained.
    pub fn figures(self) -> &'static [Figure] {
        match self {
            Report::ActionSheet => ACTION_SHEET,
            Report::TeamSheet => TEAM_SHEET,
            Report::Shape => SHAPE,
            Report::Funnel => FUNNEL,
            Report::Ratios => RATIOS,
            Report::Levers => LEVERS,
            Report::FirstAppointments => FIRST_APPOINTMENTS,
            Report::Velocity => VELOCITY,
            Report::Forecast => FORECAST,
            Report::OverCycle => OVER_CYCLE,
            Report::Attention => ATTENTION,
            Report::Today => TODAY,
        }
    }
}

const ACTION_SHEET: &[Figure] = &[
    Figure::Window,
    Figure::SheetOpportunity,
    Figure::SheetPosition,
    Figure::SheetClosed,
    Figure::Worked,
    Figure::FirstMeetingOn,
    Figure::DaysElapsed,
    Figure::OverCycle,
    Figure::CycleDays,
    Figure::Late,
    Figure::Restatement,
];

const TEAM_SHEET: &[Figure] = &[
    Figure::Window,
    Figure::SheetPosition,
    Figure::SheetClosed,
    Figure::Worked,
    Figure::AdvancePremium,
    Figure::StandardPremium,
    Figure::Late,
    Figure::Restatement,
];

const SHAPE: &[Figure] =
    &[Figure::ShapeEntered, Figure::ShapeVerified, Figure::Confidence, Figure::Trend, Figure::NextAction];

const FUNNEL: &[Figure] = &[
    Figure::Entered,
    Figure::CurrentlyAt,
    Figure::NewContacts,
    Figure::Developed,
    Figure::FellBack,
    Figure::Exited,
    Figure::Closed,
];

const RATIOS: &[Figure] = &[
    Figure::Dials,
    Figure::Connects,
    Figure::AppointmentsSet,
    Figure::HeldNew,
    Figure::HeldDeferred,
    Figure::NewContacts,
    Figure::Developed,
    Figure::Entered,
    Figure::Signed,
    Figure::Closed,
    Figure::AdvancePremium,
    Figure::StandardPremium,
    Figure::Pace,
    Figure::ConnectRate,
    Figure::AppointmentRate,
    Figure::DeferralRate,
    Figure::ClosingRate,
    Figure::ProspectRate,
    Figure::SaleRate,
    Figure::StageRate,
    Figure::Cohort,
    Figure::CaseSize,
    Figure::Benchmark,
];

const LEVERS: &[Figure] = &[
    Figure::Levers,
    Figure::ConnectRate,
    Figure::AppointmentRate,
    Figure::DeferralRate,
    Figure::ClosingRate,
    Figure::CaseSize,
    Figure::Benchmark,
];

const FIRST_APPOINTMENTS: &[Figure] = &[
    Figure::FirstAppointmentLevel,
    Figure::Developed,
    Figure::ReplenishmentDebt,
    Figure::Closed,
    Figure::CycleDays,
];

const VELOCITY: &[Figure] = &[Figure::TimeInStage, Figure::StepTime];

const FORECAST: &[Figure] = &[
    Figure::ForecastProbability,
    Figure::ExpectedPolicies,
    Figure::ExpectedPremium,
    Figure::Calibration,
    Figure::CycleDays,
];

const OVER_CYCLE: &[Figure] = &[Figure::OverCycle, Figure::DaysElapsed, Figure::CycleDays];

const ATTENTION: &[Figure] = &[Figure::Attention, Figure::OverCycle, Figure::DaysElapsed, Figure::CycleDays];

const TODAY: &[Figure] = &[
    Figure::Attention,
    Figure::FirstAppointmentLevel,
    Figure::ReplenishmentDebt,
    Figure::NextAction,
    Figure::Dials,
    Figure::Connects,
    Figure::AppointmentsSet,
    Figure::Benchmark,
    Figure::CycleDays,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_figure_has_one_definition_in_both_languages_and_stands_in_a_report() {
        let codes: BTreeSet<&str> = Figure::ALL.iter().map(|f| f.code()).collect();
        assert_eq!(codes.len(), Figure::ALL.len());
        let texts: BTreeSet<String> = Figure::ALL.iter().map(|f| f.text().en.into_owned()).collect();
        assert_eq!(texts.len(), Figure::ALL.len());
        let shown: BTreeSet<Figure> = Report::ALL.iter().flat_map(|r| r.figures()).copied().collect();
        for figure in Figure::ALL.iter().copied() {
            assert!(shown.contains(&figure), "{} stands in no report", figure.code());
            assert!(figure.text().zh.chars().any(|c| c > '\u{4e00}'), "{}", figure.code());
        }
    }

    #[test]
    fn no_report_explains_a_figure_twice() {
        for report in Report::ALL {
            let once: BTreeSet<&Figure> = report.figures().iter().collect();
            assert_eq!(once.len(), report.figures().len(), "{}", report.code());
            // Beside each other the labels have to tell the figures apart.
            for label in [|f: &Figure| f.label().en, |f: &Figure| f.label().zh] {
                let labels: BTreeSet<_> = report.figures().iter().map(label).collect();
                assert_eq!(labels.len(), report.figures().len(), "{}: {labels:?}", report.code());
            }
        }
    }
}
