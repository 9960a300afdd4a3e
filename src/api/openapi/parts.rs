//! The parts of a description, as JSON.

use serde_json::{Map, Value};

/// Path template, method and description of every operation.
pub fn each_operation(document: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        item.as_object().into_iter().flatten().map(move |(method, operation)| (path, method, operation))
    })
}

/// An object's field, made when missing.
pub fn field<'a>(object: &'a mut Map<String, Value>, name: &str, empty: Value) -> &'a mut Value {
    object.entry(name.to_owned()).or_insert(empty)
}
