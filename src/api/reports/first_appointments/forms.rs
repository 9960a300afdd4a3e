//! The level of first appointments as tables: each member's last and running week, and what has to be filled up again.

use super::{AgentLevel, FirstAppointments, JudgedWeek};
use crate::{
    api::formats::{About, Cell, Kind, Table, Tables, report_forms::Forms},
    domain::{
        reports::report::Report,
        values::text::{Language, Text},
    },
};

const WEEKS: [(Kind, &str, &str); 10] = [
    (Kind::Text, "Member", "组员"),
    (Kind::Text, "Week", "检视周"),
    (Kind::Date, "First day", "首日"),
    (Kind::Date, "Last day", "末日"),
    (Kind::Integer, "New first appointments", "新约初次见面"),
    (Kind::Decimal, "Wanted by then", "届时应有"),
    (Kind::Text, "Below", "不足"),
    (Kind::Integer, "Wanted a week", "每周目标"),
    (Kind::Integer, "Missing this week", "本周尚缺"),
    (Kind::Key, "Member id", "组员编号"),
];

const DEBTS: [(Kind, &str, &str); 8] = [
    (Kind::Text, "Member", "组员"),
    (Kind::Integer, "Sales cycle, days", "销售周期（天）"),
    (Kind::Date, "First day", "首日"),
    (Kind::Date, "Last day", "末日"),
    (Kind::Integer, "Closings", "成交"),
    (Kind::Integer, "Prospects developed", "开发的潜在客户"),
    (Kind::Integer, "To be filled up", "需补充"),
    (Kind::Key, "Member id", "组员编号"),
];

impl Forms for FirstAppointments {
    type View = FirstAppointments;

    fn about(&self) -> About {
        self.subject.about(Report::FirstAppointments, self.subject.day())
    }

    fn view(self, _: Language) -> FirstAppointments {
        self
    }

    fn tables(&self, language: Language) -> Tables {
        let weeks = self.agents.iter().flat_map(|agent| weeks(agent, language)).collect();
        let debts = self.agents.iter().map(debt).collect();
        Tables {
            report: Report::FirstAppointments,
            as_of: self.subject.as_of.0,
            language,
            above: self.subject.above(self.subject.day(), language),
            tables: vec![
                Table::new(language, ("Level", "数量水平"), &WEEKS, weeks),
                Table::new(language, ("To be filled up", "需补充的潜在客户"), &DEBTS, debts),
            ],
        }
    }
}

/// The last full week and the running one; a week that was not judged has no figures.
fn weeks(agent: &AgentLevel, language: Language) -> [Vec<Cell>; 2] {
    let row = |name: Text, judged: Option<&JudgedWeek>, missing: Option<i64>| {
        vec![
            Cell::Text(agent.agent_name.clone()),
            Cell::said(&name, language),
            Cell::date(judged.map(|j| j.from.0)),
            Cell::date(judged.map(|j| j.to.0)),
            Cell::integer(judged.map(|j| j.new)),
            Cell::decimal(judged.and_then(|j| j.wanted), 1),
            judged.map_or(Cell::Empty, |j| Cell::yes(j.below, language)),
            Cell::Integer(i64::from(agent.target_a_week)),
            Cell::integer(missing),
            agent.agent_id.into(),
        ]
    };
    [
        row(Text::new("last full week", "上一完整周"), agent.last_week.as_ref(), None),
        row(Text::new("this week", "本周"), agent.this_week.as_ref(), Some(agent.missing_this_week)),
    ]
}

fn debt(agent: &AgentLevel) -> Vec<Cell> {
    let r = &agent.replenishment;
    vec![
        Cell::Text(agent.agent_name.clone()),
        Cell::Integer(i64::from(agent.cycle_days)),
        Cell::Date(r.from.0),
        Cell::Date(r.to.0),
        Cell::Integer(r.closings),
        Cell::Integer(r.developed),
        Cell::Integer(r.debt),
        agent.agent_id.into(),
    ]
}
