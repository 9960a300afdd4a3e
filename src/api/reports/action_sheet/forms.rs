//! The action sheet as a table, and on paper: per block six columns, the first-meeting date beside every name, and the
//! subtotals (小计).

use super::{ActionSheet, Filled};
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
        reports::{
            report::Report,
            sheet::{Columns, SheetBlock, SheetEntry, SheetMode, Subtotals},
        },
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
};

/// Widths in characters: the check-in, column 1, then a name and a date for each of columns 2 to 6.
const WIDTHS: [f64; 12] = [13.0, 15.0, 15.0, 7.5, 15.0, 7.5, 15.0, 7.5, 15.0, 7.5, 15.0, 7.5];
/// What the sheet is called in a workbook, which takes no longer name.
const SHEET_NAME: (&str, &str) = ("Action sheet", "行动工具表");
/// Last column of the paper.
const LAST: u16 = 11;
/// Lines of a block at least, so that there is room to write by hand.
const LINES: usize = 6;
/// Least height of a line and of a subtotal in points.
const HIGH: f64 = 24.0;
/// The columns that have a date and a subtotal.
const DATED: [Stage; 5] = Stage::LADDER;

/// A name as it stands on the sheet.
struct Line<'a> {
    stage: Stage,
    id: Id,
    late: bool,
    entry: Option<&'a SheetEntry>,
}

fn lines(columns: &Columns) -> impl Iterator<Item = Line<'_>> {
    let first = columns.opportunity.iter().map(|e| {
        let (stage, id, late) = (Stage::Opportunity, e.prospect_id, e.late);
        Line { stage, id, late, entry: None }
    });
    first.chain(DATED.into_iter().flat_map(|stage| {
        entries(columns, stage).iter().map(move |e| Line {
            stage,
            id: e.prospect_id,
            late: e.late,
            entry: Some(e),
        })
    }))
}

fn entries(columns: &Columns, stage: Stage) -> &[SheetEntry] {
    match stage {
        Stage::FirstAppointment => &columns.first_appointment,
        Stage::Stage25 => &columns.stage_25,
        Stage::Stage50 => &columns.stage_50,
        Stage::Stage90 => &columns.stage_90,
        Stage::Closed => &columns.closed,
        Stage::Opportunity | Stage::Exited => &[],
    }
}

impl Filled {
    /// The name; one that was erased says so.
    fn name(&self, id: Id, language: Language) -> Cell {
        let erased = Text::new("(erased)", "（已删除）");
        Cell::text(self.names.get(&id).map_or(Some(erased.in_language(language)), |name| Some(name)))
    }

    /// What stands above the sheet: whose it is, the cycle, the range.
    fn heading(&self, language: Language) -> [String; 3] {
        let (name, days, window) = (&self.agent_name, self.sheet.cycle_days, self.sheet.window);
        match language {
            Language::En => [
                format!("Name: {name}"),
                format!("My sales cycle: {days} days"),
                format!("{} to {}", window.from, window.to),
            ],
            Language::ZhCn => [
                format!("姓名：{name}"),
                format!("我的销售周期：{days} 天"),
                format!("{} 至 {}", window.from, window.to),
            ],
        }
    }
}

impl Forms for Filled {
    type View = ActionSheet;

    fn about(&self) -> About {
        About {
            report: Report::ActionSheet,
            subject_kind: "user",
            subject_id: self.agent_id,
            window: self.sheet.window,
        }
    }

    fn people(&self) -> Vec<Id> {
        self.names.keys().copied().collect()
    }

    fn view(self, language: Language) -> ActionSheet {
        self.json(language)
    }

    fn tables(&self, language: Language) -> Tables {
        let yes = |yes: bool| Cell::yes(yes, language);
        let row = |block: &SheetBlock, line: Line| {
            let entry = line.entry;
            vec![
                Cell::Text(self.agent_name.clone()),
                Cell::Integer(i64::from(self.sheet.cycle_days)),
                Cell::Text(block.block.check_in.label().in_language(language).to_owned()),
                Cell::Date(block.block.window.from),
                Cell::Date(block.block.window.to),
                Cell::Text(line.stage.label().in_language(language).to_owned()),
                self.name(line.id, language),
                Cell::date(entry.and_then(|e| e.first_meeting_on)),
                Cell::integer(entry.and_then(|e| e.days_elapsed)),
                entry.map_or(Cell::Empty, |e| yes(e.over_cycle)),
                yes(line.late),
                line.id.into(),
            ]
        };
        let headings = [
            (Kind::Text, "Agent", "代理人"),
            (Kind::Integer, "Sales cycle, days", "销售周期（天）"),
            (Kind::Text, "Check-in", "检视日"),
            (Kind::Date, "From", "起"),
            (Kind::Date, "To", "止"),
            (Kind::Text, "Stage", "阶段"),
            (Kind::Text, "Name", "姓名"),
            (Kind::Date, "First meeting", "初次见面"),
            (Kind::Integer, "Days elapsed", "已过天数"),
            (Kind::Text, "Over the cycle", "超过周期"),
            (Kind::Text, "Late entry", "补录"),
            (Kind::Key, "Prospect id", "联系人编号"),
        ];
        let blocks = self.sheet.blocks.iter();
        let rows = blocks.flat_map(|b| lines(&b.columns).map(move |line| row(b, line))).collect();
        Tables {
            report: Report::ActionSheet,
            as_of: self.today,
            language,
            above: Vec::new(),
            tables: vec![Table::new(language, SHEET_NAME, &headings, rows), self.sums(language)],
        }
    }

    fn book(&self, language: Language) -> Drawn<Book> {
        let mut book = Book::new(Report::ActionSheet, self.today, language);
        let (en, zh) = SHEET_NAME;
        let mut paper = book.paper(Text::new(en, zh).in_language(language), &WIDTHS)?;
        let mut next = self.head(&mut paper, language)?;
        let beside = self.restated.iter().copied().zip(self.withheld.iter().copied());
        for (block, (restated, withheld)) in self.sheet.blocks.iter().zip(beside) {
            next = self.block(&mut paper, (block, restated, withheld), next, language)?;
        }
        let remark = match (self.sheet.mode, language) {
            (SheetMode::Activity, Language::En) => "Shown: contacts with an activity or a move in the block.",
            (SheetMode::Activity, Language::ZhCn) => "列出时段内有活动或变动的联系人。",
            (SheetMode::Board, Language::En) => "Shown: every open contact at the end of the block.",
            (SheetMode::Board, Language::ZhCn) => "列出时段末全部在谈的联系人。",
        };
        let signs = match language {
            Language::En => "Grey and bold: over the sales cycle, back to column 1. Slanted: entered late.",
            Language::ZhCn => "灰底粗体：超过销售周期，应退回第 1 栏。斜体：补录。",
        };
        paper.span(Area(next, 0, next, LAST), &Cell::Text(format!("{remark} {signs}")), Ink::NOTE)?;
        book.add(paper);
        book.add_definitions(Report::ActionSheet)?;
        Ok(book)
    }
}

impl Filled {
    /// What the JSON says of a whole block, a row for each that has begun: the subtotals, which are as signed where it is
    /// signed off, how many of the names are not shown, and what was restated.
    fn sums(&self, language: Language) -> Table {
        let block = [
            (Kind::Text, "Agent", "代理人"),
            (Kind::Integer, "Sales cycle, days", "销售周期（天）"),
            (Kind::Text, "Check-in", "检视日"),
            (Kind::Date, "From", "起"),
            (Kind::Date, "To", "止"),
        ];
        let beside = [
            (Kind::Integer, "Not shown", "未列出"),
            (Kind::Text, "Signed off", "已签核"),
            (Kind::Text, "Restated", "更正后"),
        ];
        let mut all = columns(language, &block);
        let stages = DATED.map(|stage| stage.label().in_language(language).to_owned());
        all.extend(stages.into_iter().map(|heading| Column::new(heading, Kind::Integer)));
        all.extend(columns(language, &beside));
        let blocks = self.sheet.blocks.iter().zip(self.withheld.iter().zip(&self.sign_offs));
        let begun = blocks.filter(|(block, _)| block.counted.is_some());
        let rows = begun.map(|(block, (withheld, sign_off))| {
            let mut row = vec![
                Cell::Text(self.agent_name.clone()),
                Cell::Integer(i64::from(self.sheet.cycle_days)),
                Cell::said(&block.block.check_in.label(), language),
                Cell::Date(block.block.window.from),
                Cell::Date(block.block.window.to),
            ];
            row.extend(block.subtotals.in_order().map(Cell::Integer));
            let restated = sign_off.as_ref().map(|s| in_words(&s.restatements, language));
            row.push(Cell::Integer(*withheld));
            row.push(Cell::yes(sign_off.is_some(), language));
            row.push(Cell::text(restated.filter(|said| !said.is_empty())));
            row
        });
        let name = Text::new("Subtotals", "小计").in_language(language).to_owned();
        Table { name, columns: all, rows: rows.collect() }
    }

    /// Title, lines and headings; answers the first row of the blocks.
    fn head(&self, paper: &mut Paper, language: Language) -> Drawn<u32> {
        let text = |text: &Text| Cell::Text(text.in_language(language).to_owned());
        paper.span(Area(0, 0, 0, LAST), &text(&Report::ActionSheet.title()), Ink::TITLE)?;
        paper.height(0, 32.0)?;
        let [who, cycle, range] = self.heading(language).map(Cell::Text);
        paper.span(Area(1, 0, 1, 3), &who, Ink::LINE)?;
        paper.span(Area(1, 4, 1, 7), &cycle, Ink { side: Side::Centre, bold: true, ..Ink::LINE })?;
        paper.span(Area(1, 8, 1, LAST), &range, Ink { side: Side::Right, ..Ink::LINE })?;
        paper.fit(1, 22.0, &[(0..=3, &who, Ink::LINE)])?;
        paper.span(Area(2, 0, 3, 0), &text(&Text::new("Check-in", "检视日")), Ink::HEADING)?;
        let first = format!("1 {}", Stage::Opportunity.label().in_language(language));
        paper.put(2, 1, &Cell::Text(first), Ink::HEADING)?;
        paper.put(3, 1, &text(&Text::new("name", "姓名")), Ink::HEADING)?;
        for ((number, left), stage) in (2..).zip((2..).step_by(2)).zip(DATED) {
            let rest = if stage == Stage::Closed { " (100%)" } else { "" };
            let heading = format!("{number} {}{rest}", stage.label().in_language(language));
            paper.span(Area(2, left, 2, left + 1), &Cell::Text(heading), Ink::HEADING)?;
            paper.put(3, left, &text(&Text::new("name", "姓名")), Ink::HEADING)?;
            paper.put(3, left + 1, &text(&Text::new("met", "初见")), Ink::HEADING)?;
        }
        paper.height(2, 22.0)?;
        paper.height(3, 20.0)?;
        paper.repeat(3)?;
        Ok(4)
    }

    /// One block from a row on; answers the row below it.
    fn block(
        &self,
        paper: &mut Paper,
        (block, restated, withheld): (&SheetBlock, Option<Subtotals>, i64),
        top: u32,
        language: Language,
    ) -> Drawn<u32> {
        let mut row = self.names(paper, block, top, language)?;
        let subtotal = Text::new("subtotal", "小计").in_language(language).to_owned();
        paper.put(row, 1, &Cell::Text(subtotal), Ink::SUBTOTAL)?;
        for (left, count) in (2..).step_by(2).zip(block.subtotals.in_order()) {
            // What lies ahead is left to be filled in by hand.
            let count = if block.counted.is_some() { Cell::Integer(count) } else { Cell::Empty };
            paper.span(Area(row, left, row, left + 1), &count, Ink::SUBTOTAL)?;
        }
        paper.height(row, HIGH)?;
        if let Some(now) = restated {
            row += 1;
            let label = Text::new("restated", "更正后").in_language(language).to_owned();
            paper.put(row, 1, &Cell::Text(label), Ink::RESTATED)?;
            for (left, count) in (2..).step_by(2).zip(now.in_order()) {
                paper.span(Area(row, left, row, left + 1), &Cell::Integer(count), Ink::RESTATED)?;
            }
            paper.height(row, HIGH)?;
        }
        if withheld > 0 {
            row += 1;
            let said = Text::new(
                format!("({withheld} not shown: handed on, and out of your reach now)"),
                format!("（另有 {withheld} 位未列出：已转交，不在您的权限内）"),
            );
            paper.span(Area(row, 1, row, LAST), &Cell::said(&said, language), Ink::RESTATED)?;
            paper.height(row, HIGH)?;
        }
        paper.span(
            Area(top, 0, row, 0),
            &Cell::Text(block_label(&block.block, self.today, language)),
            Ink::SUBTOTAL,
        )?;
        Ok(row + 1)
    }

    /// The names of a block with their dates, and lines left to write on; answers the row below them.
    fn names(&self, paper: &mut Paper, block: &SheetBlock, top: u32, language: Language) -> Drawn<u32> {
        let columns = &block.columns;
        let longest = DATED.map(|stage| entries(columns, stage).len()).into_iter().max().unwrap_or(0);
        let longest = longest.max(columns.opportunity.len()).max(LINES);
        let mut row = top;
        for index in 0..longest {
            let mut high = 1;
            let mut write = |paper: &mut Paper, col: u16, cell: &Cell, ink: Ink| {
                if let (Cell::Text(text), Some(width)) = (cell, WIDTHS.get(usize::from(col))) {
                    high = high.max(lines_needed(text, *width));
                }
                paper.put(row, col, cell, ink)
            };
            let opportunity = columns.opportunity.get(index);
            let name = opportunity.map_or(Cell::Empty, |e| self.name(e.prospect_id, language));
            write(paper, 1, &name, Ink { italic: opportunity.is_some_and(|e| e.late), ..Ink::BODY })?;
            for (left, stage) in (2..).step_by(2).zip(DATED) {
                let entry = entries(columns, stage).get(index);
                let ink = entry.map_or(Ink::BODY, ink);
                let name = entry.map_or(Cell::Empty, |e| self.name(e.prospect_id, language));
                write(paper, left, &name, ink)?;
                let met = Cell::date(entry.and_then(|e| e.first_meeting_on));
                write(paper, left + 1, &met, Ink { short_dates: true, ..ink })?;
            }
            paper.height(row, row_height(high).max(HIGH))?;
            row += 1;
        }
        Ok(row)
    }
}

/// Over the cycle, and late: by ground and slant, which also a copier keeps.
fn ink(entry: &SheetEntry) -> Ink {
    Ink { bold: entry.over_cycle, shaded: entry.over_cycle, italic: entry.late, ..Ink::BODY }
}
