//! Several writes in one request: each item on its own, or all of them together or none.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::{
    extract::{Caller, ReaderLanguage},
    frame::RequestId,
    idempotency::{self, Answer},
    problem::{Occasion, Problem, ProblemBody},
};
use crate::{
    app::App,
    store::{Conn, dialect::savepoint},
};

/// Most items of one request.
pub const MOST: u64 = 100;

/// What came of one item.
pub struct ItemResult<V> {
    /// Its place in the request.
    pub index: i32,
    /// The status it would have had alone.
    pub status: i32,
    /// What was written, or why nothing was.
    pub outcome: Result<V, ProblemBody>,
}

/// Runs `work` on every item in order, in one transaction. With `atomic` the first refusal undoes everything and answers
/// for the whole request, its pointers beginning with the item's place; otherwise a refused item leaves no trace and
/// the others stand.
///
/// # Errors
/// Those of the store; with `atomic` also the first item's refusal.
pub async fn run<I, V, B>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    (items, atomic): (Vec<I>, bool),
    work: impl Fn(&mut Conn, I) -> Result<V, Problem> + Send + 'static,
    body: impl FnOnce(Vec<ItemResult<V>>) -> B + Send + 'static,
) -> Result<HttpResponse, Problem>
where
    I: Send + 'static,
    V: 'static,
    B: Serialize,
{
    let occasion = Occasion {
        language: ReaderLanguage::of(request),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        instance: request.path().to_owned(),
    };
    idempotency::run(app, caller, request, move |conn| {
        let mut results = Vec::with_capacity(items.len());
        for (index, item) in (0..).zip(items) {
            match savepoint(conn, |conn| work(conn, item)) {
                Ok(value) => results.push(ItemResult { index, status: 201, outcome: Ok(value) }),
                Err(problem) if atomic || problem.code().number() >= 500 => {
                    return Err(problem.below(&format!("/items/{index}")));
                }
                Err(problem) => results.push(ItemResult {
                    index,
                    status: i32::from(problem.code().number()),
                    outcome: Err(problem.on(occasion.clone()).body()),
                }),
            }
        }
        Ok(Answer::new(207, &body(results)))
    })
    .await
}

/// The bodies of one batch: its results, and each result with what was written or why nothing was.
macro_rules! batch_results {
    ($(#[$doc:meta])* pub struct $name:ident of $result:ident { $field:ident: $view:ty }) => {
        /// What came of one item.
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $result {
            /// Its place in the request, from 0.
            #[schema(minimum = 0, maximum = 99, example = 0)]
            pub index: i32,
            /// The status it would have had alone.
            #[schema(minimum = 200, maximum = 499, example = 201)]
            pub status: i32,
            /// What was written; null when nothing was.
            #[schema(required = true)]
            pub $field: Option<$view>,
            /// Why nothing was written; null when something was.
            #[schema(required = true)]
            pub problem: Option<crate::api::problem::ProblemBody>,
        }

        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $name {
            /// One result an item, in order.
            #[schema(max_items = 100)]
            pub data: Vec<$result>,
        }

        impl $name {
            /// The results of a batch.
            pub fn of(results: Vec<crate::api::batch::ItemResult<$view>>) -> Self {
                let one = |item: crate::api::batch::ItemResult<$view>| {
                    let (written, problem) = match item.outcome {
                        Ok(written) => (Some(written), None),
                        Err(problem) => (None, Some(problem)),
                    };
                    $result { index: item.index, status: item.status, $field: written, problem }
                };
                $name { data: results.into_iter().map(one).collect() }
            }
        }
    };
}
pub(super) use batch_results;
