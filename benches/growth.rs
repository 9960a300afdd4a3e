//! What does a day's work cost when the organisation grows a hundredfold? One team of 20 agents with 200 prospects each,
//! among 10 thousand and among a million prospects of ten moves each, on PostgreSQL, through the real API.
//!
//! ```sh
//! cargo bench --bench growth
//! ```
//!
//! Prints one table, and ends with 1 and a sentence for every rule that is broken: no sequential scan over a big table,
//! at most twice as slow in the big database, at most 3 statements for a page and 8 for a report. `GROWTH_SMALL`,
//! `GROWTH_LARGE` (prospects) and `GROWTH_ROUNDS` (requests of each kind) change the sizes. The large database takes some
//! minutes and about 15 GB, and is gone afterwards.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

use std::{
    env,
    ffi::OsString,
    process::ExitCode,
    time::{Duration, Instant},
};

use prospector::store::db::connection::Engine;

#[path = "../tests/it/harness"]
#[allow(dead_code, unused_imports)] // the suite uses more of it
mod harness {
    pub mod actors;
    pub mod app;
    pub mod database;
    pub mod given;

    pub use actors::Person;
    pub use app::World;
}
mod growth {
    pub mod copies;
    pub mod lives;
    pub mod plans;
}

use growth::{
    copies::{self, Others, Team},
    lives, plans,
};
use harness::World;

/// Twice as slow is the most that a hundred times as much may cost.
const MOST_TIMES: f64 = 2.0;

/// A request that is measured.
struct Question {
    what: &'static str,
    path: String,
    by_head: bool,
    most_statements: u64,
}

fn questions(team: &Team) -> Vec<Question> {
    let question = |what, path: &str, by_head, most_statements| Question {
        what,
        path: path.to_owned(),
        by_head,
        most_statements,
    };
    let of_team = format!("team_id={}", team.id);
    vec![
        question("team sheet", &format!("/v1/reports/team-sheet?{of_team}"), true, 8),
        question("shape of the team", &format!("/v1/reports/shape?{of_team}"), true, 8),
        question("my day", "/v1/today", false, 8),
        question("shape of an agent", "/v1/reports/shape", false, 8),
        question("action sheet", "/v1/reports/action-sheet", false, 8),
        question("page of an agent's book", "/v1/prospects?limit=50", false, 3),
        question("page of the team's book", "/v1/prospects?limit=50", true, 3),
        question("page of an agent's log", "/v1/transitions?limit=50", false, 3),
        question("page of the team's log", "/v1/transitions?limit=50", true, 3),
    ]
}

/// A database of some size, with the measured team in it.
struct Place {
    world: World,
    team: Team,
}

impl Place {
    fn of(prospects: usize) -> Self {
        let begun = Instant::now();
        let world = World::new(Engine::Postgres).expect("PostgreSQL (initdb) is not installed");
        let patterns = lives::play(&world);
        let team = copies::fill(&world, &patterns, &Others::up_to(prospects));
        println!("{prospects} prospects: filled in {:.0} s", begun.elapsed().as_secs_f64());
        Place { world, team }
    }

    /// One request; how long it took.
    fn ask(&self, question: &Question) -> Duration {
        let by = if question.by_head { &self.team.head } else { &self.team.agents[0] };
        let call = self.world.get(&question.path).by(by);
        let begun = Instant::now();
        call.status(200);
        begun.elapsed()
    }

    fn statements(&self, question: &Question) -> u64 {
        let count = || {
            while self.world.app.db.gauges().running > 0 {
                std::thread::yield_now();
            }
            self.world.app.db.gauges().statements
        };
        let before = count();
        self.ask(question);
        count() - before
    }
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}

fn size(name: &str, usual: usize) -> usize {
    let number = |text: OsString| text.to_string_lossy().parse().ok();
    env::var_os(name).map_or(usual, |text| number(text).unwrap_or_else(|| panic!("{name} is no number")))
}

fn main() -> ExitCode {
    let (few, many) = (size("GROWTH_SMALL", 10_000), size("GROWTH_LARGE", 1_000_000));
    let rounds = size("GROWTH_ROUNDS", 40);
    let (small, large) = (Place::of(few), Place::of(many));
    println!("{}", copies::sizes(&large.world));
    let mut broken = Vec::new();
    println!("\n| request | {few}: ms | {many}: ms | times | statements |\n|---|---|---|---|---|");
    for question in questions(&large.team) {
        let here = questions(&small.team).into_iter().find(|q| q.what == question.what).unwrap();
        // Both are warm, and take turns, so that what else the machine does falls on both.
        for _ in 0..5 {
            small.ask(&here);
            large.ask(&question);
        }
        let (mut short, mut long) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            short.push(small.ask(&here));
            long.push(large.ask(&question));
        }
        let (short, long) = (median(short), median(long));
        let (times, statements) = (long / short, large.statements(&question));
        println!("| {} | {short:.1} | {long:.1} | {times:.2} | {statements} |", question.what);
        if times > MOST_TIMES {
            broken.push(format!("{} is {times:.2} times as slow among {many} as among {few}", question.what));
        }
        let most = question.most_statements;
        if statements > most {
            broken.push(format!("{} takes {statements} statements, more than {most}", question.what));
        }
    }
    let watched = plans::Watched::begin(&large.world);
    for question in questions(&large.team) {
        // Often enough for a statement to be planned once for all values, too.
        for _ in 0..12 {
            large.ask(&question);
        }
        for table in watched.scanned_in_sequence() {
            broken.push(format!("{} reads the big table {table} in sequence", question.what));
        }
    }
    println!();
    broken.iter().for_each(|sentence| println!("{sentence}."));
    if broken.is_empty() {
        println!("Every rule holds.");
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}
