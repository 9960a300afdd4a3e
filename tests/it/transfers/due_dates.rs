//! Due dates around a transfer: the new owner's cycle, and the days on which nothing falls due.

use serde_json::{Value, json};

use super::{declares, hand_over, hands, two_cycles};
use crate::harness::{World, both, given::Prospect};

fn falls(view: &Value) -> (Option<&str>, Option<&str>) {
    (view["clock"]["falls_back_on"].as_str(), view["clock"]["falls_back_to"].as_str())
}

#[test]
fn nothing_falls_due_within_seven_days_of_a_transfer() {
    // Met on the 14th; the next appointment, and with it the day of the lapse, moves through the hold. Under Friday's
    // sheets an appointment of Monday the 14th lapses after Wednesday's check-in, one of the 22nd after that of the 23rd.
    let table = [
        ("2009-12-14", "2009-12-17", "2009-12-23"),
        ("2009-12-18", "2009-12-22", "2009-12-23"),
        ("2009-12-21", "2009-12-24", "2009-12-24"),
    ];
    both(|world| {
        let cast = world.cast();
        for (next, alone, handed_on) in table {
            world.on("2009-12-14");
            let (old, new) = (&cast.agent_a, &cast.peer);
            let mut p = Prospect::named(&world, old, &format!("until {next}"));
            p.fix_first(&world, old, "2009-12-14");
            p.meet(&world, old, "2009-12-14", next);
            assert_eq!(falls(&p.read(&world, old)), (Some(alone), Some("opportunity")), "{next}");
            world.on("2009-12-15");
            let outcome = hand_over(&world, &cast.head_a, new, &mut p);
            let side = |side: &str| outcome["prospects"][0][side]["falls_back_on"].clone();
            assert_eq!((side("before"), side("after")), (json!(alone), json!(handed_on)), "{next}");
            assert_eq!(falls(&p.read(&world, new)), (Some(handed_on), Some("opportunity")), "{next}");
            let eve = if handed_on == "2009-12-23" { "2009-12-22" } else { "2009-12-23" };
            world.on(eve);
            assert_eq!(p.stage(&world, new), "stage_25", "{next}: on the eve it still stands");
            world.on(handed_on);
            assert_eq!(p.stage(&world, new), "opportunity", "{next}");
            let last = p.log(&world, new).pop().unwrap();
            assert_eq!((&*last[3], &*last[4]), (handed_on, "automatic"), "{next}");
        }
    });
}

#[test]
fn the_new_owners_cycle_governs_from_the_day_of_the_transfer() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2010-01-11");
        assert_eq!(falls(&p.read(&world, old)), (Some("2010-01-12"), Some("opportunity")), "28 days and one");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        assert_eq!(falls(&p.read(&world, new)), (Some("2009-12-29"), Some("opportunity")), "14 days and one");
        assert_eq!(p.read(&world, new)["clock"]["limit_days"], 14);
        // Somebody slower takes over on the last day: the longer cycle saves it.
        world.on("2009-12-28");
        let fallen = Prospect::named(&world, old, "何建国");
        assert_eq!(fallen.version, 1);
        hand_over(&world, head, old, &mut p);
        assert_eq!(falls(&p.read(&world, old)), (Some("2010-01-12"), Some("opportunity")));
    });
}

#[test]
fn who_is_over_the_new_owners_cycle_falls_back_on_the_eighth_day() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new) = (&cast.agent_a, &cast.peer);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2010-01-11");
        world.on("2010-01-04");
        hand_over(&world, &cast.head_a, new, &mut p);
        let view = p.read(&world, new);
        assert_eq!(falls(&view), (Some("2010-01-12"), Some("opportunity")));
        assert!(view["flags"].as_array().unwrap().contains(&json!("over_cycle")), "{view}");
        world.on("2010-01-11");
        assert_eq!(p.stage(&world, new), "stage_25");
        world.on("2010-01-12");
        assert_eq!(p.stage(&world, new), "opportunity");
    });
}

#[test]
fn a_shorter_cycle_takes_nobody_out_of_50_before_the_eighth_day() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new) = (&cast.agent_a, &cast.peer);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2010-01-08");
        p.reach_50(&world, old, "2010-01-08");
        world.on("2009-12-16");
        hand_over(&world, &cast.head_a, new, &mut p);
        let view = p.read(&world, new);
        assert_eq!(view["criteria"]["timing"], "unmet", "the target is beyond the new owner's cycle");
        assert_eq!(falls(&view), (Some("2009-12-24"), Some("stage_25")));
        world.on("2009-12-23");
        assert_eq!(p.stage(&world, new), "stage_50");
        world.on("2009-12-24");
        assert_eq!(p.stage(&world, new), "stage_25");
    });
}

#[test]
fn a_fallback_of_the_day_of_the_transfer_or_later_is_taken_back_one_from_before_stands() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-14");
        world.on("2009-12-18");
        assert_eq!(p.stage(&world, old), "opportunity", "it lapsed on the 17th");
        let entered_late = |on: &str| {
            let mut body = super::request(new, &[&p]);
            body["transferred_on"] = json!(on);
            world.post("/v1/transfers?dry_run=true", body).by(head).status(200).json()["prospects"][0].clone()
        };
        let after = entered_late("2009-12-18");
        assert_eq!(
            (&after["before"]["stage"], &after["after"]["stage"]),
            (&json!("opportunity"), &json!("opportunity"))
        );
        let on_the_day = entered_late("2009-12-17");
        assert_eq!(on_the_day["after"]["stage"], "stage_25");
        assert_eq!(on_the_day["after"]["falls_back_on"], "2009-12-25");
        let before = entered_late("2009-12-15");
        assert_eq!(
            (&before["after"]["stage"], &before["after"]["falls_back_on"]),
            (&json!("stage_25"), &json!("2009-12-23"))
        );

        let mut body = super::request(new, &[&p]);
        body["transferred_on"] = json!("2009-12-17");
        world.post("/v1/transfers", body).by(head).status(201);
        let kinds: Vec<String> = p.log(&world, new).into_iter().map(|row| row[0].clone()).collect();
        assert_eq!(kinds.last().map(String::as_str), Some("superseded"));
        assert_eq!(p.stage(&world, new), "stage_25");
    });
}

#[test]
fn where_people_decide_nothing_is_proposed_within_seven_days_of_a_transfer() {
    both(|world| {
        let cast = world.cast();
        let (new, head) = (&cast.peer, &cast.head_a);
        let path = format!("/v1/settings?team_id={}", cast.north.id);
        world.patch(&path, json!({"fallback": "propose"})).by(head).header("If-Match", "*").status(200);
        let mut p = Prospect::named(&world, &cast.agent_a, "刘岩");
        p.fix_first(&world, &cast.agent_a, "2009-12-14");
        p.meet(&world, &cast.agent_a, "2009-12-14", "2009-12-14");
        world.on("2009-12-16");
        hand_over(&world, head, new, &mut p);
        let proposed = |world: &World| {
            let page = world.get("/v1/fallback-proposals").by(new).status(200).json();
            page["data"].as_array().unwrap().len()
        };
        world.on("2009-12-23");
        assert_eq!(proposed(&world), 0);
        world.on("2009-12-24");
        assert_eq!(proposed(&world), 1);
    });
}

#[test]
fn a_sale_closes_on_its_day_whoever_owns_it() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-18");
        p.reach_50(&world, old, "2009-12-18");
        p.sign_and_pay(&world, old, "2009-12-14");
        p.issued(&world, old, "2009-12-14", "2009-12-14");
        world.on("2009-12-23");
        hand_over(&world, head, new, &mut p);
        assert_eq!(p.read(&world, new)["clock"]["closes_on"], "2009-12-25");
        world.on("2009-12-25");
        assert_eq!(p.stage(&world, new), "closed");
    });
}

#[test]
fn settings_of_the_old_and_the_new_owners_teams_each_govern_their_own_days() {
    both(|world| {
        let cast = world.cast();
        let (old, new, head) = (&cast.agent_a, &cast.agent_a1, &cast.head_a);
        declares(&world, new, 20);
        let path = format!("/v1/settings?team_id={}", cast.branch.id);
        let body = json!({"cooling_off_days": 20, "criteria_grace_days": 1});
        world.patch(&path, body).by(head).header("If-Match", "*").status(200);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-16");
        p.reach_50(&world, old, "2009-12-16");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        // Both dates pass on the 16th: stale from the 17th, beyond a grace of one day on the 18th, held until the 22nd.
        assert_eq!(falls(&p.read(&world, new)), (Some("2009-12-23"), Some("stage_25")));
        // A signature of the old owner's days has the cooling-off of the old owner's team.
        let mut sold = Prospect::named(&world, old, "何建国");
        sold.fix_first(&world, old, "2009-12-15");
        sold.meet(&world, old, "2009-12-15", "2009-12-18");
        sold.reach_50(&world, old, "2009-12-18");
        sold.sign_and_pay(&world, old, "2009-12-15");
        world.on("2009-12-16");
        hand_over(&world, head, new, &mut sold);
        sold.issued(&world, new, "2009-12-16", "2009-12-16");
        assert_eq!(sold.read(&world, new)["clock"]["closes_on"], "2009-12-27", "10 days, not 20");
    });
}

#[test]
fn a_pending_request_for_an_extension_goes_along() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-14");
        p.meet(&world, old, "2009-12-14", "2009-12-30");
        let asked = json!({"prospect_id": p.id, "days": 10, "reason_text": "abroad"});
        world.post("/v1/extensions", asked).by(old).status(201);
        p.read(&world, old);
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        let page = world.get("/v1/extensions").by(new).status(200).json();
        let request = page["data"][0]["id"].as_str().unwrap().to_owned();
        let none = world.get("/v1/extensions").by(old).status(200).json();
        assert_eq!(none["data"], json!([]));
        let path = format!("/v1/extensions/{request}");
        let granted = json!({"decision": "granted", "days": 10, "reason_text": "worth it"});
        let call = world.patch(&path, granted).by(head).if_match(p.version);
        assert_eq!(call.status(422).error_codes(), ["too_many_days"], "half of the new owner's cycle");
        let granted = json!({"decision": "granted", "days": 7, "reason_text": "worth it"});
        world.patch(&path, granted).by(head).if_match(p.version).status(200);
        assert_eq!(p.read(&world, new)["clock"]["limit_days"], 21);
        hands(&world, head, old, &[&p]).status(201);
    });
}
