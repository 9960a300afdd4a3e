//! Receivers that fail, are slow or gone, and services that die.

use std::{
    thread,
    time::{Duration, Instant},
};

use chrono::Duration as Span;
use diesel::prelude::*;
use prospector::{
    clock::Occasion,
    commands::exchange::deliveries::{self as sending, Attempt, Batch},
    domain::values::id::Id,
    jobs::webhooks::Sender,
    store::{StoreError, db::schema::webhooks},
};
use serde_json::json;

use super::{PATIENCE, Receiver, deliveries, field, made, reaching_here, send, send_until, visit};
use crate::harness::{World, on_each_engine};

#[test]
fn what_fails_is_sent_again_under_the_same_id_and_as_late_as_the_receiver_asks() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let busy = Receiver::new(|_| Some((503, "Retry-After: 600\r\n".to_owned())));
        let (path, _) = made(&world, by, &busy.url(), json!([]));
        visit(&world, by);
        send_until(&world, || busy.taken().len() == 1);
        let waits = || deliveries(&world, by, &path)[0].clone();
        send_until(&world, || waits()["last_answer"] == 503);
        assert_eq!(waits()["next_attempt_at"], "2009-12-14T01:10:00Z");
        world.clock.advance(Span::seconds(599));
        send(&world);
        assert_eq!(busy.taken().len(), 1);
        for attempts in 2..=10 {
            world.clock.advance(Span::hours(25));
            send_until(&world, || waits()["attempts"] == attempts);
            if field(&world, by, &path, "status") == "disabled" {
                break;
            }
        }
        assert_eq!(busy.ids().len(), 1, "one id in all attempts");
        assert_eq!(field(&world, by, &path, "disabled_because"), "failing");
        assert!(busy.taken().len() >= 5);
    });
}

#[test]
fn a_delivery_is_given_up_after_its_attempts_and_the_webhook_goes_on() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let picky = Receiver::new(|one| {
            Some((if one.kind() == "activity.recorded" { 400 } else { 204 }, String::new()))
        });
        let (path, _) = made(&world, by, &picky.url(), json!([]));
        visit(&world, by);
        let of = |kind: &str| deliveries(&world, by, &path).into_iter().find(|one| one["type"] == kind);
        for attempts in 1..=10 {
            send_until(&world, || of("activity.recorded").is_some_and(|one| one["attempts"] == attempts));
            world.clock.advance(Span::hours(25));
            // What it takes in between keeps it from being disabled.
            let tries = format!("{path}/test-deliveries");
            let key = world.app.ids.id().to_string();
            world.call("POST", &tries).header("Idempotency-Key", &key).by(by).status(201);
            let waiting = || {
                deliveries(&world, by, &path)
                    .iter()
                    .any(|one| one["type"] == "webhook.test" && one["status"] == "pending")
            };
            if attempts < 10 {
                continue;
            }
            send_until(&world, || !waiting());
        }
        assert_eq!(of("activity.recorded").unwrap()["status"], "failed");
        assert_eq!(field(&world, by, &path, "status"), "active");
    });
}

#[test]
fn an_answer_of_410_disables_the_webhook_at_once_and_its_maker_is_told() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let gone = Receiver::new(|_| Some((410, String::new())));
        let (path, _) = made(&world, by, &gone.url(), json!([]));
        let token = world.get("/v1/changes").by(by).status(200).string("next");
        visit(&world, by);
        send_until(&world, || field(&world, by, &path, "disabled_because") == "gone");
        let begun = Instant::now();
        let told = || {
            let page = world.get(&format!("/v1/changes?since={token}")).by(by).status(200).json();
            page["data"].as_array().unwrap().iter().any(|row| row["kind"] == "webhooks")
        };
        while !told() {
            assert!(begun.elapsed() < PATIENCE);
        }
        visit(&world, by);
        for _ in 0..3 {
            assert_eq!(send(&world), 0);
        }
        assert_eq!(gone.taken().len(), 1);
        let version = field(&world, by, &path, "version").as_i64().unwrap();
        world.patch(&path, json!({"status": "active"})).by(by).if_match(version).status(200);
        send_until(&world, || gone.taken().len() == 2);
    });
}

#[test]
fn a_receiver_that_says_nothing_delays_nobody_else() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let silent = Receiver::new(|_| None);
        made(&world, &cast.agent_a, &silent.url(), json!(["activity.recorded"]));
        let others: Vec<Receiver> = (0..8).map(|_| Receiver::willing()).collect();
        for other in &others {
            made(&world, &cast.agent_a, &other.url(), json!(["activity.recorded"]));
        }
        for _ in 0..6 {
            visit(&world, &cast.agent_a);
        }
        let begun = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| send_until(&world, || others.iter().all(|other| other.taken().len() == 6)));
            while others.iter().any(|other| other.taken().len() < 6) {
                assert!(begun.elapsed() < Duration::from_secs(8), "they wait for the silent one");
                thread::sleep(Duration::from_millis(10));
            }
        });
        assert!(silent.taken().len() <= 4, "no more than may be under way to one");
    });
}

fn claim(world: &World, id: Id) -> Option<Batch> {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let claimed: Result<_, StoreError> =
        world.app.db.write_blocking(move |conn| sending::claim(conn, &occasion, id));
    claimed.unwrap()
}

fn attempt(world: &World, batch: &Batch) -> Vec<Attempt> {
    let app = world.app.clone();
    actix_web::rt::System::new().block_on(async move {
        let sender = Sender::new(&app);
        let mut all = Vec::new();
        for row in &batch.due {
            all.push(sender.attempt(&app, batch, row).await);
        }
        all
    })
}

fn settle(world: &World, batch: &Batch, attempts: Vec<Attempt>) -> usize {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let (webhook, rows) = (batch.webhook.clone(), batch.due.clone());
    let settled: Result<_, StoreError> = world.app.db.write_blocking(move |conn| {
        sending::settle(conn, &occasion, &webhook, rows.into_iter().zip(attempts).collect())
    });
    settled.unwrap().delivered
}

/// Whoever held it is dead for long enough.
fn lease_ends(world: &World) {
    let ended: Result<usize, StoreError> = world.app.db.write_blocking(|conn| {
        let long_ago = chrono::NaiveDateTime::default();
        Ok(diesel::update(webhooks::table).set(webhooks::leased_until.eq(Some(long_ago))).execute(conn)?)
    });
    ended.unwrap();
}

#[test]
fn whoever_dies_between_the_commit_and_the_answer_loses_nothing_and_sends_under_one_id() {
    #[allow(clippy::disallowed_methods)] // how often to die, not how the service runs
    let deaths: usize = std::env::var("WEBHOOK_DEATHS").map_or(6, |text| text.parse().unwrap());
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let receiver = Receiver::willing();
        let (path, _) = made(&world, by, &receiver.url(), json!(["activity.recorded"]));
        let id: Id = path.rsplit('/').next().unwrap().parse().unwrap();
        let mut visits = Vec::new();
        for death in 0..deaths {
            visits.push(visit(&world, by));
            if death % 3 > 0 {
                // It dies after the claim, or when the receiver has taken it and nobody has noted that.
                let Some(batch) = claim(&world, id) else { continue };
                if death % 3 == 2 {
                    attempt(&world, &batch);
                }
                lease_ends(&world);
            }
        }
        let named = || {
            let mut named: Vec<String> = receiver
                .taken()
                .iter()
                .map(|one| one.body()["data"]["id"].as_str().unwrap().to_owned())
                .collect();
            named.sort();
            named.dedup();
            named
        };
        visits.sort();
        send_until(&world, || named() == visits);
        assert_eq!(receiver.ids().len(), deaths, "one id for each");
        let log = deliveries(&world, by, &path);
        send_until(&world, || deliveries(&world, by, &path).iter().all(|one| one["status"] == "delivered"));
        assert!(log.len() <= 100);
    });
}

#[test]
fn whoever_held_a_webhook_and_wakes_up_late_writes_nothing() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let receiver = Receiver::willing();
        let (path, _) = made(&world, by, &receiver.url(), json!(["activity.recorded"]));
        let id: Id = path.rsplit('/').next().unwrap().parse().unwrap();
        visit(&world, by);
        let begun = Instant::now();
        let frozen = loop {
            match claim(&world, id) {
                Some(batch) if !batch.due.is_empty() => break batch,
                _ => lease_ends(&world),
            }
            assert!(begun.elapsed() < PATIENCE);
        };
        assert!(claim(&world, id).is_none(), "it is held");
        lease_ends(&world);
        let awake = claim(&world, id).unwrap();
        assert_eq!(awake.due.len(), 1);
        let attempts = attempt(&world, &awake);
        assert_eq!(settle(&world, &awake, attempts), 1);
        assert_eq!(settle(&world, &frozen, vec![Attempt::Failed("timeout")]), 0);
        let log = deliveries(&world, by, &path);
        assert_eq!((&log[0]["status"], &log[0]["attempts"]), (&json!("delivered"), &json!(1)));
        assert_eq!(field(&world, by, &path, "failing_since"), json!(null));
    });
}
