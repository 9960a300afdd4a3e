//! What operators are told: figures on an address of their own, and rules for alerts that rest on nothing else.

use std::{collections::BTreeSet, fs, net::TcpListener, path::Path, thread, time::Duration};

use diesel::connection::SimpleConnection as _;
use prospector::{jobs, store::StoreError};
use serde_json::json;

use crate::harness::{
    World,
    actors::PASSWORD,
    both,
    database::Database,
    given::Prospect,
    running::{prospector, serve},
};
use prospector::store::db::connection::Engine;

/// The value of one line.
fn value(figures: &str, name: &str) -> Option<f64> {
    figures.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn figures_are_on_an_address_of_their_own_and_not_on_the_public_one() {
    let database = Database::migrated(Engine::Sqlite).unwrap();
    let (url, folder) = (database.url(), database.folder.path().display().to_string());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", folder.as_str())];
    let running = serve(&[], &settings);
    let public = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let answer = public.get(format!("http://{}/metrics", running.address)).call().unwrap();
    assert_eq!(answer.status(), 404);
    assert!(running.figures.starts_with("http://127.0.0.1:"), "{}", running.figures);
    let figures = running.read_figures();
    assert!(figures.contains("prospector_build_info{version=\""), "{figures}");
    assert!(figures.contains("route=\"(none)\",status=\"404\""), "{figures}");
}

#[test]
fn figures_go_elsewhere_only_where_nobody_said_where() {
    let database = Database::migrated(Engine::Sqlite).unwrap();
    let (url, folder) = (database.url(), database.folder.path().display().to_string());
    type Settings<'a> = [(&'a str, &'a str)];
    let of = |bind: &str, run: &dyn Fn(&Settings<'_>)| {
        run(&[("DATABASE_URL", url.as_str()), ("DATA_DIR", folder.as_str()), ("METRICS_BIND", bind)]);
    };
    // Whoever holds the usual place, these two find one.
    of("", &|settings| {
        let (one, other) = (serve(&[], settings), serve(&[], settings));
        assert_ne!(one.figures, other.figures);
        assert!(value(&other.read_figures(), "ready") == Some(1.0));
    });
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    of(&address, &|settings| {
        let refused = prospector(&["serve"], &[settings, &[("BIND", "127.0.0.1:0")]].concat());
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success());
        assert!(said.contains(&format!("cannot listen on {address} (METRICS_BIND)")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    });
}

#[test]
fn figures_tell_of_the_process_the_queue_and_what_went_wrong() {
    both(|world| {
        let cast = world.cast();
        let login = |password: &str| {
            world
                .post("/v1/auth/login", json!({"username": cast.agent_a.username, "password": password}))
                .send()
        };
        login(PASSWORD);
        login("wrong");
        login("wrong again");
        let done: Result<(), StoreError> =
            world.app.db.read_blocking(|conn| Ok(conn.batch_execute("SELECT nothing FROM nowhere")?));
        assert!(done.is_err());
        let figures = world.figures();
        let is = |name: &str| value(&figures, name).unwrap_or_else(|| panic!("no {name} in {figures}"));
        assert!(is("process_resident_memory_bytes") > 1e6);
        assert!(is("process_open_fds") > 2.0 && is("process_max_fds") >= is("process_open_fds"));
        assert_eq!(is("ready"), 1.0);
        assert_eq!(is("logins_total{outcome=\"succeeded\"}"), 1.0);
        assert_eq!(is("logins_total{outcome=\"failed\"}"), 2.0);
        assert_eq!(is("logins_total{outcome=\"refused\"}"), 0.0);
        assert!(is("db_errors_total{kind=\"other\"}") >= 1.0);
        assert!(is("db_queue_wait_seconds_count") >= 3.0);
        assert!(is("db_queue_wait_seconds_bucket{le=\"+Inf\"}") == is("db_queue_wait_seconds_count"));
        assert!(is("db_queue_wait_seconds_bucket{le=\"0.5\"}") <= is("db_queue_wait_seconds_count"));
        assert_eq!(is("db_connections_given_up_total"), 0.0);
    });
}

#[test]
fn figures_tell_when_it_was_last_swept_and_what_is_due() {
    both(|world| {
        let cast = world.cast();
        let mut p = Prospect::named(&world, &cast.agent_a, "王芳");
        p.fix_first(&world, &cast.agent_a, "2009-12-15");
        let is = |name: &str| value(&world.figures(), name);
        assert_eq!(
            (is("sweep_due_agents"), is("sweep_last_success_timestamp_seconds")),
            (Some(0.0), Some(0.0))
        );
        world.on("2010-03-01");
        assert_eq!(is("sweep_due_agents"), Some(1.0));
        let app = world.app.clone();
        actix_web::rt::System::new().block_on(async move {
            jobs::sweep::run(&app).await;
            jobs::housekeeping::run(&app).await;
        });
        let now = world.clock.now().timestamp() as f64;
        assert_eq!(is("sweep_due_agents"), Some(0.0));
        assert_eq!(is("sweep_last_success_timestamp_seconds"), Some(now));
        assert_eq!(is("housekeeping_last_success_timestamp_seconds"), Some(now));
        assert_eq!((is("sweep_moves_total"), is("sweep_failures_total")), (Some(1.0), Some(0.0)));
    });
}

#[test]
fn a_connection_that_breaks_is_counted_when_it_is_replaced() {
    let Some(world) = World::with(Engine::Postgres, |config| config.db_threads = 2) else { return };
    let cut = |world: &World| {
        let name = world.database.name();
        let sql =
            format!("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'");
        crate::harness::database::postgres().unwrap().administer(&sql);
    };
    let cast = world.cast();
    world.get("/v1/me").by(&cast.agent_a).status(200);
    cut(&world);
    // Those that were idle are noticed and replaced when they are next used.
    let replaced = || value(&world.figures(), "db_connections_replaced_total").unwrap();
    for _ in 0..50 {
        // The first to notice may be refused.
        world.get("/v1/prospects").by(&cast.agent_a).send();
        if replaced() >= 1.0 {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{}", world.figures());
}

/// Names that an expression of the rules asks for.
fn asked_for(rules: &str) -> BTreeSet<String> {
    let ours = [
        "constraint_",
        "corrupt_",
        "database_defects",
        "db_",
        "http_",
        "sweep_",
        "housekeeping_",
        "process_",
        "logins_",
        "prospector_",
    ];
    let expressions = rules.lines().filter_map(|line| line.trim().strip_prefix("expr: "));
    let words = expressions.flat_map(|line| line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')));
    words.filter(|word| ours.iter().any(|prefix| word.starts_with(prefix))).map(str::to_owned).collect()
}

#[test]
fn alerts_ask_only_for_figures_that_there_are_and_point_to_pages_of_the_runbook() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operations");
    let rules = fs::read_to_string(docs.join("alerts.yml")).unwrap();
    let world = World::new(Engine::Sqlite).unwrap();
    let cast = world.cast();
    world.get("/v1/me").by(&cast.agent_a).status(200);
    let figures = world.figures();
    let asked = asked_for(&rules);
    assert!(asked.len() > 8, "{asked:?}");
    for name in asked {
        assert!(figures.lines().any(|line| line.starts_with(&name)), "{name} is not told");
    }
    let runbook = fs::read_to_string(docs.join("runbook.md")).unwrap();
    for line in rules.lines().filter(|line| line.contains("runbook: ")) {
        let page = line.split('"').nth(1).unwrap();
        assert!(runbook.contains(&format!("\n## {page}\n")), "the runbook has no page {page:?}");
    }
}
