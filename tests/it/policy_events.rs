//! What the insurer's policy system tells: taken in once, found by numbers, ids and telephones, and folded whatever the order
//! (method section 10, reliability C6).

mod folding;
mod queue;
mod together;

use diesel::prelude::*;
use prospector::{
    domain::organisation::service_client::ServiceScope,
    store::{StoreError, db::schema::users},
};
use serde_json::{Value, json};

use crate::harness::{Cast, Person, World, actors::machine, both, given::Prospect};

/// The policy system of a test.
pub struct System(pub Person);

/// What an event came to.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Came {
    New(String),
    Again(String),
    Conflict,
}

impl System {
    pub fn of(world: &World) -> Self {
        System(world.above().machine.clone())
    }

    #[track_caller]
    pub fn tells(&self, world: &World, body: Value) -> Came {
        let answer = world.call("POST", "/v1/policy-events").json(body).by(&self.0).send();
        match (answer.status, answer.header("idempotency-replayed")) {
            (201, None) => Came::New(answer.string("id")),
            (201, Some("true")) => Came::Again(answer.string("id")),
            (409, None) => {
                assert_eq!(answer.json()["code"], "event_id_conflict", "{}", answer.text());
                Came::Conflict
            }
            _ => panic!("{}", answer.text()),
        }
    }

    /// Tells something new; answers our id of it.
    #[track_caller]
    pub fn tells_new(&self, world: &World, body: Value) -> String {
        match self.tells(world, body) {
            Came::New(id) => id,
            other => panic!("{other:?}"),
        }
    }
}

/// An event at ten in the morning of a day, with more of it.
pub fn event(kind: &str, on: &str, more: Value) -> Value {
    let mut body =
        json!({"id": format!("{kind} of {on}"), "type": kind, "occurred_at": format!("{on}T10:00:00+08:00")});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Three thousand yuan received on a day.
pub fn premium(on: &str, more: Value) -> Value {
    let mut body = event("premium_received", on, more);
    body["amount"] = json!({"amount": "3000.00", "currency": "CNY"});
    body
}

/// Gives somebody an agent code (工号).
pub fn coded(world: &World, person: &Person, code: &str) {
    let (id, code) = (person.id, code.to_owned());
    let written = world.app.db.write_blocking(move |conn| {
        diesel::update(users::table.find(id)).set(users::agent_code.eq(code)).execute(conn)?;
        Ok::<_, StoreError>(())
    });
    written.unwrap();
}

/// At 50% since the 14th; it is the 17th.
pub fn at_50(world: &World, agent: &Person, name: &str) -> Prospect {
    world.on("2009-12-14");
    let mut p = Prospect::named(world, agent, name);
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p.reach_50(world, agent, "2009-12-18");
    world.on("2009-12-17");
    p
}

/// Signed, submitted and paid on the 17th: the one event names the prospect, the other its number alone.
pub fn sold(world: &World, system: &System, p: &Prospect, number: &str) {
    let ids = |id: &str| json!({"id": format!("{id} {number}"), "application_number": number});
    let mut submitted = event("application_submitted", "2009-12-17", ids("s"));
    submitted["prospect_id"] = json!(p.id);
    submitted["signed_on"] = json!("2009-12-17");
    system.tells_new(world, submitted);
    system.tells_new(world, premium("2009-12-17", ids("p")));
}

/// An event as the supervisor sees it.
pub fn seen(world: &World, by: &Person, id: &str) -> Value {
    world.get(&format!("/v1/policy-events/{id}")).by(by).status(200).json()["policy_event"].clone()
}

/// Where an event stands, and why it waits.
pub fn stands(world: &World, by: &Person, id: &str) -> (String, Value) {
    let event = seen(world, by, id);
    (event["status"].as_str().unwrap().to_owned(), event["waits_for"].clone())
}

/// The first application of a prospect's latest pursuit.
pub fn application(world: &World, by: &Person, p: &Prospect) -> Value {
    let page = world.get(&p.path("/pursuits")).by(by).status(200).json();
    let id = page["data"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
    let path = p.path(&format!("/pursuits/{id}/applications"));
    world.get(&path).by(by).status(200).json()["data"][0].clone()
}

fn waiting(because: &str) -> (String, Value) {
    ("unmatched".to_owned(), json!(because))
}

fn contradicting(because: &str) -> (String, Value) {
    ("contradicting".to_owned(), json!(because))
}

fn matched() -> (String, Value) {
    ("matched".to_owned(), Value::Null)
}

fn cast(world: &World) -> (Cast, System) {
    let cast = world.cast();
    coded(world, &cast.agent_a, "10017");
    coded(world, &cast.agent_b, "20001");
    (cast, System::of(world))
}

#[test]
fn an_event_told_again_has_no_second_effect_and_another_body_under_its_id_is_refused() {
    both(|world| {
        let (cast, system) = cast(&world);
        let mut p = at_50(&world, &cast.agent_a, "王芳");
        let paid = premium(
            "2009-12-17",
            json!({"prospect_id": p.id, "application_number": "A-1", "signed_on": "2009-12-17"}),
        );
        let Came::New(id) = system.tells(&world, paid.clone()) else { panic!() };
        let version = p.read(&world, &cast.agent_a)["version"].clone();
        // The same instant and the same amount in other words are the same.
        let mut again = paid.clone();
        again["occurred_at"] = json!("2009-12-17T02:00:00Z");
        again["amount"]["amount"] = json!("3000");
        for same in [&paid, &again, &paid] {
            assert_eq!(system.tells(&world, same.clone()), Came::Again(id.clone()));
        }
        assert_eq!(p.read(&world, &cast.agent_a)["version"], version);
        for (field, value) in [
            ("amount", json!({"amount": "3000.01", "currency": "CNY"})),
            ("application_number", json!("A-2")),
            ("client_phone", json!("138 0000 1234")),
            ("reason", json!("sent twice")),
        ] {
            let mut other = paid.clone();
            other[field] = value;
            assert_eq!(system.tells(&world, other), Came::Conflict, "{field}");
        }
        // Another client's events are others.
        let other = System(machine(&world, "Another core", &cast.north).0);
        assert!(matches!(other.tells(&world, paid), Came::New(_)));
        assert!(world.figures().contains("\npolicy_event_id_conflicts_total 4\n"), "{}", world.figures());
        assert_eq!(application(&world, &cast.agent_a, &p)["advance_premium"]["amount"], "3000.00");
    });
}

#[test]
fn the_first_match_ties_the_numbers_and_what_waits_for_them_follows() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_50(&world, agent, "王芳");
        let code = json!({"agent_code": "10017"});
        let told = |kind: &str, on: &str, numbers: Value| {
            let mut body = event(kind, on, code.clone());
            body.as_object_mut().unwrap().extend(numbers.as_object().unwrap().clone());
            system.tells_new(&world, body)
        };
        world.on("2009-12-22");
        let receipt = told("receipt_signed", "2009-12-21", json!({"policy_number": "P-1"}));
        let issued =
            told("policy_issued", "2009-12-18", json!({"application_number": "A-1", "policy_number": "P-1"}));
        assert_eq!(stands(&world, head, &receipt), waiting("no_match"));
        assert_eq!(stands(&world, head, &issued), waiting("no_match"));
        assert_eq!(p.stage(&world, agent), "stage_50");
        sold(&world, &system, &p, "A-1");
        for id in [&receipt, &issued] {
            assert_eq!(stands(&world, head, id), matched());
            assert_eq!(seen(&world, head, id)["prospect_id"], json!(p.id));
        }
        assert_eq!(p.stage(&world, agent), "stage_90");
        let application = application(&world, agent, &p);
        assert_eq!(
            (&application["application_number"], &application["policy_number"]),
            (&json!("A-1"), &json!("P-1"))
        );
        let clock =
            ["cooling_off_last_day", "closes_on", "can_withdraw"].map(|field| application[field].clone());
        assert_eq!(clock, [json!("2009-12-31"), json!("2010-01-01"), json!(true)]);
        let kinds: Vec<&str> =
            application["events"].as_array().unwrap().iter().map(|e| e["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["application_submitted", "premium_received", "policy_issued", "receipt_signed"]);
        world.on("2009-12-31");
        assert_eq!(p.stage(&world, agent), "stage_90");
        world.on("2010-01-01");
        assert_eq!(p.stage(&world, agent), "closed");
    });
}

#[test]
fn a_telephone_counts_with_the_agents_code_and_when_exactly_one_pursuit_was_open_on_that_day() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        world.on("2009-12-14");
        let known = |name: &str, by: &Person, day: &str| {
            let body = json!({"name": name, "source": "fair", "phones": ["138 0000 1234"]});
            let made = world.post("/v1/prospects", body).by(by).status(201);
            let mut p = Prospect { id: made.string("id"), version: made.version() };
            p.fix_first(&world, by, day);
            p
        };
        let p = known("王芳", agent, "2009-12-16");
        known("王芳", &cast.peer, "2009-12-16");
        world.on("2009-12-16");
        let mut n = 0;
        let mut told = |on: &str, code: Value, phone: &str| {
            n += 1;
            let numbers = json!({"id": format!("e{n}"), "application_number": format!("A-{n}"), "agent_code": code, "client_phone": phone});
            system.tells_new(&world, event("application_submitted", on, numbers))
        };
        let by_phone = told("2009-12-16", json!("10017"), "+86 13800001234");
        let view = seen(&world, head, &by_phone);
        assert_eq!((&view["matched_by"], &view["prospect_id"]), (&json!("phone"), &json!(p.id)));
        assert_eq!(view["client_phone_last_four"], "1234");
        assert_eq!(
            stands(&world, head, &told("2009-12-13", json!("10017"), "13800001234")),
            waiting("no_match")
        );
        assert_eq!(
            stands(&world, head, &told("2009-12-16", json!("10017"), "13800001235")),
            waiting("no_match")
        );
        let other = told("2009-12-16", json!("20001"), "13800001234");
        assert_eq!(stands(&world, &cast.supervisor_b, &other), waiting("no_match"));
        known("王芳的先生", agent, "2009-12-18");
        let several = told("2009-12-16", json!("10017"), "13800001234");
        assert_eq!(stands(&world, head, &several), waiting("several_matches"));
    });
}

#[test]
fn what_contradicts_waits_and_changes_nothing() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_50(&world, agent, "王芳");
        let q = at_50(&world, agent, "刘岩");
        sold(&world, &system, &p, "A-1");
        sold(&world, &system, &q, "A-2");
        let before = p.read(&world, agent);
        let told = |body: Value| {
            let mut body = body;
            body["agent_code"] = json!("10017");
            stands(&world, head, &system.tells_new(&world, body))
        };
        let a1 = |id: &str| json!({"id": id, "application_number": "A-1"});
        let mut other_prospect = event("policy_issued", "2009-12-17", a1("c1"));
        other_prospect["prospect_id"] = json!(q.id);
        assert_eq!(told(other_prospect), contradicting("another_prospect"));
        let mut other_amount = premium("2009-12-17", a1("c2"));
        other_amount["amount"]["amount"] = json!("5000.00");
        other_amount["occurred_at"] = json!("2009-12-17T11:00:00+08:00");
        assert_eq!(told(other_amount), contradicting("another_event"));
        assert_eq!(
            told(event(
                "policy_issued",
                "2009-12-17",
                json!({"application_number": "A-1", "policy_number": "P-1"})
            )),
            matched()
        );
        let mut other_number = a1("c3");
        other_number["policy_number"] = json!("P-2");
        assert_eq!(
            told(event("receipt_signed", "2009-12-17", other_number)),
            contradicting("another_number")
        );
        let both_apps = json!({"id": "c4", "application_number": "A-2", "policy_number": "P-1"});
        assert_eq!(told(event("receipt_signed", "2009-12-17", both_apps)), contradicting("another_number"));
        let after = p.read(&world, agent);
        assert_eq!((&after["stage"], &after["clock"]["closes_on"]), (&before["stage"], &Value::Null));
        assert_eq!(application(&world, agent, &p)["advance_premium"]["amount"], "3000.00");
    });
}

#[test]
fn money_for_somebody_who_has_left_or_for_an_older_pursuit_waits() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut left = at_50(&world, agent, "王芳");
        left.moves(&world, agent, json!({"to": "exited", "reason": "no_need", "reason_text": "moved"}));
        let told = |id: &str, p: &Prospect, on: &str| {
            let more = json!({"id": id, "prospect_id": p.id, "agent_code": "10017", "application_number": id, "signed_on": on});
            stands(&world, head, &system.tells_new(&world, premium(on, more)))
        };
        assert_eq!(told("A-1", &left, "2009-12-17"), waiting("exited"));
        let mut again = at_50(&world, agent, "刘岩");
        world.on("2010-02-01");
        assert_eq!(again.stage(&world, agent), "opportunity");
        again.fix_first(&world, agent, "2010-02-03");
        assert_eq!(told("A-2", &again, "2009-12-17"), waiting("older_pursuit"));
        let never = Prospect::named(&world, agent, "陌生人");
        assert_eq!(told("A-3", &never, "2010-02-01"), waiting("no_pursuit"));
    });
}

#[test]
fn what_is_against_the_rules_is_named_and_nothing_is_kept() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let p = at_50(&world, agent, "王芳");
        let paid = premium(
            "2009-12-17",
            json!({"agent_code": "10017", "prospect_id": p.id, "application_number": "A-1"}),
        );
        let with = |field: &str, value: Value| {
            let mut body = paid.clone();
            body[field] = value;
            body
        };
        let wrong = [
            (with("type", json!("policy_lost")), "/type", "not_allowed"),
            (with("product_code", json!("NONE")), "/product_code", "unknown_product"),
            (
                with("amount", json!({"amount": "3000", "currency": "USD"})),
                "/amount/currency",
                "unknown_currency",
            ),
            (with("amount", json!({"amount": "-1", "currency": "CNY"})), "/amount/amount", "invalid_amount"),
            (with("occurred_at", json!("2009-12-17T12:05:01+08:00")), "/occurred_at", "in_the_future"),
            (with("id", json!(" ")), "/id", "blank"),
            (with("payment_term_years", json!(0)), "/payment_term_years", "too_small"),
        ];
        for (body, pointer, code) in &wrong {
            let refused =
                world.post("/v1/policy-events", body.clone()).by(&system.0).problem(422, "validation_failed");
            let error = refused.json()["errors"][0].clone();
            assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
        }
        let only = system.0.only_for(ServiceScope::Products);
        world.post("/v1/policy-events", paid.clone()).by(&only).problem(403, "insufficient_scope");
        assert_eq!(world.get("/v1/policy-events").by(head).status(200).json()["data"], json!([]));
        system.tells_new(&world, with("occurred_at", json!("2009-12-17T12:05:00+08:00")));

        // In a batch each stands on its own, in order; told again as a whole it is answered as before.
        let mut events: Vec<Value> = wrong.iter().map(|(body, ..)| body.clone()).collect();
        events.insert(1, event("policy_issued", "2009-12-17", json!({"application_number": "A-1"})));
        events.push(with("amount", json!({"amount": "1.00", "currency": "CNY"})));
        let batch =
            || world.call("POST", "/v1/policy-events/batch").json(json!({"events": events})).by(&system.0);
        let first = batch().header("Idempotency-Key", "one").status(207).json();
        let told: Vec<i64> =
            first["data"].as_array().unwrap().iter().map(|r| r["status"].as_i64().unwrap()).collect();
        assert_eq!(told, [422, 201, 422, 422, 422, 422, 422, 422, 409]);
        assert_eq!(first["data"][8]["problem"]["code"], "event_id_conflict");
        let receipt = &first["data"][1]["receipt"];
        assert_eq!((&receipt["status"], &receipt["type"]), (&json!("received"), &json!("policy_issued")));
        let again = batch().header("Idempotency-Key", "one").status(207);
        assert_eq!((again.header("idempotency-replayed"), again.json()), (Some("true"), first.clone()));
        assert_eq!(batch().status(207).json()["data"][1], first["data"][1]);
    });
}
