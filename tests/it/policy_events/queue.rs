//! What waits, who sees it, and what supervisors decide about it.

use diesel::prelude::*;
use prospector::store::{StoreError, db::schema::audit};
use serde_json::{Value, json};

use super::{System, application, at_50, cast, coded, event, matched, premium, seen, sold, stands, waiting};
use crate::harness::{Person, World, both};

fn listed(world: &World, by: &Person, query: &str) -> Vec<String> {
    let page = world.get(&format!("/v1/policy-events{query}")).by(by).status(200).json();
    page["data"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
}

fn decides(world: &World, by: &Person, id: &str, what: &str, body: Value) -> Value {
    world.post(&format!("/v1/policy-events/{id}/{what}"), body).by(by).status(201).json()
}

fn refused(world: &World, by: &Person, id: &str, what: &str, body: Value) -> Vec<String> {
    let call = world.post(&format!("/v1/policy-events/{id}/{what}"), body).by(by);
    call.problem(409, "conflict").error_codes()
}

fn why() -> Value {
    json!({"reason": "the client said so"})
}

#[test]
fn what_waits_is_seen_by_the_supervisors_of_its_agent_and_without_one_by_the_head_of_all() {
    both(|world| {
        let head = world.above().head.clone();
        let cast = world.cast_below("");
        let (boss, other, agent) = (&cast.head_a, &cast.supervisor_b, &cast.agent_a);
        coded(&world, agent, "10017");
        let system = System::of(&world);
        world.on("2009-12-17");
        let of = |id: &str, code: Value| {
            system.tells_new(
                &world,
                premium("2009-12-17", json!({"id": id, "application_number": id, "agent_code": code})),
            )
        };
        let (theirs, nobodys, strange) =
            (of("A", json!("10017")), of("B", Value::Null), of("C", json!("999")));
        assert_eq!(listed(&world, boss, ""), std::slice::from_ref(&theirs));
        assert_eq!(listed(&world, other, ""), [""; 0]);
        assert_eq!(
            listed(&world, &head, "?status=unmatched"),
            [&strange, &nobodys, &theirs].map(String::clone)
        );
        assert_eq!(listed(&world, &head, "?status=matched&status=dismissed"), [""; 0]);
        assert_eq!(listed(&world, &head, "?type=policy_issued"), [""; 0]);
        world.get("/v1/policy-events").by(agent).problem(403, "forbidden");
        for id in [&theirs, &nobodys] {
            let path = format!("/v1/policy-events/{id}");
            world.get(&path).by(other).problem(404, "not_found");
            world.post(&format!("{path}/dismissals"), why()).by(other).problem(404, "not_found");
            world.post(&format!("{path}/dismissals"), why()).by(agent).problem(403, "forbidden");
        }
        let first = world.get("/v1/policy-events?limit=1").by(&head).status(200).json();
        let next = format!("/v1/policy-events?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
        assert_eq!(world.get(&next).by(&head).status(200).json()["data"][0]["id"], json!(nobodys));
        // Once it is matched, it is of whoever sees the prospect.
        let p = at_50(&world, agent, "王芳");
        decides(&world, &head, &nobodys, "matches", json!({"prospect_id": p.id}));
        assert_eq!(listed(&world, boss, "?status=matched"), std::slice::from_ref(&nobodys));
        assert_eq!(listed(&world, other, "?status=matched"), [""; 0]);
    });
}

#[test]
fn a_match_takes_what_waits_for_its_numbers_along_and_its_revocation_takes_it_back() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_50(&world, agent, "王芳");
        let mut q = at_50(&world, agent, "刘岩");
        let told = |body: Value| {
            let mut body = body;
            body["agent_code"] = json!("10017");
            body["application_number"] = json!("A-1");
            system.tells_new(&world, body)
        };
        let submitted = told(event("application_submitted", "2009-12-17", json!({})));
        let paid = told(premium("2009-12-17", json!({})));
        let decision = decides(&world, head, &submitted, "matches", json!({"prospect_id": p.id}));
        assert_eq!((&decision["kind"], &decision["prospect_id"]), (&json!("match"), &json!(p.id)));
        assert_eq!(decision["decided_by"], json!(head.id));
        assert_eq!(seen(&world, head, &submitted)["matched_by"], "supervisor");
        assert_eq!(seen(&world, head, &paid)["matched_by"], "numbers");
        assert_eq!((p.stage(&world, agent), q.stage(&world, agent)), ("stage_90".into(), "stage_50".into()));
        assert_eq!(
            refused(&world, head, &paid, "matches", json!({"prospect_id": q.id})),
            ["event_not_waiting"]
        );
        assert_eq!(refused(&world, head, &paid, "dismissals", why()), ["event_not_waiting"]);

        decides(&world, head, &submitted, "revocations", why());
        assert_eq!(stands(&world, head, &submitted), waiting("held_back"));
        assert_eq!(stands(&world, head, &paid), waiting("no_match"));
        assert_eq!(p.stage(&world, agent), "stage_50");
        assert_eq!(application(&world, agent, &p), Value::Null);
        assert_eq!(refused(&world, head, &paid, "revocations", why()), ["nothing_to_revoke"]);

        decides(&world, head, &paid, "matches", json!({"prospect_id": q.id}));
        assert_eq!(
            stands(&world, head, &submitted),
            waiting("held_back"),
            "only a supervisor matches it again"
        );
        assert_eq!((p.stage(&world, agent), q.stage(&world, agent)), ("stage_50".into(), "stage_50".into()));
        assert_eq!(
            refused(&world, head, &submitted, "matches", json!({"prospect_id": p.id})),
            ["tied_elsewhere"]
        );
        decides(&world, head, &submitted, "matches", json!({"prospect_id": q.id}));
        assert_eq!(q.stage(&world, agent), "stage_90");

        let path = format!("/v1/policy-events/{submitted}");
        let decided = world.get(&path).by(head).status(200).json()["decisions"].clone();
        let kinds: Vec<(&str, &Value)> = decided
            .as_array()
            .unwrap()
            .iter()
            .map(|d| (d["decision"]["kind"].as_str().unwrap(), &d["reason"]))
            .collect();
        let said = json!("the client said so");
        assert_eq!(kinds, [("match", &Value::Null), ("revocation", &said), ("match", &Value::Null)]);
    });
}

#[test]
fn a_dismissed_event_counts_for_nobody_until_that_is_taken_back() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_50(&world, agent, "王芳");
        let paid = premium("2009-12-17", json!({"application_number": "A-1", "agent_code": "10017"}));
        let paid = system.tells_new(&world, paid);
        decides(&world, head, &paid, "dismissals", why());
        assert_eq!(stands(&world, head, &paid), ("dismissed".to_owned(), Value::Null));
        let submitted = json!({"application_number": "A-1", "prospect_id": p.id});
        system.tells_new(&world, event("application_submitted", "2009-12-17", submitted));
        assert_eq!(p.stage(&world, agent), "stage_50");
        assert_eq!(stands(&world, head, &paid).0, "dismissed");
        decides(&world, head, &paid, "revocations", why());
        assert_eq!(stands(&world, head, &paid), matched());
        assert_eq!(p.stage(&world, agent), "stage_90");
    });
}

#[test]
fn a_contradiction_is_settled_by_dismissing_one_of_the_two_or_by_saying_that_both_count() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let p = at_50(&world, agent, "王芳");
        sold(&world, &system, &p, "A-1");
        let other = |id: &str| {
            let more = json!({"id": id, "application_number": "A-1", "agent_code": "10017", "occurred_at": "2009-12-17T11:00:00+08:00"});
            let mut body = premium("2009-12-17", more);
            body["amount"]["amount"] = json!("5000.00");
            system.tells_new(&world, body)
        };
        let counts = other("o1");
        assert_eq!(stands(&world, head, &counts).0, "contradicting");
        decides(&world, head, &counts, "matches", json!({"prospect_id": p.id}));
        assert_eq!(stands(&world, head, &counts), matched());
    });
}

#[test]
fn every_decision_leaves_its_row_in_the_audit_and_no_words() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let p = at_50(&world, agent, "王芳");
        let id = system.tells_new(
            &world,
            premium("2009-12-17", json!({"agent_code": "10017", "application_number": "A-1"})),
        );
        decides(&world, head, &id, "matches", json!({"prospect_id": p.id}));
        decides(&world, head, &id, "revocations", why());
        decides(&world, head, &id, "dismissals", why());
        let subject = id.clone();
        let rows: Result<Vec<(String, String, String, String)>, StoreError> =
            world.app.db.read_blocking(move |conn| {
                Ok(audit::table
                    .filter(audit::subject_id.eq(&subject))
                    .order(audit::id)
                    .select((audit::actor_kind, audit::action, audit::matter_kind, audit::details))
                    .load(conn)?)
            });
        let rows = rows.unwrap();
        let told: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|(kind, action, matter, _)| (kind.as_str(), action.as_str(), matter.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                ("integration", "policy_event_received", "user"),
                ("supervisor", "policy_event_match_created", "prospect"),
                ("supervisor", "policy_event_matched", "prospect"),
                ("supervisor", "policy_event_revocation_created", "prospect"),
                ("supervisor", "policy_event_waits", "user"),
                ("supervisor", "policy_event_dismissal_created", "user"),
            ]
        );
        assert!(rows.iter().all(|(.., details)| !details.contains("said")), "{rows:?}");
    });
}
