//! The database threads: overload, panics, broken connections, the two doors.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use diesel::{connection::SimpleConnection, prelude::*, sql_query, sql_types::BigInt};
use prospector::store::{
    Conn, Db, StoreError,
    db::{connection::Engine, executor::Threads, meta},
};

use crate::harness::{
    database::{Database, postgres},
    on_each_engine,
};

const THREADS: Threads = Threads { connections: 2, queue: 4, wait: Duration::from_secs(60) };

fn opened(engine: Engine, threads: Threads) -> Option<(Database, Db)> {
    let database = Database::migrated(engine)?;
    let db = Db::open(database.target.clone(), threads).unwrap();
    Some((database, db))
}

fn one(conn: &mut Conn) -> Result<i64, StoreError> {
    #[derive(QueryableByName)]
    struct One {
        #[diesel(sql_type = BigInt)]
        n: i64,
    }
    Ok(sql_query("SELECT CAST(1 AS BIGINT) AS n").get_result::<One>(conn)?.n)
}

/// Occupies every thread that writes until the returned senders are dropped.
fn block_writers(db: &Db) -> Vec<mpsc::Sender<()>> {
    let threads = if db.engine() == Engine::Sqlite { 1 } else { THREADS.connections };
    (0..threads)
        .map(|_| {
            let (release, released) = mpsc::channel::<()>();
            let (started, wait) = mpsc::channel();
            let db = db.clone();
            std::thread::spawn(move || {
                db.write_blocking(move |_| {
                    started.send(()).unwrap();
                    let _ = released.recv();
                    Ok::<_, StoreError>(())
                })
            });
            wait.recv().unwrap();
            release
        })
        .collect()
}

#[test]
fn a_full_queue_refuses_at_once_and_recovers() {
    on_each_engine(|engine| {
        let threads = Threads { queue: 2, ..THREADS };
        let Some((_database, db)) = opened(engine, threads) else { return };
        let releases = block_writers(&db);
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let db = db.clone();
                std::thread::spawn(move || db.write_blocking(one))
            })
            .collect();
        while db.gauges().waiting < 2 {
            std::thread::yield_now();
        }
        let asked = Instant::now();
        assert!(matches!(db.write_blocking(one), Err(StoreError::Overloaded)));
        assert!(asked.elapsed() < Duration::from_millis(100));
        drop(releases);
        for thread in waiting {
            assert_eq!(thread.join().unwrap().unwrap(), 1);
        }
        assert_eq!(db.write_blocking(one).unwrap(), 1);
    });
}

#[test]
fn a_caller_waits_no_longer_than_the_bound_while_all_threads_are_busy_and_the_job_is_never_run() {
    on_each_engine(|engine| {
        let threads = Threads { wait: Duration::from_millis(10), ..THREADS };
        let Some((_database, db)) = opened(engine, threads) else { return };
        let releases = block_writers(&db);
        let (answer, answered) = mpsc::channel();
        let late = db.clone();
        std::thread::spawn(move || {
            answer.send(late.write_blocking(|conn| meta::set(conn, "late", "yes"))).unwrap();
        });
        // Nothing is released before the answer is there.
        let answer = answered.recv_timeout(Duration::from_secs(10)).expect("still waiting for a thread");
        assert!(matches!(answer, Err(StoreError::Overloaded)));
        assert_eq!((db.gauges().waiting, db.gauges().refused), (0, 1));
        drop(releases);
        // The threads take jobs again, and there is no late one among them. Not refused itself, whatever the machine does.
        while db.gauges().running > 0 {
            std::thread::yield_now();
        }
        let late = loop {
            match db.write_blocking(|conn| meta::get(conn, "late")) {
                Err(StoreError::Overloaded) => {}
                answer => break answer.unwrap(),
            }
        };
        assert_eq!(late, None);
    });
}

#[test]
fn a_job_that_a_thread_has_taken_is_waited_for() {
    on_each_engine(|engine| {
        let threads = Threads { wait: Duration::from_millis(10), ..THREADS };
        let Some((_database, db)) = opened(engine, threads) else { return };
        let begun = Instant::now();
        let answer = db.write_blocking(move |conn| {
            while begun.elapsed() < Duration::from_millis(100) {
                std::thread::yield_now();
            }
            one(conn)
        });
        assert_eq!(answer.unwrap(), 1);
    });
}

#[test]
fn a_panic_in_a_job_reaches_the_caller_undoes_the_job_and_leaves_the_threads_alive() {
    on_each_engine(|engine| {
        let Some((_database, db)) = opened(engine, THREADS) else { return };
        for _ in 0..5 {
            let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                db.write_blocking(|conn| -> Result<(), StoreError> {
                    meta::set(conn, "half", "done")?;
                    panic!("on purpose")
                })
            }));
            assert!(panicked.is_err());
        }
        assert_eq!(db.read_blocking(|conn| meta::get(conn, "half")).unwrap(), None);
        assert_eq!(db.write_blocking(one).unwrap(), 1);
    });
}

#[test]
fn an_error_rolls_the_whole_job_back() {
    on_each_engine(|engine| {
        let Some((_database, db)) = opened(engine, THREADS) else { return };
        let refused = db.write_blocking(|conn| {
            meta::set(conn, "half", "done")?;
            Err::<(), _>(StoreError::Stale)
        });
        assert!(matches!(refused, Err(StoreError::Stale)));
        assert_eq!(db.read_blocking(|conn| meta::get(conn, "half")).unwrap(), None);
    });
}

#[test]
fn the_read_door_does_not_write() {
    on_each_engine(|engine| {
        let Some((_database, db)) = opened(engine, THREADS) else { return };
        assert!(db.read_blocking(|conn| meta::set(conn, "sneaked", "in")).is_err());
        assert_eq!(db.read_blocking(|conn| meta::get(conn, "sneaked")).unwrap(), None);
    });
}

#[test]
fn a_connection_that_was_cut_is_replaced() {
    let Some((database, db)) = opened(Engine::Postgres, THREADS) else { return };
    for round in 0..3 {
        let name = database.name();
        postgres().unwrap().administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
        for _ in 0..4 {
            assert_eq!(db.read_blocking(one).unwrap(), 1, "round {round}");
        }
    }
    // Cut in the middle of a job: that job fails, the next one does not.
    let cut = db.write_blocking(|conn| {
        let own = "SELECT pg_terminate_backend(pg_backend_pid())";
        let _ = conn.batch_execute(own);
        one(conn)
    });
    assert!(matches!(cut, Err(StoreError::Unavailable(_))), "{cut:?}");
    assert_eq!(db.write_blocking(one).unwrap(), 1);
}

#[test]
fn statements_are_counted_without_those_around_the_transaction() {
    on_each_engine(|engine| {
        let Some((_database, db)) = opened(engine, THREADS) else { return };
        db.write_blocking(one).unwrap();
        let before = db.gauges();
        db.write_blocking(|conn| {
            one(conn)?;
            one(conn)
        })
        .unwrap();
        while db.gauges().running > 0 {
            std::thread::yield_now();
        }
        assert_eq!(db.gauges().statements - before.statements, 2);
        assert_eq!(db.gauges().jobs - before.jobs, 1);
    });
}

#[test]
fn a_violated_constraint_has_the_same_name_on_both() {
    on_each_engine(|engine| {
        let Some((_database, db)) = opened(engine, THREADS) else { return };
        for (path, constraint) in [("/a/", "ux_teams__path"), ("/b/", "teams_pkey")] {
            let refused = db.write_blocking(move |conn| {
                for path in ["/a/", path] {
                    conn.batch_execute(&format!(
                        "INSERT INTO teams (id, path, name, time_zone, version, created_at, updated_at)
                         VALUES ('{}', '{path}', 'A', 'UTC', 1, '2009-12-14 00:00:00', '2009-12-14 00:00:00')",
                        if constraint == "teams_pkey" { "one" } else { path },
                    ))?;
                    if path == "/a/" && constraint != "teams_pkey" {
                        conn.batch_execute("UPDATE teams SET id = 'other'")?;
                    }
                }
                Ok::<_, StoreError>(())
            });
            let Err(StoreError::Conflict { constraint: name }) = refused else { panic!("{refused:?}") };
            assert_eq!(name, constraint);
        }
    });
}
