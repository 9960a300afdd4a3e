//! `POST /v1/policy-events`: the door of the insurer's policy system. Whatever it tells is answered in the same words, whomever it is
//! about.

use std::sync::atomic::Ordering;

use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev::Payload, post, web};
use serde::Deserialize;
use serde_json::{Value, json};
use validator::Validate;

use super::policy_event_bodies::{CreatePolicyEvent, CreatePolicyEventBatch, IntakeStatus, ReceiptView};
use crate::{
    api::{
        extract::{
            At, MachineCaller, ReaderLanguage, ValidJson,
            json::{self, Reading},
        },
        middleware::{
            idempotency::{self, Answer},
            request_id::RequestId,
        },
        problem::{
            Code,
            document::{Occasion as ProblemOccasion, Problem},
        },
        prospects::batch::{ItemResult, MOST, batch_results},
    },
    app::App,
    clock::Occasion,
    commands::exchange::policy_events::{self as intake, Received, Sender},
    domain::{
        organisation::service_client::{Machine, ServiceScope},
        values::text::Text,
    },
    store::{
        Conn,
        exchange::{insurer_tables, policy_events::PolicyEventRow},
    },
};

impl ReceiptView {
    fn new(row: &PolicyEventRow) -> Self {
        ReceiptView {
            id: row.id,
            event_type: row.event_type,
            status: IntakeStatus::Received,
            received_at: At(row.received_at.and_utc()),
        }
    }
}

/// Takes one event in. Answers also whether it was told before.
fn take(
    app: &App,
    conn: &mut Conn,
    machine: &Machine,
    body: CreatePolicyEvent,
) -> Result<(ReceiptView, bool), Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let product = body.product();
    let message = body.message(occasion.business_now);
    let known = match &product {
        Some(code) => insurer_tables::product_exists(conn, code)?,
        None => true,
    };
    let message = match (message, known) {
        (Ok(message), true) => message,
        (Err(problem), true) => return Err(problem),
        (Ok(_), false) => return Err(unknown_product()),
        (Err(problem), false) => return Err(problem.and(unknown_product())),
    };
    let sender = Sender { client_id: machine.client_id, key: app.phone_key(), zone: app.config.time_zone };
    match intake::receive(conn, sender, &occasion, message)? {
        Received::New(row) => Ok((ReceiptView::new(&row), false)),
        Received::Again(row) => Ok((ReceiptView::new(&row), true)),
        Received::AnotherBody => {
            app.event_id_conflicts.fetch_add(1, Ordering::Relaxed);
            tracing::warn!(client_id = %machine.client_id, "a policy event was told again under its id in other words");
            Err(Problem::new(Code::EventIdConflict))
        }
    }
}

fn unknown_product() -> Problem {
    let said = Text::new("There is no such product.", "没有这个产品。");
    Problem::new(Code::ValidationFailed).error("/product_code", "unknown_product", said, json!({}))
}

/// Tell what happened to a policy
///
/// One event, in any order, as often as you like: under its `id` it has one effect. The answer is always the same, whomever it
/// is about; told again it is answered again, with `Idempotency-Replayed: true`. The same `id` with another body is refused.
#[utoipa::path(tag = "policy-events", operation_id = "createPolicyEvent", request_body = CreatePolicyEvent,
    responses((status = 201, description = "Taken in.", body = ReceiptView)))]
#[post("/v1/policy-events")]
pub async fn create_policy_event(
    app: web::Data<App>,
    caller: MachineCaller,
    body: ValidJson<CreatePolicyEvent>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let machine = caller.within(ServiceScope::PolicyEvents);
    idempotency::run_as(&app, &machine, &request, move |conn, machine| {
        let (view, again) = take(&source, conn, machine, body.0)?;
        let answer = Answer::new(201, &view);
        Ok(if again { answer.header("Idempotency-Replayed", "true") } else { answer })
    })
    .await
}

/// The body of a batch: each event read for itself; in place of one that cannot be read, why.
pub struct BatchJson(Vec<Result<CreatePolicyEvent, Problem>>);

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Frame {
    #[validate(length(min = 1, max = MOST))]
    events: Vec<Value>,
}

impl FromRequest for BatchJson {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let document = json::document(request, payload);
        Box::pin(async move {
            let Frame { events } = json::typed(&document.await?)?;
            let events: Vec<Result<CreatePolicyEvent, Problem>> = events.iter().map(json::typed).collect();
            if events.iter().any(Result::is_ok) {
                return Ok(BatchJson(events));
            }
            // Where not one can be read there is nothing that could stand: it is refused as a whole.
            let refused = (0..)
                .zip(events)
                .filter_map(|(index, event)| Some(event.err()?.below(&format!("/events/{index}"))));
            refused.reduce(Problem::and).map_or_else(|| Ok(BatchJson(Vec::new())), Err)
        })
    }
}

batch_results! {
    /// What came of several events.
    pub struct PolicyEventBatch of PolicyEventBatchResult { receipt: ReceiptView }
}

/// Tell several events
///
/// At most 100, in any order, each on its own: what is refused takes nothing from the others. Answers with one result an
/// event, in order. Where not one event can be read the request is refused as a whole.
#[utoipa::path(tag = "policy-events", operation_id = "createPolicyEventBatch", request_body = CreatePolicyEventBatch,
    responses((status = 207, description = "One result an event.", body = PolicyEventBatch)))]
#[post("/v1/policy-events/batch")]
pub async fn create_policy_event_batch(
    app: web::Data<App>,
    caller: MachineCaller,
    body: BatchJson,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let machine = caller.within(ServiceScope::PolicyEvents);
    if let Some(answer) = idempotency::known(&app, &machine, &request).await? {
        return Ok(answer);
    }
    let occasion = ProblemOccasion {
        language: ReaderLanguage::of(&request),
        request_id: request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        instance: request.path().to_owned(),
    };
    let mut results = Vec::with_capacity(body.0.len());
    for (index, item) in (0..).zip(body.0) {
        let source = app.clone();
        // Each in a transaction of its own: told again it has no second effect, so a batch may be sent again as a whole.
        let taken = match item {
            Ok(body) => {
                machine.clone().write(&app, move |conn, machine| take(&source, conn, machine, body)).await
            }
            Err(problem) => Err(problem),
        };
        match taken {
            Ok((view, _)) => results.push(ItemResult { index, status: 201, outcome: Ok(view) }),
            Err(problem) if !is_of_the_item(&problem) => return Err(problem),
            Err(problem) => results.push(ItemResult {
                index,
                status: i32::from(problem.code().number()),
                outcome: Err(problem.on(occasion.clone()).body()),
            }),
        }
    }
    let body = PolicyEventBatch::of(results);
    idempotency::run_as(&app, &machine, &request, move |_, _| Ok(Answer::new(207, &body))).await
}

/// What one event is to blame for; everything else is said of the whole request.
fn is_of_the_item(problem: &Problem) -> bool {
    matches!(problem.code().number(), 409 | 422)
}
