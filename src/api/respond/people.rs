//! People shown in bulk leave an audit row (reliability P4), before they are shown.

use crate::{
    api::{extract::Caller, problem::document::Problem},
    app::App,
    domain::{exchange::event::Event, organisation::actor::ActedBy, values::id::Id},
    store::organisation::audit,
};

/// Notes that these people are about to be shown to the caller.
///
/// # Errors
/// Those of the store: then they are not shown.
pub async fn shown(app: &App, caller: &Caller, people: impl IntoIterator<Item = Id>) -> Result<(), Problem> {
    let Some(event) = many(app, caller.id, people) else { return Ok(()) };
    let (ids, now) = (app.ids, app.clock.now());
    caller.write(app, move |conn, actor| Ok(audit::record(conn, ids, now, actor.acts_as(), &[event])?)).await
}

/// The same for somebody who is known by something else than a token.
///
/// # Errors
/// Those of the store: then they are not shown.
pub async fn shown_to(
    app: &App,
    (user_id, by): (Id, ActedBy),
    people: impl IntoIterator<Item = Id>,
) -> Result<(), Problem> {
    let Some(event) = many(app, user_id, people) else { return Ok(()) };
    let (ids, now) = (app.ids, app.clock.now());
    app.db.write(move |conn| Ok(audit::record(conn, ids, now, by, &[event])?)).await
}

/// What there is to tell when these people are shown to a user; mostly nothing.
fn many(app: &App, user_id: Id, people: impl IntoIterator<Item = Id>) -> Option<Event> {
    let people = app.people_shown.note(user_id, people, app.clock.now())?;
    Some(Event::PeopleListed { user_id, people })
}
