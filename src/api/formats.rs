//! The forms of a report: JSON for programs, CSV for a spreadsheet, xlsx for the printer, SVG where a picture says more.
//!
//! Knows which report is offered in which form and how each form is written. Knows the content of no report: that comes
//! from the report itself, as [`Tables`], an [`xlsx::Book`] or a picture.

pub mod csv;
mod disposition;
mod formula;
mod negotiation;
pub mod svg;
pub mod table;
mod wrap;
pub mod xlsx;

use std::fmt::Display;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use serde::Serialize;

use super::{
    extract::Caller,
    problem::{Code, Problem},
};
use crate::{
    app::App,
    domain::{event::Event, id::Id, report::Report, text::Language, window::Window},
    store::audit,
};

pub use table::{Cell, Column, Kind, Table, Tables};

/// A form in which a report is handed out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// For programs.
    Json,
    /// One table, for a spreadsheet.
    Csv,
    /// Laid out for the printer.
    Xlsx,
    /// A picture.
    Svg,
}

use Format::{Csv, Json, Svg, Xlsx};

impl Format {
    /// Every form.
    pub const ALL: [Format; 4] = [Json, Csv, Xlsx, Svg];

    /// Its name: the value of `format=`, and the ending of a file name.
    pub fn name(self) -> &'static str {
        match self {
            Json => "json",
            Csv => "csv",
            Xlsx => "xlsx",
            Svg => "svg",
        }
    }

    /// Its media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Json => "application/json",
            Csv => "text/csv",
            Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Svg => "image/svg+xml",
        }
    }
}

/// What every report is offered as, the default first. The `format` parameter, the content types of the API description
/// and the 406 answers come from this table; an operation that is not in it answers JSON only.
pub const OFFERS: &[(&str, &[Format])] = &[
    ("/v1/reports/action-sheet", &[Json, Csv, Xlsx]),
    ("/v1/reports/team-sheet", &[Json, Csv, Xlsx]),
    ("/v1/reports/shape", &[Json, Csv, Xlsx, Svg]),
    ("/v1/reports/funnel", &[Json, Csv, Xlsx, Svg]),
    ("/v1/reports/ratios", &[Json, Csv, Xlsx, Svg]),
    ("/v1/reports/velocity", &[Json, Csv, Xlsx]),
    ("/v1/reports/levers", &[Json, Csv, Xlsx]),
    ("/v1/reports/first-appointments", &[Json, Csv, Xlsx]),
    ("/v1/reports/attention", &[Json, Csv, Xlsx]),
    ("/v1/reports/over-cycle", &[Json, Csv, Xlsx]),
    ("/v1/reports/forecast", &[Json, Csv, Xlsx]),
];

/// What an operation is offered as, by its path template; nothing when it has one form only.
pub fn offered(template: &str) -> &'static [Format] {
    OFFERS.iter().find(|(path, _)| *path == template).map_or(&[], |(_, formats)| formats)
}

/// Name of the query parameter that chooses a form.
pub const PARAMETER: &str = "format";

/// What a handed-out report is about: for its file name, and for the audit.
#[derive(Clone, Debug)]
pub struct About {
    /// Which report.
    pub report: Report,
    /// `user` or `team`.
    pub subject_kind: &'static str,
    /// Whose figures.
    pub subject_id: Id,
    /// The days it covers.
    pub window: Window,
}

/// A report that can be handed out in several forms.
pub trait Forms: Send + 'static {
    /// Its JSON.
    type View: Serialize;

    /// What it is about.
    fn about(&self) -> About;

    /// As JSON.
    fn view(self, language: Language) -> Self::View;

    /// As tables.
    fn tables(&self, language: Language) -> Tables;

    /// As a workbook; the tables as they are, where the report has no paper form.
    ///
    /// # Errors
    /// What a spreadsheet cannot hold.
    fn book(&self, language: Language) -> xlsx::Drawn<xlsx::Book> {
        xlsx::Book::of(&self.tables(language))
    }

    /// As a picture, where it has one.
    fn picture(&self, _: Language) -> Option<String> {
        None
    }
}

/// Hands a report out in the form that was asked for. A file of personal data leaves an audit row before it is given.
///
/// # Errors
/// Those of the store; 500 when the form cannot be written.
pub async fn answer<F: Forms>(
    app: &web::Data<App>,
    caller: &Caller,
    (format, language): (Format, Language),
    report: F,
) -> Result<HttpResponse, Problem> {
    let about = report.about();
    let body = match format {
        Json => return Ok(by_accept(HttpResponse::Ok()).json(report.view(language))),
        Svg => report.picture(language).ok_or_else(|| unwritten("no picture"))?.into_bytes(),
        Csv | Xlsx => {
            // A long table takes a while to write, and other requests wait on this thread.
            let (body, rows) = app
                .file_writer
                .write(move || written(&report, format, language))
                .await
                .ok_or_else(|| Problem::new(Code::Overloaded))??;
            record(app, caller, &about, format, rows).await?;
            body
        }
    };
    Ok(file(format, language, &about, body))
}

fn written<F: Forms>(report: &F, format: Format, language: Language) -> Result<(Vec<u8>, usize), Problem> {
    let tables = report.tables(language);
    let body = match format {
        Xlsx => report.book(language).map_err(unwritten)?.finish().map_err(unwritten)?,
        _ => csv::write(&tables).map_err(unwritten)?,
    };
    Ok((body, tables.n_rows()))
}

fn unwritten(why: impl Display) -> Problem {
    // Both libraries speak of sizes and positions, never of what stands in a cell.
    tracing::error!(%why, "a report could not be written in the form asked for");
    Problem::new(Code::Internal)
}

/// Who took what away (reliability P4): ids, codes and figures only.
async fn record(
    app: &web::Data<App>,
    caller: &Caller,
    about: &About,
    format: Format,
    rows: usize,
) -> Result<(), Problem> {
    let exported = Event::ReportExported {
        report: about.report.code(),
        format: format.name(),
        rows,
        subject_kind: about.subject_kind,
        subject_id: about.subject_id,
        from: about.window.from,
        to: about.window.to,
    };
    let (ids, now) = (app.ids, app.clock.now());
    caller
        .write(app, move |conn, actor| Ok(audit::record(conn, ids, now, actor.acts_as(), &[exported])?))
        .await
}

fn by_accept(mut response: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    response.insert_header((header::VARY, "Accept"));
    response
}

fn file(format: Format, language: Language, about: &About, body: Vec<u8>) -> HttpResponse {
    let mut response = by_accept(HttpResponse::Ok());
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, disposition::of(format, language, about)));
    match format {
        Csv => response.content_type("text/csv; charset=utf-8"),
        Svg => response.content_type("image/svg+xml; charset=utf-8").insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'",
        )),
        Xlsx => response
            .content_type(format.media_type())
            // It is a zip archive already; `frame` takes this mark off again.
            .insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("identity"))),
        Json => response.content_type(format.media_type()),
    };
    response.body(body)
}
