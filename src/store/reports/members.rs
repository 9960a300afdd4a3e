//! Whom a report of a team is about: everybody who belonged to it on some day, with the days on which they did.
//!
//! What somebody does counts for the team of that day. Says nothing about what they did, and never looks at a scope.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::{
    domain::{
        method::stage::Stage,
        organisation::actor::Role,
        values::{
            id::Id,
            window::{Span, Window, holds_on},
        },
    },
    store::{
        Conn, StoreError,
        db::schema::{memberships, standings, teams, users},
    },
};
use aliases::stays;

mod aliases {
    #![allow(missing_docs)]
    use super::memberships;
    diesel::alias!(memberships as stays: Stays);
}

/// Somebody who belonged to a team on some day of a range.
#[derive(Clone, Debug)]
pub struct Member {
    /// The user.
    pub id: Id,
    /// The name to show.
    pub display_name: String,
    /// Agent or supervisor.
    pub role: Role,
    /// First day in the service.
    pub joined_on: NaiveDate,
    /// When.
    pub spans: Vec<Span>,
}

/// Whether what happened on a day counts: the agent belonged to the team of the report then.
pub(in crate::store) fn counts(members: &[Member], agent: Id, day: NaiveDate) -> bool {
    members.iter().any(|m| m.id == agent && holds_on(&m.spans, day))
}

/// Their ids.
pub(in crate::store) fn ids(members: &[Member]) -> Vec<Id> {
    members.iter().map(|m| m.id).collect()
}

/// Who belonged to the team with this path, and below it if asked, on some day of a range; by display name. Supervisors
/// from the first day on which a pursuit was their own: whoever begins to sell changes nothing in what is past.
///
/// # Errors
/// Those of the database.
pub fn of_team(
    conn: &mut Conn,
    (team_id, team_path): (Id, &str),
    range: Window,
    include_subteams: bool,
) -> Result<Vec<Member>, StoreError> {
    // As a column and not as a condition: the planner looks once a person, instead of at everybody's prospects.
    let sells_since = standings::table
        .filter(users::role.eq(Role::Supervisor))
        .filter(standings::owner_id.eq(users::id))
        .filter(standings::stage.eq_any(Stage::PURSUED))
        .select(diesel::dsl::min(standings::from_on))
        .single_value();
    let joined_on = stays
        .filter(stays.field(memberships::user_id).eq(users::id))
        .select(diesel::dsl::min(stays.field(memberships::valid_from)))
        .single_value();
    let mut query = memberships::table
        .inner_join(teams::table)
        .inner_join(users::table)
        .filter(memberships::valid_from.le(range.to))
        .filter(memberships::valid_to.is_null().or(memberships::valid_to.gt(range.from)))
        .order((users::display_name, users::id, memberships::valid_from))
        .select((
            users::id,
            users::display_name,
            users::role,
            memberships::valid_from,
            memberships::valid_to,
            sells_since,
            joined_on,
        ))
        .into_boxed();
    query = if include_subteams {
        query.filter(teams::path.like(format!("{team_path}%")))
    } else {
        query.filter(memberships::team_id.eq(team_id))
    };
    type Row = (Id, String, Role, NaiveDate, Option<NaiveDate>, Option<NaiveDate>, Option<NaiveDate>);
    let rows: Vec<Row> = query.load(conn)?;
    let mut members: Vec<Member> = Vec::new();
    for (id, display_name, role, from, until, sells_since, joined_on) in rows {
        let joined_on = joined_on.unwrap_or(from);
        // A supervisor who sells is a member like any other; one who does not, or not yet, is none.
        let from = match role {
            Role::Supervisor => sells_since.map(|since| from.max(since)),
            Role::Agent => Some(from),
        };
        let span = from.map(|from| Span { from, until });
        let Some(span) = span.filter(|s| s.from <= range.to && s.until.is_none_or(|end| s.from < end)) else {
            continue;
        };
        match members.last_mut() {
            Some(last) if last.id == id => last.spans.push(span),
            _ => members.push(Member { id, display_name, role, joined_on, spans: vec![span] }),
        }
    }
    Ok(members)
}
