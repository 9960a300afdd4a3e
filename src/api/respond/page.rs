//! Pages of lists: the opaque cursor and the `Link` header (RFC 8288).
//!
//! A cursor holds the sort key of the last row shown. It is signed together with the caller, the route and the
//! filters, so that it is good for one reader of one list only. One row more than asked for tells whether there is a
//! next page; nothing is ever counted.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

use crate::{
    api::{
        extract::Calls,
        problem::{Code, document::Problem},
    },
    app::App,
};

const SIGNATURE_BYTES: usize = 16;

/// Rows on a page when the caller does not say.
pub fn default_limit() -> i32 {
    20
}

/// A list that always fits on one page, in the shape of all lists.
macro_rules! whole_page {
    ($(#[$doc:meta])* pub struct $name:ident { $(#[$rows:meta])* data: Vec<$row:ty> }) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            $(#[$rows])*
            pub data: Vec<$row>,
            /// Null: everything is on this page.
            #[schema(required = true, max_length = 500)]
            pub next_cursor: Option<String>,
            /// False.
            pub has_more: bool,
        }

        impl $name {
            /// The page of all rows.
            pub fn of(data: Vec<$row>) -> Self {
                $name { data, next_cursor: None, has_more: false }
            }
        }
    };
}
pub(crate) use whole_page;

/// One page of one list for one caller.
#[derive(Clone, Debug)]
pub struct Page {
    key: [u8; 32],
    /// What a cursor is bound to.
    bound_to: Vec<u8>,
    limit: usize,
    path: String,
    query: String,
}

impl Page {
    /// A page of at most `limit` rows. `filters` is everything that decides which rows there are and how they are
    /// sorted, without the cursor itself.
    pub fn new(
        app: &App,
        caller: &impl Calls,
        request: &HttpRequest,
        limit: i32,
        filters: &impl Serialize,
    ) -> Self {
        let route = request.match_pattern().unwrap_or_default();
        let filters = serde_json::to_string(filters).unwrap_or_default();
        Page {
            key: app.keys.derive("cursor"),
            bound_to: format!("{}\n{route}\n{}\n{filters}", caller.caller_id(), request.path()).into_bytes(),
            limit: usize::try_from(limit.clamp(1, 100)).unwrap_or(1),
            path: request.path().to_owned(),
            query: request.query_string().to_owned(),
        }
    }

    /// The sort key after which the page begins.
    ///
    /// # Errors
    /// 400 `invalid_cursor` for a cursor that is not ours, or of another caller or list.
    pub fn after<K: DeserializeOwned>(&self, cursor: Option<&str>) -> Result<Option<K>, Problem> {
        let Some(cursor) = cursor else { return Ok(None) };
        let refused = || Problem::new(Code::InvalidCursor);
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| refused())?;
        let (signature, key) = bytes.split_at_checked(SIGNATURE_BYTES).ok_or_else(refused)?;
        self.mac(key)?.verify_truncated_left(signature).map_err(|_| refused())?;
        serde_json::from_slice(key).map(Some).map_err(|_| refused())
    }

    /// How many rows to ask the store for: one more than the page holds.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(100) + 1
    }

    /// Cuts the rows down to the page; answers with the cursor of the next one, if there is one.
    pub fn cut<Row, K: Serialize>(&self, rows: &mut Vec<Row>, key: impl Fn(&Row) -> K) -> Option<String> {
        if rows.len() <= self.limit {
            return None;
        }
        rows.truncate(self.limit);
        let key = serde_json::to_vec(&key(rows.last()?)).ok()?;
        let signature = self.mac(&key).ok()?.finalize().into_bytes();
        Some(URL_SAFE_NO_PAD.encode([&signature[..SIGNATURE_BYTES], &key[..]].concat()))
    }

    /// The beginning of the answer: 200 with the `Link` to the next page.
    pub fn answer(&self, next_cursor: Option<&str>) -> HttpResponseBuilder {
        let mut response = HttpResponse::Ok();
        if let Some(cursor) = next_cursor {
            let kept = self.query.split('&').filter(|part| !part.is_empty() && !part.starts_with("cursor="));
            let query: Vec<String> = kept.map(str::to_owned).chain([format!("cursor={cursor}")]).collect();
            response
                .insert_header((header::LINK, format!("<{}?{}>; rel=\"next\"", self.path, query.join("&"))));
        }
        response
    }

    fn mac(&self, key: &[u8]) -> Result<Hmac<Sha256>, Problem> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(|_| Problem::new(Code::Internal))?;
        mac.update(&self.bound_to);
        mac.update(b"\n");
        mac.update(key);
        Ok(mac)
    }
}
