//! T4: guessing is bounded for whoever guesses, and locks nobody else out.

use std::{fs::File, time::Instant};

use chrono::Duration;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::BigInt, sql_types::Text};
use prospector::{
    config::Config,
    store::{Conn, StoreError},
};
use serde_json::json;

use crate::harness::{World, actors::PASSWORD, app::Call, both, on_each_engine, running::serve_logging_to};

/// A world that believes its one reverse proxy.
fn behind_a_proxy(per_minute: u32, test: impl Fn(World)) {
    on_each_engine(|engine| {
        let set = |config: &mut Config| {
            config.trusted_proxies = 1;
            config.logins_per_minute = per_minute;
        };
        if let Some(world) = World::with(engine, set) {
            test(world);
        }
    });
}

fn login<'w>(world: &'w World, name: &str, password: &str, from: &str) -> Call<'w> {
    let body = json!({"username": name, "password": password});
    world.post("/v1/auth/login", body).header("X-Forwarded-For", from)
}

/// Wrong guesses; how many were let through before the first that was not.
fn guesses(world: &World, name: &str, from: &str, most: usize) -> usize {
    let guess = || login(world, name, "a wrong password", from).send().status;
    (0..most).take_while(|_| guess() == 401).count()
}

#[test]
fn whoever_guesses_gets_as_many_as_the_setting_says_and_nobody_else_is_locked_out() {
    // A new try comes every twenty seconds only: the test is over by then.
    behind_a_proxy(3, |world| {
        let cast = world.cast();
        let name = &cast.agent_a.username;
        assert_eq!(guesses(&world, name, "192.0.2.1", 30), 3);
        let refused = login(&world, name, PASSWORD, "192.0.2.1").problem(429, "too_many_requests");
        assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() <= 21);
        login(&world, name, PASSWORD, "192.0.2.2").status(200);
        login(&world, "agent-b", PASSWORD, "192.0.2.1").status(200);
        // A network of IPv6 is one customer.
        assert_eq!(guesses(&world, name, "2001:db8::1", 30), 3);
        assert_eq!(guesses(&world, name, "2001:db8::2", 30), 0);
        login(&world, name, PASSWORD, "2001:db8:0:1::1").status(200);
    });
}

#[test]
fn an_address_gets_ten_times_as_many_over_all_names() {
    behind_a_proxy(3, |world| {
        world.cast();
        let begun = Instant::now();
        let all: usize = (0..30).map(|n| guesses(&world, &format!("nobody-{n}"), "192.0.2.1", 3)).sum();
        let later = usize::try_from(begun.elapsed().as_secs()).unwrap() / 2 + 1;
        assert!((30..=30 + later).contains(&all), "{all} in {:?}", begun.elapsed());
    });
}

#[test]
fn right_passwords_are_not_counted() {
    both(|world| {
        let cast = world.cast();
        for _ in 0..25 {
            login(&world, &cast.agent_a.username, PASSWORD, "").status(200);
        }
    });
}

#[test]
fn after_a_hundred_failures_only_addresses_that_have_signed_in_are_let_try() {
    behind_a_proxy(10, |world| {
        let (cast, other) = (world.cast(), world.another());
        let name = &cast.agent_a.username;
        login(&world, name, PASSWORD, "198.51.100.7").status(200);
        for guesser in 0..10 {
            assert_eq!(guesses(&world, name, &format!("192.0.2.{guesser}"), 10), 10);
            assert_eq!(guesses(&world, "nobody-at-all", &format!("203.0.113.{guesser}"), 10), 10);
        }
        // What a name that nobody has would be answered as well.
        for name in [name.as_str(), "nobody-at-all"] {
            login(&world, name, PASSWORD, "192.0.2.99").problem(429, "too_many_requests");
            login(&world, name, PASSWORD, "192.0.2.99").at(&other).problem(429, "too_many_requests");
        }
        login(&world, name, PASSWORD, "198.51.100.7").status(200);
        login(&world, name, PASSWORD, "198.51.100.7").at(&other).status(200);
        login(&world, &cast.peer.username, PASSWORD, "192.0.2.99").status(200);
        world.clock.advance(Duration::hours(1));
        login(&world, name, PASSWORD, "192.0.2.99").status(200);
    });
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    subject_id: String,
    #[diesel(sql_type = Text)]
    details: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[test]
fn guessing_leaves_one_row_an_hour_for_each_account_and_one_for_all_other_names() {
    behind_a_proxy(10, |world| {
        let cast = world.cast();
        let fail = |name: &str, from: &str, n: usize| assert_eq!(guesses(&world, name, from, n), n);
        fail(&cast.agent_a.username, "192.0.2.1", 5);
        fail(&cast.agent_a.username, "192.0.2.2", 4);
        fail(&cast.peer.username, "192.0.2.1", 1);
        for stranger in 0..8 {
            fail(&format!("nobody-{stranger}"), "192.0.2.3", 2);
        }
        world.clock.advance(Duration::hours(1));
        fail("nobody", "192.0.2.4", 1);
        let asked = |conn: &mut Conn| -> Result<(Vec<Row>, i64), StoreError> {
            let rows =
                "SELECT subject_id, details FROM audit WHERE action = 'logins_refused' ORDER BY details";
            let counts = "SELECT count(*) AS n FROM login_failures";
            Ok((sql_query(rows).load(conn)?, sql_query(counts).get_result::<Count>(conn)?.n))
        };
        let (rows, counts) = world.app.db.read_blocking(asked).unwrap();
        let told: Vec<(String, i64)> = rows
            .iter()
            .map(|row| {
                let details: serde_json::Value = serde_json::from_str(&row.details).unwrap();
                assert_eq!(details["hour"], "2009-12-14T01:00:00Z");
                (row.subject_id.clone(), details["failures"].as_i64().unwrap())
            })
            .collect();
        let mut expected = vec![
            (cast.agent_a.id.to_string(), 9),
            (cast.peer.id.to_string(), 1),
            ("00000000-0000-0000-0000-000000000000".to_owned(), 16),
        ];
        let mut told = told;
        told.sort();
        expected.sort();
        assert_eq!(told, expected);
        assert_eq!(counts, 2, "only those of the running hour are kept");
    });
}

#[test]
fn a_failed_login_leaves_a_line_with_the_user_and_the_address_and_no_name() {
    both(|world| {
        let cast = world.cast();
        let url = world.database.url();
        let folder = world.database.folder.path();
        let log = folder.join("log");
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("DATA_DIR", folder.to_str().unwrap()),
            ("TRUSTED_PROXIES", "1"),
            ("TICK_SECONDS", "0"),
        ];
        let running = serve_logging_to(File::create(&log).unwrap(), &settings);
        let client = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        for name in [cast.agent_a.username.as_str(), "somebody-else"] {
            let body = json!({"username": name, "password": "a wrong password"}).to_string();
            let answer = client
                .post(format!("http://{}/v1/auth/login", running.address))
                .header("Content-Type", "application/json")
                .header("X-Forwarded-For", "198.51.100.7")
                .send(body);
            assert_eq!(answer.unwrap().status().as_u16(), 401);
        }
        drop(running);
        let said = std::fs::read_to_string(&log).unwrap();
        let lines: Vec<&str> = said.lines().filter(|line| line.contains("login refused")).collect();
        assert_eq!(lines.len(), 2, "{said}");
        assert!(lines.iter().all(|line| line.contains("198.51.100.7")), "{said}");
        assert!(lines[0].contains(&cast.agent_a.id.to_string()), "{said}");
        assert!(!said.contains(&cast.agent_a.username) && !said.contains("somebody-else"), "{said}");
    });
}
