//! What people, their memberships and the team tree have in common.

use serde_json::json;
use validator::ValidationError;

use super::{
    extract::faults::invalid,
    problem::{Code, Problem},
};
use crate::{
    domain::{actor::Actor, id::Id, text::Text},
    store::{Conn, StoreError, audit::Entry, teams},
};

/// A name of nothing but blanks names nobody.
///
/// # Errors
/// `blank`.
pub fn not_blank(text: &str) -> Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Err(invalid("blank", Text::new("It must not be blank.", "不能为空白。")));
    }
    Ok(())
}

/// The team a body names at `pointer`; one out of sight reads like one that does not exist.
///
/// # Errors
/// 422 `unknown_team`.
pub fn visible_team(
    conn: &mut Conn,
    actor: &Actor,
    id: Id,
    pointer: &'static str,
) -> Result<teams::Team, Problem> {
    match teams::find(conn, actor, id) {
        Err(StoreError::NotFound) => Err(Problem::new(Code::ValidationFailed).error(
            pointer,
            "unknown_team",
            Text::new("There is no such team.", "没有这个团队。"),
            json!({}),
        )),
        other => Ok(other?),
    }
}

/// 422 for a date after today.
pub fn in_future(pointer: &'static str) -> Problem {
    Problem::new(Code::ValidationFailed).error(
        pointer,
        "in_the_future",
        Text::new("The date must not be in the future.", "日期不能晚于今天。"),
        json!({}),
    )
}

/// The audit entry of something a person was subject to.
pub fn entry(actor: &Actor, action: &'static str, subject_id: Id) -> Entry {
    Entry { actor_id: Some(actor.id), action, subject_kind: "user", subject_id, details: json!({}) }
}
