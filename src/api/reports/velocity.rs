//! Velocity (method section 5): time in a stage, and days from one stage to the next.

mod forms;

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    definition::ReportDefinition,
    subject::{PeriodQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::due,
    },
    app::App,
    domain::{
        method::stage::Stage,
        reports::{
            report::Report,
            velocity::{Spread, velocity},
        },
    },
    store::reports::figures,
};

/// How some numbers of days are spread.
#[derive(Serialize, ToSchema)]
pub struct DaySpread {
    /// How many cases.
    #[schema(minimum = 1, maximum = 10_000_000, example = 12)]
    pub n: i64,
    /// Mean, to one place.
    #[schema(minimum = 0.0, maximum = 100_000.0, example = 8.5)]
    pub mean: Option<f64>,
    /// Median, to one place.
    #[schema(minimum = 0.0, maximum = 100_000.0, example = 7.0)]
    pub median: Option<f64>,
    /// Shortest.
    #[schema(minimum = 0, maximum = 100_000, example = 0)]
    pub min: i64,
    /// Longest.
    #[schema(minimum = 0, maximum = 100_000, example = 28)]
    pub max: i64,
}

/// Time spent at a stage before it was left, whichever way.
#[derive(Serialize, ToSchema)]
pub struct StageTime {
    /// Where.
    pub stage: Stage,
    /// Days; null where nobody left it in the period.
    #[schema(required = true)]
    pub days: Option<DaySpread>,
}

/// Days from entering a stage to entering the next one, of those who went on.
#[derive(Serialize, ToSchema)]
pub struct StageStep {
    /// From here.
    pub from: Stage,
    /// To there.
    pub to: Stage,
    /// Days; null where nobody went on in the period.
    #[schema(required = true)]
    pub days: Option<DaySpread>,
}

/// The velocity of an agent or a team.
#[derive(Serialize, ToSchema)]
#[schema(as = VelocityReport)]
pub struct VelocityReport {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// First day.
    pub from: On,
    /// Last day.
    pub to: On,
    /// For the stages of a pursuit, in order.
    #[schema(max_items = 10)]
    pub time_in_stage: Vec<StageTime>,
    /// For each step of the ladder, in order.
    #[schema(max_items = 10)]
    pub steps: Vec<StageStep>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

impl From<Spread> for DaySpread {
    fn from(s: Spread) -> Self {
        let shown = |f: Option<crate::domain::values::fraction::Fraction>| f.and_then(|f| f.shown(1));
        DaySpread { n: s.n, mean: shown(s.mean()), median: shown(s.median()), min: s.min, max: s.max }
    }
}

/// Show the velocity
///
/// Of the stays that ended in a period: how long they took, and how long from one stage to the next.
#[utoipa::path(tag = "reports", operation_id = "getVelocity", params(PeriodQuery),
    responses((status = 200, description = "The velocity.", body = VelocityReport)))]
#[get("/v1/reports/velocity")]
pub async fn get_velocity(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PeriodQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let view = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, window) = Subject::load(conn, actor, query.whom(), now, |today| query.days(today))?;
        let v = velocity(&figures::ended_stays(conn, &subject.members, window)?, window);
        let time_in_stage =
            v.time_in_stage.into_iter().map(|t| StageTime { stage: t.stage, days: t.days.map(Into::into) });
        let steps =
            v.steps.into_iter().map(|s| StageStep { from: s.from, to: s.to, days: s.days.map(Into::into) });
        Ok::<_, Problem>(VelocityReport {
            subject: subject.view(window.to),
            from: On(window.from),
            to: On(window.to),
            time_in_stage: time_in_stage.collect(),
            steps: steps.collect(),
            definition: ReportDefinition::of(Report::Velocity, language.0),
        })
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language.0), view).await
}
