//! What supervisors signed at the check-in (method section 8). Sign-offs and revocations are only ever added; that a
//! block is signed once at a time stands as a unique index on its attempts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::Bool,
};

use super::sheets::{self, Contacts};
use crate::{
    clock::Occasion,
    domain::{
        organisation::actor::Scope,
        reports::{
            sheet::Book,
            sheet_week::{CheckIn, SheetWeek},
            sign_off::SignedFigures,
        },
        values::{
            calendar::{SheetWeekStart, plus_days},
            id::Id,
            window::Window,
        },
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            connection::MultiBackend,
            dialect::containing,
            schema::{prospects, sign_off_revocations, sign_off_texts, sign_offs},
        },
        ledger::{
            agent_context::{self, AgentContext},
            due,
        },
        organisation::{cycles, scope},
        prospects::prospect_row::ProspectRow,
    },
    text_enum,
};

text_enum!(CheckIn { Monday => "monday", Wednesday => "wednesday", Friday => "friday" });
text_enum!(SheetWeekStart { Friday => "FRI", Saturday => "SAT" });

/// A sign-off as it was written.
#[derive(Queryable, Selectable, Insertable, Clone, Debug)]
#[diesel(table_name = sign_offs)]
pub struct SignOffRow {
    /// Id.
    pub id: Id,
    /// Whose block.
    pub agent_id: Id,
    /// First day of the sheet.
    pub week_from: NaiveDate,
    /// On which weekday that sheet started.
    pub sheet_week_start: SheetWeekStart,
    /// Which of its blocks.
    pub check_in: CheckIn,
    /// 1, and one more after each revocation.
    pub attempt: i32,
    /// First day of the block.
    pub block_from: NaiveDate,
    /// Last day of the block.
    pub block_to: NaiveDate,
    /// What was signed.
    pub figures: Json<SignedFigures>,
    /// Who signed.
    pub signed_by: Id,
    /// When.
    pub signed_at: NaiveDateTime,
}

impl SignOffRow {
    /// The sheet that the block is on.
    pub fn week(&self) -> SheetWeek {
        SheetWeek::containing(self.week_from, self.sheet_week_start)
    }
}

/// Who took a sign-off back, and when.
#[derive(Queryable, Selectable, Insertable, Clone, Copy, Debug)]
#[diesel(table_name = sign_off_revocations)]
pub struct RevocationRow {
    /// The sign-off.
    pub sign_off_id: Id,
    /// Who.
    pub revoked_by: Id,
    /// When.
    pub revoked_at: NaiveDateTime,
}

/// A sign-off with what became of it.
#[derive(Clone, Debug)]
pub struct SignOff {
    /// The sign-off.
    pub row: SignOffRow,
    /// Its revocation, if it was revoked.
    pub revocation: Option<RevocationRow>,
    /// Why it was revoked, in words.
    pub reason: Option<String>,
}

type OnSignOffs = Box<dyn BoxableExpression<sign_offs::table, MultiBackend, SqlType = Bool>>;

fn visible(scope: &Scope) -> OnSignOffs {
    match scope {
        Scope::Own { user_id } => Box::new(sign_offs::agent_id.eq(*user_id)),
        Scope::Subtree { user_id, team_path } => Box::new(
            sign_offs::agent_id.eq(*user_id).or(sign_offs::agent_id.eq_any(scope::members_below(team_path))),
        ),
    }
}

/// No revocation stands beside it.
fn stands() -> OnSignOffs {
    let revoked = sign_off_revocations::table.filter(sign_off_revocations::sign_off_id.eq(sign_offs::id));
    Box::new(not(exists(revoked)))
}

/// What surrounds an agent of the scope whose sheet is about to be signed: the writes of the agent, and of whoever's
/// scope it is, are held until the transaction ends, and what was due is written down.
///
/// # Errors
/// `NotFound` outside the scope.
pub fn hold(
    conn: &mut Conn,
    scope: &Scope,
    agent_id: Id,
    occasion: &Occasion,
) -> Result<AgentContext, StoreError> {
    cycles::of_agent_in_scope(conn, scope, agent_id)?;
    due::hold_to_settle(conn, &[agent_id], [scope.user_id()].into())?;
    due::settle_held(conn, &[agent_id], occasion)?;
    agent_context::of_agent(conn, agent_id)
}

/// What an agent's sheet of a week is filled in from, as of now.
///
/// # Errors
/// Those of the database.
pub fn book(
    conn: &mut Conn,
    agent_id: Id,
    context: &AgentContext,
    week: &SheetWeek,
) -> Result<Book, StoreError> {
    let mut books = sheets::books(conn, &[agent_id], week.window(), Contacts::Worked, None)?;
    Ok(Book { cycle: context.env.cycle.clone(), ..books.of.remove(&agent_id).unwrap_or_default() })
}

/// Writes a sign-off.
///
/// # Errors
/// `Conflict` with `ux_sign_offs__agent_id__week_from__check_in__attempt` when somebody else was first.
pub fn insert(conn: &mut Conn, row: &SignOffRow) -> Result<(), StoreError> {
    diesel::insert_into(sign_offs::table).values(row).execute(conn)?;
    Ok(())
}

/// Writes a revocation and its reason.
///
/// # Errors
/// `Conflict` when it was revoked already.
pub fn revoke(conn: &mut Conn, row: &RevocationRow, reason: &str) -> Result<(), StoreError> {
    diesel::insert_into(sign_off_revocations::table).values(row).execute(conn)?;
    diesel::insert_into(sign_off_texts::table)
        .values((sign_off_texts::sign_off_id.eq(row.sign_off_id), sign_off_texts::content.eq(reason)))
        .execute(conn)?;
    Ok(())
}

/// Deletes the words with every revoked sign-off of these agents' sheets on which a prospect stood.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn erase_texts(
    conn: &mut Conn,
    agents: &[Id],
    prospect_id: Id,
) -> Result<(), StoreError> {
    let naming_it = sign_offs::table
        .filter(sign_offs::agent_id.eq_any(agents.to_vec()))
        .filter(sign_offs::figures.like(containing(&format!("\"{prospect_id}\""))).escape('!'))
        .select(sign_offs::id);
    diesel::delete(sign_off_texts::table.filter(sign_off_texts::sign_off_id.eq_any(naming_it)))
        .execute(conn)?;
    Ok(())
}

macro_rules! with_what_became {
    () => {
        sign_offs::table
            .left_join(sign_off_revocations::table.on(sign_off_revocations::sign_off_id.eq(sign_offs::id)))
            .left_join(sign_off_texts::table.on(sign_off_texts::sign_off_id.eq(sign_offs::id)))
            .select((
                SignOffRow::as_select(),
                Option::<RevocationRow>::as_select(),
                sign_off_texts::content.nullable(),
            ))
    };
}

type Row = (SignOffRow, Option<RevocationRow>, Option<String>);

fn sign_off((row, revocation, reason): Row) -> SignOff {
    SignOff { row, revocation, reason }
}

/// One sign-off within a scope.
///
/// # Errors
/// `NotFound` outside it.
pub fn find(conn: &mut Conn, scope: &Scope, id: Id) -> Result<SignOff, StoreError> {
    let known: Id = sign_offs::table
        .filter(visible(scope))
        .filter(sign_offs::id.eq(id))
        .select(sign_offs::id)
        .first(conn)?;
    let row: Row = with_what_became!().filter(sign_offs::id.eq(known)).first(conn)?;
    Ok(sign_off(row))
}

/// Every sign-off of one agent's week, the revoked ones too, by block and attempt. The caller has found the agent
/// within the own scope.
///
/// # Errors
/// Those of the database.
pub fn of_week(conn: &mut Conn, agent_id: Id, week: &SheetWeek) -> Result<Vec<SignOff>, StoreError> {
    let rows: Vec<Row> = with_what_became!()
        .filter(sign_offs::agent_id.eq(agent_id))
        .filter(sign_offs::week_from.eq(week.window().from))
        .order((sign_offs::block_from, sign_offs::attempt))
        .load(conn)?;
    Ok(rows.into_iter().map(sign_off).collect())
}

/// The sign-offs of the scope on which a prospect stands, in order of time.
///
/// # Errors
/// Those of the database.
pub fn naming(conn: &mut Conn, scope: &Scope, row: &ProspectRow) -> Result<Vec<SignOff>, StoreError> {
    let of_it: Vec<Id> = sign_offs::table
        .filter(visible(scope))
        .filter(sign_offs::figures.like(containing(&format!("\"{}\"", row.id))).escape('!'))
        .select(sign_offs::id)
        .load(conn)?;
    let rows: Vec<Row> = with_what_became!()
        .filter(sign_offs::id.eq_any(of_it))
        .order((sign_offs::signed_at, sign_offs::id))
        .load(conn)?;
    Ok(rows.into_iter().map(sign_off).collect())
}

/// The sign-offs of some agents' week that stand. The caller has found the agents within the own scope.
///
/// # Errors
/// Those of the database.
pub fn standing(conn: &mut Conn, agents: &[Id], week: &SheetWeek) -> Result<Vec<SignOffRow>, StoreError> {
    Ok(sign_offs::table
        .filter(sign_offs::agent_id.eq_any(agents.to_vec()))
        .filter(sign_offs::week_from.eq(week.window().from))
        .filter(stands())
        .select(SignOffRow::as_select())
        .load(conn)?)
}

/// The blocks of an agent around a day that stand signed off.
///
/// # Errors
/// Those of the database.
pub fn blocks_around(conn: &mut Conn, agent_id: Id, day: NaiveDate) -> Result<Vec<Window>, StoreError> {
    let days: Vec<(NaiveDate, NaiveDate)> = sign_offs::table
        .filter(sign_offs::agent_id.eq(agent_id))
        .filter(sign_offs::week_from.between(plus_days(day, -6), day))
        .filter(stands())
        .select((sign_offs::block_from, sign_offs::block_to))
        .load(conn)?;
    Ok(days.into_iter().filter_map(|(from, to)| Window::new(from, to)).collect())
}

/// Which of the signed contacts the scope's holder may see now, and of these which were erased, and the names of the rest.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Seen and erased.
    pub erased: BTreeSet<Id>,
    /// Seen, with the name.
    pub names: BTreeMap<Id, String>,
}

/// What the scope's holder may know of some contacts.
///
/// # Errors
/// Those of the database.
pub fn known(conn: &mut Conn, scope: &Scope, prospect_ids: Vec<Id>) -> Result<Known, StoreError> {
    let seen: Vec<(Id, Option<NaiveDateTime>)> = prospects::table
        .filter(prospects::id.eq_any(prospect_ids))
        .filter(scope::owned(scope))
        .select((prospects::id, prospects::erased_at))
        .load(conn)?;
    let (erased, standing): (Vec<_>, Vec<_>) = seen.into_iter().partition(|(_, erased)| erased.is_some());
    let standing: Vec<Id> = standing.into_iter().map(|(id, _)| id).collect();
    let names = sheets::names(conn, &standing)?;
    Ok(Known { erased: erased.into_iter().map(|(id, _)| id).collect(), names })
}
