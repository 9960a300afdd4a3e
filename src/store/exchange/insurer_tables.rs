//! The insurer's tables as a sale needs them: one statement for each table, however many sales there are. Callable within a
//! write. What is in force on a day is decided by [`InsurerTables`].

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{cooling_off_rules::RuleRow, premium_factors::FactorRow, rows::TableRow};
use crate::{
    domain::exchange::insurer_tables::InsurerTables,
    store::{
        Conn, StoreError,
        db::{
            codec::Json,
            schema::{cooling_off_rules, premium_factors, products},
        },
    },
};

/// The rules and factors of all days for sales of these products. Rules of any product are always among them.
///
/// # Errors
/// Those of the database.
pub fn of_products(conn: &mut Conn, codes: &[String]) -> Result<InsurerTables, StoreError> {
    let rules_of: Vec<String> = codes.iter().cloned().chain([String::new()]).collect();
    let rules: Vec<RuleRow> = cooling_off_rules::table
        .filter(cooling_off_rules::product_code.eq_any(rules_of))
        .select(RuleRow::as_select())
        .load(conn)?;
    let factors: Vec<FactorRow> = premium_factors::table
        .filter(premium_factors::product_code.eq_any(codes.to_vec()))
        .select(FactorRow::as_select())
        .load(conn)?;
    Ok(InsurerTables {
        rules: rules.into_iter().map(Into::into).collect(),
        factors: factors.into_iter().map(TableRow::content).collect::<Result<_, _>>()?,
    })
}

/// Those of these products that are known, from whatever day on, each with all payment terms it ever had, years.
///
/// # Errors
/// Those of the database.
pub fn known_products(
    conn: &mut Conn,
    codes: &[String],
) -> Result<BTreeMap<String, BTreeSet<i32>>, StoreError> {
    let rows: Vec<(String, Json<Vec<i32>>)> = products::table
        .filter(products::code.eq_any(codes.to_vec()))
        .select((products::code, products::payment_terms))
        .load(conn)?;
    let mut known: BTreeMap<String, BTreeSet<i32>> = BTreeMap::new();
    for (code, terms) in rows {
        known.entry(code).or_default().extend(terms.0);
    }
    Ok(known)
}

/// Whether a product of this code is known, from whatever day on.
///
/// # Errors
/// Those of the database.
pub fn product_exists(conn: &mut Conn, code: &str) -> Result<bool, StoreError> {
    Ok(known_products(conn, &[code.to_owned()])?.contains_key(code))
}
