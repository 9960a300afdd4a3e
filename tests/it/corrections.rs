//! Taking back and correcting what was entered wrong, over HTTP (method section 4, decision 0001, rules 17 to 21).

use serde_json::{Value, json};

use crate::harness::{World, actors::Person, both, given::Prospect};

fn met(world: &World, agent: &Person, on: &str) -> Prospect {
    world.on(on);
    let mut p = Prospect::named(world, agent, "孙");
    p.fix_first(world, agent, on);
    p.meet(world, agent, on, "2009-12-18");
    p
}

fn redate(on: &str) -> Value {
    json!({"kind": "redate_latest_move", "on": on, "reason_text": "it was another day"})
}

fn first_meeting(on: &str) -> Value {
    json!({"kind": "first_meeting_on", "on": on, "reason_text": "it was another day"})
}

#[test]
fn a_later_first_meeting_does_not_restart_the_clock() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = met(&world, agent, "2009-12-12");
        world.on("2009-12-16");
        let facts = json!({"first_meeting_on": "2009-12-16", "criteria": crate::harness::given::five(),
            "target_signing_on": "2009-12-18"});
        p.moves(&world, agent, json!({"to": "stage_50", "facts": facts}));
        assert_eq!(p.read(&world, agent)["clock"]["started_on"], "2009-12-12");
    });
}

#[test]
fn an_appointment_told_of_with_its_meeting_was_held() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "何");
        let facts = json!({"first_appointment": {"starts_at": "2009-12-14T09:00:00+08:00"},
            "first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
            "next_appointment": {"starts_at": "2009-12-16T14:00:00+08:00", "agenda": "go through the plan"}});
        p.moves(&world, agent, json!({"to": "stage_25", "facts": facts}));
        let list = world.get(&p.path("/appointments")).by(agent).status(200).json();
        assert_eq!(list["data"][0]["outcome"], "held");
        assert_eq!(list["data"][1]["outcome"], "open");
    });
}

#[test]
fn a_supervisor_redates_an_agents_move_and_what_came_with_it_goes_along() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = met(&world, agent, "2009-12-14");
        world.on("2009-12-16");
        p.records(&world, &cast.head_a, "/corrections", redate("2009-12-15"));
        let board = p.read(&world, agent);
        assert_eq!((&board["stage"], &board["entered_stage_on"]), (&json!("stage_25"), &json!("2009-12-15")));
        assert_eq!(board["clock"]["started_on"], "2009-12-15");
        let list = world.get(&p.path("/appointments")).by(agent).status(200).json();
        assert_eq!(
            (&list["data"][0]["outcome"], &list["data"][0]["on"]),
            (&json!("held"), &json!("2009-12-15"))
        );
    });
}

#[test]
fn a_move_to_90_keeps_the_date_of_its_papers() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = met(&world, agent, "2009-12-12");
        p.reach_50(&world, agent, "2009-12-18");
        world.on("2009-12-14");
        let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
        let pursuit = format!("/pursuits/{}", page["data"][0]["id"].as_str().unwrap());
        let signed = world.patch(&p.path(&pursuit), json!({"signed_on": "2009-12-14"})).by(agent);
        p.version = signed.if_match(p.version).status(200).version();
        world.on("2009-12-16");
        let facts = json!({"documents_submitted_on": "2009-12-15", "premium_received_on": "2009-12-16",
            "evidence": "bank slip"});
        p.moves(&world, agent, json!({"to": "stage_90", "facts": facts}));
        // The money came with the move on its day and goes along; the papers of the 15th do not.
        let correct = |on: &str| world.post(&p.path("/corrections"), redate(on)).by(agent);
        correct("2009-12-14").problem(422, "transition_refused");
        correct("2009-12-15").status(201);
        let board = p.read(&world, agent);
        assert_eq!(board["entered_stage_on"], "2009-12-15");
        assert_eq!(board["facts"]["premium_received_on"], "2009-12-15");
    });
}

#[test]
fn a_correction_goes_with_the_move_that_is_taken_back() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.on("2009-12-12");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        p.meet(&world, agent, "2009-12-15", "2009-12-18");
        p.records(&world, agent, "/corrections", first_meeting("2009-12-14"));
        assert_eq!(p.read(&world, agent)["clock"]["started_on"], "2009-12-14");
        let list = world.get(&p.path("/appointments")).by(agent).status(200).json();
        assert_eq!(list["data"][0]["on"], "2009-12-14", "the appointment was that meeting");
        p.records(
            &world,
            agent,
            "/corrections",
            json!({"kind": "void_latest_move", "reason_text": "wrong name"}),
        );
        let board = p.read(&world, agent);
        assert_eq!(
            (&board["stage"], &board["clock"]["started_on"]),
            (&json!("first_appointment"), &Value::Null)
        );
    });
}

#[test]
fn what_was_taken_back_does_not_count_for_its_own_day_either() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.on("2009-12-12");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-15");
        world.on("2009-12-15");
        p.meet(&world, agent, "2009-12-15", "2009-12-18");
        let taken_back = json!({"kind": "void_latest_move", "reason_text": "wrong name"});
        p.records(&world, agent, "/corrections", taken_back);
        world.on("2009-12-16");
        let then = world.get(&p.path("?as_of=2009-12-15")).by(agent).status(200).json();
        assert_eq!(
            (&then["stage"], &then["clock"]["started_on"]),
            (&json!("first_appointment"), &Value::Null)
        );
    });
}
