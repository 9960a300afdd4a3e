//! Connections that take and give nothing (reliability O4): heads and bodies that drip in, and many that idle. Real sockets.

use std::{
    collections::VecDeque,
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use actix_web::HttpResponse;
use prospector::{config::Config, store::db::connection::Engine};
use serde_json::json;

use crate::harness::{World, app::Call, given::Prospect, on_each_engine};

/// Nothing here depends on the database.
fn world(change: impl FnOnce(&mut Config)) -> World {
    World::with(Engine::Sqlite, change).unwrap()
}

fn connect(world: &World) -> TcpStream {
    let stream = TcpStream::connect(world.base.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    stream
}

/// Reads what there is; `None` when the other side has ended the connection.
fn received(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = [0; 16_384];
    match stream.read(&mut bytes) {
        Ok(0) => None,
        Ok(n) => Some(String::from_utf8_lossy(&bytes[..n]).into_owned()),
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
            Some(String::new())
        }
        Err(_) => None,
    }
}

/// Says something on a new connection, then a piece every 50 ms until it ends; answers what came back.
fn dripped(world: &World, first: &str, piece: &str, within: Duration) -> String {
    go_on(connect(world), first, piece, within)
}

fn go_on(mut stream: TcpStream, first: &str, piece: &str, within: Duration) -> String {
    stream.write_all(first.as_bytes()).unwrap();
    let (begun, mut answer) = (Instant::now(), String::new());
    loop {
        match received(&mut stream) {
            Some(more) => answer.push_str(&more),
            None => return answer,
        }
        let _ = stream.write_all(piece.as_bytes());
        assert!(begun.elapsed() < within, "still open after {:?}: {first}\n{answer}", begun.elapsed());
    }
}

fn figure(world: &World, name: &str) -> f64 {
    let figures = world.figures();
    let line = figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap().parse().unwrap()
}

/// What a busy machine may take for a second that the library waits.
const SOON: Duration = Duration::from_secs(10);

#[test]
fn a_body_in_pieces_that_nobody_reads_ends_its_connection() {
    let world = world(|config| config.request_timeout = Duration::from_secs(60));
    let token = world.cast().agent_a.token(&world.app);
    let of = |line: &str| format!("{line} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n");
    let asks = [
        (of("GET /livez"), 200),
        (of("GET /v1/me"), 401),
        (of("GET /nowhere"), 404),
        (of("DELETE /livez"), 405),
        (format!("{}Authorization: Bearer {token}\r\n", of("GET /v1/me")), 200),
        (
            format!(
                "{}Authorization: Bearer {token}\r\nContent-Type: text/plain\r\n",
                of("POST /v1/prospects")
            ),
            415,
        ),
        (format!("{}Origin: https://nowhere.example\r\n", of("OPTIONS /v1/me")), 405),
    ];
    for (head, status) in asks {
        let answer = dripped(&world, &format!("{head}\r\n"), "5\r\nabcde\r\n", SOON);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{head}\n{answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
}

#[test]
fn a_body_that_drips_or_never_ends_is_refused_and_its_connection_ends() {
    let world = world(|config| config.request_timeout = Duration::from_secs(3));
    let token = world.cast().agent_a.token(&world.app);
    let head = format!(
        "POST /v1/prospects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    let answer = dripped(&world, &head, "1\r\n \r\n", SOON);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    let much = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
    let answer = dripped(&world, &head, &much, SOON);
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}

#[test]
fn a_body_in_pieces_that_was_read_leaves_its_connection_open() {
    let world = world(|_| {});
    let agent = world.cast().agent_a;
    let body = json!({"name": "刘岩", "source": "met at the fair"}).to_string();
    let request = format!(
        "POST /v1/prospects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        agent.token(&world.app),
        body.len()
    );
    let mut stream = connect(&world);
    for _ in 0..3 {
        stream.write_all(request.as_bytes()).unwrap();
        let (begun, mut answer) = (Instant::now(), String::new());
        while !answer.contains("warnings") {
            answer.push_str(&received(&mut stream).expect("the connection ended"));
            assert!(begun.elapsed() < SOON, "{answer}");
        }
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
}

#[test]
fn a_second_head_that_never_ends_is_cut_off() {
    let world = world(|config| config.request_timeout = Duration::from_secs(2));
    let mut stream = connect(&world);
    stream.write_all(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    // Only once the answer is here: of a head that begins in the same piece as the first, the library itself makes an end.
    while !answer.contains("\r\n\r\n") {
        answer.push_str(&received(&mut stream).expect("the connection ended"));
    }
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let second = go_on(stream, "GET /livez HTTP/1.1\r\nHost: x\r\nX-More: ", "x", SOON);
    assert!(!second.contains("HTTP/1.1"), "{second}");
    // By us: the library has no timer for it and has answered nothing.
    assert_eq!(figure(&world, "http_connections_cut_total"), 1.0);
}

#[test]
fn however_many_connections_are_kept_who_asks_is_answered() {
    let world = world(|config| config.connections = 64);
    let agent = world.cast().agent_a;
    let prospect = Prospect::named(&world, &agent, "刘岩");
    let kinds = [
        "",
        "GET /livez HTTP/1.1\r\nHost: x\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /livez HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
    ];
    let (over, begun) = (AtomicBool::new(false), Instant::now());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut kept = VecDeque::new();
            // It ends by itself as well: a test that fails waits for it.
            while !over.load(Ordering::Relaxed) && begun.elapsed() < 6 * SOON {
                for said in kinds {
                    let mut stream = connect(&world);
                    let _ = stream.write_all(said.as_bytes());
                    kept.push_back(stream);
                }
                // The latest are kept: whoever gave theirs up would make room himself.
                while kept.len() > 400 {
                    kept.pop_front();
                }
                thread::sleep(Duration::from_millis(20));
            }
        });
        while figure(&world, "http_connections_cut_total") < 100.0 {
            assert!(begun.elapsed() < SOON, "there is room for all of them");
            thread::sleep(Duration::from_millis(20));
        }
        let answered = |_: usize| {
            let whole = |path: &str, more: &str| {
                let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n");
                dripped(&world, &head, "", SOON).starts_with("HTTP/1.1 200 ")
            };
            let bearer = format!("Authorization: Bearer {}\r\n", agent.token(&world.app));
            whole("/readyz", "") && whole(&prospect.path(""), &bearer)
        };
        let refused = (0..40).filter(|n| !answered(*n)).count();
        over.store(true, Ordering::Relaxed);
        assert_eq!(refused, 0, "of 40");
    });
    assert!(figure(&world, "http_connections") <= 64.0);
}

#[test]
fn one_address_has_its_bound_and_makes_room_among_its_own() {
    let world = world(|config| config.connections_per_address = 8);
    let mut first: Vec<TcpStream> = (0..8).map(|_| connect(&world)).collect();
    world.get("/livez").status(200);
    let ended = |stream: &mut TcpStream| received(stream).is_none();
    let begun = Instant::now();
    while !first.iter_mut().any(ended) {
        assert!(begun.elapsed() < Duration::from_secs(4), "nobody made room before the library's own timer");
    }
}

#[actix_web::get("/test/panic")]
async fn panics() -> HttpResponse {
    panic!("on purpose");
}

#[actix_web::get("/test/sleep")]
async fn sleeps() -> HttpResponse {
    std::future::pending().await
}

#[test]
fn while_the_service_stops_it_gives_up_the_connections_it_answers_on() {
    let origin = "https://app.example";
    on_each_engine(|engine| {
        let world = World::with(engine, |config| {
            config.request_timeout = Duration::from_secs(3);
            config.cors_origins = vec![origin.to_owned()];
        });
        let Some(world) = world else { return };
        let world = world.also_serving(|cfg| {
            cfg.service(panics).service(sleeps);
        });
        assert_eq!(world.get("/livez").status(200).header("connection"), None);
        world.app.stop_taking_requests();
        let gives_up = |call: Call<'_>, status| {
            assert_eq!(call.status(status).header("connection"), Some("close"), "{status}");
        };
        gives_up(world.get("/livez"), 200);
        gives_up(world.get("/readyz"), 503);
        gives_up(world.get("/v1/me"), 401);
        gives_up(world.get("/nowhere"), 404);
        // What ends as an error, and what the layer for browsers answers by itself.
        gives_up(world.call("DELETE", "/livez"), 405);
        gives_up(world.get("/livez?nope=0"), 400);
        gives_up(world.get("/test/panic"), 500);
        gives_up(world.get("/test/sleep"), 503);
        let preflight = |from| {
            let asked = world.call("OPTIONS", "/v1/me").header("Access-Control-Request-Method", "GET");
            asked.header("Origin", from)
        };
        gives_up(preflight(origin), 200);
        gives_up(preflight("https://nowhere.example"), 400);
    });
}
