//! Pages of lists: the opaque cursor and the `Link` header (RFC 8288).
//!
//! A cursor holds the sort key of the last row shown. It is signed together with the caller, the route and the
//! filters, so that it is good for one reader of one list only. One row more than asked for tells whether there is a
//! next page; nothing is ever counted.

use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, http::header};
use serde::{Serialize, de::DeserializeOwned};

use super::sealed::Seal;
use crate::{
    api::{
        extract::Calls,
        problem::{Code, document::Problem},
    },
    app::App,
};

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
    /// Bound to the caller, the list and the filters.
    seal: Seal,
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
            seal: Seal::new(
                app,
                "cursor",
                &[&caller.caller_id().to_string(), &route, request.path(), &filters],
            ),
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
        self.seal.open(cursor).map(Some).ok_or_else(|| Problem::new(Code::InvalidCursor))
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
        self.seal.close(&key(rows.last()?))
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
}
