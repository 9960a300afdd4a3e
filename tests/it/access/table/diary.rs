//! The diary, calendar feeds, and the sign-offs of the check-in.

use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, board::appointed, row};
use crate::harness::World;

/// A feed of the owner's: its id, and the path of its calendar.
fn feed(world: &World, side: &Side) -> (String, String) {
    let made = world.post("/v1/calendar-feeds", json!({})).by(side.owner).status(201).json();
    let url = made["url"].as_str().unwrap();
    let path = url.find("/calendar-feeds/").map(|at| url[at..].to_owned()).unwrap();
    (made["feed"]["id"].as_str().unwrap().to_owned(), path)
}

/// The last block of the week before.
fn block(side: &Side) -> Value {
    json!({"agent_id": side.owner.id, "week_of": "2009-12-10", "check_in": "friday"})
}

fn signed_off(world: &World, side: &Side) -> String {
    world.post("/v1/sign-offs", block(side)).by(side.supervisor).status(201).string("id")
}

pub fn rows() -> Vec<Row> {
    vec![
        row("listAppointments", SignedIn, |_, _| Ask::get("/v1/appointments")),
        row("listAppointments", SignedIn, |w, s| {
            appointed(w, s);
            Ask::get(format!("/v1/appointments?agent_id={}", s.owner.id))
        }),
        row("createCalendarFeed", SignedIn, |_, _| Ask::post("/v1/calendar-feeds", json!({}))),
        row("listCalendarFeeds", SignedIn, |_, _| Ask::get("/v1/calendar-feeds")),
        row("getCalendarFeed", OnlyOwner, |w, s| Ask::get(format!("/v1/calendar-feeds/{}", feed(w, s).0))),
        row("deleteCalendarFeed", OnlyOwner, |w, s| {
            Ask::delete(format!("/v1/calendar-feeds/{}", feed(w, s).0)).seen(1)
        }),
        row("readCalendar", Public, |w, s| Ask::get(feed(w, s).1)),
        row("createSignOff", Above, |_, s| Ask::post("/v1/sign-offs", block(s))),
        row("listSignOffs", OwnerAndAbove, |w, s| {
            signed_off(w, s);
            Ask::get(format!("/v1/sign-offs?agent_id={}&week_of=2009-12-10", s.owner.id))
        }),
        row("getSignOff", OwnerAndAbove, |w, s| Ask::get(format!("/v1/sign-offs/{}", signed_off(w, s)))),
        row("createSignOffRevocation", Above, |w, s| {
            let path = format!("/v1/sign-offs/{}/revocations", signed_off(w, s));
            Ask::post(path, json!({"reason_text": "entered under the wrong name"}))
        }),
    ]
}
