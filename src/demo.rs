//! The demo: the method's own sample (method section 8), for looking around and for trying the API.
//!
//! Knows who is in it and when it happened. It is loaded once, into an empty database, in the order in which things
//! happened; its dates are shifted by whole weeks so that its Monday falls on the current week's.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Utc};
use chrono_tz::{Asia::Shanghai, Tz};

use crate::{
    clock::Ids,
    domain::{
        actor::Role,
        id::Id,
        user::{NoUsername, Username},
    },
    passwords,
    store::{
        Conn, StoreError,
        teams::{self, NewTeam, Team},
        users::{self, NewUser},
    },
};

/// Everybody's password in the demo.
pub const PASSWORD: &str = "prospector-demo";

/// Time zone of the demo's teams.
pub const TIME_ZONE: Tz = Shanghai;

/// The Monday of the sample sheet.
pub fn monday() -> NaiveDate {
    NaiveDate::from_ymd_opt(2009, 12, 14).unwrap_or_default()
}

/// By how much the demo's dates are shifted so that its Monday falls on the Monday of `today`'s week.
pub fn shift_to(today: NaiveDate) -> Duration {
    let this_monday = today - Duration::days(i64::from(today.weekday().num_days_from_monday()));
    this_monday - monday()
}

/// The people and teams of the demo.
#[derive(Clone, Debug)]
pub struct Roster {
    /// The team of 杨晓玲 and 施海兵, headed by `supervisor-a`.
    pub first: Team,
    /// The team below it, with `sheet_week_start=SAT`, of `agent-a`.
    pub child: Team,
    /// The second team, headed by `supervisor-b`, with `agent-b`.
    pub second: Team,
    /// `supervisor-a`.
    pub supervisor_a: Id,
    /// `supervisor-b`.
    pub supervisor_b: Id,
    /// `yang.xiaoling`.
    pub yang: Id,
    /// `shi.haibing`.
    pub shi: Id,
    /// `agent-a`, owner of the sample sheet.
    pub agent_a: Id,
    /// `agent-b`.
    pub agent_b: Id,
}

/// Makes the people and teams, members since 2009-01-05 (shifted). `at` is real time.
///
/// # Errors
/// Those of the database.
pub fn make_roster(
    conn: &mut Conn,
    ids: Ids,
    shift: Duration,
    at: DateTime<Utc>,
) -> Result<Roster, StoreError> {
    let hash =
        passwords::hash(PASSWORD, ids).ok_or_else(|| StoreError::Corrupt("no password hash".to_owned()))?;
    let since = NaiveDate::from_ymd_opt(2009, 1, 5).unwrap_or_default() + shift;
    let first = team(conn, ids, at, "营业一组 Team One", None)?;
    let child = team(conn, ids, at, "营业一组新人班 Team One, newcomers", Some(&first))?;
    let second = team(conn, ids, at, "营业二组 Team Two", None)?;
    let mut add = |username: &str, name: &str, role: Role, team: &Team| {
        let no_name = |_: NoUsername| StoreError::Corrupt("no user name".to_owned());
        let user = NewUser {
            id: ids.id(),
            username: username.parse::<Username>().map_err(no_name)?,
            display_name: name.to_owned(),
            role,
            password_hash: hash.clone(),
            team_id: team.id,
            member_from: since,
            at,
        };
        users::create(conn, &user, ids.id())?;
        Ok::<_, StoreError>(user.id)
    };
    Ok(Roster {
        supervisor_a: add("supervisor-a", "王主管", Role::Supervisor, &first)?,
        yang: add("yang.xiaoling", "杨晓玲", Role::Agent, &first)?,
        shi: add("shi.haibing", "施海兵", Role::Agent, &first)?,
        agent_a: add("agent-a", "李明", Role::Agent, &child)?,
        supervisor_b: add("supervisor-b", "赵主管", Role::Supervisor, &second)?,
        agent_b: add("agent-b", "陈静", Role::Agent, &second)?,
        first,
        child,
        second,
    })
}

fn team(
    conn: &mut Conn,
    ids: Ids,
    at: DateTime<Utc>,
    name: &str,
    parent: Option<&Team>,
) -> Result<Team, StoreError> {
    let new = NewTeam {
        id: ids.id(),
        parent: parent.cloned(),
        name: name.to_owned(),
        time_zone: TIME_ZONE.name().to_owned(),
        at,
    };
    teams::create(conn, &new)
}

/// Everything the demo holds, in one transaction: all of it or nothing. `shift` moves its dates by whole weeks;
/// `business_today` is the date on which it is looked at, unshifted only with `--today`.
///
/// # Errors
/// Those of the database.
pub fn load(
    conn: &mut Conn,
    ids: Ids,
    shift: Duration,
    _business_today: NaiveDate,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    make_roster(conn, ids, shift, at)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_is_shifted_by_whole_weeks_onto_this_monday() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        assert_eq!(shift_to(day(2009, 12, 14)), Duration::zero());
        assert_eq!(shift_to(day(2009, 12, 20)), Duration::zero());
        assert_eq!(monday() + shift_to(day(2026, 11, 23)), day(2026, 11, 23));
        assert_eq!(monday() + shift_to(day(2026, 11, 29)), day(2026, 11, 23));
    }
}
