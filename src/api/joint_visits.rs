//! Joint visits (陪访, method section 2): the supervisor who goes along to an appointment.

use serde_json::json;

use super::problem::{Code, Problem};
use crate::{
    domain::{id::Id, text::Text},
    store::{Conn, joint_visits},
};

/// Somebody named at `pointer` must be an active supervisor above the owner; whoever is not reads like nobody at all.
///
/// # Errors
/// 422 `unknown_supervisor`.
pub fn check(conn: &mut Conn, owner_id: Id, named: Option<Id>, pointer: &'static str) -> Result<(), Problem> {
    let Some(named) = named else { return Ok(()) };
    if joint_visits::is_above(conn, named, owner_id)? {
        return Ok(());
    }
    Err(Problem::new(Code::ValidationFailed).error(
        pointer,
        "unknown_supervisor",
        Text::new("There is no such supervisor above the agent.", "该代理人没有这位上级主管。"),
        json!({}),
    ))
}
