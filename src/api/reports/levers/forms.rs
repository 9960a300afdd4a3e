//! The five levers as tables: the year with each lever pulled, and what a wanted year asks for.

use super::{LeverBasis, LeverReport, LeversView, ProjectionView};
use crate::{
    api::{
        formats::{About, Cell, Column, Kind, Table, Tables, report_forms::Forms, table::columns},
        reports::heading::days,
    },
    domain::{
        reports::{lever::Infeasible, report::Report},
        values::text::{Language, Text},
    },
};

const YEARS: [(Kind, &str, &str); 13] = [
    (Kind::Text, "Lever", "杠杆"),
    (Kind::Decimal, "Dials a day", "每日拨打"),
    (Kind::Decimal, "Connects per dial", "接通率"),
    (Kind::Decimal, "Appointments per connect", "约访率"),
    (Kind::Decimal, "Deferred per new appointment", "延期与新约之比"),
    (Kind::Decimal, "Signed per appointment held", "签单率"),
    (Kind::Money, "Case size", "件均"),
    (Kind::Decimal, "Policies a year", "每年保单"),
    (Kind::Decimal, "Appointments a week", "每周见面"),
    (Kind::Money, "Standard premium a year", "每年标保"),
    (Kind::Decimal, "Policies, times the base", "保单倍数"),
    (Kind::Decimal, "Premium, times the base", "保费倍数"),
    (Kind::Text, "Cannot be done", "难以做到"),
];

const WANTED: [(Kind, &str, &str); 6] = [
    (Kind::Integer, "Policies wanted a year", "每年目标保单"),
    (Kind::Decimal, "Appointments a week", "每周见面"),
    (Kind::Decimal, "New appointments a week", "每周新约见面"),
    (Kind::Decimal, "Connects a day", "每日接通"),
    (Kind::Decimal, "Dials a day", "每日拨打"),
    (Kind::Text, "Cannot be done", "难以做到"),
];

impl Forms for LeverReport {
    type View = LeverReport;

    fn about(&self) -> About {
        self.subject.about(Report::Levers, days(self.from, self.to))
    }

    fn view(self, _: Language) -> LeverReport {
        self
    }

    fn tables(&self, language: Language) -> Tables {
        let base = Cell::said(&Text::new("none: as it stands", "不变：现状"), language);
        let mut years = vec![year(base, (&self.levers, &self.base), (None, None), language)];
        years.extend(self.examples.iter().map(|p| {
            let lever = Cell::said(&p.lever.label(), language);
            year(lever, (&p.levers, &p.projection), (p.policies_factor, p.premium_factor), language)
        }));
        let mut tables = vec![Table::new(language, ("The year by lever", "各杠杆下的一年"), &YEARS, years)];
        if let Some(asked) = &self.demand {
            let row = vec![
                Cell::Integer(asked.policies_a_year),
                Cell::decimal(asked.appointments_a_week, 1),
                Cell::decimal(asked.new_a_week, 1),
                Cell::decimal(asked.connects_a_day, 1),
                Cell::decimal(asked.dials_a_day, 1),
                reasons(&asked.infeasible, language),
            ];
            tables.push(Table::new(language, ("What it asks for", "目标所需"), &WANTED, vec![row]));
        }
        Tables {
            report: Report::Levers,
            as_of: self.subject.as_of.0,
            language,
            above: self.above(language),
            tables,
        }
    }
}

impl LeverReport {
    fn above(&self, language: Language) -> Vec<(Column, Cell)> {
        let basis = match self.basis {
            LeverBasis::Benchmarks => Text::new("benchmarks", "参考比例"),
            LeverBasis::Measured => Text::new("measured", "实际"),
        };
        let borrowed: Vec<String> =
            self.borrowed.iter().map(|code| code.label().in_language(language).to_owned()).collect();
        let headings = [
            (Kind::Text, "Starting from", "依据"),
            (Kind::Text, "Taken from the benchmarks", "取自参考比例"),
        ];
        let comma = Text::new(", ", "、");
        let borrowed = (!borrowed.is_empty()).then(|| borrowed.join(comma.in_language(language)));
        let cells = [Cell::said(&basis, language), Cell::text(borrowed)];
        let mut above = self.subject.above(days(self.from, self.to), language);
        above.extend(columns(language, &headings).into_iter().zip(cells));
        above
    }
}

fn year(
    lever: Cell,
    (levers, projection): (&LeversView, &ProjectionView),
    (policies, premium): (Option<f64>, Option<f64>),
    language: Language,
) -> Vec<Cell> {
    vec![
        lever,
        Cell::exact(levers.dials_a_day),
        Cell::share(levers.connect_rate),
        Cell::share(levers.appointment_rate),
        Cell::share(levers.deferral_rate),
        Cell::share(levers.closing_rate),
        Cell::money(levers.case_size.as_ref()),
        Cell::decimal(projection.policies_a_year, 1),
        Cell::decimal(projection.appointments_a_week, 1),
        Cell::money(projection.premium_a_year.as_ref()),
        Cell::exact(policies),
        Cell::exact(premium),
        reasons(&projection.infeasible, language),
    ]
}

fn reasons(infeasible: &[Infeasible], language: Language) -> Cell {
    let said: Vec<String> =
        infeasible.iter().map(|why| why.label().in_language(language).to_owned()).collect();
    Cell::text((!said.is_empty()).then(|| said.join(Text::new("; ", "；").in_language(language))))
}
