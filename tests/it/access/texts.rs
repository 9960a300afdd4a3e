//! Every free text of every body: never blank, of one line where the description says so, and bounded (api.md, row text).

use serde_json::{Value, json};

use super::document::{self as operations, Operation, is, leaves};
use crate::harness::{World, both};

/// Strings that are no free texts: names of a form of their own, figures, secrets.
const OF_A_FORM: &[&str] = &[
    "agent_code",
    "amount",
    "client_id",
    "currency",
    "factor",
    "cursor",
    "grant_type",
    "refresh_token",
    "scope",
    "time_zone",
    "username",
];

/// Texts in which nothing can be seen.
const BLANK: &[&str] = &[
    "",
    "  ",
    "\u{3000}\t\n",
    "\u{200B}",
    "\u{2800}",
    "\u{3164}",
    "\u{AD}",
    "\u{E0061}\u{E007F}",
    "\u{202E}\u{202C}",
    "\u{FE0F}",
    "\u{FEFF}\u{2060}",
];

/// The free texts of an operation's body, each with its schema.
fn free_texts(operation: &Operation) -> Vec<(String, &'static Value)> {
    let free = |(place, schema): &(String, &Value)| {
        is(schema, "string")
            && schema.get("enum").is_none()
            && schema.get("format").is_none()
            && !OF_A_FORM.iter().any(|name| place.ends_with(&format!("/{name}")))
    };
    operation.body().map(leaves).unwrap_or_default().into_iter().filter(free).collect()
}

/// A body with nothing but a text at a place.
fn only(text: &str, place: &str) -> Value {
    place.rsplit('/').filter(|part| !part.is_empty()).fold(json!(text), |inner, part| match part {
        "*" => json!([inner]),
        name => json!({ name: inner }),
    })
}

/// What is said of a place when such a text stands there.
fn said(world: &World, token: &str, operation: &Operation, place: &str, text: &str) -> Vec<String> {
    let path: Vec<&str> = operation
        .path
        .split('/')
        .map(|part| if part.starts_with('{') { "0198c5f2-0000-7000-8000-000000000000" } else { part })
        .collect();
    let call = world.call(&operation.method, &path.join("/")).token(token).header("If-Match", "*");
    let mut answer = call.json(only(text, place)).send();
    if answer.status == 401 {
        // What is no place for people.
        let call = world.call(&operation.method, &path.join("/")).by(&world.above().machine);
        answer = call.json(only(text, place)).send();
    }
    let at = place.replace("/*", "/0");
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let here = errors.iter().filter(|error| error["pointer"] == at.as_str());
    here.map(|error| error["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn no_text_of_any_body_is_taken_in_which_nothing_can_be_seen() {
    both(|world| {
        let head = world.cast().head_a.token(&world.app);
        let machine = world.above().machine.token(&world.app);
        let mut asked = 0;
        for operation in operations::operations() {
            let of_machines = ["createPolicyEvent", "createPolicyEventBatch"].contains(&operation.id);
            let token = if of_machines { &machine } else { &head };
            for (place, schema) in free_texts(&operation) {
                let is_said = |text: &str, code: &str| {
                    let codes = said(&world, token, &operation, &place, text);
                    assert_eq!(codes, [code], "{} {place} {text:?}", operation.id);
                };
                for text in BLANK {
                    is_said(text, "blank");
                }
                let most = usize::try_from(schema["maxLength"].as_u64().unwrap()).unwrap();
                is_said(&"x".repeat(most + 1), "too_long");
                let pattern = schema["pattern"].as_str().unwrap();
                if pattern.contains(r"\u2028\u2029]*$") {
                    for text in ["a\nb", "a\u{7}b", "a\u{85}b", "a\u{2028}b"] {
                        is_said(text, "control_character");
                    }
                } else {
                    assert_eq!(said(&world, token, &operation, &place, "a\nb"), Vec::<String>::new());
                }
                asked += 1;
            }
        }
        assert!(asked > 35, "{asked}");
    });
}

#[test]
fn no_search_is_taken_in_which_nothing_can_be_seen() {
    both(|world| {
        let cast = world.cast();
        for query in ["/v1/prospects?q=", "/v1/prospects?tag=", "/v1/agents?q="] {
            for blank in ["", "%20", "%E2%80%8B", "%E2%A0%80", "%C2%AD"] {
                let refused = world.get(&format!("{query}{blank}")).by(&cast.head_a);
                assert_eq!(
                    refused.problem(400, "invalid_parameter").error_codes(),
                    ["blank"],
                    "{query}{blank}"
                );
            }
        }
    });
}
