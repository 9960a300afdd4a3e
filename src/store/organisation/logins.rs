//! Refused logins, counted by the hour for all instances together, and from where people have signed in.
//!
//! Names and addresses are kept as hashes under a key of the installation. A name that nobody has is counted like any other,
//! so that nothing tells them apart; however many are tried, there are at most [`NAMES`] counts an hour.

use chrono::{DateTime, Days, DurationRound as _, NaiveDateTime, TimeDelta, Utc};
use diesel::{prelude::*, upsert::excluded};

use super::audit;
use crate::{
    both,
    clock::Ids,
    domain::{
        exchange::{client_event::ClientEvent, event::Event},
        organisation::actor::ActedBy,
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            schema::{login_addresses, login_failures},
        },
    },
};

/// How many different hashes of names there are.
pub const NAMES: u64 = 65_536;
/// After so many refused logins with a name within an hour only addresses that are known are let try.
pub const MOST_AN_HOUR: i64 = 100;
/// For how long an address is known after a login from it, days.
const KNOWN_DAYS: u64 = 30;
/// All names that nobody has, together.
const NOBODY: &str = "nobody";
/// What stands before the id of a machine client.
const CLIENT: &str = "client:";

/// With which name somebody signs in, and from where: hashes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Knock {
    /// Hash of the name, below [`NAMES`].
    pub name: u64,
    /// Hash of the address.
    pub address: String,
}

fn hour(at: DateTime<Utc>) -> NaiveDateTime {
    stored_instant(at.duration_trunc(TimeDelta::hours(1)).unwrap_or(at))
}

/// How long until the counts begin anew.
pub fn rest_of_the_hour(at: DateTime<Utc>) -> TimeDelta {
    TimeDelta::hours(1) - (stored_instant(at) - hour(at))
}

/// Whether the name has been refused so often within this hour that only known addresses are let try, and this is none.
///
/// # Errors
/// Those of the database.
pub fn is_kept_out(
    conn: &mut Conn,
    knock: &Knock,
    user_id: Option<Id>,
    at: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let refused: Option<i32> = login_failures::table
        .find((of_name(knock), hour(at)))
        .select(login_failures::failures)
        .first(conn)
        .optional()?;
    if i64::from(refused.unwrap_or(0)) < MOST_AN_HOUR {
        return Ok(false);
    }
    let Some(user_id) = user_id else { return Ok(true) };
    let since = stored_instant(at.checked_sub_days(Days::new(KNOWN_DAYS)).unwrap_or(at));
    let known = login_addresses::table
        .find((user_id, &knock.address))
        .filter(login_addresses::last_at.ge(since))
        .select(login_addresses::last_at);
    Ok(known.first::<NaiveDateTime>(conn).optional()?.is_none())
}

/// Counts a refused login, and leaves the audit what was counted in hours that are over.
///
/// # Errors
/// Those of the database.
pub fn count_refused(
    conn: &mut Conn,
    knock: &Knock,
    user_id: Option<Id>,
    (at, ids): (DateTime<Utc>, Ids),
) -> Result<(), StoreError> {
    let account = user_id.map_or_else(|| NOBODY.to_owned(), |id| id.to_string());
    count(conn, &[of_name(knock), account], (at, ids))
}

/// Counts a refused token of a machine client, under the client; under nobody where there is none of that name. Its secret
/// cannot be guessed, so nobody is ever kept out by these counts: they are for the audit.
///
/// # Errors
/// Those of the database.
pub fn count_refused_token(
    conn: &mut Conn,
    client_id: Option<Id>,
    occasion: (DateTime<Utc>, Ids),
) -> Result<(), StoreError> {
    let account = client_id.map_or_else(|| NOBODY.to_owned(), |id| format!("{CLIENT}{id}"));
    count(conn, &[account], occasion)
}

/// One after the other in one order, so that no two wait for each other.
fn count(conn: &mut Conn, subjects: &[String], (at, ids): (DateTime<Utc>, Ids)) -> Result<(), StoreError> {
    close_hours(conn, at, ids)?;
    for subject in subjects {
        let row = (
            login_failures::subject.eq(subject),
            login_failures::hour.eq(hour(at)),
            login_failures::failures.eq(1),
        );
        both!(conn, c => diesel::insert_into(login_failures::table)
            .values(row)
            .on_conflict((login_failures::subject, login_failures::hour))
            .do_update()
            .set(login_failures::failures.eq(login_failures::failures + excluded(login_failures::failures)))
            .execute(c)?);
    }
    Ok(())
}

/// Remembers from where somebody has signed in.
///
/// # Errors
/// Those of the database.
pub fn remember(conn: &mut Conn, knock: &Knock, user_id: Id, at: DateTime<Utc>) -> Result<(), StoreError> {
    let row = (
        login_addresses::user_id.eq(user_id),
        login_addresses::address_hash.eq(&knock.address),
        login_addresses::last_at.eq(stored_instant(at)),
    );
    both!(conn, c => diesel::insert_into(login_addresses::table)
        .values(row)
        .on_conflict((login_addresses::user_id, login_addresses::address_hash))
        .do_update()
        .set(login_addresses::last_at.eq(excluded(login_addresses::last_at)))
        .execute(c)?);
    Ok(())
}

/// Makes one row of the audit of what was refused to each user within an hour that is over, and one of all names that nobody
/// has; then forgets the counts, and addresses that are no longer known.
///
/// # Errors
/// Those of the database.
pub fn close_hours(conn: &mut Conn, at: DateTime<Utc>, ids: Ids) -> Result<(), StoreError> {
    let over = login_failures::table.filter(login_failures::hour.lt(hour(at)));
    let all = (login_failures::subject, login_failures::hour, login_failures::failures);
    let counted: Vec<(String, NaiveDateTime, i32)> = diesel::delete(over).returning(all).get_results(conn)?;
    let events: Vec<Event> = counted
        .into_iter()
        .filter_map(|(subject, hour, failures)| of_hour(&subject, hour.and_utc(), failures))
        .collect();
    audit::record(conn, ids, at, ActedBy::System, &events)
}

/// What is told of a count; nothing of one under the hash of a name.
fn of_hour(subject: &str, hour: DateTime<Utc>, failures: i32) -> Option<Event> {
    if let Some(client_id) = subject.strip_prefix(CLIENT) {
        let what = ClientEvent::TokensRefused { hour, failures };
        return Some(Event::ServiceClient { client_id: client_id.parse().ok()?, what });
    }
    let user_id = if subject == NOBODY { None } else { Some(subject.parse().ok()?) };
    Some(Event::LoginsRefused { user_id, hour, failures })
}

/// Forgets addresses from which nobody has signed in for long.
///
/// # Errors
/// Those of the database.
pub fn forget_addresses(conn: &mut Conn, at: DateTime<Utc>) -> Result<(), StoreError> {
    let since = stored_instant(at.checked_sub_days(Days::new(KNOWN_DAYS)).unwrap_or(at));
    diesel::delete(login_addresses::table.filter(login_addresses::last_at.lt(since))).execute(conn)?;
    Ok(())
}

/// What stands for a name; no id reads like it.
fn of_name(knock: &Knock) -> String {
    format!("name:{}", knock.name % NAMES)
}
