//! Problem documents (RFC 9457): the one shape of every answer that is not a success.
//!
//! Knows every code and its status, the two languages, and how a store error becomes an answer.
//! Must never carry personal data, driver text or a value the caller sent: only places, codes and bounds.

use std::{borrow::Cow, fmt};

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

use super::fault_codes;
use crate::{
    domain::text::{Language, Text},
    store::StoreError,
};

/// Declares the codes: one row each, from which the status, the titles and the catalogue page come.
macro_rules! codes {
    ($($variant:ident $code:literal $status:literal $en:literal $zh:literal $doc:literal $doc_zh:literal;)+) => {
        /// Every stable problem code. A code keeps its meaning for good; new ones may be added.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Code {
            $(#[doc = $doc] $variant,)+
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];

            /// The stable name, never translated.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $code,)+ }
            }

            /// The HTTP status as a number.
            pub fn number(self) -> u16 {
                match self { $(Code::$variant => $status,)+ }
            }

            /// The title, the same for every occurrence of the code.
            pub fn title(self) -> Text {
                match self { $(Code::$variant => Text::new($en, $zh),)+ }
            }

            /// What it means and what to do, for the catalogue page.
            pub fn explanation(self) -> Text {
                match self { $(Code::$variant => Text::new($doc, $doc_zh),)+ }
            }
        }
    };
}

codes! {
    UnreadableJson "unreadable_json" 400 "The body is not readable JSON" "请求体不是可读的 JSON"
        "The body is empty, broken, nested too deeply, or not UTF-8. Send one complete JSON document."
        "请求体为空、不完整、嵌套过深或不是 UTF-8。请发送一个完整的 JSON 文档。";
    InvalidParameter "invalid_parameter" 400 "A parameter is not valid" "参数无效"
        "A path or query parameter cannot be read or is out of its bounds; `errors` names it."
        "路径或查询参数无法读取或超出范围；`errors` 指出是哪一个。";
    UnknownParameter "unknown_parameter" 400 "A query parameter is not known" "未知的查询参数"
        "The operation has no query parameter of this name; check the spelling against the API description."
        "该操作没有这个名称的查询参数；请对照接口说明检查拼写。";
    InvalidHeader "invalid_header" 400 "A header is not valid" "请求头无效"
        "A request header cannot be read; `errors` names it and says which form it takes."
        "某个请求头无法读取；`errors` 指出是哪一个以及应有的格式。";
    InvalidCursor "invalid_cursor" 400 "The cursor is not valid here" "游标在此无效"
        "A cursor belongs to one caller and one set of filters. Start again from the first page."
        "游标只对同一用户和同一组筛选条件有效。请从第一页重新开始。";
    Unauthenticated "unauthenticated" 401 "Sign in first" "请先登录"
        "The request has no access token, or one that no longer counts. Log in or refresh the token."
        "请求没有访问令牌，或令牌已失效。请登录或刷新令牌。";
    InvalidCredentials "invalid_credentials" 401 "The login was refused" "登录被拒绝"
        "The user name and password do not belong together, the account is disabled, or the refresh token is spent."
        "用户名与密码不符、账号已停用，或刷新令牌已用过。";
    Forbidden "forbidden" 403 "You may not do this" "您无权执行此操作"
        "You may see this, but your role does not allow the operation."
        "您可以看到它，但您的角色不允许执行该操作。";
    NotFound "not_found" 404 "There is no such thing" "不存在"
        "It does not exist, or not for you: what you may not see does not exist."
        "它不存在，或对您而言不存在：您无权看到的即视为不存在。";
    UnknownPath "unknown_path" 404 "There is no such address" "没有这个地址"
        "No operation has this path; the API description at /openapi.json lists them all."
        "没有任何操作使用该路径；全部操作见 /openapi.json。";
    MethodNotAllowed "method_not_allowed" 405 "This address does not take that method" "该地址不支持此方法"
        "The header `Allow` lists the methods of this path."
        "响应头 `Allow` 列出了该路径支持的方法。";
    NotAcceptable "not_acceptable" 406 "No acceptable form" "没有可接受的表示形式"
        "The service has none of the forms that `Accept` or `Accept-Encoding` ask for."
        "服务没有 `Accept` 或 `Accept-Encoding` 所要求的形式。";
    RequestTimeout "request_timeout" 408 "The body came too slowly" "请求体传输过慢"
        "The body was not complete in time. Send it again."
        "请求体未能及时传完。请重新发送。";
    Conflict "conflict" 409 "The present state does not allow it" "与当前状态冲突"
        "Something that is already there stands against it; `errors` or `detail` say what."
        "已有的数据与之冲突；详见 `errors` 或 `detail`。";
    IdTaken "id_taken" 409 "The id is taken" "该 id 已被占用"
        "A record of this id exists already. Make a new UUID, or leave the id to the service."
        "已存在使用该 id 的记录。请生成新的 UUID，或由服务生成 id。";
    RequestInProgress "request_in_progress" 409 "The first request is still running" "首个请求仍在处理"
        "Another request with the same Idempotency-Key has not finished. Try again in a moment."
        "使用相同 Idempotency-Key 的另一个请求尚未完成。请稍后重试。";
    Stale "stale" 412 "It has changed meanwhile" "数据已被更改"
        "If-Match names an older version. Read it again, look at the change, and send the new ETag."
        "If-Match 指向旧版本。请重新读取，查看变化，并发送新的 ETag。";
    BodyTooLarge "body_too_large" 413 "The body is too large" "请求体过大"
        "The body is larger than the service takes; `params.max` is the bound in bytes."
        "请求体超过上限；`params.max` 为字节上限。";
    UnsupportedMediaType "unsupported_media_type" 415 "This kind of body is not taken" "不支持的内容类型"
        "Send application/json in UTF-8 without Content-Encoding; PATCH also takes application/merge-patch+json."
        "请发送 UTF-8 编码、无 Content-Encoding 的 application/json;PATCH 也接受 application/merge-patch+json。";
    ValidationFailed "validation_failed" 422 "Some fields are not valid" "部分字段无效"
        "The body is readable, but fields are against their rules; `errors` names each and the rule."
        "请求体可读，但部分字段不符合规则；`errors` 逐一列出字段和规则。";
    UnknownField "unknown_field" 422 "A field is not known" "未知字段"
        "The body has a field this operation does not take; check the spelling, or that it may be written at all."
        "请求体含有该操作不接受的字段；请检查拼写，或该字段是否可写。";
    TransitionRefused "transition_refused" 422 "The move is refused" "不能移动"
        "The entry standard of the stage is not met; `errors` lists every unmet guard and the field that mends it."
        "未达到该阶段的进入标准；`errors` 列出每一条未满足的条件及补救字段。";
    IdempotencyKeyReused "idempotency_key_reused" 422 "The key was used for another request" "该键已用于其他请求"
        "An Idempotency-Key belongs to one request body. Use a new key for a new request."
        "一个 Idempotency-Key 只对应一个请求体。新的请求请使用新的键。";
    PreconditionRequired "precondition_required" 428 "Say which version you saw" "请说明您所见的版本"
        "Send If-Match with the ETag of the version you read, so that nobody's change is lost."
        "请在 If-Match 中发送您所读版本的 ETag，以免覆盖他人的修改。";
    TooManyRequests "too_many_requests" 429 "Too many requests" "请求过多"
        "Wait as many seconds as `Retry-After` says."
        "请等待 `Retry-After` 所示的秒数。";
    Internal "internal" 500 "The service failed" "服务出错"
        "The fault is ours and nothing was written. Report the `request_id`."
        "错误在服务方，未写入任何数据。请报告 `request_id`。";
    Overloaded "overloaded" 503 "The service is busy" "服务繁忙"
        "The request was not begun. Try again after `Retry-After` seconds."
        "请求尚未开始处理。请在 `Retry-After` 秒后重试。";
    Unavailable "unavailable" 503 "The service cannot answer now" "服务暂不可用"
        "The database cannot be reached, or the request took too long. Try again after `Retry-After` seconds, with the same Idempotency-Key."
        "数据库无法访问，或请求耗时过长。请在 `Retry-After` 秒后使用相同的 Idempotency-Key 重试。";
}

impl Code {
    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        StatusCode::from_u16(self.number()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The code of an answer that carries nothing but a status, e.g. one of the framework's own.
    pub fn of_bare_status(status: StatusCode) -> Code {
        match status.as_u16() {
            401 => Code::Unauthenticated,
            403 => Code::Forbidden,
            404 => Code::UnknownPath,
            405 => Code::MethodNotAllowed,
            406 => Code::NotAcceptable,
            408 => Code::RequestTimeout,
            409 => Code::Conflict,
            412 => Code::Stale,
            413 => Code::BodyTooLarge,
            415 => Code::UnsupportedMediaType,
            422 => Code::ValidationFailed,
            428 => Code::PreconditionRequired,
            429 => Code::TooManyRequests,
            503 | 504 => Code::Unavailable,
            400..=499 => Code::InvalidParameter,
            _ => Code::Internal,
        }
    }
}

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
            errors: faults
                .iter()
                .map(|fault| ProblemFault {
                    pointer: fault.pointer.to_string(),
                    code: fault.code.to_string(),
                    detail: say(&fault.detail),
                    params: fault.params.clone(),
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
                // Known constraints are answered where they are known; the name alone tells nothing personal.
                tracing::info!(constraint, "conflict");
                Problem::new(Code::Conflict)
            }
            StoreError::Stale => Problem::new(Code::Stale),
            StoreError::Overloaded => Problem::new(Code::Overloaded),
            StoreError::Unavailable(why) => {
                tracing::warn!(why, "the database is unavailable");
                Problem::new(Code::Unavailable)
            }
            StoreError::Timeout => Problem::new(Code::Unavailable),
            StoreError::Corrupt(what) => {
                tracing::error!(what, "a row is corrupt");
                Problem::new(Code::Internal)
            }
            StoreError::Database(_) => {
                // The driver's words may quote a value: they go nowhere.
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
    /// The figures in the words.
    #[schema(value_type = Object, additional_properties = true, example = json!({"max": 100}))]
    pub params: Value,
}
