//! Everything in a body that does not fit its type. A reader stops at the first misfit, so what does not fit is left out
//! and the rest is read again.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use serde_path_to_error::{Path, Segment};

use super::{
    faults::{self, Refusal},
    tree::{Node, is_left_out},
};
use crate::api::problem::{
    Code,
    document::{Fault, Problem},
};

/// Misfits named in one answer; every one is another reading of the body.
pub const MOST: usize = 20;

/// Reads a type from a tree.
///
/// # Errors
/// 422 with up to [`MOST`] shape errors: wrong types, unknown fields, and of the fields that one object lacks the first.
pub fn read<T: DeserializeOwned>(tree: &Value) -> Result<T, Problem> {
    let mut left_out: Vec<&Value> = Vec::new();
    let mut found: Vec<Fault> = Vec::new();
    while found.len() < MOST {
        let error = match serde_path_to_error::deserialize(Node::new(tree, &left_out)) {
            Ok(value) if found.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(error) => error,
        };
        let refusal = refusal(error.inner());
        let misfit = Misfit::find(tree, error.path(), &refusal, &left_out);
        if !misfit.follows {
            let pointer = faults::bounded(&misfit.pointer).into();
            found.push(Fault { pointer, code: refusal.code, detail: refusal.detail, params: refusal.params });
        }
        if std::ptr::eq(misfit.at, tree) || is_left_out(misfit.at, &left_out) {
            break;
        }
        left_out.push(misfit.at);
    }
    // A misspelt name often leaves a required field behind: the name is what to look at.
    let misspelt = found.iter().any(|fault| fault.code == "unknown_field");
    let code = if misspelt { Code::UnknownField } else { Code::ValidationFailed };
    Err(found.into_iter().fold(Problem::new(code), |problem, fault| {
        problem.error(fault.pointer, fault.code, fault.detail, fault.params)
    }))
}

struct Misfit<'a> {
    /// The value to read without: the misfit itself, or the object that lacks a field.
    at: &'a Value,
    /// The place, in the body as it came.
    pointer: String,
    /// Whether it only follows from a misfit that was left out.
    follows: bool,
}

impl<'a> Misfit<'a> {
    fn find(tree: &'a Value, path: &Path, refusal: &Refusal, left_out: &[&Value]) -> Self {
        let (mut at, mut pointer) = walk(tree, path, left_out);
        let Some(name) = refusal.field.as_deref() else { return Misfit { at, pointer, follows: false } };
        let lacks = refusal.code == "required";
        let child = at.get(name);
        let last = format!("/{}", faults::segment(&faults::shortened(name)));
        if lacks || child.is_some() || !pointer.ends_with(&last) {
            pointer.push_str(&last);
        }
        if let (false, Some(child)) = (lacks, child) {
            at = child;
        }
        Misfit { at, pointer, follows: lacks && child.is_some() }
    }
}

/// The value at a path and its pointer. Items that were left out were not counted by the reader.
fn walk<'a>(tree: &'a Value, path: &Path, left_out: &[&Value]) -> (&'a Value, String) {
    let (mut at, mut pointer) = (tree, String::new());
    for segment in path.iter() {
        let step = match (segment, at) {
            (Segment::Seq { index }, Value::Array(items)) => {
                let mut read = items.iter().enumerate().filter(|(_, item)| !is_left_out(item, left_out));
                read.nth(*index).map(|(place, item)| (place.to_string(), item))
            }
            (Segment::Map { key }, Value::Object(fields)) => {
                fields.get(key).map(|value| (faults::segment(&faults::shortened(key)), value))
            }
            _ => None,
        };
        let Some((name, value)) = step else { continue };
        pointer.push('/');
        pointer.push_str(&name);
        at = value;
    }
    (at, pointer)
}

/// What a reader of JSON refused. Its line and column are left out; the pointer says it better.
pub fn refusal(error: &Error) -> Refusal {
    let message = error.to_string();
    faults::of_serde(message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Part {
        name: String,
        size: i32,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Whole {
        name: String,
        part: Part,
        parts: Vec<Part>,
        rank: Option<i32>,
    }

    fn told(body: serde_json::Value) -> Vec<(String, String)> {
        let problem = read::<Whole>(&body).map(drop).unwrap_err();
        problem.faults().iter().map(|f| (f.pointer.to_string(), f.code.to_string())).collect()
    }

    #[test]
    fn every_misfit_is_told_at_its_own_place_and_nothing_that_follows_from_one() {
        let body = json!({
            "name": 1,
            "part": {"name": "a", "size": "x", "colour": "red"},
            "parts": [{"name": "a", "size": 1}, 5, {"name": 2, "size": 1}, {"name": "b"}, {"name": "c", "size": 1.5}],
            "rank": 99_999_999_999_i64,
            "zeal": true,
        });
        let mut told = told(body);
        told.sort();
        let expected = [
            ("/name", "wrong_type"),
            ("/part/colour", "unknown_field"),
            ("/part/size", "wrong_type"),
            ("/parts/1", "wrong_type"),
            ("/parts/2/name", "wrong_type"),
            ("/parts/3/size", "required"),
            ("/parts/4/size", "wrong_type"),
            ("/rank", "out_of_range"),
            ("/zeal", "unknown_field"),
        ];
        assert_eq!(told, expected.map(|(pointer, code)| (pointer.to_owned(), code.to_owned())));
    }

    #[test]
    fn a_body_full_of_misfits_is_read_so_often_and_no_oftener() {
        let parts = vec![json!({"name": 1, "size": "x"}); 500];
        assert_eq!(told(json!({"name": "a", "part": {"name": "a", "size": 1}, "parts": parts})).len(), MOST);
        assert_eq!(told(json!([])), [(String::new(), "wrong_type".to_owned())]);
    }

    #[test]
    fn a_name_that_stands_in_itself_is_told_apart() {
        let body = json!({"name": "a", "part": {"size": 1, "part": 1, "name": "b"}, "parts": []});
        assert_eq!(told(body), [("/part/part".to_owned(), "unknown_field".to_owned())]);
    }
}
