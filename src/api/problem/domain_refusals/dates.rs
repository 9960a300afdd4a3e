//! Dates that cannot be: too early, too late, or not the one that the records give.

use chrono::NaiveDate;
use serde_json::json;

use super::{place::Place, single_rule::one};
use crate::{
    api::problem::{Code, document::Problem},
    domain::{
        method::stage::Stage,
        prospects::{decision::AfterSigning, fact::AppointmentKind},
        values::text::Text,
    },
};

/// An appointment before the day on which it is fixed or put off.
pub fn before_it_was_fixed(
    place: Place,
    kind: AppointmentKind,
    date: NaiveDate,
    fixed_on: NaiveDate,
) -> Problem {
    one(
        Code::ValidationFailed,
        place.starts_at(kind),
        "before_it_was_fixed",
        Text::new(
            format!(
                "{date} lies before {fixed_on}, the day on which this is fixed or put off. What was agreed earlier says so: give that day ({}).",
                place.fixed_on()
            ),
            format!(
                "{date} 早于约定或改期的日期 {fixed_on}。若是此前约定的，请填写约定的日期（{}）。",
                place.fixed_on()
            ),
        ),
        json!({"date": date, "fixed_on": fixed_on}),
    )
}

/// Staying away before the day of the appointment.
pub fn before_its_day(place: Place, date: NaiveDate, day: NaiveDate) -> Problem {
    one(
        Code::ValidationFailed,
        place.when(),
        "before_its_day",
        Text::new(
            format!("The appointment is on {day}: nobody can have stayed away on {date}."),
            format!("见面定在 {day}，{date} 不能算失约。"),
        ),
        json!({"date": date, "day": day}),
    )
}

/// Issue, receipt or withdrawal before the signature.
pub fn before_the_signature(
    place: Place,
    which: AfterSigning,
    date: NaiveDate,
    signed_on: NaiveDate,
) -> Problem {
    one(
        Code::ValidationFailed,
        place.date(which),
        "before_the_signature",
        Text::new(
            format!(
                "{date} lies before the signature of {signed_on}. Issue, receipt and withdrawal follow it."
            ),
            format!("{date} 早于签单日期 {signed_on}。承保、回执与撤单都在签单之后。"),
        ),
        json!({"date": date, "signed_on": signed_on}),
    )
}

/// Fewer days than the cooling-off period in force.
pub fn cooling_off_too_short(place: Place, days: i32, least: i32) -> Problem {
    one(
        Code::ValidationFailed,
        place.cooling_off_days(),
        "cooling_off_too_short",
        Text::new(
            format!(
                "The cooling-off period in force at the signature is {least} days; {days} would cut it short."
            ),
            format!("签单时有效的犹豫期为 {least} 天，不能缩短为 {days} 天。"),
        ),
        json!({"days": days, "min": least}),
    )
}

/// A day that has not come.
pub fn in_the_future(place: Place, date: NaiveDate, today: NaiveDate) -> Problem {
    one(
        Code::ValidationFailed,
        place.when(),
        "in_the_future",
        Text::new(
            format!("{date} lies after today, {today}. What has not happened cannot be recorded."),
            format!("{date} 晚于今天 {today}。尚未发生的事不能记录。"),
        ),
        json!({"date": date, "today": today}),
    )
}

/// A move older than the last one that stands.
pub fn before_last_move(place: Place, date: NaiveDate, last_on: NaiveDate) -> Problem {
    one(
        Code::TransitionRefused,
        place.when(),
        "before_last_move",
        Text::new(
            format!(
                "{date} lies before the last move of {last_on} that stands. Correct that one first, or give a later date."
            ),
            format!("{date} 早于最近一次有效变动的日期 {last_on}。请先更正那次变动，或给出更晚的日期。"),
        ),
        json!({"date": date, "last_on": last_on}),
    )
}

/// A move to 90% on another day than its own.
pub fn not_the_latest(place: Place, date: NaiveDate, expected: NaiveDate) -> Problem {
    one(
        Code::TransitionRefused,
        place.when(),
        "not_the_latest_date",
        Text::new(
            format!(
                "A move to 90% happens on the latest of signing, submission and money: {expected}, not {date}. Leave the date out or give that one."
            ),
            format!(
                "进入 90% 的日期是签单、提交资料和保费到账中最晚的一天：{expected}，不是 {date}。请不填日期或填写该日期。"
            ),
        ),
        json!({"date": date, "expected": expected}),
    )
}

/// A move to closed, or back from there, on another day than its own.
pub fn dated_elsewhere(place: Place, to: Stage, date: NaiveDate, expected: NaiveDate) -> Problem {
    let text = match to {
        Stage::Closed => Text::new(
            format!(
                "A sale closes on the day on which issue and receipt are there and the cooling-off period is over: {expected}, not {date}. Leave the date out or give that one."
            ),
            format!("成交日由承保、回执和犹豫期得出：{expected}，不是 {date}。请不填日期或填写该日期。"),
        ),
        _ => Text::new(
            format!(
                "What arrives after the closing is dated on the day it arrives: {expected}, not {date}. Leave the date out, and give the event's own date as withdrawn_on."
            ),
            format!(
                "成交之后才收到的事件按收到之日记录：{expected}，不是 {date}。请不填日期，并在 withdrawn_on 中填写事件本身的日期。"
            ),
        ),
    };
    one(
        Code::TransitionRefused,
        place.when(),
        "dated_elsewhere",
        text,
        json!({"date": date, "expected": expected}),
    )
}

/// What happened too late to undo the sale.
pub fn after_the_closing(last_day: NaiveDate) -> Problem {
    one(
        Code::TransitionRefused,
        "/facts/withdrawn_on",
        "after_cooling_off",
        Text::new(
            format!("Only what happened up to {last_day} undoes the sale; later events change figures only."),
            format!("只有 {last_day} 及之前发生的事会撤销成交；之后的事只影响数字。"),
        ),
        json!({"last_day": last_day}),
    )
}

/// An outcome before the appointment was fixed.
pub fn outcome_before_it_was_fixed(place: Place, date: NaiveDate, fixed_on: NaiveDate) -> Problem {
    one(
        Code::ValidationFailed,
        place.when(),
        "before_it_was_fixed",
        Text::new(
            format!(
                "{date} lies before {fixed_on}, the day on which the appointment was fixed: nothing can have come of it by then."
            ),
            format!("{date} 早于该见面的约定日期 {fixed_on}，当时不可能已有结果。"),
        ),
        json!({"date": date, "fixed_on": fixed_on}),
    )
}
