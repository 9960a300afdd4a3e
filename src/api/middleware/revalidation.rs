//! Answers that a reader holds already (RFC 9110, section 13): whoever asks again with `If-None-Match` is told "not changed".
//!
//! An answer about one thing has a tag of its own, its version. The others, lists, reports and an agent's day, get a digest
//! of their body.

use actix_web::{
    Error, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
};

use crate::api::extract::{IfNoneMatch, digest};

/// The layer that tags answers, and leaves out those that the reader holds.
pub async fn tag(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let asked = request.method() == Method::GET && request.path().starts_with("/v1/");
    let answered = next.call(request).await?.map_into_boxed_body();
    if !asked || !is_kept_by_readers(&answered) {
        return Ok(answered);
    }
    let (request, response) = answered.into_parts();
    let (mut head, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(bytes) => bytes,
        // A body that is still being made has no digest.
        Err(body) => return Ok(ServiceResponse::new(request, head.set_body(body))),
    };
    let own = head.headers().get(header::ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let etag = own.unwrap_or_else(|| format!("\"{}\"", digest(&body)));
    if IfNoneMatch::of(&request)?.holds(&etag) {
        let mut same = HttpResponse::NotModified();
        same.insert_header((header::ETAG, etag));
        for varies in head.headers().get_all(header::VARY) {
            same.append_header((header::VARY, varies.clone()));
        }
        return Ok(ServiceResponse::new(request, same.finish()));
    }
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        head.headers_mut().insert(header::ETAG, etag);
    }
    Ok(ServiceResponse::new(request, head.set_body(body).map_into_boxed_body()))
}

/// JSON that nothing forbids to keep.
fn is_kept_by_readers(answered: &ServiceResponse<BoxBody>) -> bool {
    let headers = answered.headers();
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    answered.status() == StatusCode::OK
        && kind.is_some_and(|kind| kind.starts_with(b"application/json"))
        && !headers.contains_key(header::CACHE_CONTROL)
}
