//! Signing in and out; refresh tokens that are used twice (T2); what counts at once for live tokens (A8); guessing.

use std::thread;

use chrono::Duration;
use serde_json::json;

use prospector::{
    app::App,
    clock::Occasion,
    commands::organisation::{operator, users::Change},
    domain::organisation::user::Status,
    store::Conn,
};

use crate::harness::{Person, World, actors::PASSWORD, app::Answer, both, given::Prospect};

fn login(world: &World, person: &Person) -> Answer {
    let body = json!({"username": person.username, "password": PASSWORD});
    world.post("/v1/auth/login", body).status(200)
}

fn refresh(world: &World, token: &str) -> Answer {
    world.post("/v1/auth/refresh", json!({"refresh_token": token})).send()
}

#[test]
fn signing_in_gives_tokens_that_work_and_are_not_kept_by_caches() {
    both(|world| {
        let cast = world.cast();
        let tokens = login(&world, &cast.agent_a);
        assert_eq!(tokens.header("cache-control"), Some("no-store"));
        assert_eq!(tokens.json()["token_type"], "Bearer");
        assert_eq!(tokens.json()["expires_in"], 900);
        let me = world.get("/v1/me").token(&tokens.string("access_token")).status(200).json();
        assert_eq!(me["username"], "agent-a");
        assert_eq!(me["role"], "agent");
        assert_eq!(me["team_name"], "North");
        assert_eq!(me["today"], "2009-12-14");
        assert_eq!(me["cycle_days"], 28);
    });
}

#[test]
fn every_refused_login_reads_the_same() {
    both(|world| {
        let cast = world.cast();
        let head = &cast.head_a;
        let path = format!("/v1/agents/{}", cast.peer.id);
        world.patch(&path, json!({"status": "disabled"})).by(head).if_match(1).status(200);
        let attempts =
            [("agent-a", "wrong"), ("nobody", "wrong"), ("no such name!", "wrong"), ("peer", PASSWORD)];
        let mut bodies: Vec<_> = attempts
            .iter()
            .map(|(username, password)| {
                let body = json!({"username": username, "password": password});
                let mut body = world.post("/v1/auth/login", body).problem(401, "invalid_credentials").json();
                body.as_object_mut().unwrap().remove("request_id");
                body
            })
            .collect();
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
    });
}

#[test]
fn guessing_one_account_is_bounded_and_others_can_still_sign_in() {
    both(|world| {
        let cast = world.cast();
        let wrong = json!({"username": "agent-a", "password": "wrong"});
        let refused = (0..40).find_map(|_| {
            let answer = world.post("/v1/auth/login", wrong.clone()).send();
            (answer.status == 429).then_some(answer)
        });
        let refused = refused.expect("forty guesses were let through");
        assert!(refused.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
        assert_eq!(refused.json()["code"], "too_many_requests");
        login(&world, &cast.agent_b);
    });
}

#[test]
fn a_refresh_token_is_good_once_and_used_twice_it_ends_the_login() {
    both(|world| {
        let cast = world.cast();
        let first = login(&world, &cast.agent_a).string("refresh_token");
        let second = refresh(&world, &first);
        assert_eq!(second.status, 200);
        let second = second.string("refresh_token");
        assert_ne!(first, second);
        // Somebody kept a copy of the first.
        assert_eq!(refresh(&world, &first).status, 401);
        assert_eq!(refresh(&world, &second).status, 401, "the thief's or the owner's: nobody can tell");
        // Another login of the same person is another family.
        let other = login(&world, &cast.agent_a).string("refresh_token");
        assert_eq!(refresh(&world, &other).status, 200);
    });
}

#[test]
fn of_racing_uses_of_one_refresh_token_nothing_survives() {
    both(|world| {
        let cast = world.cast();
        for _ in 0..5 {
            let token = login(&world, &cast.agent_a).string("refresh_token");
            let answers: Vec<Answer> = thread::scope(|scope| {
                let racers: Vec<_> = (0..6).map(|_| scope.spawn(|| refresh(&world, &token))).collect();
                racers.into_iter().map(|racer| racer.join().unwrap()).collect()
            });
            let winners: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 200).collect();
            assert!(winners.len() <= 1, "{} of them were let through", winners.len());
            for winner in winners {
                assert_eq!(refresh(&world, &winner.string("refresh_token")).status, 401);
            }
        }
    });
}

#[test]
fn a_refresh_token_expires_and_signing_out_ends_it() {
    both(|world| {
        let cast = world.cast();
        let token = login(&world, &cast.agent_a).string("refresh_token");
        world.post("/v1/auth/logout", json!({"refresh_token": token})).status(204);
        world.post("/v1/auth/logout", json!({"refresh_token": "unknown"})).status(204);
        assert_eq!(refresh(&world, &token).status, 401);
        let token = login(&world, &cast.agent_a).string("refresh_token");
        world.clock.advance(Duration::days(30));
        assert_eq!(refresh(&world, &token).status, 401);
    });
}

#[test]
fn disabling_counts_at_once_for_live_tokens_and_for_refresh_tokens() {
    both(|world| {
        let cast = world.cast();
        let tokens = login(&world, &cast.agent_a);
        let path = format!("/v1/agents/{}", cast.agent_a.id);
        world.get("/v1/me").token(&tokens.string("access_token")).status(200);
        world.patch(&path, json!({"status": "disabled"})).by(&cast.head_a).if_match(1).status(200);
        world.get("/v1/me").token(&tokens.string("access_token")).problem(401, "unauthenticated");
        assert_eq!(refresh(&world, &tokens.string("refresh_token")).status, 401);
        // Enabled again, the old tokens stay dead.
        world.patch(&path, json!({"status": "active"})).by(&cast.head_a).if_match(2).status(200);
        world.get("/v1/me").token(&tokens.string("access_token")).problem(401, "unauthenticated");
        assert_eq!(refresh(&world, &tokens.string("refresh_token")).status, 401);
        let again = login(&world, &cast.agent_a);
        world.get("/v1/me").token(&again.string("access_token")).status(200);
    });
}

#[test]
fn what_another_instance_changed_counts_here_within_a_second() {
    both(|world| {
        let cast = world.cast();
        let other =
            App::on(world.app.db.target().clone(), world.app.config.clone(), world.clock.clone()).unwrap();
        let occasion = Occasion::of(&other.clock, other.ids);
        let token = login(&world, &cast.agent_a).string("access_token");
        world.get("/v1/me").token(&token).status(200);
        let name = cast.agent_a.username.parse().unwrap();
        let disabled = Change { status: Some(Status::Disabled), ..Change::default() };
        let disable = move |conn: &mut Conn| operator::change(conn, &occasion, &name, disabled);
        other.db.write_blocking(disable).unwrap();
        world.clock.advance(chrono::Duration::seconds(1));
        world.get("/v1/me").token(&token).problem(401, "unauthenticated");
    });
}

#[test]
fn a_demoted_supervisor_sees_and_does_at_once_what_an_agent_does() {
    both(|world| {
        let cast = world.cast();
        let token = login(&world, &cast.supervisor_a1).string("access_token");
        let below = format!("/v1/agents/{}", cast.agent_a1.id);
        world.get(&below).token(&token).status(200);
        let own = format!("/v1/agents/{}", cast.supervisor_a1.id);
        world.patch(&own, json!({"role": "agent"})).by(&cast.head_a).if_match(1).status(200);
        assert_eq!(world.get("/v1/me").token(&token).status(200).json()["role"], "agent");
        world.get(&below).token(&token).problem(404, "not_found");
        let one = world.get("/v1/agents").token(&token).status(200).json();
        assert_eq!(one["data"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn moving_to_another_team_counts_at_once() {
    both(|world| {
        let cast = world.cast();
        let token = login(&world, &cast.supervisor_a1).string("access_token");
        let agent = format!("/v1/agents/{}", cast.agent_a1.id);
        let prospect = Prospect::named(&world, &cast.agent_a1, "吴").path("");
        let cycle = format!("{agent}/cycle");
        for path in [&agent, &prospect, &cycle] {
            world.get(path).token(&token).status(200);
        }
        let move_to = json!({"team_id": cast.north.id.to_string()});
        world.post(&format!("{agent}/memberships"), move_to).by(&cast.head_a).status(201);
        for path in [&agent, &prospect, &cycle] {
            world.get(path).token(&token).problem(404, "not_found");
            world.get(path).by(&cast.head_a).status(200);
        }
    });
}

#[test]
fn a_supervisor_of_another_team_sees_that_one_at_once_and_no_longer_the_old() {
    both(|world| {
        let cast = world.cast();
        let beside = json!({"name": "Beside", "parent_id": cast.north.id});
        let beside = world.post("/v1/teams", beside).by(&cast.head_a).status(201).string("id");
        let token = login(&world, &cast.supervisor_a1).string("access_token");
        let old = [
            format!("/v1/agents/{}", cast.agent_a1.id),
            format!("/v1/teams/{}", cast.branch.id),
            Prospect::named(&world, &cast.agent_a1, "吴").path(""),
        ];
        let new = format!("/v1/teams/{beside}");
        for path in &old {
            world.get(path).token(&token).status(200);
        }
        world.get(&new).token(&token).problem(404, "not_found");
        let moves = format!("/v1/agents/{}/memberships", cast.supervisor_a1.id);
        world.post(&moves, json!({"team_id": beside})).by(&cast.head_a).status(201);
        for path in &old {
            world.get(path).token(&token).problem(404, "not_found");
        }
        world.get(&new).token(&token).status(200);
    });
}

#[test]
fn a_new_password_ends_every_login() {
    both(|world| {
        let cast = world.cast();
        let tokens = login(&world, &cast.agent_a);
        let access = tokens.string("access_token");
        let change = |current: &str, new: &str| {
            world
                .put("/v1/me/password", json!({"current_password": current, "new_password": new}))
                .token(&access)
        };
        let wrong = change("not this one", "another password").problem(422, "validation_failed");
        assert_eq!(wrong.error_codes(), ["wrong_password"]);
        change(PASSWORD, "short").status(422);
        change(PASSWORD, "another password").status(204);
        world.get("/v1/me").token(&access).problem(401, "unauthenticated");
        assert_eq!(refresh(&world, &tokens.string("refresh_token")).status, 401);
        let body = json!({"username": "agent-a", "password": "another password"});
        world.post("/v1/auth/login", body).status(200);

        let reset = format!("/v1/agents/{}/password", cast.agent_a.id);
        world.put(&reset, json!({"password": "a third password"})).by(&cast.head_a).status(428);
        world.put(&reset, json!({"password": "a third password"})).by(&cast.head_a).if_match(1).status(412);
        world.put(&reset, json!({"password": "a third password"})).by(&cast.head_a).if_match(2).status(204);
        let body = json!({"username": "agent-a", "password": "a third password"});
        world.post("/v1/auth/login", body).status(200);
    });
}
