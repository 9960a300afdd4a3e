//! `/v1/activity-tallies`: a day's counts, for those who keep only a tally (method section 7).

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::activities::in_the_past;
use crate::{
    api::{
        extract::{At, Caller, On, StrictQuery, ValidJson},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::page::whole_page,
    },
    app::App,
    clock::Occasion,
    commands::journal::tally,
    domain::{
        journal::activity::{DayCounts, TallyFault},
        values::{calendar::days_between, id::Id, text::Text},
    },
    store::{
        journal::activities::{self, TallyRow},
        organisation::users,
    },
};

/// Longest range of a list, days.
const LONGEST: i64 = 366;

/// The counts of one day. They are those of the whole day: single records of the same day are part of them.
#[derive(Deserialize, Serialize, Validate, ToSchema, Clone, Copy)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on": "2009-12-14", "dials": 15, "connects": 7, "appointments_set": 1, "refused": 4, "visits": 2, "messages": 3}))]
pub struct CreateActivityTally {
    /// The day; today when absent.
    #[serde(default)]
    pub on: Option<On>,
    /// Calls made (拨打).
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 15)]
    pub dials: i32,
    /// Calls answered (接通).
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 7)]
    pub connects: i32,
    /// Calls that ended with an appointment.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 1)]
    pub appointments_set: i32,
    /// Calls that ended with a refusal.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 4)]
    pub refused: i32,
    /// Visits.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 2)]
    pub visits: i32,
    /// Messages.
    #[validate(range(min = 0, max = 1000))]
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub messages: i32,
}

/// The tally of one day.
#[derive(Serialize, ToSchema)]
pub struct ActivityTally {
    /// Whose.
    pub agent_id: Id,
    /// The day.
    pub on: On,
    /// Calls made.
    #[schema(minimum = 0, maximum = 1000, example = 15)]
    pub dials: i32,
    /// Calls answered.
    #[schema(minimum = 0, maximum = 1000, example = 7)]
    pub connects: i32,
    /// Calls that ended with an appointment.
    #[schema(minimum = 0, maximum = 1000, example = 1)]
    pub appointments_set: i32,
    /// Calls that ended with a refusal.
    #[schema(minimum = 0, maximum = 1000, example = 4)]
    pub refused: i32,
    /// Visits.
    #[schema(minimum = 0, maximum = 1000, example = 2)]
    pub visits: i32,
    /// Messages.
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub messages: i32,
    /// When it was written down.
    pub recorded_at: At,
    /// Version: grows with every correction.
    #[schema(minimum = 1, maximum = 1_000_000, example = 1)]
    pub version: i32,
}

impl From<&TallyRow> for ActivityTally {
    fn from(row: &TallyRow) -> Self {
        ActivityTally {
            agent_id: row.agent_id,
            on: On(row.day),
            dials: row.dials,
            connects: row.connects,
            appointments_set: row.appointments_set,
            refused: row.refused,
            visits: row.visits,
            messages: row.messages,
            recorded_at: At(row.recorded_at.and_utc()),
            version: row.version,
        }
    }
}

whole_page! {
    /// The tallies of some days.
    pub struct ActivityTallyPage {
        /// In order of day.
        #[schema(max_items = 366)]
        data: Vec<ActivityTally>
    }
}

/// Whose tallies, of which days.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TallyQuery {
    /// The agent; the caller when absent.
    pub agent_id: Option<Id>,
    /// First day.
    pub from: On,
    /// Last day; at most 366 days in all.
    pub to: On,
}

fn check(body: &CreateActivityTally, counts: &DayCounts) -> Result<(), Problem> {
    let faults = counts.faults();
    if faults.is_empty() {
        return Ok(());
    }
    Err(faults.into_iter().fold(Problem::new(Code::ValidationFailed), |problem, fault| match fault {
        TallyFault::Negative => problem.error(
            "",
            "too_small",
            Text::new("No count is below nought.", "数目不能小于零。"),
            json!({"min": 0}),
        ),
        TallyFault::ConnectsAboveDials => problem.error(
            "/connects",
            "above_dials",
            Text::new("More answered than dialled.", "接通数多于拨打数。"),
            json!({"max": body.dials}),
        ),
        TallyFault::OutcomesAboveConnects => problem.error(
            "/appointments_set",
            "above_connects",
            Text::new("More agreed and refused than answered.", "约成与拒绝之和多于接通数。"),
            json!({"max": body.connects}),
        ),
    }))
}

impl CreateActivityTally {
    fn counts(&self) -> DayCounts {
        DayCounts {
            dials: self.dials.into(),
            connects: self.connects.into(),
            appointments_set: self.appointments_set.into(),
            refused: self.refused.into(),
            visits: self.visits.into(),
            messages: self.messages.into(),
        }
    }
}

/// Keep a day's tally
///
/// Your own, today's or a past day's. Writing the same day again corrects it: the latest counts stand, the earlier ones
/// stay on record.
#[utoipa::path(tag = "activities", operation_id = "createActivityTally", request_body = CreateActivityTally,
    responses((status = 201, description = "Kept.", body = ActivityTally)))]
#[post("/v1/activity-tallies")]
pub async fn create_activity_tally(
    app: web::Data<App>,
    caller: Caller,
    body: ValidJson<CreateActivityTally>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let (source, body) = (app.clone(), body.0);
    idempotency::run(&app, &caller, &request, move |conn, actor| {
        let occasion = Occasion::of(&source.clock, source.ids);
        let today = occasion.today(actor.time_zone);
        let day = body.on.map_or(today, |on| on.0);
        let counts = body.counts();
        let against =
            [check(&body, &counts), in_the_past(day, today, "/on")].into_iter().filter_map(Result::err);
        against.reduce(Problem::and).map_or(Ok(()), Err)?;
        let row = tally::keep(conn, actor, &occasion, day, counts)?;
        Ok(Answer::new(201, &ActivityTally::from(&row))
            .header("Location", format!("/v1/activity-tallies?from={day}&to={day}")))
    })
    .await
}

/// List tallies
///
/// Of one agent, over at most a year; the latest counts of each day.
#[utoipa::path(tag = "activities", operation_id = "listActivityTallies", params(TallyQuery),
    responses((status = 200, description = "The tallies.", body = ActivityTallyPage)))]
#[get("/v1/activity-tallies")]
pub async fn list_activity_tallies(
    app: web::Data<App>,
    caller: Caller,
    query: StrictQuery<TallyQuery>,
) -> Result<HttpResponse, Problem> {
    let TallyQuery { agent_id, from, to } = query.0;
    let days = days_between(from.0, to.0) + 1;
    if !(1..=LONGEST).contains(&days) {
        return Err(Problem::new(Code::InvalidParameter).error(
            "/query/to",
            "out_of_range",
            Text::new("1 to 366 days from `from`.", "自 `from` 起 1 至 366 天。"),
            json!({"max_days": LONGEST}),
        ));
    }
    let rows = caller
        .read(&app, move |conn, actor| {
            let agent = users::find(conn, &actor.scope, agent_id.unwrap_or(actor.id))?;
            Ok(activities::tallies(conn, &[agent.id], from.0, to.0)?)
        })
        .await?;
    Ok(HttpResponse::Ok().json(ActivityTallyPage::of(rows.iter().map(ActivityTally::from).collect())))
}
