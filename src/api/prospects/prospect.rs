//! `/v1/prospects`: create, find, read, change, erase.

use actix_web::{HttpRequest, HttpResponse, delete, get, http::header, patch, post, web};
use chrono::{DateTime, Utc};

use super::{
    person::{CreateProspect, UpdateProspect},
    query::ProspectQuery,
    view::{ProspectPage, ProspectView},
    warnings::Warning,
};
use crate::{
    api::{
        extract::{Caller, IfMatch, PathId, ReaderLanguage, StrictQuery, ValidJson, etag_of},
        middleware::idempotency::{self, Answer},
        problem::{Code, command_refusals, document::Problem},
        respond::{
            as_of::AsOf,
            due,
            page::{Page, default_limit},
            people as people_shown,
        },
    },
    app::App,
    clock::Occasion,
    commands::prospects::{
        change,
        create::{self, Entered, NewContact},
        erase,
    },
    domain::organisation::actor::Actor,
    store::{
        Conn, ledger,
        prospects::{
            people,
            prospect::{self, Position},
        },
    },
};

/// Create a prospect
///
/// Puts a person into your own book, as an opportunity: a name, and a phone or a source, are enough. A phone that
/// stands in your book already is accepted with the warning `possible_duplicate`.
#[utoipa::path(tag = "prospects", operation_id = "createProspect",
    request_body = CreateProspect,
    responses((status = 201, description = "The prospect.", body = ProspectView)))]
#[post("/v1/prospects")]
pub async fn create_prospect(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    body: ValidJson<CreateProspect>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let new =
        NewContact { id: body.0.id, occurred_on: body.0.occurred_on.map(|on| on.0), draft: body.0.draft() };
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let entered = create::enter(conn, actor, &occasion, source.phone_key(), new);
        let view = shown(entered.map_err(command_refusals::in_facts)?, language);
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/prospects/{}", view.id))
            .header("ETag", tag(&view))
            .about([view.id]))
    })
    .await
}

/// A contact as it was entered or changed, with a warning when its number stands in the book already, and one when it does
/// not fit what was checked.
fn shown(entered: Entered, language: ReaderLanguage) -> ProspectView {
    let mut view = ProspectView::new(&entered.row, entered.person, entered.today);
    let duplicate = entered.duplicate.map(|other| Warning::duplicate(other, language.0));
    let contradiction = entered.contradiction.map(|remark| Warning::of(remark, language.0));
    view.warnings = duplicate.into_iter().chain(contradiction).collect();
    view
}

/// The tag of a view: the version, and a digest of the rest, because the same version reads differently on another
/// day or after another cycle.
fn tag(view: &ProspectView) -> String {
    etag_of(i64::from(view.version), view)
}

/// List prospects
///
/// What you may see: your own book; for a supervisor also those of the own team and the teams below it. Each row
/// shows the stage, the clock and the flags as of today.
#[utoipa::path(tag = "prospects", operation_id = "listProspects", params(ProspectQuery),
    responses((status = 200, description = "A page.", body = ProspectPage)))]
#[get("/v1/prospects")]
pub async fn list_prospects(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<ProspectQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = Page::new(&app, &caller, &request, rows_of(&query.0), &query.0);
    let found = find(&app, &caller, query.0, page.clone()).await?;
    Ok(page.answer(found.next_cursor.as_deref()).json(found))
}

fn rows_of(query: &ProspectQuery) -> i32 {
    query.limit.unwrap_or_else(default_limit)
}

/// Search prospects
///
/// The same as the list, with filters and page in a body: for clients behind proxies that log addresses. Writes
/// nothing.
#[utoipa::path(tag = "prospects", operation_id = "searchProspects", request_body = ProspectQuery,
    responses((status = 200, description = "A page.", body = ProspectPage)))]
#[post("/v1/prospects/search")]
pub async fn search_prospects(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<ProspectQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = Page::new(&app, &caller, &request, rows_of(&body.0), &body.0);
    Ok(HttpResponse::Ok().json(find(&app, &caller, body.0, page).await?))
}

async fn find(
    app: &web::Data<App>,
    caller: &Caller,
    query: ProspectQuery,
    page: Page,
) -> Result<ProspectPage, Problem> {
    let after: Option<Position> = page.after(query.cursor.as_deref())?;
    let (order, counted) = (query.sort.into(), !query.include.is_empty());
    let filter = query.filter();
    let reader = move |conn: &mut Conn, actor: &Actor, now: DateTime<Utc>| {
        let mut rows = prospect::page(conn, &actor.scope, &filter, order, after, page.fetch())?;
        let next_cursor = page.cut(&mut rows, |listed| Position::of(&listed.row, order));
        let total = if counted { Some(prospect::count(conn, &actor.scope, &filter)?) } else { None };
        let data = rows.into_iter().map(|listed| ProspectView::today(listed, now)).collect();
        Ok(ProspectPage { data, has_more: next_cursor.is_some(), next_cursor, total })
    };
    // Total and page speak of the same rows; a page alone is one statement.
    let page =
        if counted { due::read(app, caller, reader).await? } else { due::look(app, caller, reader).await? };
    people_shown::shown(app, caller, page.data.iter().map(|view| view.id)).await?;
    Ok(page)
}

/// Read a prospect
///
/// The person, and where it stands on the board today, or stood at the end of a past day.
#[utoipa::path(tag = "prospects", operation_id = "getProspect", params(AsOf),
    responses((status = 200, description = "The prospect.", body = ProspectView)))]
#[get("/v1/prospects/{prospect_id}")]
pub async fn get_prospect(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    query: StrictQuery<AsOf>,
) -> Result<HttpResponse, Problem> {
    let view = if query.0.as_of.is_none() {
        let today = due::look(&app, &caller, move |conn, actor, now| {
            Ok(ProspectView::today(prospect::find_with_person(conn, &actor.scope, id.0)?, now))
        });
        today.await?
    } else {
        let on_a_day = due::read(&app, &caller, move |conn, actor, now| {
            let loaded = ledger::load(conn, &actor.scope, id.0, now)?;
            let day = query.0.day(loaded.today)?;
            let row = loaded.row_on(day).ok_or_else(|| Problem::new(Code::NotFound))?;
            Ok(ProspectView::new(&row, people::find(conn, &loaded.row)?, day))
        });
        on_a_day.await?
    };
    people_shown::shown(&app, &caller, [view.id]).await?;
    let tag = tag(&view);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view))
}

/// Change a prospect's personal data
///
/// A merge patch: absent keeps, null clears, a value sets. Only the owner changes it; stages are changed by moves. A check
/// of `decision_maker` that the change contradicts stands until the next one, and is warned of.
#[utoipa::path(tag = "prospects", operation_id = "updateProspect",
    request_body = UpdateProspect,
    responses((status = 200, description = "The changed prospect.", body = ProspectView)))]
#[patch("/v1/prospects/{prospect_id}")]
pub async fn update_prospect(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    id: PathId,
    seen: IfMatch,
    body: ValidJson<UpdateProspect>,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let view = caller
        .write(&app, move |conn, actor| {
            let target = seen.target(id.0)?;
            let occasion = Occasion::of(&source.clock, source.ids);
            let changes = |before| body.0.draft(before);
            let changed = change::person(conn, actor, &occasion, source.phone_key(), (&target, changes));
            Ok(shown(changed.map_err(command_refusals::in_facts)?, language))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag(&view))).json(view))
}

/// Erase a prospect
///
/// Deletes everything personal: names, numbers, notes, all free text and the stored answers about it. The log of
/// moves stays without any of that. There is no way back.
#[utoipa::path(tag = "prospects", operation_id = "deleteProspect",
    responses((status = 204, description = "Erased.")))]
#[delete("/v1/prospects/{prospect_id}")]
pub async fn delete_prospect(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    seen: IfMatch,
) -> Result<HttpResponse, Problem> {
    let occasion = Occasion::of(&app.clock, app.ids);
    caller
        .write(&app, move |conn, actor| {
            erase::erase(conn, actor, &occasion, &seen.target(id.0)?).map_err(command_refusals::in_facts)
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
