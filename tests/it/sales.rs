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
        assert!(board["flags"].as_array().unwrap().contains(&json!("receipt_missing")));
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
            [("first_meeting_held", "/facts/first_meeting_on"), ("timing", "/facts/target_signing_on")]
        );
        assert_eq!(
            refused["errors"][1]["detail"],
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
