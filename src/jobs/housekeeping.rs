//! Notices new signing keys and forgets what has expired.

use crate::{
    app::App,
    store::{
        db::idempotency,
        organisation::{logins, sessions},
    },
};

/// Runs once.
pub async fn run(app: &App) {
    if let Err(error) = app.tokens.reload() {
        tracing::warn!(%error, "the signing keys could not be read again");
    }
    let (now, ids) = (app.clock.now(), app.ids);
    let forgotten = app
        .db
        .write(move |conn| {
            sessions::forget_expired(conn, now)?;
            logins::close_hours(conn, now, ids)?;
            logins::forget_addresses(conn, now)?;
            idempotency::purge(conn, now)
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
