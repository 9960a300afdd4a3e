//! Pages: opaque cursors that only we can make, and the `Link` header.
//!
//! A cursor is a position and its authentication code over caller, operation, filters and position: it is worth
//! nothing to anybody else, and nothing with other filters.

use actix_web::HttpRequest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use sha2::Sha256;

use super::{
    extract::Caller,
    problem::{Code, Problem},
};
use crate::{app::App, domain::text::Text};

/// Fewest, usual and most rows of a page.
pub const LIMITS: (i64, i64, i64) = (1, 20, 100);
/// Longest cursor in characters.
pub const MAX_CURSOR: usize = 500;
const CODE_BYTES: usize = 16;

/// What a cursor is bound to: one caller, one operation, one set of filters.
pub struct Binding {
    key: [u8; 32],
    context: String,
}

impl Binding {
    /// `filters` is whatever the page depends on, the limit aside.
    pub fn new(app: &App, caller: &Caller, operation: &str, filters: &impl Serialize) -> Self {
        let filters = serde_json::to_string(filters).unwrap_or_default();
        Binding {
            key: app.keys.derive("cursor"),
            context: format!("{}\n{operation}\n{filters}\n", caller.0.id),
        }
    }

    fn code(&self, position: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(self.context.as_bytes());
        mac.update(position);
        Some(mac)
    }

    /// The cursor of a position.
    pub fn seal(&self, position: &impl Serialize) -> Option<String> {
        let mut bytes = serde_json::to_vec(position).ok()?;
        let code = self.code(&bytes)?.finalize().into_bytes();
        bytes.extend_from_slice(&code[..CODE_BYTES]);
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The position of a cursor.
    ///
    /// # Errors
    /// 400 `invalid_cursor` when it was made for something else, or not by us.
    pub fn open<T: DeserializeOwned>(&self, cursor: &str) -> Result<T, Problem> {
        self.read(cursor).ok_or_else(|| {
            Problem::new(Code::InvalidCursor).error(
                "/query/cursor",
                "invalid_cursor",
                Text::new(
                    "Use `next_cursor` of the page before, with the same filters.",
                    "请使用上一页的 `next_cursor`,并保持相同的筛选条件。",
                ),
                json!({}),
            )
        })
    }

    fn read<T: DeserializeOwned>(&self, cursor: &str) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (position, code) = bytes.split_at_checked(bytes.len().checked_sub(CODE_BYTES)?)?;
        self.code(position)?.verify_truncated_left(code).ok()?;
        serde_json::from_slice(position).ok()
    }
}

/// The `Link` header of a page that has a next one (RFC 8288).
pub fn link(request: &HttpRequest, next_cursor: &str) -> String {
    let kept =
        request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
    let query: Vec<&str> = kept.collect();
    let and = if query.is_empty() { "" } else { "&" };
    format!("<{}?{}{and}cursor={next_cursor}>; rel=\"next\"", request.path(), query.join("&"))
}
