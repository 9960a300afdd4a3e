//! A table as CSV (RFC 4180): UTF-8 with a byte-order mark, lines ending in CR LF, one line of headings.
//!
//! What stands above the table on paper stands in columns here: every line has the same fields, for programs.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{
    formula,
    table::{Cell, Table},
};
use crate::domain::money::format_minor;

/// Without it a spreadsheet takes Chinese for another encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes it.
///
/// # Errors
/// When a row has not as many cells as there are columns.
pub fn write(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // Where a spreadsheet splits at semicolons, a name with one in it must not begin a new cell.
        .quote_style(QuoteStyle::NonNumeric)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(table.columns.iter().map(|column| harmless(&column.heading).into_owned()))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(field))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn field(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => harmless(text).into_owned(),
        Cell::Integer(number) => number.to_string(),
        Cell::Decimal(number, places) => number.written(*places).unwrap_or_default(),
        Cell::Money(minor) => format_minor(*minor),
        Cell::Date(date) => date.to_string(),
    }
}

/// The same text, which no spreadsheet runs: an apostrophe in front says "text".
fn harmless(text: &str) -> Cow<'_, str> {
    if formula::looks_like_one(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::{
        api::formats::table::{Column, Kind},
        domain::{fraction::Fraction, report::Report},
    };

    #[test]
    fn text_is_neutralised_and_numbers_stay_numbers() {
        let table = Table {
            report: Report::Ratios,
            as_of: NaiveDate::from_ymd_opt(2009, 12, 14).unwrap(),
            lines: Vec::new(),
            columns: vec![Column::new("名", Kind::Text), Column::new("n", Kind::Integer)],
            rows: vec![
                vec![Cell::Text("=HYPERLINK(\"http://x\",\"y\")".to_owned()), Cell::Integer(-1)],
                vec![Cell::Text("a;=1\r\nb".to_owned()), Cell::Money(-100)],
                vec![Cell::Text("-1".to_owned()), Cell::Decimal(Fraction::new(1, 8).unwrap(), 2)],
                vec![Cell::Empty, Cell::Date(NaiveDate::from_ymd_opt(2009, 12, 14).unwrap())],
            ],
        };
        let written = String::from_utf8(write(&table).unwrap()).unwrap();
        let expected = "\u{feff}\"名\",\"n\"\r\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",-1\r\n\
                        \"a;=1\r\nb\",-1.00\r\n\"'-1\",0.13\r\n\"\",\"2009-12-14\"\r\n";
        assert_eq!(written, expected);
    }

    #[test]
    fn a_row_that_is_too_short_is_an_error_and_no_file() {
        let table = Table {
            report: Report::Ratios,
            as_of: NaiveDate::default(),
            lines: Vec::new(),
            columns: vec![Column::new("a", Kind::Text), Column::new("b", Kind::Text)],
            rows: vec![vec![Cell::Empty]],
        };
        assert!(write(&table).is_err());
    }
}
