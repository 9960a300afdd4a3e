//! Moves that are not made: the guards that do not hold, and what the method does not allow.

use chrono::NaiveDate;
use serde_json::json;

use super::{
    place::Place,
    single_rule::{one, stage_text},
};
use crate::{
    api::problem::{Code, document::Problem, rule_fields},
    domain::{
        method::{classify::Rule, stage::Stage},
        prospects::transition::Reason,
        values::text::Text,
    },
};

/// Guards of a stage that do not hold: every one at the field that mends it.
pub fn guards(to: Stage, as_of: NaiveDate, unmet: &[Rule]) -> Problem {
    let (en, zh) = stage_text(to);
    let start = Problem::new(Code::TransitionRefused).detail(Text::new(
        format!("On {as_of} the entry standard of {en} is not met."),
        format!("{as_of} 时未达到{zh}的进入标准。"),
    ));
    unmet.iter().fold(start, |problem, rule| {
        problem.error(
            rule_fields::of_move(rule.code).unwrap_or("/to"),
            rule.code.code(),
            rule.why(),
            json!({"for_stage": rule.for_stage, "as_of": as_of, "date": rule.date, "bound": rule.bound, "verdict": rule.verdict}),
        )
    })
}

/// A move that the method does not have.
pub fn no_such_move(from: Stage, to: Stage) -> Problem {
    let ((from_en, from_zh), (to_en, to_zh)) = (stage_text(from), stage_text(to));
    one(
        Code::TransitionRefused,
        "/to",
        "no_such_move",
        Text::new(
            format!("The method has no move from {from_en} to {to_en}."),
            format!("方法中没有从{from_zh}到{to_zh}的变动。"),
        ),
        json!({"from": from, "to": to}),
    )
}

/// A move to where the prospect stands.
pub fn already_there(stage: Stage) -> Problem {
    let (en, zh) = stage_text(stage);
    one(
        Code::TransitionRefused,
        "/to",
        "already_there",
        Text::new(format!("The prospect already stood at {en} on that day."), format!("当日已处于{zh}。")),
        json!({"stage": stage}),
    )
}

/// A move without the reason it needs.
pub fn reason_needed(allowed: &[Reason]) -> Problem {
    let codes: Vec<&str> = allowed.iter().map(|r| r.code()).collect();
    let list = codes.join(", ");
    one(
        Code::TransitionRefused,
        "/reason",
        "reason_required",
        Text::new(
            format!("This move needs one of the reasons: {list}."),
            format!("该变动需要以下原因之一：{list}。"),
        ),
        json!({"allowed": codes}),
    )
}

/// What only the owner may do.
pub fn not_the_owner() -> Problem {
    Problem::new(Code::Forbidden).detail(Text::new(
        "Only the agent who owns the prospect may do this. A supervisor confirms, grants, decides fallbacks, corrects and exits, with a reason.",
        "只有该潜在客户的代理人可以执行。主管可以确认、批准、决定后退、更正和退出，并须说明原因。",
    ))
}

/// What only a supervisor may do.
pub fn not_a_supervisor() -> Problem {
    Problem::new(Code::Forbidden).detail(Text::new(
        "Only a supervisor above the owner may do this.",
        "只有该代理人的上级主管可以执行。",
    ))
}

/// A joint decision that somebody takes no part in: each of them once.
pub fn co_decider_not_engaged(place: Place, which: &[usize]) -> Problem {
    let text = Text::new(
        "The decision is a joint one, and somebody who makes it takes no part yet. Engage them, and note the day in co_deciders of the prospect.",
        "须共同决定，但有决定人尚未参与。请让其参与，并在潜在客户的 co_deciders 中记录日期。",
    );
    let code = if place == Place::Facts { Code::TransitionRefused } else { Code::ValidationFailed };
    let places: Vec<Option<usize>> =
        if which.is_empty() { vec![None] } else { which.iter().copied().map(Some).collect() };
    places.into_iter().fold(Problem::new(code).detail(text.clone()), |problem, at| {
        let params = json!({"co_decider": at});
        problem.error(place.decision_maker(), "co_decider_not_engaged", text.clone(), params)
    })
}

/// A fallback that no rule asks for.
pub fn fallback_not_due(from: Stage, as_of: NaiveDate) -> Problem {
    let (en, zh) = stage_text(from);
    one(
        Code::TransitionRefused,
        "/to",
        "fallback_not_due",
        Text::new(
            format!(
                "On {as_of} the pursuit at {en} is within its cycle and has a dated next step. To end it, move to exited with a reason."
            ),
            format!("{as_of} 时该{zh}仍在周期之内并有约定的下一步。如要结束，请以原因退出。"),
        ),
        json!({"from": from, "as_of": as_of}),
    )
}

/// A way back to 25% that no criterion asks for.
pub fn fifty_stands(as_of: NaiveDate) -> Problem {
    one(
        Code::TransitionRefused,
        "/to",
        "criteria_still_met",
        Text::new(
            format!(
                "On {as_of} no criterion is unmet, and none stale beyond the grace: 50% stands. Record the check that fails instead."
            ),
            format!(
                "{as_of} 时没有不符合的标准，也没有超过宽限期的标准，50% 仍然成立。请记录不再符合的那一项。"
            ),
        ),
        json!({"as_of": as_of}),
    )
}
