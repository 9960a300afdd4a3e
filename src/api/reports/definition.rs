//! What the figures of a report mean: one definition per figure, wherever it appears.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{reports::report::Report, values::text::Language};

/// What one figure means.
#[derive(Serialize, ToSchema)]
pub struct FigureDefinition {
    /// The figure.
    #[schema(max_length = 64, example = "over_cycle")]
    pub code: String,
    /// Its definition, in the reader's language.
    #[schema(
        max_length = 1000,
        example = "Elapsed days beyond the cycle in force on the last day of the window."
    )]
    pub text: String,
}

/// What the figures of a report mean.
#[derive(Serialize, ToSchema)]
pub struct ReportDefinition {
    /// The report.
    #[schema(max_length = 64, example = "action_sheet")]
    pub report: String,
    /// Its figures, in the order in which they are explained.
    #[schema(max_items = 100)]
    pub figures: Vec<FigureDefinition>,
}

impl ReportDefinition {
    /// The definition of a report in a language.
    pub fn of(report: Report, language: Language) -> Self {
        let figures = report.figures().iter();
        ReportDefinition {
            report: report.code().to_owned(),
            figures: figures
                .map(|figure| FigureDefinition {
                    code: figure.code().to_owned(),
                    text: figure.text().in_language(language).to_owned(),
                })
                .collect(),
        }
    }
}
