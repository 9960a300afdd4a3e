//! One database thread: its connection, its transactions, and what it is at.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, atomic::Ordering},
    time::{Duration, Instant},
};

use diesel::{
    Connection,
    connection::{AnsiTransactionManager, InstrumentationEvent, SimpleConnection, TransactionManager},
};

use super::{
    counters::Counters,
    queue::{Afterwards, Answer, Door, OnBehalf, Queue, Task, lock},
};
use crate::store::{
    Conn, StoreError,
    db::connection::{Purpose, Target},
};

/// What a thread is at. Thread and watchdog both clear it, and whoever finds something there has the last word.
#[derive(Default)]
pub(super) struct Desk(Mutex<Option<Running>>);

pub(super) struct Running {
    since: Instant,
    pub of: OnBehalf,
    pub task: Arc<dyn Task>,
}

impl Desk {
    fn begin(&self, of: OnBehalf, task: Arc<dyn Task>) {
        *lock(&self.0) = Some(Running { since: Instant::now(), of, task });
    }

    /// How long the job took; none when the watchdog has taken it away: then the thread has been replaced.
    fn end(&self) -> Option<Duration> {
        lock(&self.0).take().map(|running| running.since.elapsed())
    }

    /// When the job began that the thread is at.
    pub fn since(&self) -> Option<Instant> {
        lock(&self.0).as_ref().map(|running| running.since)
    }

    /// Takes the job away if it has run for so long.
    pub fn take_hung(&self, now: Instant, limit: Duration) -> Option<Running> {
        let mut running = lock(&self.0);
        let hung = running.as_ref().is_some_and(|running| now >= running.since + limit);
        if hung { running.take() } else { None }
    }
}

/// Runs the closure in the transaction that has been begun, and ends the transaction: with a commit only if its caller
/// has not been refused meanwhile.
pub(super) fn transaction<T, E, F>(
    begun: Result<&mut Conn, StoreError>,
    f: F,
    is_refused: impl Fn() -> bool,
) -> (Answer<T, E>, Afterwards)
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<StoreError>,
{
    let conn = match begun {
        Ok(conn) => conn,
        Err(error) => return (Ok(Err(E::from(error))), Afterwards::Healthy),
    };
    let is_open = in_transaction(conn);
    match catch_unwind(AssertUnwindSafe(|| f(&mut *conn))) {
        Ok(result) if !is_open => {
            // Nothing tells whether an error was the connection's but the connection.
            let is_sound = result.is_ok() || conn.batch_execute("SELECT 1").is_ok();
            (Ok(result), if is_sound { Afterwards::Healthy } else { Afterwards::Broken })
        }
        Ok(result) if is_refused() => (Ok(result), Afterwards::Broken),
        Ok(Ok(value)) => match <Conn as Connection>::TransactionManager::commit_transaction(conn) {
            Ok(()) => (Ok(Ok(value)), Afterwards::Healthy),
            Err(error) => (Ok(Err(E::from(error.into()))), Afterwards::Broken),
        },
        Ok(Err(error)) => match <Conn as Connection>::TransactionManager::rollback_transaction(conn) {
            Ok(()) => (Ok(Err(error)), Afterwards::Healthy),
            Err(_) => (Ok(Err(error)), Afterwards::Broken),
        },
        Err(panic) => (Err(panic), Afterwards::Broken),
    }
}

fn in_transaction(conn: &mut Conn) -> bool {
    type Transactions = <Conn as Connection>::TransactionManager;
    let status = Transactions::transaction_manager_status_mut(conn).transaction_depth();
    status.is_ok_and(|depth| depth.is_some())
}

fn begin(conn: &mut Conn, door: Door) -> Result<(), StoreError> {
    match (conn, door) {
        (_, Door::Look) => {}
        (Conn::Sqlite(c), Door::Read) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")?,
        (Conn::Sqlite(c), Door::Write) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE")?
        }
        (Conn::Postgres(c), Door::Read) => AnsiTransactionManager::begin_transaction_sql(
            c,
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        )?,
        (Conn::Postgres(c), Door::Write) => {
            AnsiTransactionManager::begin_transaction_sql(c, "BEGIN ISOLATION LEVEL READ COMMITTED")?;
        }
    }
    Ok(())
}

pub(super) fn connect(
    target: &Target,
    purpose: Purpose,
    counters: &Arc<Counters>,
) -> Result<Conn, StoreError> {
    let mut conn = target.connect(purpose).inspect_err(|_| counters.troubles.note_unreachable())?;
    let counters = counters.clone();
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| match event {
        InstrumentationEvent::StartQuery { .. } => {
            counters.statements.fetch_add(1, Ordering::Relaxed);
        }
        // Their own statements are announced as queries too.
        InstrumentationEvent::BeginTransaction { .. }
        | InstrumentationEvent::CommitTransaction { .. }
        | InstrumentationEvent::RollbackTransaction { .. } => {
            counters.statements.fetch_sub(1, Ordering::Relaxed);
        }
        InstrumentationEvent::FinishQuery { error: Some(error), .. } => counters.troubles.note(error),
        _ => {}
    });
    Ok(conn)
}

pub(super) struct Worker {
    pub target: Target,
    pub purpose: Purpose,
    pub queue: Arc<Queue>,
    pub counters: Arc<Counters>,
    pub desk: Arc<Desk>,
    pub conn: Option<Conn>,
    /// How many connections of this queue had hung when ours was made.
    pub hung_before: u64,
    /// When connecting last failed: for a moment jobs are refused at once instead of queueing up behind it.
    pub failed_at: Option<Instant>,
    /// Whether there was a connection here before: then the next one is in its place.
    pub has_connected: bool,
}

const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

impl Worker {
    pub fn run(mut self) {
        while let Some(job) = self.queue.pop() {
            if !job.task.is_wanted() {
                self.queue.done(job.of, None);
                continue;
            }
            self.counters.jobs.fetch_add(1, Ordering::Relaxed);
            self.counters.waited.note(job.since.elapsed());
            self.counters.running.fetch_add(1, Ordering::Relaxed);
            self.desk.begin(job.of, job.task.clone());
            let begun = self.begun(job.door);
            let afterwards = job.task.run(begun);
            let Some(took) = self.desk.end() else {
                // Somebody else sits here by now. The connection goes with the thread, and what it had begun with it.
                self.counters.lost.fetch_sub(1, Ordering::Relaxed);
                return;
            };
            self.queue.done(job.of, Some(took));
            if afterwards == Afterwards::Broken {
                self.conn = None;
            }
            self.counters.running.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A connection on which a transaction has begun. One that died while idle is noticed here, before the job
    /// has done anything, and replaced.
    fn begun(&mut self, door: Door) -> Result<&mut Conn, StoreError> {
        if self.hung_before != self.queue.hung() {
            self.conn = None;
        }
        let mut tried_fresh = false;
        loop {
            if self.conn.is_none() {
                self.conn = Some(self.reconnect()?);
                tried_fresh = true;
            }
            let Some(conn) = self.conn.as_mut() else { continue };
            match begin(conn, door) {
                Ok(()) => break,
                // Another process holds SQLite's write lock; the connection is sound.
                Err(StoreError::Timeout) => return Err(StoreError::Timeout),
                Err(error) => {
                    self.conn = None;
                    if tried_fresh {
                        return Err(error);
                    }
                }
            }
        }
        self.conn.as_mut().ok_or_else(|| StoreError::Unavailable("no connection".to_owned()))
    }

    fn reconnect(&mut self) -> Result<Conn, StoreError> {
        if self.failed_at.is_some_and(|at| at.elapsed() < RECONNECT_PAUSE) {
            return Err(StoreError::Unavailable("the database cannot be reached".to_owned()));
        }
        self.hung_before = self.queue.hung();
        let connected = connect(&self.target, self.purpose, &self.counters);
        self.failed_at = connected.is_err().then(Instant::now);
        if connected.is_ok() && std::mem::replace(&mut self.has_connected, true) {
            self.counters.replaced.fetch_add(1, Ordering::Relaxed);
        }
        connected
    }
}
