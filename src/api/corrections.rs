//! `…/{prospect_id}/corrections`: taking back a slip, correcting a date (method section 4).

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{
    board_change::BoardChange,
    extract::{Caller, IfMatch, On, PathId, ValidJson},
    problem::{Code, Problem},
    refusals,
    roster::not_blank,
    writing::{self, authority},
};
use crate::{
    app::App,
    domain::{
        corrections::{CorrectableDate, latest_by_hand, redate_fact, redate_move, void_latest},
        id::Id,
        text::Text,
    },
    store::{
        ledger::{self, Evidence},
        sign_offs,
    },
};

/// What to correct.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionKind {
    /// Take back the latest move with everything that came in the same request.
    VoidLatestMove,
    /// Give the latest move another date; its guards are judged afresh. What came with it and was dated on its day goes
    /// along. 90%, closed and the way back from closed have their dates from elsewhere and are refused another.
    RedateLatestMove,
    /// Correct the date of the first meeting.
    FirstMeetingOn,
    /// Correct the date of issue.
    PolicyIssuedOn,
    /// Correct the date of the receipt.
    ReceiptSignedOn,
}

/// A correction; the records it corrects stay in the log.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCorrection {
    /// What to correct.
    pub kind: CorrectionKind,
    /// The right date; needed by every kind but `void_latest_move`.
    #[serde(default)]
    pub on: Option<On>,
    /// Why, in words.
    #[validate(length(min = 1, max = 1000), custom(function = "not_blank"))]
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Typed under the wrong name.")]
    pub reason_text: String,
}

/// Correct the latest move or a date
///
/// Agents take back their own latest move for seven days and until its block is signed off, supervisors later. Every correction is a record; automatic
/// moves are derived afresh. `If-Match` carries the prospect's version where it is sent.
#[utoipa::path(tag = "transitions", operation_id = "createCorrection",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    request_body(content = CreateCorrection, example = json!({"kind": "void_latest_move", "reason_text": "Typed under the wrong name."})),
    responses((status = 201, description = "Corrected.", body = BoardChange)))]
#[post("/v1/prospects/{prospect_id}/corrections")]
pub async fn create_correction(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<CreateCorrection>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let on = match (body.kind, body.on) {
        (CorrectionKind::VoidLatestMove, _) => None,
        (_, Some(on)) => Some(on.0),
        (_, None) => {
            return Err(Problem::new(Code::ValidationFailed).error(
                "/on",
                "required",
                Text::new("Give the right date.", "请给出正确的日期。"),
                json!({}),
            ));
        }
    };
    let if_match = (if_match != IfMatch::Missing).then_some(if_match);
    let who = caller.clone();
    writing::change(&app, &caller, &request, id.0, if_match, move |conn, loaded, occasion| {
        let authority = authority(&who, &loaded);
        let fact_id = occasion.ids.id();
        let signed = match latest_by_hand(&loaded.history) {
            Some(latest) => sign_offs::blocks_around(conn, loaded.row.owner_id, latest.occurred_on)?,
            None => Vec::new(),
        };
        let (loaded, decided) =
            ledger::decide(conn, loaded, who.0.id, authority, Vec::new(), occasion, |ctx| {
                let date = on.unwrap_or(ctx.today);
                match body.kind {
                    CorrectionKind::VoidLatestMove => void_latest(ctx, &signed),
                    CorrectionKind::RedateLatestMove => redate_move(ctx, date, &signed),
                    CorrectionKind::FirstMeetingOn => {
                        redate_fact(ctx, fact_id, CorrectableDate::FirstMeetingOn, date)
                    }
                    CorrectionKind::PolicyIssuedOn => {
                        redate_fact(ctx, fact_id, CorrectableDate::PolicyIssuedOn, date)
                    }
                    CorrectionKind::ReceiptSignedOn => {
                        redate_fact(ctx, fact_id, CorrectableDate::ReceiptSignedOn, date)
                    }
                }
            })?
            .map_err(refusals::problem)?;
        let first = decided.transitions.first().map(|t| t.id).or(decided.facts.first().map(|f| f.id));
        if let Some(subject_id) = first {
            let text = Evidence { subject_id, content: body.reason_text };
            ledger::save_evidence(conn, loaded.row.id, vec![text])?;
        }
        Ok((loaded, decided))
    })
    .await
}
