//! Transfers: the supervisor takes a prospect of the agent's over.

use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, prospects::noted, row};
use crate::harness::World;

fn handed(world: &World, side: &Side) -> Value {
    let prospect = noted(world, side);
    json!({"to_agent_id": side.supervisor.id, "reason_text": "he moves away", "transferred_on": "2009-12-14",
        "prospects": [{"prospect_id": prospect.id, "version": prospect.version}]})
}

/// A transfer that was made.
fn made(world: &World, side: &Side) -> String {
    let body = handed(world, side);
    world.post("/v1/transfers", body).by(side.supervisor).status(201).string("transfer_id")
}

pub fn rows() -> Vec<Row> {
    vec![
        row("createTransfer", TeamSupervisors(422), |w, s| Ask::post("/v1/transfers", handed(w, s))),
        row("createTransfer", TeamSupervisors(422), |w, s| {
            Ask::post("/v1/transfers?dry_run=true", handed(w, s))
        }),
        row("listTransfers", Supervisors, |_, _| Ask::get("/v1/transfers")),
        row("listTransfers", Supervisors, |w, s| {
            let transfer = format!("/v1/transfers/{}", made(w, s));
            let view = w.get(&transfer).by(s.supervisor).status(200).json();
            let prospect = view["prospects"][0]["prospect_id"].as_str().unwrap();
            let (from, to) = (s.owner.id, s.supervisor.id);
            Ask::get(format!("/v1/transfers?prospect_id={prospect}&from_agent_id={from}&to_agent_id={to}"))
        }),
        row("getTransfer", TeamSupervisors(404), |w, s| Ask::get(format!("/v1/transfers/{}", made(w, s)))),
    ]
}
