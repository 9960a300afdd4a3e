//! What stands against a write on a prospect, as a problem document: one place for all commands.

use serde_json::json;

use super::{Code, document::Problem, domain_refusals};
use crate::{
    api::prospects::person,
    commands::prospects::write::Refused,
    domain::{
        prospects::{decision::Refusal, fact::AppointmentKind},
        values::text::Text,
    },
};

/// Against a move, and whatever else has its facts in `/facts`.
pub fn in_facts(refused: Refused) -> Problem {
    problem(refused, domain_refusals::problem, "/facts")
}

/// Against an operation whose body has the dates at its top.
pub fn at_top(refused: Refused) -> Problem {
    problem(refused, domain_refusals::problem_at_top, "")
}

/// Against fixing an appointment.
pub fn of_fixing(refused: Refused) -> Problem {
    problem(refused, domain_refusals::problem_of_fixing, "")
}

/// Against a check of a criterion.
pub fn of_check(refused: Refused) -> Problem {
    problem(refused, domain_refusals::problem_of_check, "")
}

/// Against a correction.
pub fn of_correction(refused: Refused) -> Problem {
    problem(refused, domain_refusals::problem_of_correction, "")
}

fn problem(refused: Refused, of_rule: fn(Refusal) -> Problem, facts: &str) -> Problem {
    match refused {
        Refused::Store(error) => Problem::from(error),
        Refused::Stale => Problem::new(Code::Stale),
        Refused::OwnersOnly => Problem::new(Code::Forbidden),
        Refused::IdTaken => Problem::new(Code::IdTaken),
        Refused::Person(faults) => person::problem(faults),
        Refused::Rule(refusal) => of_rule(refusal),
        Refused::ReasonWanted => reason_wanted(),
        Refused::NotAbove(kind) => not_above(kind, facts),
        Refused::OneChangeAtATime => one_change_at_a_time(),
        Refused::NotTheCurrentPursuit { current } => Problem::new(Code::Conflict).error(
            "",
            "not_the_current_pursuit",
            Text::new("Only the current pursuit takes new dates.", "只有当前的销售过程可以记录新日期。"),
            json!({"current": current}),
        ),
    }
}

fn reason_wanted() -> Problem {
    Problem::new(Code::ValidationFailed).error(
        "/reason_text",
        "required",
        Text::new(
            "On other people's prospects a supervisor says why, in words.",
            "主管处理他人的潜在客户时须用文字说明原因。",
        ),
        json!({}),
    )
}

/// Whoever goes along (陪访, method section 2) and is not above the owner reads like nobody at all.
fn not_above(kind: AppointmentKind, facts: &str) -> Problem {
    let pointer = match (facts, kind) {
        ("", _) => "/joint_visit_with".to_owned(),
        (facts, AppointmentKind::First) => format!("{facts}/first_appointment/joint_visit_with"),
        (facts, AppointmentKind::Next) => format!("{facts}/next_appointment/joint_visit_with"),
    };
    Problem::new(Code::ValidationFailed).error(
        pointer,
        "unknown_supervisor",
        Text::new("There is no such supervisor above the agent.", "该代理人没有这位上级主管。"),
        json!({}),
    )
}

/// A change of an appointment that says nothing, or too much.
fn one_change_at_a_time() -> Problem {
    Problem::new(Code::ValidationFailed).error(
        "/outcome",
        "one_of",
        Text::new(
            "Give either an outcome (held, no_show, cancelled; notes go with it), or a new starts_at, agenda or joint_visit_with.",
            "请给出结果（held、no_show、cancelled，可附 notes），或新的 starts_at、agenda、joint_visit_with。",
        ),
        json!({"allowed": ["held", "no_show", "cancelled"]}),
    )
}
