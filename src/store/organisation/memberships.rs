//! The teams of people by date: their stays, and the move from one team to another.
//!
//! A move holds both teams and whoever moves, and has what rests on their settings derived again.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;

use super::users::User;
use crate::{
    clock::Occasion,
    domain::values::id::Id,
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            schema::{memberships, teams, users},
        },
        ledger::{due, locks, review},
    },
};

/// One stay of a user in a team.
#[derive(Clone, Debug, Queryable)]
pub struct Membership {
    /// Its id.
    pub id: Id,
    /// The team.
    pub team_id: Id,
    /// Its name.
    pub team_name: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// The day after the last; none while it goes on.
    pub valid_to: Option<NaiveDate>,
}

/// The memberships of a user, oldest first. The caller has found the user within the own scope.
///
/// # Errors
/// Those of the database.
pub fn of_user(conn: &mut Conn, user: &User) -> Result<Vec<Membership>, StoreError> {
    Ok(memberships::table
        .inner_join(teams::table)
        .filter(memberships::user_id.eq(user.id))
        .order((memberships::valid_from, memberships::id))
        .select((
            memberships::id,
            memberships::team_id,
            teams::name,
            memberships::valid_from,
            memberships::valid_to,
        ))
        .load(conn)?)
}

/// Holds the writes of somebody who is about to move from one team to another, and writes down what is due: what has come
/// to pass by now was judged by the settings of now. The teams first, so that no change of their settings slips in between;
/// the actor as well, where it is a person: see [`super::standing`].
///
/// # Errors
/// `Timeout` when another write takes too long; those of the database.
pub fn hold_for_move(
    conn: &mut Conn,
    actor_id: Option<Id>,
    (user_id, teams): (Id, &[Id]),
    occasion: &Occasion,
) -> Result<(), StoreError> {
    locks::hold_teams(conn, teams)?;
    due::hold_to_settle(conn, &[user_id], actor_id.into_iter().collect())?;
    due::settle_held(conn, &[user_id], occasion)?;
    Ok(())
}

/// Has everything of somebody's derived again that may rest on the settings of the team of a day or later.
///
/// # Errors
/// Those of the database.
pub fn review_move(
    conn: &mut Conn,
    user_id: Id,
    since: NaiveDate,
    today: NaiveDate,
) -> Result<(), StoreError> {
    review::agents(conn, &[user_id], Some(since), today)
}

/// Moves a user to another team from a date on; see [`crate::domain::organisation::user::may_move`].
///
/// # Errors
/// `Stale` when the user was written since `user.version`.
pub fn move_to(
    conn: &mut Conn,
    user: &User,
    team_id: Id,
    from: NaiveDate,
    membership_id: Id,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let rows = diesel::update(users::table.find(user.id).filter(users::version.eq(user.version)))
        .set((users::version.eq(user.version + 1), users::updated_at.eq(stored_instant(at))))
        .execute(conn)?;
    if rows != 1 {
        return Err(StoreError::Stale);
    }
    let open =
        memberships::table.filter(memberships::user_id.eq(user.id)).filter(memberships::valid_to.is_null());
    if from == user.member_since {
        diesel::update(open).set(memberships::team_id.eq(team_id)).execute(conn)?;
        return Ok(());
    }
    diesel::update(open).set(memberships::valid_to.eq(from)).execute(conn)?;
    diesel::insert_into(memberships::table)
        .values((
            memberships::id.eq(membership_id),
            memberships::user_id.eq(user.id),
            memberships::team_id.eq(team_id),
            memberships::valid_from.eq(from),
        ))
        .execute(conn)?;
    Ok(())
}
