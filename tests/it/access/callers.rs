//! The eight who knock at every door.

use chrono::Duration;
use serde_json::{Value, json};

use super::table::Side;
use crate::harness::{
    Cast, Person, World,
    actors::{PASSWORD, person},
    app::Call,
    forge::{Forge, claims_of},
};
use prospector::domain::organisation::actor::Role;

/// Who asks. The owner is the agent the request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Nobody,
    Expired,
    WrongKind,
    Disabled,
    Peer,
    OtherSupervisor,
    Owner,
    Supervisor,
}

/// Those who are refused most come first: what they tried must have changed nothing for those who may.
pub const ALL: [Caller; 8] = [
    Caller::Nobody,
    Caller::Expired,
    Caller::WrongKind,
    Caller::Disabled,
    Caller::Peer,
    Caller::OtherSupervisor,
    Caller::Owner,
    Caller::Supervisor,
];

/// Two organisations, and somebody who is no longer there.
pub struct Company {
    pub cast: Cast,
    /// A supervisor who was disabled; the token is from before.
    gone: String,
}

impl Company {
    /// A company of its own; `name` tells its user names from those of others.
    pub fn new(world: &World, name: &str) -> Self {
        let cast = world.cast_of(name);
        let gone = person(world, &format!("gone{name}"), Role::Supervisor, &cast.north);
        let token = gone.token(&world.app);
        let path = format!("/v1/agents/{}", gone.id);
        world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(1).status(200);
        Company { cast, gone: token }
    }

    /// The side that requests are about.
    pub fn side(&self) -> Side<'_> {
        Side { owner: &self.cast.agent_a, supervisor: &self.cast.head_a, team: &self.cast.north }
    }

    /// What a caller signs requests with: every way there is.
    pub fn tokens(&self, world: &World, caller: Caller, refresh_token: &str) -> Vec<Option<String>> {
        let cast = &self.cast;
        let now = |person: &Person| Some(person.token(&world.app));
        let before = world.app.clock.now() - Duration::hours(1);
        let expired =
            |person: &Person| Some(world.app.tokens.issue(person.id, person.role, 1, before).unwrap());
        match caller {
            Caller::Nobody => vec![None],
            Caller::Expired => vec![expired(&cast.agent_a), expired(&cast.head_a)],
            Caller::WrongKind => vec![
                Some(refresh_token.to_owned()),
                Some(of_another_type(world, &cast.agent_a)),
                Some(of_another_type(world, &cast.head_a)),
            ],
            Caller::Disabled => vec![Some(self.gone.clone())],
            Caller::Peer => vec![now(&cast.peer)],
            Caller::OtherSupervisor => vec![now(&cast.supervisor_b)],
            Caller::Owner => vec![now(&cast.agent_a)],
            Caller::Supervisor => vec![now(&cast.head_a)],
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
