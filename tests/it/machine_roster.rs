//! The roster as the insurer's own system keeps it: agents and their teams, and never a role or a password.

use prospector::domain::organisation::service_client::ServiceScope;
use serde_json::{Value, json};

use crate::harness::{
    Cast, Person, World,
    actors::PASSWORD,
    app::{Answer, Call},
    both,
};

fn says<'w>(world: &'w World, code: &str, entry: Value) -> Call<'w> {
    world.put(&format!("/v1/roster/{code}"), entry).by(&world.above().machine)
}

fn in_team(team: impl ToString, from: &str) -> Value {
    json!({"display_name": "李四", "team_id": team.to_string(), "member_from": from})
}

/// The agent of a code as a supervisor sees it.
fn seen(world: &World, by: &Person, code: &str) -> Value {
    let page = world.get("/v1/agents?limit=100").by(by).status(200).json();
    let all = page["data"].as_array().unwrap();
    all.iter().find(|agent| agent["agent_code"] == code).cloned().unwrap_or(Value::Null)
}

fn login(world: &World, username: &str, password: &str) -> Answer {
    world.post("/v1/auth/login", json!({"username": username, "password": password})).send()
}

/// Sets the first password, which lets the agent sign in.
fn welcomed(world: &World, head: &Person, code: &str) -> Value {
    let agent = seen(world, head, code);
    let path = format!("/v1/agents/{}/password", agent["id"].as_str().unwrap());
    world
        .put(&path, json!({"password": PASSWORD}))
        .by(head)
        .if_match(agent["version"].as_i64().unwrap())
        .status(204);
    seen(world, head, code)
}

fn actions(world: &World, of: &Value) -> Vec<String> {
    let path = format!("/v1/audit?subject_id={}&limit=100", of["id"].as_str().unwrap());
    let rows = world.get(&path).by(&world.above().head).status(200).json();
    let told = |row: &Value| format!("{} by {}", row["action"], row["actor_kind"]).replace('"', "");
    rows["data"].as_array().unwrap().iter().map(told).collect()
}

#[test]
fn an_agent_is_put_on_the_roster_and_signs_in_once_a_supervisor_sets_a_password() {
    both(|world| {
        let cast = world.cast_below("");
        let head = &cast.head_a;
        let made = says(&world, "sh-10017", in_team(cast.north.id, "2009-12-01")).status(201).json();
        let expected = json!({"agent_code": "SH-10017", "display_name": "李四", "team_id": cast.north.id,
            "member_from": "2009-12-01", "left_on": null});
        assert_eq!(made, expected);
        let agent = seen(&world, head, "SH-10017");
        let about = ["role", "status", "username", "member_since"].map(|field| agent[field].clone());
        assert_eq!(about, ["agent", "disabled", "sh-10017", "2009-12-01"].map(|text| json!(text)));
        for password in ["", " ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", PASSWORD] {
            assert_ne!(login(&world, "sh-10017", password).status, 200);
        }
        // Said again, in whatever letters, nothing happens.
        assert_eq!(
            says(&world, "SH-10017", in_team(cast.north.id, "2009-12-01")).status(200).json(),
            expected
        );
        assert_eq!(seen(&world, head, "SH-10017"), agent);
        assert_eq!(actions(&world, &agent), ["user_created by integration"]);

        assert_eq!(welcomed(&world, head, "SH-10017")["status"], "active");
        assert_eq!(login(&world, "sh-10017", PASSWORD).status, 200);
        // What the machine says never locks anybody out, nor lets anybody in.
        says(&world, "SH-10017", in_team(cast.north.id, "2009-12-01")).status(200);
        assert_eq!(login(&world, "sh-10017", PASSWORD).status, 200);
        let path = format!("/v1/agents/{}", agent["id"].as_str().unwrap());
        world.patch(&path, json!({"status": "disabled"})).by(head).header("If-Match", "*").status(200);
        says(&world, "SH-10017", in_team(cast.north.id, "2009-12-01")).status(200);
        assert_eq!(seen(&world, head, "SH-10017")["status"], "disabled");
    });
}

#[test]
fn a_change_of_teams_counts_from_its_day_and_is_said_twice_without_harm() {
    both(|world| {
        let cast = world.cast_below("");
        says(&world, "10017", in_team(cast.north.id, "2009-12-01")).status(201);
        let moved = || {
            let mut entry = in_team(cast.south.id, "2009-12-10");
            entry["display_name"] = json!("李小四");
            says(&world, "10017", entry)
        };
        moved().status(200);
        let agent = seen(&world, &cast.supervisor_b, "10017");
        assert_eq!(
            (&agent["display_name"], &agent["member_since"]),
            (&json!("李小四"), &json!("2009-12-10"))
        );
        moved().status(200);
        assert_eq!(seen(&world, &cast.supervisor_b, "10017"), agent);
        assert_eq!(seen(&world, &cast.head_a, "10017"), Value::Null);
        let told = actions(&world, &agent);
        assert_eq!(
            told,
            ["user_moved", "user_changed", "user_created"].map(|a| format!("{a} by integration"))
        );
        let path = format!("/v1/agents/{}/memberships", agent["id"].as_str().unwrap());
        let stays = world.get(&path).by(&world.above().head).status(200).json();
        assert_eq!(stays["data"][0]["valid_to"], "2009-12-10");
        // What was said before is not what counts now.
        let late = says(&world, "10017", in_team(cast.north.id, "2009-12-01"));
        assert_eq!(late.problem(422, "validation_failed").error_codes(), ["before_present_membership"]);
        let early = says(&world, "10017", in_team(cast.north.id, "2009-12-15"));
        assert_eq!(early.problem(422, "validation_failed").error_codes(), ["in_the_future"]);
    });
}

#[test]
fn whoever_has_left_is_out_at_once() {
    both(|world| {
        let cast = world.cast_below("");
        says(&world, "10017", in_team(cast.north.id, "2009-12-01")).status(201);
        welcomed(&world, &cast.head_a, "10017");
        let token = login(&world, "10017", PASSWORD).string("access_token");
        world.get("/v1/me").token(&token).status(200);
        let left = |on: &str| {
            let mut entry = in_team(cast.north.id, "2009-12-01");
            entry["left_on"] = json!(on);
            says(&world, "10017", entry)
        };
        let refused = left("2009-12-15").problem(422, "validation_failed");
        assert_eq!(
            (refused.error_codes(), refused.pointers()),
            (vec!["in_the_future".to_owned()], vec!["/left_on".to_owned()])
        );
        world.get("/v1/me").token(&token).status(200);
        for _ in 0..2 {
            assert_eq!(left("2009-12-13").status(200).json()["left_on"], "2009-12-13");
        }
        world.get("/v1/me").token(&token).problem(401, "unauthenticated");
        assert_eq!(login(&world, "10017", PASSWORD).status, 401);
        assert_eq!(seen(&world, &cast.head_a, "10017")["status"], "disabled");
    });
}

/// What stands in a refusal, but for what is each request's own.
fn bare(answer: &Answer) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().retain(|name, _| name != "request_id" && name != "instance");
    body
}

#[test]
fn what_no_machine_may_touch_is_refused_without_telling_more() {
    both(|world| {
        let cast: Cast = world.cast_below("");
        let head = &world.above().head;
        let set = |person: &Person, code: &str| {
            let path = format!("/v1/agents/{}", person.id);
            world.patch(&path, json!({"agent_code": code})).by(head).if_match(1).status(200);
        };
        set(&cast.supervisor_b, "20001");
        let in_whole = json!({"username": "clerk", "display_name": "职员", "role": "agent", "agent_code": "20002",
            "team_id": world.above().team.id, "password": PASSWORD});
        world.post("/v1/agents", in_whole).by(head).status(201);
        let entry = || in_team(cast.north.id, "2009-12-01");
        // A supervisor's, of the team above all, and a name with which somebody else signs in.
        let refused: Vec<Value> = ["20001", "20002", "agent-b"]
            .map(|code| bare(&says(&world, code, entry()).problem(409, "conflict")))
            .to_vec();
        assert!(refused.iter().all(|body| *body == refused[0]), "{refused:?}");
        assert_eq!(refused[0]["errors"][0]["code"], "not_kept_by_machines");
        assert_eq!(seen(&world, head, "20001")["display_name"], "SUPERVISOR-B");

        let team = |team: String| bare(&says(&world, "30001", in_team(team, "2009-12-01")).send());
        let above_all = team(world.above().team.id.to_string());
        assert_eq!(above_all, team(world.app.ids.id().to_string()));
        assert_eq!(above_all["errors"][0]["code"], "unknown_team");

        for (field, value) in [("role", "supervisor"), ("password", PASSWORD), ("status", "active")] {
            let mut more = entry();
            more[field] = json!(value);
            says(&world, "30001", more).problem(422, "unknown_field");
        }
        says(&world, "%E5%B7%A5%E5%8F%B7", entry()).problem(400, "invalid_parameter");
        let others = world.above().machine.only_for(ServiceScope::Products);
        let call = world.put("/v1/roster/30001", entry()).by(&others);
        call.problem(403, "insufficient_scope");
        assert_eq!(seen(&world, head, "30001"), Value::Null);
    });
}

#[test]
fn a_supervisor_gives_an_agent_a_code_that_nobody_else_has() {
    both(|world| {
        let cast = world.cast();
        let path = |person: &Person| format!("/v1/agents/{}", person.id);
        let set = |person: &Person, code: Value, seen: i64| {
            world.patch(&path(person), json!({"agent_code": code})).by(&cast.head_a).if_match(seen)
        };
        assert_eq!(set(&cast.agent_a, json!("sh.1"), 1).status(200).json()["agent_code"], "SH.1");
        assert_eq!(
            world.get(&path(&cast.agent_a)).by(&cast.agent_a).status(200).json()["agent_code"],
            "SH.1"
        );
        let taken = set(&cast.peer, json!("SH.1"), 1).problem(409, "conflict");
        assert_eq!(taken.error_codes(), ["agent_code_taken"]);
        for wrong in ["", "1", "a b", "工号", &"1".repeat(33)] {
            let refused = set(&cast.peer, json!(wrong), 1).problem(422, "validation_failed");
            assert_eq!(refused.error_codes(), ["invalid_agent_code"], "{wrong}");
        }
        set(&cast.agent_a, Value::Null, 2).status(200);
        assert_eq!(set(&cast.peer, json!("SH.1"), 1).status(200).json()["agent_code"], "SH.1");
        let new = json!({"username": "new.agent", "display_name": "李四", "role": "agent", "agent_code": "sh.1",
            "team_id": cast.north.id, "password": "a first password"});
        let refused = world.post("/v1/agents", new).by(&cast.head_a).problem(409, "conflict");
        assert_eq!(refused.error_codes(), ["agent_code_taken"]);
        set(&cast.peer, json!("SH.2"), 2).status(200);
        let own =
            world.patch(&path(&cast.agent_a), json!({"agent_code": "SH.3"})).by(&cast.agent_a).if_match(3);
        own.problem(403, "forbidden");
    });
}

#[test]
fn of_machines_that_say_a_new_agent_at_once_one_puts_it_there() {
    both(|world| {
        let cast = world.cast_below("");
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let say = || says(&world, "10017", in_team(cast.north.id, "2009-12-01")).send().status;
            let all: Vec<_> = (0..6).map(|_| scope.spawn(say)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let made = statuses.iter().filter(|status| **status == 201).count();
        let same = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!((made, same), (1, 5), "{statuses:?}");
    });
}
