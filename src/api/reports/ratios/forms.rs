//! The ratios as tables and as a picture: each with its figures and its benchmark; for a team, each member's too.

use super::{Drawable, MeasuredView, RatioView, Ratios};
use crate::{
    api::{
        formats::{About, Cell, Kind, Table, Tables, report_forms::Forms, svg, table::columns},
        reports::heading::days,
    },
    domain::{
        reports::{ratio::RatioCode, report::Report},
        values::{
            text::{Language, Text},
            window::Window,
        },
    },
};

const RATIOS: [(Kind, &str, &str); 11] = [
    (Kind::Text, "Benchmark set", "参考比例组"),
    (Kind::Text, "Ratio", "比例"),
    (Kind::Integer, "Upper figure", "分子"),
    (Kind::Integer, "Lower figure", "分母"),
    (Kind::Integer, "Per so many of the lower figure", "每几个分母单位"),
    (Kind::Integer, "Cases, n", "样本数 n"),
    (Kind::Decimal, "Measured in the period", "期内实际"),
    (Kind::Decimal, "Benchmark", "参考比例"),
    (Kind::Integer, "Cohort: entered in the period", "同批：期内进入"),
    (Kind::Integer, "Cohort: of these reached by now", "同批：其中至今到达"),
    (Kind::Decimal, "Cohort", "同批比例"),
];

const MEASURED: [(Kind, &str, &str); 14] = [
    (Kind::Integer, "Dials", "拨打"),
    (Kind::Integer, "Connects", "接通"),
    (Kind::Integer, "Appointments set", "约成"),
    (Kind::Integer, "New, held", "新约见面"),
    (Kind::Integer, "Deferred, held", "延期见面"),
    (Kind::Integer, "New contacts", "新增联系人"),
    (Kind::Integer, "Prospects developed", "开发的潜在客户"),
    (Kind::Integer, "Entered 25%", "进入 25%"),
    (Kind::Integer, "Entered 50%", "进入 50%"),
    (Kind::Integer, "Entered 90%", "进入 90%"),
    (Kind::Integer, "Signed", "签单"),
    (Kind::Integer, "Closed", "成交"),
    (Kind::Money, "Advance premium", "预收保费"),
    (Kind::Money, "Standard premium", "承保标保"),
];

const MEMBER: [(Kind, &str, &str); 2] =
    [(Kind::Text, "Member", "组员"), (Kind::Key, "Member id", "组员编号")];

impl Drawable {
    fn window(&self) -> Window {
        days(self.view.from, self.view.to)
    }

    /// Every member's rows, as the whole has them, the member in front.
    fn of_members(&self, language: Language) -> [Table; 2] {
        let with_member = |headings: &[(Kind, &'static str, &'static str)]| [&MEMBER, headings].concat();
        let (mut ratios, mut figures) = (Vec::new(), Vec::new());
        for member in &self.view.members {
            let who = || vec![Cell::Text(member.agent_name.clone()), member.agent_id.into()];
            ratios.extend(member.ratios.iter().map(|r| [who(), ratio(r, language)].concat()));
            figures.push([who(), measured(&member.measured)].concat());
        }
        [
            Table::new(language, ("Ratios of each member", "各组员的比例"), &with_member(&RATIOS), ratios),
            Table::new(
                language,
                ("Figures of each member", "各组员的数字"),
                &with_member(&MEASURED),
                figures,
            ),
        ]
    }
}

impl Forms for Drawable {
    type View = Ratios;

    fn about(&self) -> About {
        self.view.subject.about(Report::Ratios, self.window())
    }

    fn view(self, _: Language) -> Ratios {
        self.view
    }

    fn tables(&self, language: Language) -> Tables {
        let mut above = self.view.subject.above(self.window(), language);
        let days = columns(language, &[(Kind::Integer, "Working days", "工作日")]);
        above.extend(days.into_iter().map(|column| (column, Cell::Integer(self.view.working_days))));
        let ratios = self.view.ratios.iter().map(|r| ratio(r, language)).collect();
        let mut tables = vec![
            Table::new(language, ("Ratios", "比例"), &RATIOS, ratios),
            Table::new(language, ("Figures", "数字"), &MEASURED, vec![measured(&self.view.measured)]),
        ];
        if !self.view.members.is_empty() {
            tables.extend(self.of_members(language));
        }
        Tables { report: Report::Ratios, as_of: self.view.to.0, language, above, tables }
    }

    fn picture(&self, language: Language) -> Option<String> {
        let caption = self.view.subject.caption(self.window(), language);
        Some(svg::ratios::ratios((&self.together, &self.cohorts), &self.benchmarks, &caption, language))
    }
}

fn ratio(r: &RatioView, language: Language) -> Vec<Cell> {
    let none = Text::new("Without a benchmark", "没有参考比例");
    let set = r.benchmark.as_ref().map_or(none, |benchmark| benchmark.set.label());
    let upper = if r.code.is_money() { Cell::Money(r.numerator) } else { Cell::Integer(r.numerator) };
    vec![
        Cell::said(&set, language),
        Cell::said(&r.code.label(), language),
        upper,
        Cell::Integer(r.denominator),
        Cell::Integer(r.per),
        Cell::Integer(r.n),
        value(r.code, r.value),
        value(r.code, r.benchmark.as_ref().and_then(|benchmark| benchmark.value)),
        Cell::integer(r.cohort.as_ref().map(|cohort| cohort.entered)),
        Cell::integer(r.cohort.as_ref().map(|cohort| cohort.reached)),
        Cell::share(r.cohort.as_ref().and_then(|cohort| cohort.value)),
    ]
}

/// A share as a part of a whole, a pace as a number, an average amount as money.
fn value(code: RatioCode, value: Option<f64>) -> Cell {
    match value {
        // Whole minor units, as the view has them.
        Some(minor) if code.is_money() => Cell::Money(minor as i64),
        value if code.is_pace() => Cell::exact(value),
        value => Cell::share(value),
    }
}

fn measured(m: &MeasuredView) -> Vec<Cell> {
    let counts = [
        m.dials,
        m.connects,
        m.appointments_set,
        m.held_new,
        m.held_deferred,
        m.new_contacts,
        m.developed,
        m.entered_25,
        m.entered_50,
        m.entered_90,
        m.signed,
        m.closed,
    ];
    let money = [&m.advance_premium, &m.standard_premium];
    let money = money.map(|amount| Cell::money(Some(amount)));
    counts.map(Cell::Integer).into_iter().chain(money).collect()
}
