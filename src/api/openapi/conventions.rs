//! What whole classes of operations share: error answers, headers, preconditions. Added once, here.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::field;
use crate::api::{
    formats,
    problem::{Code, Occasion, Problem, ProblemBody},
};

/// POST operations that write nothing: no Idempotency-Key.
const READ_ONLY_POSTS: &[&str] =
    &["/v1/prospects/search", "/v1/classify", "/v1/exercises/{exercise_id}/answers"];

/// Writes that need no If-Match although their method would ask for one.
const WITHOUT_IF_MATCH: &[(&str, &str)] = &[("/v1/me/password", "put")];

/// Reads of one thing whose path does not end in its id.
const READS_WITH_VERSION: &[&str] = &["/v1/me", "/v1/settings", "/v1/agents/{agent_id}/cycle"];

/// POST operations whose 201 is about nothing that can be read alone afterwards: no ETag.
const WITHOUT_ETAG: &[&str] = &["/v1/activity-tallies", "/v1/cycles/sweep"];

/// POST operations whose 201 is about nothing that can be read afterwards: no Location either.
const WITHOUT_LOCATION: &[&str] = &["/v1/cycles/sweep"];

/// POST operations that need If-Match.
const POSTS_WITH_IF_MATCH: &[&str] = &["/v1/prospects/{prospect_id}/transitions"];

/// Name of the shared answer, its status, what it says, and the code of its example.
const ANSWERS: &[(&str, u16, &str, Code)] = &[
    ("BadRequest", 400, "The request cannot be read: body, query, path or header.", Code::InvalidParameter),
    ("Unauthorized", 401, "No access token, or one that does not count.", Code::Unauthenticated),
    ("Forbidden", 403, "Your role does not allow it.", Code::Forbidden),
    ("NotFound", 404, "It does not exist, or not for you.", Code::NotFound),
    ("MethodNotAllowed", 405, "The path does not take this method.", Code::MethodNotAllowed),
    (
        "NotAcceptable",
        406,
        "It is not offered in a form that `format` or `Accept` ask for.",
        Code::NotAcceptable,
    ),
    ("RequestTimeout", 408, "The body came too slowly.", Code::RequestTimeout),
    ("Conflict", 409, "The present state stands against it.", Code::Conflict),
    ("PreconditionFailed", 412, "It has changed since the version in If-Match.", Code::Stale),
    ("PayloadTooLarge", 413, "The body is too large.", Code::BodyTooLarge),
    ("UnsupportedMediaType", 415, "Not a kind of body that is taken.", Code::UnsupportedMediaType),
    ("UnprocessableContent", 422, "Readable, but against the schema or a rule.", Code::ValidationFailed),
    ("PreconditionRequired", 428, "If-Match is missing.", Code::PreconditionRequired),
    ("TooManyRequests", 429, "Too many requests; wait as Retry-After says.", Code::TooManyRequests),
    ("InternalServerError", 500, "The service failed; nothing was written.", Code::Internal),
    ("ServiceUnavailable", 503, "The service is busy or cannot reach its database.", Code::Unavailable),
];

/// Adds them to a document.
pub fn add(root: &mut Map<String, Value>) {
    if let Some(paths) = root.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if let Some(operation) = operation.as_object_mut() {
                    finish(path, method, operation);
                }
            }
        }
    }
    let Some(components) = field(root, "components", json!({})).as_object_mut() else { return };
    components.insert(
        "securitySchemes".to_owned(),
        json!({"bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT (RFC 8725, RFC 9068)",
            "description": "An access token from `POST /v1/auth/login`: a signed JWT (EdDSA, `typ: at+jwt`) \
                issued and checked as RFC 8725 advises."
        }}),
    );
    components.insert("parameters".to_owned(), parameters());
    components.insert("headers".to_owned(), headers());
    components.insert("responses".to_owned(), answers());
    if let Some(schemas) = field(components, "schemas", json!({})).as_object_mut() {
        let mut found = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
        ProblemBody::schemas(&mut found);
        for (name, schema) in found {
            schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
    }
}

fn finish(path: &str, method: &str, operation: &mut Map<String, Value>) {
    // utoipa writes "nobody needs to sign in" as one empty requirement; an empty list is what it means.
    let open = operation.get("security") == Some(&json!([{}]));
    if open {
        operation.insert("security".to_owned(), json!([]));
    }
    let forms = if method == "get" { formats::offered(path) } else { &[] };
    if !forms.is_empty() {
        super::forms::add(operation, forms);
    }
    let versioned = path.starts_with("/v1/");
    let if_match = match method {
        "put" | "patch" | "delete" => !WITHOUT_IF_MATCH.contains(&(path, method)),
        "post" => POSTS_WITH_IF_MATCH.contains(&path),
        _ => false,
    };
    let writes_by_post =
        method == "post" && versioned && !path.starts_with("/v1/auth/") && !READ_ONLY_POSTS.contains(&path);
    let single_read = method == "get" && versioned && path.ends_with('}');
    let tagged = method == "get" && versioned && !open;
    add_parameters(
        path,
        operation,
        &[
            (versioned, "AcceptLanguage"),
            (writes_by_post, "IdempotencyKey"),
            (if_match, if method == "post" { "IfMatchUnlessDryRun" } else { "IfMatch" }),
            (tagged, "IfNoneMatch"),
        ],
    );
    let paged = method == "get"
        && operation
            .get("parameters")
            .and_then(Value::as_array)
            .is_some_and(|all| all.iter().any(|one| one["name"] == "cursor"));
    let has_body = operation.contains_key("requestBody");
    if has_body && method == "patch" {
        also_as_merge_patch(operation);
    }
    let has_id = path.contains('{');
    // These name what may not exist outside their path: a team or an agent in the query, a prospect in the body.
    let names_another = ["/v1/settings", "/v1/sign-offs"].contains(&path)
        || path.starts_with("/v1/reports/")
        || (path == "/v1/activity-tallies" && method == "get")
        || (path == "/v1/extensions" && method == "post");
    let versions_in_body = path == "/v1/transfers" && method == "post";
    let wanted = |status: u16| match status {
        405 | 429 | 500 | 503 => true,
        400 => versioned,
        401 => versioned || !open,
        403 => versioned && !open,
        404 => has_id || names_another,
        406 => !forms.is_empty(),
        408 | 413 | 415 | 422 => has_body || (status == 422 && writes_by_post),
        409 => writes_by_post || if_match,
        412 | 428 => if_match || versions_in_body,
        _ => false,
    };
    let Some(responses) = field(operation, "responses", json!({})).as_object_mut() else { return };
    for (status, response) in responses.iter_mut() {
        if !status.starts_with('2') {
            continue;
        }
        let Some(sent) = response.as_object_mut() else { continue };
        let Some(sent) = field(sent, "headers", json!({})).as_object_mut() else { continue };
        sent.insert("X-Request-Id".to_owned(), json!({"$ref": "#/components/headers/RequestId"}));
        if paged {
            sent.insert("Link".to_owned(), json!({"$ref": "#/components/headers/Link"}));
        }
        let made = writes_by_post && status == "201";
        // What was deleted has no version any more, and a dry run makes none.
        let changed = if_match && method != "delete" && !(writes_by_post && status == "200");
        let has_version = single_read || (tagged && READS_WITH_VERSION.contains(&path));
        if has_version || changed || (made && !WITHOUT_ETAG.contains(&path)) {
            sent.entry("ETag").or_insert(json!({"$ref": "#/components/headers/ETag"}));
        } else if tagged {
            sent.entry("ETag").or_insert(json!({"$ref": "#/components/headers/Digest"}));
        }
        if made && !WITHOUT_LOCATION.contains(&path) {
            sent.insert("Location".to_owned(), json!({"$ref": "#/components/headers/Location"}));
        }
        if writes_by_post {
            sent.insert(
                "Idempotency-Replayed".to_owned(),
                json!({"$ref": "#/components/headers/IdempotencyReplayed"}),
            );
        }
    }
    if tagged {
        responses
            .entry("304")
            .or_insert(json!({"description": "Your copy, named in If-None-Match, is current."}));
    }
    for (name, status, ..) in ANSWERS.iter().filter(|(_, status, ..)| wanted(*status)) {
        let shared = json!({"$ref": format!("#/components/responses/{name}")});
        responses.entry(status.to_string()).or_insert(shared);
    }
}

fn add_parameters(path: &str, operation: &mut Map<String, Value>, shared: &[(bool, &str)]) {
    let Some(parameters) = field(operation, "parameters", json!([])).as_array_mut() else { return };
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        if !parameters.iter().any(|known| known["name"] == name && known["in"] == "path") {
            let thing = name.trim_end_matches("_id").replace('_', " ");
            parameters.push(json!({"name": name, "in": "path", "required": true,
                "description": format!("The id of the {thing}."), "schema": {"type": "string", "format": "uuid"}}));
        }
    }
    for parameter in parameters.iter_mut().filter(|parameter| parameter.get("description").is_none()) {
        if let Some(about) = parameter["schema"].get("description").cloned() {
            parameter["description"] = about;
        }
    }
    for (_, name) in shared.iter().filter(|(wanted, _)| *wanted) {
        parameters.push(json!({"$ref": format!("#/components/parameters/{name}")}));
    }
    if parameters.is_empty() {
        operation.remove("parameters");
    }
}

fn also_as_merge_patch(operation: &mut Map<String, Value>) {
    let Some(content) = operation.get_mut("requestBody").and_then(|body| body["content"].as_object_mut())
    else {
        return;
    };
    if let Some(body) = content.get("application/json").cloned() {
        content.insert("application/merge-patch+json".to_owned(), body);
    }
}

fn parameters() -> Value {
    let etags = json!({"type": "string", "maxLength": 1000, "pattern": "^(\\*|(W/)?\"[^\"]*\"(, *(W/)?\"[^\"]*\")*)$"});
    let if_match = |required: bool, what: &str| json!({"name": "If-Match", "in": "header", "required": required, "description": what, "schema": etags, "example": "\"3\""});
    json!({
        "AcceptLanguage": {"name": "Accept-Language", "in": "header", "required": false,
            "description": "Language of titles, details and labels: `en` or `zh-CN`; English when nothing fits.",
            "schema": {"type": "string", "maxLength": 200, "pattern": "^[ -~]*$"}, "example": "zh-CN"},
        "IdempotencyKey": {"name": "Idempotency-Key", "in": "header", "required": false,
            "description": "A name of your own for this one write: the same key and body within 24 hours gives the \
                stored answer again instead of a second effect.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
            "example": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"},
        "IfMatch": if_match(true, "The ETag of the version you saw, so that nobody's change is lost."),
        "IfMatchUnlessDryRun": if_match(false, "The ETag of the version you saw. Required unless `dry_run=true`."),
        "IfNoneMatch": {"name": "If-None-Match", "in": "header", "required": false,
            "description": "ETags you hold; 304 when one of them is current.", "schema": etags, "example": "\"3\""},
    })
}

fn headers() -> Value {
    let text = |what: &str, max: u32, example: &str| json!({"description": what, "schema": {"type": "string", "maxLength": max}, "example": example});
    json!({
        "RequestId": text("The id of this request, for reports of trouble.", 128, "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"),
        "ETag": text("The version of what is in the body, for If-Match and If-None-Match.", 100, "\"3\""),
        "Digest": text("Changes with the answer, for If-None-Match; absent on files and pictures.", 100, "\"9f86d081884c7d659a2feaa0\""),
        "Location": text("Where it can be read.", 200, "/v1/prospects/0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"),
        "Link": text("The next page, when there is one (RFC 8288).", 4000, "</v1/prospects?limit=20&cursor=eyJ>; rel=\"next\""),
        "IdempotencyReplayed": text("`true` when this is the stored answer of an earlier request.", 5, "true"),
        "ContentDisposition": text("The name to save a file under; absent on JSON.", 500, "attachment; filename=\"action-sheet_2009-12-12_2009-12-18.csv\""),
        "ContentLanguage": text("Language of the texts.", 16, "en"),
        "Allow": text("The methods of this path.", 100, "GET, HEAD, POST"),
        "WwwAuthenticate": text("How to sign in.", 200, "Bearer realm=\"prospector\""),
        "RetryAfter": {"description": "Seconds to wait.", "example": 1,
            "schema": {"type": "integer", "format": "int32", "minimum": 0, "maximum": 86400}},
    })
}

fn answers() -> Value {
    let mut all = Map::new();
    for (name, status, description, code) in ANSWERS {
        let occasion = Occasion {
            request_id: "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e".to_owned(),
            instance: "/v1/prospects".to_owned(),
            ..Occasion::default()
        };
        let mut headers = json!({
            "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
            "Content-Language": {"$ref": "#/components/headers/ContentLanguage"},
        });
        match status {
            401 => headers["WWW-Authenticate"] = json!({"$ref": "#/components/headers/WwwAuthenticate"}),
            405 => headers["Allow"] = json!({"$ref": "#/components/headers/Allow"}),
            429 | 503 => headers["Retry-After"] = json!({"$ref": "#/components/headers/RetryAfter"}),
            _ => {}
        }
        let example = serde_json::to_value(Problem::new(*code).on(occasion).body()).unwrap_or_default();
        all.insert(
            (*name).to_owned(),
            json!({
                "description": description,
                "headers": headers,
                "content": {"application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
            }),
        );
    }
    Value::Object(all)
}
