//! Who calls. (The token check is being built; until then the bearer token is a user's id.)

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use chrono_tz::Tz;
use diesel::prelude::*;

use crate::{
    api::problem::{Code, Problem},
    app::App,
    domain::{
        actor::{Actor, Role, Scope},
        id::Id,
    },
    store::{
        StoreError,
        schema::{memberships, teams, users},
    },
};

/// The signed-in user, as stored now.
#[derive(Clone, Debug)]
pub struct Caller(pub Actor);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>().cloned();
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let id = given.and_then(|value| value.strip_prefix("Bearer ")?.parse::<Id>().ok());
        Box::pin(async move {
            let (Some(app), Some(id)) = (app, id) else { return Err(Problem::new(Code::Unauthenticated)) };
            let found: Result<(Role, Id, String, String), StoreError> = app
                .db
                .read(move |conn| {
                    Ok(users::table
                        .inner_join(memberships::table.inner_join(teams::table))
                        .filter(users::id.eq(id))
                        .filter(memberships::valid_to.is_null())
                        .select((users::role, teams::id, teams::path, teams::time_zone))
                        .first(conn)?)
                })
                .await;
            let (role, team_id, team_path, zone) = found.map_err(|_| Problem::new(Code::Unauthenticated))?;
            let scope = match role {
                Role::Agent => Scope::Own { user_id: id },
                Role::Supervisor => Scope::Subtree { user_id: id, team_path },
            };
            let time_zone = zone.parse::<Tz>().unwrap_or(Tz::Asia__Shanghai);
            Ok(Caller(Actor { id, role, team_id, scope, time_zone }))
        })
    }
}
