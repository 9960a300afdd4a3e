//! P1: no log line and no figure holds a name, a number, a text, a token, a password or a secret.
//!
//! The real binary, as talkative as its settings allow, is told all of that: in requests that succeed, in requests that
//! are refused for every reason there is, and in rows that the database itself complains about.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use diesel::connection::SimpleConnection as _;
use prospector::{
    clock::Clock,
    domain::organisation::actor::Role,
    store::{
        StoreError,
        db::{connection::Engine, meta},
    },
};
use serde_json::{Value, json};

use super::{
    planting::{Canaries, storing},
    table::Side,
};
use crate::harness::{
    Cast, Person, World,
    actors::{PASSWORD, machine, person},
    both,
    given::Prospect,
    running::{Running, serve_logging_to},
};

/// A text in requests that are refused.
const REFUSED: &str = "canary-refused-x";
/// A number in requests that are refused.
const NUMBER: &str = "13911227777";

/// Puts the binary in the place of the world's own service, on the sample's Monday, with a log of everything.
fn talkative(world: &mut World, format: &str, log: &std::path::Path) -> Running {
    let now = Clock::system().now();
    let shift =
        (crate::harness::app::MONDAY.parse::<chrono::DateTime<chrono::Utc>>().unwrap() - now).num_seconds();
    world.clock.set(now);
    let noted: Result<(), StoreError> =
        world.app.db.write_blocking(move |conn| meta::set(conn, meta::BUSINESS_SHIFT, &shift.to_string()));
    noted.unwrap();
    let url = world.database.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", world.database.folder.path().to_str().unwrap()),
        ("LOG_LEVEL", "trace"),
        ("LOG_FORMAT", format),
        ("TICK_SECONDS", "1"),
        ("DB_QUEUE_WAIT_MS", "60000"),
        ("LOGINS_PER_MINUTE", "10000"),
    ];
    let running = serve_logging_to(fs::File::create(log).unwrap(), &settings);
    world.base = format!("http://{}", running.address);
    running
}

/// Everything the API takes, with canaries, each for an agent of its own.
fn write_everything(world: &World, cast: &Cast, canaries: &mut Canaries) {
    for row in storing() {
        let name = format!("owner-{}", world.app.ids.id());
        let owner = person(world, &name, Role::Agent, &cast.north);
        let side = Side { owner: &owner, supervisor: &cast.head_a, team: &cast.branch };
        let ask = canaries.plant(row.operation, (row.ask)(world, &side));
        let answer = ask.call(world).by(side.whoever_may(world, row.access)).send();
        assert!((200..300).contains(&answer.status), "{}: {}", row.operation, answer.text());
        // Once more, with a word too many, and with another type: refused.
        for (field, value) in
            [(REFUSED, json!(REFUSED)), ("name", json!([REFUSED])), ("reason", json!(REFUSED))]
        {
            let mut worse = ask.clone();
            worse.body.as_mut().unwrap()[field] = value;
            worse.call(world).by(&owner).send();
        }
    }
}

/// Signs in and out; answers with every token that was given.
fn sign_in_and_out(world: &World, by: &Person) -> Vec<String> {
    let login = |name: &str, password: &str| {
        world.post("/v1/auth/login", json!({"username": name, "password": password})).send()
    };
    let mut given = by_machine(world);
    let mut keep = |answer: &Value| {
        for kind in ["access_token", "refresh_token"] {
            given.push(answer[kind].as_str().unwrap().to_owned());
        }
    };
    let first = login(&by.username, PASSWORD).json();
    keep(&first);
    world.get("/v1/me").token(first["access_token"].as_str().unwrap()).status(200);
    let refresh = |answer: &Value| {
        world.post("/v1/auth/refresh", json!({"refresh_token": answer["refresh_token"]})).send()
    };
    let second = refresh(&first).json();
    keep(&second);
    assert_eq!(refresh(&first).status, 401, "used twice");
    world.post("/v1/auth/logout", json!({"refresh_token": second["refresh_token"]})).status(204);
    for (name, password) in [(by.username.as_str(), REFUSED), (REFUSED, PASSWORD), (REFUSED, REFUSED)] {
        assert_eq!(login(name, password).status, 401);
    }
    given
}

/// Gets tokens as a machine, and is refused some; answers with the secret and every token that was given.
fn by_machine(world: &World) -> Vec<String> {
    let above = world.above();
    let (machine, secret) = machine(world, "a quiet machine", &above.team);
    let ask = |secret: &str| {
        let body =
            json!({"grant_type": "client_credentials", "client_id": machine.id, "client_secret": secret});
        world.post("/v1/auth/token", body).send()
    };
    let basic = |name: &str, secret: &str| {
        let form = "grant_type=client_credentials&scope=roster";
        let call = world.call("POST", "/v1/auth/token").bytes(form);
        let by = format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")));
        call.header("Content-Type", "application/x-www-form-urlencoded").header("Authorization", &by).send()
    };
    assert_eq!(basic(REFUSED, REFUSED).status, 401);
    assert_eq!(basic(&machine.id.to_string(), REFUSED).status, 401);
    assert_eq!(ask(REFUSED).status, 401);
    let tokens = [ask(&secret), basic(&machine.id.to_string(), &secret)];
    let path = format!("/v1/service-clients/{}/secrets", machine.id);
    let more = world.call("POST", &path).by(&above.head).status(201).string("client_secret");
    tokens.iter().map(|answer| answer.string("access_token")).chain([secret, more]).collect()
}

/// Requests that are refused, with what must not be told in every part of them.
fn knock_in_vain(world: &World, by: &Person) {
    for token in [REFUSED.to_owned(), format!("eyJ{REFUSED}.{REFUSED}.{REFUSED}")] {
        world.get("/v1/me").token(&token).status(401);
        world.get("/v1/me").header("Authorization", &format!("Basic {token}")).status(401);
    }
    for path in [
        format!("/v1/prospects?q={NUMBER}"),
        format!("/v1/prospects?q={REFUSED}&tag={REFUSED}"),
        format!("/v1/prospects?{REFUSED}={NUMBER}"),
        format!("/v1/prospects?sort={REFUSED}"),
        format!("/v1/prospects?cursor={REFUSED}"),
        format!("/v1/prospects/{REFUSED}"),
        format!("/v1/exercises/{REFUSED}"),
        format!("/v1/me?access_token={REFUSED}"),
        format!("/{REFUSED}/{NUMBER}"),
    ] {
        world.get(&path).by(by).send();
        world.get(&path).send();
        world.call("DELETE", &path).by(by).send();
        world.call(REFUSED, &path).by(by).send();
    }
    for header in [
        "Accept-Language",
        "Idempotency-Key",
        "If-Match",
        "User-Agent",
        "Cookie",
        "Origin",
        "traceparent",
        "X-Forwarded-For",
        "Referer",
        "Content-Type",
    ] {
        let body = json!({"name": REFUSED, "phones": [NUMBER], "source": REFUSED});
        world.post("/v1/prospects", body.clone()).header(header, REFUSED).send();
        world.patch(&format!("/v1/prospects/{REFUSED}"), body).by(by).header(header, REFUSED).send();
    }
    let long = REFUSED.repeat(40_000);
    for body in [format!("{{\"name\": \"{REFUSED}\", {NUMBER}"), format!("\"{REFUSED}\""), long.clone()] {
        world.post("/v1/prospects", json!({})).bytes(body).by(by).send();
    }
    let address = world.base.strip_prefix("http://").unwrap();
    for raw in [
        format!("GET /{REFUSED} HTTP/9.9\r\n\r\n"),
        format!("{REFUSED} {NUMBER}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\n{REFUSED}: \u{1}{REFUSED}\r\n\r\n"),
        format!("POST /v1/prospects HTTP/1.1\r\nHost: x\r\nContent-Length: {REFUSED}\r\n\r\n"),
        format!("POST /v1/prospects HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{REFUSED}\r\n"),
        format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", &long[..300_000]),
    ] {
        let mut stream = TcpStream::connect(address).unwrap();
        // The service may hang up before it has read everything.
        let _ = stream.write_all(raw.as_bytes());
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

/// Rows that the database, or the reading of them, complains about in words that quote them.
fn upset_the_database(world: &World, by: &Person) {
    let execute = |sql: String| {
        let done: Result<(), StoreError> =
            world.app.db.write_blocking(move |conn| Ok(conn.batch_execute(&sql)?));
        done.unwrap();
    };
    for (column, value) in [
        ("tags", format!("[\"{REFUSED}\", ")),
        ("tags", format!("{{\"{REFUSED}\": 1}}")),
        ("phones", format!("\"{NUMBER}\"")),
        ("decision_role", REFUSED.to_owned()),
    ] {
        let prospect = Prospect::named(world, by, "Corrupt");
        execute(format!(
            "UPDATE prospect_people SET {column} = '{value}' WHERE prospect_id = '{}'",
            prospect.id
        ));
        world.get(&prospect.path("")).by(by).problem(500, "internal");
        world.patch(&prospect.path(""), json!({})).by(by).if_match(1).problem(500, "internal");
    }
    let quoting = match world.engine {
        Engine::Sqlite => {
            "CREATE TRIGGER quoting BEFORE INSERT ON prospect_people BEGIN SELECT RAISE(ABORT, NEW.name); END"
        }
        Engine::Postgres => {
            "CREATE OR REPLACE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION '%', NEW.name USING DETAIL = NEW.notes, HINT = NEW.source; END $$;
             CREATE TRIGGER quoting BEFORE INSERT ON prospect_people FOR EACH ROW EXECUTE FUNCTION quoting()"
        }
    };
    execute(quoting.to_owned());
    let body = json!({"name": REFUSED, "phones": [NUMBER], "notes": REFUSED, "source": REFUSED});
    world.post("/v1/prospects", body).by(by).problem(500, "internal");
    execute(
        "DROP TRIGGER quoting".to_owned()
            + if world.engine == Engine::Postgres { " ON prospect_people" } else { "" },
    );
}

/// What lies in the folder of the keys, in pieces long enough to mean something.
fn kept_secrets(world: &World) -> Vec<String> {
    let files = fs::read_dir(&world.app.config.keys_dir).unwrap();
    let texts =
        files.map(|file| String::from_utf8_lossy(&fs::read(file.unwrap().path()).unwrap()).into_owned());
    let lines = texts.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    lines.filter(|line| line.len() >= 20 && !line.starts_with("-----")).collect()
}

#[test]
fn the_log_and_the_figures_hold_nothing_personal_and_no_secret() {
    both(|mut world| {
        let cast = world.cast_below("");
        let mut canaries = Canaries::default();
        for format in ["json", "text"] {
            let file = world.database.folder.path().join("log");
            let running = talkative(&mut world, format, &file);
            write_everything(&world, &cast, &mut canaries);
            let mut secrets = sign_in_and_out(&world, &cast.agent_b);
            knock_in_vain(&world, &cast.agent_b);
            upset_the_database(&world, &cast.agent_b);
            let figures = running.read_figures();
            let log = fs::read_to_string(&file).unwrap() + &running.end();

            secrets.extend(kept_secrets(&world));
            secrets.extend(
                [REFUSED, NUMBER, PASSWORD, "eyJ", "prt_", "psc_", "$argon2", "liuyan"].map(str::to_owned),
            );
            for (what, text) in [("log", &log), ("figures", &figures)] {
                let line = |found: &str| {
                    text.lines()
                        .find(|line| line.to_lowercase().contains(&found.to_lowercase()))
                        .map(str::to_owned)
                };
                let canary = canaries
                    .found_in(text)
                    .map(|canary| (canary.operation, &canary.place, line(&canary.text)));
                assert_eq!(canary, None, "in the {what}");
                for secret in &secrets {
                    assert_eq!(
                        text.find(secret.as_str()),
                        None,
                        "{secret} in the {what}: {:?}",
                        line(secret)
                    );
                }
            }
            // It did speak, of everything, as loudly as it can.
            for word in ["answered", "database error", "a row is corrupt", "used twice", "TRACE"] {
                assert!(log.contains(word), "no {word:?} in the log");
            }
            let lines = log.lines().count();
            assert!(lines > 500, "only {lines} lines");
            println!("P1 on {:?}, {format}: {} canaries, {lines} lines", world.engine, canaries.0.len());
        }
    });
}

#[test]
#[ignore = "panics in a process of its own: the test below runs it"]
fn somebody_panics_with_a_name() {
    prospector::api::middleware::request_context::install_panic_hook();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(std::io::stderr).init();
    panic!("{REFUSED}");
}

#[test]
fn a_panic_tells_its_place_and_not_what_it_was_about() {
    let myself = std::env::current_exe().unwrap();
    let panics = "access::silence::somebody_panics_with_a_name";
    let output = Command::new(myself).args(["--exact", panics, "--ignored", "--nocapture"]).output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(said.contains("silence.rs:"), "{said}");
    assert!(!said.contains(REFUSED), "{said}");
}
