//! What premiums count, by product and payment term (折标系数, method section 10).

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{
    prelude::*,
    sql_types::{Bool, Date, Text},
};

use super::rows::{Filter, MOST_AT_ONCE, Stamp, TableRow, reads_and_writes};
use crate::{
    domain::{
        exchange::{
            insurer_tables::{Factor, PremiumFactor},
            table_change::InsurerTable,
        },
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

impl TableRow for FactorRow {
    type Content = PremiumFactor;

    const TABLE: InsurerTable = InsurerTable::PremiumFactors;

    fn of(Stamp { id, version, updated_at }: Stamp, content: PremiumFactor) -> Self {
        let PremiumFactor { product_code, payment_term_years, factor, valid_from } = content;
        let (term_years, factor_millionths) = (payment_term_years, factor.millionths());
        FactorRow { id, product_code, term_years, factor_millionths, valid_from, version, updated_at }
    }

    fn content(self) -> Result<PremiumFactor, StoreError> {
        let factor = Factor::of_millionths(self.factor_millionths)
            .ok_or_else(|| StoreError::Corrupt("premium_factors: a factor beyond its bounds".to_owned()))?;
        let FactorRow { product_code, term_years: payment_term_years, valid_from, .. } = self;
        Ok(PremiumFactor { product_code, payment_term_years, factor, valid_from })
    }

    fn valid_from(content: &PremiumFactor) -> NaiveDate {
        content.valid_from
    }

    fn key(content: &PremiumFactor) -> (String, String) {
        (content.product_code.clone(), content.payment_term_years.to_string())
    }

    fn named(content: &PremiumFactor) -> (Option<&str>, Option<i32>) {
        (Some(&content.product_code), Some(content.payment_term_years))
    }

    fn figure(content: &PremiumFactor) -> Option<String> {
        Some(content.factor.written())
    }

    reads_and_writes!(premium_factors);
}
