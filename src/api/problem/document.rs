//! Problem documents (RFC 9457): the one shape of every answer that is not a success.
//!
//! Knows the two languages, and how a store error becomes an answer; every code and its status is a row of `code`.
//! Must never carry personal data, driver text or a value the caller sent: only places, codes and bounds.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{Code, defects::Defect, fault_codes, oauth};
use crate::{
    domain::values::text::{Language, Text},
    store::StoreError,
};

/// One place in the request and what is wrong there.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// JSON pointer into the body; `/query/…`, `/path/…` and `/header/…` for what is not in the body.
    pub pointer: Cow<'static, str>,
    /// Stable code of the rule.
    pub code: Cow<'static, str>,
    /// The rule in words.
    pub detail: Text,
    /// The figures in the words, e.g. `{"max": 100}`.
    pub params: Value,
}

/// What the frame knows of the request and the problem does not.
#[derive(Clone, Debug, Default)]
pub struct Occasion {
    /// The reader's language.
    pub language: Language,
    /// The id of the request, as in `X-Request-Id`.
    pub request_id: String,
    /// Path of the request.
    pub instance: String,
}

#[derive(Clone, Debug)]
struct Inner {
    code: Code,
    detail: Option<Text>,
    faults: Vec<Fault>,
    headers: Vec<(HeaderName, HeaderValue)>,
    occasion: Occasion,
}

/// An error answer in the making. The frame adds language, request id and instance.
#[derive(Clone, Debug)]
pub struct Problem(Box<Inner>);

/// Most faults of one answer.
pub const MOST_FAULTS: usize = 200;

impl Problem {
    /// A problem of this code, with the code's own title and explanation.
    pub fn new(code: Code) -> Self {
        let mut problem = Problem(Box::new(Inner {
            code,
            detail: None,
            faults: Vec::new(),
            headers: Vec::new(),
            occasion: Occasion::default(),
        }));
        if matches!(code, Code::Overloaded | Code::Unavailable | Code::RequestInProgress) {
            problem = problem.header(header::RETRY_AFTER, "1");
        }
        if matches!(code, Code::Unauthenticated | Code::InvalidCredentials) {
            problem = problem.header(header::WWW_AUTHENTICATE, "Bearer realm=\"prospector\"");
        }
        problem
    }

    /// Says more about this occurrence.
    pub fn detail(mut self, detail: Text) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// Adds one fault. `pointer` is a JSON pointer into the body, or `/query/…`, `/path/…`, `/header/…`.
    pub fn error(
        mut self,
        pointer: impl Into<Cow<'static, str>>,
        code: impl Into<Cow<'static, str>>,
        detail: Text,
        params: Value,
    ) -> Self {
        let params = if params.is_null() { json!({}) } else { params };
        let code = code.into();
        let is_known = || fault_codes::is_known(&code) || Code::ALL.iter().any(|one| one.name() == code);
        debug_assert!(is_known(), "{code} does not stand in the table of codes");
        self.0.faults.push(Fault { pointer: pointer.into(), code, detail, params });
        self
    }

    /// The same problem with the faults of another behind its own, as far as the answer has room for them.
    pub fn and(mut self, other: Problem) -> Self {
        self.0.faults.extend(other.0.faults);
        self.0.faults.truncate(MOST_FAULTS);
        self
    }

    /// The same problem of a part of the body: every pointer into the part becomes one into the whole.
    pub fn below(mut self, place: &str) -> Self {
        for fault in &mut self.0.faults {
            fault.pointer = format!("{place}{}", fault.pointer).into();
        }
        self
    }

    /// Sets a response header; a value that no header can hold is left out.
    pub fn header(mut self, name: impl TryInto<HeaderName>, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (name.try_into(), HeaderValue::from_str(value)) {
            self.0.headers.retain(|(known, _)| *known != name);
            self.0.headers.push((name, value));
        }
        self
    }

    /// The code.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The faults collected so far.
    pub fn faults(&self) -> &[Fault] {
        &self.0.faults
    }

    /// The same problem, told to one reader.
    pub fn on(mut self, occasion: Occasion) -> Self {
        self.0.occasion = occasion;
        self
    }

    /// The document itself.
    pub fn body(&self) -> ProblemBody {
        let Inner { code, detail, faults, occasion, .. } = &*self.0;
        let language = occasion.language;
        let say = |text: &Text| text.in_language(language).to_owned();
        ProblemBody {
            r#type: format!("/problems/{}", code.name()),
            title: say(&code.title()),
            status: i32::from(code.number()),
            detail: detail.as_ref().map_or_else(|| say(&code.explanation()), say),
            instance: occasion.instance.clone(),
            code: code.name().to_owned(),
            request_id: occasion.request_id.clone(),
            error: oauth::error(*code, &occasion.instance).map(str::to_owned),
            errors: faults
                .iter()
                .map(|fault| ProblemFault {
                    pointer: fault.pointer.to_string(),
                    code: fault.code.to_string(),
                    detail: say(&fault.detail),
                    params: as_texts(&fault.params),
                })
                .collect(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Problem::new(Code::NotFound),
            StoreError::Conflict { constraint } if constraint == "ux_appointments__appointment_id" => {
                Problem::new(Code::IdTaken)
            }
            StoreError::Conflict { constraint } => {
                // Known constraints are answered where they are known: here a write passed every rule and was refused all the
                // same, and would be for ever. The name alone tells nothing personal.
                Defect::Constraint.count();
                tracing::error!(constraint, "a constraint that no rule names refused a write");
                Problem::new(Code::Internal)
            }
            StoreError::Stale => Problem::new(Code::Stale),
            StoreError::LoginEnded => Problem::new(Code::Unauthenticated),
            StoreError::ReachChanged => Problem::new(Code::Forbidden).detail(Text::new(
                "Your role or your team changed meanwhile. Nothing was written; ask again.",
                "您的角色或团队刚刚发生了变更。未写入任何内容，请重新操作。",
            )),
            StoreError::Overloaded => Problem::new(Code::Overloaded),
            StoreError::Unavailable(why) => {
                tracing::warn!(why, "the database is unavailable");
                Problem::new(Code::Unavailable)
            }
            StoreError::Timeout => Problem::new(Code::Unavailable),
            StoreError::Corrupt(what) => {
                Defect::CorruptRow.count();
                tracing::error!(what, "a row is corrupt");
                Problem::new(Code::Internal)
            }
            StoreError::Database(_) => {
                // The driver's words may quote a value: they go nowhere.
                Defect::Database.count();
                tracing::error!("database error");
                Problem::new(Code::Internal)
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.name())
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        for (name, value) in &self.0.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response.insert_header((header::CONTENT_LANGUAGE, self.0.occasion.language.tag()));
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        response.content_type("application/problem+json");
        let body = serde_json::to_vec(&self.body()).unwrap_or_default();
        let mut response = response.body(body);
        // The frame finds the problem here, whichever way it came out of the handler.
        response.extensions_mut().insert(self.clone());
        response
    }
}

/// An RFC 9457 problem document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Page in this service's documentation that explains the code.
    #[schema(format = "uri-reference", max_length = 100, example = "/problems/validation_failed")]
    pub r#type: String,
    /// Title of the code, in the reader's language.
    #[schema(max_length = 200, example = "Some fields are not valid")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 422)]
    pub status: i32,
    /// What happened here, in the reader's language.
    #[schema(max_length = 2000, example = "The body is readable, but fields are against their rules.")]
    pub detail: String,
    /// Path of the request.
    #[schema(format = "uri-reference", max_length = 2000, example = "/v1/prospects")]
    pub instance: String,
    /// Stable code, never translated.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$", example = "validation_failed")]
    pub code: String,
    /// The id of the request, as in the header X-Request-Id.
    #[schema(max_length = 128, example = "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e")]
    pub request_id: String,
    /// Each place in the request that is wrong; empty when no single place is.
    #[schema(max_items = 200)]
    pub errors: Vec<ProblemFault>,
    /// At the address where machines get tokens: what RFC 6749 calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(ignore)]
    pub error: Option<String>,
}

/// One place in the request and the rule it is against.
#[derive(Serialize, ToSchema)]
pub struct ProblemFault {
    /// JSON pointer into the body; `/query/…`, `/path/…` and `/header/…` for what is not in the body.
    #[schema(max_length = 500, example = "/name")]
    pub pointer: String,
    /// Stable code of the rule; all stand under `/problems`.
    #[schema(max_length = 64, pattern = "^[a-z][a-z0-9_]*$", example = "too_long")]
    pub code: String,
    /// The rule in words, in the reader's language.
    #[schema(max_length = 2000, example = "At most 100 characters.")]
    pub detail: String,
    /// The figures and codes in the words, each as a text; a list is separated by commas.
    #[schema(example = json!({"max": "100"}))]
    pub params: BTreeMap<String, String>,
}

/// Figures and codes as texts: one type, whatever they are.
fn as_texts(params: &Value) -> BTreeMap<String, String> {
    fn text(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }
    params.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}
