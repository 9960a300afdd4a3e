//! Why prospects are not handed over.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    api::{
        problem::{Code, Problem},
        roster,
    },
    domain::{ownership::NotHandedOver, text::Text},
    store::{Conn, memberships, users::User},
};

/// What is wrong with the prospect at one place of the list: where in the body that is mended, the code, the words, the
/// figures in them.
pub type Fault = (String, &'static str, Text, Value);

/// A problem with a fault for each of these places in the list of prospects, if there is any.
///
/// # Errors
/// That problem.
pub fn each(
    problem: impl FnOnce() -> Problem,
    places: impl Iterator<Item = usize>,
    fault: impl Fn(usize) -> Fault,
) -> Result<(), Problem> {
    let faults: Vec<Fault> = places.map(fault).collect();
    if faults.is_empty() {
        return Ok(());
    }
    let add = |problem: Problem, (at, code, detail, params): Fault| problem.error(at, code, detail, params);
    Err(faults.into_iter().fold(problem(), add))
}

/// 422.
pub fn not_valid() -> Problem {
    Problem::new(Code::ValidationFailed)
}

/// 428: here the versions stand in the body, not in If-Match.
pub fn versions_wanted() -> Problem {
    let text = Text::new(
        "Every prospect of the list carries the `version` you saw; If-Match is not read here.",
        "列表中的每位潜在客户都须带上您所见的 `version`；此处不使用 If-Match。",
    );
    Problem::new(Code::PreconditionRequired).detail(text)
}

/// 412: here the versions stand in the body, not in If-Match.
pub fn versions_passed() -> Problem {
    let text = Text::new(
        "Prospects of the list have changed since the `version` you sent; `errors` names them. Read them again, look at \
         the change, and send the present versions.",
        "列表中有潜在客户在您提交的 `version` 之后已被更改，`errors` 指出是哪些。请重新读取，查看变化，并提交当前版本。",
    );
    Problem::new(Code::Stale).detail(text)
}

fn at(place: usize, field: &str) -> String {
    format!("/prospects/{place}/{field}")
}

/// The version is missing.
pub fn no_version(place: usize) -> Fault {
    let text = Text::new("Say which version you saw.", "请说明您所见的版本。");
    (at(place, "version"), "required", text, json!({}))
}

/// It stands in the list twice.
pub fn repeated(place: usize) -> Fault {
    let text = Text::new("It stands in the list already.", "列表中已有这位潜在客户。");
    (at(place, "prospect_id"), "repeated", text, json!({}))
}

/// It is not there, or not for the caller.
pub fn unknown(place: usize) -> Fault {
    let text = Text::new("There is no such prospect.", "没有这位潜在客户。");
    (at(place, "prospect_id"), "unknown_prospect", text, json!({}))
}

/// It has another version by now: this one.
pub fn stale(place: usize, present: Option<i32>) -> Fault {
    let text = match present {
        Some(present) => Text::new(
            format!("It has changed since that version; the present one is {present}."),
            format!("该版本之后数据已被更改；当前版本为 {present}。"),
        ),
        None => Text::new("It has changed since that version.", "该版本之后数据已被更改。"),
    };
    (at(place, "version"), "stale", text, json!({"version": present}))
}

/// The method does not allow it. Another day mends what is too early, so the fault points there and its `prospect` to
/// whom it is about.
pub fn because(place: usize, why: Option<&NotHandedOver>) -> Fault {
    let (number, on) = (place + 1, "/transferred_on".to_owned());
    let params = |last_on: &NaiveDate| json!({"last_on": last_on, "prospect": format!("/prospects/{place}")});
    match why {
        Some(NotHandedOver::BeforeLastMove { last_on }) => {
            let text = Text::new(
                format!("The last move of prospect {number} in the list that stands is dated {last_on}."),
                format!("列表中第 {number} 位潜在客户最近一次有效变动的日期为 {last_on}。"),
            );
            (on, "before_last_move", text, params(last_on))
        }
        Some(NotHandedOver::BeforeLastTransfer { last_on }) => {
            let text = Text::new(
                format!("Prospect {number} in the list was handed over on {last_on}."),
                format!("列表中第 {number} 位潜在客户已于 {last_on} 转交。"),
            );
            (on, "before_last_transfer", text, params(last_on))
        }
        Some(NotHandedOver::SameOwner) | None => {
            let text = Text::new("It is this agent's already.", "该客户已归此代理人所有。");
            (at(place, "prospect_id"), "same_owner", text, json!({}))
        }
    }
}

/// 422: nobody of this id in the caller's reach.
pub fn to_nobody() -> Problem {
    let text = Text::new("There is no such agent.", "没有这位代理人。");
    Problem::new(Code::ValidationFailed).error("/to_agent_id", "unknown_agent", text, json!({}))
}

/// 422: whoever is disabled takes no prospects over.
pub fn to_a_disabled_user() -> Problem {
    let text = Text::new("This user is disabled.", "该用户已停用。");
    Problem::new(Code::ValidationFailed).error("/to_agent_id", "agent_disabled", text, json!({}))
}

/// The day must have come, and find the new owner in a team: what flows on it belongs to that team.
///
/// # Errors
/// 422 `in_the_future`, `before_membership`; those of the store.
pub fn check_date(conn: &mut Conn, receiver: &User, on: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
    if on > today {
        return Err(roster::in_future("/transferred_on"));
    }
    let joined = memberships::of_user(conn, receiver)?.first().map(|stay| stay.valid_from);
    match joined.filter(|joined| on < *joined) {
        None => Ok(()),
        Some(joined) => Err(Problem::new(Code::ValidationFailed).error(
            "/transferred_on",
            "before_membership",
            Text::new(format!("The new owner joined on {joined}."), format!("新归属人于 {joined} 加入。")),
            json!({"since": joined}),
        )),
    }
}
