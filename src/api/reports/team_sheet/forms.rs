//! The team tracking sheet as a table, and on paper: per block one row a member and a subtotal (小计).

use super::{Filled, TeamSheet, Tracked};
use crate::{
    api::{
        formats::{
            About, Cell, Column, Kind, Table, Tables,
            report_forms::Forms,
            table::columns,
            xlsx::{Area, Book, Drawn, Ink, Paper, Side, lines_needed, row_height},
        },
        reports::{block_label::block_label, block_sign_offs::in_words},
    },
    domain::{
        method::stage::Stage,
        reports::{report::Report, sheet_week::BlockState, team_sheet::TeamRow},
        values::{
            money::CURRENCY,
            text::{Language, Text},
        },
    },
};

/// Widths in characters: the check-in, the member, five counts, two premiums.
const WIDTHS: [f64; 9] = [16.0, 20.0, 15.0, 10.0, 10.0, 10.0, 10.0, 18.0, 18.0];
/// Last column of the paper.
const LAST: u16 = 8;

/// Least height of a row in points.
const HIGH: f64 = 24.0;

/// The seven figures of a row.
fn figures(row: &TeamRow) -> [Cell; 7] {
    let [first, s25, s50, s90, closed, advance, standard] = row.in_order();
    let counts = [first, s25, s50, s90, closed].map(Cell::Integer);
    let [first, s25, s50, s90, closed] = counts;
    [first, s25, s50, s90, closed, Cell::Money(advance), Cell::Money(standard)]
}

/// Their headings.
fn headings(language: Language) -> [String; 7] {
    let [first, s25, s50, s90, closed] =
        Stage::LADDER.map(|stage| stage.label().in_language(language).to_owned());
    let money = |en: &'static str, zh: &'static str| Text::new(en, zh).in_language(language).to_owned();
    [
        first,
        s25,
        s50,
        s90,
        closed,
        money("advance premium", "预收保费"),
        money("standard premium", "承保标保"),
    ]
}

impl Filled {
    /// What stands above the sheet: which team, the unit of money, the range.
    fn heading(&self, language: Language) -> [String; 3] {
        let (name, window) = (&self.team.name, self.week.window());
        let below = match (self.include_subteams, language) {
            (false, _) => "",
            (true, Language::En) => " and the teams below",
            (true, Language::ZhCn) => "及下属小组",
        };
        match language {
            Language::En => [
                format!("Team: {name}{below}"),
                format!("Premiums in {CURRENCY}"),
                format!("{} to {}", window.from, window.to),
            ],
            Language::ZhCn => [
                format!("小组：{name}{below}"),
                "保费单位：元".to_owned(),
                format!("{} 至 {}", window.from, window.to),
            ],
        }
    }
}

impl Forms for Filled {
    type View = TeamSheet;

    fn about(&self) -> About {
        About {
            report: Report::TeamSheet,
            subject_kind: "team",
            subject_id: self.team.id,
            window: self.week.window(),
        }
    }

    fn view(self, language: Language) -> TeamSheet {
        self.json(language)
    }

    /// Without subtotals: whoever sums a column up would count them twice.
    fn tables(&self, language: Language) -> Tables {
        let before = [
            (Kind::Text, "Team", "小组"),
            (Kind::Text, "Check-in", "检视日"),
            (Kind::Date, "From", "起"),
            (Kind::Date, "To", "止"),
            (Kind::Text, "Member", "组员"),
        ];
        let behind = [
            (Kind::Text, "Currency", "币种"),
            (Kind::Text, "Late entry", "补录"),
            (Kind::Text, "Signed off", "已签核"),
            (Kind::Text, "Restated", "更正后"),
            (Kind::Key, "Agent id", "代理人编号"),
        ];
        let yes = |yes: bool| Cell::yes(yes, language);
        let figures_of = headings(language);
        let counts = [Kind::Integer; 5].into_iter().chain([Kind::Money; 2]);
        let mut all = columns(language, &before);
        all.extend(figures_of.into_iter().zip(counts).map(|(heading, kind)| Column::new(heading, kind)));
        all.extend(columns(language, &behind));
        let mut rows = Vec::new();
        for tracked in &self.blocks {
            for (member, of) in tracked.of(&self.members) {
                let mut row = vec![
                    Cell::Text(self.team.name.clone()),
                    Cell::Text(tracked.block.check_in.label().in_language(language).to_owned()),
                    Cell::Date(tracked.block.window.from),
                    Cell::Date(tracked.block.window.to),
                    Cell::Text(member.display_name.clone()),
                ];
                row.extend(figures(&of.row));
                row.push(Cell::Text(CURRENCY.to_owned()));
                row.push(yes(of.late));
                row.push(yes(of.sign_off.is_some()));
                let changed = of.sign_off.iter().filter(|signed| !signed.restatements.is_empty());
                row.push(Cell::text(changed.map(|s| in_words(&s.restatements, language)).next()));
                row.push(member.id.into());
                rows.push(row);
            }
        }
        let name = Report::TeamSheet.title().in_language(language).to_owned();
        Tables {
            report: Report::TeamSheet,
            as_of: self.today,
            language,
            above: Vec::new(),
            tables: vec![Table { name, columns: all, rows }],
        }
    }

    fn book(&self, language: Language) -> Drawn<Book> {
        let mut book = Book::new(Report::TeamSheet, self.today, language);
        let title = Report::TeamSheet.title().in_language(language).to_owned();
        let mut paper = book.paper(&title, &WIDTHS)?;
        paper.span(Area(0, 0, 0, LAST), &Cell::Text(title), Ink::TITLE)?;
        paper.height(0, 32.0)?;
        let [who, unit, range] = self.heading(language).map(Cell::Text);
        paper.span(Area(1, 0, 1, 2), &who, Ink::LINE)?;
        paper.span(Area(1, 3, 1, 6), &unit, Ink { side: Side::Centre, ..Ink::LINE })?;
        paper.span(Area(1, 7, 1, LAST), &range, Ink { side: Side::Right, ..Ink::LINE })?;
        paper.fit(1, 22.0, &[(0..=2, &who, Ink::LINE)])?;
        let say = |en: &'static str, zh: &'static str| Text::new(en, zh).in_language(language).to_owned();
        let mut heads = vec![Cell::Text(say("Check-in", "检视日")), Cell::Text(say("member", "组员"))];
        heads.extend(headings(language).map(Cell::Text));
        paper.row(2, &heads, Ink::HEADING)?;
        paper.repeat(2)?;
        let mut next = 3;
        for tracked in &self.blocks {
            next = self.block(&mut paper, tracked, next, language)?;
        }
        book.add(paper);
        book.add_definitions(Report::TeamSheet)?;
        Ok(book)
    }
}

impl Filled {
    /// One block from a row on; answers the row below it.
    fn block(&self, paper: &mut Paper, tracked: &Tracked, top: u32, language: Language) -> Drawn<u32> {
        let subtotal = Text::new("subtotal", "小计").in_language(language).to_owned();
        let again = Text::new("restated", "更正后").in_language(language).to_owned();
        let rows = tracked.of(&self.members).flat_map(|(member, of)| {
            let now = of.restated.map(|now| (again.clone(), now, Ink::RESTATED));
            let ink = Ink { italic: of.late, ..Ink::BODY };
            std::iter::once((member.display_name.clone(), of.row, ink)).chain(now)
        });
        // The label has three lines, and a small team not enough rows for them.
        let least = if self.members.len() < 2 { 2.0 * HIGH } else { HIGH };
        let mut row = top;
        for (name, figures_of, ink) in rows.chain([(subtotal, tracked.subtotal(), Ink::SUBTOTAL)]) {
            paper.height(row, row_height(lines_needed(&name, WIDTHS[1])).max(least))?;
            paper.put(row, 1, &Cell::Text(name), ink)?;
            for (col, figure) in (2..).zip(figures(&figures_of)) {
                let side = if matches!(figure, Cell::Money(_)) { Side::Right } else { Side::Centre };
                // What lies ahead is left to be filled in by hand.
                let figure = if tracked.state == BlockState::NotBegun { Cell::Empty } else { figure };
                paper.put(row, col, &figure, Ink { side, ..ink })?;
            }
            row += 1;
        }
        let label = Cell::Text(block_label(&tracked.block, self.today, language));
        paper.span(Area(top, 0, row - 1, 0), &label, Ink::SUBTOTAL)?;
        Ok(row)
    }
}
