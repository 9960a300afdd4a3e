//! The database threads: each owns one connection and takes jobs from a bounded queue.
//!
//! Measured against a pool of connections behind a pool of threads, this halves the slowest answers. SQLite has
//! one writing thread and some that read; PostgreSQL has one kind of thread. A job is one transaction. Callers take turns.
//! Full queue, full share or too long a wait: [`StoreError::Overloaded`], and nothing was done. A connection that broke is replaced
//! before the next job, one that hangs while its caller waits; a panic inside a job ends that
//! connection and goes on in the caller. One more thread, with a queue and a connection of its own, tells whether the
//! database answers.

mod counters;
pub mod figures;
mod queue;
mod watchdog;
mod worker;

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex, atomic::Ordering, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use self::{
    counters::Counters,
    figures::Waits,
    queue::{Afterwards, Answer, Door, Job, OnBehalf, Queue, Refused, Task, lock},
    watchdog::{Seat, Watchdog},
};
use super::connection::{Engine, Purpose, Target};
use crate::{
    domain::values::id::Id,
    store::{Conn, StoreError},
};

/// How the database threads are set up.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    /// Connections, one per thread; on SQLite one of them writes.
    pub connections: usize,
    /// Jobs that may wait.
    pub queue: usize,
    /// How long a job may wait for a thread; once a thread has taken it, its caller waits for what comes of it.
    pub wait: Duration,
}

/// Whether the database answers is told soon or not at all.
const CHECK_WAIT: Duration = Duration::from_secs(1);
const CHECK_LIMIT: Duration = Duration::from_secs(2);
const CHECKS: usize = 16;

/// What the threads are doing, for `/metrics` and for tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Gauges {
    /// Jobs waiting for a thread now.
    pub waiting: i64,
    /// The most of them that are of one caller.
    pub waiting_of_one: i64,
    /// Jobs running now.
    pub running: i64,
    /// Jobs taken since the start.
    pub jobs: u64,
    /// Jobs refused because of the queue since the start.
    pub refused: u64,
    /// Of these those whose caller had used up the own share of the places.
    pub refused_share: u64,
    /// SQL statements since the start, those that begin and end transactions left out.
    pub statements: u64,
    /// Connections that hung and were given up since the start.
    pub given_up: u64,
    /// Connections made in place of one that broke or hung, since the start.
    pub replaced: u64,
}

/// How many writes have ended on this instance; clones count the same.
#[derive(Clone)]
pub struct Writes(Arc<Counters>);

impl Writes {
    /// So many: the next write that ends is counted before its caller is answered.
    pub fn ended(&self) -> u64 {
        self.0.writes.load(Ordering::Acquire)
    }
}

/// The door to the database; clones share the threads, which end with the last clone.
#[derive(Clone)]
pub struct Db {
    shared: Arc<Shared>,
    of: OnBehalf,
}

struct Shared {
    target: Target,
    readers: Arc<Queue>,
    writers: Arc<Queue>,
    checks: Arc<Queue>,
    counters: Arc<Counters>,
    /// Dropping it ends the watchdog.
    _watched: mpsc::Sender<()>,
}

impl Db {
    /// Connects once, so that a wrong address shows at the start, and starts the threads.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub fn open(target: Target, threads: Threads) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let first = worker::connect(&target, Purpose::Write, &counters)?;
        let n_threads = threads.connections.max(2);
        let queue = |takers: usize| Arc::new(Queue::new(threads.queue, threads.wait, takers));
        let checks = Arc::new(Queue::new(CHECKS, CHECK_WAIT, 1));
        let (readers, writers, n_writers) = match target.engine() {
            Engine::Sqlite => (queue(n_threads - 1), queue(1), 1),
            Engine::Postgres => {
                let all = queue(threads.connections);
                (all.clone(), all, threads.connections)
            }
        };
        let limit = target.longest_job();
        let mut seats: Vec<Seat> = (0..n_threads)
            .map(|number| match number < n_writers {
                true => Seat::vacant(Purpose::Write, &writers, limit),
                false => Seat::vacant(Purpose::Read, &readers, limit),
            })
            .collect();
        seats.push(Seat::vacant(Purpose::Read, &checks, limit.map(|_| CHECK_LIMIT)));
        let (_watched, unwatched) = mpsc::channel();
        let mut watchdog = Watchdog { target: target.clone(), counters: counters.clone(), seats };
        watchdog.fill_seats(Some(first)).map_err(no_thread)?;
        thread::Builder::new()
            .name("database-watchdog".to_owned())
            .spawn(move || watchdog.run(&unwatched))
            .map_err(no_thread)?;
        let shared = Shared { target, readers, writers, checks, counters, _watched };
        Ok(Db { shared: Arc::new(shared), of: None })
    }

    /// The same door for what is done on behalf of a user: it takes the user's turns and no more than a fair share.
    pub fn on_behalf_of(&self, user: Id) -> Db {
        Db { shared: self.shared.clone(), of: Some(user) }
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
        answer(self.submit(&self.shared.readers, Door::Read, f)?.await)
    }

    /// Runs a closure outside of any transaction: for a reader of whose statements each may see its own state of the
    /// database. It saves BEGIN and COMMIT.
    ///
    /// # Errors
    /// The closure's own, or a [`StoreError`] turned into it.
    pub async fn look<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(&self.shared.readers, Door::Look, f)?.await)
    }

    /// Runs a closure on a connection that may write, outside of any transaction: for what the database does to itself.
    ///
    /// # Errors
    /// The closure's own, or a [`StoreError`] turned into it.
    pub async fn maintain<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(&self.shared.writers, Door::Look, f)?.await)
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
        answer(self.submit(&self.shared.writers, Door::Write, f)?.await)
    }

    /// [`Db::read`] past everything that waits for the requests' threads, and with a short bound: whether the database
    /// answers must be told especially when they are all busy.
    ///
    /// # Errors
    /// Those of [`Db::read`].
    pub async fn check<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        answer(self.submit(&self.shared.checks, Door::Read, f)?.await)
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
        answer(self.submit(&self.shared.readers, Door::Read, f)?.blocking_recv())
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
        answer(self.submit(&self.shared.writers, Door::Write, f)?.blocking_recv())
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        self.shared.target.engine()
    }

    /// Where the database is.
    pub fn target(&self) -> &Target {
        &self.shared.target
    }

    /// How many writes have ended.
    pub fn writes(&self) -> Writes {
        Writes(self.shared.counters.clone())
    }

    /// What the threads are doing.
    pub fn gauges(&self) -> Gauges {
        let counters = &self.shared.counters;
        let (mut waiting, mut of_one) = self.shared.writers.waiting();
        if !Arc::ptr_eq(&self.shared.writers, &self.shared.readers) {
            let (to_read, of_one_reader) = self.shared.readers.waiting();
            waiting += to_read;
            of_one = of_one.max(of_one_reader);
        }
        Gauges {
            waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
            waiting_of_one: i64::try_from(of_one).unwrap_or(i64::MAX),
            running: counters.running.load(Ordering::Relaxed),
            jobs: counters.jobs.load(Ordering::Relaxed),
            refused: counters.refused.load(Ordering::Relaxed),
            refused_share: counters.refused_share.load(Ordering::Relaxed),
            statements: u64::try_from(counters.statements.load(Ordering::Relaxed)).unwrap_or(0),
            given_up: counters.given_up.load(Ordering::Relaxed),
            replaced: counters.replaced.load(Ordering::Relaxed),
        }
    }

    /// How long jobs waited for a thread.
    pub fn waits(&self) -> Waits {
        self.shared.counters.waited.read()
    }

    /// What went wrong with the database since the start, by kind.
    pub fn troubles(&self) -> Vec<(&'static str, u64)> {
        self.shared.counters.troubles.read()
    }

    fn submit<T, E, F>(&self, queue: &Queue, door: Door, f: F) -> Result<oneshot::Receiver<Answer<T, E>>, E>
    where
        F: FnOnce(&mut Conn) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let counts_writes = (door == Door::Write).then(|| self.shared.counters.clone());
        let task = Arc::new(Call {
            sender: Mutex::new(Some(sender)),
            f: Mutex::new(Some(f)),
            counts_writes,
            span: tracing::Span::current(),
        });
        queue.push(Job { door, of: self.of, since: Instant::now(), task }).map_err(|why| {
            let counters = &self.shared.counters;
            counters.refused.fetch_add(1, Ordering::Relaxed);
            if why == Refused::Share {
                counters.refused_share.fetch_add(1, Ordering::Relaxed);
            }
            E::from(StoreError::Overloaded)
        })?;
        Ok(receiver)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.readers.close();
        self.writers.close();
        self.checks.close();
    }
}

fn answer<T, E: From<StoreError>>(received: Result<Answer<T, E>, oneshot::error::RecvError>) -> Result<T, E> {
    match received {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => Err(E::from(StoreError::Unavailable("the service is stopping".to_owned()))),
    }
}

/// A closure and the way back to its caller.
struct Call<T, E, F> {
    /// Gone when the call has been answered.
    sender: Mutex<Option<oneshot::Sender<Answer<T, E>>>>,
    f: Mutex<Option<F>>,
    /// Where it is counted that a write has ended.
    counts_writes: Option<Arc<Counters>>,
    /// What is logged while it runs belongs to the request that asked for it.
    span: tracing::Span,
}

impl<T, E, F> Call<T, E, F> {
    fn answer(&self, answer: Answer<T, E>) {
        if let Some(sender) = lock(&self.sender).take() {
            // Nobody waits any more when the caller went away; the transaction stands all the same.
            let _ = sender.send(answer);
        }
    }
}

impl<T, E, F> Task for Call<T, E, F>
where
    F: FnOnce(&mut Conn) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Send,
{
    fn is_wanted(&self) -> bool {
        lock(&self.sender).as_ref().is_some_and(|sender| !sender.is_closed())
    }

    fn refuse(&self, error: StoreError) {
        self.answer(Ok(Err(E::from(error))));
    }

    fn run(&self, begun: Result<&mut Conn, StoreError>) -> Afterwards {
        let Some(f) = lock(&self.f).take() else { return Afterwards::Broken };
        let _inside = self.span.enter();
        // Whoever was answered before the end was told that it failed.
        let is_refused = || lock(&self.sender).is_none();
        let (result, afterwards) = worker::transaction(begun, f, is_refused);
        if let Some(counters) = &self.counts_writes {
            counters.writes.fetch_add(1, Ordering::Release);
        }
        self.answer(result);
        afterwards
    }
}

fn no_thread(error: std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("cannot start a thread: {error}"))
}
