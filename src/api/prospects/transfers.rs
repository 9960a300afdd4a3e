//! `/v1/transfers`: prospects handed to another agent, with a preview (method section 11).

pub mod bodies;
mod refused;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};

use self::bodies::{
    CreateTransfer, TransferEffect, TransferOptions, TransferOutcome, TransferPage, TransferQuery,
    TransferSide, TransferView,
};
use super::{warnings::Warning, writing};
use crate::{
    api::{
        extract::{
            Caller, On, PathId, ReaderLanguage, StrictQuery, ValidJson, etag_of, idempotency_key, supervisor,
        },
        middleware::idempotency::{self, Answer},
        problem::document::Problem,
        respond::page::Page,
    },
    app::App,
    clock::Occasion,
    commands::prospects::transfer::{Given, Handover, Transferred, transfer},
    domain::{
        organisation::actor::Actor,
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
    store::{
        Conn,
        prospects::transfers::{self, Filter},
    },
};

/// Hand prospects to another agent
///
/// For supervisors above both agents. From the day of the transfer the new owner's cycle governs, and nothing falls due on
/// it and the seven days after it; a deal counts for the owner on the day of its signature; appointments to come and a
/// pending extension request go along. All prospects are handed over or none, each in the version you saw. With
/// `dry_run=true` the answer is the same (status 200), nothing is written, and versions are not needed: the preview.
#[utoipa::path(tag = "transfers", operation_id = "createTransfer", params(TransferOptions),
    request_body = CreateTransfer,
    responses(
        (status = 200, description = "What the transfer would do (`dry_run`).", body = TransferOutcome),
        (status = 201, description = "Handed over.", body = TransferOutcome)))]
#[post("/v1/transfers")]
pub async fn create_transfer(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    options: StrictQuery<TransferOptions>,
    body: ValidJson<CreateTransfer>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (body, source) = (body.0, app.clone());
    if options.0.dry_run {
        // Nothing is stored under the key, but a bad one is refused as ever.
        idempotency_key::read(&request)?;
        let handover = body.handover();
        let preview = writing::dry_run(&app, &caller, move |conn, actor, occasion| {
            let done = transfer(conn, actor, occasion, &handover).map_err(refused::refused)?;
            Ok(outcome(&done, None, language.0))
        });
        return Ok(HttpResponse::Ok().json(preview.await?));
    }
    idempotency::run_as_supervisor(&app, &caller, &request, move |conn, actor| {
        // Asked before loading, so that it tells nothing about what exists.
        refused::unless_versions_given(&body.prospects)?;
        let occasion = Occasion::of(&source.clock, source.ids);
        let done = transfer(conn, actor, &occasion, &body.handover()).map_err(refused::refused)?;
        let (id, outcome) = (done.row.id, outcome(&done, Some(done.row.id), language.0));
        // The tag of what stands at the Location, not of this answer, which tells more.
        let view = TransferView::from(transfers::find(conn, &actor.scope, id)?);
        Ok(Answer::new(201, &outcome)
            .header("Location", format!("/v1/transfers/{id}"))
            .header("ETag", tag(&view))
            .about(outcome.prospects.iter().map(|one| one.prospect_id)))
    })
    .await
}

fn duplicate(other: Id, language: Language) -> Warning {
    let detail = Text::new(
        "Another prospect in the new owner's book has the same phone.",
        "新归属代理人的名册中另一位潜在客户使用相同的电话。",
    );
    Warning {
        code: "possible_duplicate".to_owned(),
        detail: detail.in_language(language).to_owned(),
        prospect_id: Some(other),
    }
}

fn outcome(done: &Transferred, transfer_id: Option<Id>, language: Language) -> TransferOutcome {
    let effect = |given: &Given| TransferEffect {
        prospect_id: given.prospect_id,
        version: given.version,
        before: TransferSide::from(given.before),
        after: TransferSide::from(given.after),
        warnings: given.duplicate_of.map(|other| duplicate(other, language)).into_iter().collect(),
    };
    TransferOutcome {
        transfer_id,
        to_agent_id: done.row.to_agent_id,
        transferred_on: On(done.row.transferred_on),
        held_until: On(done.held_until),
        prospects: done.prospects.iter().map(effect).collect(),
    }
}

impl CreateTransfer {
    fn handover(self) -> Handover {
        Handover {
            to_agent_id: self.to_agent_id,
            prospects: self.prospects.iter().map(|item| (item.prospect_id, item.version)).collect(),
            transferred_on: self.transferred_on.map(|on| on.0),
            reason: self.reason_text.into(),
        }
    }
}

/// List transfers
///
/// For supervisors: the transfers of prospects that are in your reach now, latest first.
#[utoipa::path(tag = "transfers", operation_id = "listTransfers", params(TransferQuery),
    responses((status = 200, description = "A page.", body = TransferPage)))]
#[get("/v1/transfers")]
pub async fn list_transfers(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<TransferQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let bound_to = TransferQuery { cursor: None, ..query.0 };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let (cursor, asked) = (query.0.cursor, page.clone());
    let read = move |conn: &mut Conn, actor: &Actor| {
        supervisor(actor)?;
        let filter = Filter {
            prospect_id: bound_to.prospect_id,
            from_agent_id: bound_to.from_agent_id,
            to_agent_id: bound_to.to_agent_id,
            after: asked.after(cursor.as_deref())?,
        };
        Ok(transfers::page(conn, &actor.scope, &filter, asked.fetch())?)
    };
    let mut rows = caller.read(&app, read).await?;
    let next_cursor = page.cut(&mut rows, |t| (t.row.recorded_at, t.row.id));
    let data = rows.into_iter().map(TransferView::from).collect();
    let body = TransferPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}

/// Read a transfer
///
/// For supervisors, as far as its prospects are in your reach now.
#[utoipa::path(tag = "transfers", operation_id = "getTransfer",
    responses((status = 200, description = "The transfer.", body = TransferView)))]
#[get("/v1/transfers/{transfer_id}")]
pub async fn get_transfer(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let read = move |conn: &mut Conn, actor: &Actor| {
        supervisor(actor)?;
        Ok(transfers::find(conn, &actor.scope, id.0)?)
    };
    let found = caller.read(&app, read).await?;
    let view = TransferView::from(found);
    let tag = tag(&view);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view))
}

/// A transfer never changes, but what of it is in the reader's reach does: the tag is a digest of all that is shown.
fn tag(view: &impl serde::Serialize) -> String {
    etag_of(1, view)
}
