//! A day belongs to the team of that day (method sections 5 and 11): who changes teams, is handed on or sells later
//! changes nothing that was said about the days before.

use serde_json::{Value, json};

use crate::{
    harness::{Person, World, actors::Cast, both, given::Prospect},
    transfers::hand_over,
};

/// At 25%, met on a day, with the next appointment on another.
fn at_25(world: &World, owner: &Person, name: &str, met: &str, next: &str) -> Prospect {
    world.on(met);
    let mut p = Prospect::named(world, owner, name);
    p.fix_first(world, owner, met);
    p.meet(world, owner, met, next);
    p
}

/// Nobody has sold anything. The north chose a cycle of 20 days from 12-03 on, the branch below it another from 11-23 on.
fn two_cycles(world: &World, of_branch: i32) -> Cast {
    let cast = world.cast();
    let chooses = |day: &str, team: prospector::domain::values::id::Id, days: i32| {
        world.on(day);
        let path = format!("/v1/settings?team_id={team}");
        let call = world.patch(&path, json!({"default_cycle_days": days})).by(&cast.head_a);
        call.header("If-Match", "*").status(200);
    };
    chooses("2009-11-23", cast.branch.id, of_branch);
    chooses("2009-12-03", cast.north.id, 20);
    cast
}

fn moves(world: &World, by: &Person, who: &Person, team: impl serde::Serialize, from: &str) {
    let body = json!({"team_id": team, "valid_from": from});
    world.post(&format!("/v1/agents/{}/memberships", who.id), body).by(by).status(201);
}

fn cycle(world: &World, head: &Person, agent: &Person, day: &str) -> (i64, String) {
    let path = format!("/v1/agents/{}/cycle?as_of={day}", agent.id);
    let view = world.get(&path).by(head).status(200).json();
    (view["cycle_days"].as_i64().unwrap(), view["source"].as_str().unwrap().to_owned())
}

fn history(world: &World, head: &Person, agent: &Person) -> Vec<(String, i64)> {
    let page = world.get(&format!("/v1/agents/{}/cycle/history", agent.id)).by(head).status(200).json();
    let row = |v: &Value| {
        (v["valid_from"].as_str().unwrap_or("always").to_owned(), v["cycle_days"].as_i64().unwrap())
    };
    page["data"].as_array().unwrap().iter().map(row).collect()
}

fn told(rows: &[(&str, i64)]) -> Vec<(String, i64)> {
    rows.iter().map(|(from, days)| ((*from).to_owned(), *days)).collect()
}

fn falls_back_on(world: &World, by: &Person, p: &mut Prospect) -> String {
    p.read(world, by)["clock"]["falls_back_on"].as_str().unwrap_or("-").to_owned()
}

#[test]
fn who_changes_teams_keeps_the_cycle_of_the_days_before() {
    both(|world| {
        let cast = two_cycles(&world, 10);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent, "王芳", "2009-12-14", "2010-01-03");
        let reports = || -> Vec<Value> {
            let subjects = [format!("agent_id={}", agent.id), format!("team_id={}", cast.north.id)];
            let names = ["shape", "forecast", "attention", "first-appointments"];
            let asked = names.iter().flat_map(|name| subjects.iter().map(move |whom| (name, whom)));
            asked
                .map(|(name, whom)| {
                    let path = format!("/v1/reports/{name}?{whom}&as_of=2009-12-14");
                    world.get(&path).by(head).status(200).json()
                })
                .collect()
        };
        world.on("2009-12-16");
        let before = reports();
        assert_eq!(before[0]["subject"]["cycle_days"], 20);
        assert_eq!(history(&world, head, agent), told(&[("always", 28), ("2009-12-03", 20)]));
        assert_eq!(falls_back_on(&world, agent, &mut p), "2010-01-04", "over 20 days");
        moves(&world, head, agent, cast.branch.id, "2009-12-16");
        let expected = told(&[("always", 28), ("2009-12-03", 20), ("2009-12-16", 10)]);
        assert_eq!(history(&world, head, agent), expected);
        assert_eq!(cycle(&world, head, agent, "2009-12-15"), (20, "default".to_owned()));
        assert_eq!(reports(), before);
        assert_eq!(falls_back_on(&world, agent, &mut p), "2009-12-25", "over 10 days");
    });
}

#[test]
fn a_change_of_teams_told_late_takes_back_what_fell_due_by_the_cycle_of_the_other_team() {
    both(|world| {
        let cast = two_cycles(&world, 40);
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let mut p = at_25(&world, agent, "王芳", "2009-12-14", "2010-01-03");
        let later = json!({"starts_at": "2010-01-12T10:00:00+08:00", "agenda": "answer her questions"});
        p.records(&world, agent, "/appointments", later);
        world.on("2010-01-06");
        assert_eq!(p.stage(&world, agent), "opportunity");
        assert_eq!(p.log(&world, agent).last().unwrap()[3], "2010-01-04", "over 20 days");
        // The agent had left before that day, for a team that goes by 40.
        moves(&world, head, agent, cast.branch.id, "2009-12-20");
        assert_eq!(p.stage(&world, agent), "stage_25");
        assert_eq!(p.log(&world, agent).last().unwrap()[0], "superseded");
        assert_eq!(falls_back_on(&world, agent, &mut p), "2010-01-14", "the 12th lapses after its block");
    });
}

/// The entries of the attention list of the north on a day, as its head reads it.
fn attention(world: &World, cast: &Cast, day: &str) -> Value {
    let path = format!("/v1/reports/attention?team_id={}&as_of={day}", cast.north.id);
    world.get(&path).by(&cast.head_a).status(200).json()["entries"].clone()
}

#[test]
fn a_later_transfer_changes_nothing_in_what_was_foreseen_on_a_day_before_it() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = at_25(&world, old, "刘岩", "2009-12-14", "2009-12-15");
        world.on("2009-12-16");
        let on_the_day = attention(&world, &cast, "2009-12-16");
        assert_eq!(on_the_day[0]["falls_back_on"], "2009-12-17", "Tuesday's date is checked on Wednesday");
        world.on("2009-12-17");
        assert_eq!(p.stage(&world, old), "opportunity");
        assert_eq!(attention(&world, &cast, "2009-12-16"), on_the_day);
        hand_over(&world, head, new, &mut p);
        assert_eq!(p.stage(&world, new), "stage_25", "on the day of the transfer nothing falls due");
        assert_eq!(attention(&world, &cast, "2009-12-16"), on_the_day);
    });
}

#[test]
fn what_was_foreseen_on_a_past_day_follows_from_what_had_been_said_by_then() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let declares = |days: i64, from: &str| {
            let body = json!({"declared_days": days, "valid_from": from});
            let path = format!("/v1/agents/{}/cycle", agent.id);
            world.put(&path, body).by(agent).header("If-Match", "*").status(200);
        };
        at_25(&world, agent, "刘岩", "2009-11-20", "2009-12-18");
        // Over 28 days on the 19th, with the date of the 18th lapsing on the 22nd.
        let seen: Vec<(&str, Value)> = ["2009-12-14", "2009-12-15", "2009-12-16"]
            .into_iter()
            .map(|today| {
                world.on(today);
                match today {
                    "2009-12-15" => declares(40, "2009-12-17"),
                    "2009-12-16" => declares(20, "2009-12-18"),
                    _ => {}
                }
                (today, attention(&world, &cast, today))
            })
            .collect();
        let days: Vec<&str> =
            seen.iter().map(|(_, list)| list[0]["falls_back_on"].as_str().unwrap()).collect();
        assert_eq!(days, ["2009-12-19", "2009-12-22", "2009-12-18"]);
        world.on("2009-12-30");
        for (day, list) in seen {
            assert_eq!(attention(&world, &cast, day), list, "{day}");
        }
    });
}

fn forecast(world: &World, head: &Person, whom: &str) -> Value {
    world.get(&format!("/v1/reports/forecast?{whom}")).by(head).status(200).json()
}

#[test]
fn whoever_changed_teams_is_forecast_for_the_team_as_for_oneself() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        world.on("2009-12-04");
        let mut sold = at_25(&world, agent, "刘岩", "2009-12-04", "2009-12-10");
        world.on("2009-12-10");
        sold.reach_50(&world, agent, "2009-12-10");
        sold.sign_and_pay(&world, agent, "2009-12-10");
        let pursuits = world.get(&sold.path("/pursuits")).by(agent).status(200).json();
        let id = pursuits["data"][0]["id"].as_str().unwrap();
        let money = json!({"amount": "4000.00", "currency": "CNY"});
        let issue =
            json!({"policy_issued_on": "2009-12-10", "standard_premium": money, "evidence": "policy"});
        let path = sold.path(&format!("/pursuits/{id}"));
        world.patch(&path, issue).by(agent).if_match(sold.version).status(200);
        at_25(&world, agent, "王芳", "2009-12-14", "2009-12-22");
        world.on("2009-12-16");
        moves(&world, head, agent, cast.branch.id, "2009-12-16");
        let own = forecast(&world, head, &format!("agent_id={}", agent.id))["expected"].clone();
        assert_eq!((&own["n"], &own["n_with_premium"]), (&json!(2), &json!(2)));
        assert_eq!(own["premium"]["amount"], "4600.00", "4000 times 0.9 and 0.25");
        let team = forecast(&world, head, &format!("team_id={}", cast.branch.id))["expected"].clone();
        assert_eq!(team, own, "nobody else in the branch has anybody");
    });
}

#[test]
fn a_case_of_the_forecast_goes_by_the_limit_of_each_of_its_days() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        at_25(&world, agent, "王芳", "2009-11-25", "2009-12-20");
        let mut gone = at_25(&world, agent, "刘岩", "2009-12-01", "2009-12-20");
        // Fourteen days at 25%: under 28 two quarters, under 56 from the fifth day on only one.
        world.on("2009-12-05");
        let word = json!({"declared_days": 56});
        let path = format!("/v1/agents/{}/cycle", agent.id);
        world.put(&path, word).by(agent).header("If-Match", "*").status(200);
        world.on("2009-12-15");
        gone.read(&world, agent);
        gone.moves(&world, agent, json!({"to": "exited", "reason": "no_need"}));
        let cells = || -> Vec<Value> {
            let view = forecast(&world, head, &format!("agent_id={}", agent.id));
            let cell = |c: &Value| json!([c["stage"], c["elapsed"], c["cases"]]);
            view["cells"].as_array().unwrap().iter().map(cell).collect()
        };
        assert_eq!(cells(), [json!(["stage_25", "second_quarter", 0])]);
        let mut fresh = at_25(&world, agent, "李强", "2009-12-15", "2009-12-20");
        fresh.read(&world, agent);
        let both = [json!(["stage_25", "first_quarter", 1]), json!(["stage_25", "second_quarter", 0])];
        assert_eq!(cells(), both);
    });
}
