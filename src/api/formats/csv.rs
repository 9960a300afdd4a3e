//! A report as CSV (RFC 4180): UTF-8 with a byte-order mark, lines ending in CR LF, one line of headings.
//!
//! What stands above the table on paper stands in columns here: every line has the same fields, for programs.

use std::{
    borrow::Cow,
    io::{self, ErrorKind},
};

use csv::{QuoteStyle, Terminator, WriterBuilder};

use super::{
    formula,
    table::{Cell, Ragged, Tables},
};

/// Without it a spreadsheet takes Chinese for another encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes it.
///
/// # Errors
/// When a row has not as many cells as there are columns.
pub fn write(tables: &Tables) -> Result<Vec<u8>, csv::Error> {
    let (columns, rows) = tables
        .joined()
        .map_err(|Ragged| io::Error::new(ErrorKind::InvalidData, "a row of another length"))?;
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        // What is quoted is said by the kind of the cell, not by what its text looks like.
        .quote_style(QuoteStyle::Never)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(columns.iter().map(|column| quoted(&harmless(&column.heading))))?;
    for row in &rows {
        writer.write_record(row.iter().map(field))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Writes lines of texts in the same form, for what is no report.
///
/// # Errors
/// Those of the writer.
pub fn lines<const N: usize>(
    headings: &[&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .quote_style(QuoteStyle::Always)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    writer.write_record(headings)?;
    for row in rows {
        writer.write_record(row.iter().map(|text| harmless(text).into_owned()))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// A number bare, everything else in quotation marks: a text that looks like a number stays a text, and where a spreadsheet
/// splits at semicolons, a name with one in it begins no new cell.
fn field(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => quoted(&harmless(text)),
        Cell::Empty | Cell::Date(_) => quoted(&cell.written()),
        Cell::Integer(_) | Cell::Decimal(..) | Cell::Share(_) | Cell::Money(_) => cell.written(),
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
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
        api::formats::table::{Kind, Table},
        domain::{reports::report::Report, values::text::Language},
    };

    fn tables(headings: &[(Kind, &'static str, &'static str)], rows: Vec<Vec<Cell>>) -> Tables {
        Tables {
            report: Report::Ratios,
            as_of: NaiveDate::default(),
            language: Language::ZhCn,
            above: Vec::new(),
            tables: vec![Table::new(Language::ZhCn, ("Ratios", "比例"), headings, rows)],
        }
    }

    #[test]
    fn text_is_neutralised_and_numbers_stay_numbers() {
        let rows = vec![
            vec![Cell::Text("=HYPERLINK(\"http://x\",\"y\")".to_owned()), Cell::Integer(-1)],
            vec![Cell::Text("a;=1\r\nb".to_owned()), Cell::Money(-100)],
            vec![Cell::Text("-1".to_owned()), Cell::Decimal(0.13, 2)],
            vec![Cell::Text("007".to_owned()), Cell::Integer(7)],
            vec![Cell::Text("1e5".to_owned()), Cell::Share(0.5)],
            vec![Cell::Empty, Cell::Date(NaiveDate::from_ymd_opt(2009, 12, 14).unwrap())],
        ];
        let tables = tables(&[(Kind::Text, "name", "名"), (Kind::Integer, "n", "n")], rows);
        let written = String::from_utf8(write(&tables).unwrap()).unwrap();
        let expected = "\u{feff}\"名\",\"n\"\r\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\",-1\r\n\
                        \"a;=1\r\nb\",-1.00\r\n\"'-1\",0.13\r\n\"007\",7\r\n\"1e5\",0.5000\r\n\"\",\"2009-12-14\"\r\n";
        assert_eq!(written, expected);
    }

    #[test]
    fn a_row_that_is_too_short_is_an_error_and_no_file() {
        let headings = [(Kind::Text, "a", "a"), (Kind::Text, "b", "b")];
        assert!(write(&tables(&headings, vec![vec![Cell::Empty]])).is_err());
    }
}
