//! Users and teams put straight into the tables, for tests that are not about the roster.

use chrono::NaiveDate;
use diesel::prelude::*;
use prospector::{
    domain::{organisation::actor::Role, values::id::Id},
    store::{
        StoreError,
        db::{
            codec::stored_instant,
            schema::{memberships, teams, users},
        },
    },
};

use super::World;

/// A team below `parent`, or a root; answers its id and path.
pub fn team(world: &World, parent: Option<(Id, &str)>) -> (Id, String) {
    let (id, now) = (world.app.ids.id(), stored_instant(world.clock.now()));
    let path = format!("{}{id}/", parent.map_or("/", |(_, path)| path));
    let row = (
        teams::id.eq(id),
        teams::parent_id.eq(parent.map(|(id, _)| id)),
        teams::path.eq(path.clone()),
        teams::name.eq("team"),
        teams::time_zone.eq("Asia/Shanghai"),
        teams::version.eq(1),
        teams::created_at.eq(now),
        teams::updated_at.eq(now),
    );
    write(world, move |conn| diesel::insert_into(teams::table).values(row).execute(conn));
    (id, path)
}

/// A user in a team, active.
pub fn user(world: &World, team_id: Id, role: Role) -> Id {
    let (id, now) = (world.app.ids.id(), stored_instant(world.clock.now()));
    let row = (
        users::id.eq(id),
        users::username.eq(format!("u{id}")),
        users::display_name.eq("Somebody"),
        users::search.eq("somebody"),
        users::role.eq(role),
        users::status.eq("active"),
        users::password_hash.eq(""),
        users::epoch.eq(0),
        users::version.eq(1),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    let member = (
        memberships::id.eq(world.app.ids.id()),
        memberships::user_id.eq(id),
        memberships::team_id.eq(team_id),
        memberships::valid_from.eq(NaiveDate::from_ymd_opt(2009, 1, 1).unwrap()),
    );
    write(world, move |conn| {
        diesel::insert_into(users::table).values(row).execute(conn)?;
        diesel::insert_into(memberships::table).values(member).execute(conn)
    });
    id
}

/// An access token of a user made here.
pub fn token(world: &World, user_id: Id, role: Role) -> String {
    world.app.tokens.issue(user_id, role, 0, world.clock.now()).unwrap()
}

/// Two agents of one team; answers what each signs in with.
pub fn two_agents(world: &World) -> [String; 2] {
    let (team_id, _) = team(world, None);
    [0, 1].map(|_| token(world, user(world, team_id, Role::Agent), Role::Agent))
}

fn write(world: &World, f: impl FnOnce(&mut prospector::store::Conn) -> QueryResult<usize> + Send + 'static) {
    let written: Result<usize, StoreError> = world.app.db.write_blocking(move |conn| Ok(f(conn)?));
    written.unwrap();
}
