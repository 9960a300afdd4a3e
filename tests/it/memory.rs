//! What a burst took is used again or given back (reliability O7): the service does not grow with what it has served.
//!
//! The real binary, watched from outside. Its own pages count (`RssAnon`), not those of the program file, which the system
//! shares and takes back. `MEMORY_ROUNDS` multiplies how much is asked.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use prospector::demo;
use serde_json::{Value, json};

use crate::harness::running::{Running, serve};

/// What the service may hold, in MiB: reliability's goal.
const MOST: u64 = 100;

fn times() -> usize {
    #[allow(clippy::disallowed_methods)] // how much to ask is not a setting of the service
    let asked = std::env::var("MEMORY_ROUNDS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(1)
}

fn started(arguments: &[&str]) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().display().to_string();
    let settings = [
        ("DATA_DIR", data.as_str()),
        ("DB_QUEUE_WAIT_MS", "60000"),
        ("LOGINS_PER_MINUTE", "10000"),
        ("LOGIN_PERMITS", "2"),
        ("HTTP_WORKERS", "2"),
    ];
    let running = serve(arguments, &settings);
    (folder, running)
}

/// Does something so many times, so many at a time.
fn at_a_time(at_once: usize, times: usize, what: impl Fn(&ureq::Agent, usize) + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                let config = ureq::Agent::config_builder().http_status_as_error(false);
                let agent = config.timeout_global(Some(Duration::from_secs(120))).build().new_agent();
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    if n >= times {
                        return;
                    }
                    what(&agent, n);
                }
            });
        }
    });
}

fn login(agent: &ureq::Agent, running: &Running, username: &str, password: &str) -> (u16, Value) {
    let url = format!("http://{}/v1/auth/login", running.address);
    let mut answer = agent.post(url).send_json(json!({"username": username, "password": password})).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

#[test]
fn logins_of_names_that_nobody_has_leave_no_memory_behind() {
    let (_folder, running) = started(&[]);
    let logins = 128 * times();
    at_a_time(64, logins, |agent, n| {
        let (status, answer) = login(agent, &running, &format!("nobody-{n}"), "whatever it is");
        // Waiting for a permit has an end as well.
        assert!(status == 401 || answer["code"] == "overloaded", "{status}: {answer}");
    });
    let held = running.mib("RssAnon");
    println!("{logins} logins: {held} MiB, with the program {} MiB", running.mib("VmRSS"));
    assert!(held < MOST, "{held} MiB after {logins} logins");
}

#[test]
fn workbooks_leave_no_memory_behind() {
    let (_folder, running) = started(&["--demo", "--today", "2009-12-14"]);
    let agent = ureq::Agent::new_with_defaults();
    let token = login(&agent, &running, "supervisor-a", demo::PASSWORD).1["access_token"].clone();
    let workbook = |agent: &ureq::Agent, _| {
        let url = format!("http://{}/v1/reports/team-sheet?format=xlsx", running.address);
        let bearer = format!("Bearer {}", token.as_str().unwrap());
        let mut answer = agent.get(url).header("Authorization", bearer).call().unwrap();
        assert_eq!(answer.status(), 200);
        answer.body_mut().read_to_vec().unwrap();
    };
    // Both HTTP threads have answered somebody.
    at_a_time(2, 8, workbook);
    let before = running.mib("RssAnon");
    let workbooks = 200 * times();
    at_a_time(16, workbooks, workbook);
    let after = running.mib("RssAnon");
    println!(
        "{workbooks} workbooks: {before} MiB before, {after} MiB after, with the program {} MiB",
        running.mib("VmRSS")
    );
    assert!(
        after < before + 12 && after < MOST,
        "{before} MiB before {workbooks} workbooks, {after} MiB after"
    );
}
