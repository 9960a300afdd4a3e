//! Reading what is true today: what fell due is written down before anything is shown.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::{
    api::{extract::Caller, problem::document::Problem},
    app::App,
    clock::Occasion,
    commands::due,
    domain::{
        organisation::actor::{Actor, Scope},
        values::id::Id,
    },
    store::{
        Conn, Db,
        ledger::{self, Loaded},
        organisation::callers::Known,
    },
};

/// Runs a reader after everything that is due in the caller's reach has been written down. Usually nothing is, and
/// who calls, the look for what is due and the reader share one transaction, the first two one statement.
///
/// # Errors
/// 401 when the caller does not count any more; the reader's own, and those of the store.
pub async fn read<T, F>(app: &App, caller: &Caller, reader: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &Actor, DateTime<Utc>) -> Result<T, Problem> + Send + 'static,
{
    let (caller, recent) = (*caller, app.recent_callers.clone());
    let at = Occasion::of(&app.clock, app.ids);
    let known = move |conn: &mut Conn| Ok((caller.known(conn, &recent, &at)?, ()));
    let db = app.db.on_behalf_of(caller.id);
    through(app, (db, Door::Read), known, move |conn, actor, (), now| reader(conn, actor, now)).await
}

/// [`read`] for a reader of one statement: nothing is gained by one state of the database, and two round trips are saved.
///
/// # Errors
/// As for [`read`].
pub async fn look<T, F>(app: &App, caller: &Caller, reader: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &Actor, DateTime<Utc>) -> Result<T, Problem> + Send + 'static,
{
    let (caller, recent) = (*caller, app.recent_callers.clone());
    let at = Occasion::of(&app.clock, app.ids);
    let known = move |conn: &mut Conn| Ok((caller.known(conn, &recent, &at)?, ()));
    let db = app.db.on_behalf_of(caller.id);
    through(app, (db, Door::Look), known, move |conn, actor, (), now| reader(conn, actor, now)).await
}

/// [`read`] for somebody who is known by something else than a token; `known` may bring more than the user along.
///
/// # Errors
/// Those of `known`, of the reader and of the store.
pub async fn read_by<M, T, K, F>(app: &App, known: K, reader: F) -> Result<T, Problem>
where
    M: Send + 'static,
    T: Send + 'static,
    K: Fn(&mut Conn) -> Result<(Known, M), Problem> + Clone + Send + 'static,
    F: FnOnce(&mut Conn, &Actor, M, DateTime<Utc>) -> Result<T, Problem> + Send + 'static,
{
    through(app, (app.db.clone(), Door::Read), known, reader).await
}

/// Through which door of the database a reader goes.
enum Door {
    /// Statement by statement.
    Look,
    /// In one transaction.
    Read,
}

async fn through<M, T, K, F>(app: &App, (db, door): (Db, Door), known: K, reader: F) -> Result<T, Problem>
where
    M: Send + 'static,
    T: Send + 'static,
    K: Fn(&mut Conn) -> Result<(Known, M), Problem> + Clone + Send + 'static,
    F: FnOnce(&mut Conn, &Actor, M, DateTime<Utc>) -> Result<T, Problem> + Send + 'static,
{
    let business_now = app.clock.business_now();
    let again = known.clone();
    let unless_due = move |conn: &mut Conn| {
        let (caller, more) = known(conn)?;
        if caller.is_due(conn, business_now)? {
            return Ok::<_, Problem>(Err((reader, caller.actor.scope)));
        }
        reader(conn, &caller.actor, more, business_now).map(Ok)
    };
    let first = match door {
        Door::Look => db.look(unless_due).await?,
        Door::Read => db.read(unless_due).await?,
    };
    match first {
        Ok(answer) => Ok(answer),
        Err((reader, scope)) => {
            settle(app, scope).await?;
            db.read(move |conn| {
                let (caller, more) = again(conn)?;
                reader(conn, &caller.actor, more, business_now)
            })
            .await
        }
    }
}

/// One prospect within the caller's reach, with everything that is recorded about it.
///
/// # Errors
/// 404 outside the reach.
pub async fn prospect(app: &App, caller: &Caller, id: Id) -> Result<Loaded, Problem> {
    read(app, caller, move |conn, actor, now| Ok(ledger::load(conn, &actor.scope, id, now)?)).await
}

/// The same with the free texts, by the fact or record they belong to.
///
/// # Errors
/// 404 outside the reach.
pub async fn prospect_with_texts(
    app: &App,
    caller: &Caller,
    id: Id,
) -> Result<(Loaded, HashMap<Id, String>), Problem> {
    read(app, caller, move |conn, actor, now| {
        let loaded = ledger::load(conn, &actor.scope, id, now)?;
        let texts = ledger::evidence_of(conn, &loaded.row)?;
        Ok((loaded, texts))
    })
    .await
}

/// Writes down what is due in a reach, agent by agent in short transactions.
///
/// # Errors
/// Those of the store.
pub async fn settle(app: &App, scope: Scope) -> Result<(), Problem> {
    due::within(&app.db, &app.clock, app.ids, Some(scope)).await?;
    Ok(())
}
