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

/// The key, when the caller sent one: 1 to 255 visible ASCII characters.
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
/// 400 when it is not one header of 1 to 255 visible ASCII characters.
pub fn read(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let mut values = request.headers().get_all(HEADER);
    let Some(value) = values.next() else { return Ok(IdempotencyKey(None)) };
    let key = value.to_str().unwrap_or_default();
    let visible = !key.is_empty() && key.len() <= MAX && key.bytes().all(|byte| byte.is_ascii_graphic());
    if visible && values.next().is_none() {
        return Ok(IdempotencyKey(Some(key.to_owned())));
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
