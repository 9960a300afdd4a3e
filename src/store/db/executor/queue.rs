//! A bounded queue with many takers, and what stands in it.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::store::{Conn, StoreError};

/// Whether the connection can be used again.
#[derive(PartialEq, Eq)]
pub(super) enum Afterwards {
    Healthy,
    Broken,
}

/// The result of the closure, or the payload of its panic.
pub(super) type Answer<T, E> = thread::Result<Result<T, E>>;

/// Which kind of transaction a job is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// No transaction: each statement sees its own state of the database, and nothing is written.
    Look,
    /// One state of the database, and nothing is written.
    Read,
    /// Reads and writes.
    Write,
}

/// What somebody wants done. It is answered once: by running it or by refusing it.
pub(super) trait Task: Send + Sync {
    /// Whether somebody still waits for the answer.
    fn is_wanted(&self) -> bool;
    /// Answers with an error; the job is not run, or what comes of it does not count any more.
    fn refuse(&self, error: StoreError);
    /// Runs the job, in the transaction that has begun or for the error that kept it from beginning.
    fn run(&self, begun: Result<&mut Conn, StoreError>) -> Afterwards;
}

/// A task in the queue.
pub(super) struct Job {
    pub door: Door,
    pub since: Instant,
    pub task: Arc<dyn Task>,
}

/// A bounded queue with many takers. A job stands in it or has been taken, by one taker.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    bound: usize,
    /// How long a job may stand here.
    wait: Duration,
    hung: AtomicU64,
}

struct State {
    jobs: VecDeque<Job>,
    open: bool,
}

impl Queue {
    pub fn new(bound: usize, wait: Duration) -> Self {
        let state = Mutex::new(State { jobs: VecDeque::new(), open: true });
        Queue { state, filled: Condvar::new(), bound, wait, hung: AtomicU64::new(0) }
    }

    /// False when the queue is full or closed.
    pub fn push(&self, job: Job) -> bool {
        let mut state = lock(&self.state);
        if !state.open || state.jobs.len() >= self.bound {
            return false;
        }
        state.jobs.push_back(job);
        self.filled.notify_one();
        true
    }

    /// Waits for a job; `None` when the queue is closed and empty.
    pub fn pop(&self) -> Option<Job> {
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

    /// Takes out the oldest job if it has stood here too long.
    pub fn pop_late(&self, now: Instant) -> Option<Job> {
        let mut state = lock(&self.state);
        let late = state.jobs.front().is_some_and(|job| now >= job.since + self.wait);
        if late { state.jobs.pop_front() } else { None }
    }

    /// Until when no job can have stood here too long, those that are yet to come included.
    pub fn none_late_before(&self, now: Instant) -> Instant {
        lock(&self.state).jobs.front().map_or(now, |job| job.since) + self.wait
    }

    /// How many connections of its takers have hung. Those made before the last of them are not to be trusted: what
    /// swallowed one has probably swallowed them too.
    pub fn hung(&self) -> u64 {
        self.hung.load(Ordering::Relaxed)
    }

    /// Counts a connection that hung.
    pub fn count_hung(&self) {
        self.hung.fetch_add(1, Ordering::Relaxed);
    }

    pub fn len(&self) -> usize {
        lock(&self.state).jobs.len()
    }

    pub fn close(&self) {
        lock(&self.state).open = false;
        self.filled.notify_all();
    }
}

/// No code panics while it holds one of our locks, so a poisoned one is sound.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
