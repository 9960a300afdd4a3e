//! The files of a report have paths of their own, `…/export` and `…/picture`, so that a typed client gets bytes there and an
//! object at the report itself. Both lead to the report's handler, which is asked for another form.

use actix_web::{
    Error, HttpMessage,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Uri,
    middleware::Next,
};

use super::format::{Format, offered};

/// Which files a path gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FilePath {
    /// Tables: CSV and workbook.
    Export,
    /// A picture.
    Picture,
}

impl FilePath {
    /// Both.
    pub const ALL: [FilePath; 2] = [FilePath::Export, FilePath::Picture];

    /// What stands behind the path of the report.
    pub fn ending(self) -> &'static str {
        match self {
            FilePath::Export => "/export",
            FilePath::Picture => "/picture",
        }
    }

    /// The forms that it gives, of those in which a report is offered.
    pub fn formats(self, of_report: &[Format]) -> Vec<Format> {
        of_report.iter().copied().filter(|format| FilePath::of(*format) == Some(self)).collect()
    }

    fn of(format: Format) -> Option<Self> {
        match format {
            Format::Json => None,
            Format::Csv | Format::Xlsx => Some(FilePath::Export),
            Format::Svg => Some(FilePath::Picture),
        }
    }
}

/// The report of a path of files, and which files.
fn report_of(path: &str) -> Option<(&str, FilePath)> {
    let leads = |kind: FilePath| {
        let report = path.strip_suffix(kind.ending())?;
        (!kind.formats(offered(report)).is_empty()).then_some((report, kind))
    };
    FilePath::ALL.into_iter().find_map(leads)
}

/// The layer that leads the paths of files to their reports.
///
/// # Errors
/// Those of the layers within.
pub async fn lead(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let led = report_of(request.path()).and_then(|(report, kind)| Some((report.parse::<Uri>().ok()?, kind)));
    if let Some((report, kind)) = led {
        request.match_info_mut().get_mut().update(&report);
        request.extensions_mut().insert(kind);
    }
    next.call(request).await
}
