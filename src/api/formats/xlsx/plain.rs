//! A report without a paper form of its own: title, what it is about, and its tables under each other.

use super::{
    book::Book,
    ink::{Ink, Side},
    measure::{self, INDENT, SIDES, row_height},
    paper::{Area, Drawn, Paper},
};
use crate::{
    api::formats::{
        table::{Cell, Column, Kind, Table, Tables},
        wrap::is_ideograph,
    },
    domain::values::text::Text,
};

/// A heading longer than this many characters goes into several lines.
const HEADING: f64 = 10.0;
/// Narrowest and widest column, in characters.
const NARROW: f64 = 6.0;
const WIDE: f64 = 30.0;
/// A table is at least so wide, in characters: about a page.
const PAGE: f64 = 110.0;
/// Between two things that stand above a table.
const GAP: &str = "    ";

impl Book {
    /// The tables of a report as they are, with the definitions behind them. Tables with the same columns stand under each
    /// other on one sheet.
    ///
    /// # Errors
    /// What a spreadsheet cannot hold.
    pub fn of(tables: &Tables) -> Drawn<Book> {
        let mut book = Book::new(tables.report, tables.as_of, tables.language);
        for together in tables.tables.chunk_by(|a, b| a.columns == b.columns) {
            add(&mut book, tables, together)?;
        }
        book.add_definitions(tables.report)?;
        Ok(book)
    }
}

/// Adds a sheet with tables that have the same columns; the ids in them are for programs and left out.
fn add(book: &mut Book, report: &Tables, together: &[Table]) -> Drawn<()> {
    let Some(first) = together.first() else { return Ok(()) };
    let printed: Vec<usize> =
        (0..first.columns.len()).filter(|index| first.columns[*index].kind != Kind::Key).collect();
    let widths = widths(together, &printed);
    // A sheet that holds the whole report is named after it.
    let whole = together.len() == report.tables.len();
    let name = if whole { report.title() } else { first.name.clone() };
    let mut paper = book.paper(&name, &widths)?;
    let last = u16::try_from(printed.len().saturating_sub(1)).unwrap_or(u16::MAX);
    let mut row = head(&mut paper, report, (last, widths.iter().sum()))?;
    let headings: Vec<Cell> =
        printed.iter().map(|index| Cell::Text(first.columns[*index].heading.clone())).collect();
    paper.row(row, &headings, Ink::HEADING)?;
    paper.repeat(row)?;
    for table in together {
        if report.tables.len() > 1 {
            row += 1;
            let name = Cell::Text(table.name.clone());
            paper.span(Area(row, 0, row, last), &name, Ink { side: Side::Left, ..Ink::HEADING })?;
            paper.height(row, row_height(1))?;
        }
        row = rows(&mut paper, table, &printed, row)?;
        if table.rows.is_empty() {
            row += 1;
            let none = Cell::said(&Text::new("None.", "无。"), report.language);
            paper.span(Area(row, 0, row, last), &none, Ink { side: Side::Left, ..Ink::BODY })?;
            paper.height(row, row_height(1))?;
        }
    }
    book.add(paper);
    Ok(())
}

/// Title, and what the report is about; answers the row below.
fn head(paper: &mut Paper, report: &Tables, (last, width): (u16, f64)) -> Drawn<u32> {
    paper.span(Area(0, 0, 0, last), &Cell::Text(report.title()), Ink::TITLE)?;
    paper.height(0, 30.0)?;
    let colon = Text::new(": ", "：");
    let colon = colon.in_language(report.language);
    let said = |(column, cell): &(Column, Cell)| format!("{}{colon}{}", column.heading, cell.written());
    let printed =
        report.above.iter().filter(|(column, cell)| column.kind != Kind::Key && *cell != Cell::Empty);
    let above = Cell::Text(in_lines(&printed.map(said).collect::<Vec<_>>(), width - SIDES));
    paper.span(Area(1, 0, 1, last), &above, Ink::LINE)?;
    paper.fit(1, 0.0, &[(0..=last, &above, Ink::LINE)])?;
    Ok(2)
}

/// Some texts beside each other, in as many lines as it takes.
fn in_lines(texts: &[String], width: f64) -> String {
    let mut lines = String::new();
    let mut used = 0.0;
    for text in texts {
        let beside = used + units(GAP) + units(text);
        let fits = used > 0.0 && beside <= width;
        if !lines.is_empty() {
            lines.push_str(if fits { GAP } else { "\n" });
        }
        lines.push_str(text);
        used = if fits { beside } else { units(text) };
    }
    lines
}

/// The rows of a table below a row; answers the last one.
fn rows(paper: &mut Paper, table: &Table, printed: &[usize], mut row: u32) -> Drawn<u32> {
    for cells in &table.rows {
        row += 1;
        let mut texts = Vec::with_capacity(printed.len());
        for (col, cell) in (0..).zip(printed.iter().filter_map(|index| cells.get(*index))) {
            let side = match cell {
                Cell::Empty | Cell::Text(_) => Side::Left,
                Cell::Date(_) => Side::Centre,
                Cell::Integer(_) | Cell::Decimal(..) | Cell::Share(_) | Cell::Money(_) => Side::Right,
            };
            let ink = Ink { side, ..Ink::BODY };
            paper.put(row, col, cell, ink)?;
            texts.push((col..=col, cell, ink));
        }
        paper.fit(row, 0.0, &texts)?;
    }
    Ok(row)
}

/// Width of a text in digits.
fn units(text: &str) -> f64 {
    text.chars().map(measure::units).sum()
}

/// What a heading takes at least: it may go into several lines, its words may not.
fn least(heading: &str) -> f64 {
    let words = heading.split(|c: char| c.is_whitespace() || is_ideograph(c));
    words.map(|word| units(word) + 1.0).fold(units(heading).min(HEADING), f64::max)
}

/// The widths of the printed columns, by what stands in them.
fn widths(together: &[Table], printed: &[usize]) -> Vec<f64> {
    let column = |index: &usize| {
        let cells = together.iter().flat_map(|table| &table.rows).filter_map(|row| row.get(*index));
        let heading = together.first().map_or(0.0, |table| least(&table.columns[*index].heading));
        let wide = cells.map(|cell| units(&cell.written())).fold(heading, f64::max);
        wide.clamp(NARROW, WIDE) + INDENT + SIDES + 0.2
    };
    let widths: Vec<f64> = printed.iter().map(column).collect();
    let stretch = (PAGE / widths.iter().sum::<f64>().max(1.0)).max(1.0);
    widths.into_iter().map(|width| width * stretch).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_heading_is_broken_and_chinese_may_be() {
        let word = units("Appointments");
        assert!(word > HEADING);
        assert_eq!(least("Appointments a week"), word + 1.0);
        assert_eq!(least("开发的潜在客户"), HEADING);
        assert_eq!(least("n"), units("n") + 1.0);
    }

    #[test]
    fn what_stands_above_breaks_between_its_parts() {
        let parts = ["小组：一组", "截至：2009-12-14", "时区：Asia/Shanghai"].map(str::to_owned);
        assert_eq!(in_lines(&parts, 32.0), "小组：一组    截至：2009-12-14\n时区：Asia/Shanghai");
        assert_eq!(in_lines(&parts, 5.0).lines().count(), 3);
    }
}
