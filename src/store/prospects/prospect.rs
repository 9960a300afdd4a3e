//! Prospects as a collection: pages of them, one of them, and the version that guards their writes.
//!
//! Every reader takes a [`Scope`]. Stages are written elsewhere, in [`crate::store::ledger::stage_writes`].

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;
use diesel::{
    dsl::exists,
    prelude::*,
    sql_types::{Bool, Date, Text, Timestamp},
};
use serde::{Deserialize, Serialize};

use super::{people::PersonRow, prospect_row::ProspectRow};
use crate::{
    domain::{
        method::stage::Stage,
        organisation::actor::Scope,
        prospects::prospect::Person,
        values::{id::Id, words},
    },
    store::{
        Conn, StoreError,
        db::{
            codec::stored_instant,
            connection::MultiBackend,
            dialect::{after, before, containing},
            schema::{prospect_people, prospect_phones, prospects},
        },
        ledger::locks,
        organisation::scope,
    },
};

/// The order of a page; the id breaks ties.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// Latest change first.
    #[default]
    UpdatedLast,
    /// Latest change last.
    UpdatedFirst,
    /// Newest first.
    CreatedLast,
    /// Oldest first.
    CreatedFirst,
    /// Whoever falls back first; those that will not come last.
    FallsBackFirst,
    /// Whoever falls back last first; those that will not come last.
    FallsBackLast,
}

/// Which prospects a page is about. Alternatives within a list, all lists together.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// At one of these stages.
    pub stages: Vec<Stage>,
    /// Owned by one of these.
    pub owners: Vec<Id>,
    /// With one of these tags.
    pub tags: Vec<String>,
    /// With this in the name, its pinyin or initials, or at the end of a number.
    pub search: Option<String>,
    /// Changed at or after this instant.
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed before this instant.
    pub updated_before: Option<DateTime<Utc>>,
    /// Falling back on or after this date.
    pub falls_back_from: Option<NaiveDate>,
    /// Falling back before this date.
    pub falls_back_before: Option<NaiveDate>,
}

/// Where a page ended: the sort key and the id of its last row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Position {
    at: Option<NaiveDateTime>,
    on: Option<NaiveDate>,
    id: Id,
}

impl Position {
    /// The position of a row in an order.
    pub fn of(row: &ProspectRow, order: Order) -> Self {
        let (at, on) = match order {
            Order::UpdatedLast | Order::UpdatedFirst => (Some(row.updated_at), None),
            Order::CreatedLast | Order::CreatedFirst => (Some(row.created_at), None),
            Order::FallsBackFirst | Order::FallsBackLast => (None, row.falls_back_on),
        };
        Position { at, on, id: row.id }
    }
}

/// A prospect with the person behind it, for lists and the page of one.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The row.
    pub row: ProspectRow,
    /// The person.
    pub person: Person,
    /// The time zone of the owner's team: the days of the prospect are dates in it.
    pub time_zone: Tz,
}

type Found = (ProspectRow, PersonRow, String);

impl Listed {
    fn new((row, person, time_zone): Found) -> Result<Self, StoreError> {
        let unknown = |_| StoreError::Corrupt("teams: unknown time zone".to_owned());
        Ok(Listed { row, person: person.person(), time_zone: time_zone.parse().map_err(unknown)? })
    }

    /// The business date of an instant where the owner belongs.
    pub fn today(&self, business_now: DateTime<Utc>) -> NaiveDate {
        business_now.with_timezone(&self.time_zone).date_naive()
    }
}

type Query = prospects::BoxedQuery<'static, MultiBackend>;

fn filtered(scope: &Scope, filter: &Filter) -> Query {
    let mut query = prospects::table
        .into_boxed::<MultiBackend>()
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope));
    if !filter.stages.is_empty() {
        query = query.filter(prospects::stage.eq_any(filter.stages.clone()));
    }
    if !filter.owners.is_empty() {
        query = query.filter(prospects::owner_id.eq_any(filter.owners.clone()));
    }
    if !filter.tags.is_empty() {
        query = query.filter(tagged(&filter.tags));
    }
    if let Some(search) = &filter.search {
        query = query.filter(found(search));
    }
    if let Some(from) = filter.updated_from {
        query = query.filter(prospects::updated_at.ge(stored_instant(from)));
    }
    if let Some(before) = filter.updated_before {
        query = query.filter(prospects::updated_at.lt(stored_instant(before)));
    }
    if let Some(from) = filter.falls_back_from {
        query = query.filter(prospects::falls_back_on.ge(from));
    }
    if let Some(before) = filter.falls_back_before {
        query = query.filter(prospects::falls_back_on.lt(before));
    }
    query
}

type Condition = Box<dyn BoxableExpression<prospects::table, MultiBackend, SqlType = Bool>>;

/// One of the tags stands among those of the person, each of which has a line of its own.
fn tagged(tags: &[String]) -> Condition {
    let one = |tag: &String| -> Condition {
        let line = format!("\n{}\n", words::compared(tag));
        Box::new(exists(
            prospect_people::table
                .filter(prospect_people::prospect_id.eq(prospects::id))
                .filter(prospect_people::tags_compared.like(containing(&line)).escape('!')),
        ))
    };
    let none: Condition = Box::new(prospects::id.eq(""));
    tags.iter().map(one).fold(none, |some, next| Box::new(some.or(next)))
}

fn found(search: &str) -> Condition {
    let wanted = words::compared(search);
    if wanted.is_empty() {
        // The door lets no such search in; without words it would find everybody.
        return Box::new(prospects::id.eq(""));
    }
    let named = exists(
        prospect_people::table
            .filter(prospect_people::prospect_id.eq(prospects::id))
            .filter(prospect_people::search.like(containing(&wanted)).escape('!')),
    );
    let four = wanted.len() == 4 && wanted.bytes().all(|byte| byte.is_ascii_digit());
    if !four {
        return Box::new(named);
    }
    let numbered = prospect_phones::table
        .filter(prospect_phones::prospect_id.eq(prospects::id))
        .filter(prospect_phones::last_four.eq(wanted));
    Box::new(named.or(exists(numbered)))
}

/// A page of at most `limit` rows after a position, each with the person behind it.
///
/// # Errors
/// Those of the store.
pub fn page(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    order: Order,
    position: Option<Position>,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let query = filtered(scope, filter);
    let query = match order {
        Order::UpdatedLast => query.order((prospects::updated_at.desc(), prospects::id.desc())),
        Order::UpdatedFirst => query.order((prospects::updated_at.asc(), prospects::id.asc())),
        Order::CreatedLast => query.order((prospects::created_at.desc(), prospects::id.desc())),
        Order::CreatedFirst => query.order((prospects::created_at.asc(), prospects::id.asc())),
        // The databases disagree about where nulls come, so that it is said: last, whichever way.
        Order::FallsBackFirst => query.order((
            prospects::falls_back_on.is_null().asc(),
            prospects::falls_back_on.asc(),
            prospects::id.asc(),
        )),
        Order::FallsBackLast => query.order((
            prospects::falls_back_on.is_null().asc(),
            prospects::falls_back_on.desc(),
            prospects::id.desc(),
        )),
    };
    let query = match position {
        Some(position) => beyond(query, order, position),
        None => query,
    };
    let zone = scope::zone_of_owner().single_value().assume_not_null();
    let rows: Vec<Found> = query
        .inner_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
        .limit(limit)
        .select((ProspectRow::as_select(), PersonRow::as_select(), zone))
        .load(conn)?;
    rows.into_iter().map(Listed::new).collect()
}

fn beyond(query: Query, order: Order, position: Position) -> Query {
    let id = position.id.into_sql::<Text>();
    let at = position.at.unwrap_or_default().into_sql::<Timestamp>();
    let on = position.on.unwrap_or_default().into_sql::<Date>();
    let never = prospects::falls_back_on.is_null();
    match order {
        Order::UpdatedLast => query.filter(before((prospects::updated_at, prospects::id), (at, id))),
        Order::UpdatedFirst => query.filter(after((prospects::updated_at, prospects::id), (at, id))),
        Order::CreatedLast => query.filter(before((prospects::created_at, prospects::id), (at, id))),
        Order::CreatedFirst => query.filter(after((prospects::created_at, prospects::id), (at, id))),
        Order::FallsBackFirst if position.on.is_none() => query.filter(never.and(prospects::id.gt(id))),
        Order::FallsBackLast if position.on.is_none() => query.filter(never.and(prospects::id.lt(id))),
        Order::FallsBackFirst => {
            query.filter(never.or(after((prospects::falls_back_on, prospects::id), (on, id))))
        }
        Order::FallsBackLast => {
            query.filter(never.or(before((prospects::falls_back_on, prospects::id), (on, id))))
        }
    }
}

/// How many prospects a filter finds.
///
/// # Errors
/// Those of the store.
pub fn count(conn: &mut Conn, scope: &Scope, filter: &Filter) -> Result<i64, StoreError> {
    Ok(filtered(scope, filter).count().get_result(conn)?)
}

/// One prospect within the scope.
///
/// # Errors
/// `NotFound` outside it.
pub fn find(conn: &mut Conn, scope: &Scope, id: Id) -> Result<ProspectRow, StoreError> {
    Ok(prospects::table
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(ProspectRow::as_select())
        .first(conn)?)
}

/// Of some prospects those within the scope: the others are not named (method section 11).
///
/// # Errors
/// Those of the database.
pub fn within(conn: &mut Conn, scope: &Scope, ids: &[Id]) -> Result<BTreeSet<Id>, StoreError> {
    let all = prospects::table
        .filter(prospects::id.eq_any(ids.to_vec()))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::id)
        .load(conn)?;
    Ok(all.into_iter().collect())
}

/// One prospect within the scope, with the person behind it.
///
/// # Errors
/// `NotFound` outside it.
pub fn find_with_person(conn: &mut Conn, scope: &Scope, id: Id) -> Result<Listed, StoreError> {
    let zone = scope::zone_of_owner().single_value().assume_not_null();
    let found: Found = prospects::table
        .into_boxed::<MultiBackend>()
        .filter(prospects::id.eq(id))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .inner_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
        .select((ProspectRow::as_select(), PersonRow::as_select(), zone))
        .first(conn)?;
    Listed::new(found)
}

/// One prospect within the scope, its owners' writes held until the transaction ends. The first thing that a write does.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn find_for_write(conn: &mut Conn, scope: &Scope, id: Id) -> Result<ProspectRow, StoreError> {
    loop {
        let seen = find(conn, scope, id)?;
        let owned = (seen.owner_id, seen.times_transferred);
        locks::hold_owners(conn, id, owned, &BTreeSet::new())?;
        // Read again: what was seen before the lock may have changed meanwhile.
        let row = find(conn, scope, id)?;
        if (row.owner_id, row.times_transferred) == owned {
            return Ok(row);
        }
        locks::start_again(conn)?;
    }
}

/// Marks a write of personal data: the next version.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile.
pub fn touch(conn: &mut Conn, row: &ProspectRow, now: DateTime<Utc>) -> Result<ProspectRow, StoreError> {
    let touched = ProspectRow { version: row.version + 1, updated_at: stored_instant(now), ..row.clone() };
    let written = diesel::update(
        prospects::table.filter(prospects::id.eq(row.id)).filter(prospects::version.eq(row.version)),
    )
    .set((prospects::version.eq(touched.version), prospects::updated_at.eq(touched.updated_at)))
    .execute(conn)?;
    if written == 0 { Err(StoreError::Stale) } else { Ok(touched) }
}

/// Marks the row as erased, so that no reader finds it any more, and nothing about it falls due.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile.
pub(super) fn erase(conn: &mut Conn, row: &ProspectRow, now: DateTime<Utc>) -> Result<(), StoreError> {
    let touched = touch(conn, row, now)?;
    diesel::update(prospects::table.find(row.id))
        .set((
            prospects::erased_at.eq(Some(touched.updated_at)),
            prospects::falls_back_on.eq(None::<NaiveDate>),
            prospects::next_review_on.eq(None::<NaiveDate>),
            prospects::next_appointment_at.eq(None::<NaiveDateTime>),
            prospects::attention_on.eq(None::<NaiveDate>),
            prospects::fallback_proposed.eq(false),
            prospects::extension_pending.eq(false),
        ))
        .execute(conn)?;
    Ok(())
}
