//! Who has called within the last second: for reads, so that a client that asks again and again is not looked up again and
//! again. Any write through this instance forgets everybody at once; what another instance changed is seen after a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;

use super::callers::{self, Known};
use crate::{
    clock::Occasion,
    domain::values::id::Id,
    store::{Conn, StoreError, db::executor::Writes},
};

/// How long somebody is remembered at most.
const MOST: TimeDelta = TimeDelta::seconds(1);
/// How many are remembered; beyond that everybody is forgotten.
const MOST_CALLERS: usize = 10_000;

/// Those who have called; clones share it.
#[derive(Clone)]
pub struct RecentCallers {
    writes: Writes,
    callers: Arc<Mutex<HashMap<Id, Recent>>>,
}

struct Recent {
    known: Known,
    at: Occasion,
    /// How many writes had ended before it was asked.
    after: u64,
}

impl RecentCallers {
    /// Nobody yet.
    pub fn new(writes: Writes) -> Self {
        RecentCallers { writes, callers: Arc::default() }
    }

    /// As [`callers::known`], perhaps as it was up to a second ago.
    ///
    /// # Errors
    /// Those of the database.
    pub fn known(
        &self,
        conn: &mut Conn,
        user_id: Id,
        occasion: &Occasion,
    ) -> Result<Option<Known>, StoreError> {
        // Counted before asking: a write that ends meanwhile makes the answer one of before.
        let after = self.writes.ended();
        if let Some(known) = self.remembered(user_id, occasion, after) {
            return Ok(Some(known));
        }
        let found = callers::known(conn, user_id, occasion.business_now)?;
        if let Some(known) = &found {
            let recent = Recent { known: known.clone(), at: *occasion, after };
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            if callers.len() >= MOST_CALLERS {
                callers.clear();
            }
            callers.insert(user_id, recent);
        }
        Ok(found)
    }

    fn remembered(&self, user_id: Id, occasion: &Occasion, after: u64) -> Option<Known> {
        let callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = callers.get(&user_id)?;
        let age = occasion.now - recent.at.now;
        // Another business day, another answer.
        let same_day = recent.at.business_now.date_naive() == occasion.business_now.date_naive();
        let holds = recent.after == after && same_day && (TimeDelta::zero()..MOST).contains(&age);
        holds.then(|| recent.known.clone())
    }
}
