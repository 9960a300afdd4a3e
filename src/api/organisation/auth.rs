//! `/v1/auth/*`: signing in and out. Every refusal reads the same, whatever was wrong.

use std::net::IpAddr;

use actix_web::{HttpRequest, HttpResponse, get, http::header, post, web};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use validator::Validate;

use crate::{
    api::{
        extract::{ValidJson, caller::calls, client_address},
        problem::{Code, document::Problem},
    },
    app::App,
    domain::{
        organisation::{
            actor::Role,
            user::{Status, Username},
        },
        values::id::Id,
    },
    security::{guesses::network, passwords::NotChecked, tokens::PublicKey},
    store::{
        StoreError,
        organisation::{
            logins::{self, Knock, rest_of_the_hour},
            sessions::{self, NewToken, Refreshed},
            users::{self, Account},
        },
    },
};

/// Who signs in.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"username": "agent-a", "password": "prospector-demo"}))]
pub struct CreateTokens {
    /// The name to sign in with; capital letters count as small ones.
    #[validate(length(min = 1, max = 64))]
    #[schema(min_length = 1, max_length = 64, example = "agent-a")]
    pub username: String,
    /// The password.
    #[validate(length(min = 1, max = 128))]
    #[schema(min_length = 1, max_length = 128, format = "password", example = "prospector-demo")]
    pub password: String,
}

/// A refresh token as it was given out.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"}))]
pub struct RefreshTokens {
    /// The refresh token.
    #[validate(length(min = 1, max = 128))]
    #[schema(
        min_length = 1,
        max_length = 128,
        format = "password",
        example = "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"
    )]
    pub refresh_token: String,
}

/// A refresh token of the login to end.
#[derive(Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"refresh_token": "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"}))]
pub struct RevokeTokens {
    /// The refresh token.
    #[validate(length(min = 1, max = 128))]
    #[schema(
        min_length = 1,
        max_length = 128,
        format = "password",
        example = "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"
    )]
    pub refresh_token: String,
}

/// A pair of tokens.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"access_token": "eyJ0eXAiOiJhdCtqd3QifQ.eyJzdWIiOiIifQ.c2lnbmF0dXJl", "token_type": "Bearer", "expires_in": 900, "refresh_token": "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"}))]
pub struct Tokens {
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
    /// Seconds until the access token expires.
    #[schema(minimum = 1, maximum = 3600, example = 900)]
    pub expires_in: i32,
    /// Use it once at `/v1/auth/refresh`; each use gives a new one.
    #[schema(
        max_length = 128,
        format = "password",
        example = "prt_pZ8Yx0c1Jq2fV3mW4nE5rT6yU7iO8pA9sD0fG1hJ2kL"
    )]
    pub refresh_token: String,
}

/// Sign in
///
/// Gives an access token for `Authorization: Bearer …` and a refresh token. A wrong name, a wrong password and a
/// disabled account are answered alike. Wrong ones are bounded per name and address, and per address (429); after a hundred
/// with one name within an hour only addresses from which it has signed in within 30 days are let try.
#[utoipa::path(tag = "auth", operation_id = "createTokens", security(()), request_body = CreateTokens,
    responses((status = 200, description = "Signed in.", body = Tokens)))]
#[post("/v1/auth/login")]
pub async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    body: ValidJson<CreateTokens>,
) -> Result<HttpResponse, Problem> {
    let CreateTokens { username, password } = body.0;
    let client = peer(&request, app.config.trusted_proxies);
    let attempt = app.passwords.attempt(&username, client).map_err(not_checked)?;
    let knock = knock(&app, &username, client);
    let (account, is_kept_out) = look(&app, username.parse().ok(), knock.clone()).await?;
    let user_id = account.as_ref().map(|account| account.id);
    if is_kept_out {
        tell(user_id, client, "too many failures of this name");
        let wait = rest_of_the_hour(app.clock.now()).to_std().unwrap_or_default();
        return Err(not_checked(NotChecked::TooMany(wait)));
    }
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let matches = app.passwords.verify(password, hash).await.map_err(|why| {
        app.passwords.was_no_guess(&attempt);
        not_checked(why)
    })?;
    let Some(account) = account.filter(|account| matches && account.status == Status::Active) else {
        tell(user_id, client, "wrong name or password");
        let at = (app.clock.now(), app.ids);
        let counted = app.db.write(move |conn| logins::count_refused(conn, &knock, user_id, at)).await;
        counted.map_err(|error: StoreError| Problem::from(error))?;
        return Err(Problem::new(Code::InvalidCredentials));
    };
    app.passwords.was_no_guess(&attempt);
    let (token, new) = new_refresh_token(&app);
    let family_id = app.ids.id();
    let user = (account.id, account.epoch);
    calls(account.id);
    let begun = app.db.write(move |conn| {
        sessions::begin(conn, family_id, user, &new)?;
        logins::remember(conn, &knock, user.0, new.at)
    });
    let begun = begun.await;
    begun.map_err(|error| match error {
        StoreError::LoginEnded => Problem::new(Code::InvalidCredentials),
        other => Problem::from(other),
    })?;
    give(&app, account.id, account.role, account.epoch, token)
}

/// Whose name it is, and whether so many logins with it were refused that this address is not let try. A name that nobody has
/// is asked about like any other.
async fn look(app: &App, name: Option<Username>, knock: Knock) -> Result<(Option<Account>, bool), Problem> {
    let now = app.clock.now();
    let looked = app.db.read(move |conn| {
        let account = match &name {
            Some(name) => users::account(conn, name)?,
            None => None,
        };
        let user_id = account.as_ref().map(|account| account.id);
        let is_kept_out = logins::is_kept_out(conn, &knock, user_id, now)?;
        Ok((account, is_kept_out))
    });
    looked.await.map_err(|error: StoreError| Problem::from(error))
}

/// Name and address as the store keeps them.
fn knock(app: &App, username: &str, client: Option<IpAddr>) -> Knock {
    let key = app.keys.derive("logins");
    let hashed = |text: &str| {
        Hmac::<Sha256>::new_from_slice(&key).map(|mac| mac.chain_update(text).finalize().into_bytes())
    };
    let name = hashed(&username.to_ascii_lowercase())
        .map_or(0, |hash| hash.iter().take(8).fold(0, |number: u64, byte| (number << 8) | u64::from(*byte)));
    let address = client.map_or_else(String::new, |client| network(client).to_string());
    let address = hashed(&address).map_or_else(|_| String::new(), |hash| URL_SAFE_NO_PAD.encode(hash));
    Knock { name, address }
}

/// A refused login in the log: never the name, which may be a password typed into the wrong field.
fn tell(user_id: Option<Id>, client: Option<IpAddr>, why: &'static str) {
    let user_id = user_id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    let client = client.map_or_else(|| "-".to_owned(), |client| client.to_string());
    tracing::warn!(user_id, client, why, "login refused");
}

/// Get new tokens
///
/// Replaces a refresh token, which counts once. A token that comes a second time has been copied: every token of that
/// login is revoked.
#[utoipa::path(tag = "auth", operation_id = "refreshTokens", security(()), request_body = RefreshTokens,
    responses((status = 200, description = "New tokens.", body = Tokens)))]
#[post("/v1/auth/refresh")]
pub async fn refresh(app: web::Data<App>, body: ValidJson<RefreshTokens>) -> Result<HttpResponse, Problem> {
    let hash = hashed(&body.0.refresh_token);
    let (token, new) = new_refresh_token(&app);
    let refreshed = app.db.write(move |conn| sessions::refresh(conn, &hash, &new)).await;
    match refreshed.map_err(|error: StoreError| Problem::from(error))? {
        Refreshed::Replaced(holder) => {
            calls(holder.user_id);
            give(&app, holder.user_id, holder.role, holder.epoch, token)
        }
        Refreshed::Refused => Err(Problem::new(Code::InvalidCredentials)),
        Refreshed::Reused { user_id } => {
            calls(user_id);
            tracing::warn!("a refresh token was used twice; its login was revoked");
            Err(Problem::new(Code::InvalidCredentials))
        }
    }
}

/// Sign out
///
/// Revokes the login a refresh token belongs to. An unknown token is answered alike.
#[utoipa::path(tag = "auth", operation_id = "revokeTokens", security(()), request_body = RevokeTokens,
    responses((status = 204, description = "Signed out.")))]
#[post("/v1/auth/logout")]
pub async fn logout(app: web::Data<App>, body: ValidJson<RevokeTokens>) -> Result<HttpResponse, Problem> {
    let (hash, now) = (hashed(&body.0.refresh_token), app.clock.now());
    app.db
        .write(move |conn| sessions::end(conn, &hash, now))
        .await
        .map_err(|error: StoreError| Problem::from(error))?;
    Ok(HttpResponse::NoContent().finish())
}

/// A public key (RFC 7517, RFC 8037).
#[derive(Serialize, ToSchema)]
pub struct SigningKey {
    /// Kind of key.
    #[schema(max_length = 16, pattern = "^OKP$", example = "OKP")]
    pub kty: String,
    /// Curve.
    #[schema(max_length = 16, pattern = "^Ed25519$", example = "Ed25519")]
    pub crv: String,
    /// What it is for.
    #[schema(max_length = 16, pattern = "^sig$", example = "sig")]
    pub r#use: String,
    /// Algorithm of the signatures.
    #[schema(max_length = 16, pattern = "^EdDSA$", example = "EdDSA")]
    pub alg: String,
    /// Its id, as in the header of a token.
    #[schema(max_length = 64, example = "2N6kYpQmZxA1b2C3")]
    pub kid: String,
    /// The key itself, base64url.
    #[schema(max_length = 64, example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    pub x: String,
}

impl From<PublicKey> for SigningKey {
    fn from(key: PublicKey) -> Self {
        SigningKey {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            r#use: "sig".to_owned(),
            alg: "EdDSA".to_owned(),
            kid: key.id,
            x: key.x,
        }
    }
}

/// The public keys of our access tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = KeySet, example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": "2N6kYpQmZxA1b2C3", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}))]
pub struct KeySet {
    /// The keys (RFC 7517).
    #[schema(max_items = 20)]
    pub keys: Vec<SigningKey>,
}

/// Public keys of access tokens
///
/// For other services that check our tokens themselves. Several keys are listed around a rotation.
#[utoipa::path(tag = "auth", operation_id = "listSigningKeys", security(()),
    responses((status = 200, description = "The keys.", body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub async fn jwks(app: web::Data<App>) -> HttpResponse {
    let keys = app.tokens.public_keys().into_iter().map(SigningKey::from).collect();
    HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")).json(KeySet { keys })
}

fn give(
    app: &App,
    user_id: Id,
    role: Role,
    epoch: i32,
    refresh_token: String,
) -> Result<HttpResponse, Problem> {
    let access_token =
        app.tokens.issue(user_id, role, epoch, app.clock.now()).map_err(|_| Problem::new(Code::Internal))?;
    let tokens = Tokens {
        access_token,
        token_type: "Bearer".to_owned(),
        expires_in: i32::try_from(app.tokens.life().as_secs()).unwrap_or(900),
        refresh_token,
    };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(tokens))
}

/// A refresh token for the client and its hash for the store. It has 256 random bits, so a plain hash is enough.
fn new_refresh_token(app: &App) -> (String, NewToken) {
    let token = format!("prt_{}", URL_SAFE_NO_PAD.encode(app.ids.secret(32)));
    let at = app.clock.now();
    let life = Duration::from_std(app.config.refresh_token_life).unwrap_or(Duration::zero());
    let new = NewToken { hash: hashed(&token), at, expires_at: at + life };
    (token, new)
}

fn hashed(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

/// A password that was not looked at, as an answer.
pub fn not_checked(reason: NotChecked) -> Problem {
    match reason {
        NotChecked::TooMany(wait) => {
            let seconds = wait.as_secs() + 1;
            Problem::new(Code::TooManyRequests).header(header::RETRY_AFTER, &seconds.to_string())
        }
        NotChecked::Busy => Problem::new(Code::Overloaded),
        NotChecked::Failed => Problem::new(Code::Internal),
    }
}

/// From where a request comes.
pub(super) fn peer(request: &HttpRequest, proxies: usize) -> Option<IpAddr> {
    client_address::of(request.peer_addr().map(|address| address.ip()), request.headers(), proxies)
}
