//! Writing the insurer's tables (method section 10): row by row, or many rows at once. What a sale has taken from them stays
//! as it was.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;

use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::{event::Event, table_change::RowFate},
        organisation::{
            actor::{ActedBy, Actor},
            service_client::Machine,
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::{
            insurer_tables::known_products,
            rows::{Stamp, TableRow},
        },
        organisation::{audit, cycles, standing},
    },
};

/// Who keeps the insurer's tables.
#[derive(Clone, Copy, Debug)]
pub enum Keeper<'a> {
    /// Who heads the whole organisation.
    Head(&'a Actor),
    /// A machine, within the scope `products`: that has been asked at the door.
    Machine(&'a Machine),
    /// The operator, who loads the demo.
    Operator,
}

impl Keeper<'_> {
    fn acts_as(self) -> ActedBy {
        match self {
            Keeper::Head(actor) => actor.acts_as(),
            Keeper::Machine(machine) => machine.acts_as(),
            Keeper::Operator => ActedBy::System,
        }
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    /// The store failed; `NotFound` when there is no such row.
    Store(StoreError),
    /// Only who heads the whole organisation writes the insurer's tables.
    NotTheHead,
    /// It has another version than the one that was seen.
    Stale,
    /// Another row of the same key begins on the same day.
    BeginsTwice,
    /// What rows say against the rules, each with its place among those given.
    Rows(Vec<(usize, RowFault)>),
}

/// What a row is against.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RowFault {
    /// No such product.
    UnknownProduct,
    /// The product has no such payment term.
    UnknownTerm,
    /// An earlier one of those given has the same key and begins on the same day.
    BeginsTwice,
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Refused::Stale,
            StoreError::Conflict { .. } => Refused::BeginsTwice,
            other => Refused::Store(other),
        }
    }
}

/// What became of many rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Imported {
    /// Rows that were added.
    pub added: usize,
    /// Rows whose place others took.
    pub replaced: usize,
    /// Rows that stood there already.
    pub unchanged: usize,
}

/// Adds a row.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn add<R: TableRow>(
    conn: &mut Conn,
    keeper: Keeper,
    occasion: &Occasion,
    content: R::Content,
) -> Result<R, Refused> {
    permitted(conn, keeper)?;
    known::<R>(conn, std::slice::from_ref(&content))?;
    let row = R::of(first(occasion), content.clone());
    R::insert(conn, std::slice::from_ref(&row))?;
    told::<R>(conn, keeper, occasion, &[(row.stamp(), content, RowFate::Added)])?;
    Ok(row)
}

/// Puts what a row says in the place of what it said; the same again changes nothing.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn replace<R: TableRow>(
    conn: &mut Conn,
    keeper: Keeper,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    content: R::Content,
) -> Result<R, Refused> {
    permitted(conn, keeper)?;
    let before = R::find(conn, id)?;
    let stamp = before.stamp();
    if !seen.is(i64::from(stamp.version)) {
        return Err(Refused::Stale);
    }
    if before.content()? == content {
        return Ok(R::of(stamp, content));
    }
    known::<R>(conn, std::slice::from_ref(&content))?;
    let row = R::of(next(stamp, occasion), content.clone());
    R::replace(conn, &row)?;
    told::<R>(conn, keeper, occasion, &[(row.stamp(), content, RowFate::Replaced)])?;
    Ok(row)
}

/// Takes a row out.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn take_out<R: TableRow>(
    conn: &mut Conn,
    keeper: Keeper,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
) -> Result<(), Refused> {
    permitted(conn, keeper)?;
    let row = R::find(conn, id)?;
    let stamp = row.stamp();
    if !seen.is(i64::from(stamp.version)) {
        return Err(Refused::Stale);
    }
    R::remove(conn, stamp)?;
    told::<R>(conn, keeper, occasion, &[(stamp, row.content()?, RowFate::TakenOut)])
}

/// Adds many rows, all or none. One of the same key and first day as a row that is there takes its place; what is not among
/// them stays.
///
/// # Errors
/// [`Refused`], with everything that any row is against; nothing was written then.
pub fn import<R: TableRow>(
    conn: &mut Conn,
    keeper: Keeper,
    occasion: &Occasion,
    rows: Vec<R::Content>,
) -> Result<Imported, Refused> {
    permitted(conn, keeper)?;
    let mut faults = twice::<R>(&rows);
    match known::<R>(conn, &rows) {
        Err(Refused::Rows(unknown)) => faults.extend(unknown),
        other => other?,
    }
    if !faults.is_empty() {
        faults.sort_by_key(|(place, _)| *place);
        return Err(Refused::Rows(faults));
    }
    let mut there: HashMap<(String, String, NaiveDate), R> = HashMap::new();
    for row in R::all(conn)? {
        let stamp = row.stamp();
        let content = row.content()?;
        there.insert(place::<R>(&content), R::of(stamp, content));
    }
    let (mut imported, mut new, mut changes) = (Imported::default(), Vec::new(), Vec::new());
    for content in rows {
        let Some(before) = there.remove(&place::<R>(&content)) else {
            let stamp = first(occasion);
            changes.push((stamp, content.clone(), RowFate::Added));
            new.push(R::of(stamp, content));
            continue;
        };
        let stamp = before.stamp();
        if before.content()? == content {
            imported.unchanged += 1;
            continue;
        }
        let stamp = next(stamp, occasion);
        R::replace(conn, &R::of(stamp, content.clone()))?;
        changes.push((stamp, content, RowFate::Replaced));
        imported.replaced += 1;
    }
    imported.added = new.len();
    R::insert(conn, &new)?;
    told::<R>(conn, keeper, occasion, &changes)?;
    Ok(imported)
}

/// Whether the keeper may write, asked once a person is held.
fn permitted(conn: &mut Conn, keeper: Keeper) -> Result<(), Refused> {
    let Keeper::Head(actor) = keeper else { return Ok(()) };
    standing::hold(conn, actor, &[])?;
    if cycles::heads_organisation(conn, actor)? { Ok(()) } else { Err(Refused::NotTheHead) }
}

fn first(occasion: &Occasion) -> Stamp {
    Stamp { id: occasion.ids.id(), version: 1, updated_at: stored_instant(occasion.now) }
}

fn next(before: Stamp, occasion: &Occasion) -> Stamp {
    Stamp { version: before.version + 1, updated_at: stored_instant(occasion.now), ..before }
}

/// What no two rows share.
fn place<R: TableRow>(content: &R::Content) -> (String, String, NaiveDate) {
    let (one, other) = R::key(content);
    (one, other, R::valid_from(content))
}

/// Rows that begin where an earlier one of the same key does.
fn twice<R: TableRow>(rows: &[R::Content]) -> Vec<(usize, RowFault)> {
    let mut seen = BTreeSet::new();
    let again = rows.iter().enumerate().filter(|(_, row)| !seen.insert(place::<R>(row)));
    again.map(|(at, _)| (at, RowFault::BeginsTwice)).collect()
}

/// Refuses rows that name a product or a payment term that is not known.
fn known<R: TableRow>(conn: &mut Conn, rows: &[R::Content]) -> Result<(), Refused> {
    let named: BTreeSet<String> = rows.iter().filter_map(|row| R::named(row).0.map(str::to_owned)).collect();
    if named.is_empty() {
        return Ok(());
    }
    let products = known_products(conn, &named.into_iter().collect::<Vec<_>>())?;
    let fault = |(at, row)| Some((at, unknown::<R>(row, &products)?));
    let faults: Vec<(usize, RowFault)> = rows.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Refused::Rows(faults)) }
}

fn unknown<R: TableRow>(row: &R::Content, products: &BTreeMap<String, BTreeSet<i32>>) -> Option<RowFault> {
    let (product, term) = R::named(row);
    let Some(terms) = products.get(product?) else { return Some(RowFault::UnknownProduct) };
    term.filter(|term| !terms.contains(term)).map(|_| RowFault::UnknownTerm)
}

/// Writes down what became of rows.
fn told<R: TableRow>(
    conn: &mut Conn,
    keeper: Keeper,
    occasion: &Occasion,
    changes: &[(Stamp, R::Content, RowFate)],
) -> Result<(), Refused> {
    let event = |(stamp, content, fate): &(Stamp, R::Content, RowFate)| {
        Event::InsurerTableChanged(R::change(*stamp, content, *fate))
    };
    let events: Vec<Event> = changes.iter().map(event).collect();
    audit::record(conn, occasion.ids, occasion.now, keeper.acts_as(), &events).map_err(Refused::Store)
}
