//! The tick that writes down what fell due. No answer waits for it.

use actix_web::web;

use crate::{app::App, commands::due, store::ledger::due::SweepReport};

/// Sweeps everything that is due now.
pub async fn run(app: &web::Data<App>) {
    match due::within(&app.db, &app.clock, app.ids, None).await {
        Ok(SweepReport { moves, .. }) => {
            app.job_figures.sweep.ended(app.clock.now(), moves);
            if moves > 0 {
                tracing::info!(moves, "automatic moves written down");
            }
        }
        Err(error) => {
            app.job_figures.sweep.failed();
            tracing::warn!(%error, "the sweep did not finish; the next one goes on");
        }
    }
}
