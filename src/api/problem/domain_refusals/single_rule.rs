//! A refusal for one reason.

use serde_json::{Value, json};

use crate::{
    api::problem::{Code, document::Problem},
    domain::{method::stage::Stage, values::text::Text},
};

/// A stage in both languages.
pub fn stage_text(stage: Stage) -> (String, String) {
    let label = stage.label();
    (label.en.into_owned(), label.zh.into_owned())
}

/// A problem with one fault, which is also its detail.
pub fn one(code: Code, pointer: &'static str, rule: &'static str, detail: Text, params: Value) -> Problem {
    Problem::new(code).detail(detail.clone()).error(pointer, rule, detail, params)
}

/// 409 by one rule, at no place of the body.
pub fn conflict(rule: &'static str, en: &'static str, zh: &'static str) -> Problem {
    one(Code::Conflict, "", rule, Text::new(en, zh), json!({}))
}
