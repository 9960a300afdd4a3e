//! Who decides (criterion 1): a joint decision is met when everybody who makes it takes part (method section 3).

use serde_json::{Value, json};

use crate::harness::{
    Person, World, both,
    given::{Prospect, five},
};

fn at_25(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    p
}

/// Notes down who decides; answers the warnings.
fn notes(world: &World, agent: &Person, p: &mut Prospect, body: Value) -> Vec<String> {
    let answer = world.patch(&p.path(""), body).by(agent).if_match(p.version).status(200);
    p.version = answer.version();
    warned(&answer.json())
}

fn warned(answer: &Value) -> Vec<String> {
    let warnings = answer["warnings"].as_array().unwrap().iter();
    warnings.map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
}

fn jointly(engaged_on: Value) -> Value {
    json!({"decision_role": "decides_jointly",
        "co_deciders": [{"relation": "丈夫", "name": "李雷", "engaged_on": engaged_on}]})
}

fn check() -> Value {
    json!({"criterion": "decision_maker", "verdict": "met", "evidence": "both at the table"})
}

fn to_50() -> Value {
    json!({"to": "stage_50", "facts": {"criteria": five(), "target_signing_on": "2009-12-18"}})
}

#[test]
fn a_joint_decision_is_met_only_when_every_decider_is_engaged() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_25(&world, agent);
        assert_eq!(notes(&world, agent, &mut p, jointly(Value::Null)), Vec::<String>::new());
        let seen = p.read(&world, agent);
        assert_eq!(seen["decision_role"], "decides_jointly");
        assert_eq!(seen["co_deciders"], json!([{"relation": "丈夫", "name": "李雷", "engaged_on": null}]));

        let alone = world.post(&p.path("/criteria-checks"), check()).by(agent);
        let refused = alone.problem(422, "validation_failed").json();
        assert_eq!(refused["errors"][0]["code"], "co_decider_not_engaged");
        assert_eq!(refused["errors"][0]["pointer"], "/verdict");
        assert_eq!(refused["errors"][0]["params"]["co_decider"], "0");
        assert!(!refused.to_string().contains("李雷"));
        let moved = world.post(&p.path("/transitions"), to_50()).by(agent).if_match(p.version);
        let refused = moved.problem(422, "transition_refused").json();
        assert_eq!(refused["errors"][0]["code"], "co_decider_not_engaged");
        assert_eq!(refused["errors"][0]["pointer"], "/facts/criteria/decision_maker/verdict");
        // What is not met may be said at any time.
        let unmet = json!({"criterion": "decision_maker", "verdict": "unmet"});
        p.records(&world, agent, "/criteria-checks", unmet);

        world.on("2009-12-16");
        notes(&world, agent, &mut p, jointly(json!("2009-12-16")));
        let mut before = check();
        before["checked_on"] = json!("2009-12-15");
        let early = world.post(&p.path("/criteria-checks"), before).by(agent).status(422);
        assert_eq!(early.error_codes(), ["co_decider_not_engaged"], "not yet on the day before");
        assert_eq!(p.moves(&world, agent, to_50()).json()["warnings"], json!([]));
        assert_eq!(p.stage(&world, agent), "stage_50");
    });
}

#[test]
fn a_joint_decision_with_nobody_named_is_not_met() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_25(&world, agent);
        notes(&world, agent, &mut p, json!({"decision_role": "decides_jointly"}));
        let refused = world.post(&p.path("/criteria-checks"), check()).by(agent).status(422);
        assert_eq!(refused.error_codes(), ["co_decider_not_engaged"]);
    });
}

#[test]
fn whoever_does_not_decide_can_be_met_with_a_warning() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_25(&world, agent);
        notes(&world, agent, &mut p, json!({"decision_role": "does_not_decide"}));
        let told = p.records(&world, agent, "/criteria-checks", check()).json();
        assert_eq!(warned(&told), ["decision_role_contradicts"]);
        assert_eq!(told["board"]["criteria"]["decision_maker"], "met");
        assert_eq!(warned(&p.moves(&world, agent, to_50()).json()), ["decision_role_contradicts"]);
        for role in ["decides", "unknown"] {
            notes(&world, agent, &mut p, json!({"decision_role": role}));
            assert_eq!(
                p.records(&world, agent, "/criteria-checks", check()).json()["warnings"],
                json!([]),
                "{role}"
            );
        }
    });
}

#[test]
fn a_change_that_contradicts_a_recorded_check_is_warned_of_and_changes_no_verdict() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_25(&world, agent);
        p.records(&world, agent, "/criteria-checks", check());
        let warned = |p: &mut Prospect, body: Value| notes(&world, agent, p, body);
        assert_eq!(warned(&mut p, jointly(Value::Null)), ["co_decider_not_engaged"]);
        assert_eq!(warned(&mut p, json!({"occupation": "printer"})), Vec::<String>::new());
        assert_eq!(
            warned(&mut p, json!({"decision_role": "does_not_decide"})),
            ["decision_role_contradicts"]
        );
        assert_eq!(warned(&mut p, jointly(json!("2009-12-14"))), Vec::<String>::new());
        assert_eq!(p.read(&world, agent)["criteria"]["decision_maker"], "met");
    });
}

#[test]
fn what_is_wrong_with_a_co_decider_is_said_at_its_place() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = at_25(&world, agent);
        let long = "长".repeat(101);
        let wrong = json!({"co_deciders": [{"relation": " "}, {"relation": "妻子", "name": long}]});
        let answer = world.patch(&p.path(""), wrong).by(agent).if_match(p.version).status(422);
        assert_eq!(answer.pointers(), ["/co_deciders/0/relation", "/co_deciders/1/name"], "texts come first");
        let early = json!({"co_deciders": [{"relation": "妻子", "engaged_on": "2009-12-15"}]});
        let answer = world.patch(&p.path(""), early).by(agent).if_match(p.version).status(422);
        assert_eq!(answer.pointers(), ["/co_deciders/0/engaged_on"]);
        let six = json!({"co_deciders": vec![json!({"relation": "妻子"}); 6]});
        let answer = world.patch(&p.path(""), six).by(agent).if_match(p.version).status(422);
        assert_eq!(answer.pointers(), ["/co_deciders"]);
        let unknown = json!({"decision_role": "decides_alone"});
        world.patch(&p.path(""), unknown).by(agent).if_match(p.version).status(422);
    });
}

#[test]
fn a_co_decider_is_erased_with_the_person() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_25(&world, agent);
        notes(&world, agent, &mut p, jointly(Value::Null));
        world.delete(&p.path("")).by(agent).if_match(p.version).status(204);
        let kept: i64 = world
            .app
            .db
            .read_blocking(|conn| {
                use diesel::prelude::*;
                use prospector::store::db::schema::prospect_people::dsl::{co_deciders, prospect_people};
                let named = prospect_people.filter(co_deciders.like("%李雷%"));
                Ok::<i64, prospector::store::StoreError>(named.count().get_result(conn)?)
            })
            .unwrap();
        assert_eq!(kept, 0);
    });
}
