//! The tables that the demo comes with.

use prospector::demo::{self, Outcome, PASSWORD};
use serde_json::{Value, json};

use crate::harness::both;

#[test]
fn there_are_products_with_factors_and_ten_fifteen_and_twenty_days_of_cooling_off() {
    both(|world| {
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
        let body = json!({"username": "agent-b", "password": PASSWORD});
        let token = world.call("POST", "/v1/auth/login").json(body).status(200).string("access_token");
        let listed = |table: &str| -> Vec<Value> {
            let page = world.get(&format!("/v1/{table}?limit=100")).token(&token).status(200).json();
            page["data"].as_array().unwrap().clone()
        };
        let mut days: Vec<i64> =
            listed("cooling-off-rules").iter().map(|row| row["days"].as_i64().unwrap()).collect();
        days.sort_unstable();
        days.dedup();
        assert_eq!(days, [10, 15, 20]);
        let factors = listed("premium-factors");
        for product in listed("products") {
            for term in product["payment_terms_years"].as_array().unwrap() {
                let of_it = |row: &&Value| {
                    row["product_code"] == product["code"] && row["payment_term_years"] == *term
                };
                assert_eq!(factors.iter().filter(of_it).count(), 1, "{product} {term}");
            }
        }
        assert!(factors.iter().any(|row| row["product_code"] == "TL20" && row["payment_term_years"] == 20));
    });
}
