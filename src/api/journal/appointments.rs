//! `…/{prospect_id}/appointments`: first and next appointments, as far as moves need them (method section 5).

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, patch, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{At, Caller, IfMatch, On, Patch, PathId, PathPair, Prose, ValidJson},
        problem::{command_refusals, document::Problem},
        prospects::{board_change::BoardChange, writing},
        respond::{due, page::whole_page},
    },
    app::App,
    commands::prospects::{Fixed, appoint, write::Target},
    domain::{
        prospects::{
            appointment::{Appointment, Outcome},
            appointments::of_all_pursuits,
            fact::AppointmentKind,
            history::Cut,
        },
        values::id::Id,
    },
    store::ledger::Loaded,
};

/// An appointment to fix.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateAppointment {
    /// Its id; the service makes one when absent.
    #[serde(default)]
    pub id: Option<Id>,
    /// First or next; when absent, `first` until the first meeting was held, `next` after it.
    #[serde(default)]
    pub kind: Option<AppointmentKind>,
    /// When it starts.
    pub starts_at: At,
    /// What it is for: the criterion `next_step` needs it.
    #[serde(default)]
    #[schema(example = "go through the proposal")]
    pub agenda: Option<Prose<500>>,
    /// Day on which it was fixed; today when absent.
    #[serde(default)]
    pub fixed_on: Option<On>,
    /// The supervisor above you who goes along (陪访).
    #[serde(default)]
    pub joint_visit_with: Option<Id>,
}

/// A change of an appointment: what came of it, or a new date; and who goes along.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateAppointment {
    /// What came of it: `held`, `no_show` or `cancelled`.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// A new date and time. The appointment is put off (延期) and counts as deferred.
    #[serde(default)]
    pub starts_at: Option<At>,
    /// What it is for, with a new date or alone; what is not given stands, null takes it away.
    #[serde(default)]
    #[schema(value_type = Option<Prose<500>>, example = "go through the proposal")]
    pub agenda: Patch<Prose<500>>,
    /// Business date: when it was held, called off or put off. For `held` and `no_show` the appointment's own day when
    /// absent, otherwise today.
    #[serde(default)]
    pub occurred_on: Option<On>,
    /// Notes on what came of it.
    #[serde(default)]
    #[schema(example = "Both were there; they want a comparison.")]
    pub notes: Option<Prose<1000>>,
    /// The supervisor above you who goes along (陪访); null when nobody does any more.
    #[serde(default)]
    #[schema(value_type = Option<Id>)]
    pub joint_visit_with: Patch<Id>,
}

/// An appointment.
#[derive(Serialize, ToSchema)]
#[schema(as = Appointment)]
pub struct AppointmentView {
    /// Id.
    pub id: Id,
    /// The pursuit.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub pursuit_number: i32,
    /// First or next.
    pub kind: AppointmentKind,
    /// Day on which it was fixed.
    pub fixed_on: On,
    /// When it starts.
    pub starts_at: At,
    /// Time zone in which its day is counted.
    #[schema(max_length = 64, example = "Asia/Shanghai")]
    pub time_zone: String,
    /// Its day in that zone; the day on which it was held, if that was another.
    pub on: On,
    /// What it is for.
    #[schema(required = true, max_length = 500)]
    pub agenda: Option<String>,
    /// How often it was put off.
    #[schema(minimum = 0, maximum = 1000, example = 0)]
    pub deferrals: i32,
    /// What came of it; `cancelled` also when its pursuit came to nothing before its day.
    pub outcome: Outcome,
    /// Notes on what came of it.
    #[schema(required = true, max_length = 1000)]
    pub notes: Option<String>,
    /// The supervisor who goes along (陪访).
    #[schema(required = true)]
    pub joint_visit_with: Option<Id>,
}

whole_page! {
    /// The appointments of a prospect.
    pub struct AppointmentPage {
        /// In order of pursuit and fixing.
        #[schema(max_items = 1000)]
        data: Vec<AppointmentView>
    }
}

/// Fix an appointment
///
/// Adds an appointment to the open pursuit. To open a pursuit, move to `first_appointment` and carry the appointment in
/// the move's facts.
#[utoipa::path(tag = "appointments", operation_id = "createAppointment",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    request_body(content = CreateAppointment, example = json!({"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "go through the proposal"})),
    responses((status = 201, description = "Fixed.", body = BoardChange)))]
#[post("/v1/prospects/{prospect_id}/appointments")]
pub async fn create_appointment(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    body: ValidJson<CreateAppointment>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let body = body.0;
    let appointment_id = body.id.unwrap_or_else(|| app.ids.id());
    let new = Fixed {
        id: Some(appointment_id),
        starts_at: body.starts_at.0,
        fixed_on: body.fixed_on.map(|on| on.0),
        agenda: body.agenda.map(String::from),
        joint_visit_with: body.joint_visit_with,
    };
    writing::run(&app, &caller, &request, Some(appointment_id), move |conn, actor, occasion| {
        appoint::fix(conn, actor, occasion, &Target::any(id.0), (body.kind, new))
            .map_err(command_refusals::of_fixing)
    })
    .await
}

/// Change an appointment
///
/// Records what came of it, puts it off to a new date, changes what it is for, or says who goes along. The first meeting that is held starts the clock. `If-Match`
/// carries the prospect's version. What came of it can be recorded also when its pursuit has ended, but for a first meeting. An
/// outcome that was a slip is taken back by a correction (`appointment_outcome`).
#[utoipa::path(tag = "appointments", operation_id = "updateAppointment",
    params(("prospect_id" = Id, Path, description = "The prospect."), ("appointment_id" = Id, Path, description = "The appointment.")),
    request_body(content = UpdateAppointment, example = json!({"outcome": "held"})),
    responses((status = 200, description = "Recorded.", body = BoardChange)))]
#[patch("/v1/prospects/{prospect_id}/appointments/{appointment_id}")]
pub async fn update_appointment(
    app: web::Data<App>,
    caller: Caller,
    ids: PathPair,
    if_match: IfMatch,
    body: ValidJson<UpdateAppointment>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let target = if_match.target(ids.0)?;
    let told = appoint::Change::from(body.0);
    writing::run(&app, &caller, &request, None, move |conn, actor, occasion| {
        appoint::change(conn, actor, occasion, &target, (ids.1, told)).map_err(command_refusals::at_top)
    })
    .await
}

impl From<UpdateAppointment> for appoint::Change {
    fn from(body: UpdateAppointment) -> Self {
        appoint::Change {
            outcome: body.outcome,
            starts_at: body.starts_at.map(|at| at.0),
            agenda: body.agenda.map(String::from).told(),
            joint_visit_with: body.joint_visit_with.told(),
            notes: body.notes.map(String::from),
            occurred_on: body.occurred_on.map(|on| on.0),
        }
    }
}

/// List the appointments of a prospect
///
/// First and next appointments of every pursuit, with what came of them.
#[utoipa::path(tag = "appointments", operation_id = "listProspectAppointments",
    params(("prospect_id" = Id, Path, description = "The prospect.")),
    responses((status = 200, description = "The appointments.", body = AppointmentPage)))]
#[get("/v1/prospects/{prospect_id}/appointments")]
pub async fn list_appointments(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let (loaded, texts) = due::prospect_with_texts(&app, &caller, id.0).await?;
    Ok(HttpResponse::Ok().json(AppointmentPage::of(views(&loaded, &texts))))
}

/// The appointments of all pursuits of a prospect; `texts` are its free texts by fact.
pub fn views(loaded: &Loaded, texts: &HashMap<Id, String>) -> Vec<AppointmentView> {
    let zone = loaded.context.time_zone.name().to_owned();
    let view = |number: i32, a: Appointment| AppointmentView {
        id: a.id,
        pursuit_number: number,
        kind: a.kind,
        fixed_on: On(a.fixed_on),
        starts_at: At(a.starts_at),
        time_zone: zone.clone(),
        on: On(a.on),
        agenda: texts.get(&a.set_by).cloned(),
        deferrals: a.deferrals,
        outcome: a.outcome,
        notes: a.settled_by.and_then(|by| texts.get(&by).cloned()),
        joint_visit_with: a.joint_visit_with,
    };
    let all = of_all_pursuits(&loaded.history, Cut::EndOf(loaded.today));
    all.into_iter().map(|(number, a)| view(number, a)).collect()
}
