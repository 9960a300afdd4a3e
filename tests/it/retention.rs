//! What is kept no longer than the settings say.

use chrono::Duration;
use diesel::prelude::*;
use prospector::{
    jobs,
    store::{
        StoreError,
        db::{
            connection::{Engine, Purpose},
            schema::{audit, refresh_families, refresh_tokens},
        },
        ledger::replay,
    },
};
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::PASSWORD, both, given::Prospect, on_each_engine};

fn forget(world: &World) {
    let app = world.app.clone();
    actix_web::rt::System::new().block_on(async move {
        jobs::housekeeping::run(&app).await;
        jobs::retention::run(&app).await;
    });
}

fn later(world: &World, by: Duration) {
    world.clock.set(world.clock.now() + by);
}

#[test]
fn the_audit_is_kept_as_long_as_the_setting_says_and_tells_what_was_taken() {
    both(|world| {
        let cast = world.cast();
        Prospect::named(&world, &cast.agent_a, "王芳");
        let actions = || -> Vec<String> {
            let read: Result<Vec<String>, StoreError> = world.app.db.read_blocking(|conn| {
                Ok(audit::table.order((audit::at, audit::id)).select(audit::action).load(conn)?)
            });
            read.unwrap()
        };
        later(&world, Duration::days(1095));
        forget(&world);
        assert_eq!(actions(), ["prospect_created"]);
        later(&world, Duration::seconds(1));
        forget(&world);
        forget(&world);
        assert_eq!(actions(), ["audit_purged"]);
    });
}

#[test]
fn a_stored_answer_counts_as_long_as_the_setting_says() {
    on_each_engine(|engine| {
        let hours = |config: &mut prospector::config::Config| config.retention.answers = Duration::hours(2);
        let Some(world) = World::with(engine, hours) else { return };
        let cast = world.cast();
        let again = || {
            let visit = json!({"kind": "visit"});
            let call = world.post("/v1/activities", visit).by(&cast.agent_a);
            let answer = call.header("Idempotency-Key", "one").status(201);
            (answer.string("id"), answer.header("idempotency-replayed").is_some())
        };
        let (first, _) = again();
        later(&world, Duration::minutes(119));
        assert_eq!(again(), (first.clone(), true));
        later(&world, Duration::minutes(1));
        forget(&world);
        let (other, replayed) = again();
        assert!(other != first && !replayed);
    });
}

#[test]
fn a_login_that_was_ended_is_remembered_as_long_as_the_setting_says() {
    both(|world| {
        let cast = world.cast();
        let login = |by: &Person| {
            let body = json!({"username": by.username, "password": PASSWORD});
            world.post("/v1/auth/login", body).status(200).string("refresh_token")
        };
        let (ended, kept) = (login(&cast.agent_a), login(&cast.agent_b));
        world.post("/v1/auth/logout", json!({"refresh_token": ended})).status(204);
        let remembered = || -> (i64, i64) {
            let read: Result<_, StoreError> = world.app.db.read_blocking(|conn| {
                let families = refresh_families::table.count().get_result(conn)?;
                Ok((families, refresh_tokens::table.count().get_result(conn)?))
            });
            read.unwrap()
        };
        later(&world, Duration::days(7));
        forget(&world);
        assert_eq!(remembered(), (2, 2));
        later(&world, Duration::seconds(1));
        forget(&world);
        forget(&world);
        assert_eq!(remembered(), (1, 1));
        world.post("/v1/auth/refresh", json!({"refresh_token": kept})).status(200);
        world.post("/v1/auth/refresh", json!({"refresh_token": ended})).problem(401, "invalid_credentials");
    });
}

/// Somebody whose appointment of the sample's Tuesday lapsed; the pursuit has ended when all this is over.
fn lapsed(world: &World, by: &Person, name: &str) -> Prospect {
    let mut p = Prospect::named(world, by, name);
    p.fix_first(world, by, "2009-12-15");
    p
}

fn unconsented_days(days: i64) -> impl FnOnce(&mut prospector::config::Config) {
    move |config| config.retention.unconsented = Some(Duration::days(days)).filter(|d| !d.is_zero())
}

#[test]
fn people_without_consent_are_erased_when_their_last_pursuit_ended_long_ago() {
    on_each_engine(|engine| {
        let Some(world) = World::with(engine, unconsented_days(180)) else { return };
        let cast = world.cast();
        let agent = &cast.agent_a;
        let gone = lapsed(&world, agent, "王芳");
        let mut consented = lapsed(&world, agent, "刘洋");
        let consent = json!({"consent_given_on": "2009-12-14", "consent_channel": "phone"});
        let patched = world.patch(&consented.path(""), consent).by(agent).if_match(consented.version);
        consented.version = patched.status(200).version();
        let never_begun = Prospect::named(&world, agent, "陈静");
        let touched = lapsed(&world, agent, "赵敏");
        world.on("2009-12-20");
        world.post("/v1/cycles/sweep", Value::Null).by(&cast.head_a).status(201);
        let mut open = Prospect::named(&world, agent, "孙丽");
        open.fix_first(&world, agent, "2009-12-21");
        world.on("2010-03-01");
        let version = world.get(&touched.path("")).by(agent).status(200).version();
        world
            .patch(&touched.path(""), json!({"occupation": "nurse"}))
            .by(agent)
            .if_match(version)
            .status(200);
        let there = |p: &Prospect| world.get(&p.path("")).by(agent).send().status == 200;

        world.on("2010-06-10");
        forget(&world);
        assert!(there(&gone), "not before its time");
        world.on("2010-06-20");
        forget(&world);
        assert!(!there(&gone));
        for kept in [&consented, &never_begun, &touched] {
            assert!(there(kept), "{}", kept.id);
        }
        let path = format!("/v1/audit?action=prospect_erased&subject_id={}", gone.id);
        let rows = world.get(&path).by(&cast.head_a).status(200).json();
        assert_eq!(rows["data"][0]["actor_kind"], "system");
        assert_eq!(rows["data"].as_array().unwrap().len(), 1);
        let mut conn = world.database.target.connect(Purpose::Write).unwrap();
        assert_eq!(replay::replay(&mut conn).unwrap().prospects, 5);
    });
}

#[test]
fn nobody_is_erased_unless_the_operator_chose_so() {
    let world = World::new(Engine::Sqlite).unwrap();
    let cast = world.cast();
    let p = lapsed(&world, &cast.agent_a, "王芳");
    world.on("2009-12-20");
    world.post("/v1/cycles/sweep", Value::Null).by(&cast.head_a).status(201);
    world.on("2019-12-20");
    forget(&world);
    world.get(&p.path("")).by(&cast.agent_a).status(200);
}
