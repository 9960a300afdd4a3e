//! What the sheets are filled in from: the contacts of some agents in a range of days (method section 8).

mod sheet_events;

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::{
    domain::{
        organisation::actor::Scope,
        reports::{
            premium_flow::PremiumFlow,
            sheet::{Book, SheetClosing},
            sheet_contact::{MeetingDates, SheetContact, StageMove, WorkDay},
        },
        values::{
            calendar::plus_days,
            id::Id,
            timeline::Timeline,
            window::{Span, Window, holds_on},
        },
    },
    store::{
        Conn, StoreError,
        db::schema::{prospect_people, prospects, standings},
        ledger::projections::{OPEN_END, StandingRow},
        organisation::scope,
    },
};
use sheet_events::{SheetEvent, SheetEventKind, sheet_events};

/// Ids in one statement; SQLite takes some 32,000 values.
pub(super) const AT_ONCE: usize = 10_000;

/// Which contacts to load.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contacts {
    /// Those with an activity or a move in the range.
    Worked,
    /// Everybody.
    All,
}

/// What some agents' sheets of a range of days are filled in from.
#[derive(Clone, Debug, Default)]
pub struct Books {
    /// Agent by agent; without their cycles.
    pub of: BTreeMap<Id, Book>,
    /// Whom a reader may see, where one was given.
    pub sight: Sight,
}

impl Books {
    /// Enters the closings and the money; gives the days of work, and all contacts to whom something happened.
    fn enter(&mut self, events: Vec<SheetEvent>) -> (Worked, BTreeSet<Id>) {
        let mut worked = Worked::new();
        let mut touched: BTreeSet<Id> = BTreeSet::new();
        for h in events {
            let book = self.of.get_mut(&h.agent);
            match (h.kind, book) {
                (SheetEventKind::Worked, _) => {
                    let day = WorkDay { on: h.on, entered_on: h.noted_on };
                    worked.entry((h.agent, h.prospect_id)).or_default().push(day);
                    touched.insert(h.prospect_id);
                }
                (SheetEventKind::Moved, _) => {
                    touched.insert(h.prospect_id);
                }
                (SheetEventKind::Closed { first_meeting_on }, Some(book)) => {
                    let (prospect_id, on, noted_on) = (h.prospect_id, h.on, h.noted_on);
                    book.closings.push(SheetClosing { prospect_id, on, noted_on, first_meeting_on });
                }
                (SheetEventKind::Premium(kind), Some(book)) => {
                    let (on, minor, recorded_on) = (h.on, h.amount_minor, h.noted_on);
                    book.premiums.push(PremiumFlow { on, kind, minor, recorded_on });
                }
                (SheetEventKind::Handed, _) => {
                    touched.insert(h.prospect_id);
                }
                (SheetEventKind::Closed { .. } | SheetEventKind::Premium(_), None) => {}
            }
        }
        (worked, touched)
    }
}

/// Which contacts were looked at for a reader, and which of them the reader may see now, with their names; erased ones
/// have none.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    looked_at: BTreeSet<Id>,
    known: BTreeMap<Id, Option<String>>,
}

impl Sight {
    /// What the scope's holder may see of some contacts; asks about those that were not looked at yet.
    ///
    /// # Errors
    /// Those of the database.
    pub fn of(
        mut self,
        conn: &mut Conn,
        scope: &Scope,
        contacts: &[Id],
    ) -> Result<BTreeMap<Id, Option<String>>, StoreError> {
        let rest: Vec<Id> = contacts.iter().copied().filter(|id| !self.looked_at.contains(id)).collect();
        if !rest.is_empty() {
            self.known.extend(known(conn, scope, &rest)?);
        }
        Ok(self.known)
    }

    fn take(&mut self, rows: Vec<Looked>) -> Vec<StandingRow> {
        let row = |(row, seen, name): Looked| {
            self.looked_at.insert(row.prospect_id);
            if seen.is_some() {
                self.known.insert(row.prospect_id, name);
            }
            row
        };
        rows.into_iter().map(row).collect()
    }
}

/// The books of some agents over a range of days, in two statements: what happened, and how the contacts stood. Of what
/// changed hands in those days the other owners' part belongs to the story as well. For a reader also whom of the contacts the
/// reader may see.
///
/// # Errors
/// Those of the database.
pub fn books(
    conn: &mut Conn,
    agents: &[Id],
    range: Window,
    which: Contacts,
    reader: Option<&Scope>,
) -> Result<Books, StoreError> {
    let events = sheet_events(conn, agents, range)?;
    let handed: Vec<Id> =
        events.iter().filter(|h| h.kind == SheetEventKind::Handed).map(|h| h.prospect_id).collect();
    let of = agents.iter().map(|agent| (*agent, Book::default())).collect();
    let mut books = Books { of, sight: Sight::default() };
    let (worked, touched) = books.enter(events);
    let mut rows: Vec<StandingRow> = Vec::new();
    match which {
        Contacts::All => {
            rows = books.sight.take(load_standings(conn, (agents, &handed), range, None, reader)?);
        }
        Contacts::Worked => {
            let touched: Vec<Id> = touched.into_iter().collect();
            for some in touched.chunks(AT_ONCE) {
                let some = load_standings(conn, (agents, &handed), range, Some(some), reader)?;
                rows.extend(books.sight.take(some));
            }
        }
    }
    rows.sort_unstable_by_key(|row| (row.prospect_id, row.position));
    for of_one in rows.chunk_by(|a, b| a.prospect_id == b.prospect_id) {
        let owners: BTreeSet<Id> = of_one.iter().map(|row| row.owner_id).collect();
        for owner in owners {
            if let Some(book) = books.of.get_mut(&owner) {
                book.contacts.extend(contact(of_one, owner, range, &worked));
            }
        }
    }
    Ok(books)
}

/// The days on which somebody worked on a contact, by who it was and whom it was about.
type Worked = BTreeMap<(Id, Id), Vec<WorkDay>>;

/// The contact of one owner, from its intervals in order of time: its moves and the work on it, whoever owned it on
/// those days, because it stands on the sheet of the owner at the block's end (method section 11).
fn contact(rows: &[StandingRow], owner: Id, range: Window, worked: &Worked) -> Option<SheetContact> {
    let prospect_id = rows.first()?.prospect_id;
    let eve = plus_days(range.from, -1);
    let before = rows.iter().find(|row| row.from_on <= eve && eve < row.until_on);
    let dates = |row: &StandingRow| -> MeetingDates { row.standing().dates };
    let moves = rows.iter().filter(|row| row.is_entry && range.contains(row.from_on));
    Some(SheetContact {
        prospect_id,
        before: before.map(|row| row.stage),
        moves: moves
            .map(|row| StageMove { on: row.from_on, to: row.stage, entered_on: row.recorded_on })
            .collect(),
        worked: work(rows, prospect_id, worked),
        dates: Timeline::new(
            before.map(dates).unwrap_or_default(),
            rows.iter()
                .filter(|row| range.contains(row.from_on))
                .map(|row| (row.from_on, dates(row)))
                .collect(),
        ),
        owned: owned(rows, owner),
    })
}

/// The days on which its owner worked on a contact; where it changed hands, the owner of that day, and on the day of the
/// transfer the one before as well: what was done in the morning is not lost because of the afternoon.
fn work(rows: &[StandingRow], prospect_id: Id, worked: &Worked) -> Vec<WorkDay> {
    let owners: BTreeSet<Id> = rows.iter().map(|row| row.owner_id).collect();
    let mut days = Vec::new();
    for who in &owners {
        let theirs = owned(rows, *who);
        let of = worked.get(&(*who, prospect_id)).into_iter().flatten();
        let is_theirs = |on| holds_on(&theirs, on) || holds_on(&theirs, plus_days(on, -1));
        days.extend(of.filter(|day| owners.len() == 1 || is_theirs(day.on)));
    }
    days
}

/// When the contact was this owner's: it may have been handed on, and have come back.
fn owned(rows: &[StandingRow], owner: Id) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for row in rows.iter().filter(|row| row.owner_id == owner) {
        let until = Some(row.until_on).filter(|day| *day < OPEN_END);
        match spans.last_mut() {
            Some(last) if last.until.is_none_or(|end| row.from_on <= end) => last.until = until,
            _ => spans.push(Span { from: row.from_on, until }),
        }
    }
    spans
}

/// An interval, whose it is if the reader may see it, and the name.
type Looked = (StandingRow, Option<Id>, Option<String>);

/// The intervals of some agents' prospects, or of some of them, and of what changed hands whosever it was; for a reader with
/// what may be seen of whom it is.
fn load_standings(
    conn: &mut Conn,
    (agents, handed): (&[Id], &[Id]),
    range: Window,
    only: Option<&[Id]>,
    reader: Option<&Scope>,
) -> Result<Vec<Looked>, StoreError> {
    let mut query = standings::table
        .filter(standings::until_on.ge(range.from))
        .filter(standings::from_on.le(range.to))
        .order((standings::owner_id, standings::prospect_id, standings::position))
        .into_boxed();
    let theirs = standings::owner_id.eq_any(agents.to_vec());
    query = match handed {
        [] => query.filter(theirs),
        _ => query.filter(theirs.or(standings::prospect_id.eq_any(handed.to_vec()))),
    };
    if let Some(ids) = only {
        query = query.filter(standings::prospect_id.eq_any(ids.to_vec()));
    }
    // Looked up row by row: a join would tempt the planner to read everybody's names.
    let name = prospect_people::table
        .filter(prospect_people::prospect_id.eq(standings::prospect_id))
        .select(prospect_people::name)
        .single_value();
    let one = prospects::table.filter(prospects::id.eq(standings::prospect_id)).select(prospects::id);
    match reader {
        None => {
            let rows: Vec<StandingRow> = query.select(StandingRow::as_select()).load(conn)?;
            Ok(rows.into_iter().map(|row| (row, None, None)).collect())
        }
        Some(Scope::Own { user_id }) => {
            let seen = one.filter(prospects::owner_id.eq(*user_id)).single_value();
            Ok(query.select((StandingRow::as_select(), seen, name)).load(conn)?)
        }
        Some(Scope::Subtree { team_path, .. }) => {
            let seen = one.filter(prospects::owner_id.eq_any(scope::members_below(team_path))).single_value();
            Ok(query.select((StandingRow::as_select(), seen, name)).load(conn)?)
        }
    }
}

/// The names behind some prospects; erased ones have none.
///
/// # Errors
/// Those of the database.
pub(in crate::store) fn names(
    conn: &mut Conn,
    prospect_ids: &[Id],
) -> Result<BTreeMap<Id, String>, StoreError> {
    let mut names = BTreeMap::new();
    for some in prospect_ids.chunks(AT_ONCE) {
        let rows: Vec<(Id, String)> = prospect_people::table
            .filter(prospect_people::prospect_id.eq_any(some.to_vec()))
            .select((prospect_people::prospect_id, prospect_people::name))
            .load(conn)?;
        names.extend(rows);
    }
    Ok(names)
}

/// Which of some contacts the scope's holder may see now, with their names; erased ones have none. Names and ids are for
/// those whose scope holds the prospect now, whoever owned it on the day that is asked about (method section 11).
///
/// # Errors
/// Those of the database.
pub fn known(
    conn: &mut Conn,
    scope: &Scope,
    prospect_ids: &[Id],
) -> Result<BTreeMap<Id, Option<String>>, StoreError> {
    let mut known = BTreeMap::new();
    for some in prospect_ids.chunks(AT_ONCE) {
        let named = prospects::table
            .left_join(prospect_people::table.on(prospect_people::prospect_id.eq(prospects::id)))
            .filter(prospects::id.eq_any(some.to_vec()))
            .select((prospects::id, prospect_people::name.nullable()));
        let rows: Vec<(Id, Option<String>)> = match scope {
            Scope::Own { user_id } => named.filter(prospects::owner_id.eq(*user_id)).load(conn)?,
            Scope::Subtree { user_id, team_path } => {
                let below = prospects::owner_id.eq_any(scope::members_below(team_path));
                named.filter(prospects::owner_id.eq(*user_id).or(below)).load(conn)?
            }
        };
        known.extend(rows);
    }
    Ok(known)
}
