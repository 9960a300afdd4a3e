//! The five levers (method section 7): what a year brings, and what a wanted year asks of a day.

mod forms;

use actix_web::{HttpResponse, get, web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    definition::ReportDefinition,
    ratios::measure,
    subject::{PeriodQuery, ReportSubject, Subject},
};
use crate::{
    api::{
        extract::{Caller, On, ReaderLanguage, StrictQuery},
        formats::{Format, report_forms},
        problem::{Code, document::Problem},
        respond::{due, money::NetMoney},
    },
    app::App,
    domain::{
        organisation::benchmark::Benchmarks,
        reports::{
            lever::{Demand, Infeasible, Lever, Levers, Projection, Pulled},
            ratio::{PLACES, RatioCode},
            report::Report,
        },
        values::{fraction::Fraction, id::Id, text::Text},
    },
};

/// What the simulator starts from.
#[derive(Deserialize, Serialize, ToSchema, Clone, Copy, PartialEq, Eq, Debug, Default)]
#[serde(rename_all = "snake_case")]
pub enum LeverBasis {
    /// The method's figures, as the settings have them.
    #[default]
    Benchmarks,
    /// The agent's or the team's own ratios of the period; what was never measured is taken from the benchmarks.
    Measured,
}

/// From what, for whom, and what is wanted. Every lever may be set: a number such as `20` or `0.5`, or a fraction such as
/// `7/15`.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LeverQuery {
    /// What to start from.
    #[serde(default)]
    #[param(required = false)]
    pub basis: LeverBasis,
    /// One agent; the caller when neither is given.
    pub agent_id: Option<Id>,
    /// A team; for supervisors.
    pub team_id: Option<Id>,
    /// With a team: also the members of the teams below.
    #[serde(default)]
    #[param(required = false)]
    pub include_subteams: bool,
    /// For `measured`: first day; four weeks up to `to` when absent.
    pub from: Option<On>,
    /// For `measured`: last day; today when absent.
    pub to: Option<On>,
    /// Dials a working day.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub dials_a_day: Option<String>,
    /// c: connects per dial, at most 1.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub connect_rate: Option<String>,
    /// a: appointments per connect, at most 1.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub appointment_rate: Option<String>,
    /// k: deferred per new appointment.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub deferral_rate: Option<String>,
    /// s: signed per appointment held, at most 1.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub closing_rate: Option<String>,
    /// Case size in yuan, e.g. `3600`: with it the benchmarks tell the premium of a year, too.
    #[validate(length(min = 1, max = 20))]
    #[param(min_length = 1, max_length = 20, pattern = r"^[0-9]{1,6}([.][0-9]{1,6}|/[0-9]{1,6})?$")]
    pub case_size: Option<String>,
    /// Policies wanted a year: what they ask of a week and a day.
    #[validate(range(min = 1, max = 10_000))]
    #[param(minimum = 1, maximum = 10_000)]
    pub policies_a_year: Option<i64>,
}

/// Where the levers stand.
#[derive(Serialize, ToSchema)]
#[schema(as = Levers)]
pub struct LeversView {
    /// Dials a working day.
    #[schema(required = true, minimum = 0.0, example = 15.0)]
    pub dials_a_day: Option<f64>,
    /// c.
    #[schema(required = true, minimum = 0.0, example = 0.4667)]
    pub connect_rate: Option<f64>,
    /// a.
    #[schema(required = true, minimum = 0.0, example = 0.1429)]
    pub appointment_rate: Option<f64>,
    /// k.
    #[schema(required = true, minimum = 0.0, example = 0.6)]
    pub deferral_rate: Option<f64>,
    /// s.
    #[schema(required = true, minimum = 0.0, example = 0.125)]
    pub closing_rate: Option<f64>,
    /// Case size (件均); null where it was not measured.
    #[schema(required = true)]
    pub case_size: Option<NetMoney>,
}

/// What a year brings.
#[derive(Serialize, ToSchema)]
#[schema(as = LeverProjection)]
pub struct ProjectionView {
    /// Policies signed a year, to one place.
    #[schema(required = true, minimum = 0.0, example = 50.0)]
    pub policies_a_year: Option<f64>,
    /// Appointments held a week, to one place.
    #[schema(required = true, minimum = 0.0, example = 8.0)]
    pub appointments_a_week: Option<f64>,
    /// Standard premium a year; null where the case size is not known.
    #[schema(required = true)]
    pub premium_a_year: Option<NetMoney>,
    /// Why it cannot be carried out; empty when it can.
    #[schema(max_items = 5)]
    pub infeasible: Vec<Infeasible>,
}

/// One lever pulled as far as the method's example pulls it.
#[derive(Serialize, ToSchema)]
pub struct PulledLever {
    /// Which.
    pub lever: Lever,
    /// Where all levers then stand.
    pub levers: LeversView,
    /// What the year then brings.
    pub projection: ProjectionView,
    /// Policies as a multiple of the base.
    #[schema(required = true, minimum = 0.0, example = 1.4286)]
    pub policies_factor: Option<f64>,
    /// Premium as a multiple of the base.
    #[schema(required = true, minimum = 0.0, example = 1.4286)]
    pub premium_factor: Option<f64>,
}

/// What a wanted year asks for; no figures where it cannot be reached, because a ratio is nought.
#[derive(Serialize, ToSchema)]
pub struct LeverDemand {
    /// Policies wanted a year.
    #[schema(minimum = 1, maximum = 10_000, example = 50)]
    pub policies_a_year: i64,
    /// Appointments held a week, to one place.
    #[schema(required = true, minimum = 0.0, example = 8.0)]
    pub appointments_a_week: Option<f64>,
    /// New ones among them, to one place.
    #[schema(required = true, minimum = 0.0, example = 5.0)]
    pub new_a_week: Option<f64>,
    /// Connects a working day, to one place.
    #[schema(required = true, minimum = 0.0, example = 7.0)]
    pub connects_a_day: Option<f64>,
    /// Dials a working day, to one place.
    #[schema(required = true, minimum = 0.0, example = 15.0)]
    pub dials_a_day: Option<f64>,
    /// Why it cannot be carried out; empty when it can.
    #[schema(max_items = 5)]
    pub infeasible: Vec<Infeasible>,
}

/// The five levers.
#[derive(Serialize, ToSchema)]
pub struct LeverReport {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// First day of what was measured.
    pub from: On,
    /// Last day of it.
    pub to: On,
    /// What the simulator started from.
    pub basis: LeverBasis,
    /// Ratios that were never measured and stand as the benchmarks have them; those that were set are not among them.
    #[schema(max_items = 10)]
    pub borrowed: Vec<RatioCode>,
    /// Where the levers stand, those that were set included.
    pub levers: LeversView,
    /// What the year then brings.
    pub base: ProjectionView,
    /// Each lever pulled alone, in the method's order.
    #[schema(max_items = 5)]
    pub examples: Vec<PulledLever>,
    /// What the wanted year asks for; null when none was asked about.
    #[schema(required = true)]
    pub demand: Option<LeverDemand>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

fn money(minor: Option<Fraction>) -> Option<NetMoney> {
    minor.and_then(|f| f.rounded(0)).map(NetMoney::from_minor)
}

impl From<&Levers> for LeversView {
    fn from(l: &Levers) -> Self {
        LeversView {
            dials_a_day: l.dials_a_day.shown(PLACES),
            connect_rate: l.connect_rate.shown(PLACES),
            appointment_rate: l.appointment_rate.shown(PLACES),
            deferral_rate: l.deferral_rate.shown(PLACES),
            closing_rate: l.closing_rate.shown(PLACES),
            case_size: money(l.case_size_minor.and_then(|case| case.times(l.case_factor))),
        }
    }
}

impl From<&Projection> for ProjectionView {
    fn from(p: &Projection) -> Self {
        ProjectionView {
            policies_a_year: p.policies_a_year.shown(1),
            appointments_a_week: p.appointments_a_week.shown(1),
            premium_a_year: money(p.premium_a_year_minor),
            infeasible: p.infeasible.clone(),
        }
    }
}

impl From<&Pulled> for PulledLever {
    fn from(p: &Pulled) -> Self {
        PulledLever {
            lever: p.lever,
            levers: (&p.levers).into(),
            projection: (&p.projection).into(),
            policies_factor: p.policies_factor.and_then(|f| f.shown(PLACES)),
            premium_factor: p.premium_factor.and_then(|f| f.shown(PLACES)),
        }
    }
}

impl LeverDemand {
    /// What the levers ask for; none where a number grows beyond reckoning.
    fn of(policies_a_year: i64, levers: &Levers, b: &Benchmarks) -> Option<Self> {
        let asked = Fraction::whole(policies_a_year).and_then(|wanted| levers.demand(wanted, b));
        if asked.is_none() && !levers.bring_nothing() {
            return None;
        }
        let shown = |figure: fn(&Demand) -> Fraction| asked.as_ref().and_then(|d| figure(d).shown(1));
        Some(LeverDemand {
            policies_a_year,
            appointments_a_week: shown(|d| d.appointments_a_week),
            new_a_week: shown(|d| d.new_a_week),
            connects_a_day: shown(|d| d.connects_a_day),
            dials_a_day: shown(|d| d.dials_a_day),
            infeasible: asked.map_or_else(|| vec![Infeasible::Unreachable], |d| d.infeasible),
        })
    }
}

/// Reads a lever that was set; a rate is at most 1.
fn set(place: &mut Fraction, given: Option<&str>, name: &'static str, rate: bool) -> Result<(), Problem> {
    let Some(text) = given else { return Ok(()) };
    let wrong = |code: &'static str, text: Text| {
        Problem::new(Code::InvalidParameter).error(format!("/query/{name}"), code, text, json!({}))
    };
    let value = Fraction::parse(text).ok_or_else(|| {
        wrong("invalid_number", Text::new("A number such as 0.5 or 7/15.", "应为数字，例如 0.5 或 7/15。"))
    })?;
    if rate && value > Fraction::ONE {
        return Err(wrong("too_large", Text::new("A rate is at most 1.", "比率不得大于 1。")));
    }
    *place = value;
    Ok(())
}

impl LeverQuery {
    /// Whether the lever of a ratio was set: then it is not borrowed from anywhere.
    fn sets(&self, code: RatioCode) -> bool {
        let given = match code {
            RatioCode::DialsADay => &self.dials_a_day,
            RatioCode::ConnectRate => &self.connect_rate,
            RatioCode::AppointmentRate => &self.appointment_rate,
            RatioCode::DeferralRate => &self.deferral_rate,
            RatioCode::ClosingRate => &self.closing_rate,
            _ => return false,
        };
        given.is_some()
    }
}

fn pull(levers: &mut Levers, query: &LeverQuery) -> Result<(), Problem> {
    set(&mut levers.dials_a_day, query.dials_a_day.as_deref(), "dials_a_day", false)?;
    set(&mut levers.connect_rate, query.connect_rate.as_deref(), "connect_rate", true)?;
    set(&mut levers.appointment_rate, query.appointment_rate.as_deref(), "appointment_rate", true)?;
    set(&mut levers.deferral_rate, query.deferral_rate.as_deref(), "deferral_rate", false)?;
    set(&mut levers.closing_rate, query.closing_rate.as_deref(), "closing_rate", true)?;
    if query.case_size.is_some() {
        let mut yuan = Fraction::ONE;
        set(&mut yuan, query.case_size.as_deref(), "case_size", false)?;
        let minor = Fraction::whole(100).and_then(|fen| yuan.times(fen));
        levers.case_size_minor = Some(minor.ok_or_else(beyond)?);
    }
    Ok(())
}

/// Numbers beyond reckoning.
fn beyond() -> Problem {
    Problem::new(Code::InvalidParameter).error(
        "/query/dials_a_day",
        "out_of_range",
        Text::new("These numbers are beyond reckoning.", "数值过大，无法计算。"),
        json!({}),
    )
}

/// Pull the levers
///
/// From the benchmarks or from measured ratios: what a year brings, what each of the five levers would change, and
/// backwards, what a wanted number of policies asks of a week and a day.
#[utoipa::path(tag = "reports", operation_id = "getLevers", params(LeverQuery),
    responses((status = 200, description = "The levers.", body = LeverReport)))]
#[get("/v1/reports/levers")]
pub async fn get_levers(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<LeverQuery>,
) -> Result<HttpResponse, Problem> {
    let query = query.0;
    let period = PeriodQuery {
        agent_id: query.agent_id,
        team_id: query.team_id,
        include_subteams: query.include_subteams,
        from: query.from,
        to: query.to,
    };
    let view = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, window) = Subject::load(conn, actor, period.whom(), now, |today| period.days(today))?;
        let b: Benchmarks = subject.settings.on(window.to).benchmarks;
        let (mut levers, mut borrowed) = match query.basis {
            LeverBasis::Benchmarks => (Levers::of_benchmarks(&b).ok_or_else(beyond)?, Vec::new()),
            LeverBasis::Measured => {
                let (measured, days) = measure(conn, &subject, window)?;
                Levers::of_measured(&measured, days, &b).ok_or_else(beyond)?
            }
        };
        pull(&mut levers, &query)?;
        borrowed.retain(|code| !query.sets(*code));
        let demand = |policies| LeverDemand::of(policies, &levers, &b).ok_or_else(beyond);
        Ok::<_, Problem>(LeverReport {
            subject: subject.view(window.to),
            from: On(window.from),
            to: On(window.to),
            basis: query.basis,
            borrowed,
            levers: (&levers).into(),
            base: (&levers.project(&b).ok_or_else(beyond)?).into(),
            examples: levers.examples(&b).ok_or_else(beyond)?.iter().map(PulledLever::from).collect(),
            demand: query.policies_a_year.map(demand).transpose()?,
            definition: ReportDefinition::of(Report::Levers, language.0),
        })
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language.0), view).await
}
