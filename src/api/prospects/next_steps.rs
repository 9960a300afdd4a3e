//! `…/{prospect_id}/next-steps`: per reachable stage what is there and what is missing (method section 4).

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        extract::{Caller, On, PathId, ReaderLanguage, StrictQuery},
        method::classify::RuleView,
        problem::{Code, document::Problem, rule_fields},
        respond::{as_of::AsOf, due},
    },
    app::App,
    domain::{
        method::{
            automatic,
            classify::{Classification, Rule, classify},
            confirmation::confirmation,
            due::Due,
            stage::Stage,
        },
        prospects::history::Cut,
        values::{
            id::Id,
            text::{Language, Text},
        },
    },
    store::ledger::Loaded,
};

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
    pub reason: crate::domain::prospects::transition::Reason,
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
    fn new(due: &Due) -> Self {
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

fn step(answer: &Classification, consent: Option<Rule>, to: Stage, language: Language) -> NextStep {
    let guarded = !matches!(to, Stage::Exited | Stage::Opportunity);
    let consented = consent.as_ref().is_none_or(|rule| rule.satisfied);
    let guards: Vec<RuleView> = if guarded {
        let view = |rule: &Rule| RuleView::mended_by(rule, rule_fields::of_move(rule.code), language);
        answer.guards(to).into_iter().chain(&consent).map(view).collect()
    } else {
        Vec::new()
    };
    let ready = !guarded || (answer.reaches(to) && consented);
    let missing = guards.iter().filter(|g| !g.satisfied).count();
    let advice = if !guarded {
        Text::new("Needs no more than a reason.", "只需说明原因。")
    } else if ready {
        Text::new("All guards hold: make the move.", "条件全部满足：可以推进。")
    } else {
        Text::new(
            format!("{missing} of {} still missing; each guard names the field that mends it.", guards.len()),
            format!("{} 条中还缺 {missing} 条；每条都指出了补救的字段。", guards.len()),
        )
    };
    NextStep { to, ready, guards, advice: advice.in_language(language).to_owned() }
}

/// What was known of the prospect at the end of a day.
fn known_on(loaded: &Loaded, day: NaiveDate) -> Option<(Stage, i32, Classification)> {
    let then = loaded.history.as_of(day)?;
    let (stage, number) = (then.stage(), then.pursuit_number());
    let fresh = matches!(stage, Stage::Opportunity | Stage::Closed | Stage::Exited);
    // From outside a pursuit the next move opens a new one, of which nothing is known yet.
    let number = if fresh { i32::MAX } else { number };
    let facts = loaded.history.facts_on(number, Cut::EndOf(day), &loaded.env().settings);
    Some((stage, number, classify(&facts, loaded.env().cycle_days(day), day)))
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
    let loaded = due::prospect(&app, &caller, id.0).await?;
    let day = query.0.day(loaded.today)?;
    let (stage, pursuit, answer) = known_on(&loaded, day).ok_or_else(|| Problem::new(Code::NotFound))?;
    let next = automatic::reconcile(&loaded.history, loaded.env(), loaded.today).next;
    Ok(HttpResponse::Ok().json(NextSteps {
        prospect_id: id.0,
        as_of: On(day),
        stage,
        classified: answer.stage,
        next_automatic: next.filter(|_| day == loaded.today).as_ref().map(AutomaticMove::new),
        steps: reachable(stage)
            .into_iter()
            .map(|to| {
                let consent = confirmation(&loaded.history, loaded.env(), pursuit, (stage, to), day);
                step(&answer, consent, to, language.0)
            })
            .collect(),
    }))
}
