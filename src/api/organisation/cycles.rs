//! `/v1/agents/{agent_id}/cycle` and `/v1/cycles/sweep`: the sales cycle and what falls due by it (method section 5).

use std::collections::BTreeSet;

use actix_web::{HttpRequest, HttpResponse, get, post, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{Caller, IfMatch, On, PathId, StrictQuery, ValidJson, etag_of, supervisor},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
        respond::{as_of::AsOf, due as settled, page::whole_page},
    },
    app::App,
    clock::Occasion,
    commands::{
        self,
        organisation::cycles::{self as declared, Refused},
    },
    domain::{
        method::cycle::{Cycle, CycleSource, Deal, TeamMean},
        organisation::actor::{Actor, Scope},
        values::{id::Id, text::Text},
    },
    store::{
        Conn, StoreError,
        ledger::{agent_context::AgentContext, due},
        organisation::cycles,
        prospects::prospect,
    },
};

/// An agent's sales cycle on a day.
#[derive(Serialize, ToSchema)]
#[schema(as = Cycle)]
pub struct CycleView {
    /// The agent.
    pub agent_id: Id,
    /// The day asked about.
    pub as_of: On,
    /// Cycle in force, days: what every rule compares with.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// Where it comes from.
    pub source: CycleSource,
    /// `low` while fewer deals than the window stand behind it.
    #[schema(max_length = 16, pattern = "^(low|normal)$", example = "normal")]
    pub confidence: String,
    /// First day on which this value is in force; null when it always was.
    #[schema(required = true)]
    pub valid_from: Option<On>,
    /// Mean of the days of the deals, one decimal; null when not measured.
    #[schema(required = true, minimum = 0.0, maximum = 100_000.0, example = 28.0)]
    pub mean_days: Option<f64>,
    /// Median of the days.
    #[schema(required = true, minimum = 0.0, maximum = 100_000.0, example = 29.0)]
    pub median_days: Option<f64>,
    /// Shortest deal, days.
    #[schema(required = true, minimum = -100_000, maximum = 100_000, example = 14)]
    pub min_days: Option<i64>,
    /// Longest deal, days.
    #[schema(required = true, minimum = -100_000, maximum = 100_000, example = 42)]
    pub max_days: Option<i64>,
    /// Number of deals used.
    #[schema(minimum = 0, maximum = 20, example = 10)]
    pub n: i64,
    /// How many last deals the average looks at; where there are fewer, the missing ones count as the declared value, else as
    /// the setting `default_cycle_days`.
    #[schema(minimum = 10, maximum = 20, example = 10)]
    pub window: i32,
    /// Mean of the means of those members of the agent's team who have deals, one decimal; null when nobody has. It
    /// governs nobody: a value that one may declare.
    #[schema(required = true, minimum = 0.0, maximum = 100_000.0, example = 30.5)]
    pub team_mean_days: Option<f64>,
    /// How many members that is the mean of.
    #[schema(minimum = 0, maximum = 1_000_000, example = 4)]
    pub team_mean_n: i64,
    /// The deals used, last first.
    #[schema(max_items = 20)]
    pub deals: Vec<CycleDeal>,
}

/// A deal that the average uses.
#[derive(Serialize, ToSchema)]
pub struct CycleDeal {
    /// The prospect; null when it has been handed to somebody out of your reach, or was erased.
    #[schema(required = true)]
    pub prospect_id: Option<Id>,
    /// The pursuit; null like the prospect.
    #[schema(required = true)]
    pub pursuit_id: Option<Id>,
    /// Original first meeting.
    pub first_meeting_on: On,
    /// Last signature.
    pub signed_on: On,
    /// Closing.
    pub closed_on: On,
    /// Days from first meeting to signature.
    #[schema(minimum = -100_000, maximum = 100_000, example = 28)]
    pub days: i64,
}

/// The agent's own word.
#[derive(Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareCycle {
    /// Days; the cycle while no deal has been measured, and what each deal missing in the window counts as.
    #[validate(range(min = 7, max = 365))]
    #[schema(minimum = 7, maximum = 365, example = 30)]
    pub declared_days: i32,
    /// First day on which it is in force; today when absent, never in the past.
    #[serde(default)]
    pub valid_from: Option<On>,
}

/// A value with the day from which on it is in force.
#[derive(Serialize, ToSchema)]
pub struct CycleChange {
    /// First day; null for the value before everything.
    #[schema(required = true)]
    pub valid_from: Option<On>,
    /// Days.
    #[schema(minimum = 1, maximum = 365, example = 28)]
    pub cycle_days: i32,
    /// Where it comes from.
    pub source: CycleSource,
    /// Number of deals behind it.
    #[schema(minimum = 0, maximum = 20, example = 10)]
    pub n: i64,
}

whole_page! {
    /// Every value a cycle has had.
    pub struct CycleHistoryPage {
        /// In order of date.
        #[schema(max_items = 5000)]
        data: Vec<CycleChange>
    }
}

/// What a sweep wrote down.
#[derive(Serialize, ToSchema)]
pub struct SweepReport {
    /// Prospects looked at.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 3)]
    pub prospects: i64,
    /// Automatic moves written down.
    #[schema(minimum = 0, maximum = 1_000_000_000, example = 2)]
    pub moves: i64,
}

#[allow(clippy::cast_precision_loss)] // display only; far below 2^53
fn tenths(numerator: i64, denominator: i64) -> f64 {
    crate::domain::method::cycle::round_half_up(10 * numerator, denominator) as f64 / 10.0
}

fn deals_of(cycle: &Cycle) -> impl Iterator<Item = &Deal> {
    cycle.measurement.iter().flat_map(|measured| &measured.deals)
}

/// The prospects behind the deals of a day that the reader may know of.
fn named_deals(
    conn: &mut Conn,
    actor: &Actor,
    context: &AgentContext,
    day: NaiveDate,
) -> Result<BTreeSet<Id>, StoreError> {
    let used: Vec<Id> = deals_of(context.env.cycle.on(day)).map(|deal| deal.prospect_id).collect();
    if used.is_empty() { Ok(BTreeSet::new()) } else { prospect::within(conn, &actor.scope, &used) }
}

/// `named` tells of some prospects which ones the reader may know of.
fn view(
    (agent_id, day): (Id, NaiveDate),
    context: &AgentContext,
    mean: Option<TeamMean>,
    named: &BTreeSet<Id>,
) -> CycleView {
    let cycle: &Cycle = context.env.cycle.on(day);
    let settings = context.env.settings.on(day);
    let m = cycle.measurement.as_ref();
    let steps = context.env.cycle.steps();
    let same = |c: &Cycle| c.cycle_days == cycle.cycle_days && c.source == cycle.source;
    let until = steps.partition_point(|(from, _)| *from <= day);
    let begun = steps[..until].iter().rev().take_while(|(_, c)| same(c)).last();
    CycleView {
        agent_id,
        as_of: On(day),
        cycle_days: cycle.cycle_days,
        source: cycle.source,
        confidence: if cycle.low_confidence(settings) { "low" } else { "normal" }.to_owned(),
        valid_from: begun.map(|(from, _)| On(*from)),
        mean_days: m.map(|m| tenths(m.sum, m.n)),
        median_days: m.map(|m| tenths(m.median_times_two, 2)),
        min_days: m.map(|m| m.min),
        max_days: m.map(|m| m.max),
        n: m.map_or(0, |m| m.n),
        window: settings.cycle_window,
        team_mean_days: mean.map(|mean| tenths(mean.tenths, 10)),
        team_mean_n: mean.map_or(0, |mean| mean.n),
        deals: deals_of(cycle)
            .map(|d| CycleDeal {
                prospect_id: Some(d.prospect_id).filter(|id| named.contains(id)),
                pursuit_id: Some(d.pursuit_id).filter(|_| named.contains(&d.prospect_id)),
                first_meeting_on: On(d.first_meeting_on),
                signed_on: On(d.signed_on),
                closed_on: On(d.closed_on),
                days: d.days(),
            })
            .collect(),
    }
}

/// Show an agent's cycle
///
/// The average of the agent's last closed deals on a day; where there are fewer than the window, the missing
/// ones count as the declared value, else as the setting `default_cycle_days`. The team's mean is shown beside it.
#[utoipa::path(tag = "cycles", operation_id = "getCycle",
    params(("agent_id" = Id, Path, description = "The agent."), AsOf),
    responses((status = 200, description = "The cycle.", body = CycleView)))]
#[get("/v1/agents/{agent_id}/cycle")]
pub async fn get_cycle(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    query: StrictQuery<AsOf>,
) -> Result<HttpResponse, Problem> {
    let (response, of_mates) = cycle_shown(&app, &caller, id.0, query.0).await?;
    let Some(team) = of_mates else { return Ok(response) };
    // The mean of the team follows from closings that nobody has looked at yet.
    settled::settle(&app, team).await?;
    Ok(cycle_shown(&app, &caller, id.0, query.0).await?.0)
}

/// The answer, and the agent's team where something is due there.
async fn cycle_shown(
    app: &App,
    caller: &Caller,
    agent_id: Id,
    query: AsOf,
) -> Result<(HttpResponse, Option<Scope>), Problem> {
    let read = settled::read(app, caller, move |conn, actor, now| {
        let context = cycles::of_agent_in_scope(conn, &actor.scope, agent_id)?;
        let day = query.day(now.with_timezone(&context.time_zone).date_naive())?;
        let mean = cycles::team_mean(conn, agent_id, &context, day)?;
        let team =
            context.present_path.clone().map(|team_path| Scope::Subtree { user_id: agent_id, team_path });
        let of_mates = match team {
            Some(team) if due::is_due(conn, &team, now)? => Some(team),
            _ => None,
        };
        let named = named_deals(conn, actor, &context, day)?;
        // Deals, settings and mates change what is shown without a word of the agent.
        Ok((view((agent_id, day), &context, mean, &named), declared::version(&context), of_mates))
    });
    let (view, version, of_mates) = read.await?;
    let response = HttpResponse::Ok().insert_header(("ETag", etag_of(version, &view))).json(view);
    Ok((response, of_mates))
}

/// List an agent's cycle values
///
/// Every value the cycle has had, with the day from which on it is in force; a report about a past week uses the value
/// of that week.
#[utoipa::path(tag = "cycles", operation_id = "listCycleHistory",
    params(("agent_id" = Id, Path, description = "The agent.")),
    responses((status = 200, description = "The values.", body = CycleHistoryPage)))]
#[get("/v1/agents/{agent_id}/cycle/history")]
pub async fn list_cycle_history(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
) -> Result<HttpResponse, Problem> {
    let context = settled::read(&app, &caller, move |conn, actor, _| {
        Ok(cycles::of_agent_in_scope(conn, &actor.scope, id.0)?)
    })
    .await?;
    let n = |c: &Cycle| c.measurement.as_ref().map_or(0, |m| m.n);
    let mut data: Vec<CycleChange> = Vec::new();
    let first = (None, context.env.cycle.before());
    let rest = context.env.cycle.steps().iter().map(|(from, c)| (Some(*from), c));
    for (from, c) in std::iter::once(first).chain(rest) {
        let same = data
            .last()
            .is_some_and(|last| last.cycle_days == c.cycle_days && last.source == c.source && last.n == n(c));
        if !same {
            data.push(CycleChange {
                valid_from: from.map(On),
                cycle_days: c.cycle_days,
                source: c.source,
                n: n(c),
            });
        }
    }
    Ok(HttpResponse::Ok().json(CycleHistoryPage::of(data)))
}

/// Declare the own cycle
///
/// The agent's own word, in force from a day on: the cycle while no own deal has been measured, and what the deals missing in
/// the window count as. It never changes what was due before.
#[utoipa::path(tag = "cycles", operation_id = "declareCycle",
    params(("agent_id" = Id, Path, description = "The agent.")),
    request_body(content = DeclareCycle, example = json!({"declared_days": 30})),
    responses((status = 200, description = "Declared.", body = CycleView)))]
#[put("/v1/agents/{agent_id}/cycle")]
pub async fn declare_cycle(
    app: web::Data<App>,
    caller: Caller,
    id: PathId,
    if_match: IfMatch,
    body: ValidJson<DeclareCycle>,
) -> Result<HttpResponse, Problem> {
    // The answer shows the team's mean as well: it follows from closings that nobody may have looked at yet.
    if let (_, Some(team)) = cycle_shown(&app, &caller, id.0, AsOf::default()).await? {
        settled::settle(&app, team).await?;
    }
    let (source, body) = (app.clone(), body.0);
    let (view, version) = caller
        .write(&app, move |conn, actor| {
            let seen = if_match.seen()?;
            let occasion = Occasion::of(&source.clock, source.ids);
            let word = (body.declared_days, body.valid_from.map(|on| on.0));
            let declared = declared::declare(conn, actor, &occasion, (id.0, &seen), word);
            let (context, today) = declared.map_err(refused)?;
            let mean = cycles::team_mean(conn, id.0, &context, today)?;
            let named = named_deals(conn, actor, &context, today)?;
            Ok((view((id.0, today), &context, mean, &named), declared::version(&context)))
        })
        .await?;
    Ok(HttpResponse::Ok().insert_header(("ETag", etag_of(version, &view))).json(view))
}

fn refused(refused: Refused) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::OwnersOnly => Problem::new(Code::Forbidden),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::InThePast { today } => Problem::new(Code::ValidationFailed).error(
            "/valid_from",
            "in_the_past",
            Text::new(
                "A declared cycle begins today or later: it changes nothing that was due.",
                "申报的周期从今天或以后生效，不改变已到期的事。",
            ),
            json!({"today": today}),
        ),
    }
}

/// Write down what is due
///
/// Writes the automatic moves that are due in the supervisor's teams into the log, each with the date on which it fell
/// due. Reading never depends on it; running it twice changes nothing.
#[utoipa::path(tag = "cycles", operation_id = "createSweep",
    responses((status = 201, description = "Written down.", body = SweepReport)))]
#[post("/v1/cycles/sweep")]
pub async fn create_sweep(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let reach = |_: &mut Conn, actor: &Actor| supervisor(actor).map(|()| actor.scope.clone());
    let scope = caller.read(&app, reach).await?;
    // Agent by agent, each in a short transaction of its own; what stands is never written twice.
    let swept = commands::due::within(&app.db, &app.clock, app.ids, Some(scope)).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let report = SweepReport { prospects: count(swept.prospects), moves: count(swept.moves) };
    idempotency::run(&app, &caller, &request, move |_, _| Ok(Answer::new(201, &report))).await
}
