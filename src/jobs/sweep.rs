//! Writing down what fell due (method section 5), one agent a transaction that holds the agent's team: so it is safe on
//! many instances at once.

use actix_web::web;

use crate::{
    app::App,
    store::{
        Conn, StoreError,
        catch_up::{self, Caught},
        ledger::Occasion,
    },
};

/// Sweeps everything that is due now.
pub async fn run(app: &web::Data<App>) {
    match once(app).await {
        Ok(0) => {}
        Ok(moves) => tracing::info!(moves, "automatic moves written down"),
        Err(error) => tracing::warn!(%error, "the sweep did not finish; the next one goes on"),
    }
}

async fn once(app: &web::Data<App>) -> Result<usize, StoreError> {
    let now = app.clock.business_now();
    let owners = app.db.read(move |conn| catch_up::due_owners(conn, None, now)).await?;
    let mut moves = 0;
    for owner in owners {
        let occasion = Occasion::of(&app.clock, app.ids);
        let sweep = move |conn: &mut Conn| catch_up::sweep_owner(conn, owner, &occasion);
        moves += app.db.write(sweep).await?.moves;
    }
    Ok(moves)
}

/// Writes down everything that is due everywhere; for the command line.
///
/// # Errors
/// Those of the database.
pub fn all(app: &App) -> Result<Caught, StoreError> {
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
