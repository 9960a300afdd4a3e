//! Settings: the organisation's, a team's, and the figures an agent is to reach (method section 7).

use serde_json::{Value, json};

use crate::harness::{Person, World, both};

fn chosen(world: &World, by: &Person, of: &str) -> Value {
    world.get(&format!("/v1/settings?{of}")).by(by).status(200).json()
}

fn chooses(world: &World, by: &Person, of: &str, change: Value) -> Value {
    let path = format!("/v1/settings?{of}");
    let seen = world.get(&path).by(by).status(200).header("etag").unwrap().to_owned();
    world.patch(&path, change).by(by).header("If-Match", &seen).status(200).json()
}

fn benchmark(world: &World, agent: &Person, code: &str) -> Value {
    let report = world.get("/v1/reports/ratios").by(agent).status(200).json();
    let ratios = report["ratios"].as_array().unwrap();
    ratios.iter().find(|r| r["code"] == code).unwrap()["benchmark"]["value"].clone()
}

#[test]
fn a_supervisor_gives_one_agent_figures_of_the_own_from_a_day_on() {
    both(|world| {
        let cast = world.cast();
        let (agent, peer, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let of_team = format!("team_id={}", agent.team_id);
        let of_agent = format!("agent_id={}", agent.id);
        let mut sets = chosen(&world, head, &of_team)["benchmarks"].clone();
        sets["appointments_per_sale"] = json!(10);
        chooses(&world, head, &of_team, json!({"benchmarks": sets, "first_appointments_a_week": 6}));
        sets["appointments_per_sale"] = json!(5);
        let own = chooses(&world, head, &of_agent, json!({"benchmarks": sets, "valid_from": "2009-12-15"}));
        assert_eq!((&own["agent_id"], &own["team_id"]), (&json!(agent.id), &Value::Null));

        assert_eq!(
            benchmark(&world, agent, "closing_rate"),
            benchmark(&world, peer, "closing_rate"),
            "not before its day"
        );
        world.on("2009-12-15");
        assert_eq!(benchmark(&world, agent, "closing_rate"), json!(0.2));
        assert_eq!(benchmark(&world, peer, "closing_rate"), json!(0.1), "the team's");
        let mine = chosen(&world, agent, &of_agent);
        assert_eq!(mine["benchmarks"]["appointments_per_sale"], 5);
        assert_eq!(mine["first_appointments_a_week"], 6, "what is not chosen for the agent is the team's");
        let before = chosen(&world, agent, &format!("{of_agent}&as_of=2009-12-14"));
        assert_eq!(before["benchmarks"]["appointments_per_sale"], 10);
        assert_eq!(chosen(&world, head, &of_team)["benchmarks"]["appointments_per_sale"], 10);

        // A later choice of the team goes under the agent's own.
        sets["appointments_per_sale"] = json!(9);
        chooses(&world, head, &of_team, json!({"benchmarks": sets}));
        assert_eq!(chosen(&world, agent, &of_agent)["benchmarks"]["appointments_per_sale"], 5);
        assert_eq!(
            chosen(&world, peer, &format!("agent_id={}", peer.id))["benchmarks"]["appointments_per_sale"],
            9
        );
    });
}

#[test]
fn what_decides_about_moves_is_chosen_for_teams_only_and_by_supervisors_above() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let path = format!("/v1/settings?agent_id={}", agent.id);
        let answer = world
            .patch(&path, json!({"fallback": "off", "cycle_window": 20, "first_appointments_a_week": 4}))
            .by(head)
            .if_match(1)
            .problem(422, "validation_failed");
        let refused = answer.json();
        let mut pointers: Vec<&str> =
            refused["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        pointers.sort_unstable();
        assert_eq!(pointers, ["/cycle_window", "/fallback"]);
        assert_eq!(refused["errors"][0]["code"], "of_teams_only");

        let goal = json!({"first_appointments_a_week": 4});
        world.patch(&path, goal.clone()).by(agent).if_match(1).problem(403, "forbidden");
        world.patch(&path, goal.clone()).by(head).problem(428, "precondition_required");
        world.patch(&path, goal.clone()).by(head).if_match(2).problem(412, "stale");
        for stranger in [&cast.peer, &cast.supervisor_b] {
            world.get(&path).by(stranger).problem(404, "not_found");
        }
        world.patch(&path, goal.clone()).by(&cast.supervisor_b).if_match(1).problem(404, "not_found");
        let both_named = format!("{path}&team_id={}", agent.team_id);
        world.get(&both_named).by(head).problem(400, "invalid_parameter");
        assert_eq!(chosen(&world, agent, &format!("agent_id={}", agent.id))["first_appointments_a_week"], 5);
        world.patch(&path, goal).by(head).if_match(1).status(200);
        let level = world.get("/v1/reports/first-appointments").by(agent).status(200).json();
        assert_eq!(level["agents"][0]["target_a_week"], 4, "{level}");
    });
}
