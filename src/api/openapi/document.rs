//! The API description: OpenAPI 3.1, assembled from the handlers and finished here.
//!
//! What is true of whole classes of operations (errors, headers, preconditions) is added once in code, in
//! `conventions`; what they refer to is in `components`; what makes schemas fit for code generators is in [`crate::api::openapi::schemas`].

use std::sync::LazyLock;

use actix_web::App as ActixApp;
use serde_json::{Value, json};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

use super::parts::each_operation;
use crate::api::routes::routes;

/// Pages outside the API description: they are for people, or not JSON.
pub const PAGES: &[&str] = &["/docs", "/docs/{file}", "/openapi.json", "/problems", "/problems/{code}"];

/// Groups of operations, in the order of the document.
const TAGS: &[(&str, &str)] = &[
    ("auth", "Signing in and out: access and refresh tokens."),
    ("me", "The signed-in user."),
    ("agents", "The roster: agents and supervisors."),
    ("teams", "The tree of teams."),
    ("prospects", "People an agent follows: create, find, read, change, erase."),
    ("transitions", "Moves between the stages, with their guards, and corrections."),
    ("criteria", "The five criteria of 50%."),
    ("appointments", "First and next appointments and what came of them."),
    ("activities", "The journal of calls, visits, messages and notes, and its tallies."),
    ("cycles", "The sales cycle, extensions, and moves that fall due by date."),
    ("transfers", "Prospects handed from one agent to another."),
    ("sign-offs", "Blocks of the sheets, signed at the check-in."),
    (
        "policy-events",
        "What the insurer's policy system tells, what of it waits for a decision, and the applications it is about.",
    ),
    ("reports", "The sheets and figures of a check-in, each with what its figures mean."),
    ("insurer", "The insurer's tables: products, cooling-off rules, premium factors."),
    ("training", "Classification of stories, and exercises."),
    ("integration", "Following what changes, and having it sent."),
    ("administration", "Settings, audit and tables."),
    ("operations", "Health of the service."),
];

static DOCUMENT: LazyLock<Value> = LazyLock::new(|| build(routes));
static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&*DOCUMENT).unwrap_or_default();
    text.push('\n');
    text
});

/// The whole document.
pub fn document() -> &'static Value {
    &DOCUMENT
}

/// The document as it is committed and served.
pub fn text() -> &'static str {
    &TEXT
}

/// Every operation: path template and method in capitals.
pub fn operations() -> Vec<(String, String)> {
    each_operation(document())
        .map(|(path, method, _)| (path.to_owned(), method.to_ascii_uppercase()))
        .collect()
}

/// True when the operation is known and takes no query parameter at all.
pub fn takes_no_query(path: &str, method: &str) -> bool {
    let Some(operation) = document()["paths"][path].get(method.to_ascii_lowercase()) else { return false };
    let query = |parameter: &Value| parameter["in"] == "query";
    !operation["parameters"].as_array().is_some_and(|all| all.iter().any(query))
}

/// Assembles and finishes a document from a route table.
pub fn build(routes: fn(&mut ServiceConfig)) -> Value {
    let (_, assembled) = ActixApp::new().into_utoipa_app().configure(routes).split_for_parts();
    let mut document = serde_json::to_value(assembled).unwrap_or_default();
    let Some(root) = document.as_object_mut() else { return document };
    root.insert("info".to_owned(), info());
    root.insert(
        "servers".to_owned(),
        json!([{"url": "/", "description": "This service: local, staging or production.", "x-internal": false}]),
    );
    root.insert("security".to_owned(), json!([{"bearer": []}]));
    super::forms::add(root);
    super::conventions::add(root);
    super::components::add(root);
    super::webhooks::add(root);
    super::schemas::finish(&mut document);
    document["tags"] = tags(&document);
    document
}

fn info() -> Value {
    json!({
        "title": "Prospector",
        "summary": "Prospect management (潜在客户管理) for life-insurance agents and their supervisors.",
        "description": "Prospects stand in one of six stages with a strict entry standard and a date. The service \
            guards the moves, sends back whoever has outstayed the agent's own sales cycle, and says what comes next.\n\n\
            Every error is a problem document (RFC 9457) whose `code` is explained under `/problems`. Texts are in \
            English or Chinese by `Accept-Language`; codes are never translated. Writes take `Idempotency-Key` and \
            `If-Match`. Within `/v1` changes are additive.",
        "version": env!("CARGO_PKG_VERSION"),
        "contact": {"name": "The Prospector maintainers", "url": "https://example.com/prospector", "email": "maintainers@example.com"},
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
    })
}

/// The groups that some operation is in.
fn tags(document: &Value) -> Value {
    let used = |name: &str| {
        each_operation(document).any(|(_, _, operation)| {
            operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|tag| tag == name))
        })
    };
    let messages = document["webhooks"].as_object().is_some_and(|all| !all.is_empty());
    TAGS.iter()
        .filter(|(name, _)| used(name))
        .chain(messages.then_some(&super::webhooks::TAG))
        .map(|(name, description)| json!({"name": name, "description": description}))
        .collect()
}
