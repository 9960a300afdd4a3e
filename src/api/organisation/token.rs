//! `/v1/auth/token`: tokens for machines, by the client credentials of RFC 6749. Every refusal of a client reads the same.

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use super::auth::{not_checked, peer};
use crate::{
    api::{
        extract::{
            caller::machine_calls,
            form,
            json::{Reading, ValidJson, typed},
        },
        problem::{Code, document::Problem},
    },
    app::App,
    commands::organisation::service_clients::hashed,
    domain::{organisation::service_client::ServiceScope, values::id::Id},
    store::{
        StoreError,
        organisation::{
            logins,
            service_clients::{self, SignedIn},
        },
    },
};

const GRANT_TYPE: &str = "client_credentials";
const FIELDS: &[&str] = &["grant_type", "client_id", "client_secret", "scope"];

/// What a machine asks a token with. Name and secret may come by HTTP Basic instead.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"grant_type": "client_credentials", "client_id": "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e",
    "client_secret": "psc_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL", "scope": "policy_events"}))]
pub struct CreateAccessToken {
    /// `client_credentials`.
    #[validate(length(min = 1, max = 64))]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^client_credentials$",
        example = "client_credentials"
    )]
    pub grant_type: String,
    /// The client.
    #[serde(default)]
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "0198c5f2-7d3a-7c7e-9d5e-1f2a3b4c5d6e")]
    pub client_id: Option<String>,
    /// A secret of the client that counts.
    #[serde(default)]
    #[validate(length(min = 1, max = 128))]
    #[schema(
        min_length = 1,
        max_length = 128,
        format = "password",
        example = "psc_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"
    )]
    pub client_secret: Option<String>,
    /// What the token is to be for, with blanks between the scopes; all that the client may when absent.
    #[serde(default)]
    #[validate(length(max = 200))]
    #[schema(max_length = 200, example = "policy_events")]
    pub scope: Option<String>,
}

/// [`CreateAccessToken`] as a form or as JSON.
pub struct TokenRequest(CreateAccessToken);

impl FromRequest for TokenRequest {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !form::is_form(request.headers()) {
            let json = ValidJson::from_request(request, payload);
            return Box::pin(async move { json.await.map(|body| TokenRequest(body.0)) });
        }
        let fields = form::fields(request, payload, FIELDS);
        Box::pin(async move {
            let misfit = |problem: Problem| Problem::new(Code::InvalidTokenRequest).and(problem);
            typed(&fields.await?).map(TokenRequest).map_err(misfit)
        })
    }
}

/// A token for a machine.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiIifQ.c2lnbmF0dXJl", "token_type": "Bearer",
    "expires_in": 900, "scope": "policy_events products"}))]
pub struct IssuedAccessToken {
    /// Send it as `Authorization: Bearer …`.
    #[schema(
        max_length = 2048,
        format = "password",
        example = "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiIifQ.c2lnbmF0dXJl"
    )]
    pub access_token: String,
    /// `Bearer`.
    #[schema(max_length = 16, pattern = "^Bearer$", example = "Bearer")]
    pub token_type: String,
    /// Seconds until it expires.
    #[schema(minimum = 1, maximum = 3600, example = 900)]
    pub expires_in: i32,
    /// What it is for, with blanks between the scopes.
    #[schema(max_length = 200, example = "policy_events products")]
    pub scope: String,
}

/// Get a token for a machine
///
/// The client credentials grant of RFC 6749, as a form or as JSON; the client signs in with HTTP Basic or with `client_id`
/// and `client_secret` in the body. The token opens what its scopes say and nothing that is for people. It ends with its
/// time, with the client, and with the secret for which it was given. An unknown client, a wrong secret and a disabled
/// client are answered alike, and bounded like logins (429).
#[utoipa::path(tag = "auth", operation_id = "createAccessToken", security(()),
    request_body(content((CreateAccessToken = "application/json"), (CreateAccessToken = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "A token.", body = IssuedAccessToken)))]
#[post("/v1/auth/token")]
pub async fn create_access_token(
    app: web::Data<App>,
    request: HttpRequest,
    body: TokenRequest,
) -> Result<HttpResponse, Problem> {
    let CreateAccessToken { grant_type, client_id, client_secret, scope } = body.0;
    if grant_type != GRANT_TYPE {
        return Err(Problem::new(Code::UnsupportedGrantType));
    }
    let basic = form::basic(request.headers()).map_err(|_| invalid_client())?;
    let (client_id, secret) = match (basic, client_id, client_secret) {
        (Some((by_header, secret)), named, None) if named.as_ref().is_none_or(|name| *name == by_header) => {
            (by_header, secret)
        }
        (Some(_), ..) => return Err(Problem::new(Code::InvalidTokenRequest)),
        (None, Some(client_id), Some(secret)) => (client_id, secret),
        (None, ..) => return Err(invalid_client()),
    };
    let (client_id, signed_in) = sign_in(&app, &request, &client_id, &secret).await?;
    let wanted = ServiceScope::split(scope.as_deref().unwrap_or_default());
    let wanted = wanted.map_err(|_| Problem::new(Code::InvalidScope))?;
    let scopes = if wanted.is_empty() { signed_in.scopes.clone() } else { wanted };
    if !scopes.iter().all(|scope| signed_in.scopes.contains(scope)) {
        return Err(Problem::new(Code::InvalidScope));
    }
    let rests_on = (signed_in.secret_id, signed_in.epoch);
    let issued = app.tokens.issue_to_machine(client_id, rests_on, &scopes, app.clock.now());
    let token = IssuedAccessToken {
        access_token: issued.map_err(|_| Problem::new(Code::Internal))?,
        token_type: "Bearer".to_owned(),
        expires_in: i32::try_from(app.tokens.life().as_secs()).unwrap_or(900),
        scope: ServiceScope::joined(&scopes),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .json(token))
}

/// Whose name and secret they are. A wrong one is counted, by name and address as with people.
async fn sign_in(
    app: &App,
    request: &HttpRequest,
    name: &str,
    secret: &str,
) -> Result<(Id, SignedIn), Problem> {
    let address = peer(request, app.config.trusted_proxies);
    let attempt = app.passwords.attempt(name, address).map_err(not_checked)?;
    let (client_id, hash) = (name.parse::<Id>().ok(), hashed(secret));
    let (at, ids) = (app.clock.now(), app.ids);
    let looked = app.db.write(move |conn| {
        let Some(id) = client_id else {
            logins::count_refused_token(conn, None, (at, ids))?;
            return Ok((None, false));
        };
        let signed_in = service_clients::sign_in(conn, id, &hash, at)?;
        let is_known = signed_in.is_some() || service_clients::exists(conn, id)?;
        if signed_in.is_none() {
            logins::count_refused_token(conn, is_known.then_some(id), (at, ids))?;
        }
        Ok((signed_in, is_known))
    });
    let (signed_in, is_known) = looked.await.map_err(|error: StoreError| Problem::from(error))?;
    let (Some(signed_in), Some(client_id)) = (signed_in, client_id) else {
        // Never a name that is none of ours: it may be a secret in the wrong field.
        let named = client_id.filter(|_| is_known).map_or_else(|| "-".to_owned(), |id| id.to_string());
        let client = address.map_or_else(|| "-".to_owned(), |address| address.to_string());
        tracing::warn!(service_client_id = named, client, "token refused");
        return Err(invalid_client());
    };
    app.passwords.was_no_guess(&attempt);
    machine_calls(client_id);
    Ok((client_id, signed_in))
}

/// 401 `invalid_client`, which says how a client may sign in.
fn invalid_client() -> Problem {
    Problem::new(Code::InvalidCredentials).header(header::WWW_AUTHENTICATE, "Basic realm=\"prospector\"")
}
