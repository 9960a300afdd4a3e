//! Fallbacks that are put to people: only where the setting is `propose` (method section 5).

use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

fn chooses(world: &World, by: &Person, mode: &str) {
    let path = format!("/v1/settings?team_id={}", by.team_id);
    let seen = world.get(&path).by(by).status(200).header("etag").unwrap().to_owned();
    world.patch(&path, json!({"fallback": mode})).by(by).header("If-Match", &seen).status(200);
}

fn proposals(world: &World, by: &Person) -> Vec<Value> {
    world.get("/v1/fallback-proposals").by(by).status(200).json()["data"].as_array().unwrap().clone()
}

#[test]
fn under_off_nothing_moves_and_nothing_is_proposed_until_propose_asks_and_auto_acts() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        chooses(&world, head, "off");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        world.on("2010-01-20");
        let is_proposed =
            |view: &Value| view["flags"].as_array().unwrap().contains(&json!("fallback_proposed"));
        let kept = p.read(&world, agent);
        assert_eq!(kept["stage"], "stage_25");
        assert!(kept["flags"].as_array().unwrap().contains(&json!("over_cycle")), "{kept}");
        assert!(!is_proposed(&kept), "{kept}");
        assert_eq!(proposals(&world, head), Vec::<Value>::new());

        chooses(&world, head, "propose");
        let asked = p.read(&world, agent);
        assert_eq!((asked["stage"].as_str(), is_proposed(&asked)), (Some("stage_25"), true));
        let list = proposals(&world, head);
        assert_eq!(
            (list.len(), &list[0]["prospect_id"], &list[0]["to"]),
            (1, &json!(p.id), &json!("opportunity"))
        );

        chooses(&world, head, "off");
        assert!(!is_proposed(&p.read(&world, agent)));
        assert_eq!(proposals(&world, head), Vec::<Value>::new());
        // Whoever wants it may still move by hand.
        p.moves(&world, agent, json!({"to": "opportunity", "reason": "over_cycle"}));

        let mut other = Prospect::named(&world, agent, "周");
        other.fix_first(&world, agent, "2010-01-20");
        other.meet(&world, agent, "2010-01-20", "2010-01-22");
        world.on("2010-03-20");
        assert_eq!(other.stage(&world, agent), "stage_25");
        chooses(&world, head, "auto");
        assert_eq!(other.stage(&world, agent), "opportunity");
        assert_eq!(proposals(&world, head), Vec::<Value>::new());
    });
}
