//! `/v1/activities` and `…/{prospect_id}/activities`: the journal (工作日志) of calls, visits, messages and notes (method sections 2 and 7).

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, post, web};
use chrono::NaiveDate;
use serde_json::json;

pub mod bodies;

use crate::{
    api::{
        extract::{Caller, IfMatch, PathId, StrictQuery, ValidJson, etag},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        prospects::batch::{self, BatchJson},
        respond::{page::Page, people},
    },
    app::App,
    clock::Occasion,
    commands::journal::activities::{self as journal, Done, Refused, VERSION},
    domain::{
        journal::activity::Activity,
        organisation::actor::Actor,
        values::{id::Id, text::Text},
    },
    store::{
        Conn, StoreError,
        journal::activities::{self, Filter, Noted},
        prospects::prospect,
    },
};
use bodies::{
    ActivityBatch, ActivityKind, ActivityPage, ActivityQuery, ActivityView, CreateActivity,
    CreateActivityBatch, ProspectActivityQuery,
};

fn refused(pointer: &'static str, code: &'static str, detail: Text) -> Problem {
    Problem::new(Code::ValidationFailed).error(pointer, code, detail, json!({}))
}

/// Checks one activity and writes it.
fn record(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    body: CreateActivity,
) -> Result<ActivityView, Problem> {
    let today = occasion.today(actor.time_zone);
    let (activity, occurred_on) = check(conn, actor, today, &body)?;
    let done = Done {
        id: body.id,
        prospect_id: body.prospect_id,
        activity,
        occurred_on,
        occurred_at: body.occurred_at.map(|at| at.0),
        text: body.text.map(String::from),
    };
    Ok(ActivityView::new(journal::record(conn, actor, occasion, done).map_err(against)?)?)
}

/// What stands against a write in the journal.
fn against(refused: Refused) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::IdTaken => Problem::new(Code::IdTaken),
        Refused::OwnersOnly => Problem::new(Code::Forbidden),
        Refused::Stale => Problem::new(Code::Stale),
    }
}

/// What was done, and on which day; or every rule that the body is against.
fn check(
    conn: &mut Conn,
    actor: &Actor,
    today: NaiveDate,
    body: &CreateActivity,
) -> Result<(Activity, NaiveDate), Problem> {
    let activity = Activity::from_codes(body.kind.code(), body.outcome).ok_or_else(|| {
        let said = "A call says how it ended; nothing else has an outcome.";
        refused("/outcome", "outcome_of_calls", Text::new(said, "通话须说明结果；其他活动没有结果。"))
    });
    let mut against = Vec::new();
    if body.kind == ActivityKind::JournalNote && body.text.is_none() {
        against.push(refused("/text", "required", Text::new("A note needs words.", "日志须有文字。")));
    }
    let on = body.occurred_on.map(|on| on.0);
    let day_of_at = body.occurred_at.map(|at| at.0.with_timezone(&actor.time_zone).date_naive());
    for (day, pointer) in [(on, "/occurred_on"), (day_of_at, "/occurred_at")] {
        against.extend(day.and_then(|day| in_the_past(day, today, pointer).err()));
    }
    if on.zip(day_of_at).is_some_and(|(on, day)| on != day) {
        let said = Text::new("`occurred_at` falls on another day.", "`occurred_at` 不在这一天。");
        against.push(refused("/occurred_at", "another_day", said));
    }
    if let Some(prospect_id) = body.prospect_id
        && !is_known(conn, actor, prospect_id)?
    {
        let said = Text::new("There is no such prospect.", "没有这位潜在客户。");
        against.push(refused("/prospect_id", "unknown_prospect", said));
    }
    match (activity, against.into_iter().reduce(Problem::and)) {
        (Ok(activity), None) => Ok((activity, on.or(day_of_at).unwrap_or(today))),
        (Ok(_), Some(others)) => Err(others),
        (Err(first), others) => Err(others.into_iter().fold(first, Problem::and)),
    }
}

/// 422 for a day that has not come.
pub fn in_the_past(day: NaiveDate, today: NaiveDate, pointer: &'static str) -> Result<(), Problem> {
    if day <= today {
        return Ok(());
    }
    Err(Problem::new(Code::ValidationFailed).error(
        pointer,
        "in_the_future",
        Text::new(format!("{day} lies after today, {today}."), format!("{day} 晚于今天 {today}。")),
        json!({"today": today}),
    ))
}

/// Whether a body may name the prospect; one out of sight reads like one that does not exist.
fn is_known(conn: &mut Conn, actor: &Actor, id: Id) -> Result<bool, Problem> {
    match prospect::find(conn, &actor.scope, id) {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound) => Ok(false),
        Err(other) => Err(Problem::from(other)),
    }
}

/// Record an activity
///
/// A call, a visit, a message or a note of your own, today or on a past day. One that names a prospect puts it on the
/// action sheet of that day.
#[utoipa::path(tag = "activities", operation_id = "createActivity", request_body = CreateActivity,
    responses((status = 201, description = "Recorded.", body = ActivityView)))]
#[post("/v1/activities")]
pub async fn create_activity(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<CreateActivity>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let view = record(conn, actor, &occasion, body.0)?;
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/activities/{}", view.id))
            .header("ETag", etag(i64::from(view.version), &[]))
            .about(view.prospect_id))
    })
    .await
}

/// Record several activities
///
/// A day's calls in one request, at most 100. Answers with one result an item, in order; with `atomic` all of them are
/// recorded or none. Where not one item can be read the request is refused as a whole.
#[utoipa::path(tag = "activities", operation_id = "createActivityBatch", request_body = CreateActivityBatch,
    responses((status = 207, description = "One result an item.", body = ActivityBatch)))]
#[post("/v1/activities/batch")]
pub async fn create_activity_batch(
    app: web::Data<App>,
    caller: Caller,
    body: BatchJson<CreateActivity>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let one = move |conn: &mut Conn, actor: &Actor, item| {
        let occasion = Occasion::of(&source.clock, source.ids);
        record(conn, actor, &occasion, item)
    };
    batch::run(&app, &caller, &request, body, one, ActivityBatch::of).await
}

/// List activities
///
/// Your own; for a supervisor also those of the own team and the teams below it. Latest day first.
#[utoipa::path(tag = "activities", operation_id = "listActivities", params(ActivityQuery),
    responses((status = 200, description = "A page.", body = ActivityPage)))]
#[get("/v1/activities")]
pub async fn list_activities(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ActivityQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let bound_to = ActivityQuery { cursor: None, ..query };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter {
        agent_id: bound_to.agent_id,
        prospect_id: bound_to.prospect_id,
        kinds: bound_to.kind.iter().map(|kind| kind.code().to_owned()).collect(),
        from: bound_to.occurred_on_gte.map(|on| on.0),
        before: bound_to.occurred_on_lt.map(|on| on.0),
        after: page.after(query.cursor.as_deref())?,
    };
    let fetch = page.fetch();
    let read =
        move |conn: &mut Conn, actor: &Actor| Ok(activities::list(conn, &actor.scope, &filter, fetch)?);
    let mut rows = caller.read(&app, read).await?;
    people::shown(&app, &caller, rows.iter().filter_map(|noted| noted.row.prospect_id)).await?;
    shown(&page, &mut rows)
}

fn shown(page: &Page, rows: &mut Vec<Noted>) -> Result<HttpResponse, Problem> {
    let next_cursor = page.cut(rows, |noted| (noted.row.occurred_on, noted.row.id));
    let data: Result<Vec<ActivityView>, StoreError> = rows.drain(..).map(ActivityView::new).collect();
    let body = ActivityPage { data: data?, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// List the activities with a prospect
///
/// Who called, visited or wrote to one prospect, whoever it was; notes only out of journals that you may read. Latest day
/// first.
#[utoipa::path(tag = "activities", operation_id = "listProspectActivities",
    params(("prospect_id" = Id, Path, description = "The prospect."), ProspectActivityQuery),
    responses((status = 200, description = "A page.", body = ActivityPage)))]
#[get("/v1/prospects/{prospect_id}/activities")]
pub async fn list_prospect_activities(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    query: StrictQuery<ProspectActivityQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let bound_to = ProspectActivityQuery { cursor: None, ..query };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter {
        kinds: bound_to.kind.iter().map(|kind| kind.code().to_owned()).collect(),
        after: page.after(query.cursor.as_deref())?,
        ..Filter::default()
    };
    let fetch = page.fetch();
    let read = move |conn: &mut Conn, actor: &Actor| {
        Ok(activities::list_with(conn, &actor.scope, id.0, &filter, fetch)?)
    };
    let mut rows = caller.read(&app, read).await?;
    shown(&page, &mut rows)
}

/// Read an activity
///
/// With its words.
#[utoipa::path(tag = "activities", operation_id = "getActivity",
    responses((status = 200, description = "The activity.", body = ActivityView)))]
#[get("/v1/activities/{activity_id}")]
pub async fn get_activity(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let noted = caller.read(&app, move |conn, actor| Ok(activities::find(conn, &actor.scope, id.0)?)).await?;
    // The same activity reads differently once its prospect is out of reach.
    let tag = etag(VERSION, if noted.withheld { &["withheld"] } else { &[] });
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(ActivityView::new(noted)?))
}

/// Take back an activity
///
/// Your own only: a slip. Sheets of its day are shown without it; its words are deleted.
#[utoipa::path(tag = "activities", operation_id = "deleteActivity",
    responses((status = 204, description = "Taken back.")))]
#[delete("/v1/activities/{activity_id}")]
pub async fn delete_activity(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            let seen = seen.seen()?;
            journal::take_back(conn, actor, &occasion, (id.0, &seen)).map_err(against)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
