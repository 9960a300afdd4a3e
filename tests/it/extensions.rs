//! Requests for more days: where they stand when their pursuit does not wait for a decision (method section 5).

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

fn asks(world: &World, agent: &Person, p: &mut Prospect) -> String {
    let body = json!({"prospect_id": p.id, "days": 7, "reason_text": "abroad"});
    let made = world.post("/v1/extensions", body).by(agent).status(201);
    p.version = made.version();
    made.string("recorded_id")
}

fn standing(world: &World, by: &Person, filter: &str) -> Vec<(String, String)> {
    let page = world.get(&format!("/v1/extensions{filter}")).by(by).status(200).json();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    page["data"].as_array().unwrap().iter().map(|e| (text(&e["id"]), text(&e["status"]))).collect()
}

fn is(id: &str, status: &str) -> (String, String) {
    (id.to_owned(), status.to_owned())
}

#[test]
fn a_request_lapses_with_its_pursuit_and_is_never_taken_for_that_of_the_next() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        let first = asks(&world, agent, &mut p);
        assert_eq!(standing(&world, head, ""), [is(&first, "pending")]);

        // Nobody decides; what the request held back happens.
        world.on("2010-02-01");
        assert_eq!(standing(&world, head, ""), [is(&first, "lapsed")]);
        assert_eq!(p.stage(&world, agent), "opportunity");
        let decision = json!({"decision": "granted", "reason_text": "the date is fixed"});
        let late = |p: &Prospect| {
            let path = format!("/v1/extensions/{first}");
            let call = world.patch(&path, decision.clone()).by(head).if_match(p.version);
            assert_eq!(call.problem(409, "conflict").error_codes(), ["extension_lapsed"]);
        };
        late(&p);

        p.fix_first(&world, agent, "2010-02-03");
        let second = asks(&world, agent, &mut p);
        late(&p);
        assert_eq!(standing(&world, head, ""), [is(&first, "lapsed"), is(&second, "pending")]);
        assert_eq!(standing(&world, head, "?status=pending"), [is(&second, "pending")]);
        assert_eq!(standing(&world, head, "?status=lapsed"), [is(&first, "lapsed")]);
        assert_eq!(standing(&world, head, "?status=lapsed&status=pending").len(), 2);
        assert_eq!(standing(&world, head, "?status=denied"), []);
        world.get("/v1/extensions?status=gone").by(head).problem(400, "invalid_parameter");

        let path = format!("/v1/extensions/{second}");
        let denied = json!({"decision": "denied", "reason_text": "not worth it"});
        p.version = world.patch(&path, denied.clone()).by(head).if_match(p.version).status(200).version();
        assert_eq!(standing(&world, head, ""), [is(&first, "lapsed"), is(&second, "denied")]);
        let again = world.patch(&path, denied).by(head).if_match(p.version).problem(409, "conflict");
        assert_eq!(again.error_codes(), ["no_pending_extension"]);
        late(&p);
    });
}

#[test]
fn a_request_of_a_voided_or_exited_pursuit_has_lapsed_too() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = Prospect::named(&world, agent, "周");
        p.fix_first(&world, agent, "2009-12-16");
        let id = asks(&world, agent, &mut p);
        p.records(
            &world,
            agent,
            "/corrections",
            json!({"kind": "void_latest_move", "reason_text": "wrong name"}),
        );
        assert_eq!(p.stage(&world, agent), "opportunity");
        assert_eq!(standing(&world, head, ""), [is(&id, "lapsed")]);
        p.fix_first(&world, agent, "2009-12-17");
        assert_eq!(standing(&world, head, ""), [is(&id, "lapsed")], "what came with the voided move is void");
        let again = asks(&world, agent, &mut p);
        assert_eq!(standing(&world, head, ""), [is(&id, "lapsed"), is(&again, "pending")]);
        p.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
        assert_eq!(standing(&world, head, ""), [is(&id, "lapsed"), is(&again, "lapsed")]);
        let decision = json!({"decision": "granted", "reason_text": "the date is fixed"});
        for id in [&id, &again] {
            let call = world.patch(&format!("/v1/extensions/{id}"), decision.clone()).by(head);
            assert_eq!(call.if_match(p.version).problem(409, "conflict").error_codes(), ["extension_lapsed"]);
        }
    });
}

#[test]
fn pages_of_requests_follow_each_other_whatever_they_are_narrowed_to() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut expected = Vec::new();
        for (n, status) in
            ["pending", "granted", "denied", "lapsed", "pending", "granted", "lapsed"].iter().enumerate()
        {
            let mut p = Prospect::named(&world, agent, &format!("人{n}"));
            p.fix_first(&world, agent, "2009-12-16");
            let id = asks(&world, agent, &mut p);
            if let Some(decision) = ["granted", "denied"].iter().find(|decision| *decision == status) {
                let body = json!({"decision": decision, "days": 3, "reason_text": format!("why {n}")});
                let path = format!("/v1/extensions/{id}");
                world.patch(&path, body).by(head).if_match(p.version).status(200);
            }
            if *status == "lapsed" {
                p.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
            }
            expected.push((p.id, is(&id, status)));
        }
        expected.sort();
        let expected: Vec<(String, String)> = expected.into_iter().map(|(_, shown)| shown).collect();
        let narrowed = ["pending", "granted", "denied", "lapsed"].map(|one| vec![one]);
        let several = [vec![], vec!["granted", "lapsed"], vec!["pending", "denied", "granted", "lapsed"]];
        for wanted in narrowed.into_iter().chain(several) {
            let filter: String = wanted.iter().map(|status| format!("&status={status}")).collect();
            let (mut cursor, mut seen) = (String::new(), Vec::new());
            loop {
                let path = format!("/v1/extensions?limit=2{filter}{cursor}");
                let answer = world.get(&path).by(head).status(200);
                let (page, link) = (answer.json(), answer.header("link"));
                seen.extend(standing(&world, head, &format!("?limit=2{filter}{cursor}")));
                let Some(next) = page["next_cursor"].as_str() else {
                    assert_eq!((&page["has_more"], link), (&json!(false), None));
                    break;
                };
                let rows = page["data"].as_array().unwrap().len();
                assert_eq!((rows, &page["has_more"]), (2, &json!(true)), "{filter}");
                assert!(link.unwrap().contains(next));
                cursor = format!("&cursor={next}");
                // A cursor is good for its reader and its filter.
                let other = format!("/v1/extensions?limit=2&prospect_id={}{cursor}", cast.head_a.id);
                world.get(&other).by(head).problem(400, "invalid_cursor");
                world.get(&path.replace("limit=2", "limit=2&cursor=abc")).by(head).status(400);
            }
            let all = |status: &str| wanted.is_empty() || wanted.contains(&status);
            let right: Vec<_> = expected.iter().filter(|(_, status)| all(status)).cloned().collect();
            assert_eq!(seen, right, "{filter}");
        }
        let told = world.get("/v1/extensions?status=granted&limit=1").by(head).status(200).json();
        let first = &told["data"][0];
        assert_eq!((&first["days_requested"], &first["days_granted"]), (&json!(7), &json!(3)));
        assert_eq!((&first["reason_text"], &first["decided_by"]), (&json!("abroad"), &json!(head.id)));
        assert_eq!(first["decision_text"], "why 1");
        let untouched = &world.get("/v1/extensions?status=pending").by(agent).status(200).json()["data"][0];
        assert_eq!((&untouched["decided_at"], &untouched["days_granted"]), (&Value::Null, &Value::Null));
    });
}
