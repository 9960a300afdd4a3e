//! The diary, calendar feeds, and the sign-offs of the check-in.

use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, board::appointed, row};
use crate::harness::World;

/// A feed of the owner's: its id, and the path of its calendar.
fn feed(world: &World, side: &Side) -> (String, String) {
    // Ten may stand at a time, and this is asked for often.
    let standing = world.get("/v1/calendar-feeds").by(side.owner).status(200).json();
    if let Some(oldest) =
        standing["data"].as_array().unwrap().first().filter(|_| standing["data"][9].is_object())
    {
        let path = format!("/v1/calendar-feeds/{}", oldest["id"].as_str().unwrap());
        world.call("DELETE", &path).by(side.owner).if_match(1).status(204);
    }
    let made = world.post("/v1/calendar-feeds", json!({})).by(side.owner).status(201).json();
    let url = made["url"].as_str().unwrap();
    let path = url.find("/calendar-feeds/").map(|at| url[at..].to_owned()).unwrap();
    (made["feed"]["id"].as_str().unwrap().to_owned(), path)
}

/// The last block of the week before.
fn block(side: &Side) -> Value {
    json!({"agent_id": side.owner.id, "week_of": "2009-12-10", "check_in": "friday"})
}

/// The sign-off of that block that stands.
fn signed_off(world: &World, side: &Side) -> String {
    let answer = world.post("/v1/sign-offs", block(side)).by(side.supervisor).send();
    if answer.status == 201 {
        return answer.string("id");
    }
    let list = format!("/v1/sign-offs?agent_id={}&week_of=2009-12-10", side.owner.id);
    let page = world.get(&list).by(side.supervisor).status(200).json();
    let standing = page["data"].as_array().unwrap().iter().find(|one| one["revoked_by"].is_null());
    standing.unwrap()["id"].as_str().unwrap().to_owned()
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
