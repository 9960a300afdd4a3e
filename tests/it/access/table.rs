//! One row per operation and way of asking: who may, and a request that succeeds for them.
//!
//! A new operation needs one entry in the file of its kind. Give every free text and every id that the operation takes:
//! the tests say which one is missing.

mod audit;
mod auth;
mod board;
mod diary;
mod exchange;
mod insurer;
mod machines;
mod policy_events;
mod prospects;
mod reports;
mod roster;
mod training;
mod transfers;

use prospector::{domain::organisation::service_client::ServiceScope, store::organisation::teams::Team};
use serde_json::Value;

use super::callers::Caller;
use crate::harness::{Person, World, app::Call};

/// Who gets what. "Above" is a supervisor of the owner's team or of one above it; others are told that nothing is there.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// Everybody; a token is not looked at.
    Public,
    /// Whoever is signed in, each about what is in their own reach.
    SignedIn,
    /// Supervisors, each about what is in their own reach.
    Supervisors,
    /// The owner, and the supervisors above.
    OwnerAndAbove,
    /// The owner and the supervisors above; to others what a body names is said to be unknown, with this status.
    Reach(u16),
    /// The owner; the supervisors above may look, but not do this.
    Owner,
    /// The owner and nobody else: what it is about belongs to the person, not to the book.
    OnlyOwner,
    /// The supervisors above; the owner may look, but not do this.
    Above,
    /// The members of the team, and its supervisors.
    Team,
    /// The supervisors of the team; agents of any team are refused. A team out of sight is said to be missing with
    /// this status.
    TeamSupervisors(u16),
    /// The supervisors of the team above all others; everybody else may know of it.
    Head,
    /// Machines with this scope; it is no place for people.
    Machine(ServiceScope),
    /// Machines with this scope, and the supervisors of the team above all others.
    Keeper(ServiceScope),
    /// Machines with this scope, and everybody who is signed in.
    Readers(ServiceScope),
}

/// What somebody is to get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Refused(u16),
}

impl Access {
    /// What a caller gets.
    pub fn outcome(self, caller: Caller) -> Outcome {
        use Outcome::{Done, Refused};
        let [owner, peer, supervisor, other] = match self {
            Access::Public => return Done,
            Access::SignedIn => [Done; 4],
            Access::Supervisors => [Refused(403), Refused(403), Done, Done],
            Access::OwnerAndAbove => [Done, Refused(404), Done, Refused(404)],
            Access::Reach(unseen) => [Done, Refused(unseen), Done, Refused(unseen)],
            Access::Owner => [Done, Refused(404), Refused(403), Refused(404)],
            Access::OnlyOwner => [Done, Refused(404), Refused(404), Refused(404)],
            Access::Above => [Refused(403), Refused(404), Done, Refused(404)],
            Access::Team => [Done, Done, Done, Refused(404)],
            Access::TeamSupervisors(unseen) => [Refused(403), Refused(403), Done, Refused(unseen)],
            Access::Head | Access::Keeper(_) => [Refused(403); 4],
            Access::Machine(_) => [Refused(401); 4],
            Access::Readers(_) => [Done; 4],
        };
        let head = if matches!(self, Access::Head | Access::Keeper(_)) { Done } else { supervisor };
        let machine = |has: ServiceScope| match self {
            Access::Machine(scope) | Access::Keeper(scope) | Access::Readers(scope) if scope == has => Done,
            Access::Machine(_) | Access::Keeper(_) | Access::Readers(_) => Refused(403),
            _ => Refused(401),
        };
        match caller {
            Caller::Nobody | Caller::Expired | Caller::Disabled | Caller::WrongKind => Refused(401),
            Caller::Machine(scope) => machine(scope),
            Caller::Head => head,
            Caller::Owner => owner,
            Caller::Peer => peer,
            Caller::Supervisor => supervisor,
            Caller::OtherSupervisor => other,
        }
    }

    /// Whether it is the supervisor who may, and not the owner.
    pub fn is_for_supervisors(self) -> bool {
        matches!(self.outcome(Caller::Owner), Outcome::Refused(_))
    }
}

/// Whose things a request is about.
#[derive(Clone, Copy)]
pub struct Side<'a> {
    /// An agent.
    pub owner: &'a Person,
    /// The supervisor above.
    pub supervisor: &'a Person,
    /// The agent's team.
    pub team: &'a Team,
}

impl<'a> Side<'a> {
    /// One of those for whom a row succeeds.
    pub fn whoever_may<'b>(&self, world: &'b World, access: Access) -> &'b Person
    where
        'a: 'b,
    {
        match access {
            Access::Head | Access::Keeper(_) => &world.above().head,
            Access::Machine(_) => &world.above().machine,
            access if access.is_for_supervisors() => self.supervisor,
            _ => self.owner,
        }
    }
}

/// One row.
pub struct Row {
    /// The operationId.
    pub operation: &'static str,
    /// Who may.
    pub access: Access,
    /// Makes what the request needs, and the request.
    pub ask: fn(&World, &Side) -> Ask,
}

fn row(operation: &'static str, access: Access, ask: fn(&World, &Side) -> Ask) -> Row {
    Row { operation, access, ask }
}

/// The table.
pub fn rows() -> Vec<Row> {
    [
        audit::rows(),
        auth::rows(),
        roster::rows(),
        prospects::rows(),
        board::rows(),
        diary::rows(),
        machines::rows(),
        exchange::rows(),
        insurer::rows(),
        policy_events::rows(),
        reports::rows(),
        training::rows(),
        transfers::rows(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A request, not yet signed.
#[derive(Clone, Debug)]
pub struct Ask {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    /// For If-Match.
    pub version: Option<i64>,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        Ask { method: "GET", path: path.into(), body: None, version: None }
    }

    pub fn post(path: impl Into<String>, body: Value) -> Self {
        Ask { method: "POST", body: Some(body), ..Ask::get(path) }
    }

    pub fn put(path: impl Into<String>, body: Value) -> Self {
        Ask { method: "PUT", body: Some(body), ..Ask::get(path) }
    }

    pub fn patch(path: impl Into<String>, body: Value) -> Self {
        Ask { method: "PATCH", body: Some(body), ..Ask::get(path) }
    }

    pub fn delete(path: impl Into<String>) -> Self {
        Ask { method: "DELETE", ..Ask::get(path) }
    }

    /// The version the asker saw.
    pub fn seen(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }

    /// The request, to be signed and sent; a POST with an idempotency key of its own.
    pub fn call<'w>(&self, world: &'w World) -> Call<'w> {
        let mut call = world.call(self.method, &self.path);
        match &self.body {
            // A text is a table.
            Some(Value::String(csv)) => call = call.bytes(csv.as_str()).header("Content-Type", "text/csv"),
            Some(body) => call = call.json(body.clone()),
            None => {}
        }
        if self.method == "PATCH" {
            call = call.header("Content-Type", "application/merge-patch+json");
        }
        if self.method == "POST" {
            call = call.header("Idempotency-Key", &world.app.ids.id().to_string());
        }
        match self.version {
            Some(version) => call.if_match(version),
            None => call,
        }
    }
}
