//! Settings: the organisation's, a team's, and the figures an agent is to reach (method section 7).

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use crate::harness::{
    Person, World,
    actors::{person, team},
    both,
};

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

#[test]
fn only_the_one_team_above_all_others_chooses_for_the_organisation() {
    both(|world| {
        let top = team(&world, "Top", None);
        let below = team(&world, "Below", Some(&top));
        let head = person(&world, "head", Role::Supervisor, &top);
        let lower = person(&world, "lower", Role::Supervisor, &below);
        chooses(&world, &head, "", json!({"cycle_window": 20}));
        let other = json!({"cycle_window": 10});
        world.patch("/v1/settings", other.clone()).by(&lower).if_match(2).problem(403, "forbidden");
        assert_eq!(chosen(&world, &lower, &format!("team_id={}", below.id))["cycle_window"], 20);

        // Beside a second team without a parent neither may speak for both.
        let beside = team(&world, "Beside", None);
        let stranger = person(&world, "stranger", Role::Supervisor, &beside);
        for supervisor in [&stranger, &head] {
            let call = world.patch("/v1/settings", other.clone()).by(supervisor).if_match(2);
            let said = call.header("Accept-Language", "en").problem(403, "forbidden");
            assert!(said.string("detail").contains("`team_id`"), "{}", said.text());
        }
        assert_eq!(chosen(&world, &lower, &format!("team_id={}", below.id))["cycle_window"], 20);
        chooses(&world, &head, &format!("team_id={}", top.id), other);
        assert_eq!(chosen(&world, &stranger, &format!("team_id={}", beside.id))["cycle_window"], 20);
    });
}

#[test]
fn null_takes_a_choice_back_from_a_day_on_and_what_stands_above_is_in_force_again() {
    both(|world| {
        let cast = world.cast();
        let (head, lower) = (&cast.head_a, &cast.supervisor_a1);
        let (above, below) = (format!("team_id={}", head.team_id), format!("team_id={}", lower.team_id));
        let of_agent = format!("agent_id={}", cast.agent_a1.id);
        let mut sets = chosen(&world, head, &above)["benchmarks"].clone();
        sets["appointments_per_sale"] = json!(11);
        let all = |fallback: &str, figure: i32, confirm: bool| {
            json!({"fallback": fallback, "criteria_grace_days": figure, "confirm_stage_50": confirm,
                "sheet_week_start": "SAT", "cycle_window": 20, "default_cycle_days": 30 + figure, "cycle_min_days": figure, "cycle_max_days": 100 + figure,
                "cooling_off_days": figure, "first_appointments_a_week": figure, "beginner_tenure_days": figure,
                "issue_pending_days": figure, "benchmarks": sets})
        };
        chooses(
            &world,
            head,
            &above,
            json!({"criteria_grace_days": 3, "cycle_min_days": 150, "cycle_max_days": 200}),
        );
        let inherited = chosen(&world, lower, &below);
        // Twice, so that a choice before the last one would show through.
        chooses(&world, lower, &below, all("off", 5, true));
        chooses(&world, lower, &below, all("propose", 6, true));
        assert_eq!(chosen(&world, lower, &below)["criteria_grace_days"], 6);

        let names: Vec<String> = all("off", 1, true).as_object().unwrap().keys().cloned().collect();
        assert_eq!(names.len(), inherited.as_object().unwrap().len() - 3, "every setting takes null");
        let mut cleared: Value =
            names.iter().map(|name| (name.clone(), Value::Null)).collect::<serde_json::Map<_, _>>().into();
        cleared["valid_from"] = json!("2009-12-16");
        chooses(&world, lower, &below, cleared);
        let on = |day: &str| chosen(&world, lower, &format!("{below}&as_of={day}"));
        assert_eq!(on("2009-12-15")["fallback"], "propose", "not before its day");
        for name in &names {
            assert_eq!(on("2009-12-16")[name], inherited[name], "{name}");
        }

        // The same for one agent, and what decides about moves is not for agents even to clear.
        chooses(&world, lower, &of_agent, json!({"first_appointments_a_week": 9}));
        let own = || chosen(&world, lower, &of_agent)["first_appointments_a_week"].clone();
        assert_eq!(own(), 9);
        chooses(&world, lower, &of_agent, json!({"first_appointments_a_week": null}));
        assert_eq!(own(), 6, "the team's, until the day on which that is cleared");
        let path = format!("/v1/settings?{of_agent}");
        let refused = world.patch(&path, json!({"fallback": null})).by(lower).if_match(3);
        assert_eq!(refused.problem(422, "validation_failed").error_codes(), ["of_teams_only"]);

        // A choice is judged together with what it lets through.
        world.on("2009-12-16");
        chooses(&world, lower, &below, json!({"cycle_min_days": 10, "cycle_max_days": 20}));
        let path = format!("/v1/settings?{below}");
        let seen = world.get(&path).by(lower).status(200).header("etag").unwrap().to_owned();
        let half = world.patch(&path, json!({"cycle_min_days": null})).by(lower).header("If-Match", &seen);
        assert_eq!(half.problem(422, "validation_failed").error_codes(), ["above_maximum"]);
        assert_eq!(chosen(&world, lower, &below)["cycle_min_days"], 10, "nothing was kept of it");
        let dated = world.patch(&path, json!({"valid_from": null})).by(lower).header("If-Match", &seen);
        assert_eq!(dated.problem(422, "validation_failed").error_codes(), ["wrong_type"]);
    });
}
