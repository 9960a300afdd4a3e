//! Those who knock at every door.

use chrono::Duration;
use serde_json::{Value, json};

use super::table::Side;
use crate::harness::{
    Cast, Person, World,
    actors::{PASSWORD, person},
    app::Call,
    forge::{Forge, claims_of},
};
use prospector::domain::organisation::{actor::Role, service_client::ServiceScope};

/// Who asks. The owner is the agent the request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Nobody,
    Expired,
    WrongKind,
    Disabled,
    /// A machine with a token for this scope only.
    Machine(ServiceScope),
    Peer,
    OtherSupervisor,
    Owner,
    Supervisor,
    /// The supervisor of the team above all others.
    Head,
}

/// Those who are refused most come first: what they tried must have changed nothing for those who may.
pub const ALL: [Caller; 12] = [
    Caller::Nobody,
    Caller::Expired,
    Caller::WrongKind,
    Caller::Disabled,
    Caller::Machine(ServiceScope::PolicyEvents),
    Caller::Machine(ServiceScope::Products),
    Caller::Machine(ServiceScope::Roster),
    Caller::Peer,
    Caller::OtherSupervisor,
    Caller::Owner,
    Caller::Supervisor,
    Caller::Head,
];

/// Two organisations below one team, and somebody who is no longer there.
pub struct Company {
    pub cast: Cast,
    /// Another supervisor of the team above all others: a password that is changed by one company locks no other out.
    head: Person,
    /// A supervisor who was disabled; the token is from before.
    gone: String,
}

impl Company {
    /// A company of its own; `name` tells its user names from those of others.
    pub fn new(world: &World, name: &str) -> Self {
        let cast = world.cast_below(name);
        let gone = person(world, &format!("gone{name}"), Role::Supervisor, &cast.north);
        let token = gone.token(&world.app);
        let path = format!("/v1/agents/{}", gone.id);
        world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(1).status(200);
        let head = person(world, &format!("head{name}"), Role::Supervisor, &world.above().team);
        Company { cast, head, gone: token }
    }

    /// The side that requests are about.
    pub fn side(&self) -> Side<'_> {
        Side { owner: &self.cast.agent_a, supervisor: &self.cast.head_a, team: &self.cast.north }
    }

    /// What a caller signs requests with: every way there is.
    pub fn tokens(&self, world: &World, caller: Caller, refresh_token: &str) -> Vec<Option<String>> {
        let (cast, above) = (&self.cast, world.above());
        let now = |person: &Person| Some(person.token(&world.app));
        let before = world.app.clock.now() - Duration::hours(1);
        let expired = |person: &Person| Some(person.token_of(&world.app, before));
        match caller {
            Caller::Nobody => vec![None],
            Caller::Expired => vec![expired(&cast.agent_a), expired(&cast.head_a), expired(&above.machine)],
            Caller::WrongKind => vec![
                Some(refresh_token.to_owned()),
                Some(of_another_type(world, &cast.agent_a)),
                Some(of_another_type(world, &cast.head_a)),
                Some(of_another_type(world, &above.machine)),
                Some(for_the_other_kind(world, &cast.head_a, &above.machine)),
                Some(for_the_other_kind(world, &above.machine, &cast.head_a)),
            ],
            Caller::Disabled => vec![Some(self.gone.clone()), now(&above.disabled_machine)],
            Caller::Machine(scope) => vec![now(&above.machine.only_for(scope))],
            Caller::Peer => vec![now(&cast.peer)],
            Caller::OtherSupervisor => vec![now(&cast.supervisor_b)],
            Caller::Owner => vec![now(&cast.agent_a)],
            Caller::Supervisor => vec![now(&cast.head_a)],
            Caller::Head => vec![now(&self.head)],
        }
    }
}

/// Genuine in everything, except that it is no access token.
fn of_another_type(world: &World, person: &Person) -> String {
    let forge = Forge::of(world);
    let mut header = forge.header();
    header["typ"] = json!("JWT");
    forge.sign(&header, &Value::Object(claims_of(&person.token(&world.app))))
}

/// Genuine in everything, except that it is meant for the doors of the other kind of caller.
fn for_the_other_kind(world: &World, of: &Person, other: &Person) -> String {
    let forge = Forge::of(world);
    let mut claims = claims_of(&of.token(&world.app));
    claims.insert("aud".to_owned(), claims_of(&other.token(&world.app))["aud"].clone());
    forge.sign(&forge.header(), &Value::Object(claims))
}

/// A refresh token that still counts.
pub fn refresh_token(world: &World, person: &Person) -> String {
    let body = json!({"username": person.username, "password": PASSWORD});
    world.post("/v1/auth/login", body).status(200).string("refresh_token")
}

/// Signs a request, or leaves it as it is.
pub fn signed<'w>(call: Call<'w>, token: Option<&str>) -> Call<'w> {
    match token {
        Some(token) => call.token(token),
        None => call,
    }
}
