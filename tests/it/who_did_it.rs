//! Who did it: every log line of a request says whose it was, and from where.

use std::{fs, path::PathBuf};

use diesel::connection::SimpleConnection as _;
use prospector::{clock::Clock, store::StoreError};
use serde_json::{Value, json};

use crate::harness::{
    World,
    actors::PASSWORD,
    both,
    given::Prospect,
    running::{Running, serve_logging_to},
};

/// Puts the binary in the place of the world's own service, with a log in a file; on the clock of the machine.
fn logging(world: &mut World, level: &str) -> (Running, PathBuf) {
    world.clock.set(Clock::system().now());
    let (url, log) = (world.database.url(), world.database.folder.path().join(format!("log-{level}")));
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", world.database.folder.path().to_str().unwrap()),
        ("LOG_LEVEL", level),
        ("TICK_SECONDS", "0"),
        ("TRUSTED_PROXIES", "1"),
        ("DB_QUEUE_WAIT_MS", "60000"),
    ];
    let running = serve_logging_to(fs::File::create(&log).unwrap(), &settings);
    world.base = format!("http://{}", running.address);
    (running, log)
}

/// The log lines of one request.
fn lines_of(log: &PathBuf, request_id: &str) -> Vec<Value> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["span"]["request_id"] == request_id).collect()
}

fn said<'a>(lines: &'a [Value], what: &str) -> &'a Value {
    lines.iter().find(|line| line["message"] == what).unwrap_or_else(|| panic!("{what:?} not in {lines:?}"))
}

#[test]
fn every_log_line_of_a_request_says_who_asked_and_from_where() {
    both(|mut world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = Prospect::named(&world, agent, "王芳");
        let corrupt = format!("UPDATE prospect_people SET tags = '[' WHERE prospect_id = '{}'", p.id);
        let done: Result<(), StoreError> =
            world.app.db.write_blocking(move |conn| Ok(conn.batch_execute(&corrupt)?));
        done.unwrap();
        let (running, log) = logging(&mut world, "info");

        let from = |call: crate::harness::app::Call<'_>, id: &str| {
            call.header("X-Request-Id", id).header("X-Forwarded-For", "10.9.9.9, 203.0.113.9").send()
        };
        // What the database thread says about it is one of its lines too.
        assert_eq!(from(world.get(&p.path("")).by(agent), "broken").status, 500);
        let lines = lines_of(&log, "broken");
        said(&lines, "a row is corrupt");
        said(&lines, "answered");
        for line in &lines {
            assert_eq!(line["span"]["user_id"], agent.id.to_string(), "{line}");
            assert_eq!(line["span"]["client"], "203.0.113.9", "{line}");
        }

        let body = json!({"username": agent.username, "password": PASSWORD});
        assert_eq!(from(world.post("/v1/auth/login", body), "login").status, 200);
        let feed = world.post("/v1/calendar-feeds", json!({"language": "en"})).by(agent).status(201).json();
        assert_eq!(from(world.get(feed["url"].as_str().unwrap()), "calendar").status, 200);
        for id in ["login", "calendar"] {
            let lines = lines_of(&log, id);
            assert_eq!(said(&lines, "answered")["span"]["user_id"], agent.id.to_string(), "{id}");
        }

        // Nobody signed in, and no proxy that says where it came from.
        world.get("/v1/me").header("X-Request-Id", "stranger").status(401);
        let lines = lines_of(&log, "stranger");
        assert_eq!(said(&lines, "answered")["span"]["client"], "127.0.0.1");
        assert!(said(&lines, "answered")["span"].get("user_id").is_none());
        assert!(!fs::read_to_string(&log).unwrap().contains(&agent.username));
        drop(running);
    });
}

#[test]
fn what_is_left_of_the_log_at_a_high_level_still_says_whose_request_it_was() {
    both(|mut world| {
        let cast = world.cast();
        let p = Prospect::named(&world, &cast.agent_a, "王芳");
        let corrupt = format!("UPDATE prospect_people SET tags = '[' WHERE prospect_id = '{}'", p.id);
        let done: Result<(), StoreError> =
            world.app.db.write_blocking(move |conn| Ok(conn.batch_execute(&corrupt)?));
        done.unwrap();
        let (running, log) = logging(&mut world, "error");
        world.get(&p.path("")).by(&cast.agent_a).header("X-Request-Id", "broken").status(500);
        let lines = lines_of(&log, "broken");
        assert_eq!(said(&lines, "answered 500")["span"]["user_id"], cast.agent_a.id.to_string());
        drop(running);
    });
}
