//! A4: what is written about one person reaches nobody outside the scope, in whatever answer.

use std::collections::{BTreeMap, BTreeSet};

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use super::{
    document::operations,
    planting::{Canaries, forgotten, storing},
    table::{Ask, Side},
};
use crate::harness::{
    Cast, Person, World,
    actors::{person, team},
    both,
    given::Prospect,
};

/// What was written, and where it can be read.
struct Written {
    canaries: Canaries,
    /// The requests that wrote it.
    asks: Vec<Ask>,
    /// Paths below which it stands, without parameters to fill.
    paths: BTreeSet<String>,
    /// Everything that those received who may read it.
    readable: String,
}

/// Runs every row that stores a text, with canaries, each for an agent of its own in the north.
fn write_everything(world: &World, cast: &Cast) -> Written {
    let mut written = Written {
        canaries: Canaries::default(),
        asks: Vec::new(),
        paths: BTreeSet::new(),
        readable: String::new(),
    };
    for (number, row) in storing().iter().enumerate() {
        let owner = person(world, &format!("owner-{number}"), Role::Agent, &cast.north);
        let beside = team(world, "Beside", Some(&cast.north));
        let side = Side { owner: &owner, supervisor: &cast.head_a, team: &beside };
        let ask = written.canaries.plant(row.operation, (row.ask)(world, &side));
        let by = side.whoever_may(world, row.access);
        let answer = ask.call(world).by(by).send();
        assert!((200..300).contains(&answer.status), "{}: {}", row.operation, answer.text());
        let answer = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let mut ids =
            BTreeMap::from([("agent_id", owner.id.to_string()), ("team_id", beside.id.to_string())]);
        ids.extend(prospects_of(&ask, &answer).pop_first().map(|id| ("prospect_id", id)));
        // A new password ends the logins of whoever it is of: the supervisor reads it all.
        let of_the_whole = by.id == world.above().head.id;
        let (paths, received) = read_everything(world, if of_the_whole { by } else { &cast.head_a }, &ids);
        written.paths.extend(paths);
        written.readable.push_str(&received);
        written.asks.push(ask);
    }
    written
}

/// The prospects that a request was about.
pub fn prospects_of(ask: &Ask, answer: &Value) -> BTreeSet<String> {
    let of_path = ask.path.strip_prefix("/v1/prospects/").and_then(|rest| rest.split(['/', '?']).next());
    let body = ask.body.as_ref().unwrap_or(&Value::Null);
    let listed = ["prospects", "items", "events"]
        .into_iter()
        .flat_map(|list| body[list].as_array().into_iter().flatten());
    let told = listed.chain([body, answer]).filter_map(|part| part["prospect_id"].as_str());
    let made = if ask.path == "/v1/prospects" { answer["id"].as_str() } else { None };
    of_path.into_iter().chain(told).chain(made).map(str::to_owned).collect()
}

/// Follows every GET of the document whose ids are known or were received on the way; answers the paths and all that
/// was received.
fn read_everything(world: &World, by: &Person, ids: &BTreeMap<&str, String>) -> (BTreeSet<String>, String) {
    let gets: Vec<_> = operations().into_iter().filter(|operation| operation.method == "GET").collect();
    let filled = |template: &str| -> Option<String> {
        let segments = template.split('/').map(|part| match part.strip_prefix('{') {
            Some(name) => ids.get(name.trim_end_matches('}')).cloned(),
            None => Some(part.to_owned()),
        });
        segments.collect::<Option<Vec<_>>>().map(|segments| segments.join("/"))
    };
    let mut todo: Vec<(&str, String)> =
        gets.iter().filter_map(|get| Some((get.path, filled(get.path)?))).collect();
    let (mut paths, mut received) = (BTreeSet::new(), String::new());
    while let Some((template, path)) = todo.pop() {
        let paged = gets
            .iter()
            .any(|get| get.path == template && get.parameters().iter().any(|(name, _)| *name == "limit"));
        let path = if paged { format!("{path}?limit=100") } else { path };
        if !paths.insert(path.clone()) {
            continue;
        }
        let answer = world.get(&path).by(by).send();
        received.push_str(&whole(&answer));
        let page = serde_json::from_slice::<Value>(&answer.body).unwrap_or(Value::Null);
        for row in page["data"].as_array().into_iter().flatten() {
            let below = |get: &&super::document::Operation| {
                get.path
                    .strip_prefix(template)
                    .is_some_and(|rest| rest.starts_with("/{") && !rest[1..].contains('/'))
            };
            if let (Some(get), Some(id)) = (gets.iter().find(below), row["id"].as_str()) {
                todo.push((get.path, format!("{}/{id}", path.split('?').next().unwrap())));
            }
        }
    }
    (paths, received)
}

/// Headers and body as text.
fn whole(answer: &crate::harness::app::Answer) -> String {
    format!("{:?}\n{}\n", answer.headers, answer.text())
}

#[test]
fn what_is_written_about_a_prospect_reaches_nobody_outside_the_scope() {
    both(|world| {
        let cast = world.cast_below("");
        let written = write_everything(&world, &cast);
        let canaries = &written.canaries;
        let forgotten = forgotten(canaries);
        assert!(forgotten.is_empty(), "give these in a row of tests/it/access/table: {forgotten:?}");
        let unread: Vec<_> = canaries
            .0
            .iter()
            .filter(|canary| !canary.unread && !written.readable.contains(&canary.text))
            .map(|canary| (canary.operation, &canary.place))
            .collect();
        assert!(unread.is_empty(), "whoever may read these did not receive them: {unread:?}");
        let mut received = 0;
        for by in [&cast.peer, &cast.agent_b, &cast.supervisor_b, &cast.supervisor_a1] {
            Prospect::named(&world, by, "Own");
            let own = BTreeMap::from([("agent_id", by.id.to_string()), ("team_id", by.team_id.to_string())]);
            let mut paths = written.paths.clone();
            paths.extend(read_everything(&world, by, &own).0);
            for canary in &canaries.0 {
                paths.insert(format!("/v1/prospects?include=total&q={}", canary.text));
                paths.insert(format!("/v1/prospects?include=total&tag={}", canary.text));
            }
            let reads = paths.into_iter().map(Ask::get);
            let writes = written.asks.iter().map(|ask| Ask { body: Some(json!({})), ..ask.clone() });
            for ask in reads.chain(writes) {
                let answer = whole(&ask.call(&world).by(by).send());
                let found = canaries.found_in(&answer).map(|canary| (canary.operation, &canary.place));
                assert_eq!(found, None, "{} received {answer} from {ask:?}", by.username);
                received += 1;
            }
        }
        let figures = world.figures();
        assert!(canaries.found_in(&figures).is_none(), "{figures}");
        println!("A4 on {:?}: {} canaries, {received} answers", world.engine, canaries.0.len());
    });
}

#[test]
fn a_number_of_anothers_book_gives_no_hint() {
    both(|world| {
        let cast = world.cast();
        let body = |phone: &str| json!({"name": "A", "phones": [phone]});
        world.post("/v1/prospects", body("13911220001")).by(&cast.agent_a).status(201);
        for by in [&cast.peer, &cast.agent_b, &cast.supervisor_b, &cast.supervisor_a1, &cast.head_a] {
            let tried = |first: &str, then: &str| {
                let made = world.post("/v1/prospects", body(first)).by(by).status(201);
                let path = format!("/v1/prospects/{}", made.string("id"));
                let patch = json!({"phones": [then]});
                let changed = world.patch(&path, patch).by(by).if_match(1).status(200);
                let mut told = Vec::new();
                for answer in [made, changed] {
                    let names: Vec<String> = answer.headers.keys().map(|name| name.to_string()).collect();
                    let mut body = answer.json();
                    for own in ["id", "phones"] {
                        body[own].take();
                    }
                    told.push((names, body));
                }
                told
            };
            // One number nobody has, one that another book has: first in a new prospect, then in a change.
            let at_first = tried("13911220001", "13911229998");
            let afterwards = tried("13911229999", "13911220001");
            for told in [&at_first, &afterwards] {
                for (_, body) in told {
                    assert_eq!(body["warnings"], json!([]), "{}", by.username);
                }
            }
            assert_eq!(at_first[0], afterwards[0], "{}", by.username);
            assert_eq!(at_first[1].0, afterwards[1].0, "{}", by.username);
        }
    });
}
