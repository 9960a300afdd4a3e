//! What runs by itself inside the service: writing down what fell due, and clearing what has expired.
//!
//! Nothing depends on it: every read and write catches up first. It is safe on many instances at once, because each
//! agent's moves are written in one transaction that holds the agent's team.

use std::time::Duration;

use actix_web::{rt, web};

use crate::{
    app::App,
    store::{
        Conn, StoreError,
        catch_up::{self, Caught},
        idempotency,
        ledger::Occasion,
    },
};

/// Sweeps again and again until the service stops.
pub async fn tick(app: web::Data<App>, every: Duration) {
    while app.is_ready() {
        if let Err(error) = once(&app).await {
            tracing::warn!(%error, "the sweep did not finish; the next one goes on");
        }
        rt::time::sleep(every).await;
    }
}

async fn once(app: &web::Data<App>) -> Result<(), StoreError> {
    let now = app.clock.business_now();
    let owners = app.db.read(move |conn| catch_up::due_owners(conn, None, now)).await?;
    for owner in owners {
        let occasion = Occasion::of(&app.clock, app.ids);
        let sweep = move |conn: &mut Conn| catch_up::sweep_owner(conn, owner, &occasion);
        let caught = app.db.write(sweep).await?;
        if caught.moves > 0 {
            tracing::info!(moves = caught.moves, "automatic moves written down");
        }
    }
    let now = app.clock.now();
    app.db.write(move |conn| idempotency::purge(conn, now)).await.map(|_| ())
}

/// Writes down everything that is due everywhere, one agent a transaction; for the command line.
///
/// # Errors
/// Those of the database.
pub fn sweep_all(app: &App) -> Result<Caught, StoreError> {
    let mut all = Caught::default();
    loop {
        let now = app.clock.business_now();
        let owners = app.db.read_blocking(move |conn| catch_up::due_owners(conn, None, now))?;
        let mut round = Caught::default();
        for owner in owners {
            let occasion = Occasion::of(&app.clock, app.ids);
            let sweep = move |conn: &mut Conn| catch_up::sweep_owner(conn, owner, &occasion);
            round.add(app.db.write_blocking(sweep)?);
        }
        all.add(round);
        if round.prospects == 0 {
            return Ok(all);
        }
    }
}
