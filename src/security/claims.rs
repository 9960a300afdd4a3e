//! What access tokens say. Every claim is required, nothing else is accepted.

use serde::{Deserialize, Serialize};

use crate::domain::{organisation::actor::Role, values::id::Id};

/// What the token of somebody signed in says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// The user.
    pub sub: Id,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from.
    pub exp: i64,
    /// Id of the token.
    pub jti: Id,
    /// Role when issued; for clients to read. What counts is the stored role.
    pub role: Role,
    /// The user's epoch when issued; a token of an earlier epoch does not count.
    pub epoch: i32,
}

/// What the token of a machine says (RFC 9068).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MachineClaims {
    /// Issuer.
    pub iss: String,
    /// Audience, another than that of people's tokens.
    pub aud: String,
    /// The client.
    pub sub: Id,
    /// The client once more: nobody stands behind it.
    pub client_id: Id,
    /// Issued at, seconds since 1970.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from.
    pub exp: i64,
    /// Id of the token.
    pub jti: Id,
    /// Codes of what it is for, with blanks between them. What counts is what the client may do.
    pub scope: String,
    /// The secret on which it rests: once that is retired, the token does not count.
    pub secret_id: Id,
    /// The client's epoch when issued; a token of an earlier epoch does not count.
    pub epoch: i32,
}

/// What a sound token says.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Verified {
    /// Of somebody signed in.
    Person(Claims),
    /// Of a machine.
    Machine(MachineClaims),
}

impl Verified {
    /// Issued at, not valid before, not valid from.
    pub(super) fn times(&self) -> (i64, i64, i64) {
        match self {
            Verified::Person(claims) => (claims.iat, claims.nbf, claims.exp),
            Verified::Machine(claims) => (claims.iat, claims.nbf, claims.exp),
        }
    }
}
