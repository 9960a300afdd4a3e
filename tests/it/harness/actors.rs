//! The people of the tests: two teams side by side, one with a team below it.
//!
//! ```text
//! north (head_a)            south (supervisor_b)
//!   agent_a, peer             agent_b
//!   └── branch (supervisor_a1): agent_a1
//! ```
//!
//! Where a test asks for it, a team stands above both ([`Above`]), and machines call.

use std::sync::OnceLock;

use chrono::NaiveDate;
use prospector::{
    app::App,
    clock::{Ids, Occasion},
    commands::{
        Seen,
        organisation::service_clients::{self, Change, Manager, Refused},
    },
    domain::{
        organisation::{actor::Role, service_client::ServiceScope, user::Status},
        values::id::Id,
    },
    security::passwords,
    store::{
        Conn, StoreError,
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
    /// A machine is nobody: on which secret its tokens rest, and what they are for.
    pub machine: Option<(Id, Vec<ServiceScope>)>,
}

impl Person {
    /// An access token of this moment, as the login gives one to a user whose password was never changed.
    pub fn token(&self, app: &App) -> String {
        self.token_of(app, app.clock.now())
    }

    /// A token of another moment.
    pub fn token_of(&self, app: &App, at: chrono::DateTime<chrono::Utc>) -> String {
        match &self.machine {
            Some((secret, scopes)) => app.tokens.issue_to_machine(self.id, (*secret, 1), scopes, at).unwrap(),
            None => app.tokens.issue(self.id, self.role, 1, at).unwrap(),
        }
    }

    /// The same machine with tokens for one scope only.
    pub fn only_for(&self, scope: ServiceScope) -> Person {
        let machine = self.machine.clone().map(|(secret, _)| (secret, vec![scope]));
        Person { machine, ..self.clone() }
    }
}

/// The team above all others, who heads it, and machines.
pub struct Above {
    pub team: Team,
    pub head: Person,
    /// A machine that may do all that machines may.
    pub machine: Person,
    /// Another, which was disabled since it got a token.
    pub disabled_machine: Person,
}

impl Above {
    /// Makes them; [`World::above`] does so once.
    pub fn of(world: &World) -> Self {
        let team = team(world, "Whole", None);
        let head = person(world, "head-of-all", Role::Supervisor, &team);
        let disabled_machine = machine(world, "An old machine", &team).0;
        let (id, occasion) = (disabled_machine.id, Occasion::of(&world.app.clock, world.app.ids));
        let change = Change { status: Some(Status::Disabled), ..Change::default() };
        let disable = move |conn: &mut Conn| {
            service_clients::change(conn, Manager::Operator, &occasion, (id, &Seen::Any), change).map(drop)
        };
        written(world, disable);
        Above { machine: machine(world, "A machine", &team).0, team, head, disabled_machine }
    }
}

/// A machine that may do all that machines may, and its secret.
pub fn machine(world: &World, name: &str, team: &Team) -> (Person, String) {
    let (name, occasion) = (name.to_owned(), Occasion::of(&world.app.clock, world.app.ids));
    let all = ServiceScope::ALL.to_vec();
    let wanted = (name.clone(), all.clone());
    let issued =
        written(world, move |conn| service_clients::make(conn, Manager::Operator, &occasion, wanted));
    let machine = Some((issued.secret_id, all));
    let person =
        Person { id: issued.client.id, username: name, role: Role::Agent, team_id: team.id, machine };
    (person, issued.secret)
}

fn written<T: Send + 'static>(
    world: &World,
    work: impl FnOnce(&mut Conn) -> Result<T, Refused> + Send + 'static,
) -> T {
    world.app.db.write_blocking(work).unwrap()
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
        self.cast_with(company, None)
    }

    /// The same people below the team above all others.
    pub fn cast_below(&self, company: &str) -> Cast {
        self.cast_with(company, Some(&self.above().team))
    }

    fn cast_with(&self, company: &str, above: Option<&Team>) -> Cast {
        let person = |world: &World, username: &str, role, team: &Team| {
            person(world, &format!("{username}{company}"), role, team)
        };
        let north = team(self, "North", above);
        let branch = team(self, "Branch", Some(&north));
        let south = team(self, "South", above);
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
        status: Status::Active,
        agent_code: None,
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
    Person { id, username: username.to_owned(), role, team_id: team.id, machine: None }
}
