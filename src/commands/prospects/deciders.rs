//! Whether one deals with whoever decides, asked before it is recorded (method section 3).

use chrono::NaiveDate;

use super::{Check, write::Refused};
use crate::{
    domain::{
        method::criteria::{Criterion, Verdict},
        prospects::decision::Warning,
    },
    store::{Conn, ledger::Loaded, prospects::people},
};

/// What is to be remarked on checks that are about to be recorded; those without a day of their own are dated `otherwise`.
/// The person is read only where one of them says that whoever decides is there.
///
/// # Errors
/// `CoDeciderNotEngaged`, and those of the store.
pub(super) fn remarks<'c>(
    conn: &mut Conn,
    loaded: &Loaded,
    checks: impl IntoIterator<Item = &'c Check>,
    otherwise: NaiveDate,
) -> Result<Option<Warning>, Refused> {
    let says_so =
        |check: &&Check| check.criterion == Criterion::DecisionMaker && check.verdict == Verdict::Met;
    let Some(check) = checks.into_iter().find(says_so) else { return Ok(None) };
    let deciders = people::find(conn, &loaded.row)?.deciders();
    Ok(deciders.met_on(check.checked_on.unwrap_or(otherwise))?)
}
