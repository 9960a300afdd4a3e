//! Who may go along to somebody's appointments (陪访, method section 2).

use diesel::prelude::*;

use crate::{
    domain::{
        organisation::{actor::Role, user::Status},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::schema::{memberships, teams, users},
    },
};

/// Whether somebody is an active supervisor above another user: of that user's team today, or of one above it.
///
/// # Errors
/// Those of the database.
pub fn is_above(conn: &mut Conn, supervisor_id: Id, user_id: Id) -> Result<bool, StoreError> {
    let both: Vec<(Id, Role, Status, String)> = users::table
        .inner_join(memberships::table.inner_join(teams::table))
        .filter(users::id.eq_any([supervisor_id, user_id]))
        .filter(memberships::valid_to.is_null())
        .select((users::id, users::role, users::status, teams::path))
        .load(conn)?;
    let of = |id: Id| both.iter().find(|(known, ..)| *known == id);
    let (Some((above, role, status, path)), Some((below, _, _, path_below))) =
        (of(supervisor_id), of(user_id))
    else {
        return Ok(false);
    };
    Ok(above != below
        && *role == Role::Supervisor
        && *status == Status::Active
        && path_below.starts_with(path.as_str()))
}
