//! Events of one application that come in at the same moment, on several connections.

use std::thread;

use serde_json::json;

use super::{Came, System, at_50, cast, event, premium, seen, stands};
use crate::harness::both;

const ROUNDS: usize = 12;

#[test]
fn two_events_of_one_application_at_once_are_both_matched() {
    both(|world| {
        let (cast, system) = cast(&world);
        let p = at_50(&world, &cast.agent_a, "王芳");
        for round in 0..ROUNDS {
            let number = format!("A-{round}");
            let names = json!({"id": format!("n{round}"), "application_number": number, "policy_number": format!("P-{round}"), "prospect_id": p.id});
            let numbered =
                json!({"id": format!("a{round}"), "application_number": number, "agent_code": "10017"});
            let policy = json!({"id": format!("p{round}"), "policy_number": format!("P-{round}"), "agent_code": "10017"});
            let bodies = [
                event("application_submitted", "2009-12-17", names),
                premium("2009-12-17", numbered),
                event("policy_issued", "2009-12-17", policy),
            ];
            let ids: Vec<String> = thread::scope(|scope| {
                let tell = |body: &serde_json::Value| {
                    let (body, world, system) = (body.clone(), &world, &system);
                    scope.spawn(move || system.tells_new(world, body))
                };
                let all: Vec<_> = bodies.iter().map(tell).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            let applications: Vec<_> =
                ids.iter().map(|id| seen(&world, &cast.head_a, id)["application_id"].clone()).collect();
            assert!(
                applications.iter().all(|id| id.is_string() && *id == applications[0]),
                "{applications:?}"
            );
        }
    });
}

#[test]
fn of_two_that_name_different_people_for_one_number_one_ties_it_and_the_other_waits() {
    both(|world| {
        let (cast, system) = cast(&world);
        let (p, q) = (at_50(&world, &cast.agent_a, "王芳"), at_50(&world, &cast.peer, "刘岩"));
        for round in 0..ROUNDS {
            let body = |id: &str, named: &str| {
                let more = json!({"id": format!("{id}{round}"), "application_number": format!("A-{round}"), "prospect_id": named, "agent_code": "10017"});
                event("application_submitted", "2009-12-17", more)
            };
            let [one, other] = thread::scope(|scope| {
                let (world, system) = (&world, &system);
                let bodies = [body("p", &p.id), body("q", &q.id)];
                bodies
                    .map(|body| scope.spawn(move || system.tells_new(world, body)))
                    .map(|t| t.join().unwrap())
            });
            let mut stand = [one, other].map(|id| stands(&world, &cast.head_a, &id).0);
            stand.sort();
            assert_eq!(stand, ["contradicting", "matched"]);
        }
    });
}

#[test]
fn one_event_told_ten_times_at_once_is_one() {
    both(|world| {
        let (cast, system) = cast(&world);
        let p = at_50(&world, &cast.agent_a, "王芳");
        for round in 0..ROUNDS {
            let more = json!({"id": format!("e{round}"), "application_number": format!("A-{round}"), "prospect_id": p.id});
            let body = premium("2009-12-17", more);
            let came: Vec<Came> = thread::scope(|scope| {
                let tell = |_| scope.spawn(|| System::tells(&system, &world, body.clone()));
                let all: Vec<_> = (0..10).map(tell).collect();
                all.into_iter().map(|one| one.join().unwrap()).collect()
            });
            assert_eq!(came.iter().filter(|one| matches!(one, Came::New(_))).count(), 1, "{came:?}");
            assert!(came.iter().all(|one| *one != Came::Conflict), "{came:?}");
        }
    });
}
