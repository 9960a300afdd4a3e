//! How much does the service answer, and how much would the database alone? In one run: pgbench with one bare statement,
//! pgbench with what our own requests say, our endpoints with their authentication, and the same endpoints on SQLite.
//!
//! ```sh
//! cargo bench --bench load
//! ```
//!
//! Takes about five minutes and prints tables, the last with the goals, each met or missed. `LOAD_SECONDS` is the time of
//! each measurement: 1 for a quick look. `LOAD_ONLY=read` measures only the requests whose names begin so, without pgbench.
//! `LOAD_STATEMENTS=1` measures nothing else than what each statement of a request costs PostgreSQL, `LOAD_SHARES=1` nothing else
//! than what one agent who floods the service does to the others, and what is left at five times its capacity. How it is measured, and what came of it: docs/performance.md.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::{
    env, fs,
    time::{Duration, Instant},
};

#[path = "../tests/it/harness"]
#[allow(dead_code, unused_imports)] // the suite uses more of it
mod harness {
    pub mod actors;
    pub mod app;
    pub mod database;
    pub mod given;
    pub mod running;

    pub use actors::Person;
    pub use app::World;
}
#[path = "growth"]
#[allow(dead_code)] // the other bench uses more of it
mod growth {
    pub mod copies;
    pub mod lives;
}
mod load {
    pub mod client;
    pub mod goals;
    pub mod pgbench;
    pub mod processes;
    pub mod recording;
    pub mod requests;
    pub mod seeded;
    pub mod shares;
    pub mod statements;

    use super::{CONNECTIONS, Pgrates, Row, configure};
}

use harness::{
    database::{self, Database},
    running::{Running, serve_logging_to},
};
use load::{
    client::{Asks as _, Connection, press},
    goals,
    pgbench::{self, Pgbench},
    processes,
    recording::{Log, Recorded},
    requests::{Asker, KINDS, Kind},
    seeded::{self, Seeded},
    shares, statements,
};

/// Connections to the service, and clients of pgbench.
const CONNECTIONS: usize = 16;
/// As operators have it, and not as the tests, but for the disk: one that syncs a few hundred times a second would be all
/// that is measured.
const SERVER: &str = "-c synchronous_commit=on -c full_page_writes=on -c shared_buffers=128MB";
/// The same with an eye on each statement.
const WATCHED_SERVER: &str = "-c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.track=none \
    -c pg_stat_statements.track_planning=on";
/// Requests of each kind that are said again by pgbench without end.
const SAID: usize = 64;
/// Requests of a kind that are asked one after the other.
const ALONE: usize = 30;

/// What one kind of request came to.
struct Row {
    kind: Kind,
    rate: f64,
    p50: f64,
    p99: f64,
    /// The median of one connection's requests, in ms.
    alone: f64,
    /// Processor time of the service and of PostgreSQL for one request, in ms.
    service: f64,
    postgres: f64,
    statements: f64,
    jobs: f64,
    memory: f64,
    /// The part of the processors' time that went to nobody of ours: much of it, and the figures say little.
    elsewhere: f64,
}

/// What PostgreSQL does without the service, a second.
struct Pgrates {
    read: f64,
    list: f64,
    insert: f64,
    update: f64,
    said_read: f64,
    said_list: f64,
    said_create: f64,
    said_move: f64,
}

/// The service, in a process of its own.
struct Service {
    running: Running,
    /// The postmaster, when it works on PostgreSQL.
    postmaster: Option<u32>,
}

impl Service {
    /// With default settings, but for a tick, and for a queue that refuses nobody.
    fn over(database: &Database, seeded: &Seeded) -> Self {
        Self::with(database, seeded, &[("DB_QUEUE_WAIT_MS", "60000")])
    }

    /// With these settings beside the default ones.
    fn with(database: &Database, seeded: &Seeded, more: &[(&str, &str)]) -> Self {
        let keys = seeded.world.app.config.keys_dir.display().to_string();
        let (url, data) = (database.url(), database.folder.path().display().to_string());
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("DATA_DIR", data.as_str()),
            ("KEYS_DIR", keys.as_str()),
            ("TICK_SECONDS", "0"),
            // PostgreSQL does not wait for the disk here either.
            ("SQLITE_SYNCHRONOUS", "normal"),
        ];
        let settings = [&settings, more].concat();
        let nowhere = fs::File::options().write(true).open("/dev/null").unwrap();
        let postmaster = url.starts_with("postgres").then(postmaster);
        Service { running: serve_logging_to(nowhere, &settings), postmaster }
    }

    /// SQL statements and database jobs since its start.
    fn counted(&self) -> (f64, f64) {
        let figures = self.running.figures.trim_start_matches("http://").trim_end_matches("/metrics");
        let mut connection = Connection::open(figures);
        let (_, body) = connection.ask(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n");
        let text = String::from_utf8_lossy(body).into_owned();
        let of = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        (of("db_statements_total ").unwrap_or(f64::NAN), of("db_jobs_total ").unwrap_or(f64::NAN))
    }

    fn processor_time(&self) -> (f64, f64) {
        (processes::of(self.running.id()), self.postmaster.map_or(0.0, processes::of_cluster))
    }

    fn measure(&self, kind: Kind, askers: &mut [Asker], length: Duration) -> Row {
        askers.iter_mut().for_each(|asker| asker.kind = kind);
        if !kind.writes() {
            press(&self.running.address, askers, length / 5);
        }
        let (before, counted) = (self.processor_time(), self.counted());
        let (ours, all) = (processes::of(std::process::id()), processes::of_all());
        let pressed = press(&self.running.address, askers, length);
        let (after, counted_after) = (self.processor_time(), self.counted());
        let ours = processes::of(std::process::id()) - ours + after.0 - before.0 + after.1 - before.1;
        let elsewhere = (processes::of_all() - all - ours) / (pressed.seconds * cores());
        let each = |from: f64, to: f64| (to - from) / pressed.n as f64;
        Row {
            kind,
            rate: pressed.rate(),
            p50: pressed.within(0.5),
            p99: pressed.within(0.99),
            alone: self.alone(kind, &mut askers[0]),
            service: each(before.0, after.0) * 1000.0,
            postgres: each(before.1, after.1) * 1000.0,
            statements: each(counted.0, counted_after.0),
            jobs: each(counted.1, counted_after.1),
            memory: processes::memory(self.running.id()),
            elsewhere: 100.0 * elsewhere,
        }
    }

    /// The median of requests that nobody else disturbs; reads are those of one agent with 200 prospects.
    fn alone(&self, kind: Kind, asker: &mut Asker) -> f64 {
        let mut first = asker.clone();
        first.agents.truncate(1);
        let asker = if kind.writes() { asker } else { &mut first };
        let mut connection = Connection::open(&self.running.address);
        let mut took = Vec::new();
        while took.len() < ALONE
            && let Some(request) = asker.request()
        {
            let begun = Instant::now();
            let (status, body) = connection.ask(&request);
            took.push(begun.elapsed());
            asker.answered(status, body);
        }
        took.sort_unstable();
        took.get(took.len() / 2).map_or(f64::NAN, |median| median.as_secs_f64() * 1000.0)
    }
}

fn cores() -> f64 {
    std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64)
}

fn postmaster() -> u32 {
    let folder = database::postgres().expect("there is one").folder();
    let text = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

/// A setting of all sessions to come.
fn configure(database: &Database, setting: &str) {
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let cluster = database::postgres().expect("there is one");
    cluster.administer(&format!("ALTER DATABASE {name} SET {setting}"));
}

/// What the service says to PostgreSQL for each kind of request that pgbench says again.
fn record(seeded: &Seeded, length: Duration) -> Vec<(Kind, Vec<Recorded>)> {
    let database = seeded.world.database.copy();
    configure(&database, "log_statement = 'all'");
    let service = Service::over(&database, seeded);
    let mut askers = Asker::share(&seeded.agents, &seeded.head, CONNECTIONS);
    // All its sessions are open before the first word counts.
    press(&service.running.address, &mut askers, Duration::from_millis(500));
    let mut log = Log::from_its_end(database::postgres().expect("there is one").folder().join("log"));
    let mut connection = Connection::open(&service.running.address);
    let kinds = [Kind::Read, Kind::List, Kind::Create, Kind::Move];
    let recorded = kinds.map(|kind| {
        let mut requests = Vec::new();
        let end = Instant::now() + length;
        while if kind.writes() { Instant::now() < end } else { requests.len() < SAID } {
            let asker = &mut askers[requests.len() % CONNECTIONS];
            asker.kind = kind;
            let Some(request) = asker.request() else { break };
            let (status, body) = connection.ask(&request);
            asker.answered(status, body);
            requests.push(log.next());
        }
        (kind, requests)
    });
    recorded.into_iter().collect()
}

/// PostgreSQL without the service.
fn without_the_service(seeded: &Seeded, length: Duration) -> Pgrates {
    let recorded = record(seeded, 2 * length);
    let said = |kind| &recorded.iter().find(|(of, _)| *of == kind).unwrap().1;
    for (kind, requests) in &recorded {
        let n: usize = requests.iter().map(Recorded::len).sum();
        println!(
            "{}: {:.1} statements with BEGIN and COMMIT, of {} requests",
            kind.name(),
            n as f64 / requests.len() as f64,
            requests.len()
        );
    }
    let database = seeded.world.database.copy();
    let pgbench = Pgbench {
        program: pgbench::program(database::postgres().expect("there is one").binaries()),
        database: database.url(),
        folder: database.folder.path().to_owned(),
    };
    let bare = &seeded.bare;
    Pgrates {
        read: pgbench.rate("read", &bare.read, length),
        list: pgbench.rate("list", &bare.list, length),
        said_read: pgbench.said_again("said read", said(Kind::Read), length),
        said_list: pgbench.said_again("said list", said(Kind::List), length),
        // What was recorded fits only a database in which nothing has been written since.
        said_create: pgbench.said_once("said create", said(Kind::Create)),
        said_move: pgbench.said_once("said move", said(Kind::Move)),
        insert: pgbench.rate("insert", &bare.insert, length),
        update: pgbench.rate("update", &bare.update, length),
    }
}

fn measure(database: &Database, seeded: &Seeded, kinds: &[Kind], length: Duration) -> Vec<Row> {
    let service = Service::over(database, seeded);
    let mut askers = Asker::share(&seeded.agents, &seeded.head, CONNECTIONS);
    kinds.iter().map(|kind| service.measure(*kind, &mut askers, length)).collect()
}

/// The kinds whose names begin like this; a move needs what was created.
fn kinds(only: &str) -> Vec<Kind> {
    let wanted = |kind: &Kind| kind.name().starts_with(only) || (only == "move" && *kind == Kind::Create);
    KINDS.into_iter().filter(wanted).collect()
}

fn print(title: &str, rows: &[Row]) {
    println!("\n{title}\n");
    println!(
        "| request | a second | p50 ms | p99 ms | alone ms | service ms | PostgreSQL ms | statements | jobs | MB | elsewhere % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    for row in rows {
        println!(
            "| {} | {:.0} | {:.1} | {:.1} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.0} | {:.0} |",
            row.kind.name(),
            row.rate,
            row.p50,
            row.p99,
            row.alone,
            row.service,
            row.postgres,
            row.statements,
            row.jobs,
            row.memory,
            row.elsewhere.max(0.0)
        );
    }
}

fn print_bare(rates: &Pgrates) {
    println!("\nPostgreSQL without the service, {CONNECTIONS} clients of pgbench\n");
    println!("| | one bare statement, a second | the statements of our request, a second |\n|---|---|---|");
    for (what, bare, said) in [
        ("read one", rates.read, rates.said_read),
        ("list of 50", rates.list, rates.said_list),
        ("create / INSERT", rates.insert, rates.said_create),
        ("move / UPDATE", rates.update, rates.said_move),
    ] {
        println!("| {what} | {bare:.0} | {said:.0} |");
    }
}

fn main() {
    let seconds = env::var("LOAD_SECONDS").map_or(6, |text| text.parse().expect("LOAD_SECONDS is no number"));
    let length = Duration::from_secs(seconds);
    let statements_only = env::var_os("LOAD_STATEMENTS").is_some();
    database::MORE_OPTIONS.set(if statements_only { WATCHED_SERVER } else { SERVER }).unwrap();
    let begun = Instant::now();
    let seeded = Seeded::new();
    println!("filled in {:.0} s", begun.elapsed().as_secs_f64());
    if statements_only {
        let database = seeded.world.database.copy();
        return statements::print(&database, &seeded, || Service::over(&database, &seeded).running);
    }
    if env::var_os("LOAD_SHARES").is_some() {
        let database = seeded.world.database.copy();
        let service = Service::with(&database, &seeded, &[]);
        return shares::print(&seeded, &service.running.address, length);
    }
    let only = env::var("LOAD_ONLY").ok();
    let rates = only.is_none().then(|| without_the_service(&seeded, length));
    if let Some(rates) = &rates {
        print_bare(rates);
    }
    let kinds = kinds(&only.unwrap_or_default());
    let postgres = measure(&seeded.world.database.copy(), &seeded, &kinds, length);
    print("On PostgreSQL, 16 connections", &postgres);
    let sqlite = measure(&seeded::on_sqlite(&seeded.world), &seeded, &kinds, length);
    print("On SQLite, 16 connections", &sqlite);
    if let Some(rates) = &rates {
        println!("\n{}", goals::table(&postgres, &sqlite, rates));
    }
    println!("\n{:.0} s in all", begun.elapsed().as_secs_f64());
}
