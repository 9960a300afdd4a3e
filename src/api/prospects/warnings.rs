//! What was accepted and may still be a mistake.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{
    prospects::decision,
    values::{
        id::Id,
        text::{Language, Text},
    },
};

/// Something that was accepted and may still be a mistake.
#[derive(Serialize, ToSchema)]
pub struct Warning {
    /// Stable code.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$", example = "possible_duplicate")]
    pub code: String,
    /// In words, in the reader's language.
    #[schema(max_length = 500)]
    pub detail: String,
    /// The other prospect, where it is about another one.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
}

impl Warning {
    /// The same phone stands twice in one's own book.
    pub fn duplicate(other: Id, language: Language) -> Self {
        let detail = Text::new(
            "Another prospect in your book has the same phone.",
            "您的名册中另一位潜在客户使用相同的电话。",
        );
        Warning {
            code: "possible_duplicate".to_owned(),
            detail: detail.in_language(language).to_owned(),
            prospect_id: Some(other),
        }
    }

    /// A remark of a decision.
    pub fn of(remark: decision::Warning, language: Language) -> Self {
        let detail = match remark {
            decision::Warning::DecisionMakerNotExpected => Text::new(
                "Nobody who decides is expected at the first meeting.",
                "初次见面预计没有决策人到场。",
            ),
            decision::Warning::Claimed => Text::new(
                "The money rests on the agent's word until the policy system confirms it.",
                "到账由代理人自行录入，待核心系统确认。",
            ),
            decision::Warning::SupersededAutomaticMoves => Text::new(
                "The entry came before automatic moves, which were cancelled and derived afresh.",
                "该记录早于系统自动变动，相应变动已取消并重新推算。",
            ),
            decision::Warning::CoDeciderNotEngaged => Text::new(
                "The criterion decision_maker is recorded as met, and somebody who decides as well takes no part yet. Check it again.",
                "“合适的人”一项记录为满足，但有共同决定人尚未参与。请重新检查。",
            ),
            decision::Warning::DecisionRoleContradicts => Text::new(
                "The criterion decision_maker is recorded as met, and the person is noted down as somebody who does not decide.",
                "“合适的人”一项记录为满足，但此人登记为不能决定。",
            ),
        };
        Warning {
            code: remark.code().to_owned(),
            detail: detail.in_language(language).to_owned(),
            prospect_id: None,
        }
    }
}
