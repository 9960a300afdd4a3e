//! Webhooks: what changed is sent, at least once and under one id, to whoever may see it, and nowhere else (C7, F6, A10).

mod receiver;
mod rights;
mod trouble;

use std::{
    thread,
    time::{Duration, Instant},
};

use prospector::{
    jobs::webhooks::{Sender, run},
    store::db::connection::Engine,
};
use serde_json::{Value, json};

use self::receiver::Receiver;
use crate::harness::{Person, World, given::Prospect, on_each_engine};

/// Other tests write in the same cluster and hold the feed up.
const PATIENCE: Duration = Duration::from_secs(60);

/// A world whose webhooks may reach this machine.
fn reaching_here(engine: Engine) -> Option<World> {
    World::with(engine, |config| config.webhook_networks = vec!["127.0.0.1".parse().unwrap()])
}

/// Sends what is due, once.
fn send(world: &World) -> usize {
    let app = world.app.clone();
    actix_web::rt::System::new().block_on(async move { run(&app, &Sender::new(&app)).await })
}

/// Sends until something is so.
#[track_caller]
fn send_until(world: &World, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "it never came");
        send(world);
        thread::sleep(Duration::from_millis(10));
    }
}

/// A webhook: its address in the API, and its secret.
#[track_caller]
fn made(world: &World, by: &Person, url: &str, types: Value) -> (String, String) {
    let made = world.post("/v1/webhooks", json!({"url": url, "types": types})).by(by).status(201).json();
    let id = made["webhook"]["id"].as_str().unwrap();
    (format!("/v1/webhooks/{id}"), made["secret"].as_str().unwrap().to_owned())
}

/// The deliveries of a webhook, the latest first.
fn deliveries(world: &World, by: &Person, path: &str) -> Vec<Value> {
    let page = world.get(&format!("{path}/deliveries?limit=100")).by(by).status(200).json();
    page["data"].as_array().unwrap().clone()
}

fn field(world: &World, by: &Person, path: &str, name: &str) -> Value {
    world.get(path).by(by).status(200).json()[name].clone()
}

/// Puts something into a journal: one message.
fn visit(world: &World, by: &Person) -> String {
    world.post("/v1/activities", json!({"kind": "visit"})).by(by).status(201).string("id")
}

#[test]
fn what_changes_is_sent_signed_once_and_without_a_name() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let receiver = Receiver::willing();
        let (path, secret) = made(&world, &cast.head_a, &receiver.url(), json!([]));
        let chosen = Receiver::willing();
        made(&world, &cast.head_a, &chosen.url(), json!(["transition.recorded"]));
        let mut p = Prospect::named(&world, &cast.agent_a, "王芳");
        p.fix_first(&world, &cast.agent_a, "2009-12-16");
        send_until(&world, || receiver.taken().iter().any(|one| one.kind() == "appointment.changed"));
        send_until(&world, || chosen.taken().len() == 2);
        let taken = receiver.taken();
        assert_eq!(receiver.ids().len(), taken.len(), "each comes once when nothing fails");
        for one in &taken {
            assert!(one.is_signed_with(&secret) && one.signatures.len() == 1, "{one:?}");
            assert!(!one.text.contains("王芳"));
            let body = one.body();
            assert_eq!(body["timestamp"], "2009-12-14T01:00:00.000000Z");
            assert!(one.id.starts_with("msg_") && body["data"]["id"].is_string());
        }
        let moved = chosen.taken().into_iter().map(|one| one.body()["data"].clone());
        let moved: Vec<Value> = moved.filter(|data| data["to"] == "first_appointment").collect();
        assert_eq!(moved.len(), 1);
        assert_eq!((&moved[0]["prospect_id"], &moved[0]["from"]), (&json!(p.id), &json!("opportunity")));
        let log = deliveries(&world, &cast.head_a, &path);
        assert_eq!(log.len(), taken.len());
        assert!(
            log.iter()
                .all(|one| one["status"] == "delivered" && one["attempts"] == 1 && one["last_answer"] == 204)
        );
        send(&world);
        assert_eq!(receiver.taken().len(), taken.len());
        assert!(world.figures().contains("webhook_deliveries_total{outcome=\"delivered\"}"));
    });
}

#[test]
fn a_secret_changes_with_a_day_of_both() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let receiver = Receiver::willing();
        let (path, old) = made(&world, by, &receiver.url(), json!(["activity.recorded"]));
        let key = world.app.ids.id().to_string();
        let rotated =
            || world.call("POST", &format!("{path}/secrets")).header("Idempotency-Key", &key).by(by);
        let new = rotated().status(201).string("secret");
        assert_eq!(rotated().status(201).json()["secret"], Value::Null, "it is shown once");
        assert_ne!(old, new);
        let latest = || receiver.taken().last().cloned().unwrap();
        visit(&world, by);
        send_until(&world, || receiver.taken().len() == 1);
        assert!(latest().is_signed_with(&old) && latest().is_signed_with(&new));
        assert_eq!(latest().signatures.len(), 2);
        world.clock.advance(chrono::Duration::hours(24));
        visit(&world, by);
        send_until(&world, || receiver.taken().len() == 2);
        assert!(!latest().is_signed_with(&old) && latest().is_signed_with(&new));
    });
}

#[test]
fn a_webhook_is_held_tried_resent_and_deleted() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let receiver = Receiver::willing();
        let (path, _) = made(&world, by, &receiver.url(), json!(["activity.recorded"]));
        world.patch(&path, json!({"status": "paused"})).by(by).if_match(1).status(200);
        visit(&world, by);
        for _ in 0..3 {
            assert_eq!(send(&world), 0);
        }
        world.patch(&path, json!({"status": "active"})).by(by).if_match(2).status(200);
        send_until(&world, || receiver.taken().len() == 1);
        let bare = |rest: &str| {
            let key = world.app.ids.id().to_string();
            world.call("POST", &format!("{path}{rest}")).header("Idempotency-Key", &key).by(by)
        };
        let tried = bare("/test-deliveries").status(201);
        assert_eq!(
            (tried.string("type"), tried.string("status")),
            ("webhook.test".to_owned(), "pending".to_owned())
        );
        send_until(&world, || receiver.taken().len() == 2);
        let sent = deliveries(&world, by, &path);
        let sent = sent.iter().find(|one| one["type"] == "activity.recorded").unwrap();
        let again =
            world.post(&format!("{path}/resends"), json!({"delivery_id": sent["id"]})).by(by).status(201);
        assert_eq!(again.string("message_id"), sent["message_id"].as_str().unwrap());
        send_until(&world, || receiver.taken().len() == 3);
        assert_eq!(receiver.taken()[2].id, sent["message_id"].as_str().unwrap());
        assert_eq!(receiver.ids().len(), 2);
        world.delete(&path).by(by).if_match(3).status(204);
        visit(&world, by);
        for _ in 0..3 {
            assert_eq!(send(&world), 0);
        }
        world.get(&path).by(by).problem(404, "not_found");
    });
}
