//! `GET /v1/appointments`: the diary, the meetings of all prospects in reach (method sections 2 and 5).

use actix_web::{HttpRequest, HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::{
    api::{
        extract::{At, Caller, On, StrictQuery},
        problem::document::Problem,
        respond::{
            due,
            page::{self, Page},
            people,
        },
    },
    app::App,
    domain::{
        prospects::{appointment::Outcome, fact::AppointmentKind},
        values::id::Id,
    },
    store::journal::appointment_list::{self, Filter, Meeting, Order},
};

/// The order of the diary.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Default, Debug)]
pub enum AppointmentSort {
    /// Earliest first.
    #[default]
    #[serde(rename = "starts_at")]
    StartsFirst,
    /// Latest first.
    #[serde(rename = "-starts_at")]
    StartsLast,
}

/// Whose joint visits.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, Debug)]
#[serde(rename_all = "snake_case")]
pub enum JointVisitor {
    /// The caller's.
    Me,
}

/// Which appointments.
#[derive(Deserialize, Serialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AppointmentQuery {
    /// Kept by this agent: whoever owned the prospect on the appointment's day.
    pub agent_id: Option<Id>,
    /// `me`: only those to which you go along (陪访).
    #[param(inline)]
    pub joint_visit_with: Option<JointVisitor>,
    /// First or next.
    pub kind: Option<AppointmentKind>,
    /// With one of these outcomes.
    #[serde(default)]
    #[validate(length(max = 4))]
    #[param(max_items = 4, required = false)]
    pub outcome: Vec<Outcome>,
    /// From this day on.
    pub day_gte: Option<On>,
    /// Before this day.
    pub day_lt: Option<On>,
    /// Only those whose day is past and whose outcome nobody has recorded.
    #[serde(default)]
    #[param(required = false)]
    pub missing_outcome: bool,
    /// The order.
    #[serde(default)]
    #[param(inline, required = false)]
    pub sort: AppointmentSort,
    /// Size of a page.
    #[serde(default = "page::default_limit")]
    #[validate(range(min = 1, max = 100))]
    #[param(minimum = 1, maximum = 100, default = 20, required = false)]
    pub limit: i32,
    /// `next_cursor` of the page before.
    #[validate(length(min = 1, max = 500))]
    #[param(min_length = 1, max_length = 500)]
    pub cursor: Option<String>,
}

/// An appointment in the diary.
#[derive(Serialize, ToSchema)]
pub struct DiaryEntry {
    /// Id of the appointment.
    pub id: Id,
    /// With whom.
    pub prospect_id: Id,
    /// The prospect's name.
    #[schema(required = true, max_length = 100, example = "王芳")]
    pub name: Option<String>,
    /// Who keeps it: the owner of the prospect on its day.
    pub agent_id: Id,
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
    /// How often it was put off (延期).
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

impl From<Meeting> for DiaryEntry {
    fn from(meeting: Meeting) -> Self {
        let row = meeting.row;
        DiaryEntry {
            id: row.appointment_id,
            prospect_id: row.prospect_id,
            name: meeting.name,
            agent_id: row.owner_id,
            pursuit_number: row.pursuit_number,
            kind: row.kind,
            fixed_on: On(row.fixed_on),
            starts_at: At(row.starts_at.and_utc()),
            time_zone: meeting.time_zone,
            on: On(row.day),
            agenda: meeting.agenda,
            deferrals: row.deferrals,
            outcome: row.outcome,
            notes: meeting.notes,
            joint_visit_with: row.joint_visit_with,
        }
    }
}

/// A page of the diary.
#[derive(Serialize, ToSchema)]
pub struct DiaryPage {
    /// In order of time.
    #[schema(max_items = 100)]
    pub data: Vec<DiaryEntry>,
    /// Where the next page begins; null on the last.
    #[schema(required = true, max_length = 500)]
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// List appointments
///
/// The day's meetings: those of your own prospects; for a supervisor also those of the own team and the teams below it.
/// `missing_outcome=true` shows what still has to be entered.
#[utoipa::path(tag = "appointments", operation_id = "listAppointments", params(AppointmentQuery),
    responses((status = 200, description = "A page.", body = DiaryPage)))]
#[get("/v1/appointments")]
pub async fn list_appointments(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<AppointmentQuery>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let bound_to = AppointmentQuery { cursor: None, ..query };
    let page = Page::new(&app, &caller, &request, bound_to.limit, &bound_to);
    let filter = Filter {
        agent_id: bound_to.agent_id,
        attended_by: None,
        joint_visit_with: bound_to.joint_visit_with.map(|JointVisitor::Me| caller.id),
        kind: bound_to.kind,
        outcomes: bound_to.outcome,
        from: bound_to.day_gte.map(|on| on.0),
        before: bound_to.day_lt.map(|on| on.0),
        missing_outcome_at: bound_to.missing_outcome.then(|| app.clock.business_now()),
        after: page.after(query.cursor.as_deref())?,
    };
    let order = match bound_to.sort {
        AppointmentSort::StartsFirst => Order::StartsFirst,
        AppointmentSort::StartsLast => Order::StartsLast,
    };
    let fetch = page.fetch();
    let mut rows = due::read(&app, &caller, move |conn, actor, _| {
        Ok(appointment_list::page(conn, actor, &filter, order, fetch)?)
    })
    .await?;
    people::shown(&app, &caller, rows.iter().map(|m| m.row.prospect_id)).await?;
    let next_cursor = page.cut(&mut rows, |m| (m.row.starts_at, m.row.appointment_id));
    let data = rows.into_iter().map(DiaryEntry::from).collect();
    let body = DiaryPage { data, has_more: next_cursor.is_some(), next_cursor };
    Ok(page.answer(body.next_cursor.as_deref()).json(body))
}
