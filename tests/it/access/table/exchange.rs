//! What other systems are told.

use serde_json::json;

use super::{Access::*, Ask, Row, Side, row};
use crate::harness::World;

/// A webhook of the owner's.
fn webhook(world: &World, side: &Side) -> String {
    let body = json!({"url": "https://example.com/hooks"});
    let made = world.post("/v1/webhooks", body).by(side.owner).status(201).json();
    format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap())
}

pub fn rows() -> Vec<Row> {
    vec![
        row("listChanges", SignedIn, |_, _| Ask::get("/v1/changes")),
        row("createWebhook", SignedIn, |w, _| {
            let id = w.app.ids.id();
            Ask::post(
                "/v1/webhooks",
                json!({"id": id, "url": "https://example.com/hooks", "types": ["team.created"]}),
            )
        }),
        row("listWebhooks", SignedIn, |_, _| Ask::get("/v1/webhooks")),
        row("getWebhook", OnlyOwner, |w, s| Ask::get(webhook(w, s))),
        row("updateWebhook", OnlyOwner, |w, s| {
            let change = json!({"url": "https://example.com/more", "types": [], "status": "paused"});
            Ask::patch(webhook(w, s), change).seen(1)
        }),
        row("deleteWebhook", OnlyOwner, |w, s| Ask::delete(webhook(w, s)).seen(1)),
        row("rotateWebhookSecret", OnlyOwner, |w, s| Ask {
            body: None,
            ..Ask::post(webhook(w, s) + "/secrets", json!({}))
        }),
        row("listWebhookDeliveries", OnlyOwner, |w, s| Ask::get(webhook(w, s) + "/deliveries")),
        row("createTestDelivery", OnlyOwner, |w, s| Ask {
            body: None,
            ..Ask::post(webhook(w, s) + "/test-deliveries", json!({}))
        }),
        row("createResend", OnlyOwner, |w, s| {
            let path = webhook(w, s);
            let sent = w.call("POST", &format!("{path}/test-deliveries"));
            let sent = sent.header("Idempotency-Key", &w.app.ids.id().to_string()).by(s.owner).status(201);
            Ask::post(path + "/resends", json!({"delivery_id": sent.string("id")}))
        }),
    ]
}
