//! `…/{prospect_id}/corrections`: taking back a slip, correcting a date (method section 4).

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::NaiveDate;
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
        appointment,
        corrections::{
            CorrectableDate, latest_by_hand, redate_fact, redate_move, take_back_outcome, void_latest,
        },
        history::{Cut, History},
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
    /// Take back what was recorded of an appointment's outcome; a first meeting that came with it goes too. Then the right
    /// outcome can be recorded.
    AppointmentOutcome,
}

/// A correction; the records it corrects stay in the log.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateCorrection {
    /// What to correct.
    pub kind: CorrectionKind,
    /// The right date; needed by every kind but `void_latest_move` and `appointment_outcome`.
    #[serde(default)]
    pub on: Option<On>,
    /// Whose outcome is taken back; needed by `appointment_outcome`, and by no other kind.
    #[serde(default)]
    pub appointment_id: Option<Id>,
    /// Why, in words.
    #[validate(length(min = 1, max = 1000), custom(function = "not_blank"))]
    #[schema(min_length = 1, max_length = 1000, pattern = r"\S", example = "Typed under the wrong name.")]
    pub reason_text: String,
}

/// A correction with all that it needs.
#[derive(Clone, Copy)]
enum What {
    Void,
    Redate(NaiveDate),
    Date(CorrectableDate, NaiveDate),
    Outcome(Id),
}

impl CreateCorrection {
    fn what(&self) -> Result<What, Problem> {
        let missing = |pointer: &'static str, text: Text| {
            Problem::new(Code::ValidationFailed).error(pointer, "required", text, json!({}))
        };
        let on = || {
            let asked = || missing("/on", Text::new("Give the right date.", "请给出正确的日期。"));
            self.on.map(|on| on.0).ok_or_else(asked)
        };
        Ok(match self.kind {
            CorrectionKind::VoidLatestMove => What::Void,
            CorrectionKind::RedateLatestMove => What::Redate(on()?),
            CorrectionKind::FirstMeetingOn => What::Date(CorrectableDate::FirstMeetingOn, on()?),
            CorrectionKind::PolicyIssuedOn => What::Date(CorrectableDate::PolicyIssuedOn, on()?),
            CorrectionKind::ReceiptSignedOn => What::Date(CorrectableDate::ReceiptSignedOn, on()?),
            CorrectionKind::AppointmentOutcome => What::Outcome(self.appointment_id.ok_or_else(|| {
                missing("/appointment_id", Text::new("Name the appointment.", "请指明是哪次见面。"))
            })?),
        })
    }
}

impl What {
    /// The business date of the record that would be taken back: its block may be signed off.
    fn dated(self, history: &History) -> Option<NaiveDate> {
        match self {
            What::Outcome(id) => {
                let (_, known) = appointment::find(history, id, Cut::EndOf(NaiveDate::MAX))?;
                history.facts.iter().find(|f| Some(f.id) == known.settled_by).map(|f| f.occurred_on)
            }
            What::Void | What::Redate(_) | What::Date(..) => {
                latest_by_hand(history).map(|latest| latest.occurred_on)
            }
        }
    }
}

/// Correct the latest move, a date or an outcome
///
/// Agents take back their own latest move, or the outcome of an appointment, for seven days and until its block is signed off, supervisors later. Every correction is a record; automatic
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
    let what = body.what()?;
    let if_match = (if_match != IfMatch::Missing).then_some(if_match);
    writing::change(&app, &caller, &request, id.0, if_match, move |conn, actor, loaded, occasion| {
        let authority = authority(actor, &loaded);
        let fact_id = occasion.ids.id();
        let signed = match what.dated(&loaded.history) {
            Some(on) => sign_offs::blocks_around(conn, loaded.row.owner_id, on)?,
            None => Vec::new(),
        };
        let (loaded, decided) =
            ledger::decide(conn, loaded, actor.id, authority, Vec::new(), occasion, |ctx| match what {
                What::Void => void_latest(ctx, &signed),
                What::Redate(on) => redate_move(ctx, on, &signed),
                What::Date(which, on) => redate_fact(ctx, fact_id, which, on),
                What::Outcome(id) => take_back_outcome(ctx, id, &signed),
            })?
            .map_err(refusals::problem_of_correction)?;
        let first = decided.transitions.first().map(|t| t.id).or(decided.facts.first().map(|f| f.id));
        if let Some(subject_id) = first {
            let text = Evidence { subject_id, content: body.reason_text };
            ledger::save_evidence(conn, loaded.row.id, vec![text])?;
        }
        Ok((loaded, decided))
    })
    .await
}
