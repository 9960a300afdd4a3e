//! A report as tables, before it becomes a file: whole, typed, in the reader's language, and of no file format.

use chrono::NaiveDate;

use crate::{
    api::respond::money::NetMoney,
    domain::{
        reports::report::Report,
        values::{
            id::Id,
            money::format_minor,
            text::{Language, Text},
        },
    },
};

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Words and codes.
    Text,
    /// Ids: for programs, left out on paper.
    Key,
    /// Whole numbers.
    Integer,
    /// Numbers with places, parts of a whole among them.
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

/// Columns by kind and heading, the heading in English and in Chinese.
pub fn columns(language: Language, headings: &[(Kind, &'static str, &'static str)]) -> Vec<Column> {
    let column = |(kind, en, zh): &(Kind, &'static str, &'static str)| {
        Column::new(Text::new(*en, *zh).in_language(language), *kind)
    };
    headings.iter().map(column).collect()
}

/// One cell. Text is people's words and never trusted; numbers and dates are ours.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words, a code, an id.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number as it is shown, and how many places of it.
    Decimal(f64, u32),
    /// A part of a whole as it is shown, to four places; on paper as a percentage.
    Share(f64),
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

    /// A sentence in the reader's language.
    pub fn said(text: &Text, language: Language) -> Cell {
        Cell::Text(text.in_language(language).to_owned())
    }

    /// Yes or no, in the reader's language.
    pub fn yes(yes: bool, language: Language) -> Cell {
        Cell::said(&if yes { Text::new("yes", "是") } else { Text::new("no", "否") }, language)
    }

    /// A date, or nothing.
    pub fn date(date: Option<NaiveDate>) -> Cell {
        date.map_or(Cell::Empty, Cell::Date)
    }

    /// A whole number, or nothing.
    pub fn integer(number: Option<i64>) -> Cell {
        number.map_or(Cell::Empty, Cell::Integer)
    }

    /// A number with so many places, or nothing.
    pub fn decimal(number: Option<f64>, places: u32) -> Cell {
        number.map_or(Cell::Empty, |number| Cell::Decimal(number, places))
    }

    /// A number with as many of four places as it needs, or nothing.
    pub fn exact(number: Option<f64>) -> Cell {
        let Some(number) = number else { return Cell::Empty };
        let written = format!("{number:.4}");
        let places = written.trim_end_matches('0').split_once('.').map_or(0, |(_, places)| places.len());
        Cell::Decimal(number, u32::try_from(places).unwrap_or(4))
    }

    /// A part of a whole, or nothing.
    pub fn share(part: Option<f64>) -> Cell {
        part.map_or(Cell::Empty, Cell::Share)
    }

    /// Money, or nothing.
    pub fn money(money: Option<&NetMoney>) -> Cell {
        money.map_or(Cell::Empty, |money| Cell::Money(money.minor_units()))
    }

    /// As a program reads it: a decimal point, dates as YYYY-MM-DD.
    pub fn written(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Integer(number) => number.to_string(),
            Cell::Decimal(number, places) => {
                format!("{number:.*}", usize::try_from(*places).unwrap_or_default())
            }
            Cell::Share(part) => format!("{part:.4}"),
            Cell::Money(minor) => format_minor(*minor),
            Cell::Date(date) => date.to_string(),
        }
    }
}

impl From<Id> for Cell {
    fn from(id: Id) -> Self {
        Cell::Text(id.to_string())
    }
}

/// One table of a report.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    /// What it lists, in the reader's language: at most 31 characters, none of `[]:*?/\`.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A table; its name in English and in Chinese.
    pub fn new(
        language: Language,
        (en, zh): (&'static str, &'static str),
        headings: &[(Kind, &'static str, &'static str)],
        rows: Vec<Vec<Cell>>,
    ) -> Self {
        Table {
            name: Text::new(en, zh).in_language(language).to_owned(),
            columns: columns(language, headings),
            rows,
        }
    }
}

/// A report as its tables.
#[derive(Clone, PartialEq, Debug)]
pub struct Tables {
    /// Which report.
    pub report: Report,
    /// The day as of which it was computed.
    pub as_of: NaiveDate,
    /// The language of every word in it that is ours.
    pub language: Language,
    /// What holds for all rows, e.g. whose report it is and of which days: above the table on paper, in columns elsewhere.
    pub above: Vec<(Column, Cell)>,
    /// At least one.
    pub tables: Vec<Table>,
}

/// A row has not as many cells as there are columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ragged;

impl Tables {
    /// Its title.
    pub fn title(&self) -> String {
        self.report.title().in_language(self.language).to_owned()
    }

    /// The rows of all tables.
    pub fn n_rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows.len()).sum()
    }

    /// Everything as one table: what stands above in columns in front, then of which table a row is, where there are
    /// several, then every column of any table once. A row's own cell stands before the one above.
    ///
    /// # Errors
    /// For a row that has not as many cells as its table has columns.
    pub fn joined(&self) -> Result<(Vec<Column>, Vec<Vec<Cell>>), Ragged> {
        let (mut columns, mut usual): (Vec<Column>, Vec<Cell>) = self.above.iter().cloned().unzip();
        let part = (self.tables.len() > 1).then_some(columns.len());
        if part.is_some() {
            columns.push(Column::new(Text::new("Part", "部分").in_language(self.language), Kind::Text));
        }
        for column in self.tables.iter().flat_map(|table| &table.columns) {
            if !columns.contains(column) {
                columns.push(column.clone());
            }
        }
        usual.resize(columns.len(), Cell::Empty);
        let mut rows = Vec::with_capacity(self.n_rows());
        for table in &self.tables {
            let place = |column| columns.iter().position(|c| c == column);
            let places: Vec<usize> = table.columns.iter().filter_map(place).collect();
            for cells in &table.rows {
                if cells.len() != places.len() {
                    return Err(Ragged);
                }
                let mut row = usual.clone();
                if let Some(part) = part {
                    row[part] = Cell::Text(table.name.clone());
                }
                for (cell, place) in cells.iter().zip(&places) {
                    row[*place] = cell.clone();
                }
                rows.push(row);
            }
        }
        Ok((columns, rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(tables: Vec<Table>) -> Tables {
        let whose = (Column::new("Agent", Kind::Text), Cell::Text("李明".to_owned()));
        let cycle = (Column::new("Cycle", Kind::Integer), Cell::Integer(28));
        Tables {
            report: Report::Velocity,
            as_of: NaiveDate::default(),
            language: Language::En,
            above: vec![whose, cycle],
            tables,
        }
    }

    fn table(name: &'static str, headings: &[(Kind, &'static str, &'static str)], row: Vec<Cell>) -> Table {
        Table::new(Language::En, (name, name), headings, vec![row])
    }

    fn written(row: &[Cell]) -> Vec<String> {
        row.iter().map(Cell::written).collect()
    }

    #[test]
    fn several_tables_become_one_whose_rows_say_where_they_come_from() {
        let n = (Kind::Integer, "n", "n");
        let one = table("one", &[(Kind::Text, "Stage", "阶段"), n], vec![Cell::Empty, Cell::Integer(1)]);
        let cycle = (Kind::Integer, "Cycle", "周期");
        let two = table("two", &[n, cycle], vec![Cell::Integer(2), Cell::Integer(30)]);
        let (columns, rows) = tables(vec![one.clone(), two]).joined().unwrap();
        let headings: Vec<&str> = columns.iter().map(|c| c.heading.as_str()).collect();
        assert_eq!(headings, ["Agent", "Cycle", "Part", "Stage", "n"]);
        assert_eq!(written(&rows[0]), ["李明", "28", "one", "", "1"]);
        assert_eq!(written(&rows[1]), ["李明", "30", "two", "", "2"], "a row's own cell comes first");
        let (columns, _) = tables(vec![one]).joined().unwrap();
        assert_eq!(columns.len(), 4, "one table needs no name");
    }

    #[test]
    fn a_row_that_is_too_short_or_too_long_is_refused() {
        for row in [vec![], vec![Cell::Empty, Cell::Empty]] {
            let ragged = table("one", &[(Kind::Text, "Stage", "阶段")], row);
            assert_eq!(tables(vec![ragged]).joined(), Err(Ragged));
        }
    }

    #[test]
    fn a_number_has_the_places_it_needs() {
        for (number, expected) in [(15.0, "15"), (1.2, "1.2"), (1.4286, "1.4286"), (0.0, "0"), (100.0, "100")]
        {
            assert_eq!(Cell::exact(Some(number)).written(), expected);
        }
        assert_eq!(Cell::decimal(Some(7.0), 1).written(), "7.0");
        assert_eq!(Cell::share(Some(0.4667)).written(), "0.4667");
        assert_eq!(Cell::exact(None), Cell::Empty);
    }
}
