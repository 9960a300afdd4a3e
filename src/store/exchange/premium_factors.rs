//! What premiums count, by product and payment term (折标系数, method section 10).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Date, Text},
};

use super::rows::{Filter, MOST_AT_ONCE, rows_of};
use crate::{
    domain::{
        exchange::insurer_tables::{Factor, PremiumFactor},
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::{
            connection::MultiBackend,
            dialect::{before, insert_rows},
            schema::premium_factors,
        },
    },
};
use aliases::later;

/// A factor from a day on.
#[derive(Queryable, Selectable, Insertable, AsChangeset, Clone, PartialEq, Eq, Debug)]
#[diesel(table_name = premium_factors)]
pub struct FactorRow {
    /// Id.
    pub id: Id,
    /// The product.
    pub product_code: String,
    /// Payment term, years.
    pub term_years: i32,
    /// The factor, in millionths.
    pub factor_millionths: i32,
    /// First day.
    pub valid_from: NaiveDate,
    /// Counts the writes.
    pub version: i32,
    /// When it was last written.
    pub updated_at: NaiveDateTime,
}

impl FactorRow {
    /// The factor.
    ///
    /// # Errors
    /// `Corrupt` for one beyond its bounds.
    pub fn factor(&self) -> Result<Factor, StoreError> {
        Factor::of_millionths(self.factor_millionths)
            .ok_or_else(|| StoreError::Corrupt("premium_factors: a factor beyond its bounds".to_owned()))
    }
}

impl TryFrom<FactorRow> for PremiumFactor {
    type Error = StoreError;

    fn try_from(row: FactorRow) -> Result<Self, StoreError> {
        Ok(PremiumFactor {
            factor: row.factor()?,
            product_code: row.product_code,
            payment_term_years: row.term_years,
            valid_from: row.valid_from,
        })
    }
}

mod aliases {
    #![allow(missing_docs)]
    use super::premium_factors;
    diesel::alias!(premium_factors as later: Later);
}

type OnFactors = Box<dyn BoxableExpression<premium_factors::table, MultiBackend, SqlType = Bool>>;

fn in_force(day: NaiveDate) -> OnFactors {
    let replaced = later
        .filter(later.field(premium_factors::product_code).eq(premium_factors::product_code))
        .filter(later.field(premium_factors::term_years).eq(premium_factors::term_years))
        .filter(later.field(premium_factors::valid_from).gt(premium_factors::valid_from))
        .filter(later.field(premium_factors::valid_from).le(day));
    Box::new(premium_factors::valid_from.le(day).and(diesel::dsl::not(diesel::dsl::exists(replaced))))
}

fn of_product(code: &str) -> OnFactors {
    Box::new(premium_factors::product_code.eq(code.to_owned()))
}

rows_of!(premium_factors as FactorRow);
