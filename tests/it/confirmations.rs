//! Where the settings ask for it, a supervisor's consent is a guard of 50% (method section 4).

use serde_json::{Value, json};

use crate::harness::{
    Person, World, both,
    given::{Prospect, five},
};

fn asks_for_consent(world: &World, by: &Person) {
    let path = format!("/v1/settings?team_id={}", by.team_id);
    let seen = world.get(&path).by(by).status(200).header("etag").unwrap().to_owned();
    let change = world.patch(&path, json!({"confirm_stage_50": true})).by(by).header("If-Match", &seen);
    assert_eq!(change.status(200).json()["confirm_stage_50"], true);
}

fn to_50() -> Value {
    json!({"to": "stage_50", "facts": {"criteria": five(), "target_signing_on": "2009-12-22"}})
}

fn at_25(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p
}

fn consent(world: &World, p: &mut Prospect, by: &Person) {
    let answer = p.records(world, by, "/confirmations", json!({"reason_text": "went through the five"}));
    assert_eq!(answer.json()["transition"], Value::Null, "consent moves nobody");
}

#[test]
fn without_a_supervisors_consent_nobody_enters_50_where_the_settings_ask_for_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        asks_for_consent(&world, &cast.head_a);
        let mut p = at_25(&world, agent);
        assert_eq!(p.refused(&world, agent, to_50()), ["supervisor_confirmation"]);
        let steps = world.get(&p.path("/next-steps")).by(agent).status(200).json();
        let fifty = &steps["steps"][0];
        let guard = fifty["guards"].as_array().unwrap().last().unwrap();
        assert_eq!((&fifty["to"], &guard["code"]), (&json!("stage_50"), &json!("supervisor_confirmation")));
        assert_eq!((&fifty["ready"], &guard["satisfied"]), (&json!(false), &json!(false)));

        consent(&world, &mut p, &cast.head_a);
        let answer = p.moves(&world, agent, to_50()).json();
        assert_eq!(answer["board"]["stage"], "stage_50");
    });
}

#[test]
fn a_pass_through_to_90_needs_the_consent_too_and_names_everything_else_that_is_missing() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        asks_for_consent(&world, &cast.head_a);
        let p = at_25(&world, agent);
        let sale = json!({"signed_on": "2009-12-14", "documents_submitted_on": "2009-12-14",
            "premium_received_on": "2009-12-14", "evidence": "bank slip"});
        let codes = p.refused(&world, agent, json!({"to": "stage_90", "facts": sale}));
        assert_eq!(codes, ["budget", "decision_maker", "plan_fits", "supervisor_confirmation"]);
    });
}

#[test]
fn a_consent_is_spent_when_the_pursuit_leaves_50() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        asks_for_consent(&world, &cast.head_a);
        let mut p = at_25(&world, agent);
        consent(&world, &mut p, &cast.head_a);
        p.moves(&world, agent, to_50());
        let check = json!({"criterion": "budget", "verdict": "unmet", "evidence": "too dear"});
        assert_eq!(p.records(&world, agent, "/criteria-checks", check).json()["board"]["stage"], "stage_25");
        assert_eq!(p.refused(&world, agent, to_50()), ["supervisor_confirmation"]);
        consent(&world, &mut p, &cast.head_a);
        p.moves(&world, agent, to_50());
    });
}

#[test]
fn only_a_supervisor_above_the_owner_gives_consent() {
    both(|world| {
        let cast = world.cast();
        let p = at_25(&world, &cast.agent_a);
        let ask = |by: &Person| world.post(&p.path("/confirmations"), json!({"reason_text": "fine"})).by(by);
        ask(&cast.agent_a).problem(403, "forbidden");
        ask(&cast.peer).problem(404, "not_found");
        ask(&cast.supervisor_b).problem(404, "not_found");
        ask(&cast.head_a).status(201);
        let own = at_25(&world, &cast.head_a);
        let own = world.post(&own.path("/confirmations"), json!({"reason_text": "fine"}));
        own.by(&cast.head_a).problem(403, "forbidden");
        let opportunity = Prospect::named(&world, &cast.agent_a, "李强");
        let early = world.post(&opportunity.path("/confirmations"), json!({"reason_text": "fine"}));
        early.by(&cast.head_a).problem(409, "conflict");
    });
}

#[test]
fn where_the_settings_do_not_ask_the_agent_moves_alone() {
    both(|world| {
        let cast = world.cast();
        let mut p = at_25(&world, &cast.agent_a);
        p.moves(&world, &cast.agent_a, to_50());
    });
}
