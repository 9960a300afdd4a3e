//! A table as the body of a request: CSV (RFC 4180) in UTF-8 with a row of headings. Every fault is named by its row, as a
//! spreadsheet counts them, and its column.

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use csv::{ReaderBuilder, StringRecord};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use validator::Validate;

use super::{
    faults,
    json::{self, BodyHash, Reading},
};
use crate::{
    api::problem::{Code, document::Problem},
    domain::values::text::Text,
};

/// Most rows below the headings.
pub const MOST_ROWS: usize = 5_000;

/// The row of a spreadsheet in which the first row below the headings stands.
const FIRST_ROW: usize = 2;

/// What a cell of a column is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Column {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// Whole numbers, with semicolons between them.
    Integers,
}

/// A type that a row can be read as: each column is a field, an empty cell a field that is left out.
pub trait FromRow: DeserializeOwned + Validate {
    /// Name and kind of every column.
    const COLUMNS: &'static [(&'static str, Column)];
}

/// The rows of a table, all of them readable.
#[derive(Debug)]
pub struct CsvRows<T>(pub Vec<T>);

impl<T: FromRow + 'static> FromRequest for CsvRows<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = is_csv(request.headers());
        let bytes = json::whole(request, payload);
        let request = request.clone();
        Box::pin(async move {
            if !declared {
                return Err(Problem::new(Code::UnsupportedMediaType)
                    .detail(Text::new("Send text/csv in UTF-8.", "请发送 UTF-8 编码的 text/csv。")));
            }
            let bytes = bytes.await?;
            request.extensions_mut().insert(BodyHash(Sha256::digest(&bytes).into()));
            read(&bytes).map(CsvRows)
        })
    }
}

/// One row as a fault names it.
pub fn row_pointer(place: usize) -> String {
    format!("/{}", place + FIRST_ROW)
}

fn is_csv(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let encoded = !matches!(text(header::CONTENT_ENCODING).to_ascii_lowercase().as_str(), "" | "identity");
    let declared = text(header::CONTENT_TYPE).to_ascii_lowercase();
    let mut parts = declared.split(';').map(str::trim);
    let kind = parts.next() == Some("text/csv");
    let utf8 = |part: &str| match part.strip_prefix("charset=") {
        Some(charset) => matches!(charset.trim_matches('"'), "utf-8" | "utf8"),
        None => true,
    };
    kind && !encoded && parts.all(utf8)
}

fn read<T: FromRow>(bytes: &[u8]) -> Result<Vec<T>, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        unreadable(0, Text::new("The file is not UTF-8.", "文件不是 UTF-8 编码。"), "unreadable")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut records = reader.records();
    let headings = match records.next() {
        Some(record) => record.map_err(|_| broken(1))?,
        None => return Err(empty()),
    };
    let columns = columns::<T>(&headings)?;
    let (mut rows, mut refused): (Vec<T>, Option<Problem>) = (Vec::new(), None);
    for (place, record) in records.enumerate() {
        if place >= MOST_ROWS {
            return Err(too_many());
        }
        let record = record.map_err(|_| broken(place + FIRST_ROW))?;
        match row(&columns, &record, place + FIRST_ROW) {
            Ok(row) => rows.push(row),
            Err(problem) => {
                refused = Some(match refused {
                    Some(before) => before.and(problem),
                    None => problem,
                });
            }
        }
    }
    match refused {
        Some(problem) => Err(problem),
        None if rows.is_empty() => Err(empty()),
        None => Ok(rows),
    }
}

/// The columns in the order of the file.
fn columns<T: FromRow>(headings: &StringRecord) -> Result<Vec<(&'static str, Column)>, Problem> {
    let mut columns: Vec<(&'static str, Column)> = Vec::new();
    let mut problem: Option<Problem> = None;
    for heading in headings.iter().map(str::trim) {
        let known = T::COLUMNS.iter().find(|(name, _)| *name == heading);
        let (code, detail) = match known {
            Some(column) if !columns.contains(column) => {
                columns.push(*column);
                continue;
            }
            Some(_) => ("duplicate_field", Text::new("This heading stands twice.", "该列标题重复。")),
            None => ("unknown_field", Text::new("No column has this heading.", "没有这个列标题。")),
        };
        let names: Vec<&str> = T::COLUMNS.iter().map(|(name, _)| *name).collect();
        let pointer = format!("/1/{}", faults::segment(&faults::shortened(heading)));
        let so_far = problem.unwrap_or_else(|| Problem::new(Code::ValidationFailed));
        problem = Some(so_far.error(pointer, code, detail, json!({"allowed": names})));
    }
    problem.map_or(Ok(columns), Err)
}

fn row<T: FromRow>(columns: &[(&str, Column)], record: &StringRecord, number: usize) -> Result<T, Problem> {
    if record.len() != columns.len() {
        return Err(Problem::new(Code::ValidationFailed).error(
            format!("/{number}"),
            "another_width",
            Text::new(
                format!("{} cells, and {} headings.", record.len(), columns.len()),
                format!("有 {} 个单元格，而列标题有 {} 个。", record.len(), columns.len()),
            ),
            json!({"cells": record.len(), "headings": columns.len()}),
        ));
    }
    let cells = columns.iter().zip(record).filter(|(_, cell)| !cell.trim().is_empty());
    let fields: Map<String, Value> =
        cells.map(|((name, column), cell)| ((*name).to_owned(), value(*column, cell.trim()))).collect();
    json::typed(&Value::Object(fields)).map_err(|problem| problem.below(&format!("/{number}")))
}

/// What is no number stays a text: whoever reads the row says that it is none.
fn value(column: Column, cell: &str) -> Value {
    let integer =
        |text: &str| text.trim().parse::<i64>().map_or_else(|_| json!(text), |number| json!(number));
    match column {
        Column::Text => json!(cell),
        Column::Integer => integer(cell),
        Column::Integers => cell.split(';').map(integer).collect(),
    }
}

fn unreadable(row: usize, detail: Text, code: &'static str) -> Problem {
    let pointer = if row == 0 { String::new() } else { format!("/{row}") };
    Problem::new(Code::UnreadableCsv).error(pointer, code, detail, json!({}))
}

fn broken(row: usize) -> Problem {
    unreadable(row, Text::new("Not CSV at this row.", "此行不是有效的 CSV。"), "unreadable")
}

fn empty() -> Problem {
    let detail = Text::new("At least one row below the headings.", "列标题之下至少应有一行。");
    Problem::new(Code::ValidationFailed).error("", "too_short", detail, json!({"min": 1}))
}

fn too_many() -> Problem {
    let detail = Text::new(format!("At most {MOST_ROWS} rows."), format!("至多 {MOST_ROWS} 行。"));
    Problem::new(Code::ValidationFailed).error("", "too_long", detail, json!({"max": MOST_ROWS}))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Validate, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Row {
        name: String,
        #[validate(range(max = 60))]
        days: i32,
        #[serde(default)]
        terms: Vec<i32>,
        #[serde(default)]
        channel: Option<String>,
    }

    impl FromRow for Row {
        const COLUMNS: &'static [(&'static str, Column)] = &[
            ("name", Column::Text),
            ("days", Column::Integer),
            ("terms", Column::Integers),
            ("channel", Column::Text),
        ];
    }

    fn told(text: &str) -> Vec<(String, String)> {
        let problem = read::<Row>(text.as_bytes()).unwrap_err();
        problem.faults().iter().map(|f| (f.pointer.to_string(), f.code.to_string())).collect()
    }

    #[test]
    fn columns_are_read_by_their_headings_in_any_order_and_empty_cells_are_left_out() {
        let text = "\u{feff}days,name,terms,channel\r\n10,\"a, b\",10;20,\r\n 15 ,c,,bank\n";
        let row = |name: &str, days, terms: &[i32], channel: Option<&str>| Row {
            name: name.to_owned(),
            days,
            terms: terms.to_vec(),
            channel: channel.map(str::to_owned),
        };
        let rows = read::<Row>(text.as_bytes()).unwrap();
        assert_eq!(rows, [row("a, b", 10, &[10, 20], None), row("c", 15, &[], Some("bank"))]);
        assert_eq!(read::<Row>(b"name,days\na,0").unwrap(), [row("a", 0, &[], None)]);
    }

    #[test]
    fn every_fault_of_every_row_is_told_with_the_row_as_a_spreadsheet_counts_it() {
        let text = "name,days,terms\na,10,\nb,x,1;y\n,61,\nc,61,\nd,1\n";
        let expected = [
            ("/3/days", "wrong_type"),
            ("/3/terms/1", "wrong_type"),
            ("/4/name", "required"),
            ("/5/days", "too_large"),
            ("/6", "another_width"),
        ];
        assert_eq!(told(text), expected.map(|(at, code)| (at.to_owned(), code.to_owned())));
    }

    #[test]
    fn what_is_no_table_is_refused_as_a_whole() {
        let one = |text: &str| told(text).into_iter().next().unwrap();
        let is = |at: &str, code: &str| (at.to_owned(), code.to_owned());
        assert_eq!(one(""), is("", "too_short"));
        assert_eq!(one("name,days\n"), is("", "too_short"));
        assert_eq!(one("name,day\na,1\n"), is("/1/day", "unknown_field"));
        assert_eq!(one("name,name\na,1\n"), is("/1/name", "duplicate_field"));
        let long = format!("name,days\n{}", "a,1\n".repeat(MOST_ROWS + 1));
        assert_eq!(one(&long), is("", "too_long"));
        let latin = read::<Row>(b"name,days\n\xe9,1\n").unwrap_err();
        assert_eq!(latin.code(), Code::UnreadableCsv);
    }
}
