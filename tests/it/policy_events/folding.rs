//! Every order, with every event told twice, comes to one end (reliability C6).

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use super::{System, application, at_50, event, premium};
use crate::harness::{Person, World, actors::person, both, given::Prospect};

const ORDERS: u64 = 16;

/// A life of a policy, without its end or with one.
fn life(ends: &[(&str, &str)]) -> Vec<Value> {
    let mut all = vec![
        event("application_submitted", "2009-12-17", json!({"signed_on": "2009-12-17"})),
        premium("2009-12-17", json!({})),
        event(
            "policy_issued",
            "2009-12-18",
            json!({"policy_number": "P", "standard_premium": {"amount": "6000.00", "currency": "CNY"}}),
        ),
        event("receipt_signed", "2009-12-21", json!({})),
    ];
    all.extend(ends.iter().map(|(kind, on)| event(kind, on, json!({}))));
    all
}

/// The places of some things, each twice, in an order of its own for each number.
fn shuffled(things: usize, number: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..things).chain(0..things).collect();
    let mut seed = number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    for last in (1..order.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(last, (seed >> 33) as usize % (last + 1));
    }
    order
}

/// Where a prospect stands, without what differs from one to the other.
fn state(world: &World, agent: &Person, p: &mut Prospect) -> Value {
    let mut read = p.read(world, agent);
    let fields = read.as_object_mut().unwrap();
    fields.retain(|name, _| ["stage", "clock", "flags", "facts", "pursuit_number"].contains(&name.as_str()));
    let mut application = application(world, agent, p);
    for field in ["id", "application_number", "policy_number"] {
        application[field] = Value::Null;
    }
    for event in application["events"].as_array_mut().unwrap() {
        event["id"] = Value::Null;
    }
    let moves: Vec<[String; 5]> = p.log(world, agent).into_iter().filter(|row| row[0] == "move").collect();
    let last = moves.first().cloned();
    json!({"prospect": read, "application": application, "last": last.map(|row| row.to_vec())})
}

/// Tells a life in many orders, each to a prospect of an agent of its own, and gives the one end that all come to.
fn one_end(ends: &[(&str, &str)], later: &str) -> Vec<(Value, Value)> {
    let all = std::sync::Mutex::new(Vec::new());
    both(|world| {
        let cast = world.cast();
        let system = System::of(&world);
        let life = life(ends);
        let mut people: Vec<(Person, Prospect)> = Vec::new();
        for number in 0..ORDERS {
            let agent = person(&world, &format!("seller-{number}"), Role::Agent, &cast.north);
            let p = at_50(&world, &agent, "王芳");
            people.push((agent, p));
        }
        world.on("2009-12-28");
        for (number, (_, p)) in (0..ORDERS).zip(&people) {
            let order = match number {
                0 => (0..life.len()).chain(0..life.len()).collect(),
                1 => (0..life.len()).chain(0..life.len()).rev().collect(),
                _ => shuffled(life.len(), number),
            };
            for place in order {
                let mut body = life[place].clone();
                body["id"] = json!(format!("{number} {place}"));
                body["application_number"] = json!(format!("A-{number}"));
                body["prospect_id"] = if place == 0 { json!(p.id) } else { Value::Null };
                if body["policy_number"].is_string() {
                    body["policy_number"] = json!(format!("P-{number}"));
                }
                system.tells(&world, body);
            }
        }
        world.on(later);
        let mut told = Vec::new();
        for (agent, p) in &mut people {
            told.push(state(&world, agent, p));
        }
        let weeks = ["2009-12-17", "2009-12-24", "2009-12-31"].map(|week| {
            let path = format!("/v1/reports/team-sheet?week_of={week}");
            world.get(&path).by(&cast.head_a).status(200).json()
        });
        let mut rows = Vec::new();
        for (agent, _) in &people {
            let of_agent = |row: &&Value| row["agent_id"] == json!(agent.id);
            let blocks = weeks.iter().flat_map(|week| week["blocks"].as_array().unwrap());
            let mine: Vec<Value> = blocks
                .map(|block| {
                    let mut row = block["rows"].as_array().unwrap().iter().find(of_agent).unwrap().clone();
                    (row["agent_id"], row["name"]) = (Value::Null, Value::Null);
                    row
                })
                .collect();
            rows.push(json!(mine));
        }
        for number in 1..people.len() {
            assert_eq!(told[number], told[0], "order {number}: {:?}", shuffled(life.len(), number as u64));
            assert_eq!(rows[number], rows[0], "figures of order {number}");
        }
        all.lock().unwrap().push((told[0].clone(), rows[0].clone()));
    });
    all.into_inner().unwrap()
}

fn total(rows: &Value, figure: &str) -> f64 {
    let amount = |row: &Value| row[figure]["amount"].as_str().unwrap().parse::<f64>().unwrap();
    rows.as_array().unwrap().iter().map(amount).sum()
}

#[test]
fn every_order_of_a_sale_closes_it_on_one_day_with_one_premium() {
    for (end, rows) in one_end(&[], "2010-01-02") {
        assert_eq!(end["prospect"]["stage"], "closed");
        assert_eq!((total(&rows, "advance_premium"), total(&rows, "standard_premium")), (3000.0, 6000.0));
        assert_eq!(end["application"]["closes_on"], "2010-01-01");
    }
}

#[test]
fn every_order_of_a_withdrawal_and_a_refund_ends_at_50_without_money() {
    for (end, rows) in
        one_end(&[("cooling_off_withdrawn", "2009-12-24"), ("premium_refunded", "2009-12-26")], "2009-12-29")
    {
        assert_eq!(end["prospect"]["stage"], "stage_50");
        assert_eq!(total(&rows, "advance_premium"), 0.0);
        assert_eq!(end["application"]["undone_on"], "2009-12-26");
    }
}
