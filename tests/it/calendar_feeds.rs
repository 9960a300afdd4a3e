//! Calendar feeds: the own appointments under a link that opens nothing but them.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Read as _},
    process::{Command, Stdio},
};

use diesel::prelude::*;
use prospector::store::{
    StoreError,
    db::schema::{audit, calendar_feeds, idempotent_answers},
};
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::PASSWORD, both, given::Prospect};

/// A new feed; answers its id and its link.
fn feed(world: &World, by: &Person, language: &str) -> (String, String) {
    let made = world.post("/v1/calendar-feeds", json!({"language": language})).by(by).status(201);
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let made = made.json();
    (made["feed"]["id"].as_str().unwrap().to_owned(), made["url"].as_str().unwrap().to_owned())
}

/// The events behind a link by their summaries, read by the letter of RFC 5545.
fn events(world: &World, url: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let answer = world.get(url).status(200);
    assert_eq!(answer.header("content-type"), Some("text/calendar; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("private, no-cache"));
    let text = answer.text();
    assert!(text.split("\r\n").all(|line| line.len() <= 76 && !line.contains('\n')), "{text}");
    let text = text.replace("\r\n ", "");
    assert!(text.contains("X-WR-TIMEZONE:Asia/Shanghai\r\n"));
    let mut all = BTreeMap::new();
    for event in text.split("BEGIN:VEVENT\r\n").skip(1) {
        let (event, _) = event.split_once("END:VEVENT\r\n").unwrap();
        let line = |line: &str| line.split_once(':').map(|(k, v)| (k.to_owned(), v.to_owned())).unwrap();
        let event: BTreeMap<String, String> = event.split_terminator("\r\n").map(line).collect();
        all.insert(event["SUMMARY"].clone(), event);
    }
    all
}

fn summaries(world: &World, url: &str) -> Vec<String> {
    events(world, url).into_keys().collect()
}

fn meets(world: &World, by: &Person, name: &str, starts_at: &str) -> Prospect {
    let mut p = Prospect::named(world, by, name);
    let facts = json!({"first_appointment": {"starts_at": starts_at, "agenda": "get to know each other"}});
    p.moves(world, by, json!({"to": "first_appointment", "facts": facts}));
    p
}

/// Changes the first appointment of a prospect; answers its id.
fn changes(world: &World, by: &Person, p: &mut Prospect, body: Value) -> String {
    let page = world.get(&p.path("/appointments")).by(by).status(200).json();
    let id = page["data"][0]["id"].as_str().unwrap().to_owned();
    let path = p.path(&format!("/appointments/{id}"));
    p.version = world.patch(&path, body).by(by).if_match(p.version).status(200).version();
    id
}

#[test]
fn a_calendar_shows_the_own_appointments_at_their_instants_and_what_became_of_them() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut deferred = meets(&world, agent, "甲", "2009-12-15T10:00:00+08:00");
        let id = changes(&world, agent, &mut deferred, json!({"starts_at": "2009-12-16T23:30:00+08:00"}));
        let mut cancelled = meets(&world, agent, "乙", "2009-12-15T11:00:00+08:00");
        changes(&world, agent, &mut cancelled, json!({"outcome": "cancelled"}));
        let mut missed = meets(&world, agent, "丙", "2009-12-14T08:00:00+08:00");
        changes(&world, agent, &mut missed, json!({"outcome": "no_show"}));
        let mut held = meets(&world, agent, "丁", "2009-12-14T08:30:00+08:00");
        changes(&world, agent, &mut held, json!({"outcome": "held"}));
        meets(&world, &cast.peer, "别人的", "2009-12-15T10:00:00+08:00");

        let (_, url) = feed(&world, agent, "zh-CN");
        let all = events(&world, &url);
        assert_eq!(
            all.keys().collect::<Vec<_>>(),
            ["丁 · 初次见面", "丙 · 初次见面", "乙 · 初次见面", "甲 · 初次见面"]
        );
        let first = &all["甲 · 初次见面"];
        let is =
            |key: &str, value: &str| assert_eq!(first.get(key).map(String::as_str), Some(value), "{key}");
        is("UID", &id);
        is("DTSTART", "20091216T153000Z");
        is("DTEND", "20091216T163000Z");
        is("STATUS", "CONFIRMED");
        is("DTSTAMP", "20091214T010000Z");
        assert_eq!(all["乙 · 初次见面"]["STATUS"], "CANCELLED");
        let said = |name: &str| all[&format!("{name} · 初次见面")]["DESCRIPTION"].clone();
        assert_eq!(said("丙"), "get to know each other\\n客户未到");
        assert_eq!(said("丁"), "get to know each other\\n已见面");

        let (_, english) = feed(&world, agent, "en");
        assert!(summaries(&world, &english).contains(&"甲 · first appointment".to_owned()));
        // Ninety days back, everything ahead.
        world.on("2010-03-14");
        assert_eq!(events(&world, &url).len(), 4);
        world.on("2010-03-15");
        assert_eq!(summaries(&world, &url), ["乙 · 初次见面", "甲 · 初次见面"]);
    });
}

#[test]
fn a_calendar_reads_the_same_until_something_changes() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = meets(&world, agent, "甲", "2009-12-15T10:00:00+08:00");
        let (_, url) = feed(&world, agent, "en");
        let first = world.get(&url).status(200);
        let tag = first.header("etag").unwrap().to_owned();
        world.clock.advance(chrono::Duration::minutes(15));
        let again = world.get(&url).status(200);
        assert_eq!((again.text(), again.header("etag")), (first.text(), Some(tag.as_str())));
        let held = world.get(&url).header("If-None-Match", &tag).status(304);
        assert_eq!((held.text().as_str(), held.header("etag")), ("", Some(tag.as_str())));
        changes(&world, agent, &mut p, json!({"starts_at": "2009-12-16T10:00:00+08:00"}));
        let changed = world.get(&url).header("If-None-Match", &tag).status(200);
        assert_ne!(changed.header("etag"), Some(tag.as_str()));
        assert!(changed.text().contains("DTSTAMP:20091214T011500Z"), "{}", changed.text());
    });
}

#[test]
fn every_change_of_an_appointment_makes_its_sequence_grow_also_a_change_that_is_taken_back() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = meets(&world, agent, "甲", "2009-12-15T10:00:00+08:00");
        let (_, url) = feed(&world, agent, "en");
        let seen = || {
            let event = events(&world, &url).remove("甲 · first appointment").unwrap();
            (event["SEQUENCE"].parse::<i64>().unwrap(), event["STATUS"].clone())
        };
        let mut last = seen();
        for change in [
            json!({"joint_visit_with": cast.head_a.id}),
            json!({"starts_at": "2009-12-16T10:00:00+08:00"}),
            json!({"joint_visit_with": null}),
            json!({"outcome": "cancelled"}),
        ] {
            changes(&world, agent, &mut p, change.clone());
            let now = seen();
            assert!(now.0 > last.0, "{change}: {last:?} {now:?}");
            last = now;
        }
        assert_eq!(last.1, "CANCELLED");
    });
}

#[test]
fn a_link_is_shown_once_and_only_its_hash_is_kept() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let ask = || {
            let call = world.post("/v1/calendar-feeds", json!({})).by(agent);
            call.header("Idempotency-Key", "one-feed").header("Accept-Language", "zh-CN").status(201)
        };
        let first = ask();
        let url = first.string("url");
        let token =
            url.strip_prefix("/calendar-feeds/").unwrap().strip_suffix("/calendar.ics").unwrap().to_owned();
        assert_eq!(token.len(), 43, "256 bits");
        let again = ask();
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_eq!((&again.json()["feed"], &again.json()["url"]), (&first.json()["feed"], &Value::Null));
        assert_eq!(first.json()["feed"]["language"], "zh-CN", "the reader's own");
        let list = world.get("/v1/calendar-feeds").by(agent).status(200);
        assert_eq!(list.json()["data"], json!([first.json()["feed"]]));
        let path = format!("/v1/calendar-feeds/{}", first.json()["feed"]["id"].as_str().unwrap());
        assert_eq!(first.header("location"), Some(&*path));
        assert_eq!(world.get(&path).by(agent).status(200).json(), first.json()["feed"]);

        let stored: (Vec<String>, Vec<String>) = world
            .app
            .db
            .read_blocking(|conn| -> Result<_, StoreError> {
                let hashes = calendar_feeds::table.select(calendar_feeds::token_hash).load(conn)?;
                Ok((hashes, idempotent_answers::table.select(idempotent_answers::body).load(conn)?))
            })
            .unwrap();
        assert_eq!((stored.0.len(), stored.1.is_empty()), (1, false));
        assert!(!format!("{stored:?}").contains(&token));
        events(&world, &url);
        let metrics = world.figures();
        assert!(metrics.contains("/calendar-feeds/{feed_token}/calendar.ics"));
        assert!(!metrics.contains(&token));
    });
}

#[test]
fn a_calendar_says_its_own_language_and_not_that_of_whoever_fetches_it() {
    both(|world| {
        let cast = world.cast();
        for (language, other) in [("zh-CN", "en"), ("en", "zh-CN")] {
            let (_, url) = feed(&world, &cast.agent_a, language);
            for call in [world.get(&url), world.get(&url).header("Accept-Language", other)] {
                assert_eq!(call.status(200).header("content-language"), Some(language));
            }
        }
    });
}

#[test]
fn a_revoked_link_reads_like_a_wrong_one_at_once() {
    both(|world| {
        let cast = world.cast();
        let (id, url) = feed(&world, &cast.agent_a, "en");
        let (_, other) = feed(&world, &cast.agent_a, "en");
        let path = format!("/v1/calendar-feeds/{id}");
        world.delete(&path).by(&cast.agent_a).problem(428, "precondition_required");
        world.delete(&path).by(&cast.agent_a).if_match(2).problem(412, "stale");
        for stranger in [&cast.peer, &cast.head_a, &cast.supervisor_b] {
            world.get(&path).by(stranger).problem(404, "not_found");
            world.delete(&path).by(stranger).if_match(1).problem(404, "not_found");
            assert_eq!(world.get("/v1/calendar-feeds").by(stranger).status(200).json()["data"], json!([]));
        }
        events(&world, &url);
        world.delete(&path).by(&cast.agent_a).if_match(1).status(204);
        let bare = |url: &str| {
            let answer = world.get(url).problem(404, "not_found");
            let mut body = answer.json();
            body.as_object_mut().unwrap().retain(|key, _| key != "request_id" && key != "instance");
            let named = |name: &str| answer.header(name).map(str::to_owned);
            (body, named("content-type"), named("cache-control"), named("vary"))
        };
        let wrong = format!("/calendar-feeds/{}/calendar.ics", "x".repeat(43));
        assert_eq!(bare(&url), bare(&wrong));
        world.delete(&path).by(&cast.agent_a).if_match(1).problem(404, "not_found");
        events(&world, &other);
        world.get("/calendar-feeds/nothing").problem(404, "unknown_path");
        world.call("POST", &other).json(json!({})).problem(405, "method_not_allowed");
        let actions: Vec<String> = world
            .app
            .db
            .read_blocking(|conn| -> Result<_, StoreError> {
                let of_feeds = audit::table.filter(audit::subject_kind.eq("calendar_feed"));
                Ok(of_feeds.order(audit::id).select(audit::action).load(conn)?)
            })
            .unwrap();
        assert_eq!(actions, ["calendar_feed_created", "calendar_feed_created", "calendar_feed_revoked"]);
    });
}

#[test]
fn a_link_stops_with_its_user_and_goes_along_to_another_team() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        meets(&world, agent, "甲", "2009-12-15T10:00:00+08:00");
        let (_, url) = feed(&world, agent, "en");
        let move_to = json!({"team_id": cast.branch.id, "valid_from": "2009-12-14"});
        let path = format!("/v1/agents/{}", agent.id);
        let seen = world.get(&path).by(&cast.head_a).status(200).version();
        world.post(&format!("{path}/memberships"), move_to).by(&cast.head_a).if_match(seen).status(201);
        assert_eq!(summaries(&world, &url), ["甲 · first appointment"]);
        let seen = world.get(&path).by(&cast.head_a).status(200).version();
        let disabled = world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(seen);
        let disabled = disabled.status(200);
        world.get(&url).problem(404, "not_found");
        // It does not come back with the user.
        let active = world.patch(&path, json!({"status": "active"})).by(&cast.head_a);
        active.if_match(disabled.version()).status(200);
        world.get(&url).problem(404, "not_found");
    });
}

#[test]
fn a_link_ends_with_the_password_whoever_sets_a_new_one() {
    both(|world| {
        let cast = world.cast();
        let (_, url) = feed(&world, &cast.agent_a, "en");
        let (_, other) = feed(&world, &cast.peer, "en");
        let path = format!("/v1/agents/{}", cast.agent_a.id);
        let seen = world.get(&path).by(&cast.head_a).status(200).version();
        let reset = world.put(&format!("{path}/password"), json!({"password": "a longer sentence"}));
        reset.by(&cast.head_a).if_match(seen).status(204);
        world.get(&url).problem(404, "not_found");
        let own = json!({"current_password": PASSWORD, "new_password": "a longer sentence"});
        world.put("/v1/me/password", own).by(&cast.peer).status(204);
        world.get(&other).problem(404, "not_found");
    });
}

#[test]
fn nobody_has_more_links_than_can_be_watched() {
    both(|world| {
        let cast = world.cast();
        for _ in 0..10 {
            feed(&world, &cast.agent_a, "en");
        }
        let said = world.post("/v1/calendar-feeds", json!({})).by(&cast.agent_a).problem(409, "conflict");
        assert_eq!(said.error_codes(), ["too_many_feeds"]);
        feed(&world, &cast.peer, "en");
        let odd = world.post("/v1/calendar-feeds", json!({"language": "fr"})).by(&cast.peer);
        odd.problem(422, "validation_failed");
    });
}

#[test]
fn the_secret_of_a_link_is_in_no_line_of_the_log() {
    both(|world| {
        let cast = world.cast();
        let (_, url) = feed(&world, &cast.agent_a, "en");
        let data = world.database.folder.path().to_str().unwrap().to_owned();
        let mut service = Command::new(env!("CARGO_BIN_EXE_prospector"))
            .arg("serve")
            .env_clear()
            .env("BIND", "127.0.0.1:0")
            .env("LOG_LEVEL", "trace")
            .env("DATABASE_URL", world.database.url())
            .env("DATA_DIR", data)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Read along: a full pipe would stop the service.
        let mut log = service.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut said = String::new();
            log.read_to_string(&mut said).unwrap();
            said
        });
        let lines = BufReader::new(service.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines
            .filter_map(|line| {
                let (_, rest) = line.split_once("listens on http://")?;
                Some(rest.split(',').next()?.to_owned())
            })
            .next()
            .unwrap();
        let read = ureq::get(format!("http://{address}{url}")).call().unwrap();
        assert_eq!(read.status(), 200);
        let wrong = format!("http://{address}/calendar-feeds/{}/calendar.ics?x=1", "w".repeat(43));
        assert!(ureq::get(wrong).call().is_err());
        service.kill().unwrap();
        service.wait().unwrap();
        let log = log.join().unwrap();
        assert!(log.contains("/calendar-feeds/{feed_token}/calendar.ics"), "the log was read: {log}");
        let token = url.split('/').nth(2).unwrap();
        assert!(!log.contains(token) && !log.contains(&"w".repeat(43)), "{log}");
    });
}
