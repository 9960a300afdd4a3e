//! Machines: their clients, and what they get tokens with.

use prospector::domain::organisation::service_client::ServiceScope;
use serde_json::{Value, json};

use super::{Access::*, Ask, Row, row};
use crate::harness::World;

/// A new client, as the answer tells it.
fn client(world: &World) -> Value {
    let body = json!({"name": "policy core", "scopes": ServiceScope::ALL.map(ServiceScope::code)});
    world.post("/v1/service-clients", body).by(&world.above().head).status(201).json()
}

fn path(client: &Value, rest: &str) -> String {
    format!("/v1/service-clients/{}{rest}", client["client_id"].as_str().unwrap())
}

pub fn rows() -> Vec<Row> {
    vec![
        row("createAccessToken", Public, |w, _| {
            let client = client(w);
            Ask::post(
                "/v1/auth/token",
                json!({"grant_type": "client_credentials", "client_id": client["client_id"],
                    "client_secret": client["client_secret"]}),
            )
        }),
        row("createServiceClient", Head, |_, _| {
            Ask::post("/v1/service-clients", json!({"name": "policy core", "scopes": ["policy_events"]}))
        }),
        row("listServiceClients", Head, |_, _| Ask::get("/v1/service-clients")),
        row("getServiceClient", Head, |w, _| Ask::get(path(&client(w), ""))),
        row("updateServiceClient", Head, |w, _| {
            Ask::patch(path(&client(w), ""), json!({"name": "the old policy core"})).seen(1)
        }),
        row("createServiceClientSecret", Head, |w, _| Ask {
            body: None,
            ..Ask::post(path(&client(w), "/secrets"), json!({}))
        }),
        row("deleteServiceClientSecret", Head, |w, _| {
            let client = client(w);
            let secret = format!("/secrets/{}", client["secret_id"].as_str().unwrap());
            Ask::delete(path(&client, &secret)).seen(1)
        }),
        row("keepRosterEntry", Machine(ServiceScope::Roster), |w, s| {
            let code = w.app.ids.id().to_string().replace('-', "");
            Ask::put(
                format!("/v1/roster/{code}"),
                json!({"display_name": "赵六", "team_id": s.team.id, "member_from": "2009-12-14"}),
            )
        }),
    ]
}
