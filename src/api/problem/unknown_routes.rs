//! What no route answers: an unknown path, or a known one with a method it does not take.

use std::{collections::BTreeMap, sync::LazyLock};

use actix_web::{HttpRequest, HttpResponse, http::header};

use super::{Code, document::Problem};
use crate::api::openapi::document;

struct Route {
    template: String,
    parts: Vec<String>,
    methods: String,
}

/// Every path template with its methods. The API description knows them all.
static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, method) in document::operations() {
        known.entry(path).or_default().push(method);
    }
    for path in document::PAGES {
        known.entry((*path).to_owned()).or_default().push("GET".to_owned());
    }
    let mut routes: Vec<Route> = known
        .into_iter()
        .map(|(template, mut methods)| {
            if methods.iter().any(|method| method == "GET") {
                methods.push("HEAD".to_owned());
            }
            methods.sort();
            let parts = template.split('/').map(str::to_owned).collect();
            Route { template, parts, methods: methods.join(", ") }
        })
        .collect();
    // A literal segment wins over a parameter: `/prospects/search` before `/prospects/{prospect_id}`.
    routes.sort_by_key(|route| route.parts.iter().filter(|part| part.starts_with('{')).count());
    routes
});

fn route(path: &str) -> Option<&'static Route> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |known: &String, part: &str| known == part || (known.starts_with('{') && !part.is_empty());
    ROUTES.iter().find(|route| {
        route.parts.len() == parts.len()
            && route.parts.iter().zip(&parts).all(|(known, part)| fits(known, part))
    })
}

/// The methods of a path for `Allow`, or nothing when no template fits.
pub fn allowed(path: &str) -> Option<&'static str> {
    route(path).map(|route| route.methods.as_str())
}

/// The template that a path fits.
pub fn template(path: &str) -> Option<&'static str> {
    route(path).map(|route| route.template.as_str())
}

/// Whether a path ends in a name that stands where others have an id. Only these need the table of routes, which is
/// made from the whole description and not before somebody asks for it.
pub fn ends_in_a_fixed_name(path: &str) -> bool {
    path.ends_with("/search") || path.ends_with("/batch")
}

/// 405 with `Allow`.
pub fn method_not_allowed(methods: &str) -> Problem {
    Problem::new(Code::MethodNotAllowed).header(header::ALLOW, methods)
}

/// Answers 405 with `Allow`, or 404.
pub async fn unrouted(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(match allowed(request.path()) {
        Some(methods) => method_not_allowed(methods),
        None => Problem::new(Code::UnknownPath),
    })
}
