//! Marks what must be derived again, because the cycle or the settings it rests on have changed. Plain updates; whoever
//! marks holds the agents concerned.

use chrono::{Days, NaiveDate};
use diesel::prelude::*;

use crate::{
    domain::{method::stage::Stage, prospects::transition::Path, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{ownerships, prospects, transitions},
        organisation::scope,
    },
};

/// Marks the open prospects of some agents, and those that were theirs once: the days of then keep their cycle. Whoever
/// fell back by itself on `since` or later is looked at as well: another cycle governs those days than was known then.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn agents(
    conn: &mut Conn,
    agents: &[Id],
    since: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<(), StoreError> {
    if agents.is_empty() {
        return Ok(());
    }
    let left = ownerships::table
        .filter(ownerships::from_agent_id.eq_any(agents.to_vec()))
        .select(ownerships::prospect_id);
    let theirs = prospects::owner_id.eq_any(agents.to_vec()).or(prospects::id.eq_any(left));
    let open = prospects::stage.eq_any(Stage::PURSUED);
    let concerned = prospects::table.filter(theirs.clone()).filter(open);
    diesel::update(concerned).set(prospects::next_review_on.eq(Some(today))).execute(conn)?;
    let Some(since) = since else { return Ok(()) };
    let fell_since = transitions::table
        .filter(transitions::occurred_on.ge(since))
        .filter(transitions::path.eq(Path::Automatic))
        .filter(transitions::to_stage.eq(Stage::Opportunity))
        .select(transitions::prospect_id);
    let fallen = prospects::table
        .filter(theirs)
        .filter(prospects::stage.eq(Stage::Opportunity))
        .filter(prospects::id.eq_any(fell_since));
    diesel::update(fallen).set(prospects::next_review_on.eq(Some(today))).execute(conn)?;
    Ok(())
}

/// Marks every open prospect below a team, or everywhere: settings have changed.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn below(
    conn: &mut Conn,
    team_path: Option<&str>,
    utc_today: NaiveDate,
) -> Result<(), StoreError> {
    // Today in every time zone, also where it is still yesterday.
    let marked = prospects::next_review_on.eq(utc_today.checked_sub_days(Days::new(1)));
    let open = prospects::stage.eq_any(Stage::PURSUED);
    match team_path {
        Some(path) => diesel::update(
            prospects::table.filter(prospects::owner_id.eq_any(scope::members_below(path))).filter(open),
        )
        .set(marked)
        .execute(conn)?,
        None => diesel::update(prospects::table.filter(open)).set(marked).execute(conn)?,
    };
    Ok(())
}
