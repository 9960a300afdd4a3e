//! What a request made beside the log is named in its answer, and found by that name.

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

/// Whether the id stands in a list.
fn is_in(world: &World, by: &Person, list: &str, id: &str) -> bool {
    let page = world.get(list).by(by).status(200).json();
    page["data"].as_array().unwrap().iter().any(|one| one["id"] == id)
}

#[test]
fn everything_that_is_recorded_is_found_by_the_id_in_the_answer() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = Prospect::named(&world, agent, "王芳");
        let moved = p.fix_first(&world, agent, "2009-12-14").json();
        assert_eq!(moved["recorded_id"], Value::Null, "a move has its record");
        let met = p.meet(&world, agent, "2009-12-14", "2009-12-18").json();
        assert!(is_in(&world, agent, &p.path("/transitions"), met["transition"]["id"].as_str().unwrap()));

        let next = json!({"starts_at": "2009-12-21T14:00:00+08:00", "agenda": "answer her questions"});
        let id = p.records(&world, agent, "/appointments", next.clone()).string("recorded_id");
        assert!(is_in(&world, agent, &p.path("/appointments"), &id));
        let mut own = next;
        own["id"] = json!("0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e");
        let made = p.records(&world, agent, "/appointments", own);
        assert_eq!(made.string("recorded_id"), "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e");

        let check = json!({"criterion": "budget", "verdict": "met", "evidence": "1500 a month"});
        let post = || {
            world.post(&p.path("/criteria-checks"), check.clone()).by(agent).header("Idempotency-Key", "one")
        };
        let id = post().status(201).string("recorded_id");
        assert_eq!(post().status(201).string("recorded_id"), id, "the same when it is sent again");
        assert!(is_in(&world, agent, &p.path("/criteria-checks"), &id));
        let ask = json!({"prospect_id": p.id, "days": 7, "reason_text": "abroad"});
        let id = world.post("/v1/extensions", ask).by(agent).status(201).string("recorded_id");
        assert!(is_in(&world, head, "/v1/extensions", &id));
        let reason = json!({"reason_text": "went through the five"});
        let id = p.records(&world, head, "/confirmations", reason).string("recorded_id");
        assert!(is_in(&world, agent, &p.path("/timeline"), &id));
        let changed = json!({"decision": "denied", "reason_text": "no"});
        let requests = world.get("/v1/extensions").by(head).status(200).json();
        let path = format!("/v1/extensions/{}", requests["data"][0]["id"].as_str().unwrap());
        let decided = world.patch(&path, changed).by(head).if_match(p.version).status(200).json();
        assert_eq!(decided.get("recorded_id"), Some(&Value::Null));
    });
}
