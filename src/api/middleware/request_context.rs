//! What surrounds every request: its id and span, the deadline, the last word on errors, and the common headers.
//!
//! Knows no resource. Never logs a path, a query or a body: only the route's template, so no personal data.

use std::{panic::AssertUnwindSafe, time::Instant};

use actix_web::{
    Error, HttpMessage, ResponseError,
    body::{BodySize, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web,
};
use futures_util::FutureExt;
use tracing::Instrument;

use super::{
    metrics::{self, Metrics},
    preflights,
    request_id::{self, REQUEST_ID, RequestId},
};
use crate::{
    api::{
        extract::{client_address, language, limits::Limits},
        openapi::document,
        problem::{
            Code,
            document::{Occasion, Problem},
            unknown_routes,
        },
    },
    app::App,
    domain::values::text::Text,
};

/// The version of the API; additive changes do not change it.
pub const API_VERSION: &str = "1";
/// Smallest body worth compressing, in bytes.
const COMPRESS_FROM: u64 = 1024;

/// The outermost layer.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let request_id = request_id::of(request.headers(), app.as_ref());
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let occasion = occasion(&request, request_id.clone());
    let method = request.method().clone();
    if method == Method::HEAD {
        // The codec remembers that it was HEAD and leaves the body out; to everyone else it is a GET.
        request.head_mut().method = Method::GET;
    }
    let span = span_of(&request, &method, &request_id, app.as_ref());
    let answered = next.call(request).instrument(span.clone()).await;

    let _inside = span.enter();
    match answered {
        Ok(response) => {
            let mut response = finished(response, &occasion);
            let route = response.request().match_pattern().unwrap_or_else(|| "(none)".to_owned());
            tell(&metrics, &method, &route, response.status().as_u16(), started);
            let status = response.status();
            let headers = response.headers_mut();
            common_headers(headers, &occasion, app.as_ref());
            let kept = status.is_success() || status == StatusCode::NOT_MODIFIED;
            if kept && !headers.contains_key(header::CACHE_CONTROL) {
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
            }
            Ok(response)
        }
        Err(error) => {
            // A panic or a deadline: the request is gone, only the error is left to carry the answer.
            let problem =
                error.as_error::<Problem>().cloned().unwrap_or_else(|| Problem::new(Code::Internal));
            tell(&metrics, &method, "(broken off)", problem.code().number(), started);
            let mut headers = HeaderMap::new();
            common_headers(&mut headers, &occasion, app.as_ref());
            let problem = headers.iter().fold(problem, |problem, (name, value)| {
                problem.header(name.clone(), value.to_str().unwrap_or_default())
            });
            Err(problem.on(occasion).into())
        }
    }
}

/// What every log line of a request says: the id under which it is found, where it came from and, once that is known, who asked.
fn span_of(
    request: &ServiceRequest,
    method: &Method,
    request_id: &str,
    app: Option<&web::Data<App>>,
) -> tracing::Span {
    let client = app.and_then(|app| {
        let connection = request.peer_addr().map(|address| address.ip());
        client_address::of(connection, request.headers(), app.config.trusted_proxies)
    });
    // At the highest level: whatever LOG_LEVEL leaves of the lines says whose request it was.
    tracing::error_span!(
        "request",
        request_id,
        trace_id = trace_id(request.headers()),
        method = metrics::known(method),
        client = client.map(tracing::field::display),
        user_id = tracing::field::Empty,
        service_client_id = tracing::field::Empty,
    )
}

/// The reader's language, the id and the path of a request, for what is told about it.
fn occasion(request: &ServiceRequest, request_id: String) -> Occasion {
    let wanted = request.headers().get_all(header::ACCEPT_LANGUAGE);
    Occasion {
        language: language::preferred(wanted.filter_map(|value| value.to_str().ok())),
        request_id,
        instance: request.path().chars().take(2000).collect(),
    }
}

/// The layer around the one for browsers, which answers a preflight by itself: that answer gets into the frame as well, and
/// a refusal says what it refuses.
pub async fn preflight(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.method() != Method::OPTIONS {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let started = Instant::now();
    let app = request.app_data::<web::Data<App>>().cloned();
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let occasion = occasion(&request, request_id::of(request.headers(), app.as_ref()));
    let span = span_of(&request, &Method::OPTIONS, &occasion.request_id, app.as_ref());
    let refusal = preflights::refusal(&request, app.as_ref());
    let response = next.call(request).await?.map_into_boxed_body();
    let _inside = span.enter();
    if response.headers().contains_key(REQUEST_ID) {
        return Ok(response);
    }
    let mut response = match response.status().is_client_error() {
        true => {
            let answer = refusal.on(occasion.clone()).error_response();
            response.into_response(answer)
        }
        false => response,
    };
    tell(&metrics, &Method::OPTIONS, "(preflight)", response.status().as_u16(), started);
    common_headers(response.headers_mut(), &occasion, app.as_ref());
    Ok(response)
}

/// The layer that bounds the time and catches a panic. Both end as an error that [`frame`] turns into an answer.
pub async fn guard<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let deadline = Limits::of(request.request()).deadline;
    // `/prospects/search` is no prospect: without this, a method it does not take would be tried on an id of that name.
    if unknown_routes::ends_in_a_fixed_name(request.path())
        && let Some(methods) = unknown_routes::allowed(request.path())
        && !methods.split(", ").any(|method| method == request.method().as_str())
    {
        return Err(unknown_routes::method_not_allowed(methods).into());
    }
    // An operation without query parameters has no door that would read them, so the strictness is here.
    if !request.query_string().is_empty()
        && let Some(template) = unknown_routes::template(request.path())
        && document::takes_no_query(template, request.method().as_str())
    {
        let name: String =
            request.query_string().split(['=', '&']).next().unwrap_or_default().chars().take(64).collect();
        let text = Text::new("This parameter is not known here.", "此处没有这个参数。");
        return Err(Problem::new(Code::UnknownParameter)
            .error(format!("/query/{name}"), "unknown_parameter", text, serde_json::json!({"allowed": []}))
            .into());
    }
    let call = AssertUnwindSafe(next.call(request)).catch_unwind();
    match tokio::time::timeout(deadline, call).await {
        Ok(Ok(answered)) => answered,
        Ok(Err(_panic)) => Err(Problem::new(Code::Internal).into()),
        Err(_elapsed) => Err(Problem::new(Code::Unavailable).into()),
    }
}

/// The layer that keeps small bodies from being compressed: it marks them as encoded already.
pub async fn spare_small<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(request).await?;
    let small = matches!(response.response().body().size(), BodySize::Sized(size) if size < COMPRESS_FROM);
    if small {
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("identity"));
    }
    Ok(response)
}

/// Says where a panic happened, and never what it was about: the payload may hold personal data.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| format!("{}:{}", at.file(), at.line()));
        tracing::error!(place, "panic");
    }));
}

/// Turns what is an error, with or without a problem inside, into a problem told to this reader.
fn finished<B: MessageBody + 'static>(
    response: ServiceResponse<B>,
    occasion: &Occasion,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let mut response = response.map_into_boxed_body();
    if status.is_client_error() || status.is_server_error() {
        let problem = response.response().extensions().get::<Problem>().cloned();
        let mut problem = problem.unwrap_or_else(|| Problem::new(Code::of_bare_status(status)));
        for kept in [header::ALLOW, header::WWW_AUTHENTICATE, header::RETRY_AFTER, header::VARY] {
            if let Some(value) = response.headers().get(&kept).and_then(|value| value.to_str().ok()) {
                problem = problem.header(kept, value);
            }
        }
        if problem.code() == Code::Internal {
            tracing::error!("answered 500");
        }
        let answer = problem.on(occasion.clone()).error_response();
        return response.into_response(answer);
    }
    let headers = response.headers_mut();
    if headers.get(header::CONTENT_ENCODING).is_some_and(|value| value == "identity") {
        headers.remove(header::CONTENT_ENCODING);
    }
    response
}

fn common_headers(headers: &mut HeaderMap, occasion: &Occasion, app: Option<&web::Data<App>>) {
    if let Ok(id) = HeaderValue::from_str(&occasion.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(HeaderName::from_static("api-version"), HeaderValue::from_static(API_VERSION));
    if !headers.contains_key(header::CONTENT_LANGUAGE) {
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(occasion.language.tag()));
    }
    // One line: the layer for browsers reads the first and drops the others.
    let mut varies: Vec<&str> = headers.get_all(header::VARY).filter_map(|v| v.to_str().ok()).collect();
    varies.push("Accept-Language, Authorization");
    if let Ok(varies) = HeaderValue::from_str(&varies.join(", ")) {
        headers.insert(header::VARY, varies);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let Some(app) = app else { return };
    if app.clock.business_shift() != chrono::Duration::zero() {
        let today = app.clock.today(app.config.time_zone).to_string();
        if let Ok(today) = HeaderValue::from_str(&today) {
            headers.insert(HeaderName::from_static("business-date"), today);
        }
    }
}

/// The trace id of a W3C `traceparent`, when it is well formed.
fn trace_id(headers: &HeaderMap) -> String {
    let parent = headers.get("traceparent").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let parts: Vec<&str> = parent.split('-').collect();
    match parts.as_slice() {
        [version, trace, span, flags, ..]
            if (version.len(), trace.len(), span.len(), flags.len()) == (2, 32, 16, 2)
                && trace.bytes().all(|byte| byte.is_ascii_hexdigit()) =>
        {
            (*trace).to_owned()
        }
        _ => String::new(),
    }
}

fn tell(metrics: &Option<web::Data<Metrics>>, method: &Method, route: &str, status: u16, started: Instant) {
    let took = started.elapsed();
    if let Some(metrics) = metrics {
        metrics.count(metrics::known(method), route, status, took);
    }
    tracing::info!(route, status, millis = took.as_millis() as u64, "answered");
}
