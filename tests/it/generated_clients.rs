//! What generators make of the API description: names that compile everywhere, and a type for everything.

use std::collections::BTreeMap;

use prospector::api::openapi::document;
use serde_json::{Map, Value, json};

use crate::harness::both;

/// Types of the toolkits and standard libraries in which clients are written: SwiftUI and Foundation, Compose and Android,
/// Flutter, Go's and Kotlin's libraries.
const TOOLKIT_TYPES: &[&str] = &[
    "Action",
    "Activity",
    "Align",
    "Alignment",
    "Angle",
    "Animation",
    "Array",
    "Axis",
    "Binding",
    "Box",
    "Brush",
    "Button",
    "Calendar",
    "Card",
    "Center",
    "Class",
    "Clock",
    "Color",
    "Column",
    "Context",
    "Data",
    "Date",
    "Dialog",
    "Duration",
    "Edge",
    "Element",
    "Environment",
    "Error",
    "Event",
    "Extension",
    "Field",
    "File",
    "Flow",
    "Font",
    "Form",
    "Function",
    "Gradient",
    "Grid",
    "Group",
    "Image",
    "Include",
    "Instant",
    "Intent",
    "Key",
    "Label",
    "Layout",
    "Link",
    "List",
    "Locale",
    "Map",
    "Material",
    "Menu",
    "Model",
    "Modifier",
    "Namespace",
    "Null",
    "Number",
    "Object",
    "Optional",
    "Outcome",
    "Page",
    "Path",
    "Picker",
    "Point",
    "Range",
    "Reason",
    "Record",
    "Request",
    "Response",
    "Result",
    "Role",
    "Route",
    "Row",
    "Scene",
    "Section",
    "Set",
    "Settings",
    "Shape",
    "Size",
    "Slider",
    "Spacer",
    "State",
    "Status",
    "Step",
    "Stepper",
    "String",
    "Surface",
    "Symbol",
    "Tab",
    "Table",
    "Task",
    "Text",
    "Thread",
    "Time",
    "Toggle",
    "Transaction",
    "Transition",
    "Type",
    "Unit",
    "Url",
    "Velocity",
    "View",
    "Widget",
    "Window",
];

fn schemas() -> &'static Map<String, Value> {
    document::document()["components"]["schemas"].as_object().unwrap()
}

fn operations() -> impl Iterator<Item = &'static Value> {
    let paths = document::document()["paths"].as_object().unwrap();
    paths.values().flat_map(|item| item.as_object().unwrap().values())
}

/// The schema that a body names.
fn named(media: &Value) -> &str {
    media["schema"]["$ref"].as_str().unwrap_or_default().rsplit('/').next().unwrap()
}

/// Everything in a part of the description, by where it stands.
fn each(value: &'static Value, at: String, see: &mut impl FnMut(&str, &'static Value)) {
    see(&at, value);
    match value {
        Value::Object(fields) => {
            fields.iter().filter(|(name, _)| *name != "example").for_each(|(name, value)| {
                each(value, format!("{at}/{name}"), see);
            });
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, at.clone(), see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn no_schema_is_called_like_a_type_of_a_toolkit_or_a_constructor() {
    for name in schemas().keys() {
        assert!(!TOOLKIT_TYPES.contains(&name.as_str()), "{name} is a type of a toolkit");
        assert!(!name.starts_with("New"), "{name} is a constructor in Go");
    }
}

#[test]
fn no_schema_has_a_property_of_its_own_name() {
    for (name, schema) in schemas() {
        for property in schema["properties"].as_object().into_iter().flatten().map(|(property, _)| property) {
            assert_ne!(property.replace('_', ""), name.to_lowercase(), "{name}.{property}");
        }
    }
}

#[test]
fn a_body_is_called_like_its_operation() {
    for operation in operations() {
        let id = operation["operationId"].as_str().unwrap();
        let wanted = format!("{}{}", id[..1].to_uppercase(), &id[1..]);
        for media in
            operation["requestBody"]["content"].as_object().into_iter().flatten().map(|(_, media)| media)
        {
            assert_eq!(named(media), wanted, "{id}");
        }
    }
}

#[test]
fn constants_of_enums_do_not_collide_where_they_share_a_name_space() {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (name, schema) in schemas() {
        let Some(codes) = schema["enum"].as_array() else { continue };
        let names = schema["x-enum-varnames"].as_array().unwrap();
        assert_eq!(names.len(), codes.len(), "{name}");
        for constant in names {
            // Go's generators write them in camel case: what differs only by case or underscores is one name there.
            let go = constant.as_str().unwrap().replace('_', "").to_lowercase();
            if let Some(other) = seen.insert(go, name) {
                panic!("{constant} of {name} and of {other}");
            }
        }
    }
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn every_part_of_the_description_has_a_type_and_no_default_is_an_object() {
    let document = document::document();
    each(&document["components"]["schemas"], String::new(), &mut |at, part| {
        assert!(!part["default"].is_object(), "{at}: a default that is an object");
        let is_object = part["type"] == "object" || part["type"] == json!(["object", "null"]);
        assert!(
            !is_object || part["properties"].is_object() || part.get("additionalProperties").is_some(),
            "{at}: an object of anything"
        );
        assert!(
            part["type"] != "array" || part["items"].as_object().is_some_and(|items| !items.is_empty()),
            "{at}"
        );
        if part["format"] == "date" || part["format"] == "date-time" {
            assert!(part["example"].is_string(), "{at}: no example");
        }
    });
}

#[test]
fn one_thing_has_one_word() {
    let mut words: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, schema) in schemas() {
        let parts = std::iter::once(schema).chain(schema["allOf"].as_array().into_iter().flatten());
        for property in parts.flat_map(|part| part["properties"].as_object().into_iter().flatten()) {
            words.entry(property.0).or_default().push(name);
        }
        assert!(!name.starts_with("Patch") && !name.ends_with("Patch"), "{name}: a change is an `Update…`");
    }
    // The agent in whose book a prospect stands is the same agent as everywhere.
    assert!(!words.contains_key("owner_id"));
    // An account has a `display_name`; whoever mentions one says `agent_name`. The team sheet's rows are a fixed body.
    assert_eq!(
        words["display_name"],
        ["Agent", "CreateAgent", "KeepRosterEntry", "Me", "RosterEntry", "UpdateAgent"]
    );
    let named_twice = |name: &&&str| words["agent_id"].contains(name) && !words["name"].contains(name);
    let rows: Vec<&&str> = words["agent_name"].iter().filter(named_twice).collect();
    assert!(rows.len() >= 4, "{rows:?}");
    // A remark is an object with a code, wherever it stands.
    for holder in &words["warnings"] {
        let parts = std::iter::once(&schemas()[*holder])
            .chain(schemas()[*holder]["allOf"].as_array().into_iter().flatten());
        let of_it = parts.map(|part| &part["properties"]["warnings"]).find(|part| !part.is_null()).unwrap();
        assert_eq!(of_it["items"]["$ref"], "#/components/schemas/Warning", "{holder}");
    }
}

#[test]
fn the_example_of_a_new_password_locks_nobody_out() {
    both(|world| {
        let cast = world.cast();
        let body = document::document()["paths"]["/v1/me/password"]["put"]["requestBody"]["content"]["application/json"]
            ["example"]
            .clone();
        assert!(body.is_object());
        let refused = world.put("/v1/me/password", body).by(&cast.agent_a).problem(422, "validation_failed");
        assert_eq!(refused.json()["errors"][0]["code"], "wrong_password");
    });
}

#[test]
fn an_operation_answers_one_family_of_media_types() {
    for operation in operations() {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let types: Vec<&String> =
                answer["content"].as_object().into_iter().flatten().map(|(kind, _)| kind).collect();
            let as_object = types.iter().filter(|kind| kind.ends_with("json")).count();
            assert!(
                as_object == 0 || as_object == types.len(),
                "{} {status}: {types:?}",
                operation["operationId"]
            );
        }
    }
}

#[test]
fn the_files_of_a_report_are_those_that_its_description_names() {
    both(|world| {
        let cast = world.cast();
        let paths = document::document()["paths"].as_object().unwrap();
        let mut asked = 0;
        for (path, item) in paths.iter().filter(|(path, _)| {
            path.starts_with("/v1/reports/") && (path.ends_with("/export") || path.ends_with("/picture"))
        }) {
            let subject = match path.contains("team-sheet") {
                true => format!("team_id={}", cast.north.id),
                false => format!("agent_id={}", cast.agent_a.id),
            };
            let report = path.rsplit_once('/').unwrap().0;
            for kind in item["get"]["responses"]["200"]["content"].as_object().unwrap().keys() {
                let by_type = world
                    .get(&format!("{path}?{subject}"))
                    .header("Accept", kind)
                    .by(&cast.head_a)
                    .status(200);
                assert!(by_type.header("content-type").unwrap().starts_with(kind.as_str()), "{path}");
                let beside = world
                    .get(&format!("{report}?{subject}"))
                    .header("Accept", kind)
                    .by(&cast.head_a)
                    .status(200);
                assert_eq!(
                    by_type.header("content-disposition"),
                    beside.header("content-disposition"),
                    "{path}"
                );
                asked += 1;
            }
            // Somebody who names no type gets the first of them, and nobody gets JSON there.
            let first = world.get(&format!("{path}?{subject}")).by(&cast.head_a).status(200);
            assert!(!first.header("content-type").unwrap().contains("json"), "{path}");
            world
                .get(&format!("{path}?{subject}"))
                .header("Accept", "application/json")
                .by(&cast.head_a)
                .problem(406, "not_acceptable");
            world
                .get(&format!("{path}?{subject}&format=json"))
                .by(&cast.head_a)
                .problem(406, "not_acceptable");
        }
        assert_eq!(asked, 25);
        // A report without a picture has no path for one.
        world
            .get(&format!("/v1/reports/velocity/picture?agent_id={}", cast.agent_a.id))
            .by(&cast.head_a)
            .problem(404, "unknown_path");
        world.post("/v1/reports/shape/export", json!({})).by(&cast.head_a).problem(405, "method_not_allowed");
    });
}
