//! The domain's refusals as problem documents: every unmet guard, why, and the field that mends it.

use serde_json::json;

use super::problem::{Code, Problem};
use crate::domain::{
    classify::Rule,
    decision::{CorrectableDate, NotVoidable, Refusal, VOID_DAYS},
    fact::AppointmentKind,
    stage::Stage,
    text::Text,
};

/// Where the field that mends a rule stands in the body of a move; none where it takes something else: an extension, a
/// supervisor's confirmation.
pub fn field_of_move(rule: &Rule) -> Option<String> {
    let field = match rule.code.field() {
        "documents_submitted" => "documents_submitted_on",
        "clock_started_on" | "confirmation" => return None,
        other => other,
    };
    Some(format!("/facts/{field}"))
}

/// The problem document of a refusal by an operation whose body has the dates at its top, without `/facts`.
pub fn problem_at_top(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Top)
}

/// The problem document of a refusal to fix an appointment.
pub fn problem_of_fixing(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Fixing)
}

/// The problem document of a refusal of a correction.
pub fn problem_of_correction(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Correction)
}

/// Where a body has the dates that a refusal names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the facts of a move.
    Facts,
    /// At the top.
    Top,
    /// At the top, and the business date is the day of the fixing.
    Fixing,
    /// In the one date that is right.
    Correction,
}

impl Place {
    /// The business date.
    fn when(self) -> &'static str {
        match self {
            Place::Facts | Place::Top => "/occurred_on",
            Place::Fixing => "/fixed_on",
            Place::Correction => "/on",
        }
    }

    /// The field with the day on which an appointment was fixed or put off.
    fn fixed_on(self) -> &'static str {
        match self {
            Place::Facts | Place::Fixing => "fixed_on",
            Place::Top => "occurred_on",
            Place::Correction => "on",
        }
    }

    fn starts_at(self, kind: AppointmentKind) -> &'static str {
        match (self, kind) {
            (Place::Correction, _) => "/on",
            (Place::Top | Place::Fixing, _) => "/starts_at",
            (Place::Facts, AppointmentKind::First) => "/facts/first_appointment/starts_at",
            (Place::Facts, AppointmentKind::Next) => "/facts/next_appointment/starts_at",
        }
    }

    fn date(self, which: CorrectableDate) -> &'static str {
        match (self, which) {
            (Place::Correction, _) => "/on",
            (Place::Top | Place::Fixing, CorrectableDate::FirstMeetingOn) => "/first_meeting_on",
            (Place::Top | Place::Fixing, CorrectableDate::PolicyIssuedOn) => "/policy_issued_on",
            (Place::Top | Place::Fixing, CorrectableDate::ReceiptSignedOn) => "/receipt_signed_on",
            (Place::Facts, CorrectableDate::FirstMeetingOn) => "/facts/first_meeting_on",
            (Place::Facts, CorrectableDate::PolicyIssuedOn) => "/facts/policy_issued_on",
            (Place::Facts, CorrectableDate::ReceiptSignedOn) => "/facts/receipt_signed_on",
        }
    }

    fn cooling_off_days(self) -> &'static str {
        match self {
            Place::Top | Place::Fixing | Place::Correction => "/cooling_off_days",
            Place::Facts => "/facts/cooling_off_days",
        }
    }
}

fn stage_text(stage: Stage) -> (String, String) {
    let label = stage.label();
    (label.en.into_owned(), label.zh.into_owned())
}

fn one(
    code: Code,
    pointer: &'static str,
    rule: &'static str,
    detail: Text,
    params: serde_json::Value,
) -> Problem {
    Problem::new(code).detail(detail.clone()).error(pointer, rule, detail, params)
}

/// The problem document of a refusal.
pub fn problem(refusal: Refusal) -> Problem {
    problem_in(refusal, Place::Facts)
}

fn problem_in(refusal: Refusal, place: Place) -> Problem {
    match refusal {
        Refusal::BeforeItWasFixed { kind, date, fixed_on } => one(
            Code::ValidationFailed,
            place.starts_at(kind),
            "before_it_was_fixed",
            Text::new(
                format!("{date} lies before {fixed_on}, the day on which this is fixed or put off. What was agreed earlier says so: give that day ({}).", place.fixed_on()),
                format!("{date} 早于约定或改期的日期 {fixed_on}。若是此前约定的，请填写约定的日期（{}）。", place.fixed_on()),
            ),
            json!({"date": date, "fixed_on": fixed_on}),
        ),
        Refusal::BeforeItsDay { date, day } => one(
            Code::ValidationFailed,
            place.when(),
            "before_its_day",
            Text::new(
                format!("The appointment is on {day}: nobody can have stayed away on {date}."),
                format!("见面定在 {day}，{date} 不能算失约。"),
            ),
            json!({"date": date, "day": day}),
        ),
        Refusal::BeforeTheSignature { which, date, signed_on } => one(
            Code::ValidationFailed,
            place.date(which),
            "before_the_signature",
            Text::new(
                format!("{date} lies before the signature of {signed_on}. Issue and receipt follow it."),
                format!("{date} 早于签单日期 {signed_on}。承保与回执在签单之后。"),
            ),
            json!({"date": date, "signed_on": signed_on}),
        ),
        Refusal::CoolingOffTooShort { days, least } => one(
            Code::ValidationFailed,
            place.cooling_off_days(),
            "cooling_off_too_short",
            Text::new(
                format!("The cooling-off period in force at the signature is {least} days; {days} would cut it short."),
                format!("签单时有效的犹豫期为 {least} 天，不能缩短为 {days} 天。"),
            ),
            json!({"days": days, "min": least}),
        ),
        Refusal::Guards { to, as_of, unmet } => guards(to, as_of, &unmet),
        Refusal::NoSuchMove { from, to } => {
            let ((from_en, from_zh), (to_en, to_zh)) = (stage_text(from), stage_text(to));
            one(
                Code::TransitionRefused,
                "/to",
                "no_such_move",
                Text::new(
                    format!("The method has no move from {from_en} to {to_en}."),
                    format!("方法中没有从{from_zh}到{to_zh}的移动。"),
                ),
                json!({"from": from, "to": to}),
            )
        }
        Refusal::AlreadyThere { stage } => {
            let (en, zh) = stage_text(stage);
            one(
                Code::TransitionRefused,
                "/to",
                "already_there",
                Text::new(
                    format!("The prospect already stood at {en} on that day."),
                    format!("当日已处于{zh}。"),
                ),
                json!({"stage": stage}),
            )
        }
        Refusal::InTheFuture { date, today } => one(
            Code::ValidationFailed,
            place.when(),
            "in_the_future",
            Text::new(
                format!("{date} lies after today, {today}. What has not happened cannot be recorded."),
                format!("{date} 晚于今天 {today}。尚未发生的事不能记录。"),
            ),
            json!({"date": date, "today": today}),
        ),
        Refusal::BeforeLastMove { date, last_on } => one(
            Code::TransitionRefused,
            place.when(),
            "before_last_move",
            Text::new(
                format!("{date} lies before the last move of {last_on} that stands. Correct that one first, or give a later date."),
                format!("{date} 早于最近一次有效移动的日期 {last_on}。请先更正那次移动，或给出更晚的日期。"),
            ),
            json!({"date": date, "last_on": last_on}),
        ),
        Refusal::NotTheLatest { date, expected } => one(
            Code::TransitionRefused,
            place.when(),
            "not_the_latest_date",
            Text::new(
                format!("A move to 90% happens on the latest of signing, submission and money: {expected}, not {date}. Leave the date out or give that one."),
                format!("进入 90% 的日期是签单、提交资料和保费到账中最晚的一天：{expected}，不是 {date}。请不填日期或填写该日期。"),
            ),
            json!({"date": date, "expected": expected}),
        ),
        Refusal::ReasonNeeded { allowed } => {
            let codes: Vec<&str> = allowed.iter().map(|r| r.code()).collect();
            let list = codes.join(", ");
            one(
                Code::TransitionRefused,
                "/reason",
                "reason_required",
                Text::new(
                    format!("This move needs one of the reasons: {list}."),
                    format!("该移动需要以下原因之一：{list}。"),
                ),
                json!({"allowed": codes}),
            )
        }
        Refusal::NotTheOwner => Problem::new(Code::Forbidden).detail(Text::new(
            "Only the agent who owns the prospect may do this. A supervisor confirms, grants, decides fallbacks, corrects and exits, with a reason.",
            "只有该潜在客户的代理人可以执行。主管可以确认、批准、决定后退、更正和退出，并须说明原因。",
        )),
        Refusal::NotASupervisor => Problem::new(Code::Forbidden).detail(Text::new(
            "Only a supervisor above the owner may do this.",
            "只有该代理人的上级主管可以执行。",
        )),
        Refusal::FallbackNotDue { from, as_of } => {
            let (en, zh) = stage_text(from);
            one(
                Code::TransitionRefused,
                "/to",
                "fallback_not_due",
                Text::new(
                    format!("On {as_of} the pursuit at {en} is within its cycle and has a dated next step. To end it, move to exited with a reason."),
                    format!("{as_of} 时该{zh}仍在周期之内并有约定的下一步。如要结束，请以原因退出。"),
                ),
                json!({"from": from, "as_of": as_of}),
            )
        }
        Refusal::FiftyStands { as_of } => one(
            Code::TransitionRefused,
            "/to",
            "criteria_still_met",
            Text::new(
                format!("On {as_of} no criterion is unmet, and none stale beyond the grace: 50% stands. Record the check that fails instead."),
                format!("{as_of} 时没有不符合的标准，也没有超过宽限期的标准，50% 仍然成立。请记录不再符合的那一项。"),
            ),
            json!({"as_of": as_of}),
        ),
        Refusal::NoPursuit { stage, ended_on } => {
            let (en, zh) = stage_text(stage);
            Problem::new(Code::Conflict)
                .detail(Text::new(
                    format!("The prospect stands at {en}: there is no open pursuit to record this in. Fix a first appointment with a transition first."),
                    format!("该联系人处于{zh}，没有进行中的销售过程。请先通过移动约定初次见面。"),
                ))
                .error(
                    "",
                    "no_open_pursuit",
                    Text::new("No open pursuit on that date.", "当日没有进行中的销售过程。"),
                    json!({"stage": stage, "ended_on": ended_on}),
                )
        }
        Refusal::AfterTheClosing { last_day } => one(
            Code::TransitionRefused,
            "/facts/withdrawn_on",
            "after_cooling_off",
            Text::new(
                format!("Only what happened up to {last_day} undoes the sale; later events change figures only."),
                format!("只有 {last_day} 及之前发生的事会撤销成交；之后的事只影响数字。"),
            ),
            json!({"last_day": last_day}),
        ),
        Refusal::UnknownAppointment => Problem::new(Code::NotFound),
        Refusal::PursuitEnded { ended_on } => pursuit_ended(ended_on),
        Refusal::OutcomeBeforeItWasFixed { date, fixed_on } => one(
            Code::ValidationFailed,
            place.when(),
            "before_it_was_fixed",
            Text::new(
                format!("{date} lies before {fixed_on}, the day on which the appointment was fixed: nothing can have come of it by then."),
                format!("{date} 早于该见面的约定日期 {fixed_on}，当时不可能已有结果。"),
            ),
            json!({"date": date, "fixed_on": fixed_on}),
        ),
        Refusal::AppointmentSettled => conflict(
            "appointment_settled",
            "The appointment was held or called off already. If that was a slip, take it back with a correction (appointment_outcome); otherwise fix a new one.",
            "该见面已进行或已取消。如属误记，请用更正（appointment_outcome）撤回；否则请另约。",
        ),
        Refusal::ExtensionExists => conflict(
            "extension_exists",
            "This pursuit has had its one extension request.",
            "该销售过程已申请过一次延长。",
        ),
        Refusal::NoPendingExtension => conflict(
            "no_pending_extension",
            "There is no pending extension request.",
            "没有待决定的延长申请。",
        ),
        Refusal::ExtensionLapsed => conflict(
            "extension_lapsed",
            "The pursuit ended before the request was decided: there is nothing left to extend.",
            "申请未及决定，销售过程已结束：没有可延长的期限。",
        ),
        Refusal::ExtensionTooLong { most } => one(
            Code::ValidationFailed,
            "/days",
            "too_many_days",
            Text::new(
                format!("At most half the cycle: {most} days."),
                format!("至多为周期的一半：{most} 天。"),
            ),
            json!({"max": most}),
        ),
        Refusal::NotVoidable { why } => not_voidable(why),
        Refusal::NothingToCorrect => conflict(
            "nothing_to_correct",
            "No such date is recorded in this pursuit.",
            "该销售过程没有记录这个日期。",
        ),
    }
}

fn guards(to: Stage, as_of: chrono::NaiveDate, unmet: &[Rule]) -> Problem {
    let (en, zh) = stage_text(to);
    let start = Problem::new(Code::TransitionRefused).detail(Text::new(
        format!("On {as_of} the entry standard of {en} is not met."),
        format!("{as_of} 时未达到{zh}的进入标准。"),
    ));
    unmet.iter().fold(start, |problem, rule| {
        problem.error(
            field_of_move(rule).unwrap_or_else(|| "/to".to_owned()),
            rule.code.code(),
            rule.why(),
            json!({"for_stage": rule.for_stage, "as_of": as_of, "date": rule.date, "bound": rule.bound, "verdict": rule.verdict}),
        )
    })
}

fn conflict(rule: &'static str, en: &'static str, zh: &'static str) -> Problem {
    one(Code::Conflict, "", rule, Text::new(en, zh), json!({}))
}

fn not_voidable(why: NotVoidable) -> Problem {
    match why {
        NotVoidable::Created => {
            conflict("nothing_to_void", "There is no move that could be taken back.", "没有可以撤销的移动。")
        }
        NotVoidable::NotOwn => Problem::new(Code::Forbidden).detail(Text::new(
            "Agents take back their own latest move only; ask your supervisor.",
            "代理人只能撤销自己最近的移动；请联系主管。",
        )),
        NotVoidable::TooOld => Problem::new(Code::Forbidden).detail(Text::new(
            format!("It was recorded more than {VOID_DAYS} days ago; ask your supervisor."),
            format!("记录已超过 {VOID_DAYS} 天；请联系主管。"),
        )),
        NotVoidable::SignedOff { date } => one(
            Code::Forbidden,
            "",
            "signed_off",
            Text::new(
                format!("The block of {date} is signed off; ask your supervisor."),
                format!("{date} 所在的时段已由主管签核；请联系主管。"),
            ),
            json!({"date": date}),
        ),
        NotVoidable::MoveRestsOnIt => conflict(
            "move_rests_on_it",
            "A move came with this outcome or was made on the strength of it: take the move back first (void_latest_move).",
            "有移动随该结果一并录入，或以它为依据：请先撤销那次移动（void_latest_move）。",
        ),
    }
}

/// 409: the pursuit of an appointment is over.
fn pursuit_ended(ended_on: Option<chrono::NaiveDate>) -> Problem {
    let (en, zh) = match ended_on {
        Some(on) => (format!("ended on {on}"), format!("已于 {on} 结束")),
        None => ("was taken back".to_owned(), "已撤销".to_owned()),
    };
    Problem::new(Code::Conflict)
        .detail(Text::new(
            format!("The pursuit of this appointment {en}: only no_show or cancelled can still be recorded of it, and held of a later meeting. To meet again, fix a first appointment with a transition."),
            format!("该见面所属的销售过程{zh}：只能再记录未到（no_show）或取消（cancelled），后续见面还可记录已见（held）。要再见面，请通过移动约定初次见面。"),
        ))
        .error(
            "",
            "pursuit_ended",
            Text::new("The pursuit of the appointment is over.", "该见面所属的销售过程已结束。"),
            json!({"ended_on": ended_on}),
        )
}
