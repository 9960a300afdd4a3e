//! Requests as RFC 6749 has them: a form as the body, the client's name and secret as HTTP Basic.

use actix_web::{
    HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};

use super::{
    json::{Reading, whole},
    query_values::{Query, decode},
};
use crate::{
    api::problem::{Code, document::Problem},
    domain::values::text::Text,
};

/// Whether the body of a request says that it is a form.
pub fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';')
        .next()
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The fields of these names in a form, as an object of texts. Others are passed over and empty ones left out, as RFC 6749
/// section 3.2 has it; repeated ones are refused.
pub fn fields(
    request: &HttpRequest,
    payload: &mut Payload,
    names: &'static [&'static str],
) -> Reading<Value> {
    let bytes = whole(request, payload);
    Box::pin(async move {
        let bytes = bytes.await?;
        let form = std::str::from_utf8(&bytes).ok().and_then(Query::split).ok_or_else(unreadable)?;
        let mut found = Map::new();
        for name in names {
            let value = form.only_value(name).map_err(|rule| {
                Problem::new(Code::InvalidTokenRequest).error(format!("/{name}"), "repeated", rule, json!({}))
            })?;
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                found.insert((*name).to_owned(), json!(value));
            }
        }
        Ok(Value::Object(found))
    })
}

fn unreadable() -> Problem {
    Problem::new(Code::InvalidTokenRequest).error(
        "",
        "unreadable",
        Text::new("The form is not percent-encoded UTF-8.", "表单不是百分号编码的 UTF-8。"),
        json!({}),
    )
}

/// Name and secret of a client that signs in by HTTP Basic; none when the request does not try to.
///
/// # Errors
/// 401 when they cannot be read.
pub fn basic(headers: &HeaderMap) -> Result<Option<(String, String)>, Problem> {
    let refused = || Problem::new(Code::InvalidCredentials);
    let mut given = headers.get_all(header::AUTHORIZATION).filter_map(|value| {
        let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("basic").then_some(credentials.trim())
    });
    let Some(encoded) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(refused());
    }
    let read = |encoded: &str| {
        let text = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (name, secret) = text.split_once(':')?;
        Some((decode(name)?, decode(secret)?))
    };
    read(encoded).map(Some).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn name_and_secret_are_read_as_the_standard_encodes_them() {
        let of = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            basic(&headers).map_err(|problem| problem.code())
        };
        let encoded = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let pair = |name: &str, secret: &str| Ok(Some((name.to_owned(), secret.to_owned())));
        assert_eq!(of(&encoded("a:b")), pair("a", "b"));
        assert_eq!(of(&encoded("a%3Ab:c+d:e")), pair("a:b", "c d:e"));
        assert_eq!(of("Bearer abc"), Ok(None));
        for wrong in ["Basic ???", &encoded("nothing"), &encoded("a:%zz")] {
            assert_eq!(of(wrong), Err(Code::InvalidCredentials), "{wrong}");
        }
    }
}
