//! The API description and the page that shows it, both from the binary: no outside request.

use std::sync::{Arc, LazyLock};

use actix_web::{HttpResponse, get, http::header, web};
use utoipa_swagger_ui::Config;

use crate::api::{
    openapi::document,
    problem::{Code, document::Problem},
};

static PAGE: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    // `validator_url("none")`: the page must not ask a service of somebody else's about our document.
    Arc::new(Config::from("/openapi.json").validator_url("none").persist_authorization(true).filter(true))
});

/// The API description.
#[get("/openapi.json")]
pub async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CACHE_CONTROL, "public, max-age=60"))
        .body(document::text())
}

/// `/docs` without its slash: the page's own files are relative to it.
#[get("/docs")]
pub async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

/// The page and its files.
#[get("/docs/{file:.*}")]
pub async fn docs_file(file: web::Path<String>) -> Result<HttpResponse, Problem> {
    let file = utoipa_swagger_ui::serve(&file, PAGE.clone())
        .ok()
        .flatten()
        .ok_or_else(|| Problem::new(Code::UnknownPath))?;
    let mut response = HttpResponse::Ok();
    response
        .content_type(file.content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'",
        ));
    if file.gzpipped {
        response.insert_header((header::CONTENT_ENCODING, "gzip"));
    }
    Ok(response.body(file.bytes.into_owned()))
}
