//! The forecast as tables: what the board comes to, from which people, and how such forecasts have turned out.

use super::Forecast;
use crate::{
    api::formats::{About, Cell, Kind, Table, Tables, report_forms::Forms},
    domain::{reports::report::Report, values::text::Language},
};

const SUM: [(Kind, &str, &str); 4] = [
    (Kind::Integer, "Prospects", "潜在客户"),
    (Kind::Decimal, "Policies to expect", "预计保单"),
    (Kind::Money, "Standard premium to expect", "预计标保"),
    (Kind::Integer, "Prospects with a known case size", "已知件均的人数"),
];

const CELLS: [(Kind, &str, &str); 9] = [
    (Kind::Text, "Member", "组员"),
    (Kind::Integer, "Cycle (days)", "销售周期（天）"),
    (Kind::Text, "Stage", "阶段"),
    (Kind::Text, "Of the limit gone", "期限已过"),
    (Kind::Integer, "Prospects", "潜在客户"),
    (Kind::Decimal, "Probability", "成交概率"),
    (Kind::Integer, "Finished cases", "已结束的样本"),
    (Kind::Integer, "Closed", "成交"),
    (Kind::Key, "Member id", "组员编号"),
];

const BINS: [(Kind, &str, &str); 5] = [
    (Kind::Decimal, "Probability from", "概率自"),
    (Kind::Decimal, "Probability to", "概率至"),
    (Kind::Integer, "Finished cases", "已结束的样本"),
    (Kind::Decimal, "Mean forecast", "平均预测"),
    (Kind::Decimal, "Share closed", "实际成交"),
];

impl Forms for Forecast {
    type View = Forecast;

    fn about(&self) -> About {
        self.subject.about(Report::Forecast, self.subject.day())
    }

    fn view(self, _: Language) -> Forecast {
        self
    }

    fn tables(&self, language: Language) -> Tables {
        let e = &self.expected;
        let sum = vec![
            Cell::Integer(e.n),
            Cell::exact(Some(e.policies)),
            Cell::money(Some(&e.premium)),
            Cell::Integer(e.n_with_premium),
        ];
        let cells = self.cells.iter().map(|cell| {
            vec![
                Cell::Text(cell.agent_name.clone()),
                Cell::Integer(i64::from(cell.cycle_days)),
                Cell::said(&cell.stage.label(), language),
                Cell::said(&cell.elapsed.label(), language),
                Cell::Integer(cell.n),
                Cell::Share(cell.probability),
                Cell::Integer(cell.cases),
                Cell::Integer(cell.closed),
                cell.agent_id.into(),
            ]
        });
        let bins = self.calibration.iter().map(|bin| {
            vec![
                Cell::Share(bin.p_from),
                Cell::Share(bin.p_to),
                Cell::Integer(bin.n),
                Cell::share(bin.forecast),
                Cell::share(bin.observed),
            ]
        });
        Tables {
            report: Report::Forecast,
            as_of: self.subject.as_of.0,
            language,
            above: self.subject.above(self.subject.day(), language),
            tables: vec![
                Table::new(language, ("What to expect", "预计结果"), &SUM, vec![sum]),
                Table::new(language, ("From whom", "来源"), &CELLS, cells.collect()),
                Table::new(language, ("How forecasts turned out", "预测与实际"), &BINS, bins.collect()),
            ],
        }
    }
}
