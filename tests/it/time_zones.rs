//! Today, read from another time zone: the days of a prospect are dates where its owner belongs (method section 5).

use prospector::{
    domain::organisation::actor::Role,
    store::organisation::teams::{self, NewTeam},
};
use serde_json::{Value, json};

use crate::harness::{Cast, Person, World, actors::person, both, given::Prospect};

/// An agent of a team in Los Angeles, below that of the supervisor in Shanghai.
fn far_away(world: &World, cast: &Cast) -> Person {
    let far = NewTeam {
        id: world.app.ids.id(),
        parent: Some(cast.north.clone()),
        name: "Far".to_owned(),
        time_zone: "America/Los_Angeles".to_owned(),
        at: world.clock.now(),
    };
    let far = world.app.db.write_blocking(move |conn| teams::create(conn, &far)).unwrap();
    person(world, "away", Role::Agent, &far)
}

/// Somebody met on the 14th, wherever that is.
fn met_on_the_14th(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = Prospect::named(world, by, name);
    let facts = json!({"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
        "next_appointment": {"starts_at": "2009-12-17T14:00:00Z", "agenda": "go through the plan"}});
    p.moves(world, by, json!({"to": "stage_25", "facts": facts}));
    p
}

#[test]
fn a_supervisor_elsewhere_reads_a_prospect_on_its_owners_day() {
    both(|world| {
        let cast = world.cast();
        let (head, away) = (&cast.head_a, &far_away(&world, &cast));
        // Noon of the 14th in Los Angeles.
        world.clock.set("2009-12-14T20:00:00Z".parse().unwrap());
        let mut there = met_on_the_14th(&world, away, "洛杉矶");
        let mut here = met_on_the_14th(&world, head, "上海");
        // Noon of the 15th in Shanghai is the evening of the 14th in Los Angeles.
        world.clock.set("2009-12-15T04:00:00Z".parse().unwrap());
        let elapsed = |view: &Value| view["clock"]["days_elapsed"].as_i64().unwrap();
        let (of_there, of_here) = (there.read(&world, away), here.read(&world, head));
        assert_eq!((elapsed(&of_there), elapsed(&of_here)), (0, 1));
        assert_eq!(there.read(&world, head), of_there, "the same to whoever reads it");

        let all = world.get("/v1/prospects?sort=created_at").by(head).status(200).json();
        assert_eq!(all["data"], json!([of_there, of_here]));
        let counted = world.get("/v1/prospects?sort=created_at&include=total").by(head).status(200).json();
        assert_eq!(counted["data"], all["data"]);
        let found = world.post("/v1/prospects/search", json!({"sort": "created_at"})).by(head).status(200);
        assert_eq!(found.json()["data"], all["data"]);

        // A day that the owner has not seen cannot be asked about, and nothing can be entered for it.
        let on = |day: &str| world.get(&there.path(&format!("?as_of={day}"))).by(head);
        assert_eq!(on("2009-12-14").status(200).json(), of_there);
        assert_eq!(on("2009-12-15").problem(400, "invalid_parameter").error_codes(), ["in_the_future"]);
        let exit = json!({"to": "exited", "reason": "no_need", "reason_text": "said so", "occurred_on": "2009-12-15"});
        let call = world.post(&there.path("/transitions"), exit).by(head).if_match(there.version);
        assert_eq!(call.problem(422, "validation_failed").error_codes(), ["in_the_future"]);
    });
}
