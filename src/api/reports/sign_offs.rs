//! `/v1/sign-offs`: a block of an agent's sheet, signed by a supervisor at the check-in (method section 8).

pub mod bodies;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use serde_json::json;

use super::block_sign_offs::restated;
use crate::{
    api::{
        extract::{At, Caller, PathId, StrictQuery, ValidJson, etag_of},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::{due, people},
    },
    app::App,
    clock::Occasion,
    commands::reports::sign_off::{self, Block, Refused},
    domain::{
        reports::{sheet_week::SheetWeek, sign_off::NotSigned},
        values::{id::Id, text::Text},
    },
    store::{
        organisation::cycles,
        reports::sign_offs::{self, SignOff},
    },
};
use bodies::{
    CreateSignOff, CreateSignOffRevocation, RevocationView, SignOffPage, SignOffQuery, SignOffView,
    SignedSheet, signed_columns,
};

/// Sign off a block
///
/// By a supervisor above the agent, from the block's last day; a supervisor's own sheet by one of a team above. The figures
/// are frozen; what is entered later shows as restatements beside them. The agent takes back no move of a signed block. A
/// block from before the agent joined can be signed too: what was brought along stands in it.
#[utoipa::path(tag = "sign-offs", operation_id = "createSignOff", request_body = CreateSignOff,
    responses((status = 201, description = "Signed.", body = SignOffView)))]
#[post("/v1/sign-offs")]
pub async fn create_sign_off(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<CreateSignOff>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    let block = Block { agent_id: body.0.agent_id, week_of: body.0.week_of.0, check_in: body.0.check_in };
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let signed = sign_off::sign(conn, actor, &Occasion::of(&source.clock, source.ids), block);
        let view = SignOffView::new(&signed.map_err(refused)?, Vec::new());
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/sign-offs/{}", view.id))
            .header("ETag", tag(&view)))
    })
    .await
}

fn refused(refused: Refused) -> Problem {
    let forbidden = |text: Text| Problem::new(Code::Forbidden).detail(text);
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::SupervisorsOnly => Problem::new(Code::Forbidden),
        Refused::OwnSheet => forbidden(Text::new(
            "Nobody signs the own sheet; that is for a supervisor above.",
            "不能签核自己的表；须由上级主管签核。",
        )),
        Refused::OfASupervisor => forbidden(Text::new(
            "The sheet of a supervisor is for a supervisor of a team above to sign.",
            "主管的表须由上级团队的主管签核。",
        )),
        Refused::NotSigned(why) => not_signed(why),
        Refused::AlreadyRevoked => {
            let text = Text::new("It was revoked already.", "该签核已撤销。");
            Problem::new(Code::Conflict).error("", "already_revoked", text, json!({}))
        }
    }
}

fn not_signed(why: NotSigned) -> Problem {
    let (code, text, params) = match why {
        NotSigned::NotOver { last_day } => (
            "block_not_over",
            Text::new(
                format!("A block can be signed from its last day, {last_day}."),
                format!("时段须从其最后一天 {last_day} 起才能签核。"),
            ),
            json!({"last_day": last_day}),
        ),
        NotSigned::Standing => (
            "already_signed_off",
            Text::new("It is signed off already; revoke that first.", "该时段已签核；请先撤销。"),
            json!({}),
        ),
        NotSigned::TooOften => (
            "signed_too_often",
            Text::new("It was signed and revoked too often.", "签核和撤销次数过多。"),
            json!({}),
        ),
    };
    Problem::new(Code::Conflict).detail(text.clone()).error("", code, text, params)
}

/// List the sign-offs of a sheet
///
/// The frozen figures of one agent's week, block by block, the revoked ones too, with what has been restated since.
#[utoipa::path(tag = "sign-offs", operation_id = "listSignOffs", params(SignOffQuery),
    responses((status = 200, description = "The sign-offs.", body = SignOffPage)))]
#[get("/v1/sign-offs")]
pub async fn list_sign_offs(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<SignOffQuery>,
) -> Result<HttpResponse, Problem> {
    let agent_id = query.0.agent_id.unwrap_or(caller.id);
    let data = due::read(&app, &caller, move |conn, actor, now| {
        let context = cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
        let today = now.with_timezone(&context.time_zone).date_naive();
        let day = query.0.week_of.map_or(today, |on| on.0);
        let week = SheetWeek::containing(day, context.env.settings.on(day).sheet_week_start);
        let signed = sign_offs::of_week(conn, agent_id, &week)?;
        if signed.is_empty() {
            return Ok(Vec::new());
        }
        let book = sign_offs::book(conn, agent_id, &context, &week)?;
        let view = |s: &SignOff| {
            let block = week.block(s.row.check_in);
            SignOffView::new(s, restated(&s.row, &book, &block, today))
        };
        Ok::<_, Problem>(signed.iter().map(view).collect())
    })
    .await?;
    Ok(HttpResponse::Ok().json(SignOffPage::of(data)))
}

/// Read a sign-off
///
/// The frozen figures, what has been restated since, and who stood in which column. Names are those of contacts you may
/// see now; of an erased one only that it was erased.
#[utoipa::path(tag = "sign-offs", operation_id = "getSignOff",
    responses((status = 200, description = "The sign-off.", body = SignedSheet)))]
#[get("/v1/sign-offs/{sign_off_id}")]
pub async fn get_sign_off(app: web::Data<App>, caller: Caller, id: PathId) -> Result<HttpResponse, Problem> {
    let (view, named) = due::read(&app, &caller, move |conn, actor, now| {
        let signed = sign_offs::find(conn, &actor.scope, id.0)?;
        let (agent_id, week) = (signed.row.agent_id, signed.row.week());
        let context = cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
        let today = now.with_timezone(&context.time_zone).date_naive();
        let book = sign_offs::book(conn, agent_id, &context, &week)?;
        let restated = restated(&signed.row, &book, &week.block(signed.row.check_in), today);
        let columns = &signed.row.figures.0.columns;
        let known = sign_offs::known(conn, &actor.scope, columns.contacts())?;
        let named: Vec<Id> = columns.contacts().into_iter().collect();
        Ok::<_, Problem>((
            SignedSheet {
                columns: signed_columns(columns, &known),
                sign_off: SignOffView::new(&signed, restated),
            },
            named,
        ))
    })
    .await?;
    people::shown(&app, &caller, named).await?;
    let tag = tag(&view);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(view))
}

/// A sign-off never changes, but what is restated beside it does: the tag is a digest of all that is shown.
fn tag(view: &impl serde::Serialize) -> String {
    etag_of(1, view)
}

/// Revoke a sign-off
///
/// By a supervisor above the agent, with a reason. The block can then be signed again, with the figures of that day.
#[utoipa::path(tag = "sign-offs", operation_id = "createSignOffRevocation",
    params(("sign_off_id" = Id, Path, description = "The sign-off.")), request_body = CreateSignOffRevocation,
    responses((status = 201, description = "Revoked.", body = RevocationView)))]
#[post("/v1/sign-offs/{sign_off_id}/revocations")]
pub async fn create_revocation(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateSignOffRevocation>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let source = app.clone();
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let revoked = sign_off::revoke(conn, actor, &occasion, (id.0, body.0.reason_text.as_str()));
        let row = revoked.map_err(refused)?;
        let view = RevocationView {
            sign_off_id: row.sign_off_id,
            revoked_by: row.revoked_by,
            revoked_at: At(row.revoked_at.and_utc()),
        };
        Ok(Answer::new(201, &view)
            .header("Location", format!("/v1/sign-offs/{}", view.sign_off_id))
            .header("ETag", tag(&view)))
    })
    .await
}
