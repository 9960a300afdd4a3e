//! The JSON body of a request: bounded, strict, and every fault named by its place.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::{Method, header},
};
use futures_util::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use validator::Validate;

use super::{faults, limits::Limits, shape_errors, tree::Tree};
use crate::{
    api::problem::{Code, document::Problem},
    domain::values::text::Text,
};

/// Deepest nesting of arrays and objects in a body.
pub const MAX_DEPTH: usize = 32;

/// SHA-256 of what the body says, left in the request's extensions: a retry must say the same, in whatever order of the
/// members and with whatever blanks between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BodyHash(pub [u8; 32]);

/// A body that was read whole, has no unknown field, and keeps every bound of its type.
#[derive(Debug)]
pub struct ValidJson<T>(pub T);

impl<T: DeserializeOwned + Validate + 'static> FromRequest for ValidJson<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let document = document(request, payload);
        Box::pin(async move { typed(&document.await?).map(ValidJson) })
    }
}

/// A body on its way in.
pub type Reading<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// The document of a request's body, not yet of any type. Leaves the [`BodyHash`] behind.
pub fn document(request: &HttpRequest, payload: &mut Payload) -> Reading<Value> {
    let checked = check_headers(request);
    let bytes = whole(request, payload);
    let request = request.clone();
    Box::pin(async move {
        checked?;
        let tree = tree(&bytes.await?)?;
        request.extensions_mut().insert(BodyHash(Sha256::digest(canonical(&tree)).into()));
        Ok(tree)
    })
}

/// The bytes of a request's body, bounded in number and in time.
pub(super) fn whole(request: &HttpRequest, payload: &mut Payload) -> Reading<Vec<u8>> {
    let limits = Limits::of(request);
    let payload = payload.take();
    Box::pin(async move {
        match tokio::time::timeout(limits.body_time, read(payload, limits.body_bytes)).await {
            Ok(bytes) => bytes,
            Err(_) => Err(Problem::new(Code::RequestTimeout).header(header::CONNECTION, "close")),
        }
    })
}

/// Reads a value of a body that is already in memory; the same checks as the extractor's.
pub fn parse<T: DeserializeOwned + Validate>(bytes: &[u8]) -> Result<T, Problem> {
    typed(&tree(bytes)?)
}

/// The document as one text that says the same for every order of members and every spelling of a number.
fn canonical(tree: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(",");
    match tree {
        Value::Object(fields) => {
            let mut members: Vec<(&String, &Value)> = fields.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let member = |(name, value): (&String, &Value)| format!("{}:{}", json!(name), canonical(value));
            format!("{{{}}}", joined(members.into_iter().map(member).collect()))
        }
        Value::Array(items) => format!("[{}]", joined(items.iter().map(canonical).collect())),
        Value::Number(number) => match number.as_f64() {
            // To JSON, 1.0 is an integer.
            Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < 9.0e15 => {
                (value as i64).to_string()
            }
            _ => number.to_string(),
        },
        Value::Null | Value::Bool(_) | Value::String(_) => tree.to_string(),
    }
}

/// The document that stands in some bytes.
fn tree(bytes: &[u8]) -> Result<Value, Problem> {
    if depth(bytes) > MAX_DEPTH {
        return Err(unreadable(
            "too_deep",
            Text::new(format!("Nested deeper than {MAX_DEPTH}."), format!("嵌套超过 {MAX_DEPTH} 层。")),
            json!({"max": MAX_DEPTH}),
        ));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let tree = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| if error.inner().is_data() { twice(&error) } else { broken(error.inner()) });
    let Tree(tree) = tree?;
    reader.end().map_err(|error| broken(&error))?;
    Ok(tree)
}

/// Reads a value from a document or a part of one, with every unknown field and every bound.
///
/// # Errors
/// 422 with the places below the part.
pub fn typed<T: DeserializeOwned + Validate>(tree: &Value) -> Result<T, Problem> {
    if let Some(pointer) = nul(tree, String::new()) {
        return Err(Problem::new(Code::ValidationFailed).error(
            pointer,
            "nul_character",
            Text::new("The character NUL is not taken.", "不接受 NUL 字符。"),
            json!({}),
        ));
    }
    shape_errors::read(tree)
}

/// The one misfit of a document in itself: a name that stands twice in an object.
fn twice(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let refusal = shape_errors::refusal(error.inner());
    let name = refusal.field.as_deref().map(faults::shortened).unwrap_or_default();
    let place = faults::pointer(error.path());
    let last = format!("/{}", faults::segment(&name));
    let place = place.strip_suffix(&last).unwrap_or(&place);
    Problem::new(Code::ValidationFailed).error(
        format!("{place}{last}"),
        refusal.code,
        refusal.detail,
        refusal.params,
    )
}

fn broken(error: &serde_json::Error) -> Problem {
    let (line, column) = (error.line(), error.column());
    unreadable(
        "syntax",
        Text::new(
            format!("Not JSON at line {line}, column {column}."),
            format!("第 {line} 行第 {column} 列不是有效的 JSON。"),
        ),
        json!({"line": line, "column": column}),
    )
}

fn check_headers(request: &HttpRequest) -> Result<(), Problem> {
    let encoded = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    let declared =
        request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = declared.split(';').map(|part| part.trim().to_ascii_lowercase());
    let kind = parts.next().unwrap_or_default();
    let utf8 = parts.all(|part| match part.strip_prefix("charset=") {
        Some(charset) => matches!(charset.trim_matches('"'), "utf-8" | "utf8"),
        None => true,
    });
    let patch = request.method() == Method::PATCH && kind == "application/merge-patch+json";
    if encoded || !utf8 || !(kind == "application/json" || patch) {
        return Err(Problem::new(Code::UnsupportedMediaType));
    }
    let max = Limits::of(request).body_bytes;
    let length = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > max as u64) {
        return Err(too_large(max));
    }
    Ok(())
}

async fn read(mut payload: Payload, max: usize) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|_| {
            unreadable("incomplete", Text::new("The body broke off.", "请求体中途中断。"), json!({}))
        })?;
        if bytes.len() + chunk.len() > max {
            return Err(too_large(max));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn too_large(max: usize) -> Problem {
    Problem::new(Code::BodyTooLarge).header(header::CONNECTION, "close").error(
        "",
        "too_large",
        Text::new(format!("At most {max} bytes."), format!("至多 {max} 字节。")),
        json!({"max": max}),
    )
}

fn unreadable(code: &'static str, detail: Text, params: Value) -> Problem {
    Problem::new(Code::UnreadableJson).error("", code, detail, params)
}

/// Depth of nesting, counted before anything is built: a hostile body must not recurse in the parser.
fn depth(bytes: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0_usize, 0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Where the first NUL stands, in a value or in a name.
fn nul(tree: &Value, at: String) -> Option<String> {
    match tree {
        Value::String(text) if text.contains('\0') => Some(at),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul(item, format!("{at}/{index}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                Some(at.clone())
            } else {
                nul(value, format!("{at}/{}", faults::segment(name)))
            }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}
