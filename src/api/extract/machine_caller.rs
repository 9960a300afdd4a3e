//! Machines that call, and doors that open to machines and people alike. What a machine may do is named at the door: without a
//! scope there is nobody to read or write as.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::caller::{Caller, Calls, invalid_token, machine_calls, read_as, verified, write_as};
use crate::{
    api::problem::{Code, document::Problem},
    app::App,
    clock::Occasion,
    domain::{
        organisation::{
            actor::{ActedBy, Actor, Scope},
            service_client::{Machine, ServiceScope},
        },
        values::{id::Id, text::Text},
    },
    security::claims::{MachineClaims, Verified},
    store::{
        Conn,
        organisation::{cycles, recent_callers::RecentCallers, service_clients},
    },
};

/// What a sound token of a machine says. [`MachineCaller::within`] makes somebody of it who can read and write.
#[derive(Clone, Debug)]
pub struct MachineCaller {
    client_id: Id,
    rests_on: (Id, i32),
    scopes: Vec<ServiceScope>,
}

impl MachineCaller {
    fn of(claims: &MachineClaims) -> Result<Self, Problem> {
        machine_calls(claims.sub);
        let scopes = ServiceScope::split(&claims.scope).map_err(|_| invalid_token())?;
        Ok(MachineCaller { client_id: claims.sub, rests_on: (claims.secret_id, claims.epoch), scopes })
    }

    /// The machine within a scope.
    pub fn within(self, scope: ServiceScope) -> MachineWithin {
        MachineWithin { machine: self, scope }
    }
}

impl FromRequest for MachineCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(verified(request).and_then(|says| match says {
            Verified::Machine(claims) => MachineCaller::of(&claims),
            Verified::Person(_) => Err(invalid_token()),
        }))
    }
}

/// A machine that does what takes a scope.
#[derive(Clone, Debug)]
pub struct MachineWithin {
    machine: MachineCaller,
    scope: ServiceScope,
}

impl MachineWithin {
    /// Reads as this machine, in one transaction.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the reader's own.
    pub async fn read<T, F>(self, app: &App, reader: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Machine) -> Result<T, Problem> + Send + 'static,
    {
        read_as(&self, app, reader).await
    }

    /// Writes as this machine, in one transaction; an error rolls everything back.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the writer's own.
    pub async fn write<T, F>(self, app: &App, writer: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Machine) -> Result<T, Problem> + Send + 'static,
    {
        write_as(&self, app, writer).await
    }
}

impl Calls for MachineWithin {
    type Who = Machine;

    fn caller_id(&self) -> Id {
        self.machine.client_id
    }

    fn who(&self, conn: &mut Conn) -> Result<Machine, Problem> {
        let MachineCaller { client_id, rests_on, scopes } = &self.machine;
        let machine = service_clients::machine(conn, *client_id, *rests_on, scopes)?;
        let machine = machine.ok_or_else(invalid_token)?;
        if machine.may(self.scope) { Ok(machine) } else { Err(Problem::new(Code::InsufficientScope)) }
    }

    fn scope(_: &Machine) -> Option<&Scope> {
        None
    }
}

/// A supervisor of the one team that stands above all others; everybody else is refused with 403.
#[derive(Clone, Copy, Debug)]
pub struct Head(Caller);

impl Head {
    /// Reads as this supervisor, in one transaction.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the reader's own.
    pub async fn read<T, F>(self, app: &App, reader: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        read_as(&self, app, reader).await
    }

    /// Writes as this supervisor, in one transaction; an error rolls everything back.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the writer's own.
    pub async fn write<T, F>(self, app: &App, writer: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        write_as(&self, app, writer).await
    }
}

impl FromRequest for Head {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(Caller::from_request(request, payload).into_inner().map(Head))
    }
}

impl Calls for Head {
    type Who = Actor;

    fn caller_id(&self) -> Id {
        self.0.id
    }

    fn who(&self, conn: &mut Conn) -> Result<Actor, Problem> {
        let actor = self.0.who(conn)?;
        heads(conn, actor)
    }

    fn who_reads(&self, conn: &mut Conn, recent: &RecentCallers, at: &Occasion) -> Result<Actor, Problem> {
        let actor = self.0.who_reads(conn, recent, at)?;
        heads(conn, actor)
    }

    fn scope(who: &Actor) -> Option<&Scope> {
        Some(&who.scope)
    }
}

fn heads(conn: &mut Conn, actor: Actor) -> Result<Actor, Problem> {
    if cycles::heads_organisation(conn, &actor)? { Ok(actor) } else { Err(not_the_head()) }
}

/// A person or a machine: for what both do.
#[derive(Clone, Debug)]
pub enum AnyCaller {
    /// Somebody signed in.
    Person(Caller),
    /// A machine.
    Machine(MachineCaller),
}

impl AnyCaller {
    /// Whoever keeps the insurer's tables: a machine with the scope, or who heads the whole organisation.
    pub fn keeper(self, scope: ServiceScope) -> AnyWithin {
        AnyWithin { caller: self, scope, is_keeper: true }
    }

    /// Whoever reads them: a machine with the scope, or anybody signed in.
    pub fn reader(self, scope: ServiceScope) -> AnyWithin {
        AnyWithin { caller: self, scope, is_keeper: false }
    }
}

impl FromRequest for AnyCaller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        ready(verified(request).and_then(|says| match says {
            Verified::Person(_) => Caller::from_request(request, payload).into_inner().map(AnyCaller::Person),
            Verified::Machine(claims) => MachineCaller::of(&claims).map(AnyCaller::Machine),
        }))
    }
}

/// Who a caller of either kind is found to be.
#[derive(Clone, Debug)]
pub enum Party {
    /// Somebody signed in.
    Person(Actor),
    /// A machine.
    Machine(Machine),
}

impl Party {
    /// As whom it is recorded.
    pub fn acts_as(&self) -> ActedBy {
        match self {
            Party::Person(actor) => actor.acts_as(),
            Party::Machine(machine) => machine.acts_as(),
        }
    }
}

/// A caller of either kind who does what takes a scope, or a place in the organisation.
#[derive(Clone, Debug)]
pub struct AnyWithin {
    caller: AnyCaller,
    scope: ServiceScope,
    is_keeper: bool,
}

impl AnyWithin {
    /// Reads as this caller, in one transaction.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the reader's own.
    pub async fn read<T, F>(self, app: &App, reader: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Party) -> Result<T, Problem> + Send + 'static,
    {
        read_as(&self, app, reader).await
    }

    /// Writes as this caller, in one transaction; an error rolls everything back.
    ///
    /// # Errors
    /// Those of [`Calls::who`]; the writer's own.
    pub async fn write<T, F>(self, app: &App, writer: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Party) -> Result<T, Problem> + Send + 'static,
    {
        write_as(&self, app, writer).await
    }
}

impl Calls for AnyWithin {
    type Who = Party;

    fn caller_id(&self) -> Id {
        match &self.caller {
            AnyCaller::Person(caller) => caller.id,
            AnyCaller::Machine(machine) => machine.client_id,
        }
    }

    fn who(&self, conn: &mut Conn) -> Result<Party, Problem> {
        match &self.caller {
            AnyCaller::Person(caller) if self.is_keeper => Head(*caller).who(conn).map(Party::Person),
            AnyCaller::Person(caller) => caller.who(conn).map(Party::Person),
            AnyCaller::Machine(machine) => machine.clone().within(self.scope).who(conn).map(Party::Machine),
        }
    }

    fn who_reads(&self, conn: &mut Conn, recent: &RecentCallers, at: &Occasion) -> Result<Party, Problem> {
        match &self.caller {
            AnyCaller::Person(caller) if self.is_keeper => {
                Head(*caller).who_reads(conn, recent, at).map(Party::Person)
            }
            AnyCaller::Person(caller) => caller.who_reads(conn, recent, at).map(Party::Person),
            AnyCaller::Machine(_) => self.who(conn),
        }
    }

    fn scope(who: &Party) -> Option<&Scope> {
        match who {
            Party::Person(actor) => Some(&actor.scope),
            Party::Machine(_) => None,
        }
    }
}

/// 403 for whoever does not head the whole organisation.
pub fn not_the_head() -> Problem {
    Problem::new(Code::Forbidden).detail(Text::new(
        "Only a supervisor of the one team that stands above all others may do this.",
        "只有唯一最上级团队的主管可以执行此操作。",
    ))
}
