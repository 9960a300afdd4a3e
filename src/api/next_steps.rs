//! `…/{prospect_id}/next-steps`: per reachable stage what is there and what is missing (method section 4).

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use super::{
    classify::RuleView,
    extract::{Caller, On, PathId, ReaderLanguage, StrictQuery},
    problem::{Code, Problem},
    settled,
};
use crate::{
    app::App,
    domain::{
        automatic,
        classify::{Classification, classify},
        history::{Cut, History},
        id::Id,
        stage::Stage,
        text::{Language, Text},
    },
    store::ledger::{self, Loaded},
};

/// Options of the next steps.
#[derive(Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOf {
    /// The day asked about; today when absent. Facts dated after it are ignored.
    #[serde(default)]
    #[param(required = false)]
    pub as_of: Option<On>,
}

/// Per reachable stage, what is already there and what is missing.
#[derive(Serialize, ToSchema)]
pub struct NextSteps {
    /// The prospect.
    pub prospect_id: Id,
    /// The day asked about.
    pub as_of: On,
    /// Where the prospect stood at the end of that day.
    pub stage: Stage,
    /// Where the rules alone would put it, without any grace.
    pub classified: Stage,
    /// The next automatic move, if nothing is entered; null when there is none.
    #[schema(required = true)]
    pub next_automatic: Option<AutomaticMove>,
    /// The stages that can be reached from here.
    #[schema(max_items = 10)]
    pub steps: Vec<NextStep>,
}

/// An automatic move to come.
#[derive(Serialize, ToSchema)]
pub struct AutomaticMove {
    /// The date on which it falls due.
    pub on: On,
    /// Stage before.
    pub from: Stage,
    /// Stage after.
    pub to: Stage,
    /// Why.
    pub reason: crate::domain::transition::Reason,
}

/// One reachable stage.
#[derive(Serialize, ToSchema)]
pub struct NextStep {
    /// The stage.
    pub to: Stage,
    /// Whether every guard holds.
    pub ready: bool,
    /// Guards on the way.
    #[schema(max_items = 40)]
    pub guards: Vec<RuleView>,
    /// What to do, in the reader's language.
    #[schema(max_length = 500, example = "All guards hold: make the move.")]
    pub advice: String,
}

impl AutomaticMove {
    fn new(due: &automatic::Due) -> Self {
        AutomaticMove { on: On(due.on), from: due.from, to: due.to, reason: due.reason }
    }
}

fn reachable(stage: Stage) -> Vec<Stage> {
    match stage {
        Stage::Opportunity => vec![Stage::FirstAppointment, Stage::Exited],
        Stage::FirstAppointment => vec![Stage::Stage25, Stage::Stage50, Stage::Stage90, Stage::Exited],
        Stage::Stage25 => vec![Stage::Stage50, Stage::Stage90, Stage::Exited],
        Stage::Stage50 => vec![Stage::Stage90, Stage::Exited],
        Stage::Stage90 => vec![Stage::Closed, Stage::Exited],
        Stage::Closed | Stage::Exited => vec![Stage::Opportunity],
    }
}

fn step(answer: &Classification, to: Stage, language: Language) -> NextStep {
    let guarded = !matches!(to, Stage::Exited | Stage::Opportunity);
    let guards: Vec<RuleView> = if guarded {
        answer.rules_for(to).map(|rule| RuleView::new(rule, language)).collect()
    } else {
        Vec::new()
    };
    let ready = !guarded || (answer.stage != Stage::Exited && answer.stage >= to);
    let missing = guards.iter().filter(|g| !g.satisfied).count();
    let advice = if !guarded {
        Text::new("Needs no more than a reason.", "只需说明原因。")
    } else if ready {
        Text::new("All guards hold: make the move.", "条件全部满足:可以移动。")
    } else {
        Text::new(
            format!("{missing} of {} still missing; each guard names the field that mends it.", guards.len()),
            format!("{} 条中还缺 {missing} 条;每条都指出了补救的字段。", guards.len()),
        )
    };
    NextStep { to, ready, guards, advice: advice.in_language(language).to_owned() }
}

/// What was known of the prospect at the end of a day.
fn known_on(loaded: &Loaded, day: NaiveDate) -> Option<(Stage, Classification)> {
    let stage = loaded.history.stage_on(day)?;
    let then = History {
        transitions: loaded
            .history
            .effective()
            .into_iter()
            .filter(|t| t.occurred_on <= day)
            .cloned()
            .collect(),
        facts: loaded.history.facts.clone(),
    };
    let number = then.transitions.last().map_or(0, |t| t.pursuit_number);
    let fresh = matches!(stage, Stage::Opportunity | Stage::Closed | Stage::Exited);
    // From outside a pursuit the next move opens a new one, of which nothing is known yet.
    let number = if fresh { i32::MAX } else { number };
    let facts = loaded.history.facts_on(number, Cut::EndOf(day), &loaded.env().settings);
    Some((stage, classify(&facts, loaded.env().cycle_days(day), day)))
}

/// Show a prospect's next steps
///
/// For each stage that can be reached: every guard, whether it holds, why, and the field of a move's `facts` that mends it.
/// The same rules guard the moves themselves.
#[utoipa::path(tag = "transitions", operation_id = "getNextSteps",
    params(("prospect_id" = Id, Path, description = "The prospect."), AsOf),
    responses((status = 200, description = "The next steps.", body = NextSteps)))]
#[get("/v1/prospects/{prospect_id}/next-steps")]
pub async fn get_next_steps(
    app: web::Data<App>,
    caller: Caller,
    language: ReaderLanguage,
    id: PathId,
    query: StrictQuery<AsOf>,
) -> Result<HttpResponse, Problem> {
    let scope = caller.0.scope.clone();
    let loaded =
        settled::read(&app, &caller, move |conn, now| Ok(ledger::load(conn, &scope, id.0, now)?)).await?;
    let day = query.0.as_of.map_or(loaded.today, |on| on.0);
    if day > loaded.today {
        return Err(future(day, loaded.today));
    }
    let (stage, answer) = known_on(&loaded, day).ok_or_else(|| Problem::new(Code::NotFound))?;
    let next = automatic::reconcile(&loaded.history, loaded.env(), loaded.today).next;
    Ok(HttpResponse::Ok().json(NextSteps {
        prospect_id: id.0,
        as_of: On(day),
        stage,
        classified: answer.stage,
        next_automatic: next.filter(|_| day == loaded.today).as_ref().map(AutomaticMove::new),
        steps: reachable(stage).into_iter().map(|to| step(&answer, to, language.0)).collect(),
    }))
}

/// 400 for a day that has not come.
pub fn future(day: NaiveDate, today: NaiveDate) -> Problem {
    Problem::new(Code::InvalidParameter).error(
        "/query/as_of",
        "in_the_future",
        Text::new(format!("{day} lies after today, {today}."), format!("{day} 晚于今天 {today}。")),
        serde_json::json!({"today": today}),
    )
}
