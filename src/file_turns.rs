//! Who may have a file made now (reliability O3). A workbook reads much and takes long; however many one caller asks for, they
//! are made one after the other, and the database, the writer of files and the other callers see only that one.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::domain::values::id::Id;

/// Files that are made at one time.
const AT_ONCE: usize = 2;
/// Files that one caller may have asked for at one time: one that is made, the others in wait.
const ASKED: usize = 16;

/// The turns of everybody.
#[derive(Clone)]
pub struct FileTurns(Arc<Shared>);

struct Shared {
    one: Arc<Semaphore>,
    callers: Mutex<HashMap<Id, Lane>>,
}

struct Lane {
    turn: Arc<Semaphore>,
    asked: usize,
}

impl Default for FileTurns {
    fn default() -> Self {
        FileTurns(Arc::new(Shared { one: Arc::new(Semaphore::new(AT_ONCE)), callers: Mutex::default() }))
    }
}

/// A file may be made until this is dropped.
pub struct FileTurn {
    // In this order: the place is given up last.
    _one: OwnedSemaphorePermit,
    _own: OwnedSemaphorePermit,
    _place: Place,
}

struct Place {
    turns: FileTurns,
    caller: Id,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut callers = self.turns.callers();
        if let Some(lane) = callers.get_mut(&self.caller) {
            lane.asked -= 1;
            if lane.asked == 0 {
                callers.remove(&self.caller);
            }
        }
    }
}

impl FileTurns {
    /// Waits for a turn of this caller; `None` when the caller has asked for too many, or when it would take too long.
    pub async fn turn(&self, caller: Id, longest: Duration) -> Option<FileTurn> {
        let (turn, place) = self.place(caller)?;
        // First the own, so that each caller waits once for what all share.
        let turns = async {
            Some((turn.acquire_owned().await.ok()?, self.0.one.clone().acquire_owned().await.ok()?))
        };
        let (own, one) = timeout(longest, turns).await.ok()??;
        Some(FileTurn { _one: one, _own: own, _place: place })
    }

    /// How many files a caller has asked for that are not made yet.
    pub fn asked(&self, caller: Id) -> usize {
        self.callers().get(&caller).map_or(0, |lane| lane.asked)
    }

    fn place(&self, caller: Id) -> Option<(Arc<Semaphore>, Place)> {
        let mut callers = self.callers();
        let lane =
            callers.entry(caller).or_insert_with(|| Lane { turn: Arc::new(Semaphore::new(1)), asked: 0 });
        if lane.asked >= ASKED {
            return None;
        }
        lane.asked += 1;
        Some((lane.turn.clone(), Place { turns: self.clone(), caller }))
    }

    fn callers(&self) -> MutexGuard<'_, HashMap<Id, Lane>> {
        // No code panics while it holds the lock.
        self.0.callers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
