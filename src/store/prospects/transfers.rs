//! Prospects handed to another agent (method section 11). A transfer is written once and never changed; the words with
//! it go when one of its prospects is erased.

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Text, Timestamp},
};

use super::ownerships::OwnershipRow;
use crate::{
    clock::Occasion,
    domain::{
        exchange::event::Event,
        organisation::actor::{ActedBy, Scope},
        values::{id::Id, timeline::Timeline},
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::before,
            schema::{ownerships, prospects, transfer_texts, transfers},
        },
        ledger::{
            self, Loaded,
            agent_context::{self, AgentContext},
            due, locks, stage_writes,
        },
        organisation::{audit, scope},
    },
};

/// A transfer.
#[derive(Queryable, Selectable, Insertable, Clone, Copy, Debug)]
#[diesel(table_name = transfers)]
pub struct TransferRow {
    /// Id.
    pub id: Id,
    /// The new owner.
    pub to_agent_id: Id,
    /// First day of the new owner.
    pub transferred_on: NaiveDate,
    /// Who wrote it down.
    pub recorded_by: Id,
    /// When.
    pub recorded_at: NaiveDateTime,
}

/// A transfer as the scope's holder sees it.
#[derive(Clone, Debug)]
pub struct Transfer {
    /// The transfer.
    pub row: TransferRow,
    /// The prospects that are in the scope now, with their owners before, in order of id.
    pub prospects: Vec<(Id, Id)>,
    /// Why, in words; none once one of its prospects was erased.
    pub reason: Option<String>,
}

/// Loads the prospects of the scope among these for a transfer to an agent, in order of id, with what surrounds that
/// agent, if there is one: all their owners are held, and whoever's scope it is; what was due is written down. The first
/// thing that a transfer does.
///
/// # Errors
/// Those of the database.
pub fn hold(
    conn: &mut Conn,
    scope: &Scope,
    prospect_ids: &[Id],
    to: Option<Id>,
    occasion: &Occasion,
) -> Result<(Vec<Loaded>, Option<AgentContext>), StoreError> {
    let mut owners = owners_of(conn, scope, prospect_ids)?;
    loop {
        let former = locks::former_owners(conn, prospect_ids)?;
        let agents: Vec<Id> = owners.iter().copied().chain(to).collect();
        due::hold_to_settle(conn, &agents, former.into_iter().chain([scope.user_id()]).collect())?;
        let present = owners_of(conn, scope, prospect_ids)?;
        if present.is_subset(&owners) {
            due::settle_held(conn, &agents, occasion)?;
            let loaded = ledger::load_all(conn, scope, prospect_ids, occasion.business_now)?;
            let present = to.map(|id| agent_context::of_agent(conn, id)).transpose()?;
            return Ok((loaded, present));
        }
        // Another transfer was faster: then its new owners have to be held as well.
        owners = present;
        locks::start_again(conn)?;
    }
}

fn owners_of(conn: &mut Conn, scope: &Scope, prospect_ids: &[Id]) -> Result<BTreeSet<Id>, StoreError> {
    let owners: Vec<Id> = prospects::table
        .filter(prospects::id.eq_any(prospect_ids.to_vec()))
        .filter(prospects::erased_at.is_null())
        .filter(scope::owned(scope))
        .select(prospects::owner_id)
        .distinct()
        .load(conn)?;
    Ok(owners.into_iter().collect())
}

/// Writes a transfer, without its prospects.
///
/// # Errors
/// Those of the database.
pub fn insert(conn: &mut Conn, row: &TransferRow, reason: &str) -> Result<(), StoreError> {
    diesel::insert_into(transfers::table).values(row).execute(conn)?;
    diesel::insert_into(transfer_texts::table)
        .values((transfer_texts::transfer_id.eq(row.id), transfer_texts::content.eq(reason)))
        .execute(conn)?;
    Ok(())
}

/// Gives one prospect of a transfer to its new owner. `owners` is whose it is from now on, by date, `present` what
/// surrounds the new owner.
///
/// # Errors
/// `Stale` when somebody else wrote meanwhile; those of the database.
pub fn give(
    conn: &mut Conn,
    (transfer, by): (&TransferRow, ActedBy),
    loaded: Loaded,
    owners: Timeline<Id>,
    present: &AgentContext,
    occasion: &Occasion,
) -> Result<Loaded, StoreError> {
    let row = OwnershipRow {
        prospect_id: loaded.row.id,
        position: loaded.row.times_transferred + 1,
        transfer_id: transfer.id,
        from_agent_id: loaded.row.owner_id,
        to_agent_id: transfer.to_agent_id,
        valid_from: transfer.transferred_on,
    };
    let handed_over = Event::ProspectTransferred {
        prospect_id: row.prospect_id,
        transfer_id: transfer.id,
        from_agent_id: row.from_agent_id,
        to_agent_id: row.to_agent_id,
        transferred_on: transfer.transferred_on,
    };
    diesel::insert_into(ownerships::table).values(row).execute(conn)?;
    let (given, events) = stage_writes::give(conn, loaded, owners, present, occasion)?;
    audit::record(conn, occasion.ids, occasion.now, by, &[handed_over])?;
    // What followed from it fell due, and nobody decided it.
    audit::record(conn, occasion.ids, occasion.now, ActedBy::System, &events)?;
    Ok(given)
}

/// Which transfers. All conditions together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this prospect.
    pub prospect_id: Option<Id>,
    /// From this agent.
    pub from_agent_id: Option<Id>,
    /// To this agent.
    pub to_agent_id: Option<Id>,
    /// After this one in the list.
    pub after: Option<(NaiveDateTime, Id)>,
}

type OnTransfers = Box<dyn BoxableExpression<transfers::table, MultiBackend, SqlType = Bool>>;
type OnOwnerships = Box<dyn BoxableExpression<ownerships::table, MultiBackend, SqlType = Bool>>;

/// The prospects of a scope, as plain SQL that fits into other conditions.
macro_rules! in_scope {
    ($scope:expr, $own:ident => $what:expr) => {
        match $scope {
            Scope::Own { user_id } => {
                let $own = prospects::table.filter(prospects::owner_id.eq(*user_id)).select(prospects::id);
                Box::new($what)
            }
            Scope::Subtree { user_id, team_path } => {
                let below = prospects::owner_id.eq_any(scope::members_below(team_path));
                let $own =
                    prospects::table.filter(prospects::owner_id.eq(*user_id).or(below)).select(prospects::id);
                Box::new($what)
            }
        }
    };
}

/// Of a prospect that is in the scope now: who hands one on out of it no longer sees that it once came in.
fn seen(scope: &Scope, filter: &Filter) -> OnTransfers {
    let any = |id: Option<Id>| id.is_none().into_sql::<Bool>();
    let one = |id: Option<Id>| id.unwrap_or(Id(uuid::Uuid::nil()));
    let wanted = ownerships::table
        .filter(any(filter.prospect_id).or(ownerships::prospect_id.eq(one(filter.prospect_id))))
        .filter(any(filter.from_agent_id).or(ownerships::from_agent_id.eq(one(filter.from_agent_id))))
        .filter(any(filter.to_agent_id).or(ownerships::to_agent_id.eq(one(filter.to_agent_id))))
        .select(ownerships::transfer_id);
    in_scope!(scope, seen => transfers::id.eq_any(wanted.filter(ownerships::prospect_id.eq_any(seen))))
}

/// What of a transfer is in the scope now.
fn parts(scope: &Scope) -> OnOwnerships {
    in_scope!(scope, seen => ownerships::prospect_id.eq_any(seen))
}

/// A page of at most `limit` transfers of prospects in the scope, latest first.
///
/// # Errors
/// Those of the database.
pub fn page(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    limit: i64,
) -> Result<Vec<Transfer>, StoreError> {
    let mut query = transfers::table
        .into_boxed::<MultiBackend>()
        .filter(seen(scope, filter))
        .order((transfers::recorded_at.desc(), transfers::id.desc()))
        .limit(limit)
        .select(TransferRow::as_select());
    if let Some((at, id)) = filter.after {
        let position = (at.into_sql::<Timestamp>(), id.into_sql::<Text>());
        query = query.filter(before((transfers::recorded_at, transfers::id), position));
    }
    let rows: Vec<TransferRow> = query.load(conn)?;
    complete(conn, scope, rows)
}

/// One transfer of prospects in the scope.
///
/// # Errors
/// `NotFound` when none of its prospects is.
pub fn find(conn: &mut Conn, scope: &Scope, id: Id) -> Result<Transfer, StoreError> {
    let row: TransferRow = transfers::table
        .filter(transfers::id.eq(id))
        .filter(seen(scope, &Filter::default()))
        .select(TransferRow::as_select())
        .first(conn)?;
    complete(conn, scope, vec![row])?.pop().ok_or(StoreError::NotFound)
}

fn complete(conn: &mut Conn, scope: &Scope, rows: Vec<TransferRow>) -> Result<Vec<Transfer>, StoreError> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let owned: Vec<OwnershipRow> = ownerships::table
        .filter(parts(scope))
        .filter(ownerships::transfer_id.eq_any(ids.clone()))
        .order((ownerships::transfer_id, ownerships::prospect_id))
        .select(OwnershipRow::as_select())
        .load(conn)?;
    let words: Vec<(Id, String)> = transfer_texts::table
        .filter(transfer_texts::transfer_id.eq_any(ids))
        .select((transfer_texts::transfer_id, transfer_texts::content))
        .load(conn)?;
    let complete = |row: TransferRow| Transfer {
        row,
        prospects: owned
            .iter()
            .filter(|o| o.transfer_id == row.id)
            .map(|o| (o.prospect_id, o.from_agent_id))
            .collect(),
        reason: words.iter().find(|(id, _)| *id == row.id).map(|(_, content)| content.clone()),
    };
    Ok(rows.into_iter().map(complete).collect())
}

/// Deletes the words of every transfer that a prospect was part of.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn erase_texts(conn: &mut Conn, prospect_id: Id) -> Result<(), StoreError> {
    let of_it =
        ownerships::table.filter(ownerships::prospect_id.eq(prospect_id)).select(ownerships::transfer_id);
    diesel::delete(transfer_texts::table.filter(transfer_texts::transfer_id.eq_any(of_it))).execute(conn)?;
    Ok(())
}
