//! `/v1/policy-events` as supervisors see it: what came in from the policy system, what waits for a decision, and the decisions.

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use serde_json::json;

use super::{
    policy_event_bodies::{CreatePolicyEventDismissal, CreatePolicyEventMatch, CreatePolicyEventRevocation},
    policy_event_views::{
        DecisionView, PolicyEventPage, PolicyEventQuery, PolicyEventView, PolicyEventWithDecisions,
        ReasonedDecisionView,
    },
};
use crate::{
    api::{
        extract::{Caller, PathId, StrictQuery, ValidJson, etag_of, supervisor},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::{page::Page, people},
    },
    app::App,
    clock::Occasion,
    commands::exchange::policy_event_queue::{self as queue, Desk, Refused},
    domain::{
        exchange::policy_message::WaitsFor,
        organisation::actor::Actor,
        values::{id::Id, text::Text},
    },
    store::{
        Conn, StoreError,
        exchange::{
            policy_event_decisions::{self, DecisionRow},
            policy_event_queue::{self as stored, Filter, Queued},
        },
        prospects::prospect,
    },
};

/// List policy events
///
/// What the policy system told, the latest received first: what stands under an application of a prospect within your reach,
/// and what waits or was dismissed, of your agents. Events that name no agent are for whoever heads the whole organisation.
#[utoipa::path(tag = "policy-events", operation_id = "listPolicyEvents", params(PolicyEventQuery),
    responses((status = 200, description = "A page.", body = PolicyEventPage)))]
#[get("/v1/policy-events")]
pub async fn list_policy_events(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<PolicyEventQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let cursor = query.cursor.clone();
    let bound_to = PolicyEventQuery { cursor: None, ..query };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter {
        statuses: bound_to.status,
        types: bound_to.event_type,
        from: bound_to.received_at_gte.map(|at| at.0.naive_utc()),
        until: bound_to.received_at_lt.map(|at| at.0.naive_utc()),
        after: page.after(cursor.as_deref())?,
    };
    let fetch = page.fetch();
    let read = move |conn: &mut Conn, actor: &Actor| {
        supervisor(actor)?;
        Ok(stored::list(conn, actor, &filter, fetch)?)
    };
    let mut rows = caller.read(&app, read).await?;
    people::shown(&app, &caller, rows.iter().filter_map(Queued::prospect_id)).await?;
    let next_cursor = page.cut(&mut rows, |queued| (queued.row.received_at, queued.row.id));
    let data = rows.into_iter().map(PolicyEventView::new).collect();
    let body = PolicyEventPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read a policy event
///
/// With what was decided about it.
#[utoipa::path(tag = "policy-events", operation_id = "getPolicyEvent",
    params(("event_id" = Id, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = PolicyEventWithDecisions)))]
#[get("/v1/policy-events/{event_id}")]
pub async fn get_policy_event(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let view = caller
        .read(&app, move |conn, actor| {
            supervisor(actor)?;
            Ok(view(conn, actor, id.0)?)
        })
        .await?;
    let tag = etag_of(1, &view);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view))
}

/// An event with the decisions about it; those of them that name prospects out of reach name nobody.
fn view(conn: &mut Conn, actor: &Actor, id: Id) -> Result<PolicyEventWithDecisions, StoreError> {
    let queued = stored::find(conn, actor, id)?;
    let decided = policy_event_decisions::about(conn, &[id])?;
    let named: Vec<Id> = decided.iter().filter_map(|(row, _)| row.prospect_id).collect();
    let seen =
        if named.is_empty() { Default::default() } else { prospect::within(conn, &actor.scope, &named)? };
    let shown = |(row, reason): (DecisionRow, Option<String>)| {
        let prospect_id = row.prospect_id.filter(|id| seen.contains(id));
        ReasonedDecisionView { decision: DecisionView::new(&DecisionRow { prospect_id, ..row }), reason }
    };
    let decisions = decided.into_iter().map(shown).collect();
    Ok(PolicyEventWithDecisions { policy_event: PolicyEventView::new(queued), decisions })
}

/// Match a policy event
///
/// Says whom an event that waits is about. Its numbers are tied to the prospect's latest pursuit; what waits for them is
/// matched with it, each event as of its own date.
#[utoipa::path(tag = "policy-events", operation_id = "createPolicyEventMatch",
    params(("event_id" = Id, Path, description = "The event.")), request_body = CreatePolicyEventMatch,
    responses((status = 201, description = "Matched.", body = DecisionView)))]
#[post("/v1/policy-events/{event_id}/matches")]
pub async fn create_policy_event_match(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreatePolicyEventMatch>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let prospect_id = body.0.prospect_id;
    decided(&app, &caller, &request, move |conn, desk| queue::match_event(conn, desk, id.0, prospect_id))
        .await
}

/// Dismiss a policy event
///
/// Says that an event that waits counts for nobody, and why.
#[utoipa::path(tag = "policy-events", operation_id = "createPolicyEventDismissal",
    params(("event_id" = Id, Path, description = "The event.")), request_body = CreatePolicyEventDismissal,
    responses((status = 201, description = "Dismissed.", body = DecisionView)))]
#[post("/v1/policy-events/{event_id}/dismissals")]
pub async fn create_policy_event_dismissal(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreatePolicyEventDismissal>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let why = String::from(body.0.reason);
    decided(&app, &caller, &request, move |conn, desk| queue::dismiss(conn, desk, id.0, &why)).await
}

/// Take a match or a dismissal back
///
/// With why. What was dismissed is matched again as if it had just come in. What was matched waits until somebody says whom
/// it is about; what was matched by its numbers alone waits with it, and everything is derived afresh.
#[utoipa::path(tag = "policy-events", operation_id = "createPolicyEventRevocation",
    params(("event_id" = Id, Path, description = "The event.")), request_body = CreatePolicyEventRevocation,
    responses((status = 201, description = "Taken back.", body = DecisionView)))]
#[post("/v1/policy-events/{event_id}/revocations")]
pub async fn create_policy_event_revocation(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreatePolicyEventRevocation>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let why = String::from(body.0.reason);
    decided(&app, &caller, &request, move |conn, desk| queue::revoke(conn, desk, id.0, &why)).await
}

/// Lets a supervisor decide, and answers the decision.
async fn decided(
    app: &web::Data<App>,
    caller: &Caller,
    request: &HttpRequest,
    decide: impl FnOnce(&mut Conn, Desk<'_>) -> Result<DecisionRow, Refused> + Send + 'static,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    idempotency::run_as_supervisor(app, caller, request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let desk = Desk { actor, occasion: &occasion, zone: source.config.time_zone };
        let row = decide(conn, desk).map_err(refused)?;
        let view = DecisionView::new(&row);
        Ok(Answer::new(201, &view).about(row.prospect_id))
    })
    .await
}

fn refused(refused: Refused) -> Problem {
    let conflict = |code: &'static str, text: Text| {
        Problem::new(Code::Conflict).detail(text.clone()).error("", code, text, json!({}))
    };
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::SupervisorsOnly => Problem::new(Code::Forbidden),
        Refused::UnknownProspect => Problem::new(Code::ValidationFailed).error(
            "/prospect_id",
            "unknown_prospect",
            Text::new("There is no such prospect.", "没有这位潜在客户。"),
            json!({}),
        ),
        Refused::NotWaiting => conflict(
            "event_not_waiting",
            Text::new(
                "The event is matched or dismissed; take that back first.",
                "该事件已匹配或已驳回；请先撤销。",
            ),
        ),
        Refused::NothingToRevoke => conflict(
            "nothing_to_revoke",
            Text::new("The event is neither matched nor dismissed.", "该事件既未匹配，也未驳回。"),
        ),
        Refused::CannotStand(for_what) => {
            let (code, text) = cannot_stand(for_what);
            conflict(code, text)
        }
    }
}

/// Why an event cannot stand under the prospect that was named.
fn cannot_stand(for_what: WaitsFor) -> (&'static str, Text) {
    match for_what {
        WaitsFor::NoPursuit | WaitsFor::NoMatch => (
            "no_pursuit",
            Text::new("Nothing has been begun with the prospect.", "与该客户尚未开始销售过程。"),
        ),
        WaitsFor::Exited => {
            ("prospect_exited", Text::new("The prospect has left the process.", "该客户已退出。"))
        }
        WaitsFor::OlderPursuit => (
            "older_pursuit",
            Text::new("The event is of an older pursuit than the latest.", "该事件属于较早的销售过程。"),
        ),
        WaitsFor::AnotherProspect | WaitsFor::AnotherNumber | WaitsFor::SeveralMatches => (
            "tied_elsewhere",
            Text::new(
                "Its numbers are tied to another application; take that match back first.",
                "其编号已对应其他投保申请；请先撤销那次匹配。",
            ),
        ),
        WaitsFor::AnotherEvent | WaitsFor::Refused | WaitsFor::HeldBack => {
            ("event_refused", Text::new("The rules refuse it as things stand.", "按现状，规则不接受该事件。"))
        }
    }
}
