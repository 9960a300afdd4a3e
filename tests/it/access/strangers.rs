//! A2: what one may not see reads like what does not exist: the same bytes, whatever the body, the preconditions, the
//! method, and wherever in the request it is named.

use std::collections::BTreeSet;

use prospector::domain::values::id::Id;
use serde_json::{Value, json};

use super::{
    document::{self, leaves, places},
    table::{Access, Ask, Row, Side, rows},
};
use crate::harness::{Cast, Person, World, app::Answer, app::Call, both};

/// An answer without what differs from call to call, as it came: status, headers, bytes.
fn bare(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        // Whether a connection is kept depends on when the end of a body came that nobody reads.
        .filter(|(name, _)| !["x-request-id", "date", "connection"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut body = answer.text();
    if let Ok(answered) = serde_json::from_str::<Value>(&body) {
        // The document itself, or the one of a batch's item.
        let of_items = answered["data"].as_array().into_iter().flatten().map(|item| &item["problem"]);
        for problem in [&answered].into_iter().chain(of_items) {
            for own in ["request_id", "instance"] {
                if let Some(value) = problem[own].as_str() {
                    body = body.replace(&format!("\"{own}\":\"{value}\""), &format!("\"{own}\":\"\""));
                }
            }
        }
    }
    (answer.status, headers, body)
}

/// Where a request names something by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The nth segment of the path.
    Path(usize),
    /// The query parameter.
    Query(String),
    /// The pointer into the body.
    Body(String),
}

/// The ids that a request names. An id of the sender's own making (`id`) is the one exception the API documents: taken
/// is taken.
fn named(ask: &Ask) -> Vec<(Place, String)> {
    let is_id = |text: &str| text.len() == 36 && text.parse::<Id>().is_ok();
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    let segments = path.split('/').enumerate().map(|(n, part)| (Place::Path(n), part.to_owned()));
    let parameters = query.split('&').filter_map(|part| part.split_once('='));
    let parameters = parameters.map(|(name, value)| (Place::Query(name.to_owned()), value.to_owned()));
    let empty = json!({});
    let body = ask.body.as_ref().unwrap_or(&empty);
    let fields = places(body).into_iter().filter(|(_, pointer)| !pointer.ends_with("/id"));
    let fields = fields.filter_map(|(_, pointer)| {
        let value = body.pointer(&pointer)?.as_str()?.to_owned();
        Some((Place::Body(pointer), value))
    });
    segments.chain(parameters).chain(fields).filter(|(_, value)| is_id(value)).collect()
}

/// The request with another id at a place.
fn with(ask: &Ask, place: &Place, id: &str) -> Ask {
    let mut ask = ask.clone();
    let (path, query) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    match place {
        Place::Path(nth) => {
            let parts = path.split('/').enumerate().map(|(n, part)| if n == *nth { id } else { part });
            let path = parts.collect::<Vec<_>>().join("/");
            ask.path = if query.is_empty() { path } else { format!("{path}?{query}") };
        }
        Place::Query(name) => {
            let parts = query.split('&').map(|part| match part.split_once('=') {
                Some((known, _)) if known == name => format!("{name}={id}"),
                _ => part.to_owned(),
            });
            ask.path = format!("{path}?{}", parts.collect::<Vec<_>>().join("&"));
        }
        Place::Body(pointer) => *ask.body.as_mut().unwrap().pointer_mut(pointer).unwrap() = json!(id),
    }
    ask
}

/// What stands in the body: the right one, and four that are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    Right,
    Empty,
    WithUnknownField,
    Garbage,
    OfAnotherType,
}

/// What the sender claims to have seen.
#[derive(Clone, Copy, Debug)]
enum Seen {
    AsAsked,
    Nothing,
    Another,
    Anything,
    Garbage,
}

/// The ways of asking that make sense for a request: every body with and without a precondition, and the right body
/// with every precondition.
fn ways(ask: &Ask, takes_if_match: bool) -> Vec<(Body, Seen)> {
    let bodies = [Body::Empty, Body::WithUnknownField, Body::Garbage, Body::OfAnotherType];
    let mut ways = vec![(Body::Right, Seen::AsAsked)];
    if ask.body.is_some() {
        ways.extend(bodies.map(|body| (body, Seen::AsAsked)));
    }
    if takes_if_match && ask.body.is_some() {
        ways.extend(bodies.map(|body| (body, Seen::Nothing)));
    }
    if takes_if_match || ask.method == "GET" {
        ways.extend([Seen::Nothing, Seen::Another, Seen::Anything, Seen::Garbage].map(|s| (Body::Right, s)));
    }
    ways
}

fn call<'w>(world: &'w World, ask: &Ask, body: Body, seen: Seen) -> Call<'w> {
    let mut ask = ask.clone();
    let version = ask.version.unwrap_or(1);
    match body {
        Body::Empty => ask.body = Some(json!({})),
        Body::WithUnknownField => ask.body.as_mut().unwrap()["surprise"] = json!(1),
        Body::Right | Body::Garbage | Body::OfAnotherType => {}
    }
    let header = if ask.method == "GET" { "If-None-Match" } else { "If-Match" };
    let (version, tag) = match seen {
        Seen::AsAsked => (ask.version, None),
        Seen::Nothing => (None, None),
        Seen::Another => (None, Some(format!("\"{}\"", version + 7))),
        Seen::Anything => (None, Some("*".to_owned())),
        Seen::Garbage => (None, Some("x".to_owned())),
    };
    ask.version = version;
    let mut call = ask.call(world);
    if let Some(tag) = tag {
        call = call.header(header, &tag);
    }
    match body {
        Body::Garbage => call.bytes(*b"[{\"a\":"),
        Body::OfAnotherType => call.header("Content-Type", "text/plain"),
        Body::Right | Body::Empty | Body::WithUnknownField => call,
    }
}

/// Somebody out of whose sight the north's agent is, with what is their own.
fn strangers(cast: &Cast) -> [(&Person, Side<'_>); 4] {
    let south = Side { owner: &cast.agent_b, supervisor: &cast.supervisor_b, team: &cast.south };
    let branch = Side { owner: &cast.agent_a1, supervisor: &cast.supervisor_a1, team: &cast.branch };
    let peer = Side { owner: &cast.peer, supervisor: &cast.head_a, team: &cast.north };
    [(&cast.peer, peer), (&cast.supervisor_b, south), (&cast.agent_b, south), (&cast.supervisor_a1, branch)]
}

/// How many of the strangers try everything: one with an agent's scope, one with a supervisor's.
const THOROUGH: usize = 2;

/// Pairs of requests that must be answered alike: one names what is hidden, one what is missing.
fn pairs(world: &World, cast: &Cast, row: &Row, theirs: &Ask, own: &Side) -> Vec<(Ask, Ask)> {
    let hidden = named(theirs);
    let missing = || world.app.ids.id().to_string();
    if hidden.is_empty() {
        return Vec::new();
    }
    // Everything another's, against one thing missing, or nothing there at all.
    let one_missing = |(place, _): &(Place, String)| (theirs.clone(), with(theirs, place, &missing()));
    let mut pairs: Vec<(Ask, Ask)> = hidden.iter().map(one_missing).collect();
    if hidden.len() > 1 {
        let nothing = hidden.iter().fold(theirs.clone(), |ask, (place, _)| with(&ask, place, &missing()));
        pairs.push((theirs.clone(), nothing));
    }
    // One's own, with one thing of another's among it.
    let mine = (row.ask)(world, own);
    for (place, id) in &hidden {
        pairs.push((with(&mine, place, id), with(&mine, place, &missing())));
    }
    // A peer sees the team itself.
    let north = cast.north.id.to_string();
    let sees_team = own.team.id == cast.north.id;
    pairs.retain(|(ask, _)| !(sees_team && named(ask).iter().any(|(_, id)| *id == north)));
    pairs
}

/// What is open to everybody, whoever brings the right words for it, is hidden from nobody, and neither are the insurer's
/// tables.
fn hides_something(access: Access) -> bool {
    !matches!(access, Access::Public | Access::Readers(_))
}

/// The request of a row about what is the north's.
fn of_the_north(world: &World, cast: &Cast, row: &Row) -> Ask {
    let north = Side { owner: &cast.agent_a, supervisor: &cast.head_a, team: &cast.north };
    (row.ask)(world, &north)
}

#[test]
fn what_one_may_not_see_reads_like_what_is_missing_wherever_it_is_named() {
    both(|world| {
        let cast = world.cast_below("");
        let mut asked = 0;
        let mut known = BTreeSet::new();
        for row in rows().into_iter().filter(|row| hides_something(row.access)) {
            let operation = document::operation(row.operation);
            // Another row of the same operation names other things, but takes the same bodies and preconditions.
            let first = known.insert(row.operation);
            let theirs = of_the_north(&world, &cast, &row);
            for (number, (by, own)) in strangers(&cast).into_iter().enumerate() {
                for (hidden, missing) in pairs(&world, &cast, &row, &theirs, &own) {
                    let in_path = named(&hidden).iter().any(|(place, _)| matches!(place, Place::Path(_)));
                    let mut ways = ways(&hidden, operation.takes_if_match());
                    let thorough = first && number < THOROUGH;
                    ways.truncate(if thorough { ways.len() } else { 1 });
                    for (body, seen) in ways {
                        let of = |ask: &Ask| bare(&call(&world, ask, body, seen).by(by).send());
                        let (theirs, none) = (of(&hidden), of(&missing));
                        let about =
                            format!("{} by {}: {hidden:?} {body:?} {seen:?}", row.operation, by.username);
                        assert_eq!(theirs, none, "{about}");
                        assert!(!in_path || (400..500).contains(&theirs.0), "{about}: {theirs:?}");
                        asked += 1;
                    }
                }
            }
        }
        assert!(asked > 1000, "only {asked} pairs");
        println!("A2 on {:?}: {asked} pairs", world.engine);
    });
}

#[test]
fn whatever_the_method_a_hidden_id_reads_like_a_missing_one() {
    both(|world| {
        let cast = world.cast_below("");
        let mut asked = 0;
        let paths: BTreeSet<&str> = document::operations().iter().map(|operation| operation.path).collect();
        for path in paths {
            let Some(row) = rows().into_iter().find(|row| document::operation(row.operation).path == path)
            else {
                continue;
            };
            if !hides_something(row.access) {
                continue;
            }
            let theirs = of_the_north(&world, &cast, &row);
            for (by, own) in strangers(&cast).into_iter().take(THOROUGH) {
                let mut pairs = pairs(&world, &cast, &row, &theirs, &own);
                pairs.retain(|(hidden, missing)| hidden.path != missing.path);
                for (hidden, missing) in pairs {
                    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
                        let of = |ask: &Ask| bare(&world.call(method, &ask.path).by(by).send());
                        assert_eq!(of(&hidden), of(&missing), "{method} {} by {}", hidden.path, by.username);
                        asked += 1;
                    }
                }
            }
        }
        assert!(asked > 500, "only {asked} pairs");
        println!("A2 methods on {:?}: {asked} pairs", world.engine);
    });
}

#[test]
fn every_place_for_an_id_is_tried_by_some_row() {
    let world = World::new(prospector::store::db::connection::Engine::Sqlite).unwrap();
    let mut tried = BTreeSet::new();
    for (number, row) in rows().iter().enumerate() {
        let cast = world.cast_below(&format!("-{number}"));
        let side = Side { owner: &cast.agent_a, supervisor: &cast.head_a, team: &cast.north };
        let ask = (row.ask)(&world, &side);
        let template: Vec<&str> = document::operation(row.operation).path.split('/').collect();
        for (place, _) in named(&ask) {
            let name = match place {
                Place::Path(nth) => template[nth].trim_matches(['{', '}']).to_owned(),
                Place::Query(name) => name,
                Place::Body(pointer) => {
                    let mut names = pointer.split('/').filter(|part| part.parse::<usize>().is_err());
                    names.next_back().unwrap().to_owned()
                }
            };
            tried.insert((row.operation, name));
        }
    }
    for operation in document::operations() {
        let parameters = operation.parameters().into_iter().flat_map(|(name, schema)| {
            let item = if document::is(schema, "array") { &schema["items"] } else { schema };
            (document::resolved(item)["format"] == "uuid").then(|| name.to_owned())
        });
        let fields = operation.body().map(leaves).unwrap_or_default().into_iter();
        let fields = fields.filter(|(_, schema)| schema["format"] == "uuid");
        let fields =
            fields.map(|(place, _)| place.trim_end_matches("/*").rsplit('/').next().unwrap().to_owned());
        for name in
            parameters.chain(fields).filter(|name| name != "id" && !SEEN_BY_PEERS.contains(&name.as_str()))
        {
            assert!(
                tried.contains(&(operation.id, name.clone())),
                "no row of {} names a {name}",
                operation.id
            );
        }
    }
}

/// Fields that name somebody whom also the peers of the owner may name; `joint_visits` asks with hidden ones.
const SEEN_BY_PEERS: [&str; 1] = ["joint_visit_with"];
