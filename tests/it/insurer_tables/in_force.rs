//! What counts for a sale, as the writes of sales read it.

use chrono::{NaiveDate, NaiveDateTime};
use prospector::{
    domain::exchange::insurer_tables::InsurerTables,
    store::{
        Conn, StoreError,
        db::codec::Json,
        exchange::{
            cooling_off_rules::RuleRow, insurer_tables, premium_factors::FactorRow, products::ProductRow,
            rows::TableRow,
        },
    },
};

use crate::harness::{World, both};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn written(world: &World, write: impl FnOnce(&mut Conn) -> Result<(), StoreError> + Send + 'static) {
    world.app.db.write_blocking(write).unwrap();
}

fn at(world: &World) -> NaiveDateTime {
    world.clock.now().naive_utc()
}

fn rule(world: &World, product: &str, channel: &str, days: i32, from: &str) -> RuleRow {
    let (product_code, channel) = (product.to_owned(), channel.to_owned());
    RuleRow {
        id: world.app.ids.id(),
        product_code,
        channel,
        days,
        valid_from: day(from),
        version: 1,
        updated_at: at(world),
    }
}

#[test]
fn a_sale_reads_the_rules_and_factors_of_its_product_and_those_of_any() {
    both(|world| {
        let rules = [
            rule(&world, "", "", 10, "2009-01-01"),
            rule(&world, "", "bank", 15, "2010-02-01"),
            rule(&world, "TL20", "", 20, "2010-01-01"),
            rule(&world, "WL", "bank", 60, "2009-01-01"),
        ];
        let factor = |product: &str, term_years, millionths, from: &str| FactorRow {
            id: world.app.ids.id(),
            product_code: product.to_owned(),
            term_years,
            factor_millionths: millionths,
            valid_from: day(from),
            version: 1,
            updated_at: at(&world),
        };
        let factors = [
            factor("TL20", 20, 550_000, "2009-01-01"),
            factor("TL20", 20, 600_000, "2010-01-01"),
            factor("WL", 20, 1_000_000, "2009-01-01"),
        ];
        written(&world, move |conn| {
            RuleRow::insert(conn, &rules)?;
            FactorRow::insert(conn, &factors)
        });
        let of = |codes: &[&str]| -> InsurerTables {
            let codes: Vec<String> = codes.iter().map(|code| (*code).to_owned()).collect();
            let read = move |conn: &mut Conn| insurer_tables::of_products(conn, &codes);
            world.app.db.read_blocking::<_, StoreError, _>(read).unwrap()
        };
        let tables = of(&["TL20"]);
        assert_eq!((tables.rules.len(), tables.factors.len()), (3, 2), "none of another product");
        let days = |channel, on| tables.cooling_off_days(Some("TL20"), Some(channel), day(on));
        assert_eq!((days("bank", "2009-12-31"), days("bank", "2010-01-01")), (Some(10), Some(20)));
        assert_eq!(days("bank", "2010-02-01"), Some(20), "the product says more than the channel");
        let premium = |on| tables.standard_premium(300_001, "TL20", 20, day(on));
        assert_eq!((premium("2009-12-31"), premium("2010-01-01")), (Some(165_001), Some(180_001)));
        let nameless = of(&[]);
        assert_eq!(nameless.cooling_off_days(None, Some("bank"), day("2010-02-01")), Some(15));
        assert_eq!(nameless.cooling_off_days(None, None, day("2010-01-01")), Some(10));
        assert_eq!(of(&["TL20", "WL"]).factors.len(), 3);
    });
}

#[test]
fn a_product_is_known_with_every_term_it_ever_had() {
    both(|world| {
        let product = |code: &str, terms: &[i32], from: &str| ProductRow {
            id: world.app.ids.id(),
            code: code.to_owned(),
            name: "定期寿险".to_owned(),
            payment_terms: Json(terms.to_vec()),
            valid_from: day(from),
            version: 1,
            updated_at: at(&world),
        };
        let rows = [product("TL20", &[10, 20], "2009-01-01"), product("TL20", &[20, 30], "2099-01-01")];
        written(&world, move |conn| ProductRow::insert(conn, &rows));
        let read = |conn: &mut Conn| {
            let known = insurer_tables::known_products(conn, &["TL20".to_owned(), "WL".to_owned()])?;
            let exists = |conn: &mut Conn, code| insurer_tables::product_exists(conn, code);
            Ok::<_, StoreError>((known, exists(conn, "TL20")?, exists(conn, "tl20")?))
        };
        let (known, here, other) = world.app.db.read_blocking(read).unwrap();
        assert_eq!(known.into_iter().collect::<Vec<_>>(), [("TL20".to_owned(), [10, 20, 30].into())]);
        assert_eq!((here, other), (true, false), "codes are told apart by their letters' case");
    });
}
