//! What a closing rests on comes in its order, and nobody cuts a cooling-off period short (method sections 4 and 10).

use serde_json::{Value, json};

use crate::harness::{Person, World, app::Answer, both, given::Prospect};

/// Somebody at 90% since the day of the signature, which is today.
fn at_90(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p.reach_50(world, agent, "2009-12-18");
    world.on("2009-12-17");
    p.sign_and_pay(world, agent, "2009-12-17");
    p
}

fn records(world: &World, agent: &Person, p: &Prospect, body: Value) -> Answer {
    let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
    let id = page["data"][0]["id"].as_str().unwrap().to_owned();
    world.patch(&p.path(&format!("/pursuits/{id}")), body).by(agent).if_match(p.version).send()
}

#[test]
fn issue_and_receipt_are_refused_before_the_signature() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_90(&world, agent);
        for field in ["policy_issued_on", "receipt_signed_on"] {
            let answer = records(&world, agent, &p, json!({field: "2009-12-16", "evidence": "receipt"}));
            let error = answer.json()["errors"][0].clone();
            assert_eq!(
                (&error["pointer"], &error["code"], &error["params"]["signed_on"]),
                (&json!(format!("/{field}")), &json!("before_the_signature"), &json!("2009-12-17"))
            );
            let facts = json!({"policy_issued_on": "2009-12-17", "receipt_signed_on": "2009-12-17", field: "2009-12-16"});
            let moved = world.post(&p.path("/transitions"), json!({"to": "closed", "facts": facts}));
            let moved = moved.by(agent).if_match(p.version).problem(422, "transition_refused").json();
            assert_eq!(moved["errors"][0]["pointer"], format!("/facts/{field}"));
        }
        let both_on = json!({"policy_issued_on": "2009-12-17", "receipt_signed_on": "2009-12-17"});
        assert_eq!(records(&world, agent, &p, both_on).json()["board"]["clock"]["closes_on"], "2009-12-28");
        world.on("2009-12-27");
        assert_eq!(p.stage(&world, agent), "stage_90");
    });
}

#[test]
fn a_receipt_from_before_the_signature_closes_nothing_and_says_so() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        p.reach_50(&world, agent, "2009-12-18");
        let early = json!({"policy_issued_on": "2009-12-01", "receipt_signed_on": "2009-12-02", "evidence": "of an older policy"});
        p.version = records(&world, agent, &p, early).version();
        world.on("2009-12-17");
        p.sign_and_pay(&world, agent, "2009-12-17");
        world.on("2010-02-01");
        assert_eq!(p.stage(&world, agent), "stage_90");
        let steps = world.get(&p.path("/next-steps")).by(agent).status(200).json();
        let guards = steps["steps"][0]["guards"].as_array().unwrap();
        let why = |code: &str| {
            let guard = guards.iter().find(|g| g["code"] == code).unwrap();
            (guard["satisfied"] == true, guard["why"].as_str().unwrap().to_owned())
        };
        assert_eq!(
            why("receipt_signed"),
            (
                false,
                "The receipt of 2009-12-02 lies before the signature. Correct one of the two dates."
                    .to_owned()
            )
        );
        assert!(!why("policy_issued").0 && why("policy_issued").1.contains("2009-12-01"));
        let board = p.read(&world, agent);
        assert!(board["flags"].as_array().unwrap().contains(&json!("issue_pending")));
        // Corrected, it counts.
        for (kind, on) in [("policy_issued_on", "2009-12-20"), ("receipt_signed_on", "2009-12-21")] {
            let body = json!({"kind": kind, "on": on, "reason_text": "a slip"});
            let answer = world.post(&p.path("/corrections"), body).by(agent).send();
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        assert_eq!(p.stage(&world, agent), "closed");
    });
}

#[test]
fn a_hand_entered_cooling_off_is_never_shorter_than_the_one_in_force_at_the_signature() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_90(&world, agent);
        let receipt = |days: i32| json!({"policy_issued_on": "2009-12-17", "receipt_signed_on": "2009-12-17", "cooling_off_days": days, "evidence": "receipt"});
        let refused = records(&world, agent, &p, receipt(9)).json();
        assert_eq!(
            (
                &refused["errors"][0]["pointer"],
                &refused["errors"][0]["code"],
                &refused["errors"][0]["params"]["min"]
            ),
            (&json!("/cooling_off_days"), &json!("cooling_off_too_short"), &json!("10"))
        );
        let taken = records(&world, agent, &p, receipt(15)).json();
        assert_eq!(taken["board"]["clock"]["closes_on"], "2010-01-02");
        assert_eq!(p.stage(&world, agent), "stage_90");
    });
}

#[test]
fn a_move_to_50_before_any_meeting_is_told_that_the_meeting_is_missing() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = Prospect::named(&world, agent, "李强");
        let facts = json!({"criteria": crate::harness::given::five(), "target_signing_on": "2009-12-20",
            "next_appointment": {"starts_at": "2009-12-18T14:00:00+08:00", "agenda": "sign"}});
        let refused = world.post(&p.path("/transitions"), json!({"to": "stage_50", "facts": facts}));
        let refused = refused.by(agent).if_match(1).problem(422, "transition_refused").json();
        let told: Vec<(&str, &str)> = refused["errors"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| (e["code"].as_str().unwrap(), e["pointer"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("first_meeting_held", "/facts/first_meeting_on"),
                ("further_cooperation_agreed", "/facts/further_cooperation_agreed"),
                ("timing", "/facts/target_signing_on")
            ]
        );
        assert_eq!(
            refused["errors"][2]["detail"],
            "The cycle begins with the first meeting: before it no signing date lies inside."
        );
    });
}

#[test]
fn next_steps_name_fields_that_a_move_takes() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "李强");
        p.fix_first(&world, agent, "2009-12-15");
        let steps = world.get(&p.path("/next-steps")).by(agent).status(200).json();
        let guards = |to: &str| -> Vec<(String, Value)> {
            let step = steps["steps"].as_array().unwrap().iter().find(|s| s["to"] == to).unwrap().clone();
            let guard = |g: &Value| (g["code"].as_str().unwrap().to_owned(), g["field"].clone());
            step["guards"].as_array().unwrap().iter().map(guard).collect()
        };
        let to_25 = guards("stage_25");
        assert!(!to_25.iter().any(|(code, _)| code == "next_appointment_in_cycle"), "there is none yet");
        assert!(to_25.contains(&("within_cycle".to_owned(), Value::Null)), "only an extension would help");
        assert!(
            guards("stage_90")
                .contains(&("documents_submitted".to_owned(), json!("/facts/documents_submitted_on")))
        );
    });
}

/// Somebody who closed on 2009-12-28, looked at on 2 January.
fn closed(world: &World, agent: &Person) -> Prospect {
    let mut p = at_90(world, agent);
    p.issued(world, agent, "2009-12-17", "2009-12-17");
    world.on("2010-01-02");
    assert_eq!(p.stage(world, agent), "closed");
    p
}

#[test]
fn a_withdrawal_is_never_dated_before_the_signature() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let withdrawn =
            |on: &str| json!({"to": "stage_50", "reason": "withdrawn", "facts": {"withdrawn_on": on}});
        let asks = |p: &Prospect, on: &str| {
            world.post(&p.path("/transitions"), withdrawn(on)).by(agent).if_match(p.version).send()
        };
        let p = at_90(&world, agent);
        world.on("2009-12-14");
        let q = closed(&world, agent);
        for (p, today) in [(&p, "2009-12-17"), (&q, "2010-01-02")] {
            world.on(today);
            let answer = asks(p, "2009-12-16");
            let error = answer.json()["errors"][0].clone();
            assert_eq!(
                (&error["pointer"], &error["code"], &error["params"]["signed_on"]),
                (&json!("/facts/withdrawn_on"), &json!("before_the_signature"), &json!("2009-12-17")),
                "{}",
                answer.text()
            );
            assert_eq!(asks(p, "2009-12-17").status, 201, "on the day itself it undoes the sale");
        }
    });
}

#[test]
fn what_was_withdrawn_does_not_close_in_a_classification() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut facts = json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
            "criteria": {"decision_maker": "met", "plan_fits": "met", "budget": "met"}, "signed_on": "2009-12-17",
            "documents_submitted": true, "premium_received_on": "2009-12-17", "policy_issued_on": "2009-12-20",
            "receipt_signed_on": "2009-12-20", "withdrawn_on": "2009-12-18"});
        let said = |facts: &Value| {
            let body = json!({"as_of": "2010-01-05", "cycle_days": 28, "facts": facts});
            world.post("/v1/classify", body).by(agent).status(200).json()
        };
        let answer = said(&facts);
        let rules = answer["rules"].as_array().unwrap();
        let signed = rules.iter().find(|rule| rule["code"] == "signed").unwrap();
        assert_eq!((&answer["stage"], &signed["satisfied"]), (&json!("opportunity"), &json!(false)));
        // One from before the signature is not this sale's.
        facts["withdrawn_on"] = json!("2009-12-16");
        assert_eq!(said(&facts)["stage"], "closed");
        facts["withdrawn_on"] = json!("2009-12-31");
        assert_eq!(said(&facts)["stage"], "closed", "too late to undo it");
        // Nobody closes on an issue and a receipt alone.
        facts["documents_submitted"] = json!(false);
        assert_ne!(said(&facts)["stage"], "closed");
    });
}

#[test]
fn what_arrives_after_the_closing_is_dated_on_the_day_it_arrives_and_no_other_date_is_ignored() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = closed(&world, agent);
        let asks = |p: &Prospect, body: Value| {
            world.post(&p.path("/transitions"), body).by(agent).if_match(p.version).send()
        };
        let told = |on: Value, reason: &str, withdrawn_on: Value| {
            let facts =
                if withdrawn_on.is_null() { json!({}) } else { json!({"withdrawn_on": withdrawn_on}) };
            json!({"to": "stage_50", "reason": reason, "occurred_on": on, "facts": facts})
        };
        let early = asks(&p, told(json!("2009-12-20"), "withdrawn", json!("2009-12-20")));
        let error = early.json()["errors"][0].clone();
        assert_eq!(
            (early.status, &error["pointer"], &error["code"], &error["params"]["expected"]),
            (422, &json!("/occurred_on"), &json!("dated_elsewhere"), &json!("2010-01-02"))
        );
        // A refund has an own date too, and it is never read from the move's.
        for reason in ["refunded", "payment_failed", "declined"] {
            let ignored = asks(&p, told(json!("2009-12-20"), reason, Value::Null)).error_codes();
            assert_eq!(ignored, ["dated_elsewhere"], "{reason}");
            let undated = asks(&p, told(json!("2010-01-02"), reason, Value::Null));
            assert_eq!(undated.error_codes(), ["after_cooling_off"], "{reason}");
            let late = asks(&p, told(Value::Null, reason, json!("2009-12-28")));
            assert_eq!(late.error_codes(), ["after_cooling_off"], "{reason}");
        }
        p.moves(&world, agent, told(json!("2010-01-02"), "refunded", json!("2009-12-27")));
        let last = p.log(&world, agent).pop().unwrap();
        assert_eq!(last[1..], ["closed", "stage_50", "2010-01-02", "compensating"].map(str::to_owned));
        assert_eq!(p.read(&world, agent)["clock"]["started_on"], "2010-01-02");
    });
}

#[test]
fn a_move_to_closed_takes_no_other_date_than_the_one_on_which_it_closes() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_90(&world, agent);
        world.on("2010-01-02");
        let asked = |on: &str| {
            json!({"to": "closed", "occurred_on": on,
                "facts": {"policy_issued_on": "2009-12-17", "receipt_signed_on": "2009-12-17", "evidence": "receipt"}})
        };
        let call = world.post(&p.path("/transitions"), asked("2010-01-02")).by(agent).if_match(p.version);
        let refused = call.problem(422, "transition_refused").json();
        assert_eq!(refused["errors"][0]["code"], "dated_elsewhere");
        assert_eq!(refused["errors"][0]["params"]["expected"], "2009-12-28");
        p.moves(&world, agent, asked("2009-12-28"));
        assert_eq!(p.stage(&world, agent), "closed");
    });
}

#[test]
fn facts_that_come_with_a_way_out_are_kept_or_refused() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        let leaving =
            json!({"to": "exited", "reason": "no_need", "facts": {"further_cooperation_agreed": false}});
        let ask = world.post(&p.path("/transitions"), leaving.clone()).by(agent).if_match(p.version).send();
        assert_eq!((ask.status, ask.error_codes()), (409, vec!["no_open_pursuit".to_owned()]));
        // On what it rests can be told of every move.
        p.moves(
            &world,
            agent,
            json!({"to": "exited", "reason": "no_need", "facts": {"evidence": "his letter"}}),
        );
        p.moves(&world, agent, json!({"to": "opportunity"}));
        p.fix_first(&world, agent, "2009-12-14");
        p.moves(&world, agent, leaving);
        let told = world.get(&p.path("/timeline")).by(agent).status(200).json();
        let kinds: Vec<&Value> = told["data"].as_array().unwrap().iter().map(|row| &row["kind"]).collect();
        assert!(kinds.contains(&&json!("cooperation_agreed")), "{kinds:?}");
        let again = json!({"to": "opportunity", "facts": {"further_cooperation_agreed": true}});
        let ask = world.post(&p.path("/transitions"), again).by(agent).if_match(p.version).send();
        assert_eq!((ask.status, ask.error_codes()), (409, vec!["no_open_pursuit".to_owned()]));
    });
}

/// The place on the board as the next read finds it, and the version.
fn read_again(world: &World, agent: &Person, answer: &Value) -> Value {
    let path = format!("/v1/prospects/{}", answer["prospect_id"].as_str().unwrap());
    let found = world.get(&path).by(agent).status(200).json();
    let board = answer["board"].as_object().unwrap();
    let board: serde_json::Map<String, Value> =
        board.keys().map(|name| (name.clone(), found[name].clone())).collect();
    json!({"version": found["version"], "board": board})
}

#[test]
fn the_answer_to_a_withdrawal_shows_the_cycle_without_the_deal() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_90(&world, agent);
        let issued = json!({"policy_issued_on": "2009-12-17", "receipt_signed_on": "2009-12-17", "evidence": "receipt"});
        p.version = records(&world, agent, &p, issued).version();
        world.on("2010-01-05");
        assert_eq!(p.stage(&world, agent), "closed");
        let cycle = world.get(&format!("/v1/agents/{}/cycle", agent.id)).by(agent).status(200).json();
        assert_eq!(cycle["cycle_days"], 26);
        let withdrawn = json!({"to": "stage_50", "reason": "withdrawn",
            "facts": {"withdrawn_on": "2009-12-20", "evidence": "letter"}});
        let answer = p.moves(&world, agent, withdrawn).json();
        let board = &answer["board"];
        assert_eq!(
            (&board["stage"], &board["clock"]["cycle_days"], &board["clock"]["limit_days"]),
            (&json!("stage_50"), &json!(28), &json!(28))
        );
        assert_eq!(json!({"version": answer["version"], "board": board}), read_again(&world, agent, &answer));
    });
}
