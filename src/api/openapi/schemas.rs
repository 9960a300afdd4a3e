//! Makes the schemas fit for strangers: scalars inline, every field of an answer required, strings bounded.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{RefOr, Schema},
};

use super::parts::each_operation;
use crate::{
    api::extract::{At, On, texts},
    domain::values::id::Id,
};

const PREFIX: &str = "#/components/schemas/";

macro_rules! scalar {
    ($type:ty, $format:literal) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .format(Some(utoipa::openapi::SchemaFormat::Custom($format.to_owned())))
                    .into()
            }
        }

        impl ToSchema for $type {}
    };
}

scalar!(Id, "uuid");
scalar!(On, "date");
scalar!(At, "date-time");

/// Finishes all schemas of a document.
pub fn finish(document: &mut Value) {
    inline_scalars(document);
    require_answers(document);
    bound_formats(document);
    name_constants(document);
    lift_examples(document);
    drop_unused(document);
}

/// Types that are one string: a reference to them is replaced by what they are.
fn scalar(name: &str) -> Option<Value> {
    match name {
        "Id" => Some(json!({"type": "string", "format": "uuid"})),
        "On" => Some(json!({"type": "string", "format": "date"})),
        "At" => Some(json!({"type": "string", "format": "date-time"})),
        _ => texts::described(name),
    }
}

fn scalar_of(schema: &Value) -> Option<Value> {
    scalar(schema["$ref"].as_str()?.strip_prefix(PREFIX)?)
}

fn inline_scalars(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(inline_scalars),
        Value::Object(fields) => {
            let whole = Value::Object(fields.clone());
            if let Some(scalar) = scalar_of(&whole) {
                fields.remove("$ref");
                merge(fields, scalar);
            } else if let Some(one) = one_or_null(&whole)
                && let Some(mut nullable) = scalar_of(one)
            {
                fields.remove("oneOf");
                nullable["type"] = json!(["string", "null"]);
                merge(fields, nullable);
                merge(fields, one.clone());
                fields.remove("$ref");
            }
            fields.values_mut().for_each(inline_scalars);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The one thing that a schema allows beside null.
fn one_or_null(schema: &Value) -> Option<&Value> {
    let is_null = |kind: &Value| kind["type"] == "null";
    match schema["oneOf"].as_array()?.as_slice() {
        [one, null] | [null, one] if is_null(null) && !is_null(one) => Some(one),
        _ => None,
    }
}

fn merge(fields: &mut Map<String, Value>, more: Value) {
    for (name, value) in more.as_object().into_iter().flatten() {
        fields.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// A response always has every field: schemas that stand in answers and in no request require all of theirs.
fn require_answers(document: &mut Value) {
    let (mut asked, mut answered) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, operation) in each_operation(document) {
        reach(document, &operation["requestBody"], &mut asked);
        reach(document, &operation["responses"], &mut answered);
    }
    let names: Vec<String> = answered.difference(&asked).cloned().collect();
    for name in names {
        require_all(&mut document["components"]["schemas"][name.as_str()]);
    }
}

fn require_all(schema: &mut Value) {
    for part in schema.get_mut("allOf").and_then(Value::as_array_mut).into_iter().flatten() {
        require_all(part);
    }
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(require_all);
        properties.values_mut().for_each(bound_codes);
        let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        schema["required"] = Value::Array(names);
    }
}

/// Lists of codes in answers: an attribute cannot reach their items.
fn bound_codes(property: &mut Value) {
    if let Some(items) = property.get_mut("items").and_then(Value::as_object_mut)
        && items.get("type").is_some_and(|kind| kind == "string")
        && !items.contains_key("enum")
    {
        items.entry("maxLength").or_insert(json!(200));
    }
}

/// The names of all schemas that a part of the document leads to.
fn reach(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Array(items) => items.iter().for_each(|item| reach(document, item, found)),
        Value::Object(fields) => {
            if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                if let Some(name) = target.strip_prefix(PREFIX) {
                    if found.insert(name.to_owned()) {
                        reach(document, &document["components"]["schemas"][name], found);
                    }
                } else if let Some(target) = document.pointer(target.trim_start_matches('#')) {
                    reach(document, target, found);
                }
            }
            fields
                .iter()
                .filter(|(name, _)| *name != "example")
                .for_each(|(_, value)| reach(document, value, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Strings of a known form get the bound and the pattern of that form.
fn bound_formats(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(bound_formats),
        Value::Object(fields) => {
            let textual = fields.get("type").is_some_and(|kind| {
                kind == "string"
                    || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "string"))
            });
            if textual {
                let (max, pattern) = match fields.get("format").and_then(Value::as_str) {
                    Some("uuid") => (36, Some("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")),
                    Some("date") => (10, Some("^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}$")),
                    Some("date-time") => (40, Some("^(19|2[01])[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ].*$")),
                    _ => (0, None),
                };
                if let Some(pattern) = pattern {
                    fields.entry("maxLength").or_insert(json!(max));
                    fields.entry("pattern").or_insert(json!(pattern));
                }
                let example = match fields.get("format").and_then(Value::as_str) {
                    Some("date") => Some("2009-12-16"),
                    Some("date-time") => Some("2009-12-16T02:00:00Z"),
                    _ => None,
                };
                if let Some(example) = example {
                    fields.entry("example").or_insert(json!(example));
                }
            }
            // Merge-patch fields default to "keep", which no JSON value says; a default that is an object is code that
            // does not compile in half of the languages.
            if fields.get("default").is_some_and(|value| value.is_null() || value.is_object()) {
                fields.remove("default");
            }
            // Names and values of a map: an attribute cannot reach them.
            for part in ["additionalProperties", "propertyNames"] {
                if let Some(part) = fields.get_mut(part).and_then(Value::as_object_mut)
                    && part.get("type").is_some_and(|kind| kind == "string")
                {
                    part.entry("maxLength").or_insert(json!(2000));
                }
            }
            let is_object = fields.get("type").is_some_and(|kind| kind == "object");
            if is_object && !fields.contains_key("properties") {
                fields.entry("additionalProperties").or_insert(json!(true));
            }
            if fields.contains_key("additionalProperties") && !fields.contains_key("properties") {
                fields.entry("maxProperties").or_insert(json!(20));
            }
            fields.values_mut().for_each(bound_formats);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Codes get names for their constants that no other enum of the document has: in Go all constants share one name space,
/// and `updated_at` and `-updated_at` would both be `UpdatedAt`.
fn name_constants(document: &mut Value) {
    for (name, schema) in document["components"]["schemas"].as_object_mut().into_iter().flatten() {
        let Some(codes) = schema.get("enum").and_then(Value::as_array) else { continue };
        let names: Vec<String> =
            codes.iter().filter_map(Value::as_str).map(|code| constant(name, code)).collect();
        schema["x-enum-varnames"] = json!(names);
    }
}

/// `ProspectSort` and `-updated_at` make `PROSPECT_SORT_UPDATED_AT_DESC`.
fn constant(name: &str, code: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !constant.is_empty() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant.push('_');
    let (code, descending) = code.strip_prefix('-').map_or((code, ""), |code| (code, "_DESC"));
    constant
        .extend(code.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }));
    constant + descending
}

/// A body shows its schema's example when it has none of its own.
fn lift_examples(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    let Some(paths) = document["paths"].as_object_mut() else { return };
    for operation in
        paths.values_mut().flat_map(|item| item.as_object_mut().into_iter().flatten()).map(|(_, op)| op)
    {
        let mut bodies: Vec<&mut Value> = Vec::new();
        let (mut request, mut responses) = (None, None);
        for (name, part) in operation.as_object_mut().into_iter().flatten() {
            match name.as_str() {
                "requestBody" => request = Some(part),
                "responses" => responses = Some(part),
                _ => {}
            }
        }
        bodies.extend(request.and_then(|body| body.get_mut("content")));
        if let Some(responses) = responses.and_then(Value::as_object_mut) {
            bodies.extend(responses.values_mut().filter_map(|response| response.get_mut("content")));
        }
        for media in
            bodies.into_iter().filter_map(Value::as_object_mut).flat_map(|content| content.values_mut())
        {
            let Some(name) = media["schema"]["$ref"].as_str().and_then(|target| target.strip_prefix(PREFIX))
            else {
                continue;
            };
            let example = schemas[name]["example"].clone();
            if media.get("example").is_none() && media.get("examples").is_none() && !example.is_null() {
                media["example"] = example;
            }
        }
    }
}

/// What nothing refers to only confuses generators.
fn drop_unused(document: &mut Value) {
    for section in ["schemas", "parameters", "headers", "responses"] {
        loop {
            let text = document.to_string();
            let Some(entries) = document["components"][section].as_object_mut() else { break };
            let before = entries.len();
            entries.retain(|name, _| text.contains(&format!("\"#/components/{section}/{name}\"")));
            if entries.len() == before {
                break;
            }
        }
    }
}
