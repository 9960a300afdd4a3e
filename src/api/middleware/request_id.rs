//! The id under which a request is found in the log: the caller's own, or one of ours.

use actix_web::{
    http::header::{HeaderMap, HeaderName},
    web,
};

use crate::app::App;

/// Name of the header with the request's id.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of the request, for handlers that pass it on.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The caller's id when it is short and plain, else one of our own.
pub fn of(headers: &HeaderMap, app: Option<&web::Data<App>>) -> String {
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok());
    let sane = |id: &&str| {
        (1..=128).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    match (given.filter(sane), app) {
        (Some(id), _) => id.to_owned(),
        (None, Some(app)) => app.ids.id().to_string(),
        (None, None) => String::new(),
    }
}
