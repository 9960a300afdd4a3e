//! Who may do what, over every operation of the API document (reliability A1, A2).

use prospector::api::openapi;
use serde_json::{Value, json};

use crate::harness::{Person, World, app::Answer, both, given::Prospect};

/// Operations for everybody.
const OPEN: &[&str] = &[
    "GET /.well-known/jwks.json",
    "GET /calendar-feeds/{feed_token}/calendar.ics",
    "GET /livez",
    "GET /readyz",
    "POST /v1/auth/login",
    "POST /v1/auth/logout",
    "POST /v1/auth/refresh",
];

fn ask(world: &World, method: &str, path: &str) -> Answer {
    call(world, method, path).send()
}

fn call<'a>(world: &'a World, method: &str, path: &str) -> crate::harness::app::Call<'a> {
    match method {
        "GET" | "DELETE" => world.call(method, path),
        "PATCH" => world.patch(path, json!({})),
        "POST" => world.post(path, json!({})),
        _ => world.call(method, path).json(json!({})),
    }
}

/// The path of an operation: the first id as given, any other at random.
fn filled(world: &World, path: &str, id: &str) -> String {
    let mut first = true;
    let segment = |segment: &str| {
        if !segment.starts_with('{') {
            return segment.to_owned();
        }
        if std::mem::take(&mut first) { id.to_owned() } else { world.app.ids.id().to_string() }
    };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

#[test]
fn every_operation_is_closed_to_whoever_is_not_signed_in() {
    both(|world| {
        let cast = world.cast();
        let old = cast.agent_a.token(&world.app);
        world.on("2009-12-20");
        let operations = openapi::operations();
        for open in OPEN {
            assert!(operations.iter().any(|(path, method)| format!("{method} {path}") == **open), "{open}");
        }
        for (path, method) in &operations {
            let operation = format!("{method} {path}");
            if OPEN.contains(&operation.as_str()) {
                continue;
            }
            let path = filled(&world, path, &world.app.ids.id().to_string());
            assert_eq!(ask(&world, method, &path).status, 401, "{operation}: nobody");
            assert_eq!(call(&world, method, &path).token(&old).send().status, 401, "{operation}: expired");
            assert_eq!(
                call(&world, method, &path).token("rt_x").send().status,
                401,
                "{operation}: wrong kind"
            );
        }
    });
}

/// An answer without what differs from call to call.
fn bare(answer: &Answer) -> (u16, Vec<(String, String)>, Value) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    let mut body = answer.json();
    body.as_object_mut().unwrap().retain(|key, _| key != "request_id" && key != "instance");
    (answer.status, headers, body)
}

#[test]
fn a_prospect_of_another_reads_like_a_missing_one_whatever_is_asked() {
    both(|world| {
        let cast = world.cast();
        let hidden = Prospect::named(&world, &cast.agent_a, "吴");
        let strangers: [&Person; 3] = [&cast.peer, &cast.agent_b, &cast.supervisor_b];
        let mut asked = 0;
        for (path, method) in openapi::operations() {
            if !path.contains("{prospect_id}") {
                continue;
            }
            for by in strangers {
                for version in [None, Some(1), Some(7)] {
                    let of = |id: &str| {
                        let mut call = call(&world, &method, &filled(&world, &path, id)).by(by);
                        if let Some(version) = version {
                            call = call.if_match(version);
                        }
                        bare(&call.send())
                    };
                    let (theirs, missing) = (of(&hidden.id), of(&world.app.ids.id().to_string()));
                    assert_eq!(theirs, missing, "{method} {path} by {} with {version:?}", by.username);
                    assert!((400..500).contains(&theirs.0), "{method} {path}: {}", theirs.0);
                    asked += 1;
                }
            }
        }
        assert!(asked > 100, "only {asked} questions");
    });
}
