//! The API document as these tests read it.

use std::collections::{BTreeMap, BTreeSet};

use prospector::api::openapi::document;
use serde_json::Value;

/// One operation of the document.
pub struct Operation {
    pub id: &'static str,
    pub method: String,
    pub path: &'static str,
    about: &'static Value,
}

/// Every operation.
pub fn operations() -> Vec<Operation> {
    let paths = document::document()["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, about)| Operation {
            id: about["operationId"].as_str().unwrap(),
            method: method.to_ascii_uppercase(),
            path,
            about,
        })
    });
    each.collect()
}

/// The operation with an id.
pub fn operation(id: &str) -> Operation {
    operations().into_iter().find(|known| known.id == id).unwrap_or_else(|| panic!("no operation {id}"))
}

impl Operation {
    /// The schema of its JSON body, if it takes one.
    pub fn body(&self) -> Option<&'static Value> {
        self.about.pointer("/requestBody/content/application~1json/schema").map(resolved)
    }

    /// The schemas of what it answers when it succeeds.
    pub fn answers(&self) -> Vec<&'static Value> {
        let responses = self.about["responses"].as_object().unwrap();
        let fine = responses.iter().filter(|(status, _)| status.starts_with('2'));
        fine.filter_map(|(_, answer)| answer.pointer("/content/application~1json/schema"))
            .map(resolved)
            .collect()
    }

    /// The headers of one of its answers.
    pub fn headers(&self, status: u16) -> BTreeSet<&'static str> {
        let sent = &self.about["responses"][status.to_string()]["headers"];
        sent.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect()
    }

    /// Its parameters, with the schema of each.
    pub fn parameters(&self) -> Vec<(&'static str, &'static Value)> {
        let list = self.about["parameters"].as_array().into_iter().flatten().map(resolved);
        list.map(|parameter| (parameter["name"].as_str().unwrap(), &parameter["schema"])).collect()
    }

    /// Whether it asks for the version that was seen.
    pub fn takes_if_match(&self) -> bool {
        self.parameters().iter().any(|(name, _)| *name == "If-Match")
    }
}

/// A schema itself, behind references and nulls.
pub fn resolved(schema: &'static Value) -> &'static Value {
    if let Some(target) = schema["$ref"].as_str() {
        return resolved(document::document().pointer(target.trim_start_matches('#')).unwrap());
    }
    let kinds = schema["oneOf"].as_array().into_iter().flatten();
    match kinds.filter(|kind| kind["type"] != "null").collect::<Vec<_>>().as_slice() {
        [one] => resolved(one),
        _ => schema,
    }
}

/// The properties of an object, those of its parts too.
pub fn properties(schema: &'static Value) -> BTreeMap<&'static str, &'static Value> {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut all: BTreeMap<_, _> = parts.flat_map(|part| properties(resolved(part))).collect();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        all.insert(name.as_str(), resolved(property));
    }
    all
}

/// Whether a schema is one of a JSON type.
pub fn is(schema: &Value, kind: &str) -> bool {
    let stated = &schema["type"];
    stated == kind || stated.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == kind))
}

/// Every property below a body's schema: `(pointer, schema)`; the items of an array stand under `*`.
pub fn leaves(schema: &'static Value) -> Vec<(String, &'static Value)> {
    let mut found = Vec::new();
    for (name, property) in properties(schema) {
        descend(property, format!("/{name}"), &mut found);
    }
    found
}

fn descend(schema: &'static Value, at: String, found: &mut Vec<(String, &'static Value)>) {
    if is(schema, "array") {
        descend(resolved(&schema["items"]), format!("{at}/*"), found);
    } else if is(schema, "object") || schema.get("allOf").is_some() {
        for (name, property) in properties(schema) {
            descend(property, format!("{at}/{name}"), found);
        }
    } else {
        found.push((at, schema));
    }
}

/// The places of a body, in the same notation as [`leaves`], with the pointer of each.
pub fn places(body: &Value) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    walk(body, String::new(), String::new(), &mut found);
    found
}

fn walk(value: &Value, pattern: String, at: String, found: &mut BTreeSet<(String, String)>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, format!("{pattern}/*"), format!("{at}/{index}"), found);
            }
        }
        Value::Object(fields) => {
            for (name, item) in fields {
                walk(item, format!("{pattern}/{name}"), format!("{at}/{name}"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert((pattern, at));
        }
    }
}
