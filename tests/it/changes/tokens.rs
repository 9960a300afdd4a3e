//! How long a token is good.

use std::time::Instant;

use chrono::Duration;
use diesel::prelude::*;
use prospector::{
    jobs,
    store::{StoreError, db::schema::outbox},
};
use serde_json::{Value, json};

use super::{Follower, PATIENCE, slowly};
use crate::harness::{Person, both, given::Prospect};

#[test]
fn a_token_is_its_callers_and_ends_with_the_reach_it_was_given_for() {
    both(|world| {
        let cast = world.cast();
        let token = |by: &Person| world.get("/v1/changes").by(by).status(200).string("next");
        let since = |token: &str| format!("/v1/changes?since={token}");
        let [agent, head, below] = [&cast.agent_a1, &cast.head_a, &cast.supervisor_a1].map(token);
        world.get(&since(&agent)).by(&cast.peer).problem(400, "invalid_cursor");
        world.get(&since("bm90IG91cnM")).by(&cast.peer).problem(400, "invalid_cursor");
        let peer = token(&cast.peer);
        // Within the head's reach, but out of that of whoever was above.
        let moved = world
            .post(&format!("/v1/agents/{}/memberships", cast.agent_a1.id), json!({"team_id": cast.north.id}));
        moved.by(&cast.head_a).status(201);
        world.get(&since(&agent)).by(&cast.agent_a1).problem(410, "resync_required");
        let begun = Instant::now();
        while world.get(&since(&below)).by(&cast.supervisor_a1).send().status != 410 {
            assert!(begun.elapsed() < PATIENCE, "who lost an agent goes on");
        }
        world.get(&since(&head)).by(&cast.head_a).status(200);
        world.get(&since(&peer)).by(&cast.peer).status(200);
    });
}

#[test]
fn a_token_ends_with_the_changes_behind_it_and_never_where_nothing_was_missed() {
    both(|world| {
        let cast = world.cast();
        let forget = || {
            let app = world.app.clone();
            actix_web::rt::System::new().block_on(async move { jobs::retention::run(&app).await });
        };
        let rows = || -> i64 {
            let read: Result<i64, StoreError> =
                world.app.db.read_blocking(|conn| Ok(outbox::table.count().get_result(conn)?));
            read.unwrap()
        };
        slowly(&world, &cast.agent_a, || ());
        let mut old = Follower::new(&world, &cast.agent_a);
        let before = old.token.clone();
        let last = slowly(&world, &cast.agent_a, || ());
        old.until("activities", &last, "upserted");
        world.clock.set(world.clock.now() + Duration::days(30));
        forget();
        assert_eq!(rows(), 2);
        world.clock.set(world.clock.now() + Duration::seconds(1));
        forget();
        // The last one stays: whoever stands there has missed nothing.
        assert_eq!(rows(), 1);
        old.read();
        world.get(&format!("/v1/changes?since={before}")).by(&cast.agent_a).problem(410, "resync_required");
    });
}

#[test]
fn a_write_that_fails_tells_nothing() {
    both(|world| {
        let cast = world.cast();
        let mut follower = Follower::new(&world, &cast.agent_a);
        let p = Prospect::named(&world, &cast.agent_a, "王芳");
        let body = json!({"to": "stage_25"});
        let refused: Value =
            world.post(&p.path("/transitions"), body).by(&cast.agent_a).if_match(1).status(422).json();
        assert_eq!(refused["code"], "transition_refused");
        // This one is refused when all of it has been written.
        let settings = format!("/v1/settings?agent_id={}", cast.agent_a.id);
        let crossed = json!({"cycle_min_days": 60, "cycle_max_days": 30});
        world.patch(&settings, crossed).by(&cast.head_a).if_match(1).problem(422, "validation_failed");
        let last = slowly(&world, &cast.agent_a, || ());
        follower.until("activities", &last, "upserted");
        assert_eq!(follower.told.len(), 3, "{:#?}", follower.told);
    });
}
