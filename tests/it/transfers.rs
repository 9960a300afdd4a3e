//! Prospects handed to another agent (method section 11).

mod due_dates;
mod figures;
mod sight;
mod together;

use serde_json::{Value, json};

use crate::harness::{Person, World, actors::Cast, app::Call, both, given::Prospect};

/// The request of a supervisor to hand these prospects over today.
pub fn request(to: &Person, prospects: &[&Prospect]) -> Value {
    let one = |p: &&Prospect| json!({"prospect_id": p.id, "version": p.version});
    let all: Vec<Value> = prospects.iter().map(one).collect();
    json!({"to_agent_id": to.id, "prospects": all, "reason_text": "she lives next door"})
}

pub fn hands<'w>(world: &'w World, by: &Person, to: &Person, prospects: &[&Prospect]) -> Call<'w> {
    world.post("/v1/transfers", request(to, prospects)).by(by)
}

/// Hands one prospect over today and remembers its version.
#[track_caller]
pub fn hand_over(world: &World, by: &Person, to: &Person, p: &mut Prospect) -> Value {
    let outcome = hands(world, by, to, &[p]).status(201).json();
    p.version = outcome["prospects"][0]["version"].as_i64().unwrap();
    outcome
}

/// An agent's own word about the cycle, from the beginning of the test on.
pub fn declares(world: &World, agent: &Person, days: i64) {
    let path = format!("/v1/agents/{}/cycle", agent.id);
    world.put(&path, json!({"declared_days": days})).by(agent).header("If-Match", "*").status(200);
}

/// The owner and the peer, whose cycle is half as long.
pub fn two_cycles(world: &World) -> Cast {
    let cast = world.cast();
    declares(world, &cast.agent_a, 28);
    declares(world, &cast.peer, 14);
    cast
}

#[test]
fn a_supervisor_hands_a_prospect_over_and_its_new_owner_goes_on_with_it() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-16");
        let answer = hands(&world, head, new, &[&p]).status(201);
        let outcome = answer.json();
        let id = outcome["transfer_id"].as_str().unwrap();
        assert_eq!(answer.header("location"), Some(&*format!("/v1/transfers/{id}")));
        assert_eq!(outcome["transferred_on"], "2009-12-14");
        assert_eq!(outcome["held_until"], "2009-12-21");
        let one = &outcome["prospects"][0];
        assert_eq!(one["version"], p.version + 1);
        assert_eq!((&one["before"]["agent_id"], &one["after"]["agent_id"]), (&json!(old.id), &json!(new.id)));
        assert_eq!((&one["before"]["cycle_days"], &one["after"]["cycle_days"]), (&json!(28), &json!(14)));

        assert_eq!(p.read(&world, new)["agent_id"], json!(new.id));
        assert_eq!(p.version, one["version"]);
        world.on("2009-12-16");
        p.meet(&world, new, "2009-12-16", "2009-12-18");
        let read = world.get(&format!("/v1/transfers/{id}")).by(head).status(200);
        let (tag, view) = (read.header("etag").unwrap().to_owned(), read.json());
        assert_eq!(view["prospects"], json!([{"prospect_id": p.id, "from_agent_id": old.id}]));
        assert_eq!(
            (&view["recorded_by"], &view["reason_text"]),
            (&json!(head.id), &json!("she lives next door"))
        );
        world.get(&format!("/v1/transfers/{id}")).by(head).header("If-None-Match", &tag).status(304);
    });
}

#[test]
fn a_preview_answers_the_same_and_writes_nothing() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let with_phone = |by: &Person, name: &str| {
            let body = json!({"name": name, "phones": ["13800001234"]});
            let made = world.post("/v1/prospects", body).by(by).status(201);
            Prospect { id: made.string("id"), version: made.version() }
        };
        let theirs = with_phone(new, "甲");
        let mut p = with_phone(old, "乙");
        p.fix_first(&world, old, "2009-12-16");
        let mut asked = request(new, &[&p]);
        asked["prospects"][0].as_object_mut().unwrap().remove("version");
        let seen = world.post("/v1/transfers?dry_run=true", asked).by(head).status(200).json();
        assert_eq!(seen["transfer_id"], Value::Null);
        let warning = &seen["prospects"][0]["warnings"][0];
        assert_eq!(
            (&warning["code"], &warning["prospect_id"]),
            (&json!("possible_duplicate"), &json!(theirs.id))
        );

        let version = p.version;
        assert_eq!(p.read(&world, old)["agent_id"], json!(old.id));
        assert_eq!(p.version, version);
        world.get(&p.path("")).by(new).status(404);
        let none = world.get("/v1/transfers").by(head).status(200).json();
        assert_eq!(none["data"], json!([]));
        let mut done = hand_over(&world, head, new, &mut p);
        assert!(done["transfer_id"].is_string());
        done["transfer_id"] = Value::Null;
        assert_eq!(done, seen, "the transfer does what its preview said");
    });
}

#[test]
fn everything_that_stands_against_a_transfer_is_said_at_once_and_nothing_is_handed_over() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut moved = Prospect::named(&world, old, "甲");
        moved.fix_first(&world, old, "2009-12-16");
        let (own, fine) = (Prospect::named(&world, new, "乙"), Prospect::named(&world, old, "丙"));
        let of_b = Prospect::named(&world, &cast.agent_b, "丁");
        let refused = |body: Value, status: u16, code: &str| -> Vec<String> {
            let answer = world.post("/v1/transfers", body).by(head).problem(status, code).json();
            let say =
                |e: &Value| format!("{} {}", e["pointer"].as_str().unwrap(), e["code"].as_str().unwrap());
            answer["errors"].as_array().unwrap().iter().map(say).collect()
        };
        let mut early = request(new, &[&moved, &own, &fine]);
        early["transferred_on"] = json!("2009-12-13");
        assert_eq!(
            refused(early.clone(), 422, "validation_failed"),
            [
                "/transferred_on before_last_move",
                "/prospects/1/prospect_id same_owner",
                "/transferred_on before_last_move"
            ]
        );
        let said = world.post("/v1/transfers", early.clone()).by(head).status(422).json();
        assert_eq!(
            said["errors"][2]["params"],
            json!({"last_on": "2009-12-14", "prospect": "/prospects/2"}),
            "another day mends it, and whose move is in the way is said"
        );
        early["transferred_on"] = json!("2009-12-15");
        let of_his_own = "/prospects/1/prospect_id same_owner";
        let future = refused(early.clone(), 422, "validation_failed");
        assert_eq!(future, ["/transferred_on in_the_future", of_his_own]);
        early["transferred_on"] = json!("2008-12-31");
        let before = refused(early, 422, "validation_failed");
        assert_eq!((before[0].as_str(), before.len()), ("/transferred_on before_membership", 4));
        let unseen = refused(request(new, &[&fine, &of_b]), 422, "validation_failed");
        assert_eq!(unseen, ["/prospects/1/prospect_id unknown_prospect"]);
        let twice = refused(request(new, &[&fine, &fine]), 422, "validation_failed");
        assert_eq!(twice, ["/prospects/1/prospect_id repeated"]);
        let outside = refused(request(&cast.agent_b, &[&fine]), 422, "validation_failed");
        assert_eq!(outside, ["/to_agent_id unknown_agent"]);
        let mut stale = request(new, &[&fine, &moved]);
        stale["prospects"][1]["version"] = json!(1);
        assert_eq!(refused(stale.clone(), 412, "stale"), ["/prospects/1/version stale"]);
        let said = world.post("/v1/transfers", stale.clone()).by(head).status(412).json();
        assert_eq!(said["errors"][0]["params"], json!({"version": moved.version.to_string()}));
        assert!(!said["detail"].as_str().unwrap().contains("If-Match"), "there is none here: {said}");
        stale["prospects"][1].as_object_mut().unwrap().remove("version");
        assert_eq!(refused(stale.clone(), 428, "precondition_required"), ["/prospects/1/version required"]);
        let said = world.post("/v1/transfers", stale).by(head).status(428).json();
        assert!(said["detail"].as_str().unwrap().contains("`version`"), "{said}");
        let mut blank = request(new, &[&fine]);
        blank["reason_text"] = json!("  ");
        assert_eq!(refused(blank, 422, "validation_failed"), ["/reason_text blank"]);
        let path = format!("/v1/agents/{}", new.id);
        let seen = world.get(&path).by(head).status(200).version();
        world.patch(&path, json!({"status": "disabled"})).by(head).if_match(seen).status(200);
        let disabled = refused(request(new, &[&fine]), 422, "validation_failed");
        assert_eq!(disabled, ["/to_agent_id agent_disabled"]);
        for p in [&moved, &fine] {
            assert_eq!(world.get(&p.path("")).by(old).status(200).version(), p.version);
        }
    });
}

#[test]
fn faults_of_every_kind_are_told_together_and_the_tag_is_that_of_what_is_read() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let (one, own) = (Prospect::named(&world, old, "甲"), Prospect::named(&world, new, "乙"));
        let of_b = Prospect::named(&world, &cast.agent_b, "丁");
        let told = |body: &Value| {
            let said =
                world.post("/v1/transfers", body.clone()).by(head).problem(422, "validation_failed").json();
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            let errors = said["errors"].as_array().unwrap().iter();
            let mut all: Vec<String> =
                errors.map(|e| format!("{} {}", word(&e["pointer"]), word(&e["code"]))).collect();
            all.sort();
            all
        };
        let mut body = request(new, &[&one, &own, &of_b, &one]);
        body["transferred_on"] = json!("2009-12-15");
        body["prospects"][0]["version"] = json!(7);
        let of_the_list = [
            "/prospects/0/version stale",
            "/prospects/1/prospect_id same_owner",
            "/prospects/2/prospect_id unknown_prospect",
            "/prospects/3/prospect_id repeated",
        ];
        assert_eq!(told(&body), [&of_the_list[..], &["/transferred_on in_the_future"]].concat());
        body["to_agent_id"] = json!(cast.agent_b.id);
        let to_nobody = ["/to_agent_id unknown_agent", "/transferred_on in_the_future"];
        let without =
            |gone: &str| of_the_list.into_iter().filter(|one| !one.contains(gone)).collect::<Vec<_>>();
        assert_eq!(told(&body), [without("same_owner"), to_nobody.to_vec()].concat());

        let made = hands(&world, head, new, &[&one]).status(201);
        let read = world.get(made.header("location").unwrap()).by(head).status(200);
        assert_eq!(made.header("etag"), read.header("etag"));
    });
}

#[test]
fn only_a_supervisor_above_both_agents_hands_over() {
    both(|world| {
        let cast = world.cast();
        let p = Prospect::named(&world, &cast.agent_a1, "刘岩");
        for agent in [&cast.agent_a1, &cast.agent_a, &cast.agent_b] {
            hands(&world, agent, &cast.agent_a, &[&p]).problem(403, "forbidden");
        }
        // Above the old owner, not above the new one; and the other way round.
        let (branch, south) = (&cast.supervisor_a1, &cast.supervisor_b);
        assert_eq!(hands(&world, branch, &cast.agent_a, &[&p]).status(422).error_codes(), ["unknown_agent"]);
        let codes = hands(&world, south, &cast.agent_b, &[&p]).status(422).error_codes();
        assert_eq!(codes, ["unknown_prospect"]);
        hands(&world, &cast.head_a, &cast.agent_a, &[&p]).status(201);
        world.get(&p.path("")).by(branch).status(404);
    });
}

#[test]
fn what_was_handed_on_comes_back() {
    both(|world| {
        let cast = two_cycles(&world);
        let (a, b, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, a, "刘岩");
        p.fix_first(&world, a, "2009-12-14");
        p.meet(&world, a, "2009-12-14", "2009-12-30");
        hand_over(&world, head, b, &mut p);
        assert_eq!(p.read(&world, b)["clock"]["cycle_days"], 14);
        world.on("2009-12-16");
        let back = hand_over(&world, head, a, &mut p);
        assert_eq!(back["held_until"], "2009-12-23");
        assert_eq!(p.read(&world, a)["clock"]["cycle_days"], 28);
        world.get(&p.path("")).by(b).status(404);
        // On one day the later transfer counts, in the order in which they were written down.
        hand_over(&world, head, b, &mut p);
        assert_eq!(p.read(&world, b)["clock"]["cycle_days"], 14);
        let list = world.get(&format!("/v1/transfers?prospect_id={}", p.id)).by(head).status(200).json();
        let to: Vec<&Value> = list["data"].as_array().unwrap().iter().map(|t| &t["to_agent_id"]).collect();
        assert_eq!(to, [&json!(b.id), &json!(a.id), &json!(b.id)], "latest first");
    });
}
