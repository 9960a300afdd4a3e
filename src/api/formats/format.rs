//! The forms there are, and which report is offered in which.

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

/// What every report is offered as, the default first. The operations of its files in the API description, the `format`
/// parameter and the 406 answers come from this table; an operation that is not in it answers JSON only.
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
