//! Everything in a body that does not fit its type. A reader stops at the first misfit, so what does not fit is left out
//! and the rest is read again.

use serde::de::DeserializeOwned;
use serde_json::{Error, Value};
use serde_path_to_error::{Path, Segment};
use validator::Validate;

use super::{
    faults::{self, Refusal},
    texts,
    tree::{Node, Passed},
};
use crate::api::problem::{
    Code,
    document::{Fault, MOST_FAULTS, Problem},
};

/// Misfits named in one answer; every one is another reading of the body.
pub const MOST: usize = 20;

/// Reads a type from a tree, with every bound of it.
///
/// # Errors
/// 422 with up to [`MOST`] misfits: wrong types, unknown fields, of the fields that one object lacks the first, texts against
/// their rules. Where these are all that does not fit, the bounds of everything else beside them.
pub fn read<T: DeserializeOwned + Validate>(tree: &Value) -> Result<T, Problem> {
    let mut passed = Passed::default();
    let mut found: Vec<Fault> = Vec::new();
    while found.len() < MOST {
        let error = match serde_path_to_error::deserialize::<_, T>(Node::new(tree, &passed)) {
            Ok(value) => {
                let bounds = value.validate().err().filter(|_| passed.left_out.is_empty());
                found.extend(bounds.iter().flat_map(faults::of_validator));
                if found.is_empty() {
                    return Ok(value);
                }
                break;
            }
            Err(error) => error,
        };
        let refusal = refusal(error.inner());
        let misfit = Misfit::find(tree, error.path(), &refusal, &passed);
        let is_text = texts::RULES.contains(&refusal.code.as_ref());
        // A replacement that does not fit either, as a number of a telephone, has been told by what it replaces.
        if !misfit.follows && !passed.has_replaced(misfit.at) {
            let pointer = faults::bounded(&misfit.pointer).into();
            found.push(Fault { pointer, code: refusal.code, detail: refusal.detail, params: refusal.params });
        }
        if std::ptr::eq(misfit.at, tree) || passed.has_left_out(misfit.at) {
            break;
        }
        if is_text && misfit.at.is_string() && !passed.has_replaced(misfit.at) {
            passed.replaced.push(misfit.at);
        } else {
            passed.left_out.push(misfit.at);
        }
    }
    // A misspelt name often leaves a required field behind: the name is what to look at.
    let misspelt = found.iter().any(|fault| fault.code == "unknown_field");
    let code = if misspelt { Code::UnknownField } else { Code::ValidationFailed };
    Err(found.into_iter().take(MOST_FAULTS).fold(Problem::new(code), |problem, fault| {
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
    fn find(tree: &'a Value, path: &Path, refusal: &Refusal, passed: &Passed) -> Self {
        let (mut at, mut pointer) = walk(tree, path, passed);
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
fn walk<'a>(tree: &'a Value, path: &Path, passed: &Passed) -> (&'a Value, String) {
    let (mut at, mut pointer) = (tree, String::new());
    for segment in path.iter() {
        let step = match (segment, at) {
            (Segment::Seq { index }, Value::Array(items)) => {
                let mut read = items.iter().enumerate().filter(|(_, item)| !passed.has_left_out(item));
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

    #[derive(Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Part {
        name: String,
        size: i32,
    }

    #[derive(Deserialize, Validate)]
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

    #[derive(Deserialize, Validate)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Words {
        name: texts::Line<5>,
        tags: Vec<texts::Line<5>>,
        #[validate(range(max = 3))]
        size: i32,
    }

    #[test]
    fn texts_against_their_rules_are_told_with_the_bounds_of_everything_else() {
        let told = |body: serde_json::Value| -> Vec<(String, String)> {
            let problem = read::<Words>(&body).map(drop).unwrap_err();
            problem.faults().iter().map(|f| (f.pointer.to_string(), f.code.to_string())).collect()
        };
        let is = |expected: &[(&str, &str)]| -> Vec<(String, String)> {
            expected.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
        };
        let body = json!({"name": "\u{200B}", "tags": ["a", "a\nb", " "], "size": 4});
        let all = is(&[
            ("/name", "blank"),
            ("/tags/1", "control_character"),
            ("/tags/2", "blank"),
            ("/size", "too_large"),
        ]);
        assert_eq!(told(body), all);
        // Something else is amiss with the shape: what else would follow from that is not told.
        let body = json!({"name": "abcdef", "tags": [1], "size": 4});
        assert_eq!(told(body), is(&[("/name", "too_long"), ("/tags/0", "wrong_type")]));
    }

    #[test]
    fn a_name_that_stands_in_itself_is_told_apart() {
        let body = json!({"name": "a", "part": {"size": 1, "part": 1, "name": "b"}, "parts": []});
        assert_eq!(told(body), [("/part/part".to_owned(), "unknown_field".to_owned())]);
    }
}
