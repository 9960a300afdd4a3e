//! A report as one table, before it becomes a file: whole, typed, in the reader's language, and of no file format.

use chrono::NaiveDate;

use crate::domain::{fraction::Fraction, id::Id, report::Report, text::Language};

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Words, codes, ids.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers with places.
    Decimal,
    /// Amounts in the organisation's currency.
    Money,
    /// Calendar dates.
    Date,
}

/// One column.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Column {
    /// Its heading, in the reader's language.
    pub heading: String,
    /// What stands in it.
    pub kind: Kind,
}

impl Column {
    /// A column.
    pub fn new(heading: impl Into<String>, kind: Kind) -> Self {
        Column { heading: heading.into(), kind }
    }
}

/// One cell. Text is people's words and never trusted; numbers and dates are ours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words, a code, an id.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number, exactly, and how many places of it are shown.
    Decimal(Fraction, u32),
    /// Minor units of the organisation's currency.
    Money(i64),
    /// A calendar date.
    Date(NaiveDate),
}

impl Cell {
    /// Text, or nothing.
    pub fn text(text: Option<impl Into<String>>) -> Cell {
        text.map_or(Cell::Empty, |text| Cell::Text(text.into()))
    }

    /// A date, or nothing.
    pub fn date(date: Option<NaiveDate>) -> Cell {
        date.map_or(Cell::Empty, Cell::Date)
    }

    /// A whole number, or nothing.
    pub fn integer(number: Option<i64>) -> Cell {
        number.map_or(Cell::Empty, Cell::Integer)
    }
}

impl From<Id> for Cell {
    fn from(id: Id) -> Self {
        Cell::Text(id.to_string())
    }
}

/// A report as one table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// Which report.
    pub report: Report,
    /// The day as of which it was computed.
    pub as_of: NaiveDate,
    /// What stands above it, e.g. `我的销售周期:28 天` and the range.
    pub lines: Vec<String>,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Its title.
    pub fn title(&self, language: Language) -> String {
        self.report.title().in_language(language).to_owned()
    }
}
