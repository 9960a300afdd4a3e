//! The journal: calls, visits, messages and notes, one by one, in batches, and as a day's tally.

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

fn records(world: &World, by: &Person, body: Value) -> Value {
    world.post("/v1/activities", body).by(by).status(201).json()
}

fn listed(world: &World, by: &Person, query: &str) -> Vec<String> {
    let page = world.get(&format!("/v1/activities{query}")).by(by).status(200).json();
    let line = |a: &Value| {
        format!("{} {} {}", a["occurred_on"].as_str().unwrap(), a["kind"].as_str().unwrap(), a["text"])
    };
    page["data"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn an_agent_keeps_a_journal_of_today_and_of_past_days() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = Prospect::named(&world, agent, "王芳");
        let call = json!({"kind": "call", "outcome": "appointment_set", "prospect_id": p.id, "text": "Tuesday at ten",
            "occurred_at": "2009-12-13T23:30:00+08:00"});
        let call = records(&world, agent, call);
        assert_eq!((&call["occurred_on"], &call["agent_id"]), (&json!("2009-12-13"), &json!(agent.id)));
        records(&world, agent, json!({"kind": "visit", "occurred_on": "2009-12-11"}));
        records(&world, agent, json!({"kind": "journal_note", "text": "plan the week"}));
        assert_eq!(
            listed(&world, agent, ""),
            [
                "2009-12-14 journal_note \"plan the week\"",
                "2009-12-13 call \"Tuesday at ten\"",
                "2009-12-11 visit null"
            ]
        );
        let of_it = format!("?prospect_id={}&kind=call&kind=visit&occurred_on_gte=2009-12-13", p.id);
        assert_eq!(listed(&world, agent, &of_it), ["2009-12-13 call \"Tuesday at ten\""]);
        assert_eq!(listed(&world, agent, "?occurred_on_lt=2009-12-13"), ["2009-12-11 visit null"]);

        let path = format!("/v1/activities/{}", call["id"].as_str().unwrap());
        assert_eq!(world.get(&path).by(agent).status(200).json(), call);
        world.call("DELETE", &path).by(agent).if_match(1).status(204);
        world.get(&path).by(agent).problem(404, "not_found");
        assert_eq!(listed(&world, agent, &of_it), Vec::<String>::new());
    });
}

#[test]
fn pages_of_the_journal_follow_each_other() {
    both(|world| {
        let cast = world.cast();
        for day in ["2009-12-10", "2009-12-12", "2009-12-11", "2009-12-12", "2009-12-12"] {
            records(&world, &cast.agent_a, json!({"kind": "message", "occurred_on": day}));
        }
        let mut path = "/v1/activities?limit=2".to_owned();
        let mut days = Vec::new();
        loop {
            let page = world.get(&path).by(&cast.agent_a).status(200).json();
            let rows = page["data"].as_array().unwrap();
            days.extend(rows.iter().map(|a| a["occurred_on"].as_str().unwrap()[8..].to_owned()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/v1/activities?limit=2&cursor={cursor}");
        }
        assert_eq!(days, ["12", "12", "12", "11", "10"]);
    });
}

#[test]
fn what_makes_no_activity_is_refused_with_the_field_that_mends_it() {
    both(|world| {
        let cast = world.cast();
        let unseen = Prospect::named(&world, &cast.agent_b, "王芳").id;
        let nobody = world.app.ids.id();
        for (body, pointer, code) in [
            (json!({"kind": "call"}), "/outcome", "outcome_of_calls"),
            (json!({"kind": "visit", "outcome": "dial"}), "/outcome", "outcome_of_calls"),
            (json!({"kind": "journal_note"}), "/text", "required"),
            (json!({"kind": "journal_note", "text": "  "}), "/text", "blank"),
            (json!({"kind": "visit", "occurred_on": "2009-12-15"}), "/occurred_on", "in_the_future"),
            (
                json!({"kind": "visit", "occurred_at": "2009-12-15T09:00:00+08:00"}),
                "/occurred_at",
                "in_the_future",
            ),
            (
                json!({"kind": "visit", "occurred_on": "2009-12-13", "occurred_at": "2009-12-14T01:00:00+08:00"}),
                "/occurred_at",
                "another_day",
            ),
            (json!({"kind": "visit", "prospect_id": unseen}), "/prospect_id", "unknown_prospect"),
            (json!({"kind": "visit", "prospect_id": nobody}), "/prospect_id", "unknown_prospect"),
        ] {
            let said = world.post("/v1/activities", body.clone()).by(&cast.agent_a);
            let said = said.problem(422, "validation_failed").json();
            assert_eq!(
                (&said["errors"][0]["pointer"], &said["errors"][0]["code"]),
                (&json!(pointer), &json!(code))
            );
        }
        assert_eq!(listed(&world, &cast.agent_a, ""), Vec::<String>::new());
    });
}

/// The places and codes of a problem's faults, in order.
fn told(problem: &Value) -> Vec<(&str, &str)> {
    let faults = problem["errors"].as_array().unwrap().iter();
    faults.map(|f| (f["pointer"].as_str().unwrap(), f["code"].as_str().unwrap())).collect()
}

#[test]
fn everything_that_is_wrong_with_an_activity_is_told_at_once() {
    both(|world| {
        let cast = world.cast();
        let wrong = json!({"kind": "journal_note", "outcome": "dial", "occurred_on": "2009-12-15",
            "occurred_at": "2009-12-16T09:00:00+08:00", "prospect_id": world.app.ids.id()});
        let said = world.post("/v1/activities", wrong).by(&cast.agent_a).problem(422, "validation_failed");
        assert_eq!(
            told(&said.json()),
            [
                ("/outcome", "outcome_of_calls"),
                ("/text", "required"),
                ("/occurred_on", "in_the_future"),
                ("/occurred_at", "in_the_future"),
                ("/occurred_at", "another_day"),
                ("/prospect_id", "unknown_prospect"),
            ]
        );
        let tally = json!({"on": "2009-12-15", "dials": 5, "connects": 6, "appointments_set": 0, "refused": 0,
            "visits": 0, "messages": 0});
        let said = world.post("/v1/activity-tallies", tally).by(&cast.agent_a);
        let said = said.problem(422, "validation_failed").json();
        assert_eq!(told(&said), [("/connects", "above_dials"), ("/on", "in_the_future")]);
    });
}

#[test]
fn an_item_that_cannot_be_read_stops_nobody_else_and_a_batch_of_nothing_else_is_refused() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let bad = [
            json!({"kind": "fax"}),
            json!({"kind": "visit", "colour": "red"}),
            json!({"kind": "visit", "text": "x".repeat(2001)}),
            json!({"kind": "visit", "text": "\u{0}"}),
            json!({"occurred_on": 5}),
            json!([]),
        ];
        let mut items = bad.to_vec();
        items.push(json!({"kind": "visit"}));
        let done = world.post("/v1/activities/batch", json!({"items": items})).by(agent).status(207).json();
        let results = done["data"].as_array().unwrap();
        let expected = [
            vec![("/kind", "not_allowed")],
            vec![("/colour", "unknown_field")],
            vec![("/text", "too_long")],
            vec![("/text", "nul_character")],
            vec![("/occurred_on", "wrong_type"), ("/kind", "required")],
            vec![("", "wrong_type")],
        ];
        for (index, expected) in expected.iter().enumerate() {
            let result = &results[index];
            assert_eq!((&result["index"], &result["status"]), (&json!(index), &json!(422)));
            assert_eq!((&result["activity"], told(&result["problem"])), (&Value::Null, expected.clone()));
        }
        assert_eq!(results[1]["problem"]["code"], "unknown_field");
        assert_eq!((results.len(), &results[6]["status"]), (7, &json!(201)));
        assert_eq!(listed(&world, agent, "").len(), 1);

        let refused = world.post("/v1/activities/batch", json!({"items": bad})).by(agent);
        let refused = refused.problem(422, "validation_failed").json();
        let pointers: Vec<&str> = told(&refused).into_iter().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers[..3], ["/items/0/kind", "/items/1/colour", "/items/2/text"]);
        for frame in [json!({"items": [{"kind": "visit"}], "atomic": 1}), json!({"items": {}}), json!({})] {
            world.post("/v1/activities/batch", frame).by(agent).problem(422, "validation_failed");
        }
        let frame = json!({"items": [{"kind": "visit"}], "all": true});
        world.post("/v1/activities/batch", frame).by(agent).problem(422, "unknown_field");
        assert_eq!(listed(&world, agent, "").len(), 1);
    });
}

#[test]
fn an_atomic_batch_tells_what_is_wrong_with_every_item() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let taken = records(&world, agent, json!({"kind": "message"}))["id"].clone();
        let items = json!([
            {"kind": "call", "occurred_on": "2009-12-15"},
            {"kind": "visit"},
            {"kind": "fax"},
            {"kind": "visit", "id": taken},
            {"kind": "journal_note"},
        ]);
        let batch = json!({"items": items, "atomic": true});
        let said = world.post("/v1/activities/batch", batch).by(agent).problem(422, "validation_failed");
        assert_eq!(
            told(&said.json()),
            [
                ("/items/0/outcome", "outcome_of_calls"),
                ("/items/0/occurred_on", "in_the_future"),
                ("/items/2/kind", "not_allowed"),
                ("/items/3", "id_taken"),
                ("/items/4/text", "required"),
            ]
        );
        assert_eq!(listed(&world, agent, "").len(), 1, "nothing is recorded");
        let many: Vec<Value> = (0..100)
            .map(|_| json!({"kind": "journal_note", "outcome": "dial", "occurred_on": "2010-01-01"}))
            .collect();
        let batch = json!({"items": many, "atomic": true});
        let said = world.post("/v1/activities/batch", batch).by(agent).problem(422, "validation_failed");
        assert_eq!(told(&said.json()).len(), 200, "as many as the answer has room for");
    });
}

#[test]
fn a_days_calls_go_in_one_request_and_a_bad_one_stops_nobody_else() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let items = json!([{"kind": "call", "outcome": "dial"}, {"kind": "call"}, {"kind": "visit"}]);
        let done = world.post("/v1/activities/batch", json!({"items": items})).by(agent).status(207).json();
        let statuses: Vec<i64> =
            done["data"].as_array().unwrap().iter().map(|r| r["status"].as_i64().unwrap()).collect();
        assert_eq!(statuses, [201, 422, 201]);
        assert_eq!(done["data"][1]["activity"], Value::Null);
        assert_eq!(done["data"][1]["problem"]["errors"][0]["pointer"], "/outcome");
        assert_eq!(done["data"][2]["activity"]["kind"], "visit");
        assert_eq!(listed(&world, agent, "").len(), 2);
    });
}

#[test]
fn an_atomic_batch_is_recorded_whole_or_not_at_all() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let batch =
            |items: Value| world.post("/v1/activities/batch", json!({"items": items, "atomic": true}));
        let bad = json!([{"kind": "visit"}, {"kind": "call"}]);
        let said = batch(bad).by(agent).problem(422, "validation_failed").json();
        assert_eq!(said["errors"][0]["pointer"], "/items/1/outcome");
        assert_eq!(listed(&world, agent, "").len(), 0);
        batch(json!([{"kind": "visit"}, {"kind": "message"}])).by(agent).status(207);
        assert_eq!(listed(&world, agent, "").len(), 2);
        let too_many: Vec<Value> = (0..101).map(|_| json!({"kind": "visit"})).collect();
        batch(json!(too_many)).by(agent).problem(422, "validation_failed");
        batch(json!([])).by(agent).problem(422, "validation_failed");
        world.get("/v1/activities/batch").by(agent).problem(405, "method_not_allowed");
    });
}

#[test]
fn a_journal_is_seen_by_the_supervisors_above_and_by_nobody_else() {
    both(|world| {
        let cast = world.cast();
        let made = records(&world, &cast.agent_a, json!({"kind": "visit"}));
        let path = format!("/v1/activities/{}", made["id"].as_str().unwrap());
        world.get(&path).by(&cast.head_a).status(200);
        assert_eq!(listed(&world, &cast.head_a, &format!("?agent_id={}", cast.agent_a.id)).len(), 1);
        world.call("DELETE", &path).by(&cast.head_a).if_match(1).problem(403, "forbidden");
        for stranger in [&cast.peer, &cast.supervisor_a1, &cast.supervisor_b] {
            world.get(&path).by(stranger).problem(404, "not_found");
            world.call("DELETE", &path).by(stranger).if_match(1).problem(404, "not_found");
            assert_eq!(listed(&world, stranger, &format!("?agent_id={}", cast.agent_a.id)).len(), 0);
        }
    });
}

#[test]
fn what_was_done_with_a_prospect_goes_with_it_and_notes_stay_in_their_journal() {
    both(|world| {
        let cast = world.cast();
        let p = Prospect::named(&world, &cast.agent_a, "王芳");
        let with = |kind: &str, text: &str| json!({"kind": kind, "prospect_id": p.id, "text": text});
        let mut call = with("call", "asked about her children");
        call["outcome"] = json!("connected");
        records(&world, &cast.agent_a, call);
        records(&world, &cast.agent_a, with("journal_note", "likes tea"));
        records(&world, &cast.head_a, with("visit", "went along"));
        records(&world, &cast.head_a, with("journal_note", "coach him on closing"));
        records(&world, &cast.head_a, json!({"kind": "visit", "text": "somebody else"}));

        let path = format!("/v1/prospects/{}/activities", p.id);
        let told = |by: &Person, path: &str| -> Vec<String> {
            let page = world.get(path).by(by).status(200).json();
            let text = |a: &Value| a["text"].as_str().map(str::to_owned);
            let mut texts: Vec<String> = page["data"].as_array().unwrap().iter().filter_map(text).collect();
            texts.sort_unstable();
            texts
        };
        let timeline = format!("/v1/prospects/{}/timeline", p.id);
        for read in [&path, &timeline] {
            assert_eq!(
                told(&cast.agent_a, read),
                ["asked about her children", "likes tea", "went along"],
                "{read}"
            );
            let all = ["asked about her children", "coach him on closing", "likes tea", "went along"];
            assert_eq!(told(&cast.head_a, read), all, "{read}");
        }
        assert_eq!(told(&cast.agent_a, &format!("{path}?kind=visit")), ["went along"]);
        let first = world.get(&format!("{path}?limit=2")).by(&cast.agent_a).status(200).json();
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = world.get(&format!("{path}?limit=2&cursor={cursor}")).by(&cast.agent_a).status(200).json();
        assert_eq!(rest["data"].as_array().unwrap().len(), 1);

        let page = world.get(&timeline).by(&cast.agent_a).status(200).json();
        let call = page["data"].as_array().unwrap().iter().find(|e| e["kind"] == "call").unwrap();
        assert_eq!((&call["fact"]["outcome"], &call["pursuit_number"]), (&json!("connected"), &json!(0)));
        world.get(&path).by(&cast.peer).problem(404, "not_found");
    });
}

#[test]
fn the_latest_tally_of_a_day_stands_and_one_that_cannot_be_true_is_refused() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let tally = |dials: i64, connects: i64, set: i64| {
            json!({"on": "2009-12-11", "dials": dials, "connects": connects, "appointments_set": set,
                "refused": 0, "visits": 0, "messages": 0})
        };
        let keep = |body: Value| world.post("/v1/activity-tallies", body).by(agent);
        assert_eq!(keep(tally(15, 7, 1)).status(201).json()["version"], 1);
        assert_eq!(keep(tally(16, 8, 2)).status(201).json()["version"], 2);
        assert_eq!(
            keep(tally(5, 6, 7)).problem(422, "validation_failed").error_codes(),
            ["above_connects", "above_dials"]
        );
        let range = "/v1/activity-tallies?from=2009-12-01&to=2009-12-31";
        let page = world.get(range).by(agent).status(200).json();
        assert_eq!(page["data"].as_array().unwrap().len(), 1);
        assert_eq!((&page["data"][0]["dials"], &page["data"][0]["version"]), (&json!(16), &json!(2)));
        let of_agent = format!("{range}&agent_id={}", agent.id);
        world.get(&of_agent).by(&cast.head_a).status(200);
        world.get(&of_agent).by(&cast.peer).problem(404, "not_found");
        world
            .get("/v1/activity-tallies?from=2009-12-02&to=2009-12-01")
            .by(agent)
            .problem(400, "invalid_parameter");
    });
}
