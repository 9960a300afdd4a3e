//! The edges of HTTP: what browsers ask before they ask, and instants in a query.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use prospector::store::db::connection::Engine;
use serde_json::json;

use crate::harness::{World, both};

#[test]
fn a_preflight_is_answered_in_the_frame_and_a_refused_one_says_why() {
    let world = World::with(Engine::Sqlite, |config| {
        config.cors_origins = vec!["https://app.example.com".to_owned()]
    })
    .unwrap();
    let ask = |origin: &str, method: &str, headers: &str| {
        world
            .call("OPTIONS", "/v1/prospects")
            .header("Origin", origin)
            .header("Access-Control-Request-Method", method)
            .header("Access-Control-Request-Headers", headers)
            .header("Accept-Language", "zh-CN")
    };
    let known = "https://app.example.com";
    let fine = ask(known, "PATCH", "If-Match, authorization").status(200);
    assert_eq!(fine.header("access-control-allow-origin"), Some(known));
    assert!(fine.header("x-request-id").is_some());
    for (origin, method, headers, pointers) in [
        ("https://evil.example.com", "GET", "accept-language", vec!["/header/Origin"]),
        (known, "TRACE", "accept-language", vec!["/header/Access-Control-Request-Method"]),
        (known, "GET", "x-secret", vec!["/header/Access-Control-Request-Headers"]),
        (
            "null",
            "BREW",
            "x-secret",
            vec![
                "/header/Access-Control-Request-Headers",
                "/header/Access-Control-Request-Method",
                "/header/Origin",
            ],
        ),
    ] {
        let refused = ask(origin, method, headers).problem(400, "invalid_header");
        assert_eq!(refused.pointers(), pointers, "{origin} {method} {headers}");
        assert_eq!(refused.header("access-control-allow-origin"), None);
        assert_eq!(refused.header("content-language"), Some("zh-CN"));
        assert_eq!(refused.header("x-request-id"), Some(refused.string("request_id").as_str()));
    }
}

#[test]
fn a_head_that_cannot_be_read_is_answered_as_the_conventions_say_and_the_connection_closed() {
    both(|world| {
        let address = world.base.strip_prefix("http://").unwrap();
        let told = |request: &[u8]| {
            let mut stream = TcpStream::connect(address).unwrap();
            stream.write_all(request).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        for request in [
            "GET /v1/prospects?q=曾 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /v1/me HTTP/1.1\r\nHost x\r\n\r\n",
            "POST /v1/prospects HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        ] {
            let answer = told(request.as_bytes());
            assert!(
                answer.starts_with("HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n"),
                "{request}: {answer}"
            );
        }
    });
}

#[test]
fn an_instant_that_no_clock_shows_is_refused_and_the_example_is_one_that_is_taken() {
    both(|world| {
        let cast = world.cast();
        let list = |at: &str| world.get(&format!("/v1/prospects?updated_at_gte={at}")).by(&cast.agent_a);
        for taken in ["2009-12-15T02:00:00Z", "2009-12-15T10:00:00%2B08:00", "2009-12-15T10:00:00-03:00"] {
            list(taken).status(200);
        }
        // The plus sign of the offset has become a blank.
        let refused = list("2009-12-15T10:00:00+08:00").problem(400, "invalid_parameter");
        assert_eq!(refused.error_codes(), ["invalid_instant"]);
        let told = refused.json()["errors"][0]["detail"].as_str().unwrap().to_owned();
        assert!(
            told.contains("2009-12-15T02:00:00Z") && told.contains("%2B") && !told.contains("+08:00"),
            "{told}"
        );
        for none in [
            "2009-12-14T09:30:60Z",
            "2009-12-31T23:59:60Z",
            "2009-12-14T24:00:00Z",
            "2009-02-29T10:00:00Z",
            "2009-12-14T10:00:00",
        ] {
            assert_eq!(
                list(none).problem(400, "invalid_parameter").error_codes(),
                ["invalid_instant"],
                "{none}"
            );
            let body = json!({"kind": "call", "outcome": "dial", "occurred_at": none});
            let refused =
                world.post("/v1/activities", body).by(&cast.agent_a).problem(422, "validation_failed");
            assert_eq!(refused.error_codes(), ["invalid_instant"], "{none}");
        }
    });
}
