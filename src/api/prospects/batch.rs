//! Several writes in one request: each item on its own, or all of them together or none.

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, web};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use validator::Validate;

use crate::{
    api::{
        extract::{
            Caller, ReaderLanguage,
            json::{self, Reading},
            null_is_absent,
        },
        middleware::{
            idempotency::{self, Answer},
            request_id::RequestId,
        },
        problem::document::{Occasion, Problem, ProblemBody},
    },
    app::App,
    domain::{organisation::actor::Actor, values::id::Id},
    store::{Conn, db::dialect::savepoint},
};

/// Most items of one request.
pub const MOST: u64 = 100;

/// The body of a batch: the items, each read for itself, and whether it is all of them or none.
#[derive(Debug)]
pub struct BatchJson<I> {
    /// The items in order, 1 to [`MOST`]; in place of one that cannot be read, why.
    pub items: Vec<Result<I, Problem>>,
    /// All of them or none; otherwise each stands on its own.
    pub atomic: bool,
}

/// What a batch says beside its items.
#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Frame {
    #[validate(length(min = 1, max = MOST))]
    items: Vec<Value>,
    #[serde(default, deserialize_with = "null_is_absent")]
    atomic: bool,
}

impl<I: DeserializeOwned + Validate + 'static> FromRequest for BatchJson<I> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let document = json::document(request, payload);
        Box::pin(async move { read(document.await?) })
    }
}

/// Reads a batch. One of which no item can be read is refused as a whole: there is nothing that could stand.
fn read<I: DeserializeOwned + Validate>(mut document: Value) -> Result<BatchJson<I>, Problem> {
    // Nothing stays in their places: the frame is judged by how many there are, and not by what they hold.
    let items = document.get_mut("items").and_then(Value::as_array_mut);
    let items: Vec<Value> = items.into_iter().flatten().map(Value::take).collect();
    let Frame { atomic, .. } = json::typed(&document)?;
    let items: Vec<Result<I, Problem>> = items.iter().map(json::typed).collect();
    if items.iter().any(Result::is_ok) {
        return Ok(BatchJson { items, atomic });
    }
    let refused = (0..).zip(items).filter_map(|(index, item)| Some(of_item(item.err()?, index)));
    refused.reduce(Problem::and).map_or_else(|| Ok(BatchJson { items: Vec::new(), atomic }), Err)
}

/// An item's refusal as one of the whole request.
fn of_item(problem: Problem, index: i32) -> Problem {
    let code = problem.code();
    let problem = match problem.faults() {
        [] => problem.error("", code.name(), code.explanation(), json!({})),
        _ => problem,
    };
    problem.below(&format!("/items/{index}"))
}

/// What came of one item.
pub struct ItemResult<V> {
    /// Its place in the request.
    pub index: i32,
    /// The status it would have had alone.
    pub status: i32,
    /// What was written, or why nothing was.
    pub outcome: Result<V, ProblemBody>,
}

/// Something written by one item: whom it is about, so that erasing that person takes the stored answer away.
pub trait About {
    /// The prospect, if it is about one.
    fn prospect_id(&self) -> Option<Id>;
}

/// Runs `work` on every item in order, in one transaction. With `atomic` a refusal undoes everything: the answer has the
/// code of the first and the faults of all, their pointers beginning with the item's place. Otherwise a refused item
/// leaves no trace and the others stand.
///
/// # Errors
/// Those of the store; with `atomic` also the items' refusals.
pub async fn run<I, V, B>(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    BatchJson { items, atomic }: BatchJson<I>,
    work: impl Fn(&mut Conn, &Actor, I) -> Result<V, Problem> + Send + 'static,
    body: impl FnOnce(Vec<ItemResult<V>>) -> B + Send + 'static,
) -> Result<HttpResponse, Problem>
where
    I: Send + 'static,
    V: About + 'static,
    B: Serialize,
{
    let occasion = Occasion {
        language: ReaderLanguage::of(request),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        instance: request.path().to_owned(),
    };
    idempotency::run(app, caller, request, move |conn, actor| {
        let mut results = Vec::with_capacity(items.len());
        let mut against: Option<Problem> = None;
        for (index, item) in (0..).zip(items) {
            match item.and_then(|item| savepoint(conn, |conn| work(conn, actor, item))) {
                Ok(value) => results.push(ItemResult { index, status: 201, outcome: Ok(value) }),
                Err(problem) if problem.code().number() >= 500 => return Err(problem),
                Err(problem) if atomic => {
                    let problem = of_item(problem, index);
                    against = Some(match against {
                        Some(first) => first.and(problem),
                        None => problem,
                    });
                }
                Err(problem) => results.push(ItemResult {
                    index,
                    status: i32::from(problem.code().number()),
                    outcome: Err(problem.on(occasion.clone()).body()),
                }),
            }
        }
        match against {
            Some(problem) => Err(problem),
            None => {
                let written = results.iter().filter_map(|item| item.outcome.as_ref().ok());
                let about: Vec<Id> = written.filter_map(About::prospect_id).collect();
                Ok(Answer::new(207, &body(results)).about(about))
            }
        }
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
            pub problem: Option<crate::api::problem::document::ProblemBody>,
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
            pub fn of(results: Vec<crate::api::prospects::batch::ItemResult<$view>>) -> Self {
                let one = |item: crate::api::prospects::batch::ItemResult<$view>| {
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
pub(crate) use batch_results;
