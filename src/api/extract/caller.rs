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
        organisation::actor::{Actor, Role},
        values::id::Id,
    },
    store::{
        Conn,
        organisation::{callers::Known, recent_callers::RecentCallers, users},
    },
};

/// The field of a request's log lines that says who calls.
pub const USER_ID: &str = "user_id";

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
        let (recent, at) = (app.recent_callers.clone(), Occasion::of(&app.clock, app.ids));
        app.db
            .on_behalf_of(self.id)
            .read(move |conn| {
                let actor = self.known(conn, &recent, &at)?.actor;
                reader(conn, &actor)
            })
            .await
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
        app.db
            .on_behalf_of(self.id)
            .write(move |conn| {
                let actor = self.actor(conn)?;
                writer(conn, &actor)
            })
            .await
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
        ready(checked(request))
    }
}

fn checked(request: &HttpRequest) -> Result<Caller, Problem> {
    let app = request.app_data::<web::Data<App>>();
    let (Some(app), Some(token)) = (app, bearer(request.headers())) else {
        return Err(Problem::new(Code::Unauthenticated));
    };
    let claims = app.tokens.verify(token, app.clock.now()).map_err(|_| invalid_token())?;
    calls(claims.sub);
    Ok(Caller { id: claims.sub, epoch: claims.epoch })
}

/// Notes on every further log line of the request who it is from: the id, never a name.
pub fn calls(user_id: Id) {
    tracing::Span::current().record(USER_ID, tracing::field::display(user_id));
}

/// The token of the one `Authorization` header; two of them are as good as none.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION);
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn invalid_token() -> Problem {
    Problem::new(Code::Unauthenticated)
        .header(header::WWW_AUTHENTICATE, "Bearer realm=\"prospector\", error=\"invalid_token\"")
}
