//! Adding people, changing them, moving them to other teams, resetting their passwords.

use chrono::NaiveDate;

use super::refused::{Refused, supervisor, visible_team};
use crate::{
    clock::Occasion,
    commands::Seen,
    domain::{
        exchange::{event::Event, webhook::WebhookDeed},
        organisation::{
            actor::{ActedBy, Actor, Role},
            user::{AgentCode, NO_PASSWORD, Status, Username, may_move},
        },
        values::id::Id,
    },
    store::{
        Conn, StoreError,
        db::codec::stored_instant,
        exchange::webhooks,
        journal::calendar_feeds,
        organisation::{
            audit, memberships, sessions, standing,
            teams::Team,
            users::{self, NewUser, User},
        },
    },
};

/// A person to add.
#[derive(Clone, Debug)]
pub struct New {
    /// The id; a new one when absent.
    pub id: Option<Id>,
    /// The name to sign in with.
    pub username: Username,
    /// The name to show.
    pub display_name: String,
    /// By which other systems know an agent.
    pub agent_code: Option<AgentCode>,
    /// Agent or supervisor.
    pub role: Role,
    /// Hash of the password.
    pub password_hash: String,
    /// The first team, within the actor's reach.
    pub team_id: Id,
    /// First day in it; today when absent.
    pub member_from: Option<NaiveDate>,
}

fn today(occasion: &Occasion, team: &Team, actor: &Actor) -> NaiveDate {
    occasion.today(team.time_zone.parse().unwrap_or(actor.time_zone))
}

/// Adds a person. That the actor is a supervisor has been asked at the door.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn add(conn: &mut Conn, actor: &Actor, occasion: &Occasion, new: New) -> Result<User, Refused> {
    standing::hold(conn, actor, &[])?;
    let team = visible_team(conn, actor, new.team_id)?;
    let today = today(occasion, &team, actor);
    let member_from = new.member_from.unwrap_or(today);
    if member_from > today {
        return Err(Refused::InTheFuture);
    }
    let user = NewUser {
        id: new.id.unwrap_or_else(|| occasion.ids.id()),
        username: new.username,
        display_name: new.display_name,
        role: new.role,
        status: Status::Active,
        agent_code: new.agent_code,
        password_hash: new.password_hash,
        team_id: team.id,
        member_from,
        at: occasion.now,
    };
    insert(conn, &user, actor.acts_as(), occasion)?;
    Ok(users::find(conn, &actor.scope, user.id)?)
}

/// Writes a new user.
pub(super) fn insert(
    conn: &mut Conn,
    user: &NewUser,
    by: ActedBy,
    occasion: &Occasion,
) -> Result<(), Refused> {
    users::create(conn, user, occasion.ids.id()).map_err(taken)?;
    audit::record(conn, occasion.ids, occasion.now, by, &[Event::UserAdded { user_id: user.id }])?;
    Ok(())
}

fn taken(error: StoreError) -> Refused {
    match error {
        StoreError::Conflict { constraint } if constraint == "users_pkey" => Refused::IdTaken,
        StoreError::Conflict { constraint } if constraint == "ux_users__username" => Refused::UsernameTaken,
        StoreError::Conflict { constraint } if constraint == "ux_users__agent_code" => {
            Refused::AgentCodeTaken
        }
        other => Refused::Store(other),
    }
}

/// What of a person is changed; what is absent stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The name to show.
    pub display_name: Option<String>,
    /// By which other systems know an agent; none takes it away.
    pub agent_code: Option<Option<AgentCode>>,
    /// Agent or supervisor.
    pub role: Option<Role>,
    /// Whether the user may sign in.
    pub status: Option<Status>,
}

/// Changes a person. Disabling ends every login.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn change(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    change: Change,
) -> Result<User, Refused> {
    users::find(conn, &actor.scope, id)?;
    supervisor(actor)?;
    standing::hold(conn, actor, &[id])?;
    let before = users::find(conn, &actor.scope, id)?;
    if !seen.is(i64::from(before.version)) {
        return Err(Refused::Stale);
    }
    let after = change.of(&before);
    if before.id == actor.id && (after.role, after.status) != (before.role, before.status) {
        return Err(Refused::OwnRoleOrStatus);
    }
    if after.says_the_same_as(&before) {
        return Ok(before);
    }
    update(conn, (&before, &after), actor.acts_as(), occasion)?;
    Ok(users::find(conn, &actor.scope, id)?)
}

impl Change {
    /// A user with this change.
    pub(super) fn of(self, before: &User) -> User {
        User {
            display_name: self.display_name.unwrap_or_else(|| before.display_name.clone()),
            agent_code: match self.agent_code {
                Some(code) => code.map(|code| code.to_string()),
                None => before.agent_code.clone(),
            },
            role: self.role.unwrap_or(before.role),
            status: self.status.unwrap_or(before.status),
            ..before.clone()
        }
    }
}

/// Writes a changed user. Disabling ends every login and every link to the calendar.
pub(super) fn update(
    conn: &mut Conn,
    (before, after): (&User, &User),
    by: ActedBy,
    occasion: &Occasion,
) -> Result<(), Refused> {
    let disabled = before.status == Status::Active && after.status == Status::Disabled;
    users::update(conn, after, disabled, occasion.now).map_err(taken)?;
    let mut events = vec![Event::UserChanged {
        user_id: after.id,
        role: after.role,
        status: after.status,
        version: after.version + 1,
    }];
    if disabled {
        events.extend(end_what_was_given(conn, after.id, occasion)?);
    }
    audit::record(conn, occasion.ids, occasion.now, by, &events)?;
    Ok(())
}

/// Ends every login of a user, every link to the own calendar and every webhook: what was given out ends with the right it rests on.
fn end_what_was_given(conn: &mut Conn, user_id: Id, occasion: &Occasion) -> Result<Vec<Event>, StoreError> {
    sessions::end_all(conn, user_id, occasion.now)?;
    let at = stored_instant(occasion.now);
    let links = calendar_feeds::revoke_all(conn, user_id, at)?;
    let ended = webhooks::end_all(conn, user_id, at)?;
    let deed = WebhookDeed::Disabled;
    let links = links.into_iter().map(|feed_id| Event::CalendarFeedRevoked { feed_id, user_id });
    let webhook = |(webhook_id, version)| Event::Webhook { webhook_id, user_id, deed, version };
    Ok(links.chain(ended.into_iter().map(webhook)).collect())
}

/// Whether the actor may reset the password of this person: asked before hashing, so that a missing person costs what one out
/// of scope costs.
///
/// # Errors
/// [`Refused`].
pub fn may_reset_password(conn: &mut Conn, actor: &Actor, id: Id) -> Result<User, Refused> {
    let user = users::find(conn, &actor.scope, id)?;
    supervisor(actor)?;
    Ok(user)
}

/// Resets somebody's password, which ends every login of that person; answers the new version. The first password of somebody
/// whom a machine put on the roster is what lets that person sign in at all.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn reset_password(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, seen): (Id, &Seen),
    hash: &str,
) -> Result<i32, Refused> {
    may_reset_password(conn, actor, id)?;
    standing::hold(conn, actor, &[id])?;
    let user = users::find(conn, &actor.scope, id)?;
    if !seen.is(i64::from(user.version)) {
        return Err(Refused::Stale);
    }
    if user.id == actor.id {
        return Err(Refused::OwnPassword);
    }
    let user = match users::account_of(conn, id)?.password_hash == NO_PASSWORD {
        true => {
            let enabled = User { status: Status::Active, ..user.clone() };
            update(conn, (&user, &enabled), actor.acts_as(), occasion)?;
            users::find(conn, &actor.scope, id)?
        }
        false => user,
    };
    let reset = Event::PasswordReset { user_id: user.id, version: user.version + 1 };
    set_password(conn, &user, (hash, reset), actor.acts_as(), occasion)?;
    Ok(user.version + 1)
}

/// Changes the actor's own password, which ends every login. `checked` is the hash of the present one, against which what was
/// typed has been verified.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn change_own_password(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (checked, hash): (&str, &str),
) -> Result<(), Refused> {
    standing::hold_own(conn, actor)?;
    let user = users::find(conn, &actor.scope, actor.id)?;
    // Somebody else may have reset it while the new one was being hashed.
    if users::account_of(conn, actor.id)?.password_hash != checked {
        return Err(Refused::Stale);
    }
    let changed = Event::PasswordChanged { user_id: user.id, version: user.version + 1 };
    set_password(conn, &user, (hash, changed), actor.acts_as(), occasion)
}

/// Sets a password; every login of the user ends, and every link to the calendar.
pub(super) fn set_password(
    conn: &mut Conn,
    user: &User,
    (hash, event): (&str, Event),
    by: ActedBy,
    occasion: &Occasion,
) -> Result<(), Refused> {
    users::set_password(conn, user.id, user.version, hash, occasion.now)?;
    let mut events = vec![event];
    events.extend(end_what_was_given(conn, user.id, occasion)?);
    audit::record(conn, occasion.ids, occasion.now, by, &events)?;
    Ok(())
}

/// Moves somebody to another team of the actor's reach, from a day on; today when absent.
///
/// # Errors
/// [`Refused`]; nothing was written then.
pub fn move_to_team(
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    (id, team_id, from): (Id, Id, Option<NaiveDate>),
) -> Result<User, Refused> {
    let present = users::find(conn, &actor.scope, id)?;
    supervisor(actor)?;
    let team = visible_team(conn, actor, team_id)?;
    memberships::hold_for_move(conn, Some(actor.id), (id, &[present.team_id, team.id]), occasion)?;
    standing::still_stands(conn, actor)?;
    let user = users::find(conn, &actor.scope, id)?;
    if user.team_id != present.team_id {
        return Err(Refused::Stale);
    }
    let today = today(occasion, &team, actor);
    moved(conn, (&user, &team), (from.unwrap_or(today), today), actor.acts_as(), occasion)?;
    Ok(users::find(conn, &actor.scope, user.id)?)
}

/// Moves a user who is held, as both teams are, from a day on.
pub(super) fn moved(
    conn: &mut Conn,
    (user, team): (&User, &Team),
    (from, today): (NaiveDate, NaiveDate),
    by: ActedBy,
    occasion: &Occasion,
) -> Result<(), Refused> {
    may_move(user.member_since, from, today, team.id == user.team_id).map_err(Refused::Move)?;
    memberships::move_to(conn, user, team.id, from, occasion.ids.id(), occasion.now)?;
    // Another team means other settings, and with them perhaps another cycle, from that day on.
    memberships::review_move(conn, user.id, from, today)?;
    let event = Event::UserMoved {
        user_id: user.id,
        version: user.version + 1,
        from_team_id: user.team_id,
        to_team_id: team.id,
        valid_from: from,
    };
    audit::record(conn, occasion.ids, occasion.now, by, &[event])?;
    Ok(())
}
