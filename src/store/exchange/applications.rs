//! Applications (投保申请): numbers tied to a pursuit. One that nothing ties any more is taken out.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::number_locks::HeldNumbers;
use crate::{
    domain::{exchange::applications::Numbers, values::id::Id},
    store::{Conn, StoreError, db::schema::applications, prospects::prospect_row::ProspectRow},
};

/// An application.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = applications, treat_none_as_null = true)]
pub struct ApplicationRow {
    /// Id.
    pub id: Id,
    /// Whose.
    pub prospect_id: Id,
    /// Of which pursuit.
    pub pursuit_number: i32,
    /// The insurer's number of it.
    pub application_number: Option<String>,
    /// The insurer's number of the policy.
    pub policy_number: Option<String>,
    /// Since when it is known.
    pub created_at: NaiveDateTime,
}

impl ApplicationRow {
    /// Its numbers.
    pub fn numbers(&self) -> Numbers {
        Numbers { application: self.application_number.clone(), policy: self.policy_number.clone() }
    }
}

/// The applications to which numbers that are held are tied.
///
/// # Errors
/// Those of the database.
pub fn tied(conn: &mut Conn, held: &HeldNumbers) -> Result<Vec<ApplicationRow>, StoreError> {
    Ok(applications::table
        .filter(
            applications::application_number
                .eq_any(held.applications())
                .or(applications::policy_number.eq_any(held.policies())),
        )
        .order(applications::id)
        .select(ApplicationRow::as_select())
        .load(conn)?)
}

/// One application, whose event is held.
///
/// # Errors
/// `NotFound`.
pub fn find(conn: &mut Conn, _held: &HeldNumbers, id: Id) -> Result<ApplicationRow, StoreError> {
    Ok(applications::table.find(id).select(ApplicationRow::as_select()).first(conn)?)
}

/// The applications of one prospect, pursuit by pursuit, in order of id.
///
/// # Errors
/// Those of the database.
pub fn of_prospect(conn: &mut Conn, row: &ProspectRow) -> Result<Vec<ApplicationRow>, StoreError> {
    Ok(applications::table
        .filter(applications::prospect_id.eq(row.id))
        .order((applications::pursuit_number, applications::id))
        .select(ApplicationRow::as_select())
        .load(conn)?)
}

/// Makes the applications of a pursuit, as they were read, those that are wanted; those that are not wanted any more lose
/// their numbers, and go when nothing stands under them ([`remove`]). The numbers are held.
///
/// # Errors
/// `Conflict` when a number is tied elsewhere.
pub fn rewrite(
    conn: &mut Conn,
    before: &[ApplicationRow],
    wanted: &[ApplicationRow],
) -> Result<(), StoreError> {
    // A number may pass from one to the other: all let go before one takes.
    for row in before.iter().filter(|row| !wanted.contains(row)) {
        diesel::update(applications::table.find(row.id))
            .set((
                applications::application_number.eq(None::<String>),
                applications::policy_number.eq(None::<String>),
            ))
            .execute(conn)?;
    }
    for row in wanted.iter().filter(|row| !before.contains(row)) {
        if before.iter().any(|known| known.id == row.id) {
            diesel::update(applications::table.find(row.id)).set(row).execute(conn)?;
        } else {
            diesel::insert_into(applications::table).values(row).execute(conn)?;
        }
    }
    Ok(())
}

/// Takes out applications under which nothing stands any more.
///
/// # Errors
/// `Conflict` when something does.
pub fn remove(conn: &mut Conn, ids: Vec<Id>) -> Result<(), StoreError> {
    if !ids.is_empty() {
        diesel::delete(applications::table.filter(applications::id.eq_any(ids))).execute(conn)?;
    }
    Ok(())
}
