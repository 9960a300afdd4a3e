//! A sheet as it is drawn: cells with their formats, rows as high as their texts.
//!
//! Nothing here is ever a formula: text is written as text, and what looks like a formula is marked as quoted.

use std::ops::RangeInclusive;

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::{
    ink::{Ink, Side},
    measure::{HIGHEST, INDENT, USUAL, lines_needed, row_height},
};
use crate::api::formats::{formula, table::Cell};

/// What was drawn, or what a spreadsheet cannot hold.
pub type Drawn<T> = Result<T, XlsxError>;

/// A block of cells: first row and column, last row and column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Area(pub u32, pub u16, pub u32, pub u16);

/// A sheet in the making. Rows and columns count from 0.
pub struct Paper {
    pub(super) sheet: Worksheet,
    pub(super) font: &'static str,
    pub(super) widths: Vec<f64>,
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
