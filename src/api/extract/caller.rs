//! Who calls: a bearer token, checked without a database, then the stored user behind it, in one statement.
//!
//! Every refusal has the same body, whatever was wrong with the token.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
    web,
};

use crate::{
    api::problem::{Code, Problem},
    app::App,
    domain::actor::{Actor, Role},
    store::users,
};

/// The signed-in user, as stored now: role, team and status are never taken from the token.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl Caller {
    /// Refuses an agent what only supervisors do.
    ///
    /// # Errors
    /// 403 `forbidden`.
    pub fn supervisor(&self) -> Result<(), Problem> {
        match self.0.role {
            Role::Supervisor => Ok(()),
            Role::Agent => Err(Problem::new(Code::Forbidden)),
        }
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let token = bearer(request.headers());
        Box::pin(async move {
            let (Some(app), Some(token)) = (app, token) else {
                return Err(Problem::new(Code::Unauthenticated));
            };
            let claims = app.tokens.verify(&token, app.clock.now()).map_err(|_| invalid_token())?;
            let actor = app.db.read(move |conn| users::actor(conn, claims.sub, claims.epoch)).await;
            actor.map_err(Problem::from)?.map(Caller).ok_or_else(invalid_token)
        })
    }
}

/// The token of the one `Authorization` header; two of them are as good as none.
fn bearer(headers: &HeaderMap) -> Option<String> {
    let mut given = headers.get_all(header::AUTHORIZATION);
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
}

fn invalid_token() -> Problem {
    Problem::new(Code::Unauthenticated)
        .header(header::WWW_AUTHENTICATE, "Bearer realm=\"prospector\", error=\"invalid_token\"")
}
