//! Signing in and out, oneself, and the health of the service.

use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, row};
use crate::harness::{World, actors::PASSWORD};

fn credentials(side: &Side) -> Value {
    json!({"username": side.owner.username, "password": PASSWORD})
}

fn refresh_token(world: &World, side: &Side) -> Value {
    let tokens = world.post("/v1/auth/login", credentials(side)).status(200);
    json!({"refresh_token": tokens.string("refresh_token")})
}

pub fn rows() -> Vec<Row> {
    vec![
        row("getLiveness", Public, |_, _| Ask::get("/livez")),
        row("getReadiness", Public, |_, _| Ask::get("/readyz")),
        row("listSigningKeys", Public, |_, _| Ask::get("/.well-known/jwks.json")),
        row("createTokens", Public, |_, s| Ask::post("/v1/auth/login", credentials(s))),
        row("refreshTokens", Public, |w, s| Ask::post("/v1/auth/refresh", refresh_token(w, s))),
        row("revokeTokens", Public, |w, s| Ask::post("/v1/auth/logout", refresh_token(w, s))),
        row("getMe", SignedIn, |_, _| Ask::get("/v1/me")),
        row("updateMyPassword", SignedIn, |_, _| {
            let body = json!({"current_password": PASSWORD, "new_password": "another password"});
            Ask::put("/v1/me/password", body)
        }),
    ]
}
