//! Who calls: a bearer token, checked without a database. The stored user behind it is looked up where the work is
//! done, in the same transaction.
//!
//! Every refusal has the same body, whatever was wrong with the token.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};

use crate::{
    api::problem::{Code, document::Problem},
    app::App,
    clock::Occasion,
    domain::{
        organisation::actor::{Actor, Role, Scope},
        values::id::Id,
    },
    security::claims::Verified,
    store::{
        Conn,
        organisation::{callers::Known, recent_callers::RecentCallers, users},
    },
};

/// The field of a request's log lines that says who calls.
pub const USER_ID: &str = "user_id";
/// The field of a request's log lines that says which machine calls.
pub const SERVICE_CLIENT_ID: &str = "service_client_id";

/// Whoever may call. Who it is now is asked in the transaction of the work.
pub trait Calls: Clone + Send + 'static {
    /// Who it is found to be.
    type Who: Send;

    /// The user or the client, as the token says.
    fn caller_id(&self) -> Id;

    /// Who it is now.
    ///
    /// # Errors
    /// 401 when the token does not count any more, 403 for who may call, but not do this.
    fn who(&self, conn: &mut Conn) -> Result<Self::Who, Problem>;

    /// [`Calls::who`], perhaps as it was a second ago: for reads.
    ///
    /// # Errors
    /// Those of [`Calls::who`].
    fn who_reads(&self, conn: &mut Conn, _: &RecentCallers, _: &Occasion) -> Result<Self::Who, Problem> {
        self.who(conn)
    }

    /// Whose prospects it may see; nobody's when there is none.
    fn scope(who: &Self::Who) -> Option<&Scope>;
}

/// Reads as somebody, in one transaction that sees one state of the database.
///
/// # Errors
/// Those of [`Calls::who`]; the reader's own.
pub async fn read_as<C: Calls, T, F>(caller: &C, app: &App, reader: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &C::Who) -> Result<T, Problem> + Send + 'static,
{
    let (recent, at) = (app.recent_callers.clone(), Occasion::of(&app.clock, app.ids));
    let (db, caller) = (app.db.on_behalf_of(caller.caller_id()), caller.clone());
    db.read(move |conn| {
        let who = caller.who_reads(conn, &recent, &at)?;
        reader(conn, &who)
    })
    .await
}

/// Writes as somebody, in one transaction; an error rolls everything back.
///
/// # Errors
/// Those of [`Calls::who`]; the writer's own.
pub async fn write_as<C: Calls, T, F>(caller: &C, app: &App, writer: F) -> Result<T, Problem>
where
    T: Send + 'static,
    F: FnOnce(&mut Conn, &C::Who) -> Result<T, Problem> + Send + 'static,
{
    let (db, caller) = (app.db.on_behalf_of(caller.caller_id()), caller.clone());
    db.write(move |conn| {
        let who = caller.who(conn)?;
        writer(conn, &who)
    })
    .await
}

/// What a sound token says: which user, and of which epoch. Whether the user still counts, the role and the reach are
/// never taken from it; [`Caller::actor`] asks for them.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// The user.
    pub id: Id,
    epoch: i32,
}

impl Caller {
    /// The user as stored now.
    ///
    /// # Errors
    /// 401 when the user is gone, disabled, or the token is of an earlier epoch.
    pub fn actor(self, conn: &mut Conn) -> Result<Actor, Problem> {
        users::actor(conn, self.id, self.epoch)?.ok_or_else(invalid_token)
    }

    /// The user, and since when something in the user's reach has been due, perhaps as it was a second ago: for reads.
    ///
    /// # Errors
    /// 401 as for [`Caller::actor`].
    pub fn known(self, conn: &mut Conn, recent: &RecentCallers, at: &Occasion) -> Result<Known, Problem> {
        let known = recent.known(conn, self.id, at)?;
        known.filter(|known| known.epoch == self.epoch).ok_or_else(invalid_token)
    }

    /// Only asks who calls: one statement, and no transaction around it.
    ///
    /// # Errors
    /// 401 as for [`Caller::actor`].
    pub async fn look(self, app: &App) -> Result<Actor, Problem> {
        let (recent, at) = (app.recent_callers.clone(), Occasion::of(&app.clock, app.ids));
        let db = app.db.on_behalf_of(self.id);
        db.look(move |conn| Ok(self.known(conn, &recent, &at)?.actor)).await
    }

    /// Reads as this user, in one transaction that sees one state of the database.
    ///
    /// # Errors
    /// 401 as for [`Caller::actor`]; the reader's own.
    pub async fn read<T, F>(self, app: &App, reader: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        read_as(&self, app, reader).await
    }

    /// Writes as this user, in one transaction; an error rolls everything back.
    ///
    /// # Errors
    /// 401 as for [`Caller::actor`]; the writer's own.
    pub async fn write<T, F>(self, app: &App, writer: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Actor) -> Result<T, Problem> + Send + 'static,
    {
        write_as(&self, app, writer).await
    }
}

impl Calls for Caller {
    type Who = Actor;

    fn caller_id(&self) -> Id {
        self.id
    }

    fn who(&self, conn: &mut Conn) -> Result<Actor, Problem> {
        self.actor(conn)
    }

    fn who_reads(&self, conn: &mut Conn, recent: &RecentCallers, at: &Occasion) -> Result<Actor, Problem> {
        Ok(self.known(conn, recent, at)?.actor)
    }

    fn scope(who: &Actor) -> Option<&Scope> {
        Some(&who.scope)
    }
}

/// Refuses an agent what only supervisors do.
///
/// # Errors
/// 403 `forbidden`.
pub fn supervisor(actor: &Actor) -> Result<(), Problem> {
    match actor.role {
        Role::Supervisor => Ok(()),
        Role::Agent => Err(Problem::new(Code::Forbidden)),
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(verified(request).and_then(|says| match says {
            Verified::Person(claims) => {
                calls(claims.sub);
                Ok(Caller { id: claims.sub, epoch: claims.epoch })
            }
            Verified::Machine(_) => Err(invalid_token()),
        }))
    }
}

/// What the token of a request says.
///
/// # Errors
/// 401 when there is none, or none that counts.
pub(super) fn verified(request: &HttpRequest) -> Result<Verified, Problem> {
    let app = request.app_data::<web::Data<App>>();
    let (Some(app), Some(token)) = (app, bearer(request.headers())) else {
        return Err(Problem::new(Code::Unauthenticated));
    };
    app.tokens.verify(token, app.clock.now()).map_err(|_| invalid_token())
}

/// Notes on every further log line of the request who it is from: the id, never a name.
pub fn calls(user_id: Id) {
    tracing::Span::current().record(USER_ID, tracing::field::display(user_id));
}

/// The same of a machine.
pub fn machine_calls(client_id: Id) {
    tracing::Span::current().record(SERVICE_CLIENT_ID, tracing::field::display(client_id));
}

/// The token of the one `Authorization` header; two of them are as good as none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION);
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// 401 for a token that does not count, whatever is wrong with it.
pub(super) fn invalid_token() -> Problem {
    Problem::new(Code::Unauthenticated)
        .header(header::WWW_AUTHENTICATE, "Bearer realm=\"prospector\", error=\"invalid_token\"")
}
