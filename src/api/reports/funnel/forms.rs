//! The funnel as tables and as a picture: entries and positions apart.

use super::{Counted, Funnel};
use crate::{
    api::{
        formats::{About, Cell, Kind, Table, Tables, report_forms::Forms, svg},
        reports::heading::days,
    },
    domain::{
        reports::report::Report,
        values::{
            text::{Language, Text},
            window::Window,
        },
    },
};

const HEADINGS: [(Kind, &str, &str); 2] = [(Kind::Text, "Stage", "阶段"), (Kind::Integer, "Number", "数量")];

impl Counted {
    fn window(&self) -> Window {
        days(self.view.from, self.view.to)
    }
}

impl Forms for Counted {
    type View = Funnel;

    fn about(&self) -> About {
        self.view.subject.about(Report::Funnel, self.window())
    }

    fn view(self, _: Language) -> Funnel {
        self.view
    }

    fn tables(&self, language: Language) -> Tables {
        let sums = [
            (
                Text::new("prospects: first appointment to 90%", "潜在客户：约定初次见面至 90%"),
                self.at.prospects(),
            ),
            (Text::new("effective prospects: 25 to 90%", "有效潜在客户：25% 至 90%"), self.at.effective()),
        ];
        let table = |name, rows: &[(Text, i64)]| {
            let row = |(label, n): &(Text, i64)| vec![Cell::said(label, language), Cell::Integer(*n)];
            Table::new(language, name, &HEADINGS, rows.iter().map(row).collect())
        };
        Tables {
            report: Report::Funnel,
            as_of: self.view.to.0,
            language,
            above: self.view.subject.above(self.window(), language),
            tables: vec![
                table(("Entered in these days", "期内进入"), &self.entered.labelled()),
                table(("Currently at, on the last day", "期末所处"), &self.at.labelled()),
                table(("Of these together", "其中合计"), &sums),
            ],
        }
    }

    fn picture(&self, language: Language) -> Option<String> {
        let whose = self.view.subject.of(language);
        let (entered, at) = ((&self.entered, self.window()), (&self.at, self.view.to.0));
        Some(svg::funnel::funnel(entered, at, &whose, language))
    }
}
