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

/// The reasons of the only proposal: where each leads, why, and since when.
fn reasons(world: &World, by: &Person) -> Vec<[String; 3]> {
    let all = proposals(world, by);
    assert!(all.len() <= 1, "{all:?}");
    let Some(only) = all.first() else { return Vec::new() };
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let of = |row: &Value| [text(row, "to"), text(row, "reason"), text(row, "since")];
    let listed: Vec<[String; 3]> = only["reasons"].as_array().unwrap().iter().map(of).collect();
    assert_eq!(of(only), listed[0], "the first due stands at the top");
    listed
}

fn rows(expected: &[[&str; 3]]) -> Vec<[String; 3]> {
    expected.iter().map(|row| row.map(str::to_owned)).collect()
}

#[test]
fn a_later_reason_never_hides_an_earlier_one() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        chooses(&world, head, "propose");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-18");
        p.reach_50(&world, agent, "2009-12-18");
        world.on("2009-12-25");
        assert_eq!(reasons(&world, head), rows(&[]), "the last day of the grace");
        let stale = ["stage_25", "criterion_stale", "2009-12-26"];
        for day in ["2009-12-26", "2010-01-11"] {
            world.on(day);
            assert_eq!(reasons(&world, head), rows(&[stale]), "{day}");
        }
        let over = ["opportunity", "over_cycle", "2010-01-12"];
        for day in ["2010-01-12", "2010-02-01"] {
            world.on(day);
            assert_eq!(reasons(&world, head), rows(&[stale, over]), "{day}");
        }
        // Fresh dates answer the one, and the other is still there.
        let next = json!({"kind": "next", "starts_at": "2010-02-03T10:00:00+08:00", "agenda": "sign"});
        world.post(&p.path("/appointments"), next).by(agent).status(201);
        let pursuits = world.get(&p.path("/pursuits")).by(agent).status(200).json();
        let path = p.path(&format!("/pursuits/{}", pursuits["data"][0]["id"].as_str().unwrap()));
        p.read(&world, agent);
        world
            .patch(&path, json!({"target_signing_on": "2010-02-03"}))
            .by(agent)
            .if_match(p.version)
            .status(200);
        assert_eq!(reasons(&world, head), rows(&[over]));
    });
}

#[test]
fn what_mends_a_lapse_answers_it_at_once_and_the_next_lapse_is_a_new_one() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        chooses(&world, head, "propose");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        world.on("2009-12-21");
        // The block of Wednesday is looked at on Friday the 18th.
        assert_eq!(reasons(&world, head), rows(&[["opportunity", "lapsed", "2009-12-19"]]));
        let fixes = |day: &str| {
            let next =
                json!({"kind": "next", "starts_at": format!("{day}T10:00:00+08:00"), "agenda": "plan"});
            world.post(&p.path("/appointments"), next).by(agent).status(201);
        };
        fixes("2009-12-23");
        assert_eq!(reasons(&world, head), rows(&[]));
        let flags = world.get(&p.path("")).by(agent).status(200).json()["flags"].clone();
        assert!(!flags.as_array().unwrap().contains(&json!("fallback_proposed")), "{flags}");
        world.on("2009-12-28");
        assert_eq!(reasons(&world, head), rows(&[["opportunity", "lapsed", "2009-12-26"]]));
    });
}

#[test]
fn a_request_leaves_the_proposal_there_and_an_extension_answers_it() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        chooses(&world, head, "propose");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2010-01-11");
        world.on("2010-01-12");
        let over = ["opportunity", "over_cycle", "2010-01-12"];
        assert_eq!(reasons(&world, head), rows(&[over]));
        let body = json!({"prospect_id": p.id, "days": 14, "reason_text": "abroad"});
        let asked = world.post("/v1/extensions", body).by(agent).status(201).json();
        assert_eq!(reasons(&world, head), rows(&[over]), "nobody has answered yet");
        p.read(&world, agent);
        let path = format!("/v1/extensions/{}", asked["recorded_id"].as_str().unwrap());
        let granted = json!({"decision": "granted", "days": 14, "reason_text": "worth it"});
        world.patch(&path, granted).by(head).if_match(p.version).status(200);
        assert_eq!(reasons(&world, head), rows(&[]));
    });
}

#[test]
fn the_move_back_answers_every_reason() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        chooses(&world, head, "propose");
        let mut p = Prospect::named(&world, agent, "孙");
        p.fix_first(&world, agent, "2009-12-14");
        p.meet(&world, agent, "2009-12-14", "2009-12-16");
        world.on("2010-01-20");
        let lapsed = ["opportunity", "lapsed", "2009-12-19"];
        let over = ["opportunity", "over_cycle", "2010-01-12"];
        assert_eq!(reasons(&world, head), rows(&[lapsed, over]));
        p.read(&world, agent);
        p.moves(&world, agent, json!({"to": "opportunity"}));
        assert_eq!(reasons(&world, head), rows(&[]));
        assert_eq!(p.log(&world, agent).pop().unwrap()[3], "2010-01-20", "dated the decision");
    });
}
