//! What came of appointments: also of those whose pursuit is over, and when it was a slip (method sections 4 and 5).

use serde_json::{Value, json};

use crate::harness::{
    Person, World,
    app::{Answer, Call},
    both,
    given::Prospect,
};

fn appointments(world: &World, by: &Person, p: &Prospect) -> Vec<Value> {
    world.get(&p.path("/appointments")).by(by).status(200).json()["data"].as_array().unwrap().clone()
}

fn id_of(world: &World, by: &Person, p: &Prospect, nth: usize) -> String {
    appointments(world, by, p)[nth]["id"].as_str().unwrap().to_owned()
}

fn telling<'w>(world: &'w World, by: &Person, p: &Prospect, id: &str, body: Value) -> Call<'w> {
    world.patch(&p.path(&format!("/appointments/{id}")), body).by(by).if_match(p.version)
}

fn tells(world: &World, by: &Person, p: &mut Prospect, id: &str, body: Value) -> Value {
    let answer = telling(world, by, p, id, body).status(200);
    p.version = answer.version();
    answer.json()
}

fn taking_back<'w>(world: &'w World, by: &Person, p: &Prospect, id: &str) -> Call<'w> {
    let body =
        json!({"kind": "appointment_outcome", "appointment_id": id, "reason_text": "tapped the wrong one"});
    world.post(&p.path("/corrections"), body).by(by)
}

fn outcomes(world: &World, by: &Person, p: &Prospect) -> Vec<String> {
    let all = appointments(world, by, p);
    all.iter().map(|a| a["outcome"].as_str().unwrap().to_owned()).collect()
}

fn asked_for(world: &World, by: &Person) -> Vec<Value> {
    let diary = world.get("/v1/appointments?missing_outcome=true").by(by).status(200).json();
    let asked: Vec<Value> = diary["data"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect();
    let day = world.get("/v1/today").by(by).status(200).json();
    let in_the_day = day["outcomes_to_enter"].as_array().unwrap().iter().map(|row| row["name"].clone());
    assert_eq!(in_the_day.collect::<Vec<_>>(), asked, "the day asks for what the diary asks for");
    asked
}

fn held_in_ratios(world: &World, by: &Person) -> Value {
    world.get("/v1/reports/ratios").by(by).status(200).json()["measured"]["held_new"].clone()
}

#[test]
fn whoever_leaves_the_process_keeps_no_appointment() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-16");
        world.on("2009-12-15");
        let id = id_of(&world, agent, &p, 0);
        p.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
        assert_eq!(outcomes(&world, agent, &p), ["cancelled"]);
        world.on("2009-12-18");
        assert_eq!(asked_for(&world, agent), Vec::<Value>::new());
        // Said by whoever wants to: it moves nobody.
        let answer =
            tells(&world, agent, &mut p, &id, json!({"outcome": "cancelled", "notes": "she rang up"}));
        assert_eq!((&answer["board"]["stage"], &answer["transition"]), (&json!("exited"), &Value::Null));
        assert_eq!(appointments(&world, agent, &p)[0]["notes"], "she rang up");
    });
}

#[test]
fn what_lapsed_can_be_told_of_also_when_the_next_pursuit_has_begun() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-18");
        assert_eq!(p.stage(&world, agent), "opportunity");
        assert_eq!(
            (outcomes(&world, agent, &p), asked_for(&world, agent)),
            (vec!["open".to_owned()], vec![json!("王芳")])
        );
        p.fix_first(&world, agent, "2009-12-22");
        let id = id_of(&world, agent, &p, 0);
        // The meeting would have begun the clock of a pursuit that is over.
        let held = telling(&world, agent, &p, &id, json!({"outcome": "held"})).problem(409, "conflict");
        assert_eq!(held.error_codes(), ["pursuit_ended"]);
        let put_off = telling(&world, agent, &p, &id, json!({"starts_at": "2009-12-23T10:00:00+08:00"}));
        assert_eq!(put_off.problem(409, "conflict").error_codes(), ["pursuit_ended"]);
        let answer = tells(&world, agent, &mut p, &id, json!({"outcome": "no_show"}));
        assert_eq!(answer["board"]["stage"], "first_appointment", "the pursuit that goes on is left alone");
        assert_eq!(outcomes(&world, agent, &p), ["no_show", "open"]);
        assert_eq!(asked_for(&world, agent), Vec::<Value>::new());
    });
}

#[test]
fn a_call_off_after_the_fallback_needs_no_new_pursuit() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-18");
        p.read(&world, agent);
        let id = id_of(&world, agent, &p, 0);
        let answer = tells(&world, agent, &mut p, &id, json!({"outcome": "cancelled"}));
        assert_eq!(answer["board"]["stage"], "opportunity");
        assert_eq!(outcomes(&world, agent, &p), ["cancelled"]);
    });
}

#[test]
fn an_appointment_of_a_move_that_was_taken_back_is_called_off() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        let id = id_of(&world, agent, &p, 0);
        tells(&world, agent, &mut p, &id, json!({"outcome": "no_show"}));
        p.records(&world, agent, "/appointments", json!({"starts_at": "2009-12-17T10:00:00+08:00"}));
        p.records(
            &world,
            agent,
            "/corrections",
            json!({"kind": "void_latest_move", "reason_text": "a slip"}),
        );
        assert_eq!(outcomes(&world, agent, &p), ["cancelled"], "what came with the move is gone with it");
        world.on("2009-12-21");
        assert_eq!(asked_for(&world, agent), Vec::<Value>::new());
    });
}

#[test]
fn a_meeting_that_was_not_held_after_all_is_taken_back_with_its_clock() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        let id = id_of(&world, agent, &p, 0);
        tells(&world, agent, &mut p, &id, json!({"outcome": "held"}));
        let board = p.read(&world, agent);
        assert_eq!(
            (&board["clock"]["started_on"], held_in_ratios(&world, agent)),
            (&json!("2009-12-15"), json!(1))
        );
        let twice = telling(&world, agent, &p, &id, json!({"outcome": "no_show"})).problem(409, "conflict");
        assert_eq!(twice.error_codes(), ["appointment_settled"]);

        p.version = taking_back(&world, agent, &p, &id).status(201).version();
        let board = p.read(&world, agent);
        assert_eq!((&board["clock"]["started_on"], held_in_ratios(&world, agent)), (&Value::Null, json!(0)));
        assert_eq!(outcomes(&world, agent, &p), ["open"]);
        let nothing = taking_back(&world, agent, &p, &id).problem(409, "conflict");
        assert_eq!(nothing.error_codes(), ["nothing_to_correct"]);
        tells(&world, agent, &mut p, &id, json!({"outcome": "no_show"}));
        assert_eq!(outcomes(&world, agent, &p), ["no_show"]);
        // What is told of the past reads the same: the slip never was.
        world.on("2009-12-17");
        let then = world.get(&p.path("?as_of=2009-12-15")).by(agent).status(200).json();
        assert_eq!(then["clock"]["started_on"], Value::Null);
    });
}

#[test]
fn an_outcome_on_which_a_move_rests_goes_with_the_move_only() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        let id = id_of(&world, agent, &p, 0);
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        let carried = taking_back(&world, agent, &p, &id).problem(409, "conflict");
        assert_eq!(carried.error_codes(), ["move_rests_on_it"]);

        let mut q = Prospect::named(&world, agent, "李强");
        q.fix_first(&world, agent, "2009-12-14");
        let first = id_of(&world, agent, &q, 0);
        tells(&world, agent, &mut q, &first, json!({"outcome": "held"}));
        q.moves(
            &world,
            agent,
            json!({"to": "stage_25", "facts": {"further_cooperation_agreed": true,
            "next_appointment": {"starts_at": "2009-12-15T10:00:00+08:00", "agenda": "the plan"}}}),
        );
        let rests = taking_back(&world, agent, &q, &first).problem(409, "conflict");
        assert_eq!(rests.error_codes(), ["move_rests_on_it"]);
        // Of the meeting after it nothing hangs.
        world.on("2009-12-15");
        let next = id_of(&world, agent, &q, 1);
        tells(&world, agent, &mut q, &next, json!({"outcome": "cancelled"}));
        q.version = taking_back(&world, agent, &q, &next).status(201).version();
        assert_eq!(outcomes(&world, agent, &q), ["held", "open"]);
        q.version = q
            .records(
                &world,
                agent,
                "/corrections",
                json!({"kind": "void_latest_move", "reason_text": "a slip"}),
            )
            .version();
        taking_back(&world, agent, &q, &first).status(201);
        assert_eq!(outcomes(&world, agent, &q), ["open"]);
    });
}

#[test]
fn an_outcome_is_taken_back_by_whoever_told_it_for_a_week_and_until_the_check_in_is_signed() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let called_off = |name: &str| -> (Prospect, String) {
            let mut p = Prospect::named(&world, agent, name);
            p.fix_first(&world, agent, "2009-12-21");
            let id = id_of(&world, agent, &p, 0);
            tells(&world, agent, &mut p, &id, json!({"outcome": "cancelled"}));
            (p, id)
        };
        let (signed, signed_id) = called_off("签过");
        let (old, old_id) = called_off("旧的");
        world.on("2009-12-16");
        let block = json!({"agent_id": agent.id, "week_of": "2009-12-14", "check_in": "wednesday"});
        world.post("/v1/sign-offs", block).by(head).status(201);
        let refused: Answer = taking_back(&world, agent, &signed, &signed_id).problem(403, "forbidden");
        assert_eq!(refused.error_codes(), ["signed_off"]);
        world.on("2009-12-22");
        taking_back(&world, agent, &old, &old_id).problem(403, "forbidden");
        taking_back(&world, head, &old, &old_id).status(201);
        let stranger = &cast.agent_b;
        taking_back(&world, stranger, &signed, &signed_id).problem(404, "not_found");
        let unnamed = json!({"kind": "appointment_outcome", "reason_text": "which one?"});
        let call = world.post(&signed.path("/corrections"), unnamed).by(agent);
        assert_eq!(call.problem(422, "validation_failed").pointers(), ["/appointment_id"]);
    });
}

#[test]
fn a_date_that_cannot_be_is_told_with_the_field_that_holds_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        let id = id_of(&world, agent, &p, 0);
        let early = json!({"outcome": "cancelled", "occurred_on": "2009-12-10"});
        let early = telling(&world, agent, &p, &id, early).problem(422, "validation_failed");
        assert_eq!(
            (early.error_codes(), early.pointers()),
            (vec!["before_it_was_fixed".to_owned()], vec!["/occurred_on".to_owned()])
        );
        let ahead = json!({"starts_at": "2009-12-20T10:00:00+08:00", "fixed_on": "2009-12-19"});
        let ahead = world.post(&p.path("/appointments"), ahead).by(agent).problem(422, "validation_failed");
        assert_eq!(
            (ahead.error_codes(), ahead.pointers()),
            (vec!["in_the_future".to_owned()], vec!["/fixed_on".to_owned()])
        );
        world.on("2009-12-15");
        tells(&world, agent, &mut p, &id, json!({"outcome": "held"}));
        let body = json!({"kind": "first_meeting_on", "on": "2009-12-13", "reason_text": "a slip"});
        let before = world.post(&p.path("/corrections"), body).by(agent).problem(422, "validation_failed");
        assert_eq!(
            (before.error_codes(), before.pointers()),
            (vec!["before_it_was_fixed".to_owned()], vec!["/on".to_owned()])
        );
    });
}

#[test]
fn a_policy_told_twice_is_issued_once_and_a_sale_taken_back_issues_none() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        p.reach_50(&world, agent, "2009-12-22");
        p.sign_and_pay(&world, agent, "2009-12-14");
        let measured = || {
            let report = world.get("/v1/reports/ratios").by(agent).status(200).json();
            let all = report["ratios"].as_array().unwrap();
            let size = all.iter().find(|r| r["code"] == "case_size").unwrap();
            (report["measured"]["standard_premium"]["amount"].clone(), size["denominator"].clone())
        };
        let issue = |p: &mut Prospect, amount: &str| {
            let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
            let pursuit = page["data"][0]["id"].as_str().unwrap().to_owned();
            let body = json!({"policy_issued_on": "2009-12-14", "evidence": "the policy",
                "standard_premium": {"amount": amount, "currency": "CNY"}});
            let call = world.patch(&p.path(&format!("/pursuits/{pursuit}")), body).by(agent);
            p.version = call.if_match(p.version).status(200).version();
        };
        for amount in ["100.00", "100.00", "150.00"] {
            issue(&mut p, amount);
        }
        assert_eq!(measured(), (json!("150.00"), json!(1)));
        p.records(
            &world,
            agent,
            "/corrections",
            json!({"kind": "void_latest_move", "reason_text": "wrong amounts"}),
        );
        assert_eq!(measured(), (json!("0.00"), json!(0)));
        p.sign_and_pay(&world, agent, "2009-12-14");
        assert_eq!(measured(), (json!("150.00"), json!(1)), "what was issued rests on the new signature");
    });
}

#[test]
fn a_won_pursuit_stays_won_when_the_client_later_leaves() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        p.reach_50(&world, agent, "2009-12-22");
        p.sign_and_pay(&world, agent, "2009-12-14");
        p.issued(&world, agent, "2009-12-14", "2009-12-14");
        world.on("2009-12-28");
        assert_eq!(p.stage(&world, agent), "closed");
        p.read(&world, agent);
        p.moves(&world, agent, json!({"to": "opportunity", "reason": "repeat_sale"}));
        p.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
        let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
        let only = &page["data"][0];
        assert_eq!((&only["outcome"], &only["ended_on"]), (&json!("won"), &json!("2009-12-25")));
    });
}

#[test]
fn a_first_appointment_older_than_a_cycle_is_over_the_cycle() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let path = format!("/v1/settings?team_id={}", cast.north.id);
        world
            .patch(&path, json!({"fallback": "propose"}))
            .by(&cast.head_a)
            .header("If-Match", "*")
            .status(200);
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2010-01-05");
        world.on("2010-01-05");
        p.read(&world, agent);
        let id = id_of(&world, agent, &p, 0);
        tells(&world, agent, &mut p, &id, json!({"starts_at": "2010-01-15T10:00:00+08:00"}));
        let over = || {
            let report = world.get("/v1/reports/over-cycle").by(agent).status(200).json();
            report["entries"].as_array().unwrap().len()
        };
        world.on("2010-01-11");
        assert_eq!(over(), 0, "28 days are still in");
        world.on("2010-01-12");
        assert_eq!(over(), 1);
    });
}
