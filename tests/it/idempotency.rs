//! One write under one key has one effect (C5), on both databases.

use std::thread;

use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::Duration;
use diesel::prelude::*;
use prospector::{
    api::{
        extract::{Caller, ValidJson},
        middleware::idempotency::{self, Answer},
        problem::{Code, document::Problem},
    },
    app::App,
    store::{
        StoreError,
        db::{
            codec::stored_instant,
            idempotency::purge,
            schema::{audit, idempotent_answers},
        },
    },
};
use serde::Deserialize;
use serde_json::json;
use validator::Validate;

use crate::harness::{World, both, people};

#[derive(Deserialize, Validate)]
#[serde(deny_unknown_fields)]
struct Effect {
    #[validate(length(max = 20))]
    word: String,
}

/// Leaves one audit row per effect.
#[post("/test/effects/{effect_id}")]
async fn effect(
    app: web::Data<App>,
    caller: Caller,
    request: HttpRequest,
    body: ValidJson<Effect>,
) -> Result<HttpResponse, Problem> {
    let (id, now, word) = (app.ids.id(), stored_instant(app.clock.now()), body.0.word);
    idempotency::run(&app, &caller, &request, move |conn, _| {
        let row = (
            audit::id.eq(id),
            audit::at.eq(now),
            audit::actor_kind.eq("system"),
            audit::action.eq(&word),
            audit::subject_kind.eq("test"),
            audit::subject_id.eq("test"),
            audit::details.eq("{}"),
            audit::matter_kind.eq("organisation"),
        );
        diesel::insert_into(audit::table).values(row).execute(conn).map_err(StoreError::from)?;
        if word == "fail" {
            return Err(Problem::new(Code::Conflict));
        }
        Ok(Answer::new(201, &json!({"id": id})).header("Location", format!("/test/effects/{id}")))
    })
    .await
}

fn effects(world: &World) -> i64 {
    let counted: Result<i64, StoreError> = world.app.db.read_blocking(|conn| {
        Ok(audit::table.filter(audit::subject_kind.eq("test")).count().get_result(conn)?)
    });
    counted.unwrap()
}

fn serving(world: World) -> World {
    world.also_serving(|cfg| {
        cfg.service(effect);
    })
}

#[test]
fn the_same_key_and_body_have_one_effect_and_one_answer() {
    both(|world| {
        let world = serving(world);
        let [one, other] = people::two_agents(&world);
        let send = |who: &str, key: &str, path: &str, word: &str| {
            world.post(path, json!({"word": word})).token(who).header("Idempotency-Key", key)
        };
        let first = send(&one, "k", "/test/effects/1", "a").status(201);
        let again = send(&one, "k", "/test/effects/1", "a").status(201);
        assert_eq!(first.body, again.body);
        assert_eq!(first.header("location"), again.header("location"));
        assert_eq!(
            (first.header("idempotency-replayed"), again.header("idempotency-replayed")),
            (None, Some("true"))
        );
        assert_eq!(effects(&world), 1);
        send(&one, "k", "/test/effects/1", "b").problem(422, "idempotency_key_reused");
        send(&one, "k", "/test/effects/2", "a").problem(422, "idempotency_key_reused");
        send(&other, "k", "/test/effects/1", "b").status(201);
        assert_eq!(effects(&world), 2);
        world
            .post("/test/effects/1", json!({"word": "a"}))
            .header("Idempotency-Key", "k")
            .problem(401, "unauthenticated");
    });
}

#[test]
fn one_request_in_another_order_of_its_members_is_the_same_request() {
    both(|world| {
        let cast = world.cast();
        let send = |body: &str, key: &str| {
            let call =
                world.post("/v1/prospects", json!({})).by(&cast.agent_a).header("Idempotency-Key", key);
            call.bytes(body.as_bytes().to_vec())
        };
        let first = send(r#"{"name":"A","source":"x","tags":["a","b"]}"#, "k").status(201);
        for (same, key) in [
            (r#"{"tags":["a","b"],"source":"x","name":"A"}"#, "k"),
            (r#" { "source": "\u0078", "name": "A", "tags": [ "a" , "b" ] } "#, "k"),
            (r#"{"name":"A","source":"x","tags":["a","b"]}"#, "\"k\""),
        ] {
            let again = send(same, key).status(201);
            assert_eq!(
                (&again.body, again.header("idempotency-replayed")),
                (&first.body, Some("true")),
                "{same}"
            );
        }
        send(r#"{"name":"A","source":"x","tags":["b","a"]}"#, "k").problem(422, "idempotency_key_reused");
        send(r#"{"name":"A","source":"x"}"#, "\"k").problem(400, "invalid_header");
        let cycles = |days: &str| {
            let call =
                world.post("/v1/extensions", json!({})).by(&cast.agent_a).header("Idempotency-Key", "n");
            let id = first.string("id");
            let body = format!(r#"{{"prospect_id":"{id}","days":{days},"reason_text":"x"}}"#);
            call.bytes(body.into_bytes()).send()
        };
        assert_eq!(cycles("7").status, cycles("7.0").status, "7 and 7.0 are one number");
    });
}

#[test]
fn a_repeated_answer_says_the_language_of_its_words() {
    both(|world| {
        let cast = world.cast();
        let send = |name: &str, key: &str, language: &str| {
            let body = json!({"name": name, "phones": ["13800001234"]});
            let call = world.post("/v1/prospects", body).by(&cast.agent_a).header("Idempotency-Key", key);
            call.header("Accept-Language", language).status(201)
        };
        send("A", "k", "en");
        let first = send("B", "l", "en");
        assert_eq!(first.json()["warnings"][0]["code"], "possible_duplicate");
        assert_eq!(first.header("content-language"), Some("en"));
        let again = send("B", "l", "zh-CN");
        assert_eq!((&again.body, again.header("content-language")), (&first.body, Some("en")));
        assert_eq!(send("C", "m", "zh-CN").header("content-language"), Some("zh-CN"));
    });
}

#[test]
fn a_refused_write_leaves_neither_an_effect_nor_an_answer() {
    both(|world| {
        let world = serving(world);
        let [one, _] = people::two_agents(&world);
        let send = || {
            world.post("/test/effects/1", json!({"word": "fail"})).token(&one).header("Idempotency-Key", "k")
        };
        send().problem(409, "conflict");
        send().problem(409, "conflict");
        assert_eq!(effects(&world), 0);
    });
}

#[test]
fn a_key_counts_for_a_day() {
    both(|world| {
        let world = serving(world);
        let cast = world.cast();
        let send = || {
            world
                .post("/test/effects/1", json!({"word": "a"}))
                .by(&cast.agent_a)
                .header("Idempotency-Key", "k")
                .status(201)
        };
        send();
        world.clock.advance(Duration::hours(24) - Duration::seconds(1));
        assert_eq!(send().header("idempotency-replayed"), Some("true"));
        world.clock.advance(Duration::seconds(1));
        assert_eq!(send().header("idempotency-replayed"), None);
        assert_eq!(effects(&world), 2);
        world.clock.advance(Duration::hours(25));
        let now = world.clock.now();
        let purged: Result<usize, StoreError> = world.app.db.write_blocking(move |conn| purge(conn, now));
        assert_eq!(purged.unwrap(), 1);
        let left: Result<i64, StoreError> =
            world.app.db.read_blocking(|conn| Ok(idempotent_answers::table.count().get_result(conn)?));
        assert_eq!(left.unwrap(), 0);
    });
}

#[test]
fn twins_in_flight_have_one_effect_between_them() {
    both(|world| {
        let world = serving(world);
        let [one, _] = people::two_agents(&world);
        for round in 0..20 {
            let key = format!("k{round}");
            let ids: Vec<String> = thread::scope(|scope| {
                let twins: Vec<_> = (0..4)
                    .map(|_| {
                        scope.spawn(|| {
                            world
                                .post("/test/effects/1", json!({"word": "a"}))
                                .token(&one)
                                .header("Idempotency-Key", &key)
                                .status(201)
                                .string("id")
                        })
                    })
                    .collect();
                twins.into_iter().map(|twin| twin.join().unwrap()).collect()
            });
            assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        }
        assert_eq!(effects(&world), 20);
    });
}
