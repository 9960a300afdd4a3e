//! What was accepted and may still be a mistake.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::values::{
    id::Id,
    text::{Language, Text},
};

/// Something that was accepted and may still be a mistake.
#[derive(Serialize, ToSchema)]
pub struct ProspectWarning {
    /// Stable code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$", example = "possible_duplicate")]
    pub code: String,
    /// In words, in the reader's language.
    #[schema(max_length = 500)]
    pub detail: String,
    /// The other prospect.
    pub prospect_id: Id,
}

impl ProspectWarning {
    /// The same phone stands twice in one's own book.
    pub fn duplicate(other: Id, language: Language) -> Self {
        let detail = Text::new(
            "Another prospect in your book has the same phone.",
            "您的名册中另一位潜在客户使用相同的电话。",
        );
        ProspectWarning {
            code: "possible_duplicate".to_owned(),
            detail: detail.in_language(language).to_owned(),
            prospect_id: other,
        }
    }
}
