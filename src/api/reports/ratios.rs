//! Ratios (比例游戏, method section 7): measured and against the benchmarks, with the figures behind them.

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
        respond::{due, money::NetMoney},
    },
    app::App,
    domain::{
        organisation::benchmark::{BenchmarkSet, Benchmarks},
        reports::{
            cohort::{Cohort, Cohorts},
            ratio::{Measured, PLACES, Ratio, RatioCode, ratios},
            report::Report,
        },
        values::{text::Language, window::Window},
    },
    store::{
        Conn, StoreError,
        reports::{cohorts, figures, members::Member},
    },
};

/// What was measured in a period.
#[derive(Serialize, ToSchema)]
#[schema(as = Measured)]
pub struct MeasuredView {
    /// Calls made.
    #[schema(minimum = 0, maximum = 10_000_000, example = 75)]
    pub dials: i64,
    /// Calls answered.
    #[schema(minimum = 0, maximum = 10_000_000, example = 35)]
    pub connects: i64,
    /// Calls that ended with an appointment.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub appointments_set: i64,
    /// First appointments held that had never been put off.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub held_new: i64,
    /// First appointments held that had been put off.
    #[schema(minimum = 0, maximum = 10_000_000, example = 3)]
    pub held_deferred: i64,
    /// Contacts that came into the book.
    #[schema(minimum = 0, maximum = 10_000_000, example = 20)]
    pub new_contacts: i64,
    /// Prospects developed: entries into stage 2.
    #[schema(minimum = 0, maximum = 10_000_000, example = 5)]
    pub developed: i64,
    /// Entries into 25%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 4)]
    pub entered_25: i64,
    /// Entries into 50%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 2)]
    pub entered_50: i64,
    /// Entries into 90%.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub entered_90: i64,
    /// Applications signed.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub signed: i64,
    /// Closings.
    #[schema(minimum = 0, maximum = 10_000_000, example = 1)]
    pub closed: i64,
    /// Advance premium (预收保费), net of what went back.
    pub advance_premium: NetMoney,
    /// Standard premium of policies issued (承保标保).
    pub standard_premium: NetMoney,
}

impl From<&Measured> for MeasuredView {
    fn from(m: &Measured) -> Self {
        MeasuredView {
            dials: m.counts.dials,
            connects: m.counts.connects,
            appointments_set: m.counts.appointments_set,
            held_new: m.held_new,
            held_deferred: m.held_deferred,
            new_contacts: m.new_contacts,
            developed: m.developed,
            entered_25: m.entered_25,
            entered_50: m.entered_50,
            entered_90: m.entered_90,
            signed: m.signed,
            closed: m.closed,
            advance_premium: NetMoney::from_minor(m.advance_premium_minor),
            standard_premium: NetMoney::from_minor(m.standard_premium_minor),
        }
    }
}

/// What the method expects of a ratio.
#[derive(Serialize, ToSchema)]
#[schema(as = RatioBenchmark)]
pub struct BenchmarkView {
    /// The set it belongs to; the sets are never chained.
    pub set: BenchmarkSet,
    /// The expected value.
    #[schema(minimum = 0.0, maximum = 1_000_000.0, example = 0.4667)]
    pub value: Option<f64>,
}

/// One ratio.
#[derive(Serialize, ToSchema)]
#[schema(as = Ratio)]
pub struct RatioView {
    /// Which.
    pub code: RatioCode,
    /// Upper figure, as counted; minor units for `case_size`.
    #[schema(minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64, example = 35)]
    pub numerator: i64,
    /// Lower figure: the cases behind it, or the working days.
    #[schema(minimum = 0, maximum = 100_000_000, example = 75)]
    pub denominator: i64,
    /// How many of the lower figure's units the value is for: the working days of a week for a weekly pace, otherwise 1.
    /// `value` is numerator × per ÷ denominator.
    #[schema(minimum = 1, maximum = 7, example = 1)]
    pub per: i64,
    /// How many cases (or working days) stand behind it.
    #[schema(minimum = 0, maximum = 100_000_000, example = 75)]
    pub n: i64,
    /// The ratio, to four places (minor units for `case_size`); null over an empty denominator.
    #[schema(required = true, minimum = -1_000_000_000_000.0, maximum = 1_000_000_000_000.0, example = 0.4667)]
    pub value: Option<f64>,
    /// The same step followed by its people; null for ratios that follow nobody.
    #[schema(required = true)]
    pub cohort: Option<RatioCohort>,
    /// What the method expects; null where it says nothing.
    #[schema(required = true)]
    pub benchmark: Option<BenchmarkView>,
}

/// Of those who entered the earlier stage in the period, how many have reached the later one by now. The ratio beside it is the
/// window's: what happened in the period, to whomever, so that it may be above 1.
#[derive(Serialize, ToSchema)]
pub struct RatioCohort {
    /// Who entered the earlier stage in the period.
    #[schema(minimum = 0, maximum = 10_000_000, example = 8)]
    pub entered: i64,
    /// Of these, who have reached the later stage by now.
    #[schema(minimum = 0, maximum = 10_000_000, example = 2)]
    pub reached: i64,
    /// The share of those who have, to four places; null of nobody.
    #[schema(required = true, minimum = 0.0, maximum = 1.0, example = 0.25)]
    pub value: Option<f64>,
}

impl From<Cohort> for RatioCohort {
    fn from(cohort: Cohort) -> Self {
        RatioCohort { entered: cohort.entered, reached: cohort.reached, value: cohort.shown() }
    }
}

impl RatioView {
    fn new(r: &Ratio, cohorts: &Cohorts, b: &Benchmarks) -> Self {
        let expected = r.code.benchmark(b);
        RatioView {
            code: r.code,
            numerator: r.numerator,
            denominator: r.denominator,
            per: r.per,
            n: r.n(),
            value: r.shown(),
            cohort: cohorts.get(r.code).map(RatioCohort::from),
            benchmark: expected.map(|(set, value)| BenchmarkView { set, value: value.shown(PLACES) }),
        }
    }
}

/// One member's ratios.
#[derive(Serialize, ToSchema)]
pub struct MemberRatios {
    /// The member.
    pub agent_id: crate::domain::values::id::Id,
    /// The member's name.
    #[schema(max_length = 100, example = "杨晓玲")]
    pub agent_name: String,
    /// What was measured.
    pub measured: MeasuredView,
    /// The ratios, in the order of the whole.
    #[schema(max_items = 20)]
    pub ratios: Vec<RatioView>,
}

/// The ratios of an agent or a team.
#[derive(Serialize, ToSchema)]
#[schema(as = RatioReport)]
pub struct Ratios {
    /// Whom it is about.
    pub subject: ReportSubject,
    /// First day.
    pub from: On,
    /// Last day.
    pub to: On,
    /// Working days of the period, Monday to Friday, over all agents.
    #[schema(minimum = 0, maximum = 100_000_000, example = 20)]
    pub working_days: i64,
    /// What was measured.
    pub measured: MeasuredView,
    /// The ratios.
    #[schema(max_items = 20)]
    pub ratios: Vec<RatioView>,
    /// For a team: each member's, by name.
    #[schema(max_items = 10_000)]
    pub members: Vec<MemberRatios>,
    /// What the figures mean.
    pub definition: ReportDefinition,
}

/// The ratios, with the exact ones from which they are drawn.
struct Drawable {
    view: Ratios,
    together: Vec<Ratio>,
    cohorts: Cohorts,
    benchmarks: Benchmarks,
}

/// What was measured of everybody together, with the working days.
pub(super) fn measure(
    conn: &mut Conn,
    subject: &Subject,
    window: Window,
) -> Result<(Measured, i64), StoreError> {
    let all = figures::measured(conn, &subject.members, window)?;
    let sum = all.into_values().fold(Measured::default(), Measured::plus);
    Ok((sum, subject.members.iter().map(|m| subject.working_days(m, window)).sum()))
}

/// Show the ratios
///
/// What was measured in a period, each ratio with numerator, denominator and n beside it, and what the method expects.
/// Over an empty denominator a ratio is null, not 0. A ratio from stage to stage is the window's, what happened in the period;
/// its `cohort` follows those who entered in the period to this day.
#[utoipa::path(tag = "reports", operation_id = "getRatios", params(PeriodQuery),
    responses((status = 200, description = "The ratios.", body = Ratios)))]
#[get("/v1/reports/ratios")]
pub async fn get_ratios(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    format: Format,
    query: StrictQuery<PeriodQuery>,
) -> Result<HttpResponse, Problem> {
    let (query, language) = (query.0, language.0);
    let drawable = due::read(&app, &caller, move |conn, actor, now| {
        let (subject, window) = Subject::load(conn, actor, query.whom(), now, |today| query.days(today))?;
        build(conn, &subject, window, language)
    })
    .await?;
    report_forms::answer(&app, &caller, (format, language), drawable).await
}

fn build(
    conn: &mut Conn,
    subject: &Subject,
    window: Window,
    language: Language,
) -> Result<Drawable, Problem> {
    let by_agent = figures::measured(conn, &subject.members, window)?;
    let cohorts_of = cohorts::of_members(conn, &subject.members, window)?;
    let standards = subject.standards(conn)?;
    let b = subject.settings.on(window.to).benchmarks;
    let view_of = |ratios: &[Ratio], cohorts: &Cohorts, b: Benchmarks| -> Vec<RatioView> {
        ratios.iter().map(|r| RatioView::new(r, cohorts, &b)).collect()
    };
    let nobody = Cohorts::default();
    let member = |m: &Member| {
        let measured = by_agent.get(&m.id).copied().unwrap_or_default();
        // Everybody against the own benchmarks, as in the own report; the team together against the team's.
        let own = standards.get(&m.id).map_or(b, |own| own.settings.on(window.to).benchmarks);
        MemberRatios {
            agent_id: m.id,
            agent_name: m.display_name.clone(),
            measured: (&measured).into(),
            ratios: view_of(
                &ratios(&measured, subject.working_days(m, window), &own),
                cohorts_of.get(&m.id).unwrap_or(&nobody),
                own,
            ),
        }
    };
    let all = by_agent.values().copied().fold(Measured::default(), Measured::plus);
    let days = subject.members.iter().map(|m| subject.working_days(m, window)).sum();
    let of_team = subject.agent().is_none();
    let together = ratios(&all, days, &b);
    let cohorts = cohorts_of.values().fold(Cohorts::default(), Cohorts::plus);
    let view = Ratios {
        subject: subject.view(window.to),
        from: On(window.from),
        to: On(window.to),
        working_days: days,
        measured: (&all).into(),
        ratios: view_of(&together, &cohorts, b),
        members: if of_team { subject.members.iter().map(member).collect() } else { Vec::new() },
        definition: ReportDefinition::of(Report::Ratios, language),
    };
    Ok(Drawable { view, together, cohorts, benchmarks: b })
}
