//! Notices new signing keys, forgets what has expired, and wipes out what erasures left in the file.

use crate::{
    app::App,
    store::{
        db::{connection::Engine, erased_pages, idempotency},
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
    if app.db.engine() == Engine::Sqlite {
        wipe_erased(app).await;
    }
}

async fn wipe_erased(app: &App) {
    match app.db.maintain(erased_pages::wipe).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::info!("readers are in the way of wiping out what was erased; the next run tries again")
        }
        Err(error) => tracing::warn!(%error, "what was erased could not be wiped out of the file"),
    }
}
