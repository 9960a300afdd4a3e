//! Keeps promises to callers: none waits too long for a thread, and none for a connection that hangs.
//!
//! PostgreSQL ends a statement that takes too long by itself. When even that answer does not come, the network has
//! swallowed the connection or its backend is frozen, and the thread sits in a call that nothing can interrupt. So the
//! caller is answered, the thread is left behind, and another with a new connection takes its seat. One that comes back
//! later finds its job taken away and commits nothing. Threads of SQLite are never left behind: they may hold the lock of
//! the file, and nothing that can be cut stands between them and it.

use std::{
    io,
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use super::{
    counters::Counters,
    queue::Queue,
    worker::{Desk, Worker},
};
use crate::store::{
    Conn, StoreError,
    db::connection::{Purpose, Target},
};

/// Threads left behind at one time, for every seat: a database of which every new connection hangs must not take
/// the memory of the machine. Then seats stay vacant until one comes back.
const LEFT_BEHIND: usize = 8;

/// A place at the database, and who sits there.
pub(super) struct Seat {
    purpose: Purpose,
    queue: Arc<Queue>,
    /// How long one job may take; `None` for ever.
    limit: Option<Duration>,
    /// What its thread is at; `None` while nobody sits here.
    desk: Option<Arc<Desk>>,
}

impl Seat {
    pub fn vacant(purpose: Purpose, queue: &Arc<Queue>, limit: Option<Duration>) -> Self {
        Seat { purpose, queue: queue.clone(), limit, desk: None }
    }
}

pub(super) struct Watchdog {
    pub target: Target,
    pub counters: Arc<Counters>,
    pub seats: Vec<Seat>,
}

impl Watchdog {
    /// Watches until the other end of the channel is dropped.
    pub fn run(mut self, unwatched: &Receiver<()>) {
        loop {
            let now = Instant::now();
            let next = self.look(now);
            let pause = next.saturating_duration_since(Instant::now());
            if unwatched.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    }

    /// Does what is due, and says when something can be due again. Nobody wakes the watchdog for a new job: it
    /// never sleeps longer than a job may wait or run.
    fn look(&mut self, now: Instant) -> Instant {
        for seat in &mut self.seats {
            while let Some(job) = seat.queue.pop_late(now) {
                self.counters.refused.fetch_add(1, Ordering::Relaxed);
                self.counters.waited.note(now.saturating_duration_since(job.since));
                job.task.refuse(StoreError::Overloaded);
            }
            give_up_if_hung(seat, &self.counters, now);
        }
        if let Err(error) = self.fill_seats(None) {
            tracing::error!(%error, "cannot start a database thread");
        }
        let due = self.seats.iter().flat_map(|seat| {
            let begun = seat.desk.as_ref().and_then(|desk| desk.since()).unwrap_or(now);
            [Some(seat.queue.none_late_before(now)), seat.limit.map(|limit| begun + limit)]
        });
        due.flatten().min().unwrap_or(now + Duration::from_secs(1))
    }

    /// Puts a thread on every vacant seat; the first one gets the connection, if there is one.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub fn fill_seats(&mut self, mut first: Option<Conn>) -> io::Result<()> {
        let most = i64::try_from(LEFT_BEHIND * self.seats.len()).unwrap_or(i64::MAX);
        for (number, seat) in self.seats.iter_mut().enumerate().filter(|(_, seat)| seat.desk.is_none()) {
            if self.counters.lost.load(Ordering::Relaxed) > most {
                break;
            }
            let desk = Arc::new(Desk::default());
            let worker = Worker {
                target: self.target.clone(),
                purpose: seat.purpose,
                queue: seat.queue.clone(),
                counters: self.counters.clone(),
                desk: desk.clone(),
                has_connected: first.is_some() || seat.queue.hung() > 0,
                conn: first.take(),
                hung_before: seat.queue.hung(),
                failed_at: None,
            };
            thread::Builder::new().name(format!("database-{number}")).spawn(move || worker.run())?;
            seat.desk = Some(desk);
        }
        Ok(())
    }
}

fn give_up_if_hung(seat: &mut Seat, counters: &Counters, now: Instant) {
    let (Some(limit), Some(desk)) = (seat.limit, &seat.desk) else { return };
    let Some(hung) = desk.take_hung(now, limit) else { return };
    seat.desk = None;
    seat.queue.done(hung.of, None);
    seat.queue.count_hung();
    counters.lost.fetch_add(1, Ordering::Relaxed);
    counters.running.fetch_sub(1, Ordering::Relaxed);
    counters.given_up.fetch_add(1, Ordering::Relaxed);
    tracing::warn!(?limit, "a connection to the database hung and was given up");
    hung.task.refuse(StoreError::Unavailable("the database did not answer in time".to_owned()));
}
