//! A6: what the service alone decides cannot be written by anyone, in whatever body.

use std::collections::{BTreeMap, BTreeSet};

use prospector::domain::organisation::actor::Role;
use serde_json::{Value, json};

use super::{
    document::{self, Operation, is, properties, resolved},
    table::{Side, rows},
};
use crate::harness::{
    actors::{person, team},
    both,
};

/// What no body may say, whatever the answers show.
const NEVER_WRITTEN: &[&str] = &[
    "agent_id",
    "stage",
    "version",
    "epoch",
    "actor_id",
    "checked_by",
    "requested_by",
    "decided_by",
    "created_at",
    "updated_at",
    "recorded_at",
    "requested_at",
    "decided_at",
    "erased_at",
    "entered_stage_on",
    "seq",
    "pursuit_number",
    "password_hash",
    "clock",
];

/// Bodies that only ask: they may name what they ask about.
const ONLY_ASKING: &[&str] = &["searchProspects", "classifyFacts", "answerExercise"];

/// The objects of a body, each with its schema, by pointer.
fn objects(body: &Value, schema: &'static Value, at: String, found: &mut Vec<(String, &'static Value)>) {
    match body {
        Value::Object(fields) => {
            let known = properties(schema);
            for (name, value) in fields {
                objects(value, known[name.as_str()], format!("{at}/{name}"), found);
            }
            found.push((at, schema));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, resolved(&schema["items"]), format!("{at}/{index}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a body names and does not write: versions that the sender saw, because one If-Match cannot hold them, and whose
/// sheet is signed.
const ONLY_NAMED: [(&str, &str); 2] =
    [("createTransfer", "/prospects/*/version"), ("createSignOff", "/agent_id")];

/// What an operation's answers show, and what a look at the same path shows; for pages, what their rows show.
fn shown(operation: &Operation) -> BTreeMap<&'static str, &'static Value> {
    let looks = document::operations().into_iter().filter(|other| {
        other.method == "GET" && (other.path == operation.path || operation.path.starts_with(other.path))
    });
    let mut answers = operation.answers();
    answers.extend(looks.flat_map(|look| look.answers()));
    let mut all = BTreeMap::new();
    for answer in answers {
        let whole = properties(answer);
        if let Some(rows) = whole.get("data").filter(|rows| is(rows, "array")) {
            all.extend(properties(resolved(&rows["items"])));
        }
        all.extend(whole);
    }
    all
}

/// A value of the kind that a schema describes.
fn sample(schema: Option<&Value>, id: &str) -> Value {
    let Some(schema) = schema else { return json!(id) };
    let text = |format: &str| schema["format"] == format;
    if let Some(codes) = schema["enum"].as_array() {
        return codes.last().unwrap().clone();
    }
    match () {
        () if text("uuid") => json!(id),
        () if text("date") => json!("2009-12-01"),
        () if text("date-time") => json!("2009-12-01T01:00:00Z"),
        () if is(schema, "integer") || is(schema, "number") => json!(7),
        () if is(schema, "boolean") => json!(true),
        () if is(schema, "array") => json!([]),
        () if is(schema, "string") => json!("x"),
        () => json!({}),
    }
}

#[test]
fn no_body_has_a_place_for_what_the_service_decides() {
    for operation in document::operations().iter().filter(|known| !ONLY_ASKING.contains(&known.id)) {
        for (place, schema) in operation.body().map(document::leaves).unwrap_or_default() {
            let name = place.trim_end_matches("/*").rsplit('/').next().unwrap();
            let only_named = ONLY_NAMED.contains(&(operation.id, place.as_str()));
            assert!(only_named || !NEVER_WRITTEN.contains(&name), "{} takes {place}", operation.id);
            assert_ne!(schema["readOnly"], true, "{} takes {place}", operation.id);
            let changes = operation.method == "PATCH" || operation.method == "PUT";
            assert!(!(changes && name == "id"), "{} takes {place}", operation.id);
        }
    }
}

#[test]
fn what_the_service_decides_is_refused_in_every_body_and_changes_nothing() {
    both(|world| {
        let cast = world.cast_below("");
        let mut sent = 0;
        for (number, row) in rows().iter().enumerate() {
            let operation = document::operation(row.operation);
            let Some(schema) = operation.body() else { continue };
            let owner = person(&world, &format!("owner-{number}"), Role::Agent, &cast.north);
            let beside = team(&world, "Beside", Some(&cast.north));
            let side = Side { owner: &owner, supervisor: &cast.head_a, team: &beside };
            let by = side.whoever_may(&world, row.access);
            let ask = (row.ask)(&world, &side);
            let body = ask.body.clone().unwrap();
            let shown = shown(&operation);
            let mut places = Vec::new();
            objects(&body, schema, String::new(), &mut places);
            for (at, schema) in places {
                let known = properties(schema);
                let mut names: BTreeSet<&str> =
                    shown.keys().copied().chain(NEVER_WRITTEN.iter().copied()).collect();
                names.retain(|name| !known.contains_key(name));
                for name in names {
                    let mut more = ask.clone();
                    more.body.as_mut().unwrap().pointer_mut(&at).unwrap()[name] =
                        sample(shown.get(name).copied(), &cast.peer.id.to_string());
                    let refused = more.call(&world).by(by).send();
                    let about =
                        format!("{} with {at}/{name}: {} {}", row.operation, refused.status, refused.text());
                    assert_eq!(refused.status, 422, "{about}");
                    assert_eq!(refused.json()["code"], "unknown_field", "{about}");
                    assert_eq!(refused.json()["errors"][0]["pointer"], format!("{at}/{name}"), "{about}");
                    sent += 1;
                }
            }
            // The same request still succeeds from the same version: nothing has happened.
            let done = ask.call(&world).by(by).send();
            assert!((200..300).contains(&done.status), "{}: {}", row.operation, done.text());
        }
        assert!(sent > 500, "only {sent} bodies");
        println!("A6 on {:?}: {sent} bodies", world.engine);
    });
}
