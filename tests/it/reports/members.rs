//! What a team's report says of a member is what the member's own report says, and what was said of the past stays so
//! (method sections 7 and 11).

use chrono::NaiveDate;
use diesel::prelude::*;
use prospector::store::{StoreError, db::schema::memberships};
use serde_json::{Value, json};

use super::{at_25, at_first, counts, ratio, report};
use crate::harness::{Person, World, actors::Cast, both, given::Prospect};

fn chooses(world: &World, by: &Person, of: &str, change: &Value) {
    let path = format!("/v1/settings?{of}");
    let seen = world.get(&path).by(by).status(200).header("etag").unwrap().to_owned();
    world.patch(&path, change.clone()).by(by).header("If-Match", &seen).status(200);
}

/// The agent goes to the team below on a day.
fn moves_below(world: &World, cast: &Cast, agent: &Person, on: &str) {
    let path = format!("/v1/agents/{}/memberships", agent.id);
    let to = json!({"team_id": cast.branch.id.to_string(), "valid_from": on});
    world.post(&path, to).by(&cast.head_a).status(201);
}

/// Puts the first day in the service elsewhere.
fn joined(world: &World, agent: &Person, on: &str) {
    let (id, on): (_, NaiveDate) = (agent.id, on.parse().unwrap());
    let write = move |conn: &mut prospector::store::Conn| {
        let of_agent = memberships::table.filter(memberships::user_id.eq(id));
        diesel::update(of_agent).set(memberships::valid_from.eq(on)).execute(conn)?;
        Ok::<_, StoreError>(())
    };
    world.app.db.write_blocking(write).unwrap();
}

fn of_team(world: &World, by: &Person, name: &str, team: impl std::fmt::Display, more: &str) -> Value {
    report(world, by, &format!("{name}?team_id={team}{more}"))
}

fn row<'v>(rows: &'v Value, agent: &Person) -> &'v Value {
    rows.as_array().unwrap().iter().find(|row| row["agent_id"] == json!(agent.id)).unwrap()
}

#[test]
fn every_member_is_held_against_the_own_settings() {
    both(|world| {
        let cast = world.cast();
        let (agent, below, head) = (&cast.agent_a, &cast.agent_a1, &cast.head_a);
        let path = format!("/v1/settings?team_id={}", cast.north.id);
        let mut sets = world.get(&path).by(head).status(200).json()["benchmarks"].clone();
        (sets["dials_a_day"], sets["days_a_week"], sets["prospects_per_sale"]) =
            (json!(20), json!(6), json!(3));
        let own = json!({"benchmarks": sets, "first_appointments_a_week": 0, "valid_from": "2009-12-14"});
        chooses(&world, head, &format!("agent_id={}", agent.id), &own);
        sets["dials_a_day"] = json!(9);
        let of_branch =
            json!({"benchmarks": sets, "first_appointments_a_week": 2, "sheet_week_start": "SAT"});
        chooses(&world, head, &format!("team_id={}", cast.branch.id), &of_branch);
        at_first(&world, agent, "one");
        world.on("2009-12-21");
        for whom in [agent, below] {
            let levels = of_team(&world, head, "first-appointments", cast.north.id, "&include_subteams=true");
            let own = report(&world, whom, "first-appointments");
            assert_eq!(row(&levels["agents"], whom), &own["agents"][0]);
            let all = of_team(&world, head, "ratios", cast.north.id, "&include_subteams=true");
            let own = report(&world, whom, "ratios");
            assert_eq!(row(&all["members"], whom)["ratios"], own["ratios"]);
        }
        let levels = of_team(&world, head, "first-appointments", cast.north.id, "")["agents"].take();
        let of = |who: &Person| {
            let level = row(&levels, who);
            (level["target_a_week"].clone(), level["below"].clone())
        };
        assert_eq!((of(agent), of(&cast.peer)), ((json!(0), json!(false)), (json!(5), json!(true))));
        let ratios = of_team(&world, head, "ratios", cast.north.id, "");
        let dials = |of: &Value| ratio(of, "dials_a_day")["benchmark"]["value"].clone();
        let members = &ratios["members"];
        assert_eq!(
            (dials(&ratios), dials(row(members, agent)), dials(row(members, &cast.peer))),
            (json!(15.0), json!(20.0), json!(15.0))
        );
        let saturday = &report(&world, below, "first-appointments")["agents"][0]["last_week"]["from"];
        assert_eq!(saturday, "2009-12-12");
    });
}

#[test]
fn the_trend_of_a_team_left_behind_keeps_its_counts() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_first(&world, agent, "goes along");
        p.meet(&world, agent, "2009-12-14", "2009-12-24");
        at_first(&world, &cast.peer, "stays").meet(&world, &cast.peer, "2009-12-14", "2009-12-24");
        world.on("2009-12-18");
        moves_below(&world, &cast, agent, "2009-12-18");
        world.on("2009-12-21");
        let points = |team| {
            let shape = of_team(&world, head, "shape", team, "");
            let now = (counts(&shape["entered"]), shape["subject"]["agents"].clone());
            (now, [6, 7].map(|week| counts(&shape["trend"][week]["entered"])))
        };
        assert_eq!(points(cast.north.id), (([1, 0, 0], json!(1)), [[2, 0, 0], [1, 0, 0]]));
        assert_eq!(points(cast.branch.id), (([1, 0, 0], json!(2)), [[0, 0, 0], [1, 0, 0]]));
        let then = of_team(&world, head, "shape", cast.north.id, "&as_of=2009-12-17");
        assert_eq!(counts(&then["entered"]), counts(&then["trend"][7]["entered"]));
    });
}

#[test]
fn a_stay_belongs_to_the_owner_and_the_team_of_its_last_day() {
    both(|world| {
        let cast = world.cast();
        let (agent, peer, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut goes = at_first(&world, agent, "goes along");
        let mut given = at_first(&world, agent, "given away");
        world.on("2009-12-15");
        let to = json!({"to_agent_id": peer.id, "reason_text": "she lives next door",
            "prospects": [{"prospect_id": given.id, "version": given.version}]});
        let done = world.post("/v1/transfers", to).by(head).status(201).json();
        given.version = done["prospects"][0]["version"].as_i64().unwrap();
        given.meet(&world, peer, "2009-12-15", "2009-12-24");
        world.on("2009-12-16");
        goes.meet(&world, agent, "2009-12-16", "2009-12-24");
        world.on("2009-12-18");
        moves_below(&world, &cast, agent, "2009-12-18");
        world.on("2009-12-21");
        goes.reach_50(&world, agent, "2009-12-24");
        let days = |of: Value| {
            let steps = of["steps"].as_array().unwrap().clone();
            [0, 1].map(|step| (steps[step]["days"]["n"].as_i64(), steps[step]["days"]["mean"].as_f64()))
        };
        let none = (None, None);
        let team = |id| days(of_team(&world, head, "velocity", id, "&from=2009-12-11"));
        assert_eq!(team(cast.north.id), [(Some(2), Some(1.5)), none]);
        assert_eq!(team(cast.branch.id), [none, (Some(1), Some(5.0))]);
        assert_eq!(days(report(&world, peer, "velocity")), [(Some(1), Some(1.0)), none]);
        assert_eq!(days(report(&world, agent, "velocity")), [(Some(1), Some(2.0)), (Some(1), Some(5.0))]);
    });
}

#[test]
fn nobody_is_blamed_for_a_week_spent_in_another_team() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        for i in 0..5 {
            let mut p = Prospect::named(&world, agent, &format!("first {i}"));
            p.fix_first(&world, agent, "2009-12-28");
        }
        world.on("2009-12-18");
        moves_below(&world, &cast, agent, "2009-12-18");
        world.on("2009-12-19");
        let own = report(&world, agent, "first-appointments")["agents"][0].take();
        assert_eq!((&own["last_week"]["new"], &own["below"]), (&json!(5), &json!(false)));
        let there = of_team(&world, head, "first-appointments", cast.branch.id, "");
        assert_eq!(row(&there["agents"], agent), &own);
        let before = of_team(&world, head, "first-appointments", cast.north.id, "&as_of=2009-12-17");
        let then = report(&world, agent, "first-appointments?as_of=2009-12-17");
        assert_eq!(row(&before["agents"], agent), &then["agents"][0]);
    });
}

#[test]
fn a_supervisor_who_begins_to_sell_changes_nothing_in_what_is_past() {
    both(|world| {
        let cast = world.cast();
        let head = &cast.head_a;
        at_25(&world, &cast.agent_a, "one");
        world.on("2009-12-21");
        let past = |name: &str| {
            let days = if name == "first-appointments" || name == "shape" {
                "&as_of=2009-12-18"
            } else {
                "&from=2009-12-14&to=2009-12-18"
            };
            of_team(&world, head, name, cast.north.id, days)
        };
        let names = ["ratios", "funnel", "velocity", "shape", "first-appointments"];
        let before = names.map(past);
        assert_eq!(
            (&before[0]["subject"]["agents"], &before[0]["working_days"]),
            (&json!(2), &json!(10)),
            "two agents, five days"
        );
        let mut own = Prospect::named(&world, head, "the head's own");
        own.fix_first(&world, head, "2009-12-23");
        assert_eq!(names.map(past), before);
        let now = of_team(&world, head, "ratios", cast.north.id, "&from=2009-12-18&to=2009-12-21");
        assert_eq!(
            (&now["subject"]["agents"], &now["working_days"], &now["measured"]["developed"]),
            (&json!(3), &json!(5), &json!(1)),
            "the supervisor's days are from Monday on"
        );
    });
}

#[test]
fn a_pace_begins_with_the_first_day_in_the_service() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        joined(&world, agent, "2009-12-14");
        let tally = json!({"on": "2009-12-14", "dials": 15, "connects": 7, "appointments_set": 1, "refused": 0,
            "visits": 0, "messages": 0});
        world.post("/v1/activity-tallies", tally).by(agent).status(201);
        let own = report(&world, agent, "ratios");
        let dials = ratio(&own, "dials_a_day");
        assert_eq!((&dials["denominator"], &dials["value"]), (&json!(1), &json!(15.0)));
        let team = of_team(&world, &cast.head_a, "ratios", cast.north.id, "");
        assert_eq!(row(&team["members"], agent)["ratios"], own["ratios"]);
        let before = report(&world, agent, "ratios?from=2009-12-07&to=2009-12-11");
        assert_eq!(ratio(&before, "dials_a_day")["value"], Value::Null, "no day, no pace");
    });
}

#[test]
fn a_team_of_beginners_is_read_as_a_beginner() {
    both(|world| {
        let cast = world.cast();
        at_25(&world, &cast.agent_a, "one");
        let cause = || {
            let team = of_team(&world, &cast.head_a, "shape", cast.north.id, "");
            (team["entered"]["shape"].clone(), team["entered"]["cause"]["code"].clone())
        };
        joined(&world, &cast.agent_a, "2009-12-01");
        assert_eq!(cause(), (json!("starting"), json!("not_refilled")), "the peer is none");
        joined(&world, &cast.peer, "2009-12-01");
        assert_eq!(cause(), (json!("starting"), json!("beginner")));
    });
}

#[test]
fn every_ratio_is_its_numerator_times_per_over_its_denominator() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        at_first(&world, agent, "one").meet(&world, agent, "2009-12-14", "2009-12-18");
        let tally = json!({"on": "2009-12-14", "dials": 15, "connects": 7, "appointments_set": 1, "refused": 0,
            "visits": 0, "messages": 0});
        world.post("/v1/activity-tallies", tally).by(agent).status(201);
        let ratios = report(&world, agent, "ratios");
        let weekly = ratio(&ratios, "new_a_week");
        let shown = ["numerator", "denominator", "per", "value"].map(|name| weekly[name].clone());
        assert_eq!(shown, [json!(1), json!(20), json!(5), json!(0.25)]);
        for r in ratios["ratios"].as_array().unwrap().iter().filter(|r| !r["value"].is_null()) {
            let of = |name: &str| r[name].as_f64().unwrap();
            let value = of("numerator") * of("per") / of("denominator");
            assert!((value - of("value")).abs() <= 0.000_05, "{r}");
        }
    });
}

#[test]
fn a_period_that_has_not_begun_is_the_fault_of_the_day_that_was_given() {
    both(|world| {
        let cast = world.cast();
        for (query, at) in [
            ("to=2030-01-01", "/query/to"),
            ("from=2009-12-01&to=2030-01-01", "/query/to"),
            ("from=2009-12-15", "/query/from"),
            ("from=2009-12-15&to=2009-12-31", "/query/from"),
            ("from=2009-12-14&to=2009-12-01", "/query/from"),
            ("from=2001-01-01", "/query/from"),
        ] {
            let answer = world.get(&format!("/v1/reports/funnel?{query}")).by(&cast.agent_a);
            let problem = answer.problem(400, "invalid_parameter").json();
            assert_eq!(problem["errors"][0]["pointer"], at, "{query}");
        }
    });
}
