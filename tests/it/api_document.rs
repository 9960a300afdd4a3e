//! The API description: current, complete, bounded, and shown without asking anybody else.

use std::{fs, path::Path};

use prospector::{api::openapi, store::connection::Engine};
use serde_json::Value;

use crate::harness::World;

#[test]
fn the_committed_description_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, openapi::text()).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == openapi::text(),
        "openapi/openapi.json is not what the code says; run `UPDATE_OPENAPI=1 cargo test committed_description`"
    );
}

#[test]
fn the_description_and_its_page_come_from_the_binary() {
    let world = World::new(Engine::Sqlite).unwrap();
    assert_eq!(world.get("/openapi.json").status(200).text(), openapi::text());
    assert_eq!(world.get("/docs").status(308).header("location"), Some("/docs/"));
    let page = world.get("/docs/").status(200).text();
    assert!(page.contains("swagger-ui"));
    assert!(!page.contains("https://"), "{page}");
    assert!(world.get("/docs/swagger-initializer.js").status(200).text().contains("/openapi.json"));
    world.get("/docs/nothing.js").problem(404, "unknown_path");
}

#[test]
fn every_operation_is_described() {
    let document = openapi::document();
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
    let document = openapi::document();
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
    look(openapi::document(), "", &mut unbounded);
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
