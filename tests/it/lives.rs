//! Lives of prospects from the first call to the closing, over HTTP, on both databases (method sections 3 to 5, 10).

use serde_json::json;

use crate::harness::{
    World, both,
    given::{Prospect, five},
};

#[test]
fn an_agent_takes_a_prospect_from_the_first_call_to_a_closed_deal() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        p.meet(&world, agent, "2009-12-15", "2009-12-18");
        p.reach_50(&world, agent, "2009-12-22");
        world.on("2009-12-18");
        let answer = p.sign_and_pay(&world, agent, "2009-12-18").json();
        assert_eq!(answer["board"]["stage"], "stage_90");
        assert_eq!(answer["warnings"][0]["code"], "claimed");
        world.on("2009-12-21");
        let answer = p.issued(&world, agent, "2009-12-20", "2009-12-21").json();
        assert_eq!(answer["board"]["clock"]["closes_on"], "2010-01-01");
        world.on("2009-12-31");
        assert_eq!(p.stage(&world, agent), "stage_90", "the last day of the cooling-off period");
        world.on("2010-01-01");
        assert_eq!(p.stage(&world, agent), "closed");
        let log = p.log(&world, agent);
        assert_eq!(log.last().unwrap(), &["move", "stage_90", "closed", "2010-01-01", "automatic"]);
        let cycle = world.get(&format!("/v1/agents/{}/cycle", agent.id)).by(agent).status(200).json();
        assert_eq!(
            (&cycle["cycle_days"], &cycle["source"], &cycle["n"]),
            (&json!(26), &json!("measured"), &json!(1))
        );
        assert_eq!(cycle["mean_days"], 3.0, "three days and nine times 28 over ten make the cycle");
        assert_eq!(cycle["valid_from"], "2010-01-01");
    });
}

#[test]
fn whoever_outstays_the_cycle_falls_back_on_the_day_after_and_keeps_the_history() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.on("2009-12-12");
        let mut p = Prospect::named(&world, agent, "李强");
        p.fix_first(&world, agent, "2009-12-12");
        p.meet(&world, agent, "2009-12-12", "2010-01-08");
        let board = p.read(&world, agent);
        assert_eq!(board["clock"]["falls_back_on"], "2010-01-10");
        world.on("2010-01-09");
        let board = p.read(&world, agent);
        assert_eq!((&board["stage"], &board["clock"]["days_left"]), (&json!("stage_25"), &json!(0)));
        assert!(board["flags"].as_array().unwrap().contains(&json!("last_day")));
        // Nobody looks for weeks: the record still carries the day on which it fell due.
        world.on("2010-02-20");
        assert_eq!(p.stage(&world, agent), "opportunity");
        let log = p.log(&world, agent);
        assert_eq!(log.last().unwrap(), &["move", "stage_25", "opportunity", "2010-01-10", "automatic"]);
        assert_eq!(log.len(), 4, "created, first appointment, 25, fallback");
    });
}

#[test]
fn a_late_entry_undoes_a_fallback() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "赵敏");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        // Wednesday's date is checked on Friday the 18th: without a new date it lapses on the 19th.
        world.on("2009-12-21");
        assert_eq!(p.stage(&world, agent), "opportunity");
        assert_eq!(p.log(&world, agent).last().unwrap()[3], "2009-12-19");
        let late = json!({"starts_at": "2009-12-23T10:00:00+08:00", "agenda": "answer her questions", "fixed_on": "2009-12-16"});
        let answer = p.records(&world, agent, "/appointments", late).json();
        assert_eq!(answer["board"]["stage"], "stage_25");
        let log = p.log(&world, agent);
        assert_eq!(
            log.last().unwrap(),
            &["superseded", "opportunity", "stage_25", "2009-12-19", "correction"]
        );
    });
}

#[test]
fn a_refusal_names_every_unmet_guard_and_writes_nothing() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "周");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        let codes = p.refused(&world, agent, json!({"to": "stage_50"}));
        assert_eq!(codes, ["budget", "decision_maker", "plan_fits", "timing"]);
        let codes = p.refused(&world, agent, json!({"to": "stage_90"}));
        assert_eq!(
            codes,
            ["budget", "decision_maker", "documents_submitted", "plan_fits", "premium_received", "signed"]
        );
        let version = p.version;
        p.read(&world, agent);
        assert_eq!(p.version, version);
        let body =
            json!({"to": "stage_50", "facts": {"criteria": five(), "target_signing_on": "2009-12-22"}});
        let dry = world.post(&p.path("/transitions?dry_run=true"), body).by(agent).status(200).json();
        assert_eq!(dry["board"]["stage"], "stage_50");
        assert_eq!(p.stage(&world, agent), "stage_25", "a dry run writes nothing");
        assert_eq!(p.version, version);
    });
}

#[test]
fn a_check_that_fails_at_50_drops_to_25_in_the_same_answer() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_50(&world, agent);
        let body =
            json!({"criterion": "plan_fits", "verdict": "unmet", "evidence": "she wants something else"});
        let answer = p.records(&world, agent, "/criteria-checks", body).json();
        assert_eq!(answer["board"]["stage"], "stage_25");
        assert_eq!(answer["transition"]["reason"], "criterion_unmet");
    });
}

fn at_50(world: &World, agent: &crate::harness::actors::Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "孙");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-16");
    p.reach_50(world, agent, "2009-12-18");
    p
}

#[test]
fn fifty_is_kept_through_the_grace_and_no_longer() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_50(&world, agent);
        // The next appointment's day passes on the 16th: grace of seven days, due on the 24th.
        world.on("2009-12-23");
        let board = p.read(&world, agent);
        assert_eq!(board["stage"], "stage_50");
        assert_eq!(board["criteria"]["next_step"], "stale");
        world.on("2009-12-24");
        assert_eq!(p.stage(&world, agent), "stage_25");
        assert_eq!(p.log(&world, agent).last().unwrap()[3], "2009-12-24");
    });
}

#[test]
fn an_agent_takes_back_a_slip() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = at_50(&world, agent);
        let body = json!({"kind": "void_latest_move", "reason_text": "wrong name"});
        let answer = p.records(&world, agent, "/corrections", body).json();
        assert_eq!(answer["board"]["stage"], "stage_25");
        assert_eq!(answer["board"]["criteria"]["budget"], "unknown", "what came with the move is void too");
    });
}

#[test]
fn an_extension_moves_the_fallback() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = at_50(&world, agent);
        let ask = json!({"prospect_id": p.id, "days": 14, "reason_text": "abroad"});
        let too_long = json!({"prospect_id": p.id, "days": 15, "reason_text": "abroad"});
        world.post("/v1/extensions", too_long).by(agent).problem(422, "validation_failed");
        let version = world.post("/v1/extensions", ask.clone()).by(agent).status(201).version();
        world.post("/v1/extensions", ask).by(agent).problem(409, "conflict");
        let list = world.get("/v1/extensions").by(&cast.head_a).status(200).json();
        let id = list["data"][0]["id"].as_str().unwrap().to_owned();
        let grant = json!({"decision": "granted", "reason_text": "fixed date"});
        let path = format!("/v1/extensions/{id}");
        world.patch(&path, grant.clone()).by(agent).if_match(version).problem(403, "forbidden");
        let answer = world.patch(&path, grant).by(&cast.head_a).if_match(version).status(200).json();
        assert_eq!(answer["board"]["clock"]["limit_days"], 42);
    });
}

#[test]
fn the_next_appointment_shown_is_the_next_one_today() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        let later = json!({"starts_at": "2009-12-22T10:00:00+08:00", "agenda": "answer his questions"});
        p.records(&world, agent, "/appointments", later);
        assert_eq!(p.read(&world, agent)["facts"]["next_appointment_on"], "2009-12-16");
        // Nobody has written anything since.
        world.on("2009-12-17");
        assert_eq!(p.read(&world, agent)["facts"]["next_appointment_on"], "2009-12-22");
    });
}
