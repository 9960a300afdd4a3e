//! A prospect held for a write: its owners' other writes wait, what was due is written down, and only then it is loaded.
//!
//! Stands above what settles and what loads. The first thing that a write does.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{
    agent_context, due,
    loaded::{Loaded, complete, visible},
    locks,
};
use crate::{
    clock::Occasion,
    domain::{method::stage::Stage, organisation::actor::Scope, values::id::Id},
    store::{
        Conn, StoreError,
        db::schema::{ownerships as changes_of_hands, prospects},
        organisation::scope,
        prospects::prospect_row::ProspectRow,
    },
};
use aliases::{handed_on, of_owner};

mod aliases {
    #![allow(missing_docs)]
    use super::prospects;
    diesel::alias!(prospects as of_owner: OfOwner, prospects as handed_on: HandedOn);
}

/// The row of a prospect within a scope with the earliest day on which something falls due for its owner: of the owner's prospects, and of the sales
/// signed under the owner that belong to others by now.
fn visible_with_due(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
) -> Result<(ProspectRow, Option<NaiveDate>), StoreError> {
    let own = of_owner
        .filter(of_owner.field(prospects::owner_id).eq(prospects::owner_id))
        .filter(of_owner.field(prospects::erased_at).is_null())
        .select(diesel::dsl::min(of_owner.field(prospects::next_review_on)));
    let of_sales = changes_of_hands::table
        .inner_join(handed_on.on(handed_on.field(prospects::id).eq(changes_of_hands::prospect_id)))
        .filter(changes_of_hands::from_agent_id.eq(prospects::owner_id))
        .filter(handed_on.field(prospects::stage).eq(Stage::Stage90))
        .select(diesel::dsl::min(handed_on.field(prospects::next_review_on)));
    type Row = (ProspectRow, Option<NaiveDate>, Option<NaiveDate>);
    let (row, own, of_sales): Row = prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select((ProspectRow::as_select(), own.single_value(), of_sales.single_value()))
        .first(conn)?;
    Ok((row, own.into_iter().chain(of_sales).min()))
}

/// Loads a prospect within a scope for writing: its owners are held, and a supervisor whose scope it is; what was due is
/// written down. The first thing that a
/// write does: nothing may have been written before.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn load_for_write(
    conn: &mut Conn,
    scope: &Scope,
    id: Id,
    occasion: &Occasion,
) -> Result<Loaded, StoreError> {
    // A supervisor's own row, so that the right to write stands until the end (`organisation::standing`).
    let above: BTreeSet<Id> = match scope {
        Scope::Own { .. } => BTreeSet::new(),
        Scope::Subtree { user_id, .. } => [*user_id].into(),
    };
    // Whom the due moves of the owner concern as well; nobody, unless something is due.
    let mut concerned = above.clone();
    let mut guess = guessed(scope);
    loop {
        let owned = match guess.take() {
            Some(owned) => owned,
            None => owned(conn, scope, id)?,
        };
        let held = locks::hold_owners(conn, id, owned, &concerned)?;
        let (mut row, due) = visible_with_due(conn, scope, id)?;
        // A transfer may have been faster than the lock: then somebody else has to be held as well.
        if (row.owner_id, row.times_transferred) != owned {
            locks::start_again(conn)?;
            continue;
        }
        let mut present = agent_context::of_agent(conn, row.owner_id)?;
        if due.is_some_and(|day| day <= occasion.today(present.time_zone)) {
            concerned = locks::to_settle(conn, row.owner_id)?;
            concerned.extend(&above);
            if !held.covers(&concerned) {
                locks::start_again(conn)?;
                continue;
            }
            due::settle_held(conn, &[row.owner_id], occasion)?;
            row = visible(conn, scope, id)?;
            present = agent_context::of_agent(conn, row.owner_id)?;
        }
        return complete(conn, row, present, occasion.business_now);
    }
}

/// An agent writes on the own prospects only, and nearly all of them have never changed hands: a look is saved.
fn guessed(scope: &Scope) -> Option<(Id, i32)> {
    match scope {
        Scope::Own { user_id } => Some((*user_id, 0)),
        Scope::Subtree { .. } => None,
    }
}

/// The owner of a prospect within a scope, and how often it has changed hands.
fn owned(conn: &mut Conn, scope: &Scope, id: Id) -> Result<(Id, i32), StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select((prospects::owner_id, prospects::times_transferred))
        .first(conn)?)
}
