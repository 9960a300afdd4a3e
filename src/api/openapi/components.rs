//! What operations refer to: the shared parameters, headers and error answers, and how to sign in.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::parts::field;
use crate::api::problem::{
    Code,
    document::{Occasion, Problem, ProblemBody},
    oauth::TOKEN_PATH,
};

/// Name of the shared answer, its status, what it says, and the code of its example.
pub const ANSWERS: &[(&str, u16, &str, Code)] = &[
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
    (
        "Gone",
        410,
        "The token is too old, or you see other people's work than when it was given.",
        Code::ResyncRequired,
    ),
    ("PreconditionFailed", 412, "It has changed since the version in If-Match.", Code::Stale),
    ("PayloadTooLarge", 413, "The body is too large.", Code::BodyTooLarge),
    ("UnsupportedMediaType", 415, "Not a kind of body that is taken.", Code::UnsupportedMediaType),
    ("UnprocessableContent", 422, "Readable, but against the schema or a rule.", Code::ValidationFailed),
    ("PreconditionRequired", 428, "If-Match is missing.", Code::PreconditionRequired),
    ("TooManyRequests", 429, "Too many requests; wait as Retry-After says.", Code::TooManyRequests),
    ("InternalServerError", 500, "The service failed; nothing was written.", Code::Internal),
    ("ServiceUnavailable", 503, "The service is busy or cannot reach its database.", Code::Unavailable),
];

/// A problem document (RFC 9457) of a refused request for a token.
#[derive(ToSchema, serde::Serialize)]
struct TokenProblem {
    /// What it says.
    #[serde(flatten)]
    problem: ProblemBody,
    /// What RFC 6749 calls it.
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "invalid_client")]
    error: String,
}

/// The answers that are another document where machines get tokens, and the code of the example there.
const TOKEN_ANSWERS: &[(&str, u16, Code)] = &[
    ("BadRequest", 400, Code::UnsupportedGrantType),
    ("Unauthorized", 401, Code::InvalidCredentials),
    ("UnprocessableContent", 422, Code::ValidationFailed),
];

/// The name of the shared answer that an operation gives.
pub fn answer_of(path: &str, name: &str) -> String {
    let is_its_own = path == TOKEN_PATH && TOKEN_ANSWERS.iter().any(|(known, ..)| *known == name);
    format!("{}{name}", if is_its_own { "Token" } else { "" })
}

/// Adds them to a document.
pub fn add(root: &mut Map<String, Value>) {
    let Some(components) = field(root, "components", json!({})).as_object_mut() else { return };
    components.insert(
        "securitySchemes".to_owned(),
        json!({"bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT (RFC 8725, RFC 9068)",
            "description": "An access token from `POST /v1/auth/login`, of a machine from `POST /v1/auth/token`: a signed \
                JWT (EdDSA, `typ: at+jwt`) issued and checked as RFC 8725 advises. Neither opens what is for the other."
        }}),
    );
    components.insert("parameters".to_owned(), parameters());
    components.insert("headers".to_owned(), headers());
    components.insert("responses".to_owned(), answers());
    if let Some(schemas) = field(components, "schemas", json!({})).as_object_mut() {
        let mut found = vec![
            (ProblemBody::name().into_owned(), ProblemBody::schema()),
            (TokenProblem::name().into_owned(), TokenProblem::schema()),
        ];
        ProblemBody::schemas(&mut found);
        for (name, schema) in found {
            schemas.insert(name, serde_json::to_value(schema).unwrap_or_default());
        }
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
                stored answer again instead of a second effect. 1 to 255 visible ASCII characters, in quotation marks or \
                without: `\"k\"` and `k` are one key.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 512,
                "pattern": r#"^([!#-~][!-~]{0,254}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#},
            "example": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e"},
        "IfMatch": if_match(true, "The ETag of the version you saw, so that nobody's change is lost."),
        "IfMatchUnlessDryRun": if_match(false, "The ETag of the version you saw. Required unless `dry_run=true`."),
        "IfMatchWhereSent": if_match(false, "The ETag of the version you saw; 412 when it is no longer the present one."),
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
        all.insert((*name).to_owned(), answer("Problem", "/v1/prospects", (*status, description, *code)));
    }
    for (name, status, code) in TOKEN_ANSWERS {
        let about = "A refusal by RFC 6749 section 5.2, with its `error`.";
        all.insert(answer_of(TOKEN_PATH, name), answer("TokenProblem", TOKEN_PATH, (*status, about, *code)));
    }
    Value::Object(all)
}

fn answer(schema: &str, path: &str, (status, description, code): (u16, &str, Code)) -> Value {
    let occasion = Occasion {
        request_id: "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e".to_owned(),
        instance: path.to_owned(),
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
    let example = serde_json::to_value(Problem::new(code).on(occasion).body()).unwrap_or_default();
    json!({
        "description": description,
        "headers": headers,
        "content": {"application/problem+json": {
            "schema": {"$ref": format!("#/components/schemas/{schema}")}, "example": example}},
    })
}
