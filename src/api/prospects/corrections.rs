//! `…/{prospect_id}/corrections`: taking back a slip, correcting a date (method section 4).

use actix_web::{HttpRequest, HttpResponse, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use super::{board_change::BoardChange, writing};
use crate::{
    api::{
        extract::{Caller, IfMatch, On, PathId, Prose, ValidJson},
        problem::{Code, command_refusals, document::Problem},
    },
    app::App,
    commands::prospects::{
        correct::{self, Correction},
        write::Target,
    },
    domain::{
        prospects::decision::CorrectableDate,
        values::{id::Id, text::Text},
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
    #[schema(example = "Typed under the wrong name.")]
    pub reason_text: Prose<1000>,
}

impl CreateCorrection {
    fn what(&self) -> Result<Correction, Problem> {
        let missing = |pointer: &'static str, text: Text| {
            Problem::new(Code::ValidationFailed).error(pointer, "required", text, json!({}))
        };
        let on = || {
            let asked = || missing("/on", Text::new("Give the right date.", "请给出正确的日期。"));
            self.on.map(|on| on.0).ok_or_else(asked)
        };
        Ok(match self.kind {
            CorrectionKind::VoidLatestMove => Correction::Void,
            CorrectionKind::RedateLatestMove => Correction::Redate(on()?),
            CorrectionKind::FirstMeetingOn => Correction::Date(CorrectableDate::FirstMeetingOn, on()?),
            CorrectionKind::PolicyIssuedOn => Correction::Date(CorrectableDate::PolicyIssuedOn, on()?),
            CorrectionKind::ReceiptSignedOn => Correction::Date(CorrectableDate::ReceiptSignedOn, on()?),
            CorrectionKind::AppointmentOutcome => {
                Correction::Outcome(self.appointment_id.ok_or_else(|| {
                    missing("/appointment_id", Text::new("Name the appointment.", "请指明是哪次见面。"))
                })?)
            }
        })
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
    let target = match if_match {
        IfMatch::Missing => Target::any(id.0),
        sent => sent.target(id.0)?,
    };
    writing::run(&app, &caller, &request, None, move |conn, actor, occasion| {
        correct::make(conn, actor, occasion, &target, (what, body.reason_text.into()))
            .map_err(command_refusals::of_correction)
    })
    .await
}
