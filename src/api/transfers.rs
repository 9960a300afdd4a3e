//! `/v1/transfers`: prospects handed to another agent, with a preview (method section 11).

mod bodies;
mod refused;

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};

use self::bodies::{
    CreateTransfer, TransferEffect, TransferOptions, TransferOutcome, TransferPage, TransferQuery,
    TransferSide, TransferView, earliest,
};
use super::{
    extract::{
        Caller, On, PathId, ReaderLanguage, StrictQuery, ValidJson, etag_of, idempotency_key, supervisor,
    },
    idempotency::{self, Answer},
    page::Page,
    problem::Problem,
    warnings::ProspectWarning,
    writing,
};
use crate::{
    app::App,
    clock::Occasion,
    domain::{
        actor::Actor,
        id::Id,
        ownership::{self, held_until},
        text::{Language, Text},
        timeline::Timeline,
        user::Status,
    },
    store::{
        Conn, StoreError,
        codec::stored_instant,
        environment::Surroundings,
        ledger::Loaded,
        people,
        transfers::{self, Filter, TransferRow},
        users::{self, User},
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
        let outcome = writing::dry_run(&app, &caller, move |conn, actor, occasion| {
            supervisor(actor)?;
            let (_, outcome) = hand_over(conn, actor, language.0, occasion, &body)?;
            Ok(TransferOutcome { transfer_id: None, ..outcome })
        });
        return Ok(HttpResponse::Ok().json(outcome.await?));
    }
    idempotency::run_as_supervisor(&app, &caller, &request, move |conn, actor| {
        body.versions_given()?;
        let occasion = Occasion::of(&source.clock, source.ids);
        let (id, outcome) = hand_over(conn, actor, language.0, &occasion, &body)?;
        let answer = Answer::new(201, &outcome)
            .header("Location", format!("/v1/transfers/{id}"))
            .header("ETag", tag(&outcome));
        Ok(match outcome.prospects.as_slice() {
            [one] => answer.about(one.prospect_id),
            _ => answer,
        })
    })
    .await
}

/// Loads, decides, saves.
fn hand_over(
    conn: &mut Conn,
    actor: &Actor,
    language: Language,
    occasion: &Occasion,
    body: &CreateTransfer,
) -> Result<(Id, TransferOutcome), Problem> {
    let receiver = receiver(conn, actor, body.to_agent_id)?;
    let asked: Vec<Id> = body.prospects.iter().map(|item| item.prospect_id).collect();
    let (loaded, present) = transfers::hold(conn, &actor.scope, &asked, receiver.id, occasion)?;
    body.each_once()?;
    let mut loaded: BTreeMap<Id, Loaded> = loaded.into_iter().map(|one| (one.row.id, one)).collect();
    body.all_known(&loaded)?;
    body.as_seen(&loaded)?;
    let today = earliest(loaded.values().map(|one| one.today), occasion.today(present.time_zone));
    let on = body.transferred_on.map_or(today, |on| on.0);
    refused::check_date(conn, &receiver, on, today)?;
    let owners = body.owners_after(&loaded, receiver.id, on)?;
    let row = TransferRow {
        id: occasion.ids.id(),
        to_agent_id: receiver.id,
        transferred_on: on,
        recorded_by: actor.id,
        recorded_at: stored_instant(occasion.now),
    };
    transfers::insert(conn, &row, &body.reason_text)?;
    let duplicates = people::duplicates_with(conn, receiver.id, loaded.values().map(|one| &one.row))?;
    let mut effects = Vec::with_capacity(asked.len());
    for (id, owners) in asked.iter().zip(owners) {
        let Some(one) = loaded.remove(id) else { continue };
        let mut effect = give(conn, actor, &row, one, owners, &present, occasion)?;
        effect.warnings.extend(duplicates.get(id).map(|other| duplicate(*other, language)));
        effects.push(effect);
    }
    let outcome = TransferOutcome {
        transfer_id: Some(row.id),
        to_agent_id: receiver.id,
        transferred_on: On(on),
        held_until: On(held_until(on)),
        prospects: effects,
    };
    Ok((row.id, outcome))
}

/// The new owner; one out of sight reads like one that does not exist.
fn receiver(conn: &mut Conn, actor: &Actor, id: Id) -> Result<User, Problem> {
    match users::find(conn, &actor.scope, id) {
        Ok(user) if user.status == Status::Active => Ok(user),
        Ok(_) => Err(refused::to_a_disabled_user()),
        Err(StoreError::NotFound) => Err(refused::to_nobody()),
        Err(other) => Err(other.into()),
    }
}

/// Gives one prospect to its new owner; what changed.
fn give(
    conn: &mut Conn,
    actor: &Actor,
    row: &TransferRow,
    loaded: Loaded,
    owners: Timeline<Id>,
    present: &Surroundings,
    occasion: &Occasion,
) -> Result<TransferEffect, Problem> {
    let before = TransferSide::of(&loaded);
    let given = transfers::give(conn, (row, actor.acts_as()), loaded, owners, present, occasion)?;
    let after = TransferSide::of(&given);
    let (prospect_id, version) = (given.row.id, given.row.version);
    Ok(TransferEffect { prospect_id, version, before, after, warnings: Vec::new() })
}

fn duplicate(other: Id, language: Language) -> ProspectWarning {
    let detail = Text::new(
        "Another prospect in the new owner's book has the same phone.",
        "新归属人的名册中另一位潜在客户使用相同的电话。",
    );
    ProspectWarning {
        code: "possible_duplicate".to_owned(),
        detail: detail.in_language(language).to_owned(),
        prospect_id: other,
    }
}

impl CreateTransfer {
    /// 428 when the version of one is missing; asked before loading, so that it tells nothing about what exists.
    fn versions_given(&self) -> Result<(), Problem> {
        let without = |i: usize| self.prospects.get(i).is_some_and(|item| item.version.is_none());
        let places = (0..self.prospects.len()).filter(|i| without(*i));
        refused::each(refused::versions_wanted, places, refused::no_version)
    }

    fn each_once(&self) -> Result<(), Problem> {
        let again = |i: &usize| {
            let id = self.prospects.get(*i).map(|item| item.prospect_id);
            self.prospects.iter().take(*i).any(|item| Some(item.prospect_id) == id)
        };
        refused::each(refused::not_valid, (0..self.prospects.len()).filter(again), refused::repeated)
    }

    /// 422 for prospects that are not there, or not for the caller.
    fn all_known(&self, loaded: &BTreeMap<Id, Loaded>) -> Result<(), Problem> {
        let missing =
            self.prospects.iter().zip(0..).filter(|(item, _)| !loaded.contains_key(&item.prospect_id));
        refused::each(refused::not_valid, missing.map(|(_, i)| i), refused::unknown)
    }

    /// 412 for prospects that have another version than the one the caller saw.
    fn as_seen(&self, loaded: &BTreeMap<Id, Loaded>) -> Result<(), Problem> {
        let present = |item: &bodies::TransferItem| loaded.get(&item.prospect_id).map(|one| one.row.version);
        let stale =
            |item: &bodies::TransferItem| item.version.is_some_and(|seen| Some(seen) != present(item));
        let all = self.prospects.iter().zip(0..).filter(|(item, _)| stale(item)).map(|(_, i)| i);
        let fault = |i: usize| refused::stale(i, self.prospects.get(i).and_then(present));
        refused::each(refused::versions_passed, all, fault)
    }

    /// The owners of each prospect by date once it is handed over; every refusal at once.
    fn owners_after(
        &self,
        loaded: &BTreeMap<Id, Loaded>,
        to: Id,
        on: chrono::NaiveDate,
    ) -> Result<Vec<Timeline<Id>>, Problem> {
        let decided: Vec<Result<Timeline<Id>, ownership::NotHandedOver>> = self
            .prospects
            .iter()
            .filter_map(|item| loaded.get(&item.prospect_id))
            .map(|one| ownership::hand_over(&one.history, &one.owners, to, on))
            .collect();
        let no: BTreeMap<usize, ownership::NotHandedOver> =
            (0..).zip(&decided).filter_map(|(i, one)| Some((i, *one.as_ref().err()?))).collect();
        let fault = |i: usize| refused::because(i, no.get(&i));
        refused::each(refused::not_valid, no.keys().copied(), fault)?;
        Ok(decided.into_iter().flatten().collect())
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
