//! Every refusal is a problem document that names the place, the rule and the reader's language.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use actix_web::{HttpResponse, post};
use prospector::{
    api::{
        self,
        extract::{Given, IdempotencyKey, IfMatch, Patch, PathId, StrictQuery, ValidJson},
    },
    store::db::connection::Engine,
};
use serde::Deserialize;
use serde_json::{Value, json};
use validator::Validate;

use crate::harness::{World, both};

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Sample {
    #[validate(length(min = 1, max = 5))]
    name: String,
    #[validate(range(min = 1, max = 10))]
    count: Option<i64>,
    kind: Option<Kind>,
    #[validate(nested)]
    #[serde(default)]
    parts: Vec<Part>,
    on: Option<prospector::api::extract::On>,
    at: Option<prospector::api::extract::At>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Plain,
}

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Part {
    #[validate(length(max = 3))]
    tag: String,
}

#[derive(Deserialize, Validate, Default)]
#[serde(default, deny_unknown_fields)]
struct Change {
    #[validate(length(max = 3))]
    note: Patch<String>,
    name: Given<String>,
}

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Filter {
    #[validate(range(min = 1, max = 100))]
    limit: Option<i64>,
}

#[post("/test/samples")]
async fn sample(body: ValidJson<Sample>, _key: IdempotencyKey) -> HttpResponse {
    let Sample { name, count, kind, parts, on, at } = body.0;
    let parts = parts.into_iter().map(|part| part.tag).collect::<Vec<_>>();
    let kind = kind.map(|Kind::Plain| "plain");
    HttpResponse::Ok()
        .json(json!({"name": name, "count": count, "kind": kind, "parts": parts, "on": on, "at": at}))
}

#[actix_web::patch("/test/samples/{sample_id}")]
async fn change(
    _id: PathId,
    seen: IfMatch,
    body: ValidJson<Change>,
) -> Result<HttpResponse, api::problem::document::Problem> {
    seen.require(3)?;
    let note = match body.0.note {
        Patch::Keep => "kept".to_owned(),
        Patch::Clear => "cleared".to_owned(),
        Patch::Set(note) => note,
    };
    Ok(HttpResponse::Ok().json(json!({"note": note, "name": body.0.name.0})))
}

#[actix_web::get("/test/samples")]
async fn list(filter: StrictQuery<Filter>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"limit": filter.0.limit, "filler": "x".repeat(3000)}))
}

#[actix_web::get("/test/panic")]
async fn panics() -> HttpResponse {
    panic!("a secret");
}

#[actix_web::get("/test/sleep")]
async fn sleeps() -> HttpResponse {
    std::future::pending::<HttpResponse>().await
}

/// A world whose service also has the routes above.
fn world(change_settings: impl FnOnce(&mut prospector::config::Config)) -> World {
    World::with(Engine::Sqlite, change_settings).unwrap().also_serving(|cfg| {
        cfg.service(sample).service(change).service(list).service(panics).service(sleeps);
    })
}

#[test]
fn each_malformed_body_is_answered_with_its_place_and_rule() {
    let world = world(|_| {});
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let table: &[(&str, u16, &str, &str, &str)] = &[
        ("", 400, "unreadable_json", "", "syntax"),
        ("{", 400, "unreadable_json", "", "syntax"),
        ("{\"name\": \"a\"} x", 400, "unreadable_json", "", "syntax"),
        ("{\"name\": \"\\ud800\"}", 400, "unreadable_json", "", "syntax"),
        (&deep, 400, "unreadable_json", "", "too_deep"),
        ("[]", 422, "validation_failed", "", "wrong_type"),
        ("[\"a\"]", 422, "validation_failed", "", "wrong_type"),
        ("{\"name\": \"a\", \"parts\": [[\"abc\"]]}", 422, "validation_failed", "/parts/0", "wrong_type"),
        ("null", 422, "validation_failed", "", "wrong_type"),
        ("{}", 422, "validation_failed", "/name", "required"),
        ("{\"name\": null}", 422, "validation_failed", "/name", "wrong_type"),
        ("{\"name\": 5}", 422, "validation_failed", "/name", "wrong_type"),
        ("{\"name\": \"\"}", 422, "validation_failed", "/name", "too_short"),
        ("{\"name\": \"abcdef\"}", 422, "validation_failed", "/name", "too_long"),
        ("{\"name\": \"a\\u0000\"}", 422, "validation_failed", "/name", "nul_character"),
        ("{\"name\": \"a\", \"name\": \"b\"}", 422, "validation_failed", "/name", "duplicate_field"),
        ("{\"name\": \"a\", \"nope\": 1}", 422, "unknown_field", "/nope", "unknown_field"),
        ("{\"name\": \"a\", \"count\": 0}", 422, "validation_failed", "/count", "too_small"),
        ("{\"name\": \"a\", \"count\": 11}", 422, "validation_failed", "/count", "too_large"),
        ("{\"name\": \"a\", \"count\": 1.5}", 422, "validation_failed", "/count", "wrong_type"),
        (
            "{\"name\": \"a\", \"count\": 99999999999999999999}",
            422,
            "validation_failed",
            "/count",
            "wrong_type",
        ),
        ("{\"name\": \"a\", \"kind\": \"other\"}", 422, "validation_failed", "/kind", "not_allowed"),
        (
            "{\"name\": \"a\", \"parts\": [{\"tag\": \"abc\"}, {\"tag\": \"abcd\"}]}",
            422,
            "validation_failed",
            "/parts/1/tag",
            "too_long",
        ),
        (
            "{\"name\": \"a\", \"parts\": [{\"tag\": \"abc\", \"x\": 1}]}",
            422,
            "unknown_field",
            "/parts/0/x",
            "unknown_field",
        ),
        ("{\"name\": \"a\", \"on\": \"2009-2-1\"}", 422, "validation_failed", "/on", "invalid_date"),
        ("{\"name\": \"a\", \"on\": \"1899-12-31\"}", 422, "validation_failed", "/on", "invalid_date"),
        ("{\"name\": \"a\", \"at\": \"2009-12-15\"}", 422, "validation_failed", "/at", "invalid_instant"),
    ];
    for (body, status, code, pointer, rule) in table {
        for (language, tag) in [("zh-CN", "zh-CN"), ("en", "en")] {
            let answer = world
                .call("POST", "/test/samples")
                .bytes(*body)
                .header("Content-Type", "application/json")
                .header("Accept-Language", language)
                .problem(*status, code);
            let problem = answer.json();
            assert_eq!(problem["errors"][0]["code"], *rule, "{body}: {problem}");
            assert_eq!(problem["errors"][0]["pointer"], *pointer, "{body}: {problem}");
            assert_eq!(answer.header("content-language"), Some(tag), "{body}");
            let detail = problem["errors"][0]["detail"].as_str().unwrap();
            assert_eq!(detail.is_ascii(), language == "en", "{body}: {detail}");
            assert_eq!(problem["type"], format!("/problems/{code}"));
            assert_eq!(problem["instance"], "/test/samples");
            assert_eq!(problem["request_id"].as_str(), answer.header("x-request-id"));
        }
    }
}

#[test]
fn a_good_body_is_read_whole() {
    let world = world(|_| {});
    let body = json!({"name": "刘岩", "count": 1, "kind": "plain", "parts": [{"tag": "a"}],
        "on": "2009-12-14", "at": "2009-12-15T10:00:00+08:00"});
    let answer = world.post("/test/samples", body).status(200).json();
    assert_eq!(answer["at"], "2009-12-15T02:00:00Z");
    assert_eq!(answer["parts"], json!(["a"]));
}

#[test]
fn the_kind_and_size_of_a_body_are_checked_before_it_is_read() {
    let world = world(|config| config.body_limit = 1024);
    let send = |kind: &str, body: Vec<u8>| {
        world.call("POST", "/test/samples").bytes(body).header("Content-Type", kind)
    };
    let good = || b"{\"name\":\"a\"}".to_vec();
    send("application/json; charset=utf-8", good()).status(200);
    send("text/plain", good()).problem(415, "unsupported_media_type");
    send("application/json; charset=gbk", good()).problem(415, "unsupported_media_type");
    send("application/merge-patch+json", good()).problem(415, "unsupported_media_type");
    send("application/json", good())
        .header("Content-Encoding", "gzip")
        .problem(415, "unsupported_media_type");
    send("application/json", vec![b' '; 2000]).problem(413, "body_too_large");
    send("application/json", good()).header("Idempotency-Key", "a b").problem(400, "invalid_header");
}

#[test]
fn a_merge_patch_keeps_clears_and_sets() {
    let world = world(|_| {});
    let path = "/test/samples/0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e";
    let patch = |body| world.patch(path, body).if_match(3);
    assert_eq!(patch(json!({})).status(200).string("note"), "kept");
    assert_eq!(patch(json!({"note": null})).status(200).string("note"), "cleared");
    assert_eq!(patch(json!({"note": "a"})).status(200).string("note"), "a");
    assert_eq!(patch(json!({"note": "abcd"})).problem(422, "validation_failed").error_codes(), ["too_long"]);
    assert_eq!(patch(json!({"name": null})).problem(422, "validation_failed").error_codes(), ["wrong_type"]);
    world.patch(path, json!({})).problem(428, "precondition_required");
    world.patch(path, json!({})).if_match(2).problem(412, "stale");
    world.patch(path, json!({})).header("If-Match", "3").problem(400, "invalid_header");
    world.patch(path, json!({})).header("If-Match", "W/\"3\"").problem(412, "stale");
    world.patch(path, json!({})).header("If-Match", "*").status(200);
    world.patch("/test/samples/1", json!({})).if_match(3).problem(400, "invalid_parameter");
}

#[test]
fn queries_are_strict() {
    let world = world(|_| {});
    world.get("/test/samples?limit=5").status(200);
    world.get("/test/samples?limit=0").problem(400, "invalid_parameter");
    world.get("/test/samples?nope=0").problem(400, "unknown_parameter");
    world.get("/livez?nope=0").problem(400, "unknown_parameter");
}

#[test]
fn unknown_paths_wrong_methods_and_panics_are_problems() {
    let world = world(|_| {});
    world.get("/v1/nothing").problem(404, "unknown_path");
    world.get("/livez/").problem(404, "unknown_path");
    let refused = world.call("DELETE", "/livez").problem(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET, HEAD"));
    world.call("POST", "/problems/internal").problem(405, "method_not_allowed");
    let failed = world.get("/test/panic").header("Accept-Language", "zh").problem(500, "internal");
    assert!(!failed.text().contains("secret"));
    assert_eq!(failed.header("content-language"), Some("zh-CN"));
    assert!(failed.header("x-request-id").is_some());
    world.get("/livez").status(200);
}

#[test]
fn a_request_has_an_id_and_head_has_no_body() {
    let world = world(|_| {});
    let own = world.get("/livez").header("X-Request-Id", "abc-1").status(200);
    assert_eq!(own.header("x-request-id"), Some("abc-1"));
    let odd = world.get("/livez").header("X-Request-Id", "a b").status(200);
    assert_ne!(odd.header("x-request-id"), Some("a b"));
    assert_eq!(odd.header("api-version"), Some("1"));
    assert_eq!(odd.header("business-date"), None);
    let head = world.call("HEAD", "/livez").status(200);
    assert!(head.body.is_empty());
    world.clock.shift_business(chrono::Duration::days(-1));
    assert_eq!(world.get("/livez").status(200).header("business-date"), Some("2009-12-13"));
}

#[test]
fn the_business_date_is_that_of_the_time_zone_in_the_settings() {
    let world = world(|config| config.time_zone = chrono_tz::America::Los_Angeles);
    world.clock.shift_business(chrono::Duration::days(-1));
    assert_eq!(world.get("/livez").status(200).header("business-date"), Some("2009-12-12"));
}

#[test]
fn large_answers_are_compressed_and_small_ones_are_not() {
    let world = world(|_| {});
    let large = world.get("/test/samples").header("Accept-Encoding", "br").status(200);
    let small = world.get("/livez").header("Accept-Encoding", "br").status(200);
    assert!(large.header("vary").is_some());
    assert_eq!(small.header("content-encoding"), None);
}

#[test]
fn the_deadline_and_a_slow_body_end_as_problems() {
    let world = world(|config| config.request_timeout = Duration::from_millis(900));
    world.get("/test/sleep").problem(503, "unavailable");
    let mut stream = TcpStream::connect(world.base.trim_start_matches("http://")).unwrap();
    stream
        .write_all(b"POST /test/samples HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{")
        .unwrap();
    let mut answer = vec![0; 2000];
    let read = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("request_timeout"), "{answer}");
}

#[test]
fn browsers_of_configured_origins_may_read_our_headers() {
    let world = world(|config| config.cors_origins = vec!["https://app.example.com".to_owned()]);
    let known = world.get("/livez").header("Origin", "https://app.example.com").status(200);
    assert_eq!(known.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert!(known.header("access-control-expose-headers").unwrap().contains("etag"));
    let foreign = world.get("/livez").header("Origin", "https://evil.example.com").status(200);
    assert_eq!(foreign.header("access-control-allow-origin"), None);
}

#[test]
fn health_and_figures_are_served() {
    let world = World::new(Engine::Sqlite).unwrap();
    world.get("/readyz").status(200);
    let figures = world.figures();
    assert!(figures.contains("route=\"/readyz\",status=\"200\""), "{figures}");
    world.app.stop_taking_requests();
    world.get("/readyz").problem(503, "unavailable");
}

#[test]
fn a_body_is_told_every_place_where_it_does_not_fit() {
    both(|world| {
        let cast = world.cast();
        let told = |body: Value, code: &str| {
            let refused = world.post("/v1/prospects", body).by(&cast.agent_a).problem(422, code).json();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let errors = refused["errors"].as_array().unwrap().iter();
            errors.map(|e| (text(&e["pointer"]), text(&e["code"]))).collect::<Vec<_>>()
        };
        let is = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned()))
                .collect::<Vec<_>>()
        };
        let types = [("/name", "wrong_type"), ("/phones", "wrong_type"), ("/source", "wrong_type")];
        assert_eq!(told(json!({"name": 1, "phones": "x", "source": 5}), "validation_failed"), is(&types));
        let body = json!({"nmae": "a", "phones": [1, "13800138000", 2], "source": "fair"});
        let misspelt = [
            ("/nmae", "unknown_field"),
            ("/phones/0", "wrong_type"),
            ("/phones/2", "wrong_type"),
            ("/name", "required"),
        ];
        assert_eq!(told(body, "unknown_field"), is(&misspelt));
    });
}

#[test]
fn figures_and_lists_are_told_with_their_bounds_in_words_that_fit() {
    both(|world| {
        let cast = world.cast();
        let body = json!({"prospect_id": cast.agent_a.id, "days": 99_999_999_999_i64, "reason_text": "x"});
        let far =
            world.post("/v1/extensions", body).by(&cast.agent_a).problem(422, "validation_failed").json();
        assert_eq!(far["errors"][0]["code"], "out_of_range");
        assert_eq!(
            far["errors"][0]["params"],
            json!({"min": i32::MIN.to_string(), "max": i32::MAX.to_string()})
        );
        let six = json!({"name": "a", "phones": vec!["13800001234"; 6]});
        for (language, words) in [("en", "At most 5 entries."), ("zh-CN", "至多 5 项。")] {
            let call = world.post("/v1/prospects", six.clone()).by(&cast.agent_a);
            let refused = call.header("Accept-Language", language).problem(422, "validation_failed").json();
            let too_long =
                refused["errors"].as_array().unwrap().iter().find(|e| e["pointer"] == "/phones").unwrap();
            assert_eq!((&too_long["code"], &too_long["detail"]), (&json!("too_long"), &json!(words)));
        }
    });
}
