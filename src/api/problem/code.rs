//! The problem codes: one row each, with status, title and what to do. The catalogue page is made from the same rows.

use actix_web::http::StatusCode;

use crate::domain::values::text::Text;

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
    UnreadableCsv "unreadable_csv" 400 "The body is not readable CSV" "请求体不是可读的 CSV"
        "The body is not UTF-8, or a row is no CSV (RFC 4180). In a spreadsheet, save as CSV UTF-8."
        "请求体不是 UTF-8，或某一行不是有效的 CSV（RFC 4180）。请在电子表格中另存为 CSV UTF-8。";
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
    InvalidTokenRequest "invalid_token_request" 400 "The request for a token is not valid" "令牌请求无效"
        "A parameter is missing, repeated or unreadable, or the client signs in twice; see RFC 6749 section 5.2."
        "参数缺失、重复或无法读取，或客户端同时使用了两种认证方式；参见 RFC 6749 第 5.2 节。";
    UnsupportedGrantType "unsupported_grant_type" 400 "This kind of grant is not offered" "不支持这种授权方式"
        "The only `grant_type` is `client_credentials`."
        "`grant_type` 只能是 `client_credentials`。";
    InvalidScope "invalid_scope" 400 "The client may not have this scope" "该客户端无权申请此权限范围"
        "`scope` names something that is no scope or that the client may not do. Without it the token is for all that it may."
        "`scope` 含未知的或该客户端未获授权的权限范围。省略时，令牌包含其全部权限范围。";
    Unauthenticated "unauthenticated" 401 "Sign in first" "请先登录"
        "The request has no access token, or one that no longer counts. Log in or refresh the token."
        "请求没有访问令牌，或令牌已失效。请登录或刷新令牌。";
    InvalidCredentials "invalid_credentials" 401 "The login was refused" "登录被拒绝"
        "The user name and password do not belong together, the account is disabled, or the refresh token is spent."
        "用户名与密码不符、账号已停用，或刷新令牌已用过。";
    Forbidden "forbidden" 403 "You may not do this" "您无权执行此操作"
        "You may see this, but your role does not allow the operation."
        "您可以看到它，但您的角色不允许执行该操作。";
    InsufficientScope "insufficient_scope" 403 "The token is not for this" "令牌的权限范围不含此操作"
        "The machine client has no scope for this operation, or its token was asked for without it."
        "该服务客户端没有此操作所需的权限范围，或申请令牌时未包含它。";
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
    EventIdConflict "event_id_conflict" 409 "The event was told before in other words" "该事件此前以不同内容发送过"
        "Under this id another event was taken in. An id belongs to one event for good; send a correction under an id of its own."
        "该 id 已对应另一事件。一个 id 永远只对应一个事件；更正请使用新的 id。";
    RequestInProgress "request_in_progress" 409 "The first request is still running" "首个请求仍在处理"
        "Another request with the same Idempotency-Key has not finished. Try again in a moment."
        "使用相同 Idempotency-Key 的另一个请求尚未完成。请稍后重试。";
    ResyncRequired "resync_required" 410 "Read everything anew" "请重新完整读取"
        "What changed since then cannot be told: the token is too old, or you see other people's work than when it was given. Ask for a token of now, then read everything once more."
        "自该令牌以来的变化已无法给出：令牌过旧，或您可见的范围已经改变。请先取得当前令牌，再重新完整读取一遍。";
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
    TransitionRefused "transition_refused" 422 "The move is refused" "不能变动阶段"
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
            410 => Code::ResyncRequired,
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
