//! The funnel (method sections 4 and 7): who entered a stage in a period, and who stands at it; never mixed.

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
    domain::reports::{
        funnel::{CurrentlyAt, Entered},
        report::Report,
    },
    store::reports::{activity_counts, figures},
};

/// Entries of the period. Each counts, so periods and agents add up.
#[derive(Serialize, ToSchema)]
pub struct FunnelEntered {
    /// Contacts recorded for the first time.
    #[schema(minimum = 0, maximum = 10_000_000, example = 20)]
    pub new_contacts: i64,
    /// 约定初次见面: prospects developed.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub first_appointment: i64,
    /// 25%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 4)]
    pub stage_25: i64,
    /// 50%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 2)]
    pub stage_50: i64,
    /// 90%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub stage_90: i64,
    /// 成交.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub closed: i64,
    /// Ways back to opportunity.
    #[schema(minimum = 0, maximum = 10_000_000, example = 3)]
    pub fell_back: i64,
    /// Ways out of the process.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub exited: i64,
}

/// Who stands where at the end of the period.
#[derive(Serialize, ToSchema)]
pub struct FunnelCurrentlyAt {
    /// 销售机会.
    #[schema(minimum = 0, maximum = 10_000_000, example = 30)]
    pub opportunity: i64,
    /// 约定初次见面.
    #[schema(minimum = 0, maximum = 10_000_000, example = 3)]
    pub first_appointment: i64,
    /// 25%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 4)]
    pub stage_25: i64,
    /// 50%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 2)]
    pub stage_50: i64,
    /// 90%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub stage_90: i64,
    /// 成交.
    #[schema(minimum = 0, maximum = 10_000_000, example = 9)]
    pub closed: i64,
    /// 退出.
    #[schema(minimum = 0, maximum = 10_000_000, example = 2)]
    pub exited: i64,
    /// 潜在客户: stages 2 to 5.
    #[schema(minimum = 0, maximum = 10_000_000, example = 10)]
    pub prospects: i64,
    /// 有效潜在客户: 25, 50 and 90%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 7)]
    pub effective: i64,
}

/// The funnel.
#[derive(Serialize, ToSchema)]
pub struct Funnel {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// First day.
    pub from: On,
    /// Last day.
    pub to: On,
    /// Entries of the period.
    pub entered: FunnelEntered,
    /// Positions at its end.
    pub currently_at: FunnelCurrentlyAt,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

/// A funnel, with the counts from which it is drawn.
struct Counted {
    view: Funnel,
    entered: Entered,
    at: CurrentlyAt,
}

impl From<Entered> for FunnelEntered {
    fn from(e: Entered) -> Self {
        FunnelEntered {
            new_contacts: e.new_contacts,
            first_appointment: e.first_appointment,
            stage_25: e.stage_25,
            stage_50: e.stage_50,
            stage_90: e.stage_90,
            closed: e.closed,
            fell_back: e.fell_back,
            exited: e.exited,
        }
    }
}

impl From<CurrentlyAt> for FunnelCurrentlyAt {
    fn from(at: CurrentlyAt) -> Self {
        FunnelCurrentlyAt {
            opportunity: at.opportunity,
            first_appointment: at.first_appointment,
            stage_25: at.stage_25,
            stage_50: at.stage_50,
            stage_90: at.stage_90,
            closed: at.closed,
            exited: at.exited,
            prospects: at.prospects(),
            effective: at.effective(),
        }
    }
}

fn sum(entered: impl IntoIterator<Item = Entered>) -> Entered {
    entered.into_iter().fold(Entered::default(), |a, b| Entered {
        new_contacts: a.new_contacts + b.new_contacts,
        first_appointment: a.first_appointment + b.first_appointment,
        stage_25: a.stage_25 + b.stage_25,
        stage_50: a.stage_50 + b.stage_50,
        stage_90: a.stage_90 + b.stage_90,
        closed: a.closed + b.closed,
        fell_back: a.fell_back + b.fell_back,
        exited: a.exited + b.exited,
    })
}

/// Show the funnel
///
/// Two metrics that are never mixed: entries into each stage in a period, and who stands at each stage at its end.
#[utoipa::path(tag = "reports", operation_id = "getFunnel", params(PeriodQuery),
    responses((status = 200, description = "The funnel.", body = Funnel)))]
#[get("/v1/reports/funnel")]
pub async fn get_funnel(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PeriodQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let funnel = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, window) = Subject::load(conn, actor, query.whom(), now, |today| query.days(today))?;
        let entered = sum(activity_counts::steps(conn, &subject.members, window)?.entered().into_values());
        let at = figures::positions(conn, &subject.members, window.to)?;
        let at = CurrentlyAt::of(at.into_iter().map(|(_, stage, n)| (stage, n)));
        let view = Funnel {
            subject: subject.view(window.to),
            from: On(window.from),
            to: On(window.to),
            entered: entered.into(),
            currently_at: at.into(),
            definition: ReportDefinition::of(Report::Funnel, language.0),
        };
        Ok::<_, Problem>(Counted { view, entered, at })
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language.0), funnel).await
}
