//! Reads back what the service hands out: CSV, workbooks, and the audit of who took them away.

use std::io::Cursor;

use calamine::{Data, Range, Reader as _, Xlsx};
use chrono::NaiveDate;
use diesel::prelude::*;
use prospector::{
    demo::PASSWORD,
    domain::values::id::Id,
    store::{StoreError, db::schema::audit},
};
use serde_json::{Value, json};

use crate::harness::{World, app::Answer};

pub fn demo_token(world: &World, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    world.call("POST", "/v1/auth/login").json(body).status(200).string("access_token")
}

pub fn media_type(answer: &Answer) -> &str {
    answer.header("content-type").unwrap().split(';').next().unwrap()
}

/// The fields of each line, unquoted.
pub fn fields(csv: &str) -> Vec<Vec<String>> {
    let text = csv.strip_prefix('\u{feff}').unwrap();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

pub fn first_sheet(answer: Answer) -> (Range<Data>, Range<String>) {
    let mut book = Xlsx::new(Cursor::new(answer.body)).unwrap();
    let name = book.sheet_names()[0].clone();
    (book.worksheet_range(&name).unwrap(), book.worksheet_formula(&name).unwrap())
}

pub fn text(sheet: &Range<Data>, row: usize, col: usize) -> String {
    match sheet.get((row, col)) {
        Some(Data::String(text)) => text.clone(),
        Some(Data::Empty) | None => String::new(),
        other => panic!("no text at {row}, {col}: {other:?}"),
    }
}

pub fn number(sheet: &Range<Data>, row: usize, col: usize) -> f64 {
    match sheet.get((row, col)) {
        Some(Data::Float(number)) => *number,
        Some(Data::Int(number)) => *number as f64,
        other => panic!("no number at {row}, {col}: {other:?}"),
    }
}

pub fn date(sheet: &Range<Data>, row: usize, col: usize) -> Option<NaiveDate> {
    match sheet.get((row, col)) {
        Some(Data::DateTime(date)) => date.as_datetime().map(|at| at.date()),
        Some(Data::Empty) | None => None,
        other => panic!("no date at {row}, {col}: {other:?}"),
    }
}

/// Who exported what about whom: actor, kind and id of the subject, details.
pub type Export = (Option<Id>, String, Id, Value);

/// All exports, in order.
pub fn exports(world: &World) -> Vec<Export> {
    let read = world.app.db.read_blocking(|conn| {
        let rows: Vec<(Option<Id>, String, Id, String)> = audit::table
            .filter(audit::action.eq("report_exported"))
            .order(audit::id)
            .select((audit::actor_id, audit::subject_kind, audit::subject_id, audit::details))
            .load(conn)?;
        let read = |text: &str| serde_json::from_str(text).unwrap();
        Ok::<_, StoreError>(rows.into_iter().map(|(a, k, s, d)| (a, k, s, read(&d))).collect())
    });
    read.unwrap()
}

/// A CSV file: its headings, and its lines.
pub fn csv(answer: &Answer) -> (Vec<String>, Vec<Vec<String>>) {
    let text = answer.text();
    let mut reader = csv::ReaderBuilder::new().from_reader(text.strip_prefix('\u{feff}').unwrap().as_bytes());
    let headings = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (headings, fields(&text))
}

/// The sheets of a workbook but the last one, which says what the figures mean.
pub fn sheets(answer: &Answer) -> Vec<Range<Data>> {
    let mut book = Xlsx::new(Cursor::new(answer.body.clone())).unwrap();
    let names = book.sheet_names();
    let (definitions, rest) = names.split_last().unwrap();
    assert!(["Definitions", "说明"].contains(&definitions.as_str()), "{names:?}");
    rest.iter().map(|name| book.worksheet_range(name).unwrap()).collect()
}
