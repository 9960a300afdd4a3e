//! What was acknowledged is there after `kill -9`, and a request repeated after it has one effect (reliability D1, C5).
//!
//! Writers talk to the real binary until it is killed in the middle of their writes. `DURABILITY_CYCLES` sets how many
//! kills there are, each after some hundred acknowledgements instead of a few dozen.

mod books;

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use books::{Book, Client, Heard};
use prospector::store::db::connection::Engine;
use serde_json::json;

use crate::harness::{
    database::Database,
    on_each_engine,
    running::{Running, prospector_told, serve},
};

const PASSWORD: &str = "a password for tests";

/// How many kills, and the fewest acknowledgements before each.
fn cycles() -> (usize, usize) {
    #[allow(clippy::disallowed_methods)] // how often to kill is not a setting of the service
    let asked = std::env::var("DURABILITY_CYCLES").ok().and_then(|text| text.parse().ok());
    asked.map_or((3, 20), |cycles| (cycles, 400))
}

/// A database, and how the service is started on it.
struct Place {
    database: Database,
}

impl Place {
    fn start(&self) -> Running {
        self.with_settings(|settings| serve(&[], settings))
    }

    fn with_settings<T>(&self, f: impl FnOnce(&[(&str, &str)]) -> T) -> T {
        let (url, data) = (self.database.url(), self.database.folder.path().display().to_string());
        f(&[
            ("DATABASE_URL", &url),
            ("DATA_DIR", &data),
            ("ACCESS_TOKEN_SECONDS", "3600"),
            ("DB_QUEUE_WAIT_MS", "60000"),
        ])
    }
}

/// A head of two teams, four agents in them, and the service.
fn staffed(engine: Engine) -> Option<(Place, Running)> {
    let place = Place { database: Database::migrated(engine)? };
    let made = place.with_settings(|settings| {
        prospector_told(
            &["user", "create", "head", "--team", "North", "--password-stdin"],
            settings,
            PASSWORD,
        )
    });
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let running = place.start();
    let client = Client::signed_in(&running.address, "head", PASSWORD);
    let north = client.get("/v1/me")["team_id"].clone();
    let branch = client.create("/v1/teams", &json!({"name": "Branch", "parent_id": north}))["id"].clone();
    for (username, team_id) in WRITERS.into_iter().zip([&north, &north, &branch, &branch]) {
        let body = json!({"username": username, "display_name": username, "role": "agent",
            "team_id": team_id, "password": PASSWORD});
        client.create("/v1/agents", &body);
    }
    Some((place, running))
}

const WRITERS: [&str; 4] = ["writer-1", "writer-2", "writer-3", "writer-4"];

/// Everybody writes until the service is gone, which is killed right after one of the acknowledgements.
fn write_until_killed(running: Running, books: &mut [Book], kill_after: usize) {
    let acknowledged = AtomicUsize::new(0);
    let (tell, told) = mpsc::channel();
    let address = running.address.clone();
    thread::scope(|scope| {
        for book in books {
            let (tell, acknowledged) = (tell.clone(), &acknowledged);
            let client = Client::signed_in(&address, &book.username, PASSWORD);
            scope.spawn(move || {
                loop {
                    let request = book.next_request();
                    match client.send(&request) {
                        Heard::Acknowledged(body) => book.acknowledged(request, body),
                        Heard::Nothing => return book.left_in_flight(request),
                    }
                    if acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == kill_after {
                        tell.send(()).unwrap();
                    }
                }
            });
        }
        drop(tell);
        told.recv().expect("a writer stopped before the kill");
        running.kill();
    });
}

#[test]
fn an_acknowledged_write_survives_kill_and_a_repeated_one_has_one_effect() {
    on_each_engine(|engine| {
        let Some((place, mut running)) = staffed(engine) else { return };
        let (cycles, fewest) = cycles();
        let mut books = WRITERS.map(|username| {
            let today =
                Client::signed_in(&running.address, username, PASSWORD).get("/v1/me")["today"].clone();
            Book::new(username, today.as_str().unwrap())
        });
        let mut random: usize = 20_091_214;
        for _ in 0..cycles {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            write_until_killed(running, &mut books, fewest + (random >> 33) % fewest);
            running = place.start();
            for book in &mut books {
                let client = Client::signed_in(&running.address, &book.username, PASSWORD);
                book.compare(&client);
            }
        }
        let written: usize = books.iter().map(|book| book.acknowledgements).sum();
        let in_flight: usize = books.iter().map(|book| book.repeated).sum();
        println!(
            "{engine:?}: {cycles} kills, {written} acknowledged, {in_flight} in flight and repeated, 0 lost"
        );
        assert!(in_flight >= cycles, "nobody was in the middle of a write: {in_flight} in {cycles} kills");
        for book in &books {
            let client = Client::signed_in(&running.address, &book.username, PASSWORD);
            book.compare_all(&client);
        }
    });
}
