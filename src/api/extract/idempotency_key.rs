//! The header `Idempotency-Key`: a name the caller gives one write, so that a retry has one effect.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use serde_json::json;

use crate::{
    api::problem::{Code, document::Problem},
    domain::values::text::Text,
};

/// Name of the header.
pub const HEADER: &str = "Idempotency-Key";
/// Longest key in characters.
pub const MAX: usize = 255;

/// The key, when the caller sent one: 1 to 255 visible ASCII characters. One in quotation marks, a string of RFC 9651 as the
/// draft of the header has it, is what stands between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Problem;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request))
    }
}

/// Reads it from a request.
///
/// # Errors
/// 400 when it is not one header of 1 to 255 visible ASCII characters, or its quotation marks do not close.
pub fn read(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(IdempotencyKey(None)) };
    let key = unquoted(value.to_str().unwrap_or_default().trim());
    let visible =
        |key: &String| (1..=MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if let (Some(key), None) = (key.filter(visible), values.next()) {
        return Ok(IdempotencyKey(Some(key)));
    }
    Err(Problem::new(Code::InvalidHeader).error(
        "/header/Idempotency-Key",
        "invalid_idempotency_key",
        Text::new(
            "Once, with 1 to 255 visible ASCII characters; a UUID does well.",
            "只能出现一次，由 1 到 255 个可见 ASCII 字符组成；推荐使用 UUID。",
        ),
        json!({"min": 1, "max": MAX}),
    ))
}

/// A key as it is, or what stands in its quotation marks, where a backslash goes before a mark or another backslash.
fn unquoted(text: &str) -> Option<String> {
    let Some(rest) = text.strip_prefix('"') else { return Some(text.to_owned()) };
    let (mut key, mut rest) = (String::new(), rest.chars());
    loop {
        match rest.next()? {
            '"' => return rest.next().is_none().then_some(key),
            '\\' => key.push(rest.next().filter(|c| matches!(c, '"' | '\\'))?),
            c => key.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unquoted;

    #[test]
    fn a_key_in_quotation_marks_is_the_key_between_them() {
        for (sent, key) in [
            ("k", Some("k")),
            ("\"k\"", Some("k")),
            ("\"a\\\"b\\\\c\"", Some("a\"b\\c")),
            ("a\"b", Some("a\"b")),
            ("\"\"", Some("")),
            ("\"k", None),
            ("\"", None),
            ("\"k\"x", None),
            ("\"k\\x\"", None),
        ] {
            assert_eq!(unquoted(sent).as_deref(), key, "{sent}");
        }
    }
}
