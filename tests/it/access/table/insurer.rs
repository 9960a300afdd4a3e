//! The insurer's tables: everybody reads them, who heads the whole organisation and machines write them.

use prospector::domain::organisation::service_client::ServiceScope::Products;
use serde_json::{Value, json};

use super::{Access::*, Ask, Row, row};
use crate::harness::World;

/// A code that no product has yet.
fn code(world: &World) -> String {
    let id = world.app.ids.id().to_string();
    format!("P{}", &id[id.len() - 12..])
}

fn product(code: &str) -> Value {
    json!({"code": code, "name": "term life", "payment_terms_years": [10, 20], "valid_from": "2009-01-01"})
}

/// A row that was added to a table.
fn added(world: &World, table: &str, row: Value) -> Value {
    world.post(&format!("/v1/{table}"), row).by(&world.above().head).status(201).json()
}

/// The code of a product that is known.
fn known(world: &World) -> String {
    added(world, "products", product(&code(world)))["code"].as_str().unwrap().to_owned()
}

fn rule(world: &World) -> Value {
    json!({"product_code": known(world), "channel": "bank", "days": 15, "valid_from": "2009-01-01"})
}

fn factor(world: &World) -> Value {
    json!({"product_code": known(world), "payment_term_years": 20, "factor": "0.55", "valid_from": "2009-01-01"})
}

fn path(table: &str, row: &Value) -> String {
    format!("/v1/{table}/{}", row["id"].as_str().unwrap())
}

fn a_product(world: &World) -> String {
    path("products", &added(world, "products", product(&code(world))))
}

fn a_rule(world: &World) -> String {
    path("cooling-off-rules", &added(world, "cooling-off-rules", rule(world)))
}

fn a_factor(world: &World) -> String {
    path("premium-factors", &added(world, "premium-factors", factor(world)))
}

fn file(table: &str, csv: String) -> Ask {
    Ask::post(format!("/v1/{table}/import"), Value::String(csv))
}

pub fn rows() -> Vec<Row> {
    vec![
        row("listProducts", Readers(Products), |_, _| Ask::get("/v1/products?as_of=2009-12-14")),
        row("getProduct", Readers(Products), |w, _| Ask::get(a_product(w))),
        row("createProduct", Keeper(Products), |w, _| Ask::post("/v1/products", product(&code(w)))),
        row("replaceProduct", Keeper(Products), |w, _| Ask::put(a_product(w), product(&code(w))).seen(1)),
        row("deleteProduct", Keeper(Products), |w, _| Ask::delete(a_product(w)).seen(1)),
        row("importProducts", Keeper(Products), |w, _| {
            let row = format!("{},term life,10;20,2009-01-01", code(w));
            file("products", format!("code,name,payment_terms_years,valid_from\n{row}\n"))
        }),
        row("listCoolingOffRules", Readers(Products), |_, _| {
            Ask::get("/v1/cooling-off-rules?product_code=TL20")
        }),
        row("getCoolingOffRule", Readers(Products), |w, _| Ask::get(a_rule(w))),
        row("createCoolingOffRule", Keeper(Products), |w, _| Ask::post("/v1/cooling-off-rules", rule(w))),
        row("replaceCoolingOffRule", Keeper(Products), |w, _| Ask::put(a_rule(w), rule(w)).seen(1)),
        row("deleteCoolingOffRule", Keeper(Products), |w, _| Ask::delete(a_rule(w)).seen(1)),
        row("importCoolingOffRules", Keeper(Products), |w, _| {
            let row = format!("{},bank,15,2009-01-01", known(w));
            file("cooling-off-rules", format!("product_code,channel,days,valid_from\n{row}\n"))
        }),
        row("listPremiumFactors", Readers(Products), |_, _| Ask::get("/v1/premium-factors")),
        row("getPremiumFactor", Readers(Products), |w, _| Ask::get(a_factor(w))),
        row("createPremiumFactor", Keeper(Products), |w, _| Ask::post("/v1/premium-factors", factor(w))),
        row("replacePremiumFactor", Keeper(Products), |w, _| Ask::put(a_factor(w), factor(w)).seen(1)),
        row("deletePremiumFactor", Keeper(Products), |w, _| Ask::delete(a_factor(w)).seen(1)),
        row("importPremiumFactors", Keeper(Products), |w, _| {
            let row = format!("{},20,0.55,2009-01-01", known(w));
            file("premium-factors", format!("product_code,payment_term_years,factor,valid_from\n{row}\n"))
        }),
    ]
}
