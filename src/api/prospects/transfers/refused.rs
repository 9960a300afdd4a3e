//! Why prospects are not handed over.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::bodies::TransferItem;
use crate::{
    api::problem::{Code, document::Problem},
    commands::prospects::transfer::{Against, Refused},
    domain::{prospects::ownership::NotHandedOver, values::text::Text},
};

/// What is wrong with the prospect at one place of the list: where in the body that is mended, the code, the words, the
/// figures in them.
type Fault = (String, &'static str, Text, Value);

fn all(problem: Problem, faults: impl Iterator<Item = Fault>) -> Problem {
    faults.fold(problem, |problem, (at, code, detail, params)| problem.error(at, code, detail, params))
}

/// 428: here the versions stand in the body, not in If-Match.
fn versions_wanted() -> Problem {
    let text = Text::new(
        "Every prospect of the list carries the `version` you saw; If-Match is not read here.",
        "列表中的每位潜在客户都须带上您所见的 `version`；此处不使用 If-Match。",
    );
    Problem::new(Code::PreconditionRequired).detail(text)
}

/// 412: here the versions stand in the body, not in If-Match.
fn versions_passed() -> Problem {
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
fn no_version(place: usize) -> Fault {
    let text = Text::new("Say which version you saw.", "请说明您所见的版本。");
    (at(place, "version"), "required", text, json!({}))
}

/// It stands in the list twice.
fn repeated(place: usize) -> Fault {
    let text = Text::new("It stands in the list already.", "列表中已有这位潜在客户。");
    (at(place, "prospect_id"), "repeated", text, json!({}))
}

/// It is not there, or not for the caller.
fn unknown(place: usize) -> Fault {
    let text = Text::new("There is no such prospect.", "没有这位潜在客户。");
    (at(place, "prospect_id"), "unknown_prospect", text, json!({}))
}

/// It has another version by now: this one.
fn stale(place: usize, present: i32) -> Fault {
    let text = Text::new(
        format!("It has changed since that version; the present one is {present}."),
        format!("该版本之后数据已被更改；当前版本为 {present}。"),
    );
    (at(place, "version"), "stale", text, json!({"version": present}))
}

/// The method does not allow it. Another day mends what is too early, so the fault points there and its `prospect` to
/// whom it is about.
fn because(place: usize, why: NotHandedOver) -> Fault {
    let (number, on) = (place + 1, "/transferred_on".to_owned());
    let params = |last_on: NaiveDate| json!({"last_on": last_on, "prospect": format!("/prospects/{place}")});
    match why {
        NotHandedOver::BeforeLastMove { last_on } => {
            let text = Text::new(
                format!("The last move of prospect {number} in the list that stands is dated {last_on}."),
                format!("列表中第 {number} 位潜在客户最近一次有效变动的日期为 {last_on}。"),
            );
            (on, "before_last_move", text, params(last_on))
        }
        NotHandedOver::BeforeLastTransfer { last_on } => {
            let text = Text::new(
                format!("Prospect {number} in the list was handed over on {last_on}."),
                format!("列表中第 {number} 位潜在客户已于 {last_on} 转交。"),
            );
            (on, "before_last_transfer", text, params(last_on))
        }
        NotHandedOver::SameOwner => {
            let text = Text::new("It is this agent's already.", "该客户已归此代理人所有。");
            (at(place, "prospect_id"), "same_owner", text, json!({}))
        }
    }
}

/// Nobody of this id in the caller's reach.
fn to_nobody() -> Fault {
    let text = Text::new("There is no such agent.", "没有这位代理人。");
    ("/to_agent_id".to_owned(), "unknown_agent", text, json!({}))
}

/// Whoever is disabled takes no prospects over.
fn to_a_disabled_user() -> Fault {
    let text = Text::new("This user is disabled.", "该用户已停用。");
    ("/to_agent_id".to_owned(), "agent_disabled", text, json!({}))
}

/// The day lies in the future.
fn in_the_future() -> Fault {
    let text = Text::new("The date must not be in the future.", "日期不能晚于今天。");
    ("/transferred_on".to_owned(), "in_the_future", text, json!({}))
}

/// Before that day the new owner was in no team.
fn before_membership(since: NaiveDate) -> Fault {
    let text =
        Text::new(format!("The new owner joined on {since}."), format!("新归属代理人于 {since} 加入。"));
    ("/transferred_on".to_owned(), "before_membership", text, json!({"since": since}))
}

fn fault(against: Against) -> Fault {
    match against {
        Against::ToNobody => to_nobody(),
        Against::ToADisabledUser => to_a_disabled_user(),
        Against::Repeated(place) => repeated(place),
        Against::Unknown(place) => unknown(place),
        Against::Stale(place, present) => stale(place, present),
        Against::InTheFuture => in_the_future(),
        Against::BeforeMembership { since } => before_membership(since),
        Against::NotHandedOver(place, why) => because(place, why),
    }
}

/// 428 when the version of one is missing.
///
/// # Errors
/// That problem, with all of them.
pub fn unless_versions_given(items: &[TransferItem]) -> Result<(), Problem> {
    let mut without = items.iter().enumerate().filter(|(_, item)| item.version.is_none()).peekable();
    if without.peek().is_none() {
        return Ok(());
    }
    Err(all(versions_wanted(), without.map(|(place, _)| no_version(place))))
}

/// What stands against a transfer, as a problem: 412 where only versions have passed, 422 with everything otherwise.
pub fn refused(why: Refused) -> Problem {
    match why {
        Refused::Store(error) => error.into(),
        Refused::SupervisorsOnly => Problem::new(Code::Forbidden),
        Refused::Against(found) => {
            let passed = found.iter().all(|one| matches!(one, Against::Stale(..)));
            let problem = if passed { versions_passed() } else { Problem::new(Code::ValidationFailed) };
            all(problem, found.into_iter().map(fault))
        }
    }
}
