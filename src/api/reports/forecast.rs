//! The forecast (method section 7): what the people at 25, 50 and 90% will come to, by the agent's own experience, and how
//! such forecasts have turned out.

mod forms;

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    definition::ReportDefinition,
    subject::{PositionQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::document::Problem,
        respond::{due, money::NetMoney},
    },
    app::App,
    domain::{
        method::{
            cycle::{Cycle, round_half_up},
            stage::Stage,
        },
        reports::{
            forecast::{
                CalibrationBin, Candidate, Cell, ElapsedShare, Expected, TrackRecord, UNIT, calibration,
                expected, probability_units, track_record,
            },
            report::Report,
        },
        values::{calendar::plus_days, id::Id, timeline::Timeline, window::Window},
    },
    store::{
        Conn,
        reports::{
            forecast_cases::{self, Experience},
            members::Member,
        },
    },
};

/// Days of experience behind a forecast: three years.
const EXPERIENCE_DAYS: i64 = 1096;
/// Days over which the case size is measured.
const CASE_SIZE_DAYS: i64 = 365;

/// Several prospects at one stage with as much of the limit gone.
#[derive(Serialize, ToSchema)]
pub struct ForecastCell {
    /// Whose experience.
    pub agent_id: Id,
    /// The agent's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// The agent's cycle on that day.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// Where.
    pub stage: Stage,
    /// How much of the limit has gone.
    pub elapsed: ElapsedShare,
    /// Prospects in it.
    #[schema(minimum = 1, maximum = 1_000_000, example = 2)]
    pub n: i64,
    /// p of each, to four places.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.25)]
    pub probability: f64,
    /// Finished cases behind it; below 20 the prior fills up.
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub cases: i64,
    /// Those that closed.
    #[schema(minimum = 0, maximum = 1_000_000, example = 1)]
    pub closed: i64,
}

/// What the board comes to.
#[derive(Serialize, ToSchema)]
pub struct ForecastSum {
    /// Prospects forecast.
    #[schema(minimum = 0, maximum = 1_000_000, example = 7)]
    pub n: i64,
    /// Policies to expect, to four places.
    #[schema(minimum = 0.0, maximum = 1_000_000.0, example = 2.9)]
    pub policies: f64,
    /// Standard premium to expect of those for whom a case size is known.
    pub premium: NetMoney,
    /// How many those are.
    #[schema(minimum = 0, maximum = 1_000_000, example = 7)]
    pub n_with_premium: i64,
}

/// Of those forecast at about p, how many closed.
#[derive(Serialize, ToSchema)]
pub struct ForecastCalibration {
    /// Lowest p of the bin.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.2)]
    pub p_from: f64,
    /// p below this; the last bin includes 1.
    #[schema(minimum = 0.0, maximum = 1.0, example = 0.4)]
    pub p_to: f64,
    /// Forecasts in it.
    #[schema(minimum = 0, maximum = 1_000_000, example = 12)]
    pub n: i64,
    /// Their mean p; null of none.
    #[schema(required = true, minimum = 0.0, maximum = 1.0, example = 0.25)]
    pub forecast: Option<f64>,
    /// The share that closed; null of none.
    #[schema(required = true, minimum = 0.0, maximum = 1.0, example = 0.3333)]
    pub observed: Option<f64>,
}

/// The forecast of an agent or a team.
#[derive(Serialize, ToSchema)]
pub struct Forecast {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// What the board comes to.
    pub expected: ForecastSum,
    /// By agent, stage and elapsed share of the cycle.
    #[schema(max_items = 100_000)]
    pub cells: Vec<ForecastCell>,
    /// How the forecasts of the last three years have turned out.
    #[schema(max_items = 5)]
    pub calibration: Vec<ForecastCalibration>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

fn of_units(units: i64) -> f64 {
    // Both are far below 2^53.
    units as f64 / UNIT as f64
}

/// What everybody is forecast from, by agent, and the cycle in force.
fn load(
    conn: &mut Conn,
    subject: &Subject,
    day: NaiveDate,
) -> Result<BTreeMap<Id, (i32, Experience)>, Problem> {
    let context = subject.agent_contexts(conn)?;
    let cycles: BTreeMap<Id, Timeline<Cycle>> =
        context.into_iter().map(|(id, context)| (id, context.env.cycle)).collect();
    let past = (plus_days(day, -EXPERIENCE_DAYS), Window::ending(day, CASE_SIZE_DAYS));
    let mut known = forecast_cases::of_members(conn, &subject.members, &cycles, day, past)?;
    let with_cycle = cycles
        .iter()
        .map(|(id, cycle)| (*id, (cycle.on(day).cycle_days, known.remove(id).unwrap_or_default())));
    Ok(with_cycle.collect())
}

/// Show the forecast
///
/// What the people at 25, 50 and 90% will come to: by the agent's own conversion at that stage and share of the cycle,
/// shrunk to 25, 50 and 90% where there are fewer than 20 cases; and how such forecasts have turned out.
#[utoipa::path(tag = "reports", operation_id = "getForecast", params(PositionQuery),
    responses((status = 200, description = "The forecast.", body = Forecast)))]
#[get("/v1/reports/forecast")]
pub async fn get_forecast(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PositionQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let view = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, day) = Subject::load(conn, actor, query, now, |today| query.day(today))?;
        let mut known = load(conn, &subject, day.to)?;
        let period = Window { from: plus_days(day.to, -EXPERIENCE_DAYS), to: day.to };
        let mut sum = Expected::default();
        let mut cells = Vec::new();
        let mut bins: Vec<CalibrationBin> = calibration(&[], period);
        for member in &subject.members {
            // Who never belonged to a team has nothing to forecast.
            let Some((cycle_days, own)) = known.remove(&member.id) else { continue };
            let record = track_record(&own.finished, day.to);
            add(&mut sum, &own, &record);
            cells.extend(of_member(&own, (member, cycle_days), &record));
            for (bin, more) in bins.iter_mut().zip(calibration(&own.finished, period)) {
                bin.n += more.n;
                bin.sum_units += more.sum_units;
                bin.closed += more.closed;
            }
        }
        Ok::<_, Problem>(Forecast {
            subject: subject.view(day.to),
            expected: sum.into(),
            cells,
            calibration: bins.iter().map(ForecastCalibration::from).collect(),
            definition: ReportDefinition::of(Report::Forecast, language.0),
        })
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language.0), view).await
}

fn add(sum: &mut Expected, own: &Experience, record: &TrackRecord) {
    let case_size = (own.policies > 0).then(|| round_half_up(own.premium_minor, own.policies));
    let candidates: Vec<Candidate> =
        own.open.iter().map(|cell| Candidate { cell: *cell, premium_minor: case_size }).collect();
    let more = expected(&candidates, record);
    sum.n += more.n;
    sum.policies_units += more.policies_units;
    sum.premium_minor += more.premium_minor;
    sum.n_with_premium += more.n_with_premium;
}

fn of_member(
    own: &Experience,
    (agent, cycle_days): (&Member, i32),
    record: &TrackRecord,
) -> Vec<ForecastCell> {
    let mut by_cell: BTreeMap<Cell, i64> = BTreeMap::new();
    for cell in &own.open {
        *by_cell.entry(*cell).or_default() += 1;
    }
    let view = |(cell, n): (Cell, i64)| {
        let known = record.get(&cell).copied().unwrap_or_default();
        Some(ForecastCell {
            agent_id: agent.id,
            agent_name: agent.display_name.clone(),
            cycle_days,
            stage: cell.stage,
            elapsed: cell.elapsed,
            n,
            probability: of_units(probability_units(cell, record)?),
            cases: known.n,
            closed: known.closed,
        })
    };
    by_cell.into_iter().filter_map(view).collect()
}

impl From<Expected> for ForecastSum {
    fn from(e: Expected) -> Self {
        ForecastSum {
            n: e.n,
            policies: of_units(e.policies_units),
            premium: NetMoney::from_minor(e.premium_minor),
            n_with_premium: e.n_with_premium,
        }
    }
}

impl From<&CalibrationBin> for ForecastCalibration {
    fn from(bin: &CalibrationBin) -> Self {
        ForecastCalibration {
            p_from: of_units(bin.from_units),
            p_to: of_units(bin.to_units),
            n: bin.n,
            forecast: bin.forecast().and_then(|f| f.shown(4)),
            observed: bin.observed().and_then(|f| f.shown(4)),
        }
    }
}
