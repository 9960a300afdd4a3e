//! The people of the tests: two teams side by side, one with a team below it.
//!
//! ```text
//! north (head_a)            south (supervisor_b)
//!   agent_a, peer             agent_b
//!   └── branch (supervisor_a1): agent_a1
//! ```

use std::sync::OnceLock;

use chrono::NaiveDate;
use prospector::{
    app::App,
    clock::Ids,
    domain::{organisation::actor::Role, values::id::Id},
    security::passwords,
    store::{
        StoreError,
        organisation::{
            teams::{self, NewTeam, Team},
            users::{self, NewUser},
        },
    },
};

use super::World;

/// Everybody's password.
pub const PASSWORD: &str = "a password for tests";

/// Somebody who can sign in.
#[derive(Clone, Debug)]
pub struct Person {
    pub id: Id,
    pub username: String,
    pub role: Role,
    pub team_id: Id,
}

impl Person {
    /// An access token of this moment, as the login gives one to a user whose password was never changed.
    pub fn token(&self, app: &App) -> String {
        app.tokens.issue(self.id, self.role, 1, app.clock.now()).unwrap()
    }
}

/// Everybody.
pub struct Cast {
    pub north: Team,
    pub branch: Team,
    pub south: Team,
    pub head_a: Person,
    pub agent_a: Person,
    pub peer: Person,
    pub supervisor_a1: Person,
    pub agent_a1: Person,
    pub supervisor_b: Person,
    pub agent_b: Person,
}

impl World {
    /// Puts everybody into the database.
    pub fn cast(&self) -> Cast {
        self.cast_of("")
    }

    /// The same people once more, each with `company` behind the user name: a second organisation beside the first.
    pub fn cast_of(&self, company: &str) -> Cast {
        let person = |world: &World, username: &str, role, team: &Team| {
            person(world, &format!("{username}{company}"), role, team)
        };
        let north = team(self, "North", None);
        let branch = team(self, "Branch", Some(&north));
        let south = team(self, "South", None);
        Cast {
            head_a: person(self, "head-a", Role::Supervisor, &north),
            agent_a: person(self, "agent-a", Role::Agent, &north),
            peer: person(self, "peer", Role::Agent, &north),
            supervisor_a1: person(self, "supervisor-a1", Role::Supervisor, &branch),
            agent_a1: person(self, "agent-a1", Role::Agent, &branch),
            supervisor_b: person(self, "supervisor-b", Role::Supervisor, &south),
            agent_b: person(self, "agent-b", Role::Agent, &south),
            north,
            branch,
            south,
        }
    }
}

/// A team.
pub fn team(world: &World, name: &str, parent: Option<&Team>) -> Team {
    let new = NewTeam {
        id: world.app.ids.id(),
        parent: parent.cloned(),
        name: name.to_owned(),
        time_zone: "Asia/Shanghai".to_owned(),
        at: world.clock.now(),
    };
    world.app.db.write_blocking(move |conn| teams::create(conn, &new)).unwrap()
}

/// A member of a team since the beginning of 2009, with [`PASSWORD`].
pub fn person(world: &World, username: &str, role: Role, team: &Team) -> Person {
    // Hashing takes time by design; once is enough.
    static HASH: OnceLock<String> = OnceLock::new();
    let (id, membership_id) = (world.app.ids.id(), world.app.ids.id());
    let new = NewUser {
        id,
        username: username.parse().unwrap(),
        display_name: username.to_uppercase(),
        role,
        password_hash: HASH.get_or_init(|| passwords::hash(PASSWORD, Ids).unwrap()).clone(),
        team_id: team.id,
        member_from: NaiveDate::from_ymd_opt(2009, 1, 1).unwrap(),
        at: world.clock.now(),
    };
    world
        .app
        .db
        .write_blocking(move |conn| users::create(conn, &new, membership_id))
        .map_err(|error: StoreError| error)
        .unwrap();
    Person { id, username: username.to_owned(), role, team_id: team.id }
}
