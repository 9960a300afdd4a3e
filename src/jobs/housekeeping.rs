//! Notices new signing keys and forgets what has expired.

use crate::{
    app::App,
    store::{StoreError, db::idempotency, organisation::sessions},
};

/// Runs once.
pub async fn run(app: &App) {
    if let Err(error) = app.tokens.reload() {
        tracing::warn!(%error, "the signing keys could not be read again");
    }
    let now = app.clock.now();
    let forgotten = app
        .db
        .write(move |conn| {
            sessions::forget_expired(conn, now)?;
            Ok::<_, StoreError>(idempotency::purge(conn, now)?)
        })
        .await;
    match forgotten {
        Ok(rows) => app.job_figures.housekeeping.ended(now, rows),
        Err(error) => {
            app.job_figures.housekeeping.failed();
            tracing::warn!(%error, "what has expired could not be forgotten");
        }
    }
}
