//! People whom nothing allows to be kept: no consent was noted, and their last pursuit ended long ago.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    dsl::{exists, not},
    prelude::*,
};

use crate::{
    domain::{method::stage::Stage, values::id::Id},
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            schema::{prospect_people, prospects, pursuits},
        },
    },
};

/// Since when nothing may have happened.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Every pursuit ended on this day or before.
    pub ended_by: NaiveDate,
    /// Nothing was written since this instant.
    pub untouched_since: NaiveDateTime,
}

/// So many of these people, or whether one of them still is one: their prospects, each with its owner. A client, who once
/// bought, is none, and neither is somebody with whom nothing was ever begun.
///
/// # Errors
/// Those of the database.
pub fn unconsented(
    conn: &mut Conn,
    limits: Limits,
    one: Option<Id>,
    most: i64,
) -> Result<Vec<(Id, Id)>, StoreError> {
    let of_it = || pursuits::table.filter(pursuits::prospect_id.eq(prospects::id));
    let ended = of_it().filter(pursuits::ended_on.is_not_null());
    let goes_on = of_it().filter(pursuits::ended_on.is_null().or(pursuits::ended_on.gt(limits.ended_by)));
    let won = of_it().filter(pursuits::outcome.eq("won"));
    let mut found = prospects::table
        .inner_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
        .into_boxed::<MultiBackend>()
        .filter(prospects::erased_at.is_null())
        .filter(prospect_people::consent_given_on.is_null())
        .filter(prospects::stage.eq_any([Stage::Opportunity, Stage::Exited]))
        .filter(prospects::updated_at.lt(limits.untouched_since))
        .filter(exists(ended))
        .filter(not(exists(goes_on)))
        .filter(not(exists(won)))
        .order(prospects::id)
        .limit(most)
        .select((prospects::id, prospects::owner_id));
    if let Some(id) = one {
        found = found.filter(prospects::id.eq(id));
    }
    Ok(found.load(conn)?)
}
