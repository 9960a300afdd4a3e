//! The insurer's tables of the demo: what may be sold, for how long one may withdraw, and what a premium counts.

use chrono::NaiveDate;

use super::error::DemoError;
use crate::{
    clock::Occasion,
    commands::exchange::insurer_tables::{self, Keeper, Refused},
    domain::exchange::insurer_tables::{CoolingOffRule, Factor, PremiumFactor, Product},
    store::{
        Conn,
        exchange::{cooling_off_rules::RuleRow, premium_factors::FactorRow, products::ProductRow},
    },
};

/// Code, name, and each payment term with its factor.
type OnSale = (&'static str, &'static str, &'static [(i32, &'static str)]);

const PRODUCTS: [OnSale; 4] = [
    ("TL20", "二十年定期寿险", &[(10, "0.5"), (20, "1")]),
    ("WL", "终身寿险", &[(5, "0.35"), (10, "0.6"), (20, "1")]),
    ("EN10", "十年两全保险", &[(1, "0.1"), (5, "0.35"), (10, "0.5")]),
    ("CI", "重大疾病保险", &[(15, "0.9"), (20, "1")]),
];

/// Product, channel, days: the method's ten, fifteen through banks, twenty where one product is sold through them.
const RULES: [(Option<&str>, Option<&str>, i32); 4] =
    [(None, None, 10), (None, Some("bank"), 15), (Some("CI"), None, 15), (Some("EN10"), Some("bank"), 20)];

/// What is refused is a defect of the tables above.
fn refused(why: Refused) -> DemoError {
    DemoError::Script(format!("{why:?}"))
}

/// Fills the tables, in force from a day on, as who keeps them would with a file for each.
///
/// # Errors
/// Those of the store; a refusal, which is a defect of the tables.
pub(super) fn fill(conn: &mut Conn, occasion: &Occasion, valid_from: NaiveDate) -> Result<(), DemoError> {
    let product = |(code, name, terms): &OnSale| Product {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        payment_terms: terms.iter().map(|(years, _)| *years).collect(),
        valid_from,
    };
    let products = PRODUCTS.iter().map(product).collect();
    insurer_tables::import::<ProductRow>(conn, Keeper::Operator, occasion, products).map_err(refused)?;
    let rule = |(product, channel, days): (Option<&str>, Option<&str>, i32)| CoolingOffRule {
        product_code: product.map(str::to_owned),
        channel: channel.map(str::to_owned),
        days,
        valid_from,
    };
    let rules = RULES.into_iter().map(rule).collect();
    insurer_tables::import::<RuleRow>(conn, Keeper::Operator, occasion, rules).map_err(refused)?;
    let factors = PRODUCTS.iter().flat_map(|(code, _, terms)| terms.iter().map(move |term| (*code, *term)));
    let factor = |(code, (payment_term_years, factor)): (&str, (i32, &str))| {
        let factor = Factor::parse(factor).ok_or_else(|| DemoError::Script(format!("factor {factor}")))?;
        Ok(PremiumFactor { product_code: code.to_owned(), payment_term_years, factor, valid_from })
    };
    let factors = factors.map(factor).collect::<Result<Vec<_>, DemoError>>()?;
    insurer_tables::import::<FactorRow>(conn, Keeper::Operator, occasion, factors).map_err(refused)?;
    Ok(())
}
