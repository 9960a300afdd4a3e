//! What the insurer's policy system tells, and what supervisors decide about it.

use prospector::domain::organisation::service_client::ServiceScope;
use serde_json::{Value, json};

use super::{Access::*, Ask, Row, Side, row};
use crate::{
    harness::{World, given::Prospect},
    policy_events::coded,
};

/// Somebody with whom something was begun, and an event that names the owner, each with numbers of its own.
fn told(world: &World, side: &Side) -> (Prospect, Value) {
    coded(world, side.owner, &side.owner.id.to_string());
    let mut prospect = Prospect::named(world, side.owner, "王芳");
    prospect.fix_first(world, side.owner, "2009-12-15");
    let number = world.app.ids.id().to_string();
    let body = json!({"id": number, "type": "application_submitted", "occurred_at": "2009-12-14T09:00:00+08:00",
        "application_number": format!("A-{number}"), "policy_number": format!("P-{number}"), "prospect_id": null,
        "agent_code": side.owner.id, "client_phone": "13911221000", "product_code": null, "channel": "agency",
        "payment_term_years": 20, "amount": {"amount": "3000.00", "currency": "CNY"},
        "standard_premium": {"amount": "6000.00", "currency": "CNY"}, "signed_on": "2009-12-14", "reason": "online"});
    (prospect, body)
}

/// An event that waits, in the owner's name.
fn waiting(world: &World, side: &Side) -> (Prospect, String) {
    let (prospect, body) = told(world, side);
    let machine = &world.above().machine;
    let id = world.call("POST", "/v1/policy-events").json(body).by(machine).status(201).string("id");
    (prospect, format!("/v1/policy-events/{id}"))
}

/// The same, matched by the supervisor.
fn matched(world: &World, side: &Side) -> (Prospect, String) {
    let (prospect, path) = waiting(world, side);
    let body = json!({"prospect_id": prospect.id});
    world.post(&format!("{path}/matches"), body).by(side.supervisor).status(201);
    (prospect, path)
}

fn naming(world: &World, side: &Side) -> Value {
    let (prospect, mut body) = told(world, side);
    body["prospect_id"] = json!(prospect.id);
    body
}

pub fn rows() -> Vec<Row> {
    let machines = Machine(ServiceScope::PolicyEvents);
    vec![
        row("createPolicyEvent", machines, |w, s| Ask::post("/v1/policy-events", naming(w, s))),
        row("createPolicyEventBatch", machines, |w, s| {
            Ask::post("/v1/policy-events/batch", json!({"events": [naming(w, s)]}))
        }),
        row("listPolicyEvents", Supervisors, |w, s| {
            waiting(w, s);
            Ask::get("/v1/policy-events")
        }),
        row("getPolicyEvent", TeamSupervisors(404), |w, s| Ask::get(waiting(w, s).1)),
        row("getPolicyEvent", TeamSupervisors(404), |w, s| Ask::get(matched(w, s).1)),
        row("createPolicyEventMatch", TeamSupervisors(404), |w, s| {
            let (prospect, path) = waiting(w, s);
            Ask::post(format!("{path}/matches"), json!({"prospect_id": prospect.id}))
        }),
        row("createPolicyEventDismissal", TeamSupervisors(404), |w, s| {
            Ask::post(format!("{}/dismissals", waiting(w, s).1), json!({"reason": "of another company"}))
        }),
        row("createPolicyEventRevocation", TeamSupervisors(404), |w, s| {
            Ask::post(format!("{}/revocations", matched(w, s).1), json!({"reason": "another Wang"}))
        }),
        row("listApplications", OwnerAndAbove, |w, s| {
            let (prospect, _) = matched(w, s);
            let page = w.get(&prospect.path("/pursuits")).by(s.owner).status(200).json();
            Ask::get(
                prospect.path(&format!("/pursuits/{}/applications", page["data"][0]["id"].as_str().unwrap())),
            )
        }),
    ]
}
