//! `serve --demo [--today D]`: the demo is loaded once, into an empty database; its business clock only goes forward.

use chrono::{Duration, NaiveDate};

use super::say;
use crate::{
    app::{App, StartError},
    demo,
    store::{Conn, StoreError, meta, users},
};

/// Loads the demo into an empty database, leaves one that is there, refuses any other database; then sets the clock.
pub(super) fn prepare(app: &App, today: Option<NaiveDate>) -> Result<(), StartError> {
    let state = app.db.read_blocking(|conn| Ok::<_, StoreError>((holds_demo(conn)?, users::any(conn)?)))?;
    match state {
        (true, _) => {
            say(
                "the demo is there already and was left as it is; for a fresh one, stop the service and give it an \
                 empty DATA_DIR (or DATABASE_URL)",
            );
        }
        (false, true) => {
            return Err(StartError::Refused(
                "this database holds data that is not the demo; --demo takes an empty one (DATA_DIR or DATABASE_URL); \
                 nothing was changed"
                    .to_owned(),
            ));
        }
        (false, false) => {}
    }
    if let Some(today) = today {
        set_business_date(app, today)?;
    }
    if !state.0 {
        load(app, today.is_some())?;
    }
    Ok(())
}

fn holds_demo(conn: &mut Conn) -> Result<bool, StoreError> {
    Ok(meta::get(conn, meta::DEMO)?.is_some())
}

/// All or nothing, and once: of two instances that start together, the second finds it there.
fn load(app: &App, unshifted: bool) -> Result<(), StartError> {
    let (ids, now) = (app.ids, app.clock.now());
    let today = app.clock.today(demo::TIME_ZONE);
    let shift = if unshifted { Duration::zero() } else { demo::shift_to(today) };
    let loaded = app.db.write_blocking(move |conn| {
        let mine = ids.id().to_string();
        if meta::set_once(conn, meta::DEMO, &mine)? != mine {
            return Ok(false);
        }
        demo::load(conn, ids, shift, today, now)?;
        Ok::<_, StoreError>(true)
    })?;
    if loaded {
        say("loaded the demo team");
    }
    Ok(())
}

/// Business time is real time shifted by whole days. The date that was given last may be given again; any other must
/// not lie before the present business date.
fn set_business_date(app: &App, date: NaiveDate) -> Result<(), StartError> {
    let clock = app.clock.clone();
    let given = app.db.read_blocking(|conn| meta::get(conn, meta::BUSINESS_TODAY))?;
    if given.as_deref() == Some(date.to_string().as_str()) {
        return Ok(());
    }
    let holds_demo = app.db.read_blocking(holds_demo)?;
    let present = clock.today(demo::TIME_ZONE);
    if holds_demo && date < present {
        return Err(StartError::Refused(format!(
            "the business date of this demo is {present}; --today may only be moved forward"
        )));
    }
    let shift = clock.business_shift() + (date - present);
    app.db.write_blocking(move |conn| {
        meta::set(conn, meta::BUSINESS_TODAY, &date.to_string())?;
        meta::set(conn, meta::BUSINESS_SHIFT, &shift.num_seconds().to_string())
    })?;
    clock.shift_business(shift);
    Ok(())
}
