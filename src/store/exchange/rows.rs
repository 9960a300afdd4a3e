//! What the insurer's tables have in common: rows with an id, a key, a first day and a version.

use chrono::NaiveDate;

use crate::domain::values::id::Id;

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

/// Reading and writing the rows of one of the insurer's tables.
macro_rules! rows_of {
    ($table:ident as $row:ty) => {
        /// One row.
        ///
        /// # Errors
        /// `NotFound` when there is none.
        pub fn find(conn: &mut Conn, id: Id) -> Result<$row, StoreError> {
            Ok($table::table.find(id).select(<$row>::as_select()).first(conn)?)
        }

        /// Every row.
        ///
        /// # Errors
        /// Those of the database.
        pub fn all(conn: &mut Conn) -> Result<Vec<$row>, StoreError> {
            Ok($table::table.select(<$row>::as_select()).load(conn)?)
        }

        /// A page of rows, the latest first day first. With a day only those in force on it.
        ///
        /// # Errors
        /// Those of the database.
        pub fn list(conn: &mut Conn, filter: &Filter, limit: i64) -> Result<Vec<$row>, StoreError> {
            let mut query = $table::table
                .into_boxed::<MultiBackend>()
                .order(($table::valid_from.desc(), $table::id.desc()))
                .limit(limit)
                .select(<$row>::as_select());
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

        /// Adds rows.
        ///
        /// # Errors
        /// `Conflict` when an id is taken, or when a row of the same key begins on the same day.
        pub fn insert(conn: &mut Conn, rows: &[$row]) -> Result<(), StoreError> {
            for some in rows.chunks(MOST_AT_ONCE) {
                insert_rows!(conn, some.len(), diesel::insert_into($table::table).values(some));
            }
            Ok(())
        }

        /// Writes a row in the place of its version before.
        ///
        /// # Errors
        /// `Stale` when it was written meanwhile; `Conflict` when another row of the same key begins on the same day.
        pub fn replace(conn: &mut Conn, row: &$row) -> Result<(), StoreError> {
            let seen = $table::table.find(row.id).filter($table::version.eq(row.version - 1));
            match diesel::update(seen).set(row).execute(conn)? {
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }

        /// Takes a row out.
        ///
        /// # Errors
        /// `Stale` when it was written meanwhile.
        pub fn remove(conn: &mut Conn, row: &$row) -> Result<(), StoreError> {
            let seen = $table::table.find(row.id).filter($table::version.eq(row.version));
            match diesel::delete(seen).execute(conn)? {
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }
    };
}
pub(super) use rows_of;

/// Rows of one statement: well below the number of values that PostgreSQL takes.
pub(super) const MOST_AT_ONCE: usize = 1_000;
