//! The team's mean is shown beside an agent's cycle as a value that one may declare; it governs nobody (method section 5).

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

/// Met on one day, signed and paid on another, issued and received on that day: closed eleven days later.
fn sells(world: &World, owner: &Person, met: &str, signed: &str) -> Prospect {
    world.on(met);
    let mut p = Prospect::named(world, owner, "成交");
    p.fix_first(world, owner, met);
    p.meet(world, owner, met, signed);
    world.on(signed);
    p.reach_50(world, owner, signed);
    p.sign_and_pay(world, owner, signed);
    p.issued(world, owner, signed, signed);
    p
}

fn cycle(world: &World, agent: &Person) -> Value {
    world.get(&format!("/v1/agents/{}/cycle", agent.id)).by(agent).status(200).json()
}

fn shown(view: &Value) -> (&Value, &Value) {
    (&view["team_mean_days"], &view["team_mean_n"])
}

#[test]
fn a_mates_sales_are_shown_as_the_teams_mean_and_move_nobody() {
    both(|world| {
        let cast = world.cast();
        let (agent, peer) = (&cast.agent_a, &cast.peer);
        world.on("2009-12-01");
        let mut waits = Prospect::named(&world, agent, "王芳");
        waits.fix_first(&world, agent, "2009-12-01");
        waits.meet(&world, agent, "2009-12-01", "2009-12-18");
        assert_eq!(shown(&cycle(&world, agent)), (&Value::Null, &json!(0)));
        let before = waits.read(&world, agent)["clock"].clone();
        sells(&world, peer, "2009-12-01", "2009-12-04");
        world.on("2009-12-15");
        let view = cycle(&world, agent);
        assert_eq!((&view["cycle_days"], &view["source"]), (&json!(28), &json!("default")));
        assert_eq!(shown(&view), (&json!(3.0), &json!(1)));
        let clock = waits.read(&world, agent)["clock"].clone();
        let of = |clock: &Value| (clock["cycle_days"].clone(), clock["falls_back_on"].clone());
        assert_eq!(of(&clock), of(&before));
    });
}

#[test]
fn one_sale_in_two_days_sends_nobody_back_who_was_met_a_week_ago() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        world.on("2009-12-01");
        let mut waits = Prospect::named(&world, agent, "王芳");
        waits.fix_first(&world, agent, "2009-12-01");
        waits.meet(&world, agent, "2009-12-01", "2009-12-22");
        sells(&world, agent, "2009-12-01", "2009-12-03");
        world.on("2009-12-14");
        let view = cycle(&world, agent);
        assert_eq!((&view["cycle_days"], &view["source"]), (&json!(25), &json!("measured")));
        assert_eq!(
            (&view["mean_days"], &view["n"], &view["confidence"]),
            (&json!(2.0), &json!(1), &json!("low"))
        );
        assert_eq!(shown(&view), (&json!(2.0), &json!(1)), "the team's mean is everybody's, the agent's too");
        let read = waits.read(&world, agent);
        assert_eq!((&read["stage"], &read["clock"]["cycle_days"]), (&json!("stage_25"), &json!(25)));
    });
}

#[test]
fn the_default_is_chosen_for_the_organisation_a_team_or_one_agent() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let chooses = |whose: String, days: i32| {
            let body = json!({"default_cycle_days": days});
            world
                .patch(&format!("/v1/settings?{whose}"), body)
                .by(&cast.head_a)
                .header("If-Match", "*")
                .status(200);
        };
        let days = || cycle(&world, agent)["cycle_days"].clone();
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2010-01-03");
        let mut limit = || p.read(&world, agent)["clock"]["limit_days"].clone();
        assert_eq!((days(), limit()), (json!(28), json!(28)));
        chooses(format!("team_id={}", cast.north.id), 40);
        assert_eq!((days(), limit()), (json!(40), json!(40)));
        chooses(format!("agent_id={}", agent.id), 35);
        assert_eq!((days(), limit()), (json!(35), json!(35)));
        let word = json!({"declared_days": 30});
        world
            .put(&format!("/v1/agents/{}/cycle", agent.id), word)
            .by(agent)
            .header("If-Match", "*")
            .status(200);
        assert_eq!((days(), limit()), (json!(30), json!(30)));
    });
}
