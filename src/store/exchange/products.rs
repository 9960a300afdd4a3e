//! The insurer's products.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Date, Text},
};

use super::rows::{Filter, MOST_AT_ONCE, Stamp, TableRow, reads_and_writes};
use crate::{
    domain::{
        exchange::{insurer_tables::Product, table_change::InsurerTable},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            connection::MultiBackend,
            dialect::{before, insert_rows},
            schema::products,
        },
    },
};
use aliases::later;

/// A product from a day on.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = products)]
pub struct ProductRow {
    /// Id.
    pub id: Id,
    /// The insurer's code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Over how many years its premiums may be paid.
    pub payment_terms: Json<Vec<i32>>,
    /// First day.
    pub valid_from: NaiveDate,
    /// Counts the writes.
    pub version: i32,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

mod aliases {
    #![allow(missing_docs)]
    use super::products;
    diesel::alias!(products as later: Later);
}

type OnProducts = Box<dyn BoxableExpression<products::table, MultiBackend, SqlType = Bool>>;

fn in_force(day: NaiveDate) -> OnProducts {
    let replaced = later
        .filter(later.field(products::code).eq(products::code))
        .filter(later.field(products::valid_from).gt(products::valid_from))
        .filter(later.field(products::valid_from).le(day));
    Box::new(products::valid_from.le(day).and(diesel::dsl::not(diesel::dsl::exists(replaced))))
}

fn of_product(code: &str) -> OnProducts {
    Box::new(products::code.eq(code.to_owned()))
}

impl TableRow for ProductRow {
    type Content = Product;

    const TABLE: InsurerTable = InsurerTable::Products;

    fn of(Stamp { id, version, updated_at }: Stamp, content: Product) -> Self {
        let Product { code, name, payment_terms, valid_from } = content;
        ProductRow { id, code, name, payment_terms: Json(payment_terms), valid_from, version, updated_at }
    }

    fn content(self) -> Result<Product, StoreError> {
        let ProductRow { code, name, payment_terms: Json(payment_terms), valid_from, .. } = self;
        Ok(Product { code, name, payment_terms, valid_from })
    }

    fn valid_from(content: &Product) -> NaiveDate {
        content.valid_from
    }

    fn key(content: &Product) -> (String, String) {
        (content.code.clone(), String::new())
    }

    fn named(_: &Product) -> (Option<&str>, Option<i32>) {
        (None, None)
    }

    fn figure(_: &Product) -> Option<String> {
        None
    }

    reads_and_writes!(products);
}
