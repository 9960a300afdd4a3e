//! What the state of a pursuit, an appointment or an extension stands against.

use chrono::NaiveDate;
use serde_json::json;

use super::single_rule::{conflict, one, stage_text};
use crate::{
    api::problem::{Code, document::Problem},
    domain::{
        method::stage::Stage,
        values::{id::Id, text::Text},
    },
};

/// Something of a pursuit where there is none.
pub fn no_pursuit(stage: Stage, ended_on: Option<NaiveDate>) -> Problem {
    let (en, zh) = stage_text(stage);
    Problem::new(Code::Conflict)
        .detail(Text::new(
            format!("The prospect stands at {en}: there is no open pursuit to record this in. Fix a first appointment with a transition first."),
            format!("该联系人处于{zh}，没有进行中的销售过程。请先推进到约定初次见面。"),
        ))
        .error(
            "",
            "no_open_pursuit",
            Text::new("No open pursuit on that date.", "当日没有进行中的销售过程。"),
            json!({"stage": stage, "ended_on": ended_on}),
        )
}

/// 409: dated in the time of a pursuit before the one it was told for.
pub fn newer_pursuit_begun(pointer: String, date: NaiveDate, begun_on: NaiveDate) -> Problem {
    let text = Text::new(
        format!(
            "{date} lies before {begun_on}: the present pursuit takes nothing from before its beginning, for it would count as older than it is. Give the day on which it happened in this pursuit."
        ),
        format!(
            "{date} 早于 {begun_on}：现在的销售过程不接受开始之前的记录，否则会被算得更久。请填写在本次销售过程中发生的日期。"
        ),
    );
    let params = json!({"date": date, "begun_on": begun_on});
    Problem::new(Code::Conflict).detail(text.clone()).error(pointer, "newer_pursuit_begun", text, params)
}

/// An outcome that contradicts the one there is.
pub fn appointment_settled() -> Problem {
    conflict(
        "appointment_settled",
        "The appointment was held or called off already. If that was a slip, take it back with a correction (appointment_outcome); otherwise fix a new one.",
        "该见面已进行或已取消。如属误记，请用更正（appointment_outcome）撤回；否则请另约。",
    )
}

/// A second first appointment beside an open one.
pub fn first_appointment_exists(appointment_id: Id, day: NaiveDate) -> Problem {
    let told = Text::new(
        format!(
            "There is an open first appointment on {day} already: change that one, or record what came of it."
        ),
        format!("已有 {day} 的初次见面尚未了结：请更改该约定，或记录其结果。"),
    );
    let params = json!({"appointment_id": appointment_id, "on": day});
    one(Code::Conflict, "", "first_appointment_exists", told, params)
}

/// A second request for more days.
pub fn extension_exists() -> Problem {
    conflict(
        "extension_exists",
        "This pursuit has had its one extension request.",
        "该销售过程已申请过一次延长。",
    )
}

/// A decision that nobody asked for.
pub fn no_pending_extension() -> Problem {
    conflict("no_pending_extension", "There is no pending extension request.", "没有待决定的延长申请。")
}

/// A decision that comes too late.
pub fn extension_lapsed() -> Problem {
    conflict(
        "extension_lapsed",
        "The pursuit ended before the request was decided: there is nothing left to extend.",
        "申请未及决定，销售过程已结束：没有可延长的期限。",
    )
}

/// More days than half the cycle.
pub fn extension_too_long(most: i64) -> Problem {
    one(
        Code::ValidationFailed,
        "/days",
        "too_many_days",
        Text::new(format!("At most half the cycle: {most} days."), format!("至多为周期的一半：{most} 天。")),
        json!({"max": most}),
    )
}

/// 409: the pursuit of an appointment is over.
pub fn pursuit_ended(ended_on: Option<NaiveDate>) -> Problem {
    let (en, zh) = match ended_on {
        Some(on) => (format!("ended on {on}"), format!("已于 {on} 结束")),
        None => ("was taken back".to_owned(), "已撤销".to_owned()),
    };
    Problem::new(Code::Conflict)
        .detail(Text::new(
            format!("The pursuit of this appointment {en}: only no_show or cancelled can still be recorded of it, and held of a later meeting. To meet again, fix a first appointment with a transition."),
            format!("该见面所属的销售过程{zh}：只能再记录未到（no_show）或取消（cancelled），后续见面还可记录已见（held）。要再见面，请重新推进到约定初次见面。"),
        ))
        .error(
            "",
            "pursuit_ended",
            Text::new("The pursuit of the appointment is over.", "该见面所属的销售过程已结束。"),
            json!({"ended_on": ended_on}),
        )
}
