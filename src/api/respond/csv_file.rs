//! A list taken away as CSV: made when it is its turn among the files, and kept by nobody on the way.

use actix_web::{HttpResponse, http::header};

use crate::{
    api::problem::{Code, document::Problem},
    app::App,
};

/// The answer that carries it, to be saved under a plain name.
///
/// # Errors
/// 503 while too many files are asked for, 500 where it cannot be written.
pub async fn csv_file(
    app: &App,
    name: &str,
    write: impl FnOnce() -> Result<Vec<u8>, csv::Error> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let written = app.file_writer.write(write).await.ok_or_else(|| Problem::new(Code::Overloaded))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .content_type("text/csv; charset=utf-8")
        .body(written.map_err(|_| Problem::new(Code::Internal))?))
}
