//! What whole classes of operations share: error answers, headers, preconditions. Added once, here.

use serde_json::{Map, Value, json};

use super::{
    components::{ANSWERS, answer_of},
    parts::field,
};
use crate::api::formats;

/// POST operations that write nothing: no Idempotency-Key.
const READ_ONLY_POSTS: &[&str] =
    &["/v1/prospects/search", "/v1/classify", "/v1/exercises/{exercise_id}/answers"];

/// Writes that need no If-Match although their method would ask for one.
const WITHOUT_IF_MATCH: &[(&str, &str)] = &[("/v1/me/password", "put"), ("/v1/roster/{agent_code}", "put")];

/// Reads of one thing whose path does not end in its id.
const READS_WITH_VERSION: &[&str] = &["/v1/me", "/v1/settings", "/v1/agents/{agent_id}/cycle"];

/// Reads beside the API that tell when nothing has changed.
const TAGGED_BESIDE: &[&str] = &["/calendar-feeds/{feed_token}/calendar.ics"];

/// Reads that nobody may keep: no tag to revalidate them by.
const KEPT_BY_NOBODY: &[&str] =
    &["/v1/prospects/{prospect_id}/export", "/v1/audit/export", "/v1/transitions/export"];

/// POST operations whose 201 is about nothing that can be read alone afterwards: no ETag.
const WITHOUT_ETAG: &[&str] = &[
    "/v1/activity-tallies",
    "/v1/cycles/sweep",
    "/v1/webhooks/{webhook_id}/test-deliveries",
    "/v1/webhooks/{webhook_id}/resends",
    "/v1/policy-events",
    "/v1/policy-events/{event_id}/matches",
    "/v1/policy-events/{event_id}/dismissals",
    "/v1/policy-events/{event_id}/revocations",
];

/// POST operations whose 201 is about nothing that the caller can read afterwards: no Location either. Decisions are read with their event.
const WITHOUT_LOCATION: &[&str] = &[
    "/v1/cycles/sweep",
    "/v1/policy-events",
    "/v1/policy-events/{event_id}/matches",
    "/v1/policy-events/{event_id}/dismissals",
    "/v1/policy-events/{event_id}/revocations",
];

/// POST operations that need If-Match.
const POSTS_WITH_IF_MATCH: &[&str] = &["/v1/prospects/{prospect_id}/transitions"];

/// POST operations that look at If-Match where it is sent.
const POSTS_THAT_READ_IF_MATCH: &[&str] = &["/v1/prospects/{prospect_id}/corrections"];

/// The parameter of these.
const IF_MATCH_WHERE_SENT: &str = "IfMatchWhereSent";

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
}

fn finish(path: &str, method: &str, operation: &mut Map<String, Value>) {
    // utoipa writes "nobody needs to sign in" as one empty requirement; an empty list is what it means.
    let open = operation.get("security") == Some(&json!([{}]));
    if open {
        operation.insert("security".to_owned(), json!([]));
    }
    let in_forms = method == "get" && (super::forms::is_of_files(path) || !formats::offered(path).is_empty());
    let of_it = Conventions::of(path, method, open);
    add_parameters(
        path,
        operation,
        &[
            (of_it.versioned, "AcceptLanguage"),
            (of_it.writes_by_post, "IdempotencyKey"),
            (of_it.if_match.is_some(), of_it.if_match.unwrap_or_default()),
            (of_it.tagged, "IfNoneMatch"),
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
    let Some(responses) = field(operation, "responses", json!({})).as_object_mut() else { return };
    for (status, response) in responses.iter_mut().filter(|(status, _)| status.starts_with('2')) {
        let Some(sent) = response.as_object_mut() else { continue };
        let Some(sent) = field(sent, "headers", json!({})).as_object_mut() else { continue };
        of_it.add_headers(status, paged, sent);
    }
    if of_it.tagged {
        responses
            .entry("304")
            .or_insert(json!({"description": "Your copy, named in If-None-Match, is current."}));
    }
    let wanted = |status: u16| of_it.may_answer(status, has_body, in_forms);
    for (name, status, ..) in ANSWERS.iter().filter(|(_, status, ..)| wanted(*status)) {
        let shared = json!({"$ref": format!("#/components/responses/{}", answer_of(path, name))});
        responses.entry(status.to_string()).or_insert(shared);
    }
}

/// What is true of an operation by its path and method.
struct Conventions<'a> {
    path: &'a str,
    method: &'a str,
    /// Nobody needs to sign in.
    open: bool,
    /// Part of the API, and not of the service around it.
    versioned: bool,
    /// The shared parameter by which it takes a precondition.
    if_match: Option<&'static str>,
    /// A write that a repeated request must not make twice.
    writes_by_post: bool,
    /// A read that tells its version.
    tagged: bool,
}

impl<'a> Conventions<'a> {
    fn of(path: &'a str, method: &'a str, open: bool) -> Self {
        let versioned = path.starts_with("/v1/");
        let if_match = match method {
            "put" | "patch" | "delete" if !WITHOUT_IF_MATCH.contains(&(path, method)) => Some("IfMatch"),
            "post" if POSTS_WITH_IF_MATCH.contains(&path) => Some("IfMatchUnlessDryRun"),
            "post" if POSTS_THAT_READ_IF_MATCH.contains(&path) => Some(IF_MATCH_WHERE_SENT),
            _ => None,
        };
        let writes_by_post = method == "post"
            && versioned
            && !path.starts_with("/v1/auth/")
            && !READ_ONLY_POSTS.contains(&path);
        let is_kept = !super::forms::is_of_files(path) && !KEPT_BY_NOBODY.contains(&path);
        let tagged = method == "get" && ((versioned && !open && is_kept) || TAGGED_BESIDE.contains(&path));
        Conventions { path, method, open, versioned, if_match, writes_by_post, tagged }
    }

    /// Adds the headers of an answer of success.
    fn add_headers(&self, status: &str, paged: bool, sent: &mut Map<String, Value>) {
        sent.insert("X-Request-Id".to_owned(), json!({"$ref": "#/components/headers/RequestId"}));
        if paged {
            sent.insert("Link".to_owned(), json!({"$ref": "#/components/headers/Link"}));
        }
        let made = self.writes_by_post && status == "201";
        // What was deleted has no version any more, and a dry run makes none.
        let changed =
            self.if_match.is_some() && self.method != "delete" && !(self.writes_by_post && status == "200");
        let single_read = self.method == "get" && self.versioned && self.path.ends_with('}');
        let has_version = single_read || (self.tagged && READS_WITH_VERSION.contains(&self.path));
        if has_version || changed || (made && !WITHOUT_ETAG.contains(&self.path)) {
            sent.entry("ETag").or_insert(json!({"$ref": "#/components/headers/ETag"}));
        } else if self.tagged {
            sent.entry("ETag").or_insert(json!({"$ref": "#/components/headers/Digest"}));
        }
        if made && !WITHOUT_LOCATION.contains(&self.path) {
            sent.insert("Location".to_owned(), json!({"$ref": "#/components/headers/Location"}));
        }
        if self.writes_by_post {
            sent.insert(
                "Idempotency-Replayed".to_owned(),
                json!({"$ref": "#/components/headers/IdempotencyReplayed"}),
            );
        }
    }

    /// Whether an error answer of this status may come.
    fn may_answer(&self, status: u16, has_body: bool, in_forms: bool) -> bool {
        let (path, method) = (self.path, self.method);
        let has_id = path.contains('{');
        // These name what may not exist outside their path: a team or an agent in the query, a prospect in the body.
        let names_another = ["/v1/settings", "/v1/sign-offs"].contains(&path)
            || path.starts_with("/v1/reports/")
            || (path == "/v1/activity-tallies" && method == "get")
            || (path == "/v1/extensions" && method == "post");
        let versions_in_body = path == "/v1/transfers" && method == "post";
        match status {
            405 | 429 | 500 | 503 => true,
            400 => self.versioned || self.tagged,
            401 => self.versioned || !self.open,
            403 => self.versioned && !self.open,
            404 => has_id || names_another,
            406 => in_forms,
            408 | 413 | 415 | 422 => has_body || (status == 422 && self.writes_by_post),
            409 => self.writes_by_post || self.if_match.is_some() || path.starts_with("/v1/roster/"),
            410 => path == "/v1/changes",
            412 => self.if_match.is_some() || versions_in_body,
            428 => self.if_match.is_some_and(|name| name != IF_MATCH_WHERE_SENT) || versions_in_body,
            _ => false,
        }
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
