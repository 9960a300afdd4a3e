//! What the insurer's tables have in common: rows with an id, a key, a first day and a version.

use chrono::{NaiveDate, NaiveDateTime};

use crate::{
    domain::{
        exchange::table_change::{InsurerTable, RowFate, TableChange},
        values::id::Id,
    },
    store::{Conn, StoreError},
};

/// Which rows of a table to list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those that concern this product.
    pub product_code: Option<String>,
    /// Those in force on this day.
    pub as_of: Option<NaiveDate>,
    /// After this one in the list.
    pub after: Option<(NaiveDate, Id)>,
}

/// What every row has beside its content.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// Id.
    pub id: Id,
    /// Counts the writes.
    pub version: i32,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

/// A row of one of the insurer's tables.
pub trait TableRow: Sized + Send + 'static {
    /// What it says.
    type Content: Clone + PartialEq + Send + 'static;

    /// Which table.
    const TABLE: InsurerTable;

    /// A row that says this.
    fn of(stamp: Stamp, content: Self::Content) -> Self;

    /// What it says.
    ///
    /// # Errors
    /// `Corrupt` for figures beyond their bounds.
    fn content(self) -> Result<Self::Content, StoreError>;

    /// What it has beside.
    fn stamp(&self) -> Stamp;

    /// First day.
    fn valid_from(content: &Self::Content) -> NaiveDate;

    /// What it is about. Two rows with one key never begin on one day.
    fn key(content: &Self::Content) -> (String, String);

    /// The product and the payment term that it names, and that must be known.
    fn named(content: &Self::Content) -> (Option<&str>, Option<i32>);

    /// The figure that it gives, if it gives one.
    fn figure(content: &Self::Content) -> Option<String>;

    /// What is told of a change.
    fn change(stamp: Stamp, content: &Self::Content, fate: RowFate) -> TableChange {
        let (valid_from, figure) = (Self::valid_from(content), Self::figure(content));
        TableChange { table: Self::TABLE, row_id: stamp.id, fate, version: stamp.version, valid_from, figure }
    }

    /// One row.
    ///
    /// # Errors
    /// `NotFound` when there is none.
    fn find(conn: &mut Conn, id: Id) -> Result<Self, StoreError>;

    /// Every row.
    ///
    /// # Errors
    /// Those of the database.
    fn all(conn: &mut Conn) -> Result<Vec<Self>, StoreError>;

    /// A page of rows, the latest first day first. With a day only those in force on it.
    ///
    /// # Errors
    /// Those of the database.
    fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Self>, StoreError>;

    /// Adds rows.
    ///
    /// # Errors
    /// `Conflict` when a row of the same key begins on the same day.
    fn insert(conn: &mut Conn, rows: &[Self]) -> Result<(), StoreError>;

    /// Writes a row in the place of its version before.
    ///
    /// # Errors
    /// `Stale` when it was written meanwhile; `Conflict` when another row of the same key begins on the same day.
    fn replace(conn: &mut Conn, row: &Self) -> Result<(), StoreError>;

    /// Takes a row out.
    ///
    /// # Errors
    /// `Stale` when it was written meanwhile.
    fn remove(conn: &mut Conn, stamp: Stamp) -> Result<(), StoreError>;
}

/// The part of [`TableRow`] that reads and writes, for a table with the functions `in_force` and `of_product` beside it.
macro_rules! reads_and_writes {
    ($table:ident) => {
        fn stamp(&self) -> Stamp {
            Stamp { id: self.id, version: self.version, updated_at: self.updated_at }
        }

        fn find(conn: &mut Conn, id: Id) -> Result<Self, StoreError> {
            Ok($table::table.find(id).select(Self::as_select()).first(conn)?)
        }

        fn all(conn: &mut Conn) -> Result<Vec<Self>, StoreError> {
            Ok($table::table.select(Self::as_select()).load(conn)?)
        }

        fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<Self>, StoreError> {
            let mut query = $table::table
                .into_boxed::<MultiBackend>()
                .order(($table::valid_from.desc(), $table::id.desc()))
                .limit(limit)
                .select(Self::as_select());
            if let Some(day) = filter.as_of {
                query = query.filter(in_force(day));
            }
            if let Some(code) = &filter.product_code {
                query = query.filter(of_product(code));
            }
            if let Some((day, id)) = filter.after {
                let position = (day.into_sql::<Date>(), id.into_sql::<Text>());
                query = query.filter(before(($table::valid_from, $table::id), position));
            }
            Ok(query.load(conn)?)
        }

        fn insert(conn: &mut Conn, rows: &[Self]) -> Result<(), StoreError> {
            for some in rows.chunks(MOST_AT_ONCE) {
                insert_rows!(conn, some.len(), diesel::insert_into($table::table).values(some));
            }
            Ok(())
        }

        fn replace(conn: &mut Conn, row: &Self) -> Result<(), StoreError> {
            let seen = $table::table.find(row.id).filter($table::version.eq(row.version - 1));
            match diesel::update(seen).set(row).execute(conn)? {
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }

        fn remove(conn: &mut Conn, stamp: Stamp) -> Result<(), StoreError> {
            let seen = $table::table.find(stamp.id).filter($table::version.eq(stamp.version));
            match diesel::delete(seen).execute(conn)? {
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }
    };
}
pub(super) use reads_and_writes;

/// Rows of one statement: well below the number of values that PostgreSQL takes.
pub(super) const MOST_AT_ONCE: usize = 1_000;
