//! Joint visits (陪访): the supervisor who goes along to an appointment.

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::person, both, given::Prospect};

/// At 25%, met today, the next appointment on the 18th.
fn at_25(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p
}

fn appointments(world: &World, by: &Person, p: &Prospect) -> Vec<Value> {
    world.get(&p.path("/appointments")).by(by).status(200).json()["data"].as_array().unwrap().clone()
}

/// Changes the latest appointment of a prospect.
fn changes(world: &World, by: &Person, p: &mut Prospect, body: Value) -> Value {
    let id = appointments(world, by, p).last().unwrap()["id"].as_str().unwrap().to_owned();
    let path = p.path(&format!("/appointments/{id}"));
    let answer = world.patch(&path, body).by(by).if_match(p.version).status(200);
    p.version = answer.version();
    answer.json()
}

/// Who goes along to the latest appointment.
fn along(world: &World, by: &Person, p: &Prospect) -> Value {
    appointments(world, by, p).last().unwrap()["joint_visit_with"].clone()
}

/// The visits of a supervisor.
fn visits(world: &World, by: &Person) -> Vec<(Value, Value)> {
    let page = world.get("/v1/appointments?joint_visit_with=me").by(by).status(200).json();
    let line = |row: &Value| (row["name"].clone(), row["joint_visit_with"].clone());
    page["data"].as_array().unwrap().iter().map(line).collect()
}

#[test]
fn an_agent_takes_the_supervisor_along_and_the_supervisor_finds_it() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent);
        assert_eq!(along(&world, agent, &p), Value::Null);
        let board = p.read(&world, agent);
        let answer = changes(&world, agent, &mut p, json!({"joint_visit_with": head.id}));
        assert_eq!(
            (&answer["transition"], &answer["transitions"]),
            (&Value::Null, &json!([])),
            "moves nobody"
        );
        let after = p.read(&world, agent);
        for field in ["stage", "clock", "criteria", "facts", "flags"] {
            assert_eq!(after[field], board[field], "{field}");
        }
        assert_eq!(along(&world, agent, &p), json!(head.id));
        assert_eq!(visits(&world, head), [(json!("王芳"), json!(head.id))]);
        assert_eq!(visits(&world, agent), [], "the agent goes along with nobody");

        // Put off, it stays a joint visit; it can be changed and called off.
        changes(&world, agent, &mut p, json!({"starts_at": "2009-12-21T10:00:00+08:00"}));
        assert_eq!(along(&world, agent, &p), json!(head.id));
        changes(&world, agent, &mut p, json!({"joint_visit_with": null}));
        assert_eq!((along(&world, agent, &p), visits(&world, head)), (Value::Null, vec![]));
        let later = json!({"starts_at": "2009-12-22T10:00:00+08:00", "joint_visit_with": head.id});
        changes(&world, agent, &mut p, later);
        assert_eq!(along(&world, agent, &p), json!(head.id));
    });
}

#[test]
fn a_joint_visit_stands_in_the_day_of_both() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent);
        changes(&world, agent, &mut p, json!({"joint_visit_with": head.id}));
        let day = |by: &Person| {
            let today = world.get("/v1/today").by(by).status(200).json();
            let line =
                |row: &Value| ["name", "agent_name", "joint_visit_with"].map(|field| row[field].clone());
            today["appointments"].as_array().unwrap().iter().map(line).collect::<Vec<_>>()
        };
        assert_eq!(day(head), Vec::<[Value; 3]>::new(), "not before its day");
        world.on("2009-12-18");
        let expected = [[json!("王芳"), json!(agent.username.to_uppercase()), json!(head.id)]];
        assert_eq!((day(agent), day(head)), (expected.to_vec(), expected.to_vec()));
        assert_eq!(day(&cast.supervisor_a1), Vec::<[Value; 3]>::new());
        let of_head = world.get("/v1/today").by(head).status(200).json();
        assert_eq!(of_head["appointments"][0]["joint_visit_name"], json!(head.username.to_uppercase()));
        // The agent enters what came of it, not the supervisor.
        world.on("2009-12-19");
        assert_eq!(world.get("/v1/today").by(head).status(200).json()["outcomes_to_enter"], json!([]));
    });
}

#[test]
fn a_joint_visit_is_fixed_with_the_appointment_or_with_the_move_that_carries_it() {
    both(|world| {
        let cast = world.cast();
        let (agent, above, head) = (&cast.agent_a1, &cast.supervisor_a1, &cast.head_a);
        let mut p = Prospect::named(&world, agent, "李强");
        let first = json!({"starts_at": "2009-12-14T10:00:00+08:00", "joint_visit_with": above.id});
        p.moves(&world, agent, json!({"to": "first_appointment", "facts": {"first_appointment": first}}));
        assert_eq!(along(&world, agent, &p), json!(above.id));
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        // The head of the team above is above as well.
        let next = json!({"starts_at": "2009-12-17T10:00:00+08:00", "joint_visit_with": head.id});
        p.records(&world, agent, "/appointments", next);
        assert_eq!(along(&world, agent, &p), json!(head.id));
        assert_eq!((visits(&world, above).len(), visits(&world, head).len()), (1, 1));
        // The first meeting came to pass, with the supervisor.
        let held = &appointments(&world, agent, &p)[0];
        assert_eq!((&held["outcome"], &held["joint_visit_with"]), (&json!("held"), &json!(above.id)));
    });
}

#[test]
fn who_went_along_may_be_told_afterwards_but_not_of_what_was_called_off() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent);
        world.on("2009-12-18");
        changes(&world, agent, &mut p, json!({"outcome": "held"}));
        changes(&world, agent, &mut p, json!({"joint_visit_with": head.id}));
        assert_eq!(along(&world, agent, &p), json!(head.id));
        let both_at_once = json!({"starts_at": "2009-12-21T10:00:00+08:00"});
        p.records(&world, agent, "/appointments", both_at_once);
        changes(&world, agent, &mut p, json!({"outcome": "cancelled", "joint_visit_with": head.id}));
        let cancelled = appointments(&world, agent, &p).pop().unwrap();
        let path = p.path(&format!("/appointments/{}", cancelled["id"].as_str().unwrap()));
        let call = world.patch(&path, json!({"joint_visit_with": null})).by(agent).if_match(p.version);
        assert_eq!(call.problem(409, "conflict").error_codes(), ["appointment_settled"]);
        world.patch(&path, json!({})).by(agent).if_match(p.version).problem(422, "validation_failed");
    });
}

#[test]
fn whoever_is_no_supervisor_above_reads_like_nobody() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = at_25(&world, agent);
        let disabled = person(&world, "left", Role::Supervisor, &cast.north);
        let path = format!("/v1/agents/{}", disabled.id);
        world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(1).status(200);
        let strangers =
            [&cast.peer, &cast.agent_b, &cast.supervisor_b, &cast.supervisor_a1, &disabled, agent]
                .map(|p| p.id);
        let appointment = appointments(&world, agent, &p).pop().unwrap()["id"].as_str().unwrap().to_owned();
        let at = "2009-12-17T10:00:00+08:00";
        for body in [
            ("PATCH", p.path(&format!("/appointments/{appointment}")), json!({"joint_visit_with": "ID"})),
            ("POST", p.path("/appointments"), json!({"starts_at": at, "joint_visit_with": "ID"})),
            (
                "POST",
                p.path("/transitions?dry_run=true"),
                json!({"to": "stage_50", "facts": {"next_appointment": {"starts_at": at, "joint_visit_with": "ID"}}}),
            ),
        ] {
            let (method, path, body) = body;
            let said = |id: prospector::domain::values::id::Id| {
                let body: Value =
                    serde_json::from_str(&body.to_string().replace("ID", &id.to_string())).unwrap();
                let call = world.call(method, &path).json(body).by(agent).if_match(p.version);
                let mut said = call.problem(422, "validation_failed").json();
                said.as_object_mut().unwrap().remove("request_id");
                said
            };
            let nobody = said(world.app.ids.id());
            assert_eq!(nobody["errors"][0]["code"], "unknown_supervisor");
            let pointer = nobody["errors"][0]["pointer"].as_str().unwrap();
            assert!(pointer.ends_with("/joint_visit_with"), "{pointer}");
            for stranger in strangers {
                assert_eq!(said(stranger), nobody, "{method} {path}");
            }
        }
        assert_eq!(along(&world, agent, &p), Value::Null);
        assert_eq!(appointments(&world, agent, &p).len(), 2);
    });
}

#[test]
fn a_supervisors_calendar_shows_the_joint_visits_as_long_as_the_agent_is_below() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent);
        at_25(&world, &cast.peer);
        changes(&world, agent, &mut p, json!({"joint_visit_with": head.id}));
        let link = |by: &Person| {
            world.post("/v1/calendar-feeds", json!({"language": "zh-CN"})).by(by).status(201).string("url")
        };
        let (of_head, of_agent) = (link(head), link(agent));
        let calendar = |url: &str| world.get(url).status(200).text().replace("\r\n ", "");
        let seen = calendar(&of_head);
        assert_eq!(seen.matches("BEGIN:VEVENT").count(), 1, "{seen}");
        assert!(seen.contains("SUMMARY:王芳 · 后续见面\r\n"));
        assert!(seen.contains("DESCRIPTION:go through the plan\\n陪访：HEAD-A 陪同 AGENT-A\r\n"), "{seen}");
        assert_eq!(calendar(&of_agent).matches("BEGIN:VEVENT").count(), 2);

        // The agent leaves for a team that is not below: the visit is no longer the supervisor's to see.
        let south = cast.south.id;
        let moved = agent.id;
        let membership = world.app.ids.id();
        let (day, now) = (chrono::NaiveDate::from_ymd_opt(2009, 12, 14).unwrap(), world.clock.now());
        world
            .app
            .db
            .write_blocking(move |conn| {
                let all = prospector::domain::organisation::actor::Scope::Own { user_id: moved };
                let user = prospector::store::organisation::users::find(conn, &all, moved)?;
                prospector::store::organisation::memberships::move_to(
                    conn, &user, south, day, membership, now,
                )
            })
            .unwrap();
        assert_eq!(calendar(&of_head).matches("BEGIN:VEVENT").count(), 0);
        assert_eq!(visits(&world, head), []);
        assert_eq!(calendar(&of_agent).matches("BEGIN:VEVENT").count(), 2);
    });
}
