//! Reading what is true today: what fell due is written down before anything is shown.

use std::collections::HashMap;

use actix_web::web;
use chrono::{DateTime, Utc};

use super::{extract::Caller, problem::Problem};
use crate::{
    app::App,
    domain::id::Id,
    store::{
        Conn,
        due::{self, SweepReport},
        ledger::{self, Loaded},
        sweep,
    },
};

/// Runs a reader after everything that is due in the caller's reach has been written down. Usually nothing is, and
/// one look at an index says so.
///
/// # Errors
/// The reader's own, and those of the store.
pub async fn read<T, F>(app: &web::Data<App>, caller: &Caller, reader: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, DateTime<Utc>) -> Result<T, Problem> + Send + 'static,
{
    let scope = caller.0.scope.clone();
    let business_now = app.clock.business_now();
    let first = app
        .db
        .read(move |conn| {
            if due::is_due(conn, &scope, business_now)? {
                return Ok::<_, Problem>(Err(reader));
            }
            reader(conn, business_now).map(Ok)
        })
        .await?;
    match first {
        Ok(answer) => Ok(answer),
        Err(reader) => {
            catch_up(app, caller).await?;
            app.db.read(move |conn| reader(conn, business_now)).await
        }
    }
}

/// One prospect within the caller's reach, with everything that is recorded about it.
///
/// # Errors
/// 404 outside the reach.
pub async fn prospect(app: &web::Data<App>, caller: &Caller, id: Id) -> Result<Loaded, Problem> {
    let scope = caller.0.scope.clone();
    read(app, caller, move |conn, now| Ok(ledger::load(conn, &scope, id, now)?)).await
}

/// The same with the free texts, by the fact or record they belong to.
///
/// # Errors
/// 404 outside the reach.
pub async fn prospect_with_texts(
    app: &web::Data<App>,
    caller: &Caller,
    id: Id,
) -> Result<(Loaded, HashMap<Id, String>), Problem> {
    let scope = caller.0.scope.clone();
    read(app, caller, move |conn, now| {
        let loaded = ledger::load(conn, &scope, id, now)?;
        let texts = ledger::evidence_of(conn, id)?;
        Ok((loaded, texts))
    })
    .await
}

/// Writes down what is due in the caller's reach before something is written.
///
/// # Errors
/// Those of the store.
pub async fn before_writing(app: &web::Data<App>, caller: &Caller) -> Result<(), Problem> {
    read(app, caller, |_, _| Ok(())).await
}

/// Writes down what is due in the caller's reach, agent by agent in short transactions.
///
/// # Errors
/// Those of the store.
pub async fn catch_up(app: &web::Data<App>, caller: &Caller) -> Result<SweepReport, Problem> {
    Ok(sweep::within(&app.db, &app.clock, app.ids, Some(caller.0.scope.clone())).await?)
}
