//! The tables over HTTP: who writes, what is refused, versions, files, the audit.

use std::time::{Duration, Instant};

use prospector::domain::organisation::{actor::Role, service_client::ServiceScope};
use serde_json::{Value, json};

use crate::harness::{
    Person, World,
    actors::{person, team},
    app::Call,
    both,
};

/// An organisation with one team above all others.
struct House {
    head: Person,
    lower: Person,
    agent: Person,
}

fn house(world: &World) -> House {
    let top = team(world, "Top", None);
    let below = team(world, "Below", Some(&top));
    House {
        head: person(world, "head", Role::Supervisor, &top),
        lower: person(world, "lower", Role::Supervisor, &below),
        agent: person(world, "agent", Role::Agent, &below),
    }
}

fn product(code: &str, terms: &[i32], from: &str) -> Value {
    json!({"code": code, "name": "定期寿险", "payment_terms_years": terms, "valid_from": from})
}

fn rule(product: Option<&str>, channel: Option<&str>, days: i32, from: &str) -> Value {
    json!({"product_code": product, "channel": channel, "days": days, "valid_from": from})
}

fn factor(term: i32, factor: &str, from: &str) -> Value {
    json!({"product_code": "TL20", "payment_term_years": term, "factor": factor, "valid_from": from})
}

fn adds(world: &World, by: &Person, table: &str, row: Value) -> Value {
    world.post(&format!("/v1/{table}"), row).by(by).status(201).json()
}

fn listed(world: &World, by: &Person, query: &str) -> Vec<Value> {
    world.get(&format!("/v1/{query}")).by(by).status(200).json()["data"].as_array().unwrap().clone()
}

fn sends<'w>(world: &'w World, table: &str, csv: &str) -> Call<'w> {
    let path = format!("/v1/{table}/import");
    world.post(&path, Value::Null).bytes(csv).header("Content-Type", "text/csv")
}

#[test]
fn who_heads_the_organisation_writes_and_everybody_reads() {
    both(|world| {
        let House { head, lower, agent } = house(&world);
        let made = adds(&world, &head, "products", product("TL20", &[20, 10, 20], "2009-01-01"));
        assert_eq!(made["payment_terms_years"], json!([10, 20]), "each once, the shortest first");
        let made_rule = adds(&world, &head, "cooling-off-rules", rule(Some("TL20"), None, 15, "2009-01-01"));
        assert_eq!((&made_rule["channel"], &made_rule["days"]), (&Value::Null, &json!(15)));
        let made_factor = adds(&world, &head, "premium-factors", factor(20, "0.550", "2009-01-01"));
        assert_eq!(made_factor["factor"], "0.55");
        for (table, row) in [
            ("products", product("WL", &[1], "2009-01-01")),
            ("cooling-off-rules", rule(None, None, 10, "2009-01-01")),
            ("premium-factors", factor(10, "0.3", "2009-01-01")),
        ] {
            for by in [&lower, &agent] {
                world.post(&format!("/v1/{table}"), row.clone()).by(by).problem(403, "forbidden");
                let mine = listed(&world, by, table);
                assert_eq!(mine.len(), 1);
                let path = format!("/v1/{table}/{}", mine[0]["id"].as_str().unwrap());
                assert_eq!(world.get(&path).by(by).status(200).json(), mine[0]);
                world.put(&path, row.clone()).by(by).if_match(1).problem(403, "forbidden");
                world.delete(&path).by(by).if_match(1).problem(403, "forbidden");
            }
            sends(&world, table, "code\n").by(&lower).status(422);
        }
        sends(&world, "products", "code,name,payment_terms_years,valid_from\nWL,终身寿险,1,2009-01-01\n")
            .by(&lower)
            .problem(403, "forbidden");
        assert_eq!(listed(&world, &agent, "products").len(), 1);
    });
}

#[test]
fn rows_are_listed_as_of_a_day_by_product_and_page_by_page() {
    both(|world| {
        let House { head, agent, .. } = house(&world);
        for (terms, from) in [([10], "2009-01-01"), ([20], "2010-01-01")] {
            adds(&world, &head, "products", product("TL20", &terms, from));
        }
        adds(&world, &head, "products", product("WL", &[1], "2009-06-01"));
        let of = |query: &str| -> Vec<(String, Value)> {
            let row =
                |row: &Value| (row["code"].as_str().unwrap().to_owned(), row["payment_terms_years"].clone());
            listed(&world, &agent, query).iter().map(row).collect()
        };
        let is = |code: &str, term: i32| (code.to_owned(), json!([term]));
        assert_eq!(of("products"), [is("TL20", 20), is("WL", 1), is("TL20", 10)], "the latest first");
        assert_eq!(of("products?as_of=2008-12-31"), []);
        assert_eq!(of("products?as_of=2009-01-01"), [is("TL20", 10)]);
        assert_eq!(of("products?as_of=2009-12-31"), [is("WL", 1), is("TL20", 10)]);
        assert_eq!(of("products?as_of=2010-01-01"), [is("TL20", 20), is("WL", 1)]);
        assert_eq!(of("products?product_code=TL20&as_of=2009-12-31"), [is("TL20", 10)]);
        let (mut paged, mut path) = (Vec::new(), "/v1/products?limit=1".to_owned());
        loop {
            let page = world.get(&path).by(&agent).status(200).json();
            paged.extend(page["data"].as_array().unwrap().clone());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/products?limit=1&cursor={cursor}");
        }
        assert_eq!(paged, listed(&world, &agent, "products"));

        for (product, channel, days, from) in [
            (None, None, 10, "2009-01-01"),
            (Some("TL20"), None, 15, "2009-01-01"),
            (Some("TL20"), Some("bank"), 20, "2009-01-01"),
            (Some("TL20"), Some("bank"), 21, "2010-01-01"),
            (Some("WL"), None, 30, "2009-01-01"),
        ] {
            adds(&world, &head, "cooling-off-rules", rule(product, channel, days, from));
        }
        let days = |query: &str| -> Vec<i64> {
            let mut days: Vec<i64> =
                listed(&world, &agent, query).iter().map(|row| row["days"].as_i64().unwrap()).collect();
            days.sort_unstable();
            days
        };
        assert_eq!(days("cooling-off-rules?product_code=TL20"), [10, 15, 20, 21], "those of any product too");
        assert_eq!(days("cooling-off-rules?as_of=2009-12-31"), [10, 15, 20, 30]);
        assert_eq!(days("cooling-off-rules?as_of=2010-01-01"), [10, 15, 21, 30]);
    });
}

#[test]
fn a_row_is_replaced_from_the_version_that_was_seen_and_taken_out_again() {
    both(|world| {
        let House { head, agent, .. } = house(&world);
        adds(&world, &head, "products", product("TL20", &[10, 20], "2009-01-01"));
        let made = adds(&world, &head, "premium-factors", factor(20, "0.5", "2009-01-01"));
        adds(&world, &head, "premium-factors", factor(20, "0.6", "2010-01-01"));
        let path = format!("/v1/premium-factors/{}", made["id"].as_str().unwrap());
        let put = |row: Value| world.put(&path, row).by(&head);
        put(factor(20, "0.55", "2009-01-01")).problem(428, "precondition_required");
        put(factor(20, "0.55", "2009-01-01")).if_match(2).problem(412, "stale");
        let same = put(factor(20, "0.50", "2009-01-01")).if_match(1).status(200).json();
        assert_eq!(same, made, "the same again changes nothing");
        let changed = put(factor(20, "0.55", "2009-01-01")).if_match(1).status(200);
        assert_eq!((changed.version(), changed.header("etag")), (2, Some("\"2\"")));
        assert_eq!(changed.json()["factor"], "0.55");
        let twice = put(factor(20, "0.55", "2010-01-01")).if_match(2).problem(409, "conflict");
        assert_eq!(
            (twice.error_codes(), twice.pointers()),
            (vec!["begins_twice".into()], vec!["/valid_from".into()])
        );
        world.post("/v1/premium-factors", factor(20, "0.7", "2009-01-01")).by(&head).problem(409, "conflict");
        world.delete(&path).by(&head).problem(428, "precondition_required");
        world.delete(&path).by(&head).if_match(1).problem(412, "stale");
        world.delete(&path).by(&head).if_match(2).status(204);
        for call in [world.get(&path), world.delete(&path).if_match(2)] {
            call.by(&head).problem(404, "not_found");
        }
        put(factor(20, "0.55", "2009-01-01")).if_match(2).problem(404, "not_found");
        assert_eq!(listed(&world, &agent, "premium-factors").len(), 1);
    });
}

#[test]
fn what_no_row_may_say_is_refused_with_its_place() {
    both(|world| {
        let House { head, .. } = house(&world);
        adds(&world, &head, "products", product("TL20", &[10, 20], "2009-01-01"));
        for (table, row, pointer, code) in [
            ("products", product("TL20", &[], "2009-01-01"), "/payment_terms_years", "too_short"),
            ("products", product("TL20", &[0], "2009-01-01"), "/payment_terms_years", "out_of_range"),
            ("products", product("TL20", &[101], "2009-01-01"), "/payment_terms_years", "out_of_range"),
            ("products", product(" ", &[10], "2009-01-01"), "/code", "blank"),
            (
                "cooling-off-rules",
                rule(Some("WL"), None, 10, "2009-01-01"),
                "/product_code",
                "unknown_product",
            ),
            (
                "cooling-off-rules",
                rule(Some("tl20"), None, 10, "2009-01-01"),
                "/product_code",
                "unknown_product",
            ),
            ("cooling-off-rules", rule(None, None, 61, "2009-01-01"), "/days", "too_large"),
            ("cooling-off-rules", rule(None, None, -1, "2009-01-01"), "/days", "too_small"),
            ("cooling-off-rules", rule(None, None, 10, "2009-02-30"), "/valid_from", "invalid_date"),
            ("premium-factors", factor(30, "0.5", "2009-01-01"), "/payment_term_years", "unknown_term"),
            ("premium-factors", factor(20, "-0.5", "2009-01-01"), "/factor", "invalid_factor"),
            ("premium-factors", factor(20, "100.1", "2009-01-01"), "/factor", "invalid_factor"),
            ("premium-factors", factor(20, "0.0000001", "2009-01-01"), "/factor", "invalid_factor"),
        ] {
            let path = format!("/v1/{table}");
            let refused = world.post(&path, row.clone()).by(&head).problem(422, "validation_failed");
            let told = (refused.pointers(), refused.error_codes());
            assert_eq!(told, (vec![pointer.to_owned()], vec![code.to_owned()]), "{row}");
        }
        for table in ["cooling-off-rules", "premium-factors"] {
            assert_eq!(listed(&world, &head, table), Vec::<Value>::new(), "{table}");
        }
    });
}

#[test]
fn a_file_is_taken_whole_or_not_at_all_and_every_bad_row_is_named() {
    both(|world| {
        let House { head, agent, .. } = house(&world);
        let products = "\u{feff}valid_from,code,name,payment_terms_years\r\n2009-01-01,TL20,定期寿险,10;20\r\n\
                        2009-01-01,WL,\"终身, 寿险\",1\r\n";
        let taken = sends(&world, "products", products).by(&head).status(200).json();
        assert_eq!(taken, json!({"added": 2, "replaced": 0, "unchanged": 0}));

        let bad = "product_code,payment_term_years,factor,valid_from\n\
                   TL20,20,0.55,2009-01-01\n\
                   TL20,30,0.55,2009-01-01\n\
                   XX,20,0.55,2009-01-01\n\
                   TL20,20,0.56,2009-01-01\n";
        let refused = sends(&world, "premium-factors", bad).by(&head).problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/3/payment_term_years", "/4/product_code", "/5/valid_from"]);
        assert_eq!(refused.error_codes(), ["begins_twice", "unknown_product", "unknown_term"]);
        let unreadable = bad.replace("0.55,2009-01-01\nXX,20", "half,2009-13-01\nXX,twenty");
        let refused =
            sends(&world, "premium-factors", &unreadable).by(&head).problem(422, "validation_failed");
        assert_eq!(refused.pointers(), ["/3/factor", "/3/valid_from", "/4/payment_term_years"]);
        assert_eq!(listed(&world, &agent, "premium-factors"), Vec::<Value>::new(), "all or nothing");

        let good = "product_code,payment_term_years,factor,valid_from\nTL20,20,0.55,2009-01-01\nTL20,10,0.3,2009-01-01\n";
        let taken = sends(&world, "premium-factors", good).by(&head).status(200).json();
        assert_eq!(taken, json!({"added": 2, "replaced": 0, "unchanged": 0}));
        let again = good.replace("0.3", "0.35") + "WL,1,0.1,2009-01-01\n";
        let keyed =
            || sends(&world, "premium-factors", &again).by(&head).header("Idempotency-Key", "of-today");
        let taken = keyed().status(200).json();
        assert_eq!(taken, json!({"added": 1, "replaced": 1, "unchanged": 1}));
        let repeated = keyed().status(200);
        assert_eq!(repeated.header("idempotency-replayed"), Some("true"));
        assert_eq!(repeated.json(), taken);
        sends(&world, "premium-factors", good)
            .by(&head)
            .header("Idempotency-Key", "of-today")
            .problem(422, "idempotency_key_reused");
        let mut factors: Vec<String> = listed(&world, &agent, "premium-factors")
            .iter()
            .map(|row| format!("{} v{}", row["factor"].as_str().unwrap(), row["version"]))
            .collect();
        factors.sort();
        assert_eq!(factors, ["0.1 v1", "0.35 v2", "0.55 v1"]);

        let rules = "product_code,channel,days,valid_from\n,,10,2009-01-01\nTL20,bank,15,2009-01-01\n";
        sends(&world, "cooling-off-rules", rules).by(&head).status(200);
        let any = listed(&world, &agent, "cooling-off-rules?product_code=WL");
        assert_eq!((&any[0]["product_code"], &any[0]["channel"]), (&Value::Null, &Value::Null));

        sends(&world, "products", "code,name\n").by(&head).status(422);
        sends(&world, "products", "").by(&head).status(422);
        let latin = world.post("/v1/products/import", Value::Null).bytes(b"code\n\xe9\n".to_vec());
        latin.header("Content-Type", "text/csv").by(&head).problem(400, "unreadable_csv");
        for kind in ["application/json", "text/plain", "text/csv; charset=gbk"] {
            let call =
                world.post("/v1/products/import", Value::Null).bytes(products).header("Content-Type", kind);
            call.by(&head).problem(415, "unsupported_media_type");
        }
    });
}

#[test]
fn every_change_of_a_table_leaves_a_row_in_the_audit_for_who_heads_the_organisation() {
    both(|world| {
        let House { head, lower, .. } = house(&world);
        let made = adds(&world, &head, "cooling-off-rules", rule(None, Some("bank"), 10, "2009-01-01"));
        let path = format!("/v1/cooling-off-rules/{}", made["id"].as_str().unwrap());
        let changed = rule(None, Some("bank"), 15, "2009-02-01");
        world.put(&path, changed.clone()).by(&head).if_match(1).status(200);
        world.put(&path, changed).by(&head).if_match(2).status(200);
        world.delete(&path).by(&head).if_match(2).status(204);
        let told = |by: &Person| -> Vec<(String, Value)> {
            let query = format!("audit?subject_id={}", made["id"].as_str().unwrap());
            let row = |row: &Value| (row["action"].as_str().unwrap().to_owned(), row["details"].clone());
            listed(&world, by, &query).iter().map(row).collect()
        };
        let entry = |action: &str, days: &str, from: &str| {
            (action.to_owned(), json!({"valid_from": from, "figure": days}))
        };
        assert_eq!(
            told(&head),
            [
                entry("table_row_removed", "15", "2009-02-01"),
                entry("table_row_replaced", "15", "2009-02-01"),
                entry("table_row_added", "10", "2009-01-01"),
            ]
        );
        assert_eq!(told(&lower), []);
        let file = "product_code,channel,days,valid_from\n,agency,10,2009-01-01\n,bank,12,2009-01-01\n";
        sends(&world, "cooling-off-rules", file).by(&head).status(200);
        let added = listed(&world, &head, "audit?action=table_row_added&subject_kind=cooling_off_rule");
        assert_eq!(added.len(), 3, "one for each row");
    });
}

#[test]
fn a_machine_with_the_scope_writes_as_itself_and_whoever_follows_is_told() {
    both(|world| {
        let cast = world.cast_below("");
        let above = world.above();
        let mut since = world.get("/v1/changes").by(&cast.agent_a).status(200).string("next");
        let made = adds(&world, &above.machine, "products", product("TL20", &[20], "2009-01-01"));
        let path = format!("/v1/products/{}", made["id"].as_str().unwrap());
        world.delete(&path).by(&above.machine).if_match(1).status(204);
        for other in [ServiceScope::PolicyEvents, ServiceScope::Roster] {
            let call = world.post("/v1/products", product("WL", &[20], "2009-01-01"));
            call.by(&above.machine.only_for(other)).problem(403, "insufficient_scope");
        }
        let rows = listed(&world, &above.head, &format!("audit?subject_id={}", made["id"].as_str().unwrap()));
        let who: Vec<_> = rows.iter().map(|row| (&row["actor_kind"], &row["actor_id"])).collect();
        assert_eq!(who, [(&json!("integration"), &json!(above.machine.id)); 2]);

        let mut told = Vec::new();
        let begun = Instant::now();
        while told.len() < 2 {
            assert!(begun.elapsed() < Duration::from_secs(60), "only {told:?} was told");
            let page = world.get(&format!("/v1/changes?since={since}")).by(&cast.agent_a).status(200).json();
            let of_it = page["data"].as_array().unwrap().iter().filter(|row| row["id"] == made["id"]);
            told.extend(
                of_it.map(|row| (row["kind"].clone(), row["change"].clone(), row["version"].clone())),
            );
            since = page["next"].as_str().unwrap().to_owned();
        }
        let row = |change: &str| (json!("products"), json!(change), json!(1));
        assert_eq!(told, [row("upserted"), row("erased")]);
    });
}
