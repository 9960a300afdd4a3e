//! Who has called within the last second: for reads, so that a client that asks again and again is not looked up again and
//! again. Any write through this instance forgets everybody at once; what another instance changed is seen after a second.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::callers::{self, Known};
use crate::{
    domain::values::id::Id,
    store::{Conn, StoreError, db::executor::Writes},
};

/// How long somebody is remembered at most.
const MOST: TimeDelta = TimeDelta::seconds(1);
/// How many are remembered; beyond that everybody is forgotten.
const MOST_CALLERS: usize = 10_000;

/// Now, and the business time of now.
pub type Instants = (DateTime<Utc>, DateTime<Utc>);

/// Those who have called; clones share it.
#[derive(Clone)]
pub struct RecentCallers {
    writes: Writes,
    callers: Arc<Mutex<HashMap<Id, Recent>>>,
}

struct Recent {
    known: Known,
    at: DateTime<Utc>,
    /// The business time it was asked for: another day, another answer.
    business: DateTime<Utc>,
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
        (now, business_now): Instants,
    ) -> Result<Option<Known>, StoreError> {
        // Counted before asking: a write that ends meanwhile makes the answer one of before.
        let after = self.writes.ended();
        if let Some(known) = self.remembered(user_id, now, business_now, after) {
            return Ok(Some(known));
        }
        let found = callers::known(conn, user_id, business_now)?;
        if let Some(known) = &found {
            let recent = Recent { known: known.clone(), at: now, business: business_now, after };
            let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
            if callers.len() >= MOST_CALLERS {
                callers.clear();
            }
            callers.insert(user_id, recent);
        }
        Ok(found)
    }

    fn remembered(
        &self,
        user_id: Id,
        now: DateTime<Utc>,
        business_now: DateTime<Utc>,
        after: u64,
    ) -> Option<Known> {
        let callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = callers.get(&user_id)?;
        let age = now - recent.at;
        let holds = recent.after == after
            && (TimeDelta::zero()..MOST).contains(&age)
            && recent.business.date_naive() == business_now.date_naive();
        holds.then(|| recent.known.clone())
    }
}
