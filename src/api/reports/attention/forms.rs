//! The two lists of a check-in as a table: who, why, and what to do.

use super::{AttentionEntry, AttentionList};
use crate::{
    api::formats::{About, Cell, Kind, Table, Tables, report_forms::Forms, table::columns},
    domain::{
        reports::report::Report,
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
};

const HEADINGS: [(Kind, &str, &str); 11] = [
    (Kind::Text, "Name", "姓名"),
    (Kind::Text, "Stage", "阶段"),
    (Kind::Text, "Why", "原因"),
    (Kind::Text, "What to do", "怎么做"),
    (Kind::Integer, "Limit (days)", "期限（天）"),
    (Kind::Integer, "Days elapsed", "已过天数"),
    (Kind::Integer, "Days left", "剩余天数"),
    (Kind::Date, "Falls back on", "退回日期"),
    (Kind::Text, "Owner", "归属代理人"),
    (Kind::Key, "Prospect id", "联系人编号"),
    (Kind::Key, "Owner id", "归属代理人编号"),
];

impl Forms for AttentionList {
    type View = AttentionList;

    fn about(&self) -> About {
        self.subject.about(self.report, self.subject.day())
    }

    fn people(&self) -> Vec<Id> {
        self.entries.iter().map(|entry| entry.prospect_id).collect()
    }

    fn view(self, _: Language) -> AttentionList {
        self
    }

    fn tables(&self, language: Language) -> Tables {
        let name = match self.report {
            Report::OverCycle => ("Over the cycle", "超过销售周期"),
            _ => ("Needs attention", "需要关注"),
        };
        let rows = self.entries.iter().map(|entry| row(entry, language)).collect();
        let mut above = self.subject.above(self.subject.day(), language);
        let n = columns(language, &[(Kind::Integer, "Entries", "条目数")]);
        above.extend(n.into_iter().map(|column| (column, Cell::Integer(self.n))));
        Tables {
            report: self.report,
            as_of: self.subject.as_of.0,
            language,
            above,
            tables: vec![Table::new(language, name, &HEADINGS, rows)],
        }
    }
}

fn row(entry: &AttentionEntry, language: Language) -> Vec<Cell> {
    let erased = Text::new("(erased)", "（已删除）");
    let name = entry.name.clone().map_or_else(|| Cell::said(&erased, language), Cell::Text);
    let flags: Vec<String> =
        entry.flags.iter().map(|flag| flag.label().in_language(language).to_owned()).collect();
    vec![
        name,
        Cell::said(&entry.stage.label(), language),
        Cell::Text(flags.join(Text::new(", ", "、").in_language(language))),
        Cell::Text(entry.advice.clone()),
        Cell::Integer(entry.limit_days),
        Cell::integer(entry.days_elapsed),
        Cell::integer(entry.days_left),
        Cell::date(entry.falls_back_on.map(|on| on.0)),
        Cell::Text(entry.agent_name.clone()),
        entry.prospect_id.into(),
        entry.agent_id.into(),
    ]
}
