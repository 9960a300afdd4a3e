//! Connections to PostgreSQL that hang (reliability D8): the wire swallows everything, or the backend is frozen. Callers
//! wait a bounded time, the connections are replaced, and whether the service is ready is told all the while.

use std::{
    process::Command,
    sync::{Arc, Barrier, mpsc},
    thread,
    time::{Duration, Instant},
};

use diesel::{
    QueryableByName, RunQueryDsl as _, connection::SimpleConnection as _, sql_query, sql_types::Integer,
};
use prospector::store::{
    Conn, Db, StoreError,
    db::{
        connection::{Engine, Target},
        executor::Threads,
        meta,
    },
};

use crate::harness::{
    World,
    database::{Cluster, Database, postgres},
    given::Prospect,
    on_each_engine,
    proxy::Proxy,
};

const STATEMENT: Duration = Duration::from_secs(1);
/// After which a connection is given up.
const LIMIT: Duration = Duration::from_secs(2);
const WAIT: Duration = Duration::from_millis(500);
/// What a busy machine may add.
const LATE: Duration = Duration::from_secs(2);

#[derive(QueryableByName)]
struct Backend {
    #[diesel(sql_type = Integer)]
    pid: i32,
}

fn own_backend(conn: &mut Conn) -> Result<i32, StoreError> {
    Ok(sql_query("SELECT pg_backend_pid() AS pid").get_result::<Backend>(conn)?.pid)
}

/// Processes that do not run until this is dropped.
struct Frozen(Vec<i32>);

impl Frozen {
    fn these(pids: Vec<i32>) -> Self {
        signal("-STOP", &pids);
        Frozen(pids)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        signal("-CONT", &self.0);
    }
}

fn signal(signal: &str, pids: &[i32]) {
    let pids = pids.iter().map(i32::to_string);
    assert!(Command::new("kill").arg(signal).args(pids).status().unwrap().success());
}

/// Eight callers from the moment when every connection hangs: none waits longer than for a thread and for a connection
/// to be given up, and everybody who comes after that is answered.
fn callers_are_served_again<T>(hang: impl FnOnce(&Cluster, &Proxy, &World) -> T) {
    let Some(cluster) = postgres() else { return };
    let proxy = Proxy::to(cluster);
    let database = proxy.lead_to(Database::migrated(Engine::Postgres).unwrap(), STATEMENT);
    let world = World::over(database, |config| config.db_queue_wait = WAIT);
    let cast = world.cast();
    let path = Prospect::named(&world, &cast.agent_a, "Anna").path("");
    occupy(&world.app.db, 3);
    world.get("/readyz").status(200);

    let hung = hang(cluster, &proxy, &world);
    let from = Instant::now();
    let bound = WAIT + LIMIT + LATE;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut served = 0;
                while served < 20 {
                    let asked = from.elapsed();
                    let status = world.get(&path).by(&cast.agent_a).send().status;
                    let took = from.elapsed() - asked;
                    assert!(took < bound, "asked after {asked:?} and answered {status} after {took:?}");
                    assert!(status == 200 || asked < bound, "{status} for who asked after {asked:?}");
                    served += usize::from(status == 200);
                }
            });
        }
    });
    assert!(world.app.db.gauges().given_up > 0, "nothing hung");
    // Its own connection hung too.
    let ready = (0..2).any(|_| world.get("/readyz").send().status == 200);
    assert!(ready, "not ready");
    drop(hung);
    world.get(&path).by(&cast.agent_a).status(200);
}

/// Runs so many jobs at the same time, so that as many connections exist.
fn occupy(db: &Db, jobs: usize) {
    let together = Arc::new(Barrier::new(jobs));
    let jobs: Vec<_> = (0..jobs)
        .map(|_| {
            let (db, together) = (db.clone(), together.clone());
            thread::spawn(move || {
                db.read_blocking(move |_| {
                    together.wait();
                    Ok::<_, StoreError>(())
                })
            })
        })
        .collect();
    jobs.into_iter().for_each(|job| job.join().unwrap().unwrap());
}

#[test]
fn callers_are_served_again_after_the_wire_went_dead() {
    callers_are_served_again(|_, proxy, _| proxy.go_dead());
}

#[test]
fn callers_are_served_again_after_every_backend_froze() {
    callers_are_served_again(|cluster, _, world| Frozen::these(cluster.backends(&world.database.name())));
}

fn opened(target: Target) -> Db {
    Db::open(target, Threads { connections: 3, queue: 64, wait: Duration::from_secs(60) }).unwrap()
}

#[test]
fn after_one_connection_hung_the_others_are_not_trusted() {
    let Some(cluster) = postgres() else { return };
    let proxy = Proxy::to(cluster);
    let database = proxy.lead_to(Database::migrated(Engine::Postgres).unwrap(), STATEMENT);
    let db = opened(database.target.clone());
    occupy(&db, 3);
    proxy.go_dead();
    let first = db.read_blocking(own_backend);
    assert!(matches!(first, Err(StoreError::Unavailable(_))), "{first:?}");
    for n in 0..9 {
        db.read_blocking(own_backend).unwrap_or_else(|error| panic!("job {n}: {error}"));
    }
    assert_eq!(db.gauges().given_up, 1);
}

#[test]
fn a_job_that_was_given_up_commits_nothing_when_it_comes_back() {
    let Some(cluster) = postgres() else { return };
    let database = Database::migrated(Engine::Postgres).unwrap();
    let Target::Postgres { url, .. } = database.target.clone() else { unreachable!() };
    let db = opened(Target::Postgres { url, statement_timeout: STATEMENT });
    let (tell, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let answer = db.write_blocking(move |conn| {
        // Otherwise PostgreSQL itself would end what idles.
        conn.batch_execute("SET LOCAL idle_in_transaction_session_timeout = 0")?;
        tell.send(own_backend(conn)?).unwrap();
        meta::set(conn, "late", "yes")?;
        let _ = released.recv();
        meta::set(conn, "later", "yes")
    });
    assert!(matches!(answer, Err(StoreError::Unavailable(_))), "{answer:?}");
    let backend = told.recv().unwrap();
    assert!(cluster.backends(&database.name()).contains(&backend), "it has not come back yet");
    drop(release);
    while cluster.backends(&database.name()).contains(&backend) {
        thread::yield_now();
    }
    assert_eq!(db.read_blocking(|conn| meta::get(conn, "late")).unwrap(), None);
    assert_eq!(db.read_blocking(|conn| meta::get(conn, "later")).unwrap(), None);
    // The backend goes a moment before the thread is back.
    while db.gauges().running > 0 {
        thread::yield_now();
    }
    assert_eq!(db.gauges().given_up, 1);
}

#[test]
fn readiness_is_told_while_every_thread_is_busy_and_callers_are_refused_after_the_bound() {
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, |config| config.db_queue_wait = WAIT) else { return };
        let cast = world.cast();
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(std::sync::Mutex::new(released));
        let (begun, began) = mpsc::channel();
        for n in 0..3 {
            let (db, released, begun) = (world.app.db.clone(), released.clone(), begun.clone());
            let busy = move |_: &mut Conn| {
                begun.send(()).unwrap();
                let _ = released.lock().unwrap().recv();
                Ok::<_, StoreError>(())
            };
            // On SQLite one of the three writes.
            thread::spawn(move || if n == 0 { db.write_blocking(busy) } else { db.read_blocking(busy) });
            began.recv().unwrap();
        }
        world.get("/readyz").status(200);
        let asked = Instant::now();
        let refused = world.get("/v1/me").by(&cast.agent_a).problem(503, "overloaded");
        assert_eq!(refused.header("retry-after"), Some("1"));
        assert!(asked.elapsed() < WAIT + LATE, "{:?}", asked.elapsed());
        world.get("/readyz").status(200);
        drop(release);
    });
}
