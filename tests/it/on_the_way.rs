//! Skipping forward leaves no guard out: in a move, in the next steps and in a classification (method sections 4 and 6).

use serde_json::{Value, json};

use crate::harness::{
    Person, World, both,
    given::{Prospect, five},
};

/// Everything that a way from 2 to 50 asks for, met on the 14th.
fn to_50(agreed: bool, next: &str) -> Value {
    json!({"to": "stage_50", "facts": {"first_meeting_on": "2009-12-14", "further_cooperation_agreed": agreed,
        "next_appointment": {"starts_at": format!("{next}T14:00:00+08:00"), "agenda": "go through the plan"},
        "criteria": five(), "target_signing_on": "2009-12-22"}})
}

fn to_90(agreed: bool) -> Value {
    json!({"to": "stage_90", "facts": {"first_meeting_on": "2009-12-14", "further_cooperation_agreed": agreed,
        "criteria": five(), "signed_on": "2009-12-14", "documents_submitted_on": "2009-12-14",
        "premium_received_on": "2009-12-14", "evidence": "bank slip"}})
}

fn waiting(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p
}

/// What the service says of the same facts without a prospect: the stage, and the rules that do not hold.
fn classified(world: &World, agent: &Person, facts: Value) -> (String, Vec<Value>) {
    let body = json!({"as_of": "2009-12-14", "cycle_days": 28, "facts": facts});
    let answer = world.post("/v1/classify", body).by(agent).status(200).json();
    let rules = answer["rules"].as_array().unwrap().iter();
    let missing = rules.filter(|rule| rule["satisfied"] == false);
    let of_50_and_90 = missing.filter(|rule| rule["for_stage"] != "closed");
    (
        answer["stage"].as_str().unwrap().to_owned(),
        of_50_and_90.map(|rule| json!([rule["for_stage"], rule["code"]])).collect(),
    )
}

fn known(agreed: bool, next: &str) -> Value {
    json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": agreed,
        "next_appointment": {"starts_at": format!("{next}T14:00:00+08:00"), "agenda": "go through the plan"},
        "criteria": {"decision_maker": "met", "plan_fits": "met", "budget": "met"}, "target_signing_on": "2009-12-22"})
}

#[test]
fn a_way_to_50_is_judged_by_the_guards_of_25_and_of_50() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = waiting(&world, agent);
        assert_eq!(p.refused(&world, agent, to_50(false, "2009-12-18")), ["further_cooperation_agreed"]);
        // A cycle of 28 days ends on 11 January.
        assert_eq!(p.refused(&world, agent, to_50(true, "2010-01-12")), ["next_appointment_in_cycle"]);
        let bare = p.refused(&world, agent, json!({"to": "stage_50"}));
        assert_eq!(
            bare,
            [
                "budget",
                "decision_maker",
                "first_meeting_held",
                "further_cooperation_agreed",
                "next_appointment_dated",
                "next_step",
                "plan_fits",
                "timing"
            ],
            "those of both, each once"
        );
        let steps = world.get(&p.path("/next-steps")).by(agent).status(200).json();
        let fifty = steps["steps"].as_array().unwrap().iter().find(|s| s["to"] == "stage_50").unwrap();
        let missing = fifty["guards"].as_array().unwrap().iter().filter(|g| g["satisfied"] == false);
        let mut missing: Vec<String> = missing.map(|g| g["code"].as_str().unwrap().to_owned()).collect();
        missing.sort();
        assert_eq!(missing, bare);
        p.moves(&world, agent, to_50(true, "2010-01-11"));
        assert_eq!(p.stage(&world, agent), "stage_50");
    });
}

#[test]
fn a_way_to_90_asks_for_the_agreement_as_of_the_signature_and_for_no_next_appointment() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = waiting(&world, agent);
        assert_eq!(p.refused(&world, agent, to_90(false)), ["further_cooperation_agreed"]);
        p.moves(&world, agent, to_90(true));
        assert_eq!(p.stage(&world, agent), "stage_90");
        // What is said after the signature takes nobody out of 90%.
        world.on("2009-12-16");
        let pursuits = world.get(&p.path("/pursuits")).by(agent).status(200).json();
        let path = p.path(&format!("/pursuits/{}", pursuits["data"][0]["id"].as_str().unwrap()));
        let no_longer = json!({"further_cooperation_agreed": false});
        world.patch(&path, no_longer).by(agent).if_match(p.version + 1).send();
        let steps = world.get(&p.path("/next-steps")).by(agent).status(200).json();
        assert_eq!(steps["classified"], "stage_90");
    });
}

#[test]
fn classification_leaves_no_guard_of_the_way_out() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let said = |facts: Value| classified(&world, agent, facts).0;
        assert_eq!(said(known(true, "2010-01-11")), "stage_50");
        assert_eq!(said(known(true, "2010-01-12")), "opportunity");
        assert_eq!(said(known(false, "2009-12-18")), "opportunity");
        let mut sold = known(true, "2010-01-12");
        for field in ["signed_on", "premium_received_on"] {
            sold[field] = json!("2009-12-14");
        }
        sold["documents_submitted"] = json!(true);
        assert_eq!(said(sold.clone()), "stage_90", "the signature stands for the next appointment");
        sold["further_cooperation_agreed"] = json!(false);
        let (stage, missing) = classified(&world, agent, sold);
        assert_eq!(stage, "opportunity");
        assert!(missing.contains(&json!(["stage_90", "further_cooperation_agreed"])), "{missing:?}");
    });
}

#[test]
fn whoever_no_longer_wants_to_go_on_does_not_climb_from_25() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = waiting(&world, agent);
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        let five = json!({"criteria": five(), "target_signing_on": "2009-12-22", "further_cooperation_agreed": false});
        let refused = p.refused(&world, agent, json!({"to": "stage_50", "facts": five}));
        assert_eq!(refused, ["further_cooperation_agreed"]);
    });
}
