//! Forgets what is kept no longer, as long as the settings say. Safe on many instances at once: each looks again when it holds
//! what it takes.

use crate::{
    app::App,
    clock::Occasion,
    commands::prospects::erase,
    store::{
        StoreError,
        db::codec::stored_instant,
        exchange::{deliveries, outbox},
        organisation::{audit::purge, sessions},
        prospects::retention::{self, Limits},
    },
};

/// People erased in one run, each in a transaction of its own.
const AT_ONCE: i64 = 200;

/// Runs once.
pub async fn run(app: &App) {
    for (what, done) in [
        ("the audit", audit(app).await),
        ("changes", changes(app).await),
        ("ended logins", ended_sessions(app).await),
        ("people without consent", unconsented(app).await),
    ] {
        match done {
            Ok(0) => {}
            Ok(rows) => tracing::info!(what, rows, "forgotten, as the settings say"),
            // Another instance does the same at this moment.
            Err(StoreError::Stale) => {}
            Err(error) => {
                app.job_figures.housekeeping.failed();
                tracing::warn!(what, %error, "what is kept no longer could not be forgotten");
            }
        }
    }
}

async fn audit(app: &App) -> Result<usize, StoreError> {
    let occasion = Occasion::of(&app.clock, app.ids);
    let older_than = occasion.now - app.config.retention.audit;
    app.db.write(move |conn| purge::take(conn, &occasion, older_than)).await
}

async fn changes(app: &App) -> Result<usize, StoreError> {
    let before = app.clock.now() - app.config.retention.changes;
    let rows = app.db.write(move |conn| deliveries::forget(conn, before)).await?;
    Ok(rows + app.db.write(move |conn| outbox::forget(conn, before)).await?)
}

async fn ended_sessions(app: &App) -> Result<usize, StoreError> {
    let before = app.clock.now() - app.config.retention.ended_sessions;
    app.db.write(move |conn| sessions::forget_ended(conn, before)).await
}

async fn unconsented(app: &App) -> Result<usize, StoreError> {
    let Some(kept) = app.config.retention.unconsented else { return Ok(0) };
    let today = app.clock.today(app.config.time_zone);
    let limits = Limits { ended_by: today - kept, untouched_since: stored_instant(app.clock.now() - kept) };
    let found = app.db.read(move |conn| retention::unconsented(conn, limits, None, AT_ONCE)).await?;
    let mut erased = 0;
    for person in found {
        let occasion = Occasion::of(&app.clock, app.ids);
        let gone: Result<bool, StoreError> =
            app.db.write(move |conn| erase::forget(conn, &occasion, person, limits, today)).await;
        erased += usize::from(gone?);
    }
    Ok(erased)
}
