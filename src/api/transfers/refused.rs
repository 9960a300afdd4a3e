//! Why prospects are not handed over.

use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::{
    api::{
        problem::{Code, Problem},
        roster,
    },
    domain::{ownership::NotHandedOver, text::Text},
    store::{
        Conn,
        users::{self, User},
    },
};

/// What is wrong with one prospect of the request: the field, the code, the words, the figures in them.
pub type Fault = (&'static str, &'static str, Text, Value);

/// One problem with a fault for each of these places in the list of prospects, if there is any.
///
/// # Errors
/// That problem.
pub fn each(
    code: Code,
    places: impl Iterator<Item = usize>,
    fault: impl Fn(usize) -> Fault,
) -> Result<(), Problem> {
    let add = |problem: Option<Problem>, place: usize| {
        let (field, code_of_fault, detail, params) = fault(place);
        let problem = problem.unwrap_or_else(|| Problem::new(code));
        Some(problem.error(format!("/prospects/{place}/{field}"), code_of_fault, detail, params))
    };
    places.fold(None, add).map_or(Ok(()), Err)
}

/// The version is missing.
pub fn no_version() -> Fault {
    let text = Text::new("Say which version you saw.", "请说明您所见的版本。");
    ("version", "required", text, json!({}))
}

/// It stands in the list twice.
pub fn repeated() -> Fault {
    let text = Text::new("It stands in the list already.", "列表中已有这位潜在客户。");
    ("prospect_id", "repeated", text, json!({}))
}

/// It is not there, or not for the caller.
pub fn unknown() -> Fault {
    let text = Text::new("There is no such prospect.", "没有这位潜在客户。");
    ("prospect_id", "unknown_prospect", text, json!({}))
}

/// It has another version by now.
pub fn stale() -> Fault {
    let text = Text::new("It has changed since that version.", "该版本之后数据已被更改。");
    ("version", "stale", text, json!({}))
}

/// The method does not allow it.
pub fn because(why: Option<&NotHandedOver>) -> Fault {
    match why {
        Some(NotHandedOver::BeforeLastMove { last_on }) => {
            let text = Text::new(
                format!("Its last move that stands is dated {last_on}."),
                format!("其最近一次有效变动的日期为 {last_on}。"),
            );
            ("prospect_id", "before_last_move", text, json!({"last_on": last_on}))
        }
        Some(NotHandedOver::BeforeLastTransfer { last_on }) => {
            let text = Text::new(
                format!("It was handed over on {last_on}."),
                format!("该客户已于 {last_on} 转交。"),
            );
            ("prospect_id", "before_last_transfer", text, json!({"last_on": last_on}))
        }
        Some(NotHandedOver::SameOwner) | None => {
            let text = Text::new("It is this agent's already.", "该客户已归此代理人所有。");
            ("prospect_id", "same_owner", text, json!({}))
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
/// 422 `in_future`, `before_membership`; those of the store.
pub fn check_date(conn: &mut Conn, receiver: &User, on: NaiveDate, today: NaiveDate) -> Result<(), Problem> {
    if on > today {
        return Err(roster::in_future("/transferred_on"));
    }
    let joined = users::memberships_of(conn, receiver)?.first().map(|stay| stay.valid_from);
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
