//! A fact belongs to the pursuit of its own date: a newer pursuit takes nothing from before its beginning (method section 4).

use serde_json::{Value, json};

use crate::harness::{Person, World, app::Answer, both, given::Prospect};

/// Somebody who fell back on 17 December, with whom a first appointment was fixed anew on the 21st for the 23rd.
fn pursued_again(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-15");
    world.on("2009-12-21");
    assert_eq!(p.stage(world, agent), "opportunity");
    p.fix_first(world, agent, "2009-12-23");
    p
}

fn refused(answer: &Answer, pointer: &str) {
    let json = answer.json();
    let error = &json["errors"][0];
    assert_eq!((answer.status, &json["code"]), (409, &json!("conflict")), "{json}");
    assert_eq!(
        (&error["pointer"], &error["code"]),
        (&json!(pointer), &json!("newer_pursuit_begun")),
        "{json}"
    );
    assert_eq!(error["params"]["begun_on"], "2009-12-21");
}

fn pursuit_path(world: &World, agent: &Person, p: &Prospect) -> String {
    let page = world.get(&p.path("/pursuits")).by(agent).status(200).json();
    p.path(&format!("/pursuits/{}", page["data"].as_array().unwrap().last().unwrap()["id"].as_str().unwrap()))
}

fn first_fixed(world: &World, agent: &Person, p: &Prospect) -> Value {
    let page = world.get(&p.path("/appointments")).by(agent).status(200).json();
    let all = page["data"].as_array().unwrap();
    json!(all.iter().filter(|a| a["pursuit_number"] == 2).map(|a| a["fixed_on"].clone()).collect::<Vec<_>>())
}

#[test]
fn an_appointment_fixed_before_the_pursuit_began_does_not_age_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = pursued_again(&world, agent);
        for kind in ["first", "next"] {
            for fixed_on in ["2009-12-15", "2009-12-20"] {
                let body =
                    json!({"kind": kind, "starts_at": "2009-12-24T10:00:00+08:00", "fixed_on": fixed_on});
                refused(&world.post(&p.path("/appointments"), body).by(agent).send(), "/fixed_on");
            }
        }
        assert_eq!(first_fixed(&world, agent, &p), json!(["2009-12-21"]));
        let body =
            json!({"kind": "next", "starts_at": "2009-12-24T10:00:00+08:00", "fixed_on": "2009-12-21"});
        world.post(&p.path("/appointments"), body).by(agent).status(201);
    });
}

#[test]
fn no_other_fact_from_before_the_pursuit_is_taken_into_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = pursued_again(&world, agent);
        let early = "2009-12-16";
        let check = json!({"criterion": "budget", "verdict": "met", "evidence": "1500", "checked_on": early});
        refused(&world.post(&p.path("/criteria-checks"), check).by(agent).send(), "/checked_on");
        let path = pursuit_path(&world, agent, &p);
        for (field, body) in [
            ("signed_on", json!({"signed_on": early})),
            ("documents_submitted_on", json!({"documents_submitted_on": early})),
            ("policy_issued_on", json!({"policy_issued_on": early})),
            ("receipt_signed_on", json!({"receipt_signed_on": early})),
            ("occurred_on", json!({"further_cooperation_agreed": true, "occurred_on": early})),
            ("occurred_on", json!({"target_signing_on": "2009-12-24", "occurred_on": early})),
            ("occurred_on", json!({"decision_maker_expected": true, "occurred_on": early})),
        ] {
            let answer = world.patch(&path, body).by(agent).if_match(p.version).send();
            refused(&answer, &format!("/{field}"));
        }
        let move_with = |facts: Value| {
            let body = json!({"to": "stage_25", "facts": facts});
            world.post(&p.path("/transitions"), body).by(agent).if_match(p.version).send()
        };
        let next = json!({"starts_at": "2009-12-24T10:00:00+08:00", "agenda": "plan"});
        refused(
            &move_with(
                json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true, "next_appointment": next}),
            ),
            "/facts/first_meeting_on",
        );
        let early_next =
            json!({"starts_at": "2009-12-24T10:00:00+08:00", "agenda": "plan", "fixed_on": early});
        refused(
            &move_with(
                json!({"first_meeting_on": "2009-12-21", "further_cooperation_agreed": true, "next_appointment": early_next}),
            ),
            "/facts/next_appointment/fixed_on",
        );
        let met = json!({"verdict": "met", "evidence": "1500", "checked_on": early});
        refused(
            &move_with(
                json!({"first_meeting_on": "2009-12-21", "further_cooperation_agreed": true, "next_appointment": next,
                "criteria": {"budget": met}}),
            ),
            "/facts/criteria/budget/checked_on",
        );
    });
}

#[test]
fn a_date_is_not_corrected_into_the_time_before() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = pursued_again(&world, agent);
        let issued = json!({"policy_issued_on": "2009-12-21"});
        let path = pursuit_path(&world, agent, &p);
        world.patch(&path, issued).by(agent).if_match(p.version).status(200);
        let correct = |on: &str| {
            let body = json!({"kind": "policy_issued_on", "on": on, "reason_text": "a slip"});
            world.post(&p.path("/corrections"), body).by(agent).send()
        };
        refused(&correct("2009-12-20"), "/on");
        assert_eq!(correct("2009-12-21").status, 201);
    });
}

#[test]
fn what_came_between_two_pursuits_comes_with_the_opening_of_the_newer_one() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-15");
        world.on("2009-12-21");
        assert_eq!(p.stage(&world, agent), "opportunity");
        let opening = |fixed_on: &str| {
            json!({"to": "first_appointment", "facts": {"first_appointment":
                {"starts_at": "2009-12-23T10:00:00+08:00", "fixed_on": fixed_on}}})
        };
        let ask = world.post(&p.path("/transitions"), opening("2009-12-15")).by(agent).if_match(p.version);
        let json = ask.status(409).json();
        assert_eq!(json["errors"][0]["code"], "newer_pursuit_begun");
        assert_eq!(json["errors"][0]["pointer"], "/facts/first_appointment/fixed_on");
        p.moves(&world, agent, opening("2009-12-18"));
        assert_eq!(first_fixed(&world, agent, &p), json!(["2009-12-18"]));
    });
}

#[test]
fn a_first_pursuit_takes_what_was_before_it() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-16");
        let body =
            json!({"kind": "next", "starts_at": "2009-12-18T10:00:00+08:00", "fixed_on": "2009-12-11"});
        world.post(&p.path("/appointments"), body).by(agent).status(201);
    });
}
