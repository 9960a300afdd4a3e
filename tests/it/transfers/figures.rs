//! For whom what counts: flows for the owner of their own date, positions for the owner at the end of the block.

use serde_json::{Value, json};

use super::{hand_over, two_cycles};
use crate::harness::{Person, World, both, given::Prospect};

/// The row of an agent in a block of the team sheet of the week of a day.
fn row(world: &World, head: &Person, agent: &Person, week_of: &str, block: usize) -> Value {
    let sheet = world.get(&format!("/v1/reports/team-sheet?week_of={week_of}")).by(head).status(200).json();
    let rows = sheet["blocks"][block]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["agent_id"] == json!(agent.id)).unwrap().clone()
}

fn counts(row: &Value) -> Vec<i64> {
    ["first_appointment", "stage_25", "stage_50", "stage_90", "closed"]
        .map(|column| row[column].as_i64().unwrap())
        .to_vec()
}

/// Signed on the 14th by the owner, who sold it within a day.
fn sold(world: &World, owner: &Person, name: &str, met: &str, signed: &str) -> Prospect {
    world.on(met);
    let mut p = Prospect::named(world, owner, name);
    p.fix_first(world, owner, met);
    p.meet(world, owner, met, signed);
    world.on(signed);
    p.reach_50(world, owner, signed);
    p.sign_and_pay(world, owner, signed);
    p
}

#[test]
fn a_deal_counts_for_the_owner_on_the_day_of_its_signature() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = sold(&world, old, "刘岩", "2009-12-04", "2009-12-14");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        p.issued(&world, new, "2009-12-15", "2009-12-15");
        world.on("2009-12-26");
        assert_eq!(p.stage(&world, new), "closed");
        // The closing, the measured cycle and the signature are the old owner's; the issue flowed to the new one.
        assert_eq!(counts(&row(&world, head, old, "2009-12-26", 0)), [0, 0, 0, 0, 1]);
        assert_eq!(counts(&row(&world, head, new, "2009-12-26", 0)), [0; 5]);
        let closed = |agent: &Person| {
            let of = |report: &str, part: &str| {
                let path = format!("/v1/reports/{report}?agent_id={}&from=2009-12-16", agent.id);
                world.get(&path).by(head).status(200).json()[part]["closed"].clone()
            };
            (of("funnel", "entered"), of("ratios", "measured"), of("funnel", "currently_at"))
        };
        assert_eq!(closed(old), (json!(1), json!(1), json!(0)), "the closing is who signed's");
        assert_eq!(closed(new), (json!(0), json!(0), json!(1)), "the client is who has it now's");
        let cycle = |agent: &Person| {
            let path = format!("/v1/agents/{}/cycle", agent.id);
            let view = world.get(&path).by(head).status(200).json();
            (view["cycle_days"].clone(), view["source"].clone())
        };
        assert_eq!(cycle(old), (json!(26), json!("measured")), "10 and nine times 28 over ten");
        assert_eq!(cycle(new), (json!(14), json!("declared")));
        // The days of the deal are the old owner's; whom it was sold to is told to those who may know.
        let deal = |reader: &Person| {
            let path = format!("/v1/agents/{}/cycle", old.id);
            world.get(&path).by(reader).status(200).json()["deals"][0].clone()
        };
        let (told_old, told_head) = (deal(old), deal(head));
        assert_eq!((&told_old["prospect_id"], &told_old["pursuit_id"]), (&json!(null), &json!(null)));
        assert_eq!((&told_old["days"], &told_head["days"]), (&json!(10), &json!(10)));
        assert_eq!(told_head["prospect_id"], json!(p.id));
        let money = |agent: &Person, block| {
            let row = row(&world, head, agent, "2009-12-14", block);
            row["advance_premium"]["amount"].as_str().unwrap().to_owned()
        };
        assert_eq!((money(old, 1), money(new, 1)), ("3000.00".to_owned(), "0.00".to_owned()));
    });
}

#[test]
fn what_the_new_owner_signs_is_the_new_owners_deal() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        world.on("2009-12-08");
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-08");
        p.meet(&world, old, "2009-12-08", "2009-12-15");
        world.on("2009-12-14");
        hand_over(&world, head, new, &mut p);
        p.reach_50(&world, new, "2009-12-15");
        p.sign_and_pay(&world, new, "2009-12-14");
        p.issued(&world, new, "2009-12-14", "2009-12-14");
        world.on("2009-12-25");
        assert_eq!(p.stage(&world, new), "closed");
        let path = format!("/v1/agents/{}/cycle", new.id);
        let view = world.get(&path).by(head).status(200).json();
        assert_eq!(
            (&view["cycle_days"], &view["source"]),
            (&json!(13), &json!("measured")),
            "6 and nine times 14 over ten"
        );
    });
}

#[test]
fn past_blocks_stay_with_the_old_owner_and_positions_go_to_the_new_one() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        // Monday's block is Friday the 11th to Sunday the 13th, Wednesday's the 14th and 15th.
        world.on("2009-12-12");
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        world.on("2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-18");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        world.post("/v1/activities", json!({"kind": "visit", "prospect_id": p.id})).by(new).status(201);
        let of = |agent: &Person, block| counts(&row(&world, head, agent, "2009-12-14", block));
        assert_eq!((of(old, 0), of(new, 0)), (vec![1, 0, 0, 0, 0], vec![0; 5]), "before the transfer");
        assert_eq!((of(old, 1), of(new, 1)), (vec![0; 5], vec![0, 1, 0, 0, 0]), "at the end of the block");
        // A sheet of one agent and the team's row are one.
        for (agent, block) in [(old, 0), (old, 1), (new, 0), (new, 1)] {
            let path = format!("/v1/reports/action-sheet?week_of=2009-12-14&agent_id={}", agent.id);
            let sheet = world.get(&path).by(head).status(200).json();
            assert_eq!(counts(&sheet["blocks"][block]["subtotals"]), of(agent, block), "block {block}");
        }
    });
}

#[test]
fn what_was_done_in_a_block_counts_on_the_sheet_of_whoever_owns_the_contact_at_its_end() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        world.on("2009-12-07");
        let all = ["visited", "left alone", "visited too late"];
        let mut all = all.map(|name| {
            let mut p = Prospect::named(&world, old, name);
            p.fix_first(&world, old, "2009-12-28");
            p
        });
        let visits = |by: &Person, p: &Prospect| {
            let visit = json!({"kind": "visit", "prospect_id": p.id});
            world.post("/v1/activities", visit).by(by).status(201);
        };
        world.on("2009-12-14");
        visits(old, &all[0]);
        // The supervisor's own work fills in no sheet of the agent's.
        visits(head, &all[1]);
        world.on("2009-12-15");
        for p in &mut all {
            hand_over(&world, head, new, p);
        }
        let of = |agent: &Person, block| counts(&row(&world, head, agent, "2009-12-14", block));
        assert_eq!((of(old, 1), of(new, 1)), (vec![0; 5], vec![1, 0, 0, 0, 0]));
        let sheet = |query: &str| {
            let path = format!("/v1/reports/action-sheet?week_of=2009-12-14&agent_id={}{query}", new.id);
            counts(&world.get(&path).by(head).status(200).json()["blocks"][1]["subtotals"])
        };
        assert_eq!((sheet(""), sheet("&mode=board")), (vec![1, 0, 0, 0, 0], vec![3, 0, 0, 0, 0]));
        // Handed back within the week: the block of the 14th and 15th stays as it was.
        world.on("2009-12-16");
        hand_over(&world, head, old, &mut all[0]);
        assert_eq!((of(old, 1), of(new, 1)), (vec![0; 5], vec![1, 0, 0, 0, 0]));
        visits(old, &all[0]);
        assert_eq!((of(old, 2), of(new, 2)), (vec![1, 0, 0, 0, 0], vec![0; 5]));
    });
}

#[test]
fn what_the_old_owner_did_on_the_day_of_the_transfer_is_not_lost() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        world.on("2009-12-07");
        let mut p = Prospect::named(&world, old, "visited in the morning");
        p.fix_first(&world, old, "2009-12-28");
        world.on("2009-12-14");
        let visit = json!({"kind": "visit", "prospect_id": p.id});
        world.post("/v1/activities", visit).by(old).status(201);
        hand_over(&world, head, new, &mut p);
        let of = |agent: &Person| counts(&row(&world, head, agent, "2009-12-14", 1));
        assert_eq!((of(old), of(new)), (vec![0; 5], vec![1, 0, 0, 0, 0]), "counted once, at the new owner");
    });
}

#[test]
fn appointments_to_come_are_the_new_owners_and_past_ones_stay_in_the_old_owners_figures() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-16");
        let mut silent = Prospect::named(&world, old, "何建国");
        silent.fix_first(&world, old, "2009-12-14");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        hand_over(&world, head, new, &mut silent);
        let feed = world.post("/v1/calendar-feeds", json!({})).by(new).status(201).json();
        let url = feed["url"].as_str().unwrap();
        let calendar = world.get(&url[url.find("/calendar-feeds/").unwrap()..]).status(200).text();
        assert!(calendar.contains("刘岩"), "{calendar}");
        world.on("2009-12-16");
        let today = world.get("/v1/today").by(new).status(200).json();
        assert_eq!(today["appointments"][0]["name"], "刘岩");
        assert_eq!(today["outcomes_to_enter"][0]["name"], "何建国", "somebody has to enter it");
        let nothing = world.get("/v1/today").by(old).status(200).json();
        assert_eq!((&nothing["appointments"], &nothing["outcomes_to_enter"]), (&json!([]), &json!([])));
        let held = |agent: &Person| {
            let path = format!("/v1/reports/ratios?agent_id={}&from=2009-12-14&to=2009-12-16", agent.id);
            world.get(&path).by(head).status(200).json()["measured"]["held_new"].clone()
        };
        assert_eq!((held(old), held(new)), (json!(1), json!(0)), "held by the old owner");
    });
}
