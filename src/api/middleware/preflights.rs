//! What a browser may ask before it asks (the Fetch standard, CORS preflight): which methods and headers, and why a preflight
//! is refused.

use actix_web::{dev::ServiceRequest, http::header, web};
use serde_json::json;

use crate::{
    api::problem::{Code, document::Problem},
    app::App,
    domain::values::text::Text,
};

/// The methods that a browser may use.
pub const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// The headers that a browser may send.
pub const HEADERS: [&str; 8] = [
    "authorization",
    "content-type",
    "accept-language",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "x-request-id",
    "traceparent",
];

/// What is told when a preflight is refused: everything of it that is not allowed here.
pub fn refusal(request: &ServiceRequest, app: Option<&web::Data<App>>) -> Problem {
    let sent = |name: header::HeaderName| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    let origin = sent(header::ORIGIN);
    let is_known = app.is_some_and(|app| app.config.cors_origins.contains(&origin));
    let method = sent(header::ACCESS_CONTROL_REQUEST_METHOD);
    let asked = sent(header::ACCESS_CONTROL_REQUEST_HEADERS).to_ascii_lowercase();
    let others = asked.split(',').map(str::trim).any(|name| !name.is_empty() && !HEADERS.contains(&name));
    let not_allowed = |at: &'static str, allowed: &[&str]| {
        let text = Text::new("This is not allowed to browsers.", "不允许浏览器这样请求。");
        (at, text, json!({"allowed": allowed}))
    };
    let mut against = Vec::new();
    if !is_known {
        // Which origins are allowed is nobody else's business.
        against.push(not_allowed("/header/Origin", &[]));
    }
    if !METHODS.contains(&method.as_str()) {
        against.push(not_allowed("/header/Access-Control-Request-Method", &METHODS));
    }
    if others {
        against.push(not_allowed("/header/Access-Control-Request-Headers", &HEADERS));
    }
    against.into_iter().fold(Problem::new(Code::InvalidHeader), |problem, (at, text, params)| {
        problem.error(at, "not_allowed", text, params)
    })
}
