//! The diary: the appointments of all prospects in reach, day by day.

use std::thread;

use prospector::{
    domain::organisation::actor::Role,
    store::organisation::teams::{self, NewTeam},
};
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::person, both, given::Prospect};

/// A first appointment fixed with somebody; answers the prospect.
fn meets(world: &World, by: &Person, name: &str, starts_at: &str) -> Prospect {
    let mut p = Prospect::named(world, by, name);
    let facts = json!({"first_appointment": {"starts_at": starts_at, "agenda": format!("meet {name}")}});
    p.moves(world, by, json!({"to": "first_appointment", "facts": facts}));
    p
}

fn diary(world: &World, by: &Person, query: &str) -> Vec<Value> {
    let page = world.get(&format!("/v1/appointments{query}")).by(by).status(200).json();
    assert_eq!(page["has_more"], json!(page["next_cursor"].is_string()));
    page["data"].as_array().unwrap().clone()
}

fn names(world: &World, by: &Person, query: &str) -> Vec<String> {
    diary(world, by, query).iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
}

fn first_of(world: &World, by: &Person, p: &Prospect) -> Value {
    let page = world.get(&p.path("/appointments")).by(by).status(200).json();
    page["data"][0].clone()
}

/// Changes the first appointment of a prospect.
fn changes(world: &World, by: &Person, p: &mut Prospect, body: Value) {
    let id = first_of(world, by, p)["id"].as_str().unwrap().to_owned();
    let path = p.path(&format!("/appointments/{id}"));
    p.version = world.patch(&path, body).by(by).if_match(p.version).status(200).version();
}

#[test]
fn an_agent_sees_the_days_meetings_in_order_of_time_with_all_that_belongs_to_them() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        meets(&world, agent, "下午", "2009-12-15T15:00:00+08:00");
        let mut morning = meets(&world, agent, "上午", "2009-12-15T09:00:00+08:00");
        meets(&world, agent, "后天", "2009-12-16T09:00:00+08:00");
        assert_eq!(names(&world, agent, ""), ["上午", "下午", "后天"]);
        assert_eq!(names(&world, agent, "?sort=-starts_at"), ["后天", "下午", "上午"]);
        assert_eq!(names(&world, agent, "?day_gte=2009-12-15&day_lt=2009-12-16"), ["上午", "下午"]);
        assert_eq!(names(&world, agent, "?day_gte=2009-12-16"), ["后天"]);

        changes(&world, agent, &mut morning, json!({"starts_at": "2009-12-15T23:30:00+08:00"}));
        world.on("2009-12-15");
        changes(&world, agent, &mut morning, json!({"outcome": "held", "notes": "both were there"}));
        assert_eq!(names(&world, agent, "?day_lt=2009-12-16"), ["下午", "上午"]);
        let [row] = &diary(&world, agent, "?outcome=held&outcome=no_show&kind=first")[..] else { panic!() };
        let known = first_of(&world, agent, &morning);
        for field in ["id", "kind", "fixed_on", "starts_at", "time_zone", "on", "deferrals", "outcome"] {
            assert_eq!(row[field], known[field], "{field}");
        }
        assert_eq!(
            (&row["prospect_id"], &row["agent_id"], &row["notes"], &row["agenda"], &row["deferrals"]),
            (&json!(morning.id), &json!(agent.id), &json!("both were there"), &known["agenda"], &json!(0))
        );
        assert_eq!((&row["on"], &row["time_zone"]), (&json!("2009-12-15"), &json!("Asia/Shanghai")));
        assert_eq!(names(&world, agent, "?kind=next"), Vec::<String>::new());
        assert_eq!(names(&world, agent, "?outcome=open"), ["下午", "后天"]);
    });
}

#[test]
fn what_still_has_to_be_entered_is_past_in_the_time_zone_of_its_own_team() {
    both(|world| {
        let cast = world.cast();
        let far = NewTeam {
            id: world.app.ids.id(),
            parent: Some(cast.north.clone()),
            name: "Far".to_owned(),
            time_zone: "America/Los_Angeles".to_owned(),
            at: world.clock.now(),
        };
        let far = world.app.db.write_blocking(move |conn| teams::create(conn, &far)).unwrap();
        let away = person(&world, "away", Role::Agent, &far);
        // Nine in the morning of the 14th in Shanghai is still the 13th in Los Angeles.
        world.on("2009-12-10");
        meets(&world, &cast.agent_a, "上海", "2009-12-13T10:00:00+08:00");
        meets(&world, &away, "洛杉矶", "2009-12-13T10:00:00-08:00");
        let mut held = meets(&world, &cast.agent_a, "见过", "2009-12-12T10:00:00+08:00");
        world.clock.set("2009-12-12T04:00:00Z".parse().unwrap());
        changes(&world, &cast.agent_a, &mut held, json!({"outcome": "held"}));
        let missing = |by: &Person| names(&world, by, "?missing_outcome=true");
        assert_eq!(missing(&cast.head_a), Vec::<String>::new());
        world.clock.set("2009-12-14T01:00:00Z".parse().unwrap());
        assert_eq!(missing(&cast.head_a), ["上海"]);
        assert_eq!((missing(&cast.agent_a), missing(&away)), (vec!["上海".to_owned()], Vec::new()));
        world.clock.set("2009-12-14T08:00:00Z".parse().unwrap());
        assert_eq!(missing(&cast.head_a), ["上海", "洛杉矶"]);
        assert_eq!(missing(&away), ["洛杉矶"]);
    });
}

#[test]
fn the_diary_shows_those_in_reach_and_nobody_else() {
    both(|world| {
        let cast = world.cast();
        let mut own = meets(&world, &cast.agent_a, "甲", "2009-12-15T09:00:00+08:00");
        meets(&world, &cast.agent_a1, "乙", "2009-12-15T10:00:00+08:00");
        assert_eq!(names(&world, &cast.head_a, ""), ["甲", "乙"]);
        assert_eq!(names(&world, &cast.supervisor_a1, ""), ["乙"]);
        assert_eq!(names(&world, &cast.agent_a, ""), ["甲"]);
        let of_a = format!("?agent_id={}", cast.agent_a.id);
        assert_eq!(names(&world, &cast.head_a, &of_a), ["甲"]);
        for stranger in [&cast.peer, &cast.supervisor_b, &cast.agent_b] {
            assert_eq!(names(&world, stranger, ""), Vec::<String>::new());
            assert_eq!(names(&world, stranger, &of_a), Vec::<String>::new());
        }
        own.read(&world, &cast.agent_a);
        world.delete(&own.path("")).by(&cast.agent_a).if_match(own.version).status(204);
        assert_eq!(names(&world, &cast.head_a, ""), ["乙"], "an erased one is gone");
    });
}

#[test]
fn pages_of_the_diary_follow_each_other_for_one_reader() {
    both(|world| {
        let cast = world.cast();
        for (name, hour) in [("a", 9), ("b", 9), ("c", 10), ("d", 10), ("e", 11)] {
            meets(&world, &cast.agent_a, name, &format!("2009-12-15T{hour:02}:00:00+08:00"));
        }
        for sort in ["starts_at", "-starts_at"] {
            let base = format!("/v1/appointments?limit=2&sort={sort}");
            let (mut path, mut seen) = (base.clone(), Vec::new());
            loop {
                let page = world.get(&path).by(&cast.agent_a).status(200).json();
                seen.extend(
                    page["data"].as_array().unwrap().iter().map(|r| r["name"].as_str().unwrap().to_owned()),
                );
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("{base}&cursor={cursor}");
                world.get(&path).by(&cast.head_a).problem(400, "invalid_cursor");
            }
            let mut hours = seen.clone();
            hours.sort();
            assert_eq!(hours, ["a", "b", "c", "d", "e"], "{sort}: {seen:?}");
            assert_eq!(seen[if sort == "starts_at" { 4 } else { 0 }], "e");
        }
        world.get("/v1/appointments?limit=0").by(&cast.agent_a).problem(400, "invalid_parameter");
        world.get("/v1/appointments?outcome=lost").by(&cast.agent_a).problem(400, "invalid_parameter");
    });
}

#[test]
fn a_page_of_the_diary_takes_two_statements_however_long_it_is() {
    both(|world| {
        let cast = world.cast();
        for hour in 9..19 {
            meets(&world, &cast.agent_a, "x", &format!("2009-12-15T{hour:02}:00:00+08:00"));
        }
        world.on("2009-12-16");
        let count = |by: &Person, query: &str| {
            let path = format!("/v1/appointments{query}");
            world.get(&path).by(by).status(200);
            // Nobody remembers who called.
            world.clock.advance(chrono::Duration::seconds(2));
            let before = world.app.db.gauges().statements;
            world.get(&path).by(by).status(200);
            while world.app.db.gauges().running > 0 {
                thread::yield_now();
            }
            world.app.db.gauges().statements - before
        };
        for limit in [1, 100] {
            assert_eq!(
                count(&cast.agent_a, &format!("?limit={limit}")),
                2,
                "the caller and what is due, the page with its words"
            );
            let missing = format!("?missing_outcome=true&limit={limit}");
            assert_eq!(count(&cast.head_a, &missing), 2, "whatever day it is where");
        }
    });
}
