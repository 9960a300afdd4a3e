//! Settling what fell due (method section 5), one agent a transaction that holds the agent: so it is safe on many
//! instances at once. What one agent's closings make due for another is written down as well: it goes on until nothing is.

use crate::{
    clock::{Clock, Ids, Occasion},
    domain::{organisation::actor::Scope, values::id::Id},
    store::{
        Conn, Db, StoreError,
        ledger::due::{self, SweepReport},
    },
};

/// Writes down everything that is due in a scope, or everywhere.
///
/// # Errors
/// Those of the database.
pub async fn within(
    db: &Db,
    clock: &Clock,
    ids: Ids,
    scope: Option<Scope>,
) -> Result<SweepReport, StoreError> {
    let mut all = SweepReport::default();
    loop {
        let (now, scope) = (clock.business_now(), scope.clone());
        let owners = db.read(move |conn| due::due_owners(conn, scope.as_ref(), now)).await?;
        let mut round = SweepReport::default();
        for owner in owners {
            round.add(db.write(settling(owner, Occasion::of(clock, ids))).await?);
        }
        all.add(round);
        if round.prospects == 0 {
            return Ok(all);
        }
    }
}

/// [`within`] everywhere, for the command line.
///
/// # Errors
/// Those of the database.
pub fn everywhere_blocking(db: &Db, clock: &Clock, ids: Ids) -> Result<SweepReport, StoreError> {
    let mut all = SweepReport::default();
    loop {
        let now = clock.business_now();
        let owners = db.read_blocking(move |conn| due::due_owners(conn, None, now))?;
        let mut round = SweepReport::default();
        for owner in owners {
            round.add(db.write_blocking(settling(owner, Occasion::of(clock, ids)))?);
        }
        all.add(round);
        if round.prospects == 0 {
            return Ok(all);
        }
    }
}

fn settling(
    owner: Id,
    occasion: Occasion,
) -> impl FnOnce(&mut Conn) -> Result<SweepReport, StoreError> + Send + 'static {
    move |conn| due::settle(conn, owner, &occasion)
}
