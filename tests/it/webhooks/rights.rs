//! A webhook carries what its maker may see at the moment of sending, ends with the account, and reaches nothing private.

use serde_json::{Value, json};

use super::{Receiver, deliveries, field, made, reaching_here, send, send_until, visit};
use crate::harness::{both, given::Prospect, on_each_engine};

#[test]
fn only_what_its_maker_may_see_at_that_moment_is_sent() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let receiver = Receiver::willing();
        let (path, _) = made(&world, &cast.agent_a, &receiver.url(), json!([]));
        let others = Receiver::willing();
        made(&world, &cast.supervisor_b, &others.url(), json!([]));
        world.patch(&path, json!({"status": "paused"})).by(&cast.agent_a).if_match(1).status(200);
        let p = Prospect::named(&world, &cast.agent_a, "王芳");
        let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
            "prospects": [{"prospect_id": p.id, "version": p.version}]});
        world.post("/v1/transfers", handed).by(&cast.head_a).status(201);
        let last = visit(&world, &cast.agent_a);
        world.patch(&path, json!({"status": "active"})).by(&cast.agent_a).if_match(2).status(200);
        send_until(&world, || receiver.taken().iter().any(|one| one.body()["data"]["id"] == last.as_str()));
        // That it went, and nothing else of it.
        let about = receiver.taken().into_iter().filter(|one| one.text.contains(&p.id));
        let about: Vec<String> = about.map(|one| one.kind()).collect();
        assert_eq!(about, ["prospect.out_of_reach"]);
        assert!(others.taken().is_empty());
    });
}

#[test]
fn what_waits_is_withheld_when_it_goes_out_of_reach_before_it_is_sent() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let dead = Receiver::new(|_| Some((500, String::new())));
        let (path, _) = made(&world, &cast.agent_a, &dead.url(), json!(["prospect.created"]));
        let p = Prospect::named(&world, &cast.agent_a, "王芳");
        send_until(&world, || dead.taken().len() == 1);
        let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
            "prospects": [{"prospect_id": p.id, "version": p.version}]});
        world.post("/v1/transfers", handed).by(&cast.head_a).status(201);
        world.clock.advance(chrono::Duration::minutes(1));
        let status = || deliveries(&world, &cast.agent_a, &path)[0]["status"].clone();
        send_until(&world, || status() == "withheld");
        assert_eq!(dead.taken().len(), 1);
    });
}

#[test]
fn a_webhook_ends_with_the_account_and_the_password() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let receiver = Receiver::willing();
        let (path, _) = made(&world, &cast.agent_a, &receiver.url(), json!([]));
        visit(&world, &cast.agent_a);
        let agent = format!("/v1/agents/{}", cast.agent_a.id);
        let disabled = json!({"status": "disabled"});
        let version = world.patch(&agent, disabled).by(&cast.head_a).if_match(1).status(200).version();
        for _ in 0..3 {
            assert_eq!(send(&world), 0);
        }
        assert!(receiver.taken().is_empty());
        world.patch(&agent, json!({"status": "active"})).by(&cast.head_a).if_match(version).status(200);
        let back = world.app.tokens.issue(cast.agent_a.id, cast.agent_a.role, 2, world.clock.now()).unwrap();
        let read = world.get(&path).token(&back).status(200).json();
        assert_eq!(
            (&read["status"], &read["disabled_because"]),
            (&json!("disabled"), &json!("account_ended"))
        );
        let again = world.patch(&path, json!({"status": "active"})).token(&back).if_match(2);
        assert_eq!(again.problem(409, "conflict").error_codes(), ["webhook_ended"]);
        let (path, _) = made(&world, &cast.peer, &receiver.url(), json!([]));
        let reset = json!({"password": "another password"});
        world
            .put(&format!("/v1/agents/{}/password", cast.peer.id), reset)
            .by(&cast.head_a)
            .if_match(1)
            .status(204);
        let back = world.app.tokens.issue(cast.peer.id, cast.peer.role, 2, world.clock.now()).unwrap();
        assert_eq!(world.get(&path).token(&back).status(200).json()["disabled_because"], "account_ended");
    });
}

#[test]
fn the_reach_of_now_counts_for_whoever_is_demoted() {
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let cast = world.cast();
        let receiver = Receiver::willing();
        made(&world, &cast.supervisor_a1, &receiver.url(), json!(["activity.recorded"]));
        let demoted = json!({"role": "agent"});
        let path = format!("/v1/agents/{}", cast.supervisor_a1.id);
        world.patch(&path, demoted).by(&cast.head_a).if_match(1).status(200);
        visit(&world, &cast.agent_a1);
        let own = visit(&world, &cast.supervisor_a1);
        send_until(&world, || !receiver.taken().is_empty());
        send(&world);
        let ids: Vec<Value> = receiver.taken().iter().map(|one| one.body()["data"]["id"].clone()).collect();
        assert_eq!(ids, [json!(own)]);
    });
}

#[test]
fn nothing_private_is_reached_by_an_address_a_name_or_a_redirect() {
    both(|world| {
        let by = &world.cast().agent_a;
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/",
        ] {
            let refused =
                world.post("/v1/webhooks", json!({"url": url})).by(by).problem(422, "validation_failed");
            assert_eq!(refused.error_codes(), ["address_not_allowed"], "{url}");
        }
        for url in ["http://example.com/", "https://a:b@example.com/", "nothing"] {
            let refused =
                world.post("/v1/webhooks", json!({"url": url})).by(by).problem(422, "validation_failed");
            assert_eq!(refused.error_codes(), ["invalid_url"], "{url}");
        }
        // A name is judged by what it says when something is sent.
        let private = Receiver::willing();
        let (path, _) = made(&world, by, &format!("https://localhost:{}/", private.port), json!([]));
        visit(&world, by);
        let failure = || deliveries(&world, by, &path).first().map(|one| one["last_failure"].clone());
        send_until(&world, || failure().is_some_and(|failure| !failure.is_null()));
        assert_eq!(failure(), Some(json!("address_not_allowed")));
        assert!(private.taken().is_empty());
    });
    on_each_engine(|engine| {
        let Some(world) = reaching_here(engine) else { return };
        let by = &world.cast().agent_a;
        let private = Receiver::willing();
        let to = format!("Location: {}\r\n", private.url());
        let sends_on = Receiver::new(move |_| Some((307, to.clone())));
        let (path, _) = made(&world, by, &sends_on.url(), json!([]));
        visit(&world, by);
        send_until(&world, || sends_on.taken().len() == 1);
        let answered = || deliveries(&world, by, &path)[0]["last_answer"].clone();
        send_until(&world, || answered() == 307);
        assert!(private.taken().is_empty());
        assert_eq!(field(&world, by, &path, "status"), "active");
    });
}
