//! The shape of the board and its trend, as entered and as verified (method section 9).

use std::collections::BTreeMap;

use serde_json::json;

use super::{at_25, at_50, at_90, counts, report};
use crate::harness::{Person, both};

#[test]
fn the_shape_is_read_as_entered_and_as_verified() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let empty = report(&world, agent, "shape");
        assert_eq!(
            (&empty["entered"]["shape"], &empty["entered"]["confidence"]),
            (&json!("empty"), &json!("low"))
        );
        for i in 0..4 {
            at_25(&world, agent, &format!("quarter {i}"));
        }
        at_50(&world, agent, "half");
        at_50(&world, agent, "another half");
        at_90(&world, agent, "nine");
        let shape = report(&world, agent, "shape");
        assert_eq!((counts(&shape["entered"]), &shape["entered"]["shape"]), ([4, 2, 1], &json!("ideal")));
        assert_eq!((counts(&shape["verified"]), &shape["n_claimed"]), ([4, 2, 1], &json!(1)));
        assert_eq!(shape["trend"].as_array().unwrap().len(), 8);
        assert_eq!(counts(&shape["trend"][7]["entered"]), [4, 2, 1]);

        // On Saturday Friday's dates have passed: nobody has a dated next step any more, by the rules; the stored
        // stages are still kept (25 until after Monday's check-in, 50 through the grace).
        world.on("2009-12-19");
        let shape = report(&world, agent, "shape");
        assert_eq!(counts(&shape["entered"]), [4, 2, 1]);
        assert_eq!((counts(&shape["verified"]), &shape["n_misplaced"]), ([0, 0, 1], &json!(6)));
        let actions = shape["next_actions"].as_array().unwrap();
        assert!(actions.iter().any(|a| a["code"] == "update_board" && a["name"] == "half"), "{actions:#?}");
        assert!(actions.iter().any(|a| a["code"] == "record_outcome"), "{actions:#?}");
        // The past day reads as it did then, from the histories.
        let then = report(&world, agent, "shape?as_of=2009-12-14");
        assert_eq!((counts(&then["entered"]), counts(&then["verified"])), ([4, 2, 1], [4, 2, 1]));
        let friday = report(&world, agent, "shape?as_of=2009-12-18");
        assert_eq!(counts(&friday["verified"]), [4, 2, 1], "the day itself still counts");
    });
}

#[test]
fn the_trend_shows_each_week_as_entered_and_as_the_rules_put_it_then() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        at_25(&world, agent, "quarter");
        at_50(&world, agent, "half");
        at_90(&world, agent, "nine");
        let board = |by: &Person, path: &str| {
            let shape = report(&world, by, path);
            [counts(&shape["entered"]), counts(&shape["verified"])]
        };
        // Every day as it was answered on that day.
        let mut lived = BTreeMap::new();
        for day in 14..=29 {
            let day = format!("2009-12-{day}");
            world.on(&day);
            lived.insert(day, board(agent, "shape"));
        }
        for (path, by) in [("shape".to_owned(), agent), (format!("shape?team_id={}", cast.north.id), head)] {
            let trend = report(&world, by, &path)["trend"].take();
            let weeks: Vec<_> = trend
                .as_array()
                .unwrap()
                .iter()
                .filter(|week| lived.contains_key(week["on"].as_str().unwrap()))
                .collect();
            assert_eq!(weeks.len(), 3, "{trend:#}");
            for week in weeks {
                let then = &lived[week["on"].as_str().unwrap()];
                assert_eq!(&[counts(&week["entered"]), counts(&week["verified"])], then, "{week}");
                assert_eq!(week["n_claimed"], 1);
            }
        }
        for (day, then) in &lived {
            assert_eq!(&board(agent, &format!("shape?as_of={day}")), then, "{day}");
        }
        assert_eq!(lived["2009-12-17"], [[1, 1, 1], [1, 1, 1]]);
        assert_eq!(lived["2009-12-19"], [[1, 1, 1], [0, 0, 1]], "the dates of Friday have passed; in grace");
        assert_eq!(lived["2009-12-29"], [[0, 0, 1], [0, 0, 1]]);
    });
}

#[test]
fn a_teams_shape_is_that_of_its_members_together() {
    both(|world| {
        let cast = world.cast();
        at_25(&world, &cast.agent_a, "one");
        at_50(&world, &cast.peer, "two");
        at_90(&world, &cast.agent_a1, "below");
        let of = |more: &str| report(&world, &cast.head_a, &format!("shape?team_id={}{more}", cast.north.id));
        let team = of("");
        assert_eq!(counts(&team["entered"]), [1, 1, 0]);
        let members: Vec<_> =
            team["members"].as_array().unwrap().iter().map(|m| counts(&m["entered"])).collect();
        assert!(members.contains(&[1, 0, 0]) && members.contains(&[0, 1, 0]), "{members:?}");
        assert_eq!(counts(&of("&include_subteams=true")["verified"]), [1, 1, 1]);
        let both_given = format!("shape?team_id={}&agent_id={}", cast.north.id, cast.agent_a.id);
        world.get(&format!("/v1/reports/{both_given}")).by(&cast.head_a).problem(400, "invalid_parameter");
    });
}
