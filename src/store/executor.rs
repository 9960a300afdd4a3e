//! The database threads: each owns one connection and takes jobs from a bounded queue.
//!
//! Measured against a pool of connections behind a pool of threads, this halves the slowest answers. SQLite has
//! one writing thread and some that read; PostgreSQL has one kind of thread. A job is one transaction. Full queue
//! or too long a wait: [`StoreError::Overloaded`], and nothing was done. A connection that broke is replaced
//! before the next job; a panic inside a job ends that connection and goes on in the caller.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use diesel::{
    Connection,
    connection::{AnsiTransactionManager, InstrumentationEvent, TransactionManager},
};
use tokio::sync::oneshot;

use super::{
    Conn, StoreError,
    connection::{Engine, Purpose, Target},
};

/// How the database threads are set up.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    /// Connections, one per thread; on SQLite one of them writes.
    pub connections: usize,
    /// Jobs that may wait.
    pub queue: usize,
    /// How long a job may wait.
    pub wait: Duration,
}

/// What the threads are doing, for `/metrics` and for tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Gauges {
    /// Jobs waiting for a thread now.
    pub waiting: i64,
    /// Jobs running now.
    pub running: i64,
    /// Jobs taken since the start.
    pub jobs: u64,
    /// Jobs refused because of the queue since the start.
    pub refused: u64,
    /// SQL statements since the start, those that begin and end transactions left out.
    pub statements: u64,
}

/// The door to the database; clones share the threads, which end with the last clone.
#[derive(Clone)]
pub struct Db(Arc<Shared>);

struct Shared {
    target: Target,
    readers: Arc<Queue>,
    writers: Arc<Queue>,
    counters: Arc<Counters>,
}

#[derive(Default)]
struct Counters {
    running: AtomicI64,
    jobs: AtomicU64,
    refused: AtomicU64,
    statements: AtomicI64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Read,
    Write,
}

/// Whether the connection can be used again.
#[derive(PartialEq, Eq)]
enum Afterwards {
    Healthy,
    Broken,
}

type Run = Box<dyn FnOnce(Result<&mut Conn, StoreError>) -> Afterwards + Send>;

struct Job {
    door: Door,
    since: Instant,
    /// Whether somebody still waits for the answer.
    wanted: Box<dyn Fn() -> bool + Send>,
    run: Run,
}

impl Db {
    /// Connects once, so that a wrong address shows at the start, and starts the threads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub fn open(target: Target, threads: Threads) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let first = connect(&target, Purpose::Write, &counters)?;
        let writers = Arc::new(Queue::new(threads));
        let (readers, n_writers) = match target.engine() {
            Engine::Sqlite => (Arc::new(Queue::new(threads)), 1),
            Engine::Postgres => (writers.clone(), threads.connections),
        };
        let mut first = Some(first);
        for number in 0..threads.connections.max(2) {
            let write = number < n_writers;
            let worker = Worker {
                target: target.clone(),
                purpose: if write { Purpose::Write } else { Purpose::Read },
                queue: if write { writers.clone() } else { readers.clone() },
                counters: counters.clone(),
                conn: if write { first.take() } else { None },
                failed_at: None,
            };
            thread::Builder::new()
                .name(format!("database-{number}"))
                .spawn(move || worker.run())
                .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
        }
        Ok(Db(Arc::new(Shared { target, readers, writers, counters })))
    }

    /// Runs a closure in a read-only transaction that sees one state of the database.
    ///
    /// # Errors
    /// The closure's own, or a [`StoreError`] turned into it.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(Door::Read, f)?.await)
    }

    /// Runs a closure in a transaction that may write; an error rolls everything back.
    ///
    /// # Errors
    /// The closure's own, or a [`StoreError`] turned into it.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(Door::Write, f)?.await)
    }

    /// [`Db::read`] for code that is not async; must not be called from async code.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub fn read_blocking<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(Door::Read, f)?.blocking_recv())
    }

    /// [`Db::write`] for code that is not async; must not be called from async code.
    ///
    /// # Errors
    /// Those of [`Db::write`].
    pub fn write_blocking<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(Door::Write, f)?.blocking_recv())
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.0.target.engine()
    }

    /// Where the database is.
    pub fn target(&self) -> &Target {
        &self.0.target
    }

    /// What the threads are doing.
    pub fn gauges(&self) -> Gauges {
        let counters = &self.0.counters;
        let mut waiting = self.0.writers.len();
        if !Arc::ptr_eq(&self.0.writers, &self.0.readers) {
            waiting += self.0.readers.len();
        }
        Gauges {
            waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
            running: counters.running.load(Ordering::Relaxed),
            jobs: counters.jobs.load(Ordering::Relaxed),
            refused: counters.refused.load(Ordering::Relaxed),
            statements: u64::try_from(counters.statements.load(Ordering::Relaxed)).unwrap_or(0),
        }
    }

    fn submit<T, E, F>(&self, door: Door, f: F) -> Result<oneshot::Receiver<Answer<T, E>>, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let sender = Arc::new(Mutex::new(Some(sender)));
        let waiting = sender.clone();
        let wanted = move || lock(&waiting).as_ref().is_some_and(|s: &oneshot::Sender<_>| !s.is_closed());
        let run: Run = Box::new(move |begun| {
            let (result, afterwards) = transaction(begun, f);
            if let Some(sender) = lock(&sender).take() {
                // Nobody waits any more when the caller went away; the transaction stands all the same.
                let _ = sender.send(result);
            }
            afterwards
        });
        let queue = if door == Door::Read { &self.0.readers } else { &self.0.writers };
        if queue.push(Job { door, since: Instant::now(), wanted: Box::new(wanted), run }) {
            Ok(receiver)
        } else {
            self.0.counters.refused.fetch_add(1, Ordering::Relaxed);
            Err(E::from(StoreError::Overloaded))
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.readers.close();
        self.writers.close();
    }
}

/// The result of the closure, or the payload of its panic.
type Answer<T, E> = thread::Result<Result<T, E>>;

fn answer<T, E: From<StoreError>>(received: Result<Answer<T, E>, oneshot::error::RecvError>) -> Result<T, E> {
    match received {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(E::from(StoreError::Unavailable("the service is stopping".to_owned()))),
    }
}

/// Runs the closure in the transaction that has been begun, and ends the transaction.
fn transaction<T, E, F>(begun: Result<&mut Conn, StoreError>, f: F) -> (Answer<T, E>, Afterwards)
where
    F: FnOnce(&mut Conn) -> Result<T, E>,
    E: From<StoreError>,
{
    let conn = match begun {
        Ok(conn) => conn,
        Err(error) => return (Ok(Err(E::from(error))), Afterwards::Healthy),
    };
    match catch_unwind(AssertUnwindSafe(|| f(&mut *conn))) {
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

fn begin(conn: &mut Conn, door: Door) -> Result<(), StoreError> {
    match (conn, door) {
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

fn connect(target: &Target, purpose: Purpose, counters: &Arc<Counters>) -> Result<Conn, StoreError> {
    let mut conn = target.connect(purpose)?;
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
        _ => {}
    });
    Ok(conn)
}

struct Worker {
    target: Target,
    purpose: Purpose,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    conn: Option<Conn>,
    /// When connecting last failed: for a moment jobs are refused at once instead of queueing up behind it.
    failed_at: Option<Instant>,
}

const RECONNECT_PAUSE: Duration = Duration::from_millis(100);

impl Worker {
    fn run(mut self) {
        while let Some(job) = self.queue.pop() {
            if !(job.wanted)() {
                continue;
            }
            if job.since.elapsed() > self.queue.wait {
                self.counters.refused.fetch_add(1, Ordering::Relaxed);
                (job.run)(Err(StoreError::Overloaded));
                continue;
            }
            self.counters.jobs.fetch_add(1, Ordering::Relaxed);
            self.counters.running.fetch_add(1, Ordering::Relaxed);
            let begun = self.begun(job.door);
            if (job.run)(begun) == Afterwards::Broken {
                self.conn = None;
            }
            self.counters.running.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// A connection on which a transaction has begun. One that died while idle is noticed here, before the job
    /// has done anything, and replaced.
    fn begun(&mut self, door: Door) -> Result<&mut Conn, StoreError> {
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
        let connected = connect(&self.target, self.purpose, &self.counters);
        self.failed_at = connected.is_err().then(Instant::now);
        connected
    }
}

/// A bounded queue with many takers.
struct Queue {
    state: Mutex<QueueState>,
    filled: Condvar,
    bound: usize,
    wait: Duration,
}

struct QueueState {
    jobs: VecDeque<Job>,
    open: bool,
}

impl Queue {
    fn new(threads: Threads) -> Self {
        Queue {
            state: Mutex::new(QueueState { jobs: VecDeque::new(), open: true }),
            filled: Condvar::new(),
            bound: threads.queue,
            wait: threads.wait,
        }
    }

    /// False when the queue is full or closed.
    fn push(&self, job: Job) -> bool {
        let mut state = lock(&self.state);
        if !state.open || state.jobs.len() >= self.bound {
            return false;
        }
        state.jobs.push_back(job);
        self.filled.notify_one();
        true
    }

    /// Waits for a job; `None` when the queue is closed and empty.
    fn pop(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if !state.open {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn len(&self) -> usize {
        lock(&self.state).jobs.len()
    }

    fn close(&self) {
        lock(&self.state).open = false;
        self.filled.notify_all();
    }
}

/// No code panics while it holds one of our locks, so a poisoned one is sound.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
