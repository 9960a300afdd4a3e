//! A workbook: sheets of A4, and the one that says what the figures mean.

use chrono::NaiveDate;
use rust_xlsxwriter::{DocProperties, Workbook, Worksheet};

use super::{
    ink::{Ink, Side},
    paper::{Area, Drawn, Paper},
};
use crate::{
    api::formats::table::Cell,
    domain::{
        reports::report::Report,
        values::text::{Language, Text},
    },
};

/// A4, in the numbering of the format.
const A4: u8 = 9;

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

    /// The file.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub fn finish(mut self) -> Drawn<Vec<u8>> {
        self.workbook.save_to_buffer()
    }
}
