//! The API description: current, complete, bounded, and shown without asking anybody else.

use std::{fs, path::Path};

use prospector::{api::openapi::document, store::db::connection::Engine};
use serde_json::{Value, json};

use crate::harness::{World, both};

#[test]
fn the_committed_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, document::text()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == document::text(),
        "openapi/openapi.json is not what the code says; run `UPDATE_OPENAPI=1 cargo test committed_description`"
    );
}

#[test]
fn the_description_and_its_page_come_from_the_binary() {
    let world = World::new(Engine::Sqlite).unwrap();
    assert_eq!(world.get("/openapi.json").status(200).text(), document::text());
    assert_eq!(world.get("/docs").status(308).header("location"), Some("/docs/"));
    let page = world.get("/docs/").status(200).text();
    assert!(page.contains("swagger-ui"));
    assert!(!page.contains("https://"), "{page}");
    assert!(world.get("/docs/swagger-initializer.js").status(200).text().contains("/openapi.json"));
    world.get("/docs/nothing.js").problem(404, "unknown_path");
}

#[test]
fn every_operation_is_described() {
    let document = document::document();
    let mut ids = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let at = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(
                id.starts_with(|c: char| c.is_ascii_lowercase())
                    && id.bytes().all(|b| b.is_ascii_alphanumeric()),
                "{at}: operationId {id}"
            );
            assert!(!ids.contains(&id), "{at}: operationId {id} twice");
            ids.push(id);
            let summary = operation["summary"].as_str().unwrap_or_default();
            assert!((1..=80).contains(&summary.chars().count()), "{at}: summary {summary:?}");
            assert!(
                operation["description"].as_str().is_some_and(|text| !text.is_empty()),
                "{at}: description"
            );
            assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{at}: one tag");
            for media in
                operation["requestBody"]["content"].as_object().into_iter().flatten().map(|(_, media)| media)
            {
                assert!(media.get("example").is_some() || media.get("examples").is_some(), "{at}: example");
            }
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let described =
                    parameter.get("$ref").is_some() || parameter["description"].as_str().is_some();
                assert!(described, "{at}: {parameter}");
            }
        }
    }
}

#[test]
fn everything_the_description_refers_to_is_in_it() {
    let document = document::document();
    let tags: Vec<&Value> = document["tags"].as_array().unwrap().iter().map(|tag| &tag["name"]).collect();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(tags.contains(&&operation["tags"][0]), "{method} {path}: {}", operation["tags"]);
        }
    }
    let mut open = vec![document];
    while let Some(value) = open.pop() {
        if let Some(target) = value["$ref"].as_str() {
            assert!(document.pointer(&target[1..]).is_some(), "{target}");
        }
        open.extend(value.as_array().into_iter().flatten());
        open.extend(value.as_object().into_iter().flat_map(|fields| fields.values()));
    }
}

#[test]
fn everything_in_the_description_is_bounded() {
    let mut unbounded = Vec::new();
    look(document::document(), "", &mut unbounded);
    assert!(unbounded.is_empty(), "no bounds at:\n{}", unbounded.join("\n"));
}

fn look(value: &Value, at: &str, unbounded: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| look(item, &format!("{at}/{i}"), unbounded))
        }
        Value::Object(fields) => {
            let is = |name: &str| {
                let kind = fields.get("type");
                kind.is_some_and(|kind| {
                    kind == name || kind.as_array().is_some_and(|all| all.iter().any(|one| one == name))
                })
            };
            let has = |name: &str| fields.contains_key(name);
            let listed = has("enum") || has("const");
            if (is("string") && !listed && !has("maxLength") && !at.ends_with("securitySchemes/bearer"))
                || (is("integer") && !(has("minimum") && has("maximum") && has("format")))
                || (is("array") && !has("maxItems"))
            {
                unbounded.push(at.to_owned());
            }
            fields.iter().filter(|(name, _)| *name != "example" && *name != "examples").for_each(
                |(name, value)| {
                    look(value, &format!("{at}/{name}"), unbounded);
                },
            );
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn null_is_taken_in_a_body_exactly_where_the_description_allows_it() {
    both(|world| {
        let cast = world.cast();
        let (mut allowed, mut refused) = (0, 0);
        for (path, item) in document::document()["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
                    continue;
                };
                let url: String = path
                    .split('/')
                    .map(|part| if part.starts_with('{') { NOBODY } else { part })
                    .collect::<Vec<_>>()
                    .join("/");
                let mut places = Vec::new();
                nullable_places(schema, String::new(), &mut places);
                for (place, is_nullable) in places {
                    let by = |person| {
                        let call = world.call(&method.to_ascii_uppercase(), &url).by(person);
                        call.header("If-Match", "*").json(only_null_at(&place)).send()
                    };
                    // What is no place for people is one for machines.
                    let answer = Some(by(&cast.head_a)).filter(|answer| answer.status != 401);
                    let answer = answer.unwrap_or_else(|| by(&world.above().machine));
                    let at = place.replace("/*", "/0");
                    let errors = answer.json()["errors"].clone();
                    let is_wrong = |e: &Value| e["pointer"] == at.as_str() && e["code"] == "wrong_type";
                    let is_refused = errors.as_array().into_iter().flatten().any(is_wrong);
                    assert_eq!(is_refused, !is_nullable, "{method} {path} {place}: {}", answer.text());
                    if is_nullable { allowed += 1 } else { refused += 1 }
                }
            }
        }
        assert!(allowed > 50 && refused > 50, "{allowed} {refused}");
    });
}

#[test]
fn what_may_be_left_out_of_a_body_may_be_null_but_of_a_patch() {
    let mut asked = 0;
    for (path, item) in document::document()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(method, _)| *method != "patch") {
            let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
                continue;
            };
            let mut optional = Vec::new();
            optional_places(schema, String::new(), &mut optional);
            for (place, is_nullable) in optional {
                assert!(is_nullable, "{method} {path} {place}");
                asked += 1;
            }
        }
    }
    assert!(asked > 50, "{asked}");
}

/// Every property below a schema that may be left out, with whether it may be null.
fn optional_places(schema: &'static Value, at: String, found: &mut Vec<(String, bool)>) {
    let schema = referred(schema);
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[name].as_array()).flatten() {
        optional_places(part, at.clone(), found);
    }
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        if !required.contains(&name.as_str()) {
            found.push((at.clone(), is_nullable(property)));
        }
        optional_places(property, at, found);
    }
    if schema["items"].is_object() {
        optional_places(&schema["items"], format!("{at}/*"), found);
    }
}

#[test]
fn a_correction_may_carry_the_version_that_was_seen() {
    let operation = &document::document()["paths"]["/v1/prospects/{prospect_id}/corrections"]["post"];
    let parameters = operation["parameters"].as_array().unwrap().iter();
    let parameter = |one: &Value| {
        let place = one["$ref"].as_str()?.trim_start_matches('#').to_owned();
        document::document().pointer(&place).cloned()
    };
    let if_match = parameters.filter_map(parameter).find(|one| one["name"] == "If-Match").unwrap();
    assert_eq!(if_match["required"], false);
    assert!(operation["responses"]["412"].is_object() && operation["responses"].get("428").is_none());
}

/// An id that nothing has.
const NOBODY: &str = "0198c5f2-0000-7000-8000-000000000000";

/// Every property below a schema with whether it may be null; the items of an array stand under `*`.
fn nullable_places(schema: &'static Value, at: String, found: &mut Vec<(String, bool)>) {
    let schema = referred(schema);
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[name].as_array()).flatten() {
        nullable_places(part, at.clone(), found);
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let at = format!("{at}/{name}");
        found.push((at.clone(), is_nullable(property)));
        nullable_places(property, at, found);
    }
    if schema["items"].is_object() {
        nullable_places(&schema["items"], format!("{at}/*"), found);
    }
}

fn referred(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(target) => referred(document::document().pointer(target.trim_start_matches('#')).unwrap()),
        None => schema,
    }
}

fn is_nullable(schema: &'static Value) -> bool {
    let schema = referred(schema);
    let is_null = |kind: &Value| kind == "null";
    is_null(&schema["type"])
        || schema["type"].as_array().is_some_and(|kinds| kinds.iter().any(is_null))
        || ["oneOf", "anyOf"].iter().filter_map(|name| schema[name].as_array()).flatten().any(is_nullable)
}

/// A body with nothing but a null at a place.
fn only_null_at(place: &str) -> Value {
    place.rsplit('/').filter(|part| !part.is_empty()).fold(Value::Null, |inner, part| match part {
        "*" => json!([inner]),
        name => json!({ name: inner }),
    })
}
