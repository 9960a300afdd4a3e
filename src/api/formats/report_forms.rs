//! The forms of a report: JSON for programs, CSV for a spreadsheet, xlsx for the printer, SVG where a picture says more.
//!
//! Knows which report is offered in which form and how each form is written. Knows the content of no report: that comes
//! from the report itself, as [`Tables`], an [`super::xlsx::Book`] or a picture.

use std::fmt::Display;

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web,
};
use serde::Serialize;

use super::{About, Format, Tables};
use crate::{
    api::{
        extract::Caller,
        problem::{Code, document::Problem},
        respond::people,
    },
    app::App,
    domain::{
        exchange::event::Event,
        values::{id::Id, text::Language},
    },
    store::organisation::audit,
};

use Format::{Csv, Json, Svg, Xlsx};

/// A report that can be handed out in several forms.
pub trait Forms: Send + 'static {
    /// Its JSON.
    type View: Serialize;

    /// What it is about.
    fn about(&self) -> About;

    /// As JSON.
    fn view(self, language: Language) -> Self::View;

    /// The people who are named in it.
    fn people(&self) -> Vec<Id> {
        Vec::new()
    }

    /// As tables.
    fn tables(&self, language: Language) -> Tables;

    /// As a workbook; the tables as they are, where the report has no paper form.
    ///
    /// # Errors
    /// What a spreadsheet cannot hold.
    fn book(&self, language: Language) -> super::xlsx::Drawn<super::xlsx::Book> {
        super::xlsx::Book::of(&self.tables(language))
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
        Json => {
            people::shown(app, caller, report.people()).await?;
            return Ok(by_accept(HttpResponse::Ok()).json(report.view(language)));
        }
        Svg => report.picture(language).ok_or_else(|| unwritten("no picture"))?.into_bytes(),
        Csv | Xlsx => {
            // A long table takes a while to write, and other requests wait on this thread.
            let tables = move || (report.tables(language), report);
            let (tables, report) = app.file_writer.write(tables).await.ok_or_else(too_many)?;
            // Before the file is written: it would have been written for nothing where this is refused.
            record(app, caller, &about, format, tables.n_rows()).await?;
            let written = move || written(&report, &tables, format, language);
            app.file_writer.write(written).await.ok_or_else(too_many)??
        }
    };
    Ok(file(format, language, &about, body))
}

fn written<F: Forms>(
    report: &F,
    tables: &Tables,
    format: Format,
    language: Language,
) -> Result<Vec<u8>, Problem> {
    match format {
        Xlsx => report.book(language).map_err(unwritten)?.finish().map_err(unwritten),
        _ => super::csv::write(tables).map_err(unwritten),
    }
}

fn too_many() -> Problem {
    Problem::new(Code::Overloaded)
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
        .insert_header((header::CONTENT_DISPOSITION, super::disposition::of(format, language, about)));
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
