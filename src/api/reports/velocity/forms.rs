//! The velocity as tables: time in each stage, and days to the next.

use super::{DaySpread, VelocityReport};
use crate::{
    api::{
        formats::{About, Cell, Kind, Table, Tables, report_forms::Forms},
        reports::heading::days,
    },
    domain::{
        method::stage::Stage,
        reports::report::Report,
        values::text::{Language, Text},
    },
};

const HEADINGS: [(Kind, &str, &str); 7] = [
    (Kind::Text, "Stage", "阶段"),
    (Kind::Text, "Next stage", "下一阶段"),
    (Kind::Integer, "Cases", "样本数"),
    (Kind::Decimal, "Mean, days", "平均（天）"),
    (Kind::Decimal, "Median, days", "中位数（天）"),
    (Kind::Integer, "Shortest, days", "最短（天）"),
    (Kind::Integer, "Longest, days", "最长（天）"),
];

impl Forms for VelocityReport {
    type View = VelocityReport;

    fn about(&self) -> About {
        self.subject.about(Report::Velocity, days(self.from, self.to))
    }

    fn view(self, _: Language) -> VelocityReport {
        self
    }

    fn tables(&self, language: Language) -> Tables {
        let any = Text::new("any", "任何去向");
        let stays = self.time_in_stage.iter().map(|t| row(t.stage, &any, t.days.as_ref(), language));
        let steps = self.steps.iter().map(|s| row(s.from, &s.to.label(), s.days.as_ref(), language));
        Tables {
            report: Report::Velocity,
            as_of: self.subject.as_of.0,
            language,
            above: self.subject.above(days(self.from, self.to), language),
            tables: vec![
                Table::new(language, ("Time in a stage", "各阶段停留时间"), &HEADINGS, stays.collect()),
                Table::new(language, ("To the next stage", "推进到下一阶段"), &HEADINGS, steps.collect()),
            ],
        }
    }
}

fn row(stage: Stage, next: &Text, days: Option<&DaySpread>, language: Language) -> Vec<Cell> {
    vec![
        Cell::said(&stage.label(), language),
        Cell::said(next, language),
        Cell::Integer(days.map_or(0, |d| d.n)),
        Cell::decimal(days.and_then(|d| d.mean), 1),
        Cell::decimal(days.and_then(|d| d.median), 1),
        Cell::integer(days.map(|d| d.min)),
        Cell::integer(days.map(|d| d.max)),
    ]
}
