//! The roster and the team tree: who sees whom, and who may write.

use serde_json::{Value, json};

use crate::harness::{Person, World, both};

fn names(world: &World, path: &str, by: &Person) -> Vec<String> {
    let page = world.get(path).by(by).status(200).json();
    page["data"].as_array().unwrap().iter().map(|p| p["username"].as_str().unwrap().to_owned()).collect()
}

fn new_agent(team: impl ToString) -> Value {
    json!({"username": "New.Agent", "display_name": "李四", "role": "agent",
           "team_id": team.to_string(), "password": "a first password"})
}

#[test]
fn a_supervisor_sees_the_own_subtree_and_an_agent_the_own_row() {
    both(|world| {
        let cast = world.cast();
        assert_eq!(
            names(&world, "/v1/agents", &cast.head_a),
            ["agent-a", "agent-a1", "head-a", "peer", "supervisor-a1"]
        );
        assert_eq!(names(&world, "/v1/agents", &cast.supervisor_a1), ["agent-a1", "supervisor-a1"]);
        assert_eq!(names(&world, "/v1/agents", &cast.agent_a), ["agent-a"]);
        assert_eq!(names(&world, "/v1/agents?role=supervisor", &cast.head_a), ["head-a", "supervisor-a1"]);
        let of_branch = format!("/v1/agents?team_id={}", cast.branch.id);
        assert_eq!(names(&world, &of_branch, &cast.head_a), ["agent-a1", "supervisor-a1"]);
        assert_eq!(names(&world, &of_branch, &cast.supervisor_b), Vec::<String>::new());
    });
}

#[test]
fn pages_follow_each_other_and_a_cursor_is_good_for_its_reader_only() {
    both(|world| {
        let cast = world.cast();
        let first = world.get("/v1/agents?limit=2").by(&cast.head_a).status(200);
        assert_eq!(first.json()["has_more"], true);
        let link = first.header("link").unwrap().to_owned();
        let next = link.strip_prefix('<').unwrap().split('>').next().unwrap();
        assert_eq!(names(&world, next, &cast.head_a), ["head-a", "peer"]);
        let last = world.get(next).by(&cast.head_a).status(200).string("next_cursor");
        let last =
            world.get(&format!("/v1/agents?limit=2&cursor={last}")).by(&cast.head_a).status(200).json();
        assert_eq!(last["data"].as_array().unwrap().len(), 1);
        assert_eq!(last["next_cursor"], Value::Null);

        let cursor = first.string("next_cursor");
        let stolen = format!("/v1/agents?limit=2&cursor={cursor}");
        world.get(&stolen).by(&cast.supervisor_b).problem(400, "invalid_cursor");
        world.get(&format!("{stolen}&role=agent")).by(&cast.head_a).problem(400, "invalid_cursor");
        world.get("/v1/agents?cursor=AAAA").by(&cast.head_a).problem(400, "invalid_cursor");
        world.get("/v1/agents?limit=0").by(&cast.head_a).problem(400, "invalid_parameter");
        world.get("/v1/agents?limit=101").by(&cast.head_a).problem(400, "invalid_parameter");
    });
}

#[test]
fn whoever_is_out_of_sight_reads_like_nobody_whatever_is_asked() {
    both(|world| {
        let cast = world.cast();
        let nobody = world.app.ids.id();
        let same = |method: &str, rest: &str, body: Option<Value>, by: &Person, hidden: &str| {
            let mut bodies: Vec<Value> = [hidden.to_owned(), nobody.to_string()]
                .iter()
                .map(|id| {
                    let mut call = world.call(method, &format!("/v1/agents/{id}{rest}")).by(by).if_match(1);
                    if let Some(body) = &body {
                        call = call.json(body.clone());
                    }
                    let mut answer = call.problem(404, "not_found").json();
                    answer.as_object_mut().unwrap().retain(|key, _| key != "request_id" && key != "instance");
                    answer
                })
                .collect();
            bodies.dedup();
            assert_eq!(bodies.len(), 1, "{method} {rest}");
        };
        for (by, hidden) in [
            (&cast.agent_a, &cast.peer),
            (&cast.supervisor_b, &cast.agent_a),
            (&cast.supervisor_a1, &cast.head_a),
        ] {
            let hidden = hidden.id.to_string();
            same("GET", "", None, by, &hidden);
            same("GET", "/memberships", None, by, &hidden);
            same("PATCH", "", Some(json!({"display_name": "x"})), by, &hidden);
            same("PUT", "/password", Some(json!({"password": "a new password"})), by, &hidden);
            let to = json!({"team_id": cast.south.id.to_string()});
            same("POST", "/memberships", Some(to), by, &hidden);
        }
        world.get(&format!("/v1/teams/{}", cast.south.id)).by(&cast.head_a).problem(404, "not_found");
        world.get(&format!("/v1/teams/{}", cast.branch.id)).by(&cast.agent_a).problem(404, "not_found");
    });
}

#[test]
fn only_supervisors_write_the_roster() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.post("/v1/agents", new_agent(cast.north.id)).by(agent).problem(403, "forbidden");
        let own = format!("/v1/agents/{}", agent.id);
        world.patch(&own, json!({"role": "supervisor"})).by(agent).if_match(1).problem(403, "forbidden");
        let team = json!({"name": "Mine", "parent_id": cast.north.id.to_string()});
        world.post("/v1/teams", team).by(agent).problem(403, "forbidden");
        let to = json!({"team_id": cast.north.id.to_string()});
        world.post(&format!("{own}/memberships"), to).by(agent).problem(403, "forbidden");
        assert_eq!(world.get(&own).by(agent).status(200).json()["role"], "agent");
    });
}

#[test]
fn somebody_new_can_sign_in_and_a_retry_adds_nobody_else() {
    both(|world| {
        let cast = world.cast();
        let add = || {
            world
                .post("/v1/agents", new_agent(cast.branch.id))
                .header("Idempotency-Key", "k1")
                .by(&cast.head_a)
        };
        let added = add().status(201);
        assert_eq!(added.json()["username"], "new.agent");
        assert_eq!(added.json()["member_since"], "2009-12-14");
        let read = world.get(&format!("/v1/agents/{}", added.string("id"))).by(&cast.head_a).status(200);
        assert_eq!(added.header("etag"), read.header("etag"));
        let again = add().status(201);
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!(again.json(), added.json());
        let location = added.header("location").unwrap().to_owned();
        world.get(&location).by(&cast.head_a).status(200);
        let body = json!({"username": "NEW.AGENT", "password": "a first password"});
        world.post("/v1/auth/login", body).status(200);
        let taken =
            world.post("/v1/agents", new_agent(cast.branch.id)).by(&cast.head_a).problem(409, "conflict");
        assert_eq!(taken.error_codes(), ["username_taken"]);
    });
}

#[test]
fn a_body_with_wrong_values_names_every_field_and_writes_nothing() {
    both(|world| {
        let cast = world.cast();
        let mut wrong = new_agent(cast.south.id);
        let answer =
            world.post("/v1/agents", wrong.clone()).by(&cast.head_a).problem(422, "validation_failed");
        assert_eq!(answer.error_codes(), ["unknown_team"]);
        wrong["username"] = json!("no spaces");
        wrong["display_name"] = json!("  ");
        wrong["password"] = json!("short");
        let answer = world.post("/v1/agents", wrong).by(&cast.head_a).problem(422, "validation_failed");
        let pointers: Vec<_> =
            answer.json()["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
        assert_eq!(pointers.len(), 3, "{pointers:?}");
        let mut future = new_agent(cast.north.id);
        future["member_from"] = json!("2009-12-15");
        world.post("/v1/agents", future).by(&cast.head_a).problem(422, "validation_failed");
        assert_eq!(names(&world, "/v1/agents", &cast.head_a).len(), 5);
    });
}

#[test]
fn a_change_needs_the_version_that_was_seen_and_nobody_changes_the_own_role() {
    both(|world| {
        let cast = world.cast();
        let path = format!("/v1/agents/{}", cast.peer.id);
        let rename = |name: &str| world.patch(&path, json!({"display_name": name})).by(&cast.head_a);
        rename("A").problem(428, "precondition_required");
        rename("A").if_match(2).problem(412, "stale");
        let renamed = rename("A").if_match(1).status(200);
        let tag = renamed.header("etag").unwrap();
        assert!(tag.starts_with("\"2."), "{tag}");
        assert_eq!(renamed.json()["display_name"], "A");
        rename("B").if_match(1).problem(412, "stale");
        world.get(&path).by(&cast.head_a).header("If-None-Match", tag).status(304);
        for field in ["id", "username", "team_id", "version", "created_at", "epoch", "password_hash"] {
            let patch = json!({ field: "x" });
            world.patch(&path, patch).by(&cast.head_a).if_match(2).problem(422, "unknown_field");
        }
        let own = format!("/v1/agents/{}", cast.head_a.id);
        world.patch(&own, json!({"role": "agent"})).by(&cast.head_a).if_match(1).problem(403, "forbidden");
        world
            .patch(&own, json!({"status": "disabled"}))
            .by(&cast.head_a)
            .if_match(1)
            .problem(403, "forbidden");
    });
}

#[test]
fn somebody_is_found_by_the_pinyin_of_the_name_and_by_the_name_to_sign_in_with() {
    both(|world| {
        let cast = world.cast();
        let mut body = new_agent(cast.north.id);
        body["display_name"] = json!("曾 小明");
        world.post("/v1/agents", body).by(&cast.head_a).status(201);
        let path = format!("/v1/agents/{}", cast.peer.id);
        world.patch(&path, json!({"display_name": "Mu\u{308}ller"})).by(&cast.head_a).if_match(1).status(200);
        for (wanted, username) in [
            ("zengxiaoming", "new.agent"),
            ("zxm", "new.agent"),
            ("%E6%9B%BE%E5%B0%8F", "new.agent"),
            ("NEW.", "new.agent"),
            ("M%C3%9CLLER", cast.peer.username.as_str()),
        ] {
            assert_eq!(
                names(&world, &format!("/v1/agents?q={wanted}"), &cast.head_a),
                [username],
                "{wanted}"
            );
        }
        assert_eq!(names(&world, "/v1/agents?q=%7C", &cast.head_a), Vec::<String>::new());
    });
}

#[test]
fn memberships_are_kept_by_date() {
    both(|world| {
        let cast = world.cast();
        let path = format!("/v1/agents/{}/memberships", cast.agent_a.id);
        let to = |team: &dyn ToString, on: &str| json!({"team_id": team.to_string(), "valid_from": on});
        let moved = world.post(&path, to(&cast.branch.id, "2009-12-01")).by(&cast.head_a).status(201).json();
        let stays: Vec<(&str, &Value)> = moved["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["valid_from"].as_str().unwrap(), &m["valid_to"]))
            .collect();
        assert_eq!(stays, [("2009-01-01", &json!("2009-12-01")), ("2009-12-01", &Value::Null)]);
        let refuse = |body: Value, status: u16, code: &str| {
            let answer = world.post(&path, body).by(&cast.head_a).status(status);
            assert_eq!(answer.error_codes(), [code]);
        };
        refuse(to(&cast.north.id, "2009-12-15"), 422, "in_the_future");
        refuse(to(&cast.north.id, "2009-11-30"), 422, "before_present_membership");
        refuse(to(&cast.branch.id, "2009-12-14"), 409, "same_team");
        refuse(to(&cast.south.id, "2009-12-14"), 422, "unknown_team");
        // A second move on the same day replaces the first.
        let back = world.post(&path, to(&cast.north.id, "2009-12-01")).by(&cast.head_a).status(201).json();
        assert_eq!(back["data"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_team_below_the_own_is_made_and_renamed() {
    both(|world| {
        let cast = world.cast();
        let new =
            json!({"name": "Far north", "parent_id": cast.branch.id.to_string(), "time_zone": "Asia/Urumqi"});
        let made = world.post("/v1/teams", new.clone()).by(&cast.head_a).status(201);
        assert_eq!(made.json()["time_zone"], "Asia/Urumqi");
        let path = made.header("location").unwrap().to_owned();
        let renamed = world
            .patch(&path, json!({"name": "Further north"}))
            .by(&cast.supervisor_a1)
            .if_match(1)
            .status(200);
        assert_eq!(renamed.json()["name"], "Further north");
        let mut elsewhere = new.clone();
        elsewhere["parent_id"] = json!(cast.south.id.to_string());
        let answer = world.post("/v1/teams", elsewhere).by(&cast.head_a).problem(422, "validation_failed");
        assert_eq!(answer.error_codes(), ["unknown_team"]);
        let mut nowhere = new;
        nowhere["time_zone"] = json!("Asia/Nowhere");
        world.post("/v1/teams", nowhere).by(&cast.head_a).problem(422, "validation_failed");
        // The top of what somebody may see shows no team above it.
        let own =
            world.get(&format!("/v1/teams/{}", cast.branch.id)).by(&cast.supervisor_a1).status(200).json();
        assert_eq!(own["parent_id"], Value::Null);
        let teams = world.get("/v1/teams").by(&cast.head_a).status(200).json();
        assert_eq!(teams["data"].as_array().unwrap().len(), 3);
    });
}

#[test]
fn the_statements_of_a_request_do_not_grow_with_the_page() {
    both(|world| {
        let cast = world.cast();
        let count = |path: &str| {
            world.get(path).by(&cast.head_a).status(200);
            // Nobody remembers who called.
            world.clock.advance(chrono::Duration::seconds(2));
            let before = world.app.db.gauges().statements;
            world.get(path).by(&cast.head_a).status(200);
            while world.app.db.gauges().running > 0 {
                std::thread::yield_now();
            }
            world.app.db.gauges().statements - before
        };
        assert_eq!(count("/v1/agents?limit=1"), 2);
        assert_eq!(count("/v1/agents?limit=100"), 2);
        assert_eq!(count(&format!("/v1/agents/{}", cast.agent_a.id)), 2);
    });
}

#[test]
fn a_supervisor_finds_people_by_a_part_of_their_name() {
    both(|world| {
        let cast = world.cast();
        assert_eq!(names(&world, "/v1/agents?q=PEER", &cast.head_a), ["peer"]);
        assert_eq!(names(&world, "/v1/agents?q=ent-a1", &cast.head_a), ["agent-a1"]);
        assert_eq!(names(&world, "/v1/agents?q=%25", &cast.head_a), Vec::<String>::new());
        assert_eq!(names(&world, "/v1/agents?q=agent-b", &cast.head_a), Vec::<String>::new());
    });
}
