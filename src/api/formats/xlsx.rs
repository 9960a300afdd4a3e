//! Workbooks that look like the paper forms and print on A4: borders, headings on every page, real numbers and dates.
//!
//! Nothing here is ever a formula: text is written as text, and what looks like a formula is marked as quoted, so that it
//! stays text also when somebody edits the cell.

mod plain;

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use rust_xlsxwriter::{
    Color, DocProperties, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::{
    formula,
    table::{Cell, Tables},
    wrap::{is_ideograph, wrap},
};
use crate::domain::{
    report::Report,
    text::{Language, Text},
};

/// A4, in the numbering of the format.
const A4: u8 = 9;
/// Height of one line of text and of the air around it, in points; a line of Chinese is half as high again as its letters.
const LINE: f64 = 16.0;
const AIR: f64 = 5.0;
/// The size of letters in which columns are measured, in points.
const USUAL: f64 = 11.0;
/// What a cell keeps free at its sides, and what an indent takes besides, in characters.
const SIDES: f64 = 0.3;
const INDENT: f64 = 2.0;

/// What was drawn, or what a spreadsheet cannot hold.
pub type Drawn<T> = Result<T, XlsxError>;

/// How a cell looks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ink {
    /// Size of the letters in points.
    pub size: u8,
    /// Heavy letters.
    pub bold: bool,
    /// Slanted letters.
    pub italic: bool,
    /// Dates as month and day, as on paper: 12.15.
    pub short_dates: bool,
    /// A grey ground, which a copier keeps.
    pub shaded: bool,
    /// A line around it.
    pub boxed: bool,
    /// Where the text stands in it.
    pub side: Side,
}

/// Where text stands in its cell.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// At the left.
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

impl Ink {
    /// A cell of a form.
    pub const BODY: Ink = Ink {
        size: 11,
        bold: false,
        italic: false,
        short_dates: false,
        shaded: false,
        boxed: true,
        side: Side::Centre,
    };
    /// A heading of a form.
    pub const HEADING: Ink = Ink { bold: true, shaded: true, ..Ink::BODY };
    /// A subtotal, and its label.
    pub const SUBTOTAL: Ink = Ink { bold: true, ..Ink::BODY };
    /// What a signed figure would be now.
    pub const RESTATED: Ink = Ink { italic: true, ..Ink::BODY };
    /// The title over a form.
    pub const TITLE: Ink = Ink { size: 18, bold: true, boxed: false, ..Ink::BODY };
    /// A line over a form.
    pub const LINE: Ink = Ink { boxed: false, side: Side::Left, ..Ink::BODY };
    /// A remark under a form.
    pub const NOTE: Ink = Ink { size: 9, ..Ink::LINE };
}

/// A block of cells: first row and column, last row and column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area(pub u32, pub u16, pub u32, pub u16);

/// A workbook in the making.
pub struct Book {
    workbook: Workbook,
    language: Language,
}

impl Book {
    /// An empty one. The same report gives the same bytes: the book is dated by what it shows.
    pub fn new(report: Report, as_of: NaiveDate, language: Language) -> Self {
        let mut workbook = Workbook::new();
        let title = report.title();
        let properties = DocProperties::new().set_title(title.in_language(language));
        workbook.set_properties(&properties.set_creation_datetime(&as_of));
        Book { workbook, language }
    }

    /// A sheet of paper, with the widths of its columns in characters.
    ///
    /// # Errors
    /// For a name that no sheet can have.
    pub fn paper(&self, name: &str, widths: &[f64]) -> Drawn<Paper> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name)?;
        sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
        sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3).set_print_center_horizontally(true);
        sheet.set_footer("&C&P / &N").set_screen_gridlines(false);
        for (col, width) in (0..).zip(widths) {
            sheet.set_column_width(col, *width)?;
        }
        let font = match self.language {
            Language::En => "Calibri",
            Language::ZhCn => "Microsoft YaHei",
        };
        Ok(Paper { sheet, font, widths: widths.to_vec() })
    }

    /// Puts a sheet into the book.
    pub fn add(&mut self, paper: Paper) {
        self.workbook.push_worksheet(paper.sheet);
    }

    /// Adds the sheet that says what the figures mean.
    ///
    /// # Errors
    /// None that the texts could cause.
    pub fn add_definitions(&mut self, report: Report) -> Drawn<()> {
        let said = |text: &Text| Cell::Text(text.in_language(self.language).to_owned());
        let name = Text::new("Definitions", "说明");
        // Not every program scales so narrow a sheet down: it has to fit the page as it is.
        let mut paper = self.paper(name.in_language(self.language), &[28.0, 82.0])?;
        paper.span(Area(0, 0, 0, 1), &said(&name), Ink::TITLE)?;
        paper.height(0, 32.0)?;
        let headings = [Text::new("Figure", "指标"), Text::new("What it means", "含义")];
        paper.row(1, &headings.map(|heading| said(&heading)), Ink::HEADING)?;
        paper.repeat(1)?;
        for (row, figure) in (2..).zip(report.figures()) {
            let texts = [said(&figure.label()), said(&figure.text())];
            paper.row(row, &texts, Ink { side: Side::Left, ..Ink::BODY })?;
        }
        self.add(paper);
        Ok(())
    }

    /// The tables of a report as they are, with the definitions behind them. Tables with the same columns stand under each
    /// other on one sheet.
    ///
    /// # Errors
    /// What a spreadsheet cannot hold.
    pub fn of(tables: &Tables) -> Drawn<Book> {
        let mut book = Book::new(tables.report, tables.as_of, tables.language);
        for together in tables.tables.chunk_by(|a, b| a.columns == b.columns) {
            plain::add(&mut book, tables, together)?;
        }
        book.add_definitions(tables.report)?;
        Ok(book)
    }

    /// The file.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn finish(mut self) -> Drawn<Vec<u8>> {
        self.workbook.save_to_buffer()
    }
}

/// A sheet in the making. Rows and columns count from 0.
pub struct Paper {
    sheet: Worksheet,
    font: &'static str,
    widths: Vec<f64>,
}

impl Paper {
    /// Writes one cell.
    ///
    /// # Errors
    /// Outside the bounds of a spreadsheet.
    pub fn put(&mut self, row: u32, col: u16, cell: &Cell, ink: Ink) -> Drawn<()> {
        let format = self.format(cell, ink);
        match cell {
            Cell::Empty => self.sheet.write_blank(row, col, &format)?,
            Cell::Text(text) => self.sheet.write_string_with_format(row, col, text, &format)?,
            Cell::Integer(number) => {
                self.sheet.write_number_with_format(row, col, *number as f64, &format)?
            }
            Cell::Decimal(number, _) | Cell::Share(number) => {
                self.sheet.write_number_with_format(row, col, *number, &format)?
            }
            Cell::Money(minor) => {
                self.sheet.write_number_with_format(row, col, *minor as f64 / 100.0, &format)?
            }
            Cell::Date(date) => self.sheet.write_datetime_with_format(row, col, date, &format)?,
        };
        Ok(())
    }

    /// Writes a row from the left.
    ///
    /// # Errors
    /// Outside the bounds of a spreadsheet.
    pub fn row(&mut self, row: u32, cells: &[Cell], ink: Ink) -> Drawn<()> {
        for (col, cell) in (0..).zip(cells) {
            self.put(row, col, cell, ink)?;
        }
        let texts: Vec<_> = (0..).zip(cells).map(|(col, cell)| (col..=col, cell, ink)).collect();
        self.fit(row, 0.0, &texts)
    }

    /// Writes one cell over a whole area.
    ///
    /// # Errors
    /// Where areas overlap, and outside the bounds of a spreadsheet.
    pub fn span(&mut self, area: Area, cell: &Cell, ink: Ink) -> Drawn<()> {
        let Area(top, left, bottom, right) = area;
        if (top, left) != (bottom, right) {
            let format = self.format(cell, ink);
            self.sheet.merge_range(top, left, bottom, right, "", &format)?;
        }
        self.put(top, left, cell, ink)
    }

    /// Sets the height of a row in points.
    ///
    /// # Errors
    /// Outside the bounds of a spreadsheet.
    pub fn height(&mut self, row: u32, points: f64) -> Drawn<()> {
        self.sheet.set_row_height(row, points)?;
        Ok(())
    }

    /// Makes a row high enough for its texts, each in the columns it stands across, and at least so many points high.
    ///
    /// # Errors
    /// Outside the bounds of a spreadsheet.
    pub fn fit(&mut self, row: u32, least: f64, texts: &[(RangeInclusive<u16>, &Cell, Ink)]) -> Drawn<()> {
        let high = |(across, cell, ink): &(RangeInclusive<u16>, &Cell, Ink)| {
            let Cell::Text(text) = cell else { return row_height(1) };
            let columns = usize::from(*across.start())..=usize::from(*across.end());
            let width: f64 = self.widths.get(columns).unwrap_or_default().iter().sum();
            let indent = if ink.boxed && ink.side == Side::Left { INDENT } else { 0.0 };
            let scale = f64::from(ink.size) / USUAL;
            let heavier = if ink.bold { 1.05 } else { 1.0 };
            row_height(lines_needed(text, (width - indent) / (scale * heavier))) * scale.max(1.0)
        };
        let most = texts.iter().map(high).fold(least, f64::max);
        self.height(row, most.min(HIGHEST))
    }

    /// Repeats everything down to this row on every printed page, and keeps it in view.
    ///
    /// # Errors
    /// Outside the bounds of a spreadsheet.
    pub fn repeat(&mut self, last: u32) -> Drawn<()> {
        self.sheet.set_repeat_rows(0, last)?;
        self.sheet.set_freeze_panes(last + 1, 0)?;
        Ok(())
    }

    fn format(&self, cell: &Cell, ink: Ink) -> Format {
        let across = match ink.side {
            Side::Left => FormatAlign::Left,
            Side::Centre => FormatAlign::Center,
            Side::Right => FormatAlign::Right,
        };
        let mut format = Format::new()
            .set_font_name(self.font)
            .set_font_size(ink.size)
            .set_align(across)
            .set_align(FormatAlign::VerticalCenter);
        if matches!(cell, Cell::Text(_)) {
            format = format.set_text_wrap();
        }
        if ink.boxed {
            format = format.set_border(FormatBorder::Thin);
            if ink.side == Side::Left {
                format = format.set_indent(1);
            }
        }
        if ink.bold {
            format = format.set_bold();
        }
        if ink.italic {
            format = format.set_italic();
        }
        if ink.shaded {
            format = format.set_background_color(Color::RGB(0xD9_D9_D9));
        }
        match cell {
            Cell::Text(text) if formula::looks_like_one(text) => format.set_quote_prefix(),
            Cell::Empty | Cell::Text(_) => format,
            Cell::Integer(_) => format.set_num_format(off_the_edge("0", ink.side)),
            Cell::Decimal(_, places) => {
                format.set_num_format(off_the_edge(&decimal_format(*places), ink.side))
            }
            Cell::Share(_) => format.set_num_format(off_the_edge("0.00%", ink.side)),
            Cell::Money(_) => format.set_num_format(off_the_edge("#,##0.00", ink.side)),
            Cell::Date(_) if ink.short_dates => format.set_num_format("mm\".\"dd"),
            Cell::Date(_) => format.set_num_format("yyyy-mm-dd"),
        }
    }
}

/// A number at the right keeps the width of a bracket free; an indent is not kept by every program that prints.
fn off_the_edge(format: &str, side: Side) -> String {
    if side == Side::Right { format!("{format}_)") } else { format.to_owned() }
}

fn decimal_format(places: u32) -> String {
    match places {
        0 => "0".to_owned(),
        places => format!("0.{}", "0".repeat(usize::try_from(places).unwrap_or(1))),
    }
}

/// Lines that a text takes in a column of so many characters.
pub fn lines_needed(text: &str, width: f64) -> usize {
    wrap(text, (width - SIDES).max(3.0), units).len()
}

/// Width of a character in digits of the usual size, not less than it takes in the fonts that a reader may have.
fn units(c: char) -> f64 {
    match c {
        _ if is_ideograph(c) => 2.1,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '(' | ')' => 0.7,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.7,
        'A'..='Z' => 1.35,
        ' '..='~' => 1.1,
        _ => 2.1,
    }
}

/// A spreadsheet has no higher row, in points.
const HIGHEST: f64 = 409.0;

/// Height in points of a row of so many lines.
pub fn row_height(lines: usize) -> f64 {
    (lines as f64 * LINE + AIR).min(HIGHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_as_high_as_its_longest_text_in_its_column() {
        assert_eq!(lines_needed("张三", 13.0), 1);
        assert_eq!(lines_needed("一二三四五六七", 13.0), 2, "six to a line");
        assert_eq!(lines_needed("first appointment", 13.0), 2);
        assert_eq!(lines_needed(&"王".repeat(49), 100.0), 2, "they are a little wider than two digits");
        assert_eq!(row_height(1), 21.0);
        assert_eq!(row_height(1000), 409.0, "no spreadsheet has a higher row");
    }
}
