//! One caller does not take all (reliability O3): callers take turns at the database, and files are made for each one at a time.

use std::{
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use actix_web::rt;
use prospector::{
    clock::Ids,
    domain::values::id::Id,
    store::{Db, StoreError, db::executor::Threads},
};

use crate::harness::{Person, World, both, database::Database, on_each_engine};

const THREADS: Threads = Threads { connections: 3, queue: 400, wait: Duration::from_secs(60) };
const JOB: Duration = Duration::from_millis(20);

/// A job that keeps a thread for a while, asked for and not waited for.
fn ask(db: &Db, asked: &mpsc::Sender<Result<(), StoreError>>) {
    let (db, asked) = (db.clone(), asked.clone());
    thread::spawn(move || {
        let slow = |_: &mut _| {
            thread::sleep(JOB);
            Ok::<_, StoreError>(())
        };
        let _ = asked.send(db.read_blocking(slow));
    });
}

#[test]
fn who_asks_much_waits_for_the_own_requests_and_the_others_do_not() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        let db = Db::open(database.target.clone(), THREADS).unwrap();
        let (much, little) = (db.on_behalf_of(Ids.id()), db.on_behalf_of(Ids.id()));
        let (asked, answered) = mpsc::channel();
        for _ in 0..90 {
            ask(&much, &asked);
        }
        while db.gauges().waiting < 60 {
            thread::yield_now();
        }
        let longest = (0..5).map(|_| {
            let begun = Instant::now();
            little.read_blocking(|_| Ok::<_, StoreError>(())).unwrap();
            begun.elapsed()
        });
        let longest = longest.max().unwrap();
        assert!(db.gauges().waiting_of_one > 0, "the others are still waiting");
        // One after the other, sixty jobs take 600 ms at the very least.
        assert!(longest < Duration::from_millis(300), "{longest:?}");
        drop(asked);
        assert!(answered.iter().all(|answer| answer.is_ok()));
    });
}

#[test]
fn one_callers_share_of_the_places_is_refused_beyond_at_once_and_leaves_the_rest_to_others() {
    on_each_engine(|engine| {
        let Some(database) = Database::migrated(engine) else { return };
        let threads = Threads { queue: 40, ..THREADS };
        let db = Db::open(database.target.clone(), threads).unwrap();
        let (much, little) = (db.on_behalf_of(Ids.id()), db.on_behalf_of(Ids.id()));
        let (asked, answered) = mpsc::channel();
        let begun = Instant::now();
        for _ in 0..60 {
            ask(&much, &asked);
        }
        let refused = answered.recv().unwrap();
        drop(asked);
        let others = answered.iter().filter(Result::is_err).count() + usize::from(refused.is_err());
        assert!(others > 20, "{others} of 60 were refused");
        assert_eq!(db.gauges().refused_share, others as u64);
        little.read_blocking(|_| Ok::<_, StoreError>(())).unwrap();
        assert!(begun.elapsed() < Duration::from_secs(20));
    });
}

fn workbook(world: &World, by: &Person) -> u16 {
    let path = format!("/v1/reports/action-sheet?format=xlsx&agent_id={}", by.id);
    let answer = world.get(&path).by(by).send();
    if answer.status == 503 {
        assert_eq!(answer.json()["code"], "overloaded");
        assert!(answer.header("retry-after").is_some(), "{}", answer.text());
    }
    answer.status
}

/// The turn of somebody, taken by the test.
fn turn_of(world: &World, id: Id) -> prospector::file_turns::FileTurn {
    let turn = world.app.file_turns.turn(id, Duration::from_secs(10));
    rt::System::new().block_on(turn).unwrap()
}

#[test]
fn files_of_one_caller_are_made_one_by_one_and_those_of_others_meanwhile() {
    both(|world| {
        let cast = world.cast();
        let turn = turn_of(&world, cast.agent_a.id);
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..15).map(|_| scope.spawn(|| workbook(&world, &cast.agent_a))).collect();
            let begun = Instant::now();
            while world.app.file_turns.asked(cast.agent_a.id) < 16 {
                assert!(begun.elapsed() < Duration::from_secs(20), "they do not wait for each other");
                thread::yield_now();
            }
            let begun = Instant::now();
            assert_eq!(workbook(&world, &cast.agent_a), 503, "sixteen are asked for");
            assert!(begun.elapsed() < Duration::from_secs(2), "it is refused at once");
            assert_eq!(workbook(&world, &cast.peer), 200);
            // Whoever asks last is served last of those who wait for what all share: had any of ours got so far, it would be
            // made by now.
            assert_eq!(world.app.file_turns.asked(cast.agent_a.id), 16, "the others were made meanwhile");
            world.get("/v1/today").by(&cast.agent_a).status(200);
            drop(turn);
            assert!(waiting.into_iter().all(|one| one.join().unwrap() == 200));
        });
        assert_eq!(world.app.file_turns.asked(cast.agent_a.id), 0);
    });
}
