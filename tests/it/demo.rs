//! The demo is the method's own sample (method section 8), entered through the same doors as any request.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use chrono::{Datelike, NaiveDate};
use diesel::prelude::*;
use prospector::{
    app::{App, StartError},
    clock::{Clock, Occasion},
    demo::{self, Outcome, PASSWORD},
    domain::{
        method::stage::Stage,
        organisation::actor::Scope,
        prospects::{fact::FactBody, transition::Transition},
        values::id::Id,
    },
    store::{
        StoreError,
        db::schema::prospects,
        ledger::{self, due},
        prospects::prospect_row::ProspectRow,
    },
};
use serde_json::{Value, json};

use crate::harness::{World, both, people};

const SAMPLE: [(&str, &str); 6] = [
    ("何建国", "first_appointment"),
    ("刘岩", "stage_25"),
    ("范学东", "stage_50"),
    ("艾新华", "stage_90"),
    ("刘兵", "opportunity"),
    ("张三", "opportunity"),
];

fn token(world: &World, username: &str) -> String {
    let body = json!({"username": username, "password": PASSWORD});
    world.call("POST", "/v1/auth/login").json(body).status(200).string("access_token")
}

/// Everything somebody sees in the list, by name.
fn book(world: &World, username: &str) -> BTreeMap<String, Value> {
    let answer = world.get("/v1/prospects?limit=100").token(&token(world, username)).status(200).json();
    assert_eq!(answer["has_more"], false);
    let rows = answer["data"].as_array().unwrap().clone();
    rows.into_iter().map(|row| (row["name"].as_str().unwrap().to_owned(), row)).collect()
}

fn stage(book: &BTreeMap<String, Value>, name: &str) -> String {
    book[name]["stage"].as_str().unwrap().to_owned()
}

fn stages_of_the_sample(book: &BTreeMap<String, Value>) -> Vec<(&'static str, String)> {
    SAMPLE.iter().map(|(name, _)| (*name, stage(book, name))).collect()
}

fn as_in_the_sample() -> Vec<(&'static str, String)> {
    SAMPLE.iter().map(|(name, stage)| (*name, (*stage).to_owned())).collect()
}

fn load(world: &World) {
    assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::Loaded);
}

/// Automatic moves that a sweep would still have to write down.
fn due(world: &World) -> usize {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let swept: Result<_, StoreError> =
        world.app.db.write_blocking(move |conn| due::settle_everybody(conn, &occasion));
    swept.unwrap().moves
}

/// Every row whose stage is not what its log says.
fn not_replayed(world: &World) -> Vec<Id> {
    let now = world.clock.business_now();
    let read: Result<_, StoreError> = world.app.db.read_blocking(move |conn| {
        let rows: Vec<ProspectRow> = prospects::table.select(ProspectRow::as_select()).load(conn)?;
        assert!(rows.len() > 40);
        let mut wrong = Vec::new();
        for row in rows {
            let log = ledger::load(conn, &Scope::Own { user_id: row.owner_id }, row.id, now)?.history;
            let dense = log.transitions.iter().zip(1..).all(|(record, seq)| record.seq == seq);
            if log.stage() != row.stage || !dense {
                wrong.push(row.id);
            }
        }
        Ok(wrong)
    });
    read.unwrap()
}

#[test]
fn the_six_contacts_of_the_sample_sheet_stand_at_their_stages() {
    both(|world| {
        load(&world);
        let book = book(&world, "agent-a");
        assert_eq!(stages_of_the_sample(&book), as_in_the_sample());
        assert_eq!(book.len(), 16);
        assert_eq!(book.values().filter(|row| row["stage"] == "closed").count(), 10);
        assert_eq!(due(&world), 0);
        assert_eq!(not_replayed(&world), []);
    });
}

#[test]
fn the_cycle_of_28_is_measured_from_the_ten_worked_durations() {
    both(|world| {
        load(&world);
        let token = token(&world, "agent-a");
        let me = world.get("/v1/me").token(&token).status(200).string("id");
        for date in ["2009-12-08", "2009-12-12", "2009-12-14"] {
            let path = format!("/v1/agents/{me}/cycle?as_of={date}");
            let cycle = world.get(&path).token(&token).status(200).json();
            assert_eq!(cycle["cycle_days"], 28, "{cycle}");
            assert_eq!(cycle["mean_days"], 28.0);
            assert_eq!((&cycle["source"], &cycle["n"]), (&json!("measured"), &json!(10)), "{date}");
            assert_eq!(cycle["confidence"], "normal");
        }
    });
}

#[test]
fn each_team_sees_its_own_and_a_supervisor_all_below() {
    both(|world| {
        load(&world);
        let count = |username| book(&world, username).len();
        let [a, yang, shi, b] = ["agent-a", "yang.xiaoling", "shi.haibing", "agent-b"].map(count);
        assert_eq!(count("supervisor-a"), a + yang + shi);
        assert_eq!(count("supervisor-b"), b);
        assert_eq!(count("head-office"), a + yang + shi + b);
        let theirs = book(&world, "agent-b");
        assert!(book(&world, "supervisor-a").keys().all(|name| !theirs.contains_key(name)));
        let yang = book(&world, "yang.xiaoling");
        for wanted in
            ["opportunity", "first_appointment", "stage_25", "stage_50", "stage_90", "closed", "exited"]
        {
            assert!(yang.values().any(|row| row["stage"] == wanted), "nobody at {wanted}");
        }
    });
}

/// What one agent's facts of the sheet's Monday block (12-11 … 12-13) sum up to: money received, standard premium of
/// policies issued, in fen; and the closings in it.
fn flows(world: &World, username: &str) -> (i64, i64, usize) {
    let now = world.clock.business_now();
    let owner = world.get("/v1/me").token(&token(world, username)).status(200).string("id");
    let owner_id: Id = owner.parse().unwrap();
    let block =
        |date: NaiveDate| (11..=13).contains(&date.day()) && (date.year(), date.month()) == (2009, 12);
    let read: Result<_, StoreError> = world.app.db.read_blocking(move |conn| {
        let ids: Vec<Id> =
            prospects::table.filter(prospects::owner_id.eq(owner_id)).select(prospects::id).load(conn)?;
        let (mut received, mut issued, mut closed) = (0, 0, 0);
        for id in ids {
            let log = ledger::load(conn, &Scope::Own { user_id: owner_id }, id, now)?.history;
            for fact in log.facts.iter().filter(|fact| block(fact.occurred_on)) {
                match fact.body {
                    FactBody::PremiumReceived { amount_minor, .. } => received += amount_minor.unwrap(),
                    FactBody::PolicyIssued { standard_premium_minor, .. } => {
                        issued += standard_premium_minor.unwrap();
                    }
                    _ => {}
                }
            }
            let closings = |t: &&Transition| t.to == Stage::Closed && block(t.occurred_on);
            closed += log.transitions.iter().filter(closings).count();
        }
        Ok((received, issued, closed))
    });
    read.unwrap()
}

/// The figures of the team sheet's Monday block (method section 8), by hand from stages and facts.
#[test]
fn the_boards_carry_the_figures_of_the_team_sheet() {
    both(|world| {
        load(&world);
        let sheet = [
            ("yang.xiaoling", [3, 4, 3, 1, 2], (300_000, 600_000, 2)),
            ("shi.haibing", [4, 3, 2, 2, 3], (1_000_000, 800_000, 3)),
        ];
        for (username, figures, sums) in sheet {
            let book = book(&world, username);
            let columns = ["first_appointment", "stage_25", "stage_50", "stage_90", "closed"];
            let found = columns.map(|column| book.values().filter(|row| row["stage"] == column).count());
            assert_eq!(found, figures, "{username}");
            assert_eq!(flows(&world, username), sums, "{username}");
        }
    });
}

#[test]
fn the_head_office_makes_machines_and_chooses_for_everybody_and_nobody_else_does() {
    both(|world| {
        load(&world);
        for (username, status) in [("head-office", 201), ("supervisor-a", 403), ("supervisor-b", 403)] {
            let (token, body) =
                (token(&world, username), json!({"name": "policy core", "scopes": ["roster"]}));
            world.post("/v1/service-clients", body).token(&token).status(status);
        }
        let head = token(&world, "head-office");
        let call = world.patch("/v1/settings", json!({"default_cycle_days": 30})).token(&head);
        call.header("If-Match", "*").status(200);
        // The others are the tops of what they see, as before.
        let teams = world.get("/v1/teams").token(&token(&world, "supervisor-a")).status(200).json();
        let above: Vec<&Value> = teams["data"].as_array().unwrap().iter().map(|t| &t["parent_id"]).collect();
        assert_eq!(above.iter().filter(|parent| parent.is_null()).count(), 1);
        assert_eq!(above.len(), 2);
    });
}

#[test]
fn of_instances_that_start_together_one_loads() {
    both(|world| {
        let config = &world.app.config;
        let instance =
            || App::on(world.database.target.clone(), config.clone(), world.clock.clone()).unwrap();
        let instances: Vec<App> = (0..3).map(|_| instance()).collect();
        let outcomes: Vec<Outcome> = std::thread::scope(|threads| {
            let started: Vec<_> =
                instances.iter().map(|app| threads.spawn(|| demo::prepare(app, None).unwrap())).collect();
            started.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Loaded).count(), 1);
        assert_eq!(stages_of_the_sample(&book(&world, "agent-a")), as_in_the_sample());
    });
}

#[test]
fn loading_twice_leaves_it_as_it_is() {
    both(|world| {
        load(&world);
        let before = book(&world, "supervisor-a");
        assert_eq!(demo::prepare(&world.app, None).unwrap(), Outcome::AlreadyThere);
        assert_eq!(book(&world, "supervisor-a"), before);
    });
}

#[test]
fn a_database_with_other_data_is_refused_and_left_alone() {
    both(|world| {
        people::team(&world, None);
        let refused = demo::prepare(&world.app, None).unwrap_err();
        assert!(matches!(&refused, StartError::Refused(why) if why.contains("not the demo")), "{refused}");
        // Nothing stayed behind that would make the next start believe in a demo.
        let again = demo::prepare(&world.app, None).unwrap_err();
        assert!(matches!(again, StartError::Refused(_)));
    });
}

#[test]
fn whatever_the_weekday_the_sample_stands_and_nothing_falls_back_on_the_first_day() {
    for day in 23..=29 {
        both(|world| {
            world.on(&format!("2026-11-{day}"));
            load(&world);
            let today = NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
            let book = book(&world, "agent-a");
            assert_eq!(stages_of_the_sample(&book), as_in_the_sample(), "{}", today.weekday());
            assert_eq!(due(&world), 0);
            assert_eq!(not_replayed(&world), []);
            // Nobody falls back today or tomorrow: what was missed has been put off to a coming day.
            for row in book.values().filter(|row| row["clock"]["falls_back_on"].is_string()) {
                let falls_back_on: NaiveDate =
                    row["clock"]["falls_back_on"].as_str().unwrap().parse().unwrap();
                assert!(falls_back_on > today, "{row}");
            }
        });
    }
}

#[test]
fn business_time_starts_at_a_date_and_only_moves_forward() {
    both(|world| {
        world.on("2026-11-25");
        let date = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        assert!(demo::prepare(&world.app, date("2009-12-13")).is_err());
        assert_eq!(demo::prepare(&world.app, date("2009-12-14")).unwrap(), Outcome::Loaded);
        assert_eq!(stages_of_the_sample(&book(&world, "agent-a")), as_in_the_sample());
        let shown = || world.get("/livez").status(200).header("business-date").unwrap().to_owned();
        assert_eq!(shown(), "2009-12-14");
        // Tokens keep real time: the one just given out is still good after the jump.
        let token = token(&world, "agent-a");
        assert_eq!(demo::prepare(&world.app, date("2009-12-14")).unwrap(), Outcome::AlreadyThere);
        assert_eq!(demo::prepare(&world.app, date("2010-01-20")).unwrap(), Outcome::AlreadyThere);
        assert_eq!(shown(), "2010-01-20");
        // The date that was given last changes nothing, however far the day has moved on since.
        world.clock.advance(chrono::Duration::days(1));
        assert_eq!(demo::prepare(&world.app, date("2010-01-20")).unwrap(), Outcome::AlreadyThere);
        assert_eq!(shown(), "2010-01-21");
        world.clock.advance(-chrono::Duration::days(1));
        let back = demo::prepare(&world.app, date("2009-12-14")).unwrap_err();
        assert!(back.to_string().contains("only moves forward"), "{back}");
        assert_eq!(shown(), "2010-01-20");
        world.get("/v1/me").token(&token).status(200);
        // 2010-01-20 lies beyond the cycle of everybody who was being sold to.
        let book = book(&world, "agent-a");
        assert_eq!(stage(&book, "刘岩"), "opportunity");
        assert_eq!(stage(&book, "范学东"), "opportunity");
        assert_eq!(stage(&book, "艾新华"), "stage_90");
    });
}

#[test]
fn a_restarted_service_keeps_its_business_date() {
    both(|world| {
        world.on("2026-11-25");
        demo::prepare(&world.app, Some("2009-12-14".parse().unwrap())).unwrap();
        let clock = Clock::test(world.clock.now());
        let config = world.app.config.clone();
        let again = App::on(world.database.target.clone(), config, clock).unwrap();
        assert_eq!(again.clock.today(chrono_tz::Asia::Shanghai).to_string(), "2009-12-14");
    });
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts the binary with an own folder and reads what it says up to the line that contains `until`.
fn start(folder: &std::path::Path, arguments: &[&str], until: &str) -> (Running, Vec<String>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_prospector"))
        .arg("serve")
        .args(arguments)
        .env_clear()
        .env("DATA_DIR", folder)
        .env("BIND", "127.0.0.1:0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let running = Running(child);
    let mut said = Vec::new();
    for line in out.lines() {
        let line = line.unwrap();
        let last = line.contains(until);
        said.push(line);
        if last {
            return (running, said);
        }
    }
    panic!("{until:?} was never said: {said:?}");
}

#[test]
fn a_newcomer_is_told_where_to_go_and_whom_to_sign_in_as() {
    let folder = tempfile::tempdir().unwrap();
    let (running, said) = start(folder.path(), &["--demo", "--today", "2009-12-14"], "listens on");
    let all = said.join("\n");
    for wanted in [
        "http://127.0.0.1:",
        "/docs",
        "2009-12-14",
        PASSWORD,
        "agent-a",
        "supervisor-b",
        "head-office",
        "/v1/auth/login",
    ] {
        assert!(all.contains(wanted), "no {wanted} in {all}");
    }
    // The line to paste works as it is.
    let line = said.iter().find(|line| line.contains("curl")).unwrap().trim();
    let answer = Command::new("sh").args(["-c", line]).output();
    if let Ok(answer) = answer.map(|a| a.stdout).map(|out| String::from_utf8(out).unwrap())
        && !answer.is_empty()
    {
        assert!(answer.contains("access_token"), "{answer}");
    }
    drop(running);
    let (_running, said) = start(folder.path(), &["--demo"], "listens on");
    assert!(said.iter().any(|line| line.contains("already")), "{said:?}");
    assert!(said.iter().any(|line| line.contains("2009-12-14")), "{said:?}");
}

#[test]
fn an_empty_database_says_how_to_begin() {
    let folder = tempfile::tempdir().unwrap();
    let (_running, said) = start(folder.path(), &[], "listens on");
    assert!(said.iter().any(|line| line.contains("prospector user create")), "{said:?}");
}
