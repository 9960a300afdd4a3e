//! A bounded queue with many takers, shared fairly among those who ask.
//!
//! Every caller stands in a lane of its own and the lanes take turns, so that who asks much waits for the own requests. One
//! caller takes no more than a part of the places, and never all takers but one. Who would wait too long is refused at
//! once: the queue knows how long jobs take and how many stand before.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Condvar, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{
    domain::values::id::Id,
    store::{Conn, StoreError},
};

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

/// For whom a job is; nobody in particular for what the service does by itself and for those who have not signed in.
pub(super) type OnBehalf = Option<Id>;

/// A task in the queue.
pub(super) struct Job {
    pub door: Door,
    pub of: OnBehalf,
    pub since: Instant,
    pub task: Arc<dyn Task>,
}

/// Why a job was not taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refused {
    /// No place is left, the wait would be too long, or the queue is closed.
    Full,
    /// The caller's own share is used up.
    Share,
}

/// One caller's places: of so many that there are.
const SHARE: usize = 4;
/// A wait is refused beforehand when it is expected to take this much of the longest: expectations are not exact.
const EXPECTED: f64 = 0.8;
/// How much one job counts in the mean time of a job.
const WEIGHT: f64 = 1.0 / 32.0;

/// A bounded queue with many takers. A job stands in it or has been taken, by one taker.
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
    bound: usize,
    takers: usize,
    /// How long a job may stand here.
    wait: Duration,
    hung: AtomicU64,
}

struct State {
    /// The jobs of everybody who has some here, each lane in order of arrival.
    lanes: HashMap<OnBehalf, VecDeque<Job>>,
    /// Whose turn it is: everybody who has a lane, once.
    turns: VecDeque<OnBehalf>,
    /// How many takers are at jobs of each.
    at_work: HashMap<OnBehalf, usize>,
    waiting: usize,
    /// Mean time of a job, seconds.
    mean: f64,
    open: bool,
}

impl State {
    /// Takes the first job out of a lane, which goes to the end of the turns.
    fn take(&mut self, turn: usize) -> Option<Job> {
        let of = self.turns.remove(turn)?;
        let lane = self.lanes.get_mut(&of)?;
        let job = lane.pop_front();
        if lane.is_empty() {
            self.lanes.remove(&of);
        } else {
            self.turns.push_back(of);
        }
        self.waiting -= usize::from(job.is_some());
        job
    }

    /// When the job came that has stood longest, and whose turn that is.
    fn oldest(&self) -> Option<(usize, Instant)> {
        let fronts = self.turns.iter().enumerate();
        let since = |(turn, of): (usize, &OnBehalf)| Some((turn, self.lanes.get(of)?.front()?.since));
        fronts.filter_map(since).min_by_key(|(_, since)| *since)
    }

    /// How many jobs will be taken before the next of somebody.
    fn ahead_of(&self, of: OnBehalf) -> usize {
        let (own, others) = match self.lanes.get(&of) {
            Some(lane) => (lane.len(), self.turns.len() - 1),
            None => (0, self.turns.len()),
        };
        self.waiting.min(own + (own + 1) * others)
    }
}

impl Queue {
    pub fn new(bound: usize, wait: Duration, takers: usize) -> Self {
        let state = State {
            lanes: HashMap::new(),
            turns: VecDeque::new(),
            at_work: HashMap::new(),
            waiting: 0,
            mean: 0.0,
            open: true,
        };
        let state = Mutex::new(state);
        Queue { state, filled: Condvar::new(), bound, takers, wait, hung: AtomicU64::new(0) }
    }

    /// Takes a job in.
    ///
    /// # Errors
    /// Why it is not taken in.
    pub fn push(&self, job: Job) -> Result<(), Refused> {
        let mut state = lock(&self.state);
        if !state.open || state.waiting >= self.bound {
            return Err(Refused::Full);
        }
        let own = state.lanes.get(&job.of).map_or(0, VecDeque::len);
        if job.of.is_some() && own >= self.share() {
            return Err(Refused::Share);
        }
        let expected = state.ahead_of(job.of) as f64 * state.mean / self.takers as f64;
        if expected > EXPECTED * self.wait.as_secs_f64() {
            return Err(Refused::Full);
        }
        if own == 0 {
            state.turns.push_back(job.of);
        }
        state.waiting += 1;
        state.lanes.entry(job.of).or_default().push_back(job);
        self.filled.notify_one();
        Ok(())
    }

    /// Waits for a job, whoever's turn it is; `None` when the queue is closed and empty. Each is followed by [`Queue::done`].
    pub fn pop(&self) -> Option<Job> {
        let mut state = lock(&self.state);
        loop {
            let may = |of: &OnBehalf| {
                let at_work = state.at_work.get(of).copied().unwrap_or(0);
                of.is_none() || !state.open || at_work < self.most_at_work()
            };
            if let Some(turn) = state.turns.iter().position(may)
                && let Some(job) = state.take(turn)
            {
                *state.at_work.entry(job.of).or_default() += 1;
                return Some(job);
            }
            if !state.open {
                return None;
            }
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A job of somebody is over; how long it took, if it was run.
    pub fn done(&self, of: OnBehalf, took: Option<Duration>) {
        let mut state = lock(&self.state);
        if let Some(at_work) = state.at_work.get_mut(&of) {
            *at_work -= 1;
            if *at_work == 0 {
                state.at_work.remove(&of);
            }
        }
        if let Some(took) = took {
            // One that takes very long, as writing a file anew does, says little about the next.
            let took = took.min(self.wait).as_secs_f64();
            state.mean += (took - state.mean) * WEIGHT;
        }
        if state.waiting > 0 {
            self.filled.notify_one();
        }
    }

    /// Places that one caller may take.
    fn share(&self) -> usize {
        (self.bound / SHARE).max(1)
    }

    /// Takers that may be at jobs of one caller.
    fn most_at_work(&self) -> usize {
        self.takers.saturating_sub(1).max(1)
    }

    /// Takes out the oldest job if it has stood here too long.
    pub fn pop_late(&self, now: Instant) -> Option<Job> {
        let mut state = lock(&self.state);
        let (turn, since) = state.oldest()?;
        if now >= since + self.wait { state.take(turn) } else { None }
    }

    /// Until when no job can have stood here too long, those that are yet to come included.
    pub fn none_late_before(&self, now: Instant) -> Instant {
        lock(&self.state).oldest().map_or(now, |(_, since)| since) + self.wait
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

    /// Jobs that wait, and the most of them that are of one caller.
    pub fn waiting(&self) -> (usize, usize) {
        let state = lock(&self.state);
        let of_one = state.lanes.iter().filter(|(of, _)| of.is_some()).map(|(_, lane)| lane.len()).max();
        (state.waiting, of_one.unwrap_or(0))
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

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Task for Nothing {
        fn is_wanted(&self) -> bool {
            true
        }
        fn refuse(&self, _: StoreError) {}
        fn run(&self, _: Result<&mut Conn, StoreError>) -> Afterwards {
            Afterwards::Healthy
        }
    }

    const ANNA: OnBehalf = Some(Id(uuid::Uuid::from_u128(1)));
    const BERT: OnBehalf = Some(Id(uuid::Uuid::from_u128(2)));
    const WAIT: Duration = Duration::from_secs(60);

    fn job(of: OnBehalf) -> Job {
        Job { door: Door::Read, of, since: Instant::now(), task: Arc::new(Nothing) }
    }

    fn taken(queue: &Queue, n: usize) -> Vec<OnBehalf> {
        let one = |_| {
            let of = queue.pop().unwrap().of;
            queue.done(of, None);
            of
        };
        (0..n).map(one).collect()
    }

    #[test]
    fn callers_take_turns_however_much_one_of_them_asks() {
        let queue = Queue::new(100, WAIT, 2);
        for of in [ANNA, ANNA, ANNA, BERT, ANNA, BERT] {
            queue.push(job(of)).unwrap();
        }
        assert_eq!(taken(&queue, 6), [ANNA, BERT, ANNA, BERT, ANNA, ANNA]);
        assert_eq!(queue.waiting(), (0, 0));
    }

    #[test]
    fn one_caller_takes_a_part_of_the_places_and_the_others_find_room() {
        let queue = Queue::new(8, WAIT, 2);
        let pushed = |of, n: usize| (0..n).filter(|_| queue.push(job(of)).is_ok()).count();
        assert_eq!(pushed(ANNA, 8), 2);
        assert_eq!(queue.push(job(ANNA)), Err(Refused::Share));
        assert_eq!(pushed(BERT, 1), 1);
        assert_eq!(pushed(None, 8), 5, "what is on nobody's behalf has no share");
        assert_eq!(queue.push(job(BERT)), Err(Refused::Full));
    }

    #[test]
    fn one_caller_never_keeps_all_takers() {
        let queue = Queue::new(100, WAIT, 3);
        for of in [ANNA, ANNA, ANNA, BERT] {
            queue.push(job(of)).unwrap();
        }
        // Nobody is done with any of them.
        let three: Vec<OnBehalf> = (0..3).map(|_| queue.pop().unwrap().of).collect();
        assert_eq!(three, [ANNA, BERT, ANNA]);
        queue.push(job(BERT)).unwrap();
        assert_eq!(queue.pop().unwrap().of, BERT, "the third of Anna's waits for one of hers to be over");
        queue.done(ANNA, None);
        assert_eq!(queue.pop().unwrap().of, ANNA);
    }

    #[test]
    fn who_would_wait_too_long_is_refused_at_once_and_who_asks_little_is_not() {
        let queue = Queue::new(1000, Duration::from_millis(500), 1);
        for _ in 0..500 {
            queue.done(None, Some(Duration::from_millis(100)));
        }
        let pushed = (0..20).filter(|_| queue.push(job(ANNA)).is_ok()).count();
        assert_eq!(pushed, 5, "four tenths of a second stand before the fifth");
        assert_eq!(queue.push(job(BERT)), Ok(()));
    }

    #[test]
    fn the_job_that_has_stood_longest_is_late_first_whoever_it_is_of() {
        let queue = Queue::new(100, Duration::from_secs(1), 1);
        let then = Instant::now();
        for (of, after) in [(ANNA, 0), (BERT, 100), (ANNA, 200)] {
            queue.push(Job { since: then + Duration::from_millis(after), ..job(of) }).unwrap();
        }
        let late = |after| queue.pop_late(then + Duration::from_millis(after)).map(|job| job.of);
        assert_eq!(late(999), None);
        assert_eq!(late(1100), Some(ANNA));
        assert_eq!(late(1100), Some(BERT));
        assert_eq!(late(1100), None);
        assert_eq!(queue.none_late_before(then), then + Duration::from_millis(1200));
    }
}
