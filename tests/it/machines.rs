//! Machines as callers: their clients and secrets, the tokens they get, and what those open.

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::Duration;
use prospector::{
    api::{
        extract::{AnyCaller, MachineCaller},
        middleware::idempotency::{self, Answer},
        problem::document::Problem,
    },
    app::App,
    domain::organisation::service_client::ServiceScope,
};
use serde_json::{Value, json};

use crate::harness::{
    Person, World,
    app::{Answer as Answered, Call},
    both,
};

/// What a machine with the scope `roster` may do.
#[get("/test/machine")]
async fn machine_only(app: web::Data<App>, caller: MachineCaller) -> Result<HttpResponse, Problem> {
    let machine = caller.within(ServiceScope::Roster).read(&app, |_, who| Ok(who.client_id)).await?;
    Ok(HttpResponse::Ok().json(json!({"client_id": machine})))
}

/// The same under a key.
#[post("/test/machine")]
async fn machine_writes(
    app: web::Data<App>,
    caller: MachineCaller,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let at = app.ids.id();
    idempotency::run_as(&app, &caller.within(ServiceScope::Roster), &request, move |_, who| {
        Ok(Answer::new(201, &json!({"client_id": who.client_id, "at": at})))
    })
    .await
}

/// What keepers of the tables may do.
#[get("/test/keeper")]
async fn keepers(app: web::Data<App>, caller: AnyCaller) -> Result<HttpResponse, Problem> {
    let kind = caller.keeper(ServiceScope::Products).read(&app, |_, who| Ok(who.acts_as().kind()));
    Ok(HttpResponse::Ok().json(json!({"kind": kind.await?})))
}

/// What everybody may read, machines with a scope for it.
#[get("/test/reader")]
async fn readers(app: web::Data<App>, caller: AnyCaller) -> Result<HttpResponse, Problem> {
    let kind = caller.reader(ServiceScope::Products).read(&app, |_, who| Ok(who.acts_as().kind()));
    Ok(HttpResponse::Ok().json(json!({"kind": kind.await?})))
}

fn test_routes(routes: &mut web::ServiceConfig) {
    routes.service(machine_only).service(machine_writes).service(keepers).service(readers);
}

/// A client made over the API by who heads the whole organisation.
fn made(world: &World, scopes: &[&str]) -> Value {
    let body = json!({"name": "policy core", "scopes": scopes});
    world.post("/v1/service-clients", body).by(&world.above().head).status(201).json()
}

fn path(client: &Value, rest: &str) -> String {
    format!("/v1/service-clients/{}{rest}", client["client_id"].as_str().unwrap())
}

fn asks<'w>(world: &'w World, client: &Value, secret: &str) -> Call<'w> {
    let body = json!({"grant_type": "client_credentials", "client_id": client["client_id"],
        "client_secret": secret});
    world.call("POST", "/v1/auth/token").json(body)
}

fn token(world: &World, client: &Value) -> String {
    asks(world, client, client["client_secret"].as_str().unwrap()).status(200).string("access_token")
}

fn form<'w>(world: &'w World, text: &str) -> Call<'w> {
    let call = world.call("POST", "/v1/auth/token").bytes(text);
    call.header("Content-Type", "application/x-www-form-urlencoded")
}

fn basic(call: Call<'_>, name: &str, secret: &str) -> Answered {
    call.header("Authorization", &format!("Basic {}", STANDARD.encode(format!("{name}:{secret}")))).send()
}

#[test]
fn a_client_gets_a_token_in_every_way_that_the_standard_has() {
    both(|world| {
        let client = made(&world, &["roster", "policy_events", "roster"]);
        assert_eq!(client["id"], client["client_id"]);
        assert_eq!(client["scopes"], json!(["policy_events", "roster"]));
        let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
        let grant = "grant_type=client_credentials";
        let in_body = format!("{grant}&client_id={id}&client_secret={secret}&audience=unknown&scope=");
        for answer in [
            asks(&world, &client, secret).send(),
            form(&world, &in_body).send(),
            basic(form(&world, grant), id, secret),
            basic(form(&world, &format!("{grant}&client_id={id}")), id, secret),
            basic(
                world.call("POST", "/v1/auth/token").json(json!({"grant_type": "client_credentials"})),
                id,
                secret,
            ),
        ] {
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            let told = answer.json();
            assert_eq!(
                (&told["token_type"], &told["expires_in"], &told["scope"]),
                (&json!("Bearer"), &json!(900), &json!("policy_events roster"))
            );
            assert!(told["access_token"].as_str().unwrap().len() > 100);
        }
        let narrower = basic(form(&world, &format!("{grant}&scope=roster")), id, secret);
        assert_eq!(narrower.json()["scope"], "roster");
    });
}

#[test]
fn a_refusal_is_a_problem_with_the_name_that_the_standard_gives_it() {
    both(|world| {
        let client = made(&world, &["roster"]);
        let (id, secret) = (client["client_id"].as_str().unwrap(), client["client_secret"].as_str().unwrap());
        let grant = "grant_type=client_credentials";
        let nobody = world.app.ids.id().to_string();
        let json = |body: Value| world.call("POST", "/v1/auth/token").json(body).send();
        let refused = [
            (basic(form(&world, grant), id, "wrong"), 401, "invalid_client"),
            (basic(form(&world, grant), &nobody, secret), 401, "invalid_client"),
            (basic(form(&world, grant), "somebody", secret), 401, "invalid_client"),
            (form(&world, grant).send(), 401, "invalid_client"),
            (form(&world, &format!("{grant}&client_id={id}")).send(), 401, "invalid_client"),
            (form(&world, grant).header("Authorization", "Basic ???").send(), 401, "invalid_client"),
            (
                form(&world, &format!("{grant}&client_id={id}&client_secret=wrong")).send(),
                401,
                "invalid_client",
            ),
            (basic(form(&world, "grant_type=password"), id, secret), 400, "unsupported_grant_type"),
            (basic(form(&world, &format!("{grant}&scope=products")), id, secret), 400, "invalid_scope"),
            (basic(form(&world, &format!("{grant}&scope=roster+admin")), id, secret), 400, "invalid_scope"),
            (basic(form(&world, "scope=roster"), id, secret), 400, "invalid_request"),
            (basic(form(&world, &format!("{grant}&{grant}")), id, secret), 400, "invalid_request"),
            (
                basic(form(&world, &format!("{grant}&client_secret={secret}")), id, secret),
                400,
                "invalid_request",
            ),
            (basic(form(&world, &format!("{grant}&client_id={nobody}")), id, secret), 400, "invalid_request"),
            (basic(form(&world, "grant_type=%zz"), id, secret), 400, "invalid_request"),
            (json(json!({"grant_type": "password"})), 400, "unsupported_grant_type"),
            (json(json!({})), 422, "invalid_request"),
        ];
        for (answer, status, error) in refused {
            let told = answer.json();
            assert_eq!((answer.status, &told["error"]), (status, &json!(error)), "{told}");
            assert_eq!(answer.header("content-type"), Some("application/problem+json"));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(
                answer.header("www-authenticate"),
                (status == 401).then_some("Basic realm=\"prospector\""),
                "{told}"
            );
        }
        // Elsewhere problems are as they were.
        assert!(world.get("/v1/me").status(401).json().get("error").is_none());
    });
}

#[test]
fn a_machine_reaches_what_its_scope_says_and_nothing_that_is_for_people() {
    both(|world| {
        let world = world.also_serving(test_routes);
        let (head, cast) = (&world.above().head, world.cast_below(""));
        let machine = |scopes: &[&str]| token(&world, &made(&world, scopes));
        let (roster, tables, events) =
            (machine(&["roster"]), machine(&["products"]), machine(&["policy_events"]));
        let of = |path: &str, token: &str| world.get(path).token(token).send();
        assert_eq!(of("/test/machine", &roster).status, 200);
        for other in [&tables, &events] {
            world.get("/test/machine").token(other).problem(403, "insufficient_scope");
        }
        assert_eq!(of("/test/keeper", &tables).json()["kind"], "integration");
        assert_eq!(of("/test/reader", &tables).json()["kind"], "integration");
        for path in ["/test/keeper", "/test/reader"] {
            for other in [&roster, &events] {
                world.get(path).token(other).problem(403, "insufficient_scope");
            }
        }
        assert_eq!(world.get("/test/keeper").by(head).status(200).json()["kind"], "supervisor");
        for somebody in [&cast.head_a, &cast.agent_a] {
            world.get("/test/keeper").by(somebody).problem(403, "forbidden");
            world.get("/test/reader").by(somebody).status(200);
            world.get("/test/machine").by(somebody).problem(401, "unauthenticated");
        }
        world.get("/test/machine").by(head).problem(401, "unauthenticated");
        for path in ["/v1/me", "/v1/prospects", "/v1/agents", "/v1/service-clients", "/v1/settings"] {
            for machine in [&roster, &tables, &events] {
                world.get(path).token(machine).problem(401, "unauthenticated");
            }
        }
        assert!(world.get("/test/reader").status(401).header("www-authenticate").is_some());
    });
}

#[test]
fn a_machines_key_is_its_own_and_one_write_has_one_effect() {
    both(|world| {
        let world = world.also_serving(test_routes);
        let [one, other] = [0, 1].map(|_| token(&world, &made(&world, &["roster"])));
        let write = |token: &str, body: Value| {
            let call = world.call("POST", "/test/machine").header("Idempotency-Key", "k").json(body);
            call.token(token).status(201)
        };
        let first = write(&one, json!({}));
        let again = write(&one, json!({}));
        assert_eq!(first.json(), again.json());
        assert_eq!(again.header("idempotency-replayed"), Some("true"));
        assert_ne!(first.json(), write(&other, json!({})).json());
    });
}

#[test]
fn a_disabled_client_gets_no_token_and_those_it_had_never_count_again() {
    both(|world| {
        let world = world.also_serving(test_routes);
        let head = &world.above().head;
        let client = made(&world, &["roster"]);
        let (before, secret) = (token(&world, &client), client["client_secret"].as_str().unwrap());
        world.get("/test/machine").token(&before).status(200);
        let set = |status: &str, seen: i64| {
            world.patch(&path(&client, ""), json!({"status": status})).by(head).if_match(seen).status(200)
        };
        assert_eq!(set("disabled", 1).json()["status"], "disabled");
        world.get("/test/machine").token(&before).problem(401, "unauthenticated");
        asks(&world, &client, secret).problem(401, "invalid_credentials");
        set("active", 2);
        world.get("/test/machine").token(&before).problem(401, "unauthenticated");
        let after = token(&world, &client);
        world.get("/test/machine").token(&after).status(200);
        world.clock.advance(Duration::seconds(900));
        world.get("/test/machine").token(&after).problem(401, "unauthenticated");
    });
}

#[test]
fn two_secrets_count_side_by_side_and_a_retired_one_takes_its_tokens_along() {
    both(|world| {
        let world = world.also_serving(test_routes);
        let head = &world.above().head;
        let client = made(&world, &["roster"]);
        let of_first = token(&world, &client);
        let more = |key: &str| {
            let call = world.call("POST", &path(&client, "/secrets")).header("Idempotency-Key", key).by(head);
            call.send()
        };
        let second = more("a").json();
        assert_eq!(more("a").json()["client_secret"], Value::Null, "told once");
        assert_eq!(more("b").error_codes(), ["too_many_secrets"]);
        let (first_id, second_id) = (&client["secret_id"], &second["secret_id"]);
        let of_second = token(&world, &second);
        let secrets = world.get(&path(&client, "")).by(head).status(200).json()["secrets"].clone();
        let ids: Vec<&Value> = secrets.as_array().unwrap().iter().map(|secret| &secret["id"]).collect();
        assert_eq!(ids, [first_id, second_id]);
        assert!(secrets[1]["last_used_at"].is_string());

        let retire = |id: &Value| {
            let path = path(&client, &format!("/secrets/{}", id.as_str().unwrap()));
            world.delete(&path).by(head).header("If-Match", "*").send()
        };
        assert_eq!(retire(first_id).status, 204);
        assert_eq!(retire(first_id).status, 404);
        world.get("/test/machine").token(&of_first).problem(401, "unauthenticated");
        asks(&world, &client, client["client_secret"].as_str().unwrap()).problem(401, "invalid_credentials");
        world.get("/test/machine").token(&of_second).status(200);
        // The place is free again.
        assert_eq!(more("c").status, 201);
        assert_eq!(retire(second_id).status, 204);
        world.get("/test/machine").token(&of_second).problem(401, "unauthenticated");
    });
}

#[test]
fn only_who_heads_the_whole_organisation_manages_clients() {
    both(|world| {
        let body = || json!({"name": "policy core", "scopes": ["roster"]});
        let cast = world.cast();
        // Two teams without one above them: nobody does.
        world.post("/v1/service-clients", body()).by(&cast.head_a).problem(403, "forbidden");
    });
    both(|world| {
        let client = made(&world, &["roster"]);
        let cast = world.cast_below("");
        let nothing = format!("/v1/service-clients/{}", world.app.ids.id());
        for by in [&cast.head_a, &cast.agent_a] {
            world.get("/v1/service-clients").by(by).problem(403, "forbidden");
            for path in [path(&client, ""), nothing.clone()] {
                world.get(&path).by(by).problem(403, "forbidden");
            }
        }
        world.get(&nothing).by(&world.above().head).problem(404, "not_found");
        let page = |query: &str| {
            let path = format!("/v1/service-clients?{query}");
            world.get(&path).by(&world.above().head).status(200).json()
        };
        let all = page("");
        assert_eq!(all["data"].as_array().unwrap().len(), 3);
        assert!(!all.to_string().contains(client["client_secret"].as_str().unwrap()));
        // Page by page, whatever secrets each of them has.
        let more = path(&all["data"][0], "/secrets");
        world.call("POST", &more).by(&world.above().head).status(201);
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let one = page(&format!("limit=1{next}"));
            assert_eq!(one["data"].as_array().unwrap().len(), 1);
            seen.push(one["data"][0]["id"].clone());
            let Some(cursor) = one["next_cursor"].as_str() else { break };
            next = format!("&cursor={cursor}");
        }
        let ids: Vec<Value> = all["data"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect();
        assert_eq!(seen, ids);
    });
}

/// What the audit tells of a client, the latest first.
fn told(world: &World, head: &Person, client: &Value) -> Vec<String> {
    let path = format!("/v1/audit?subject_id={}", client["client_id"].as_str().unwrap());
    let rows = world.get(&path).by(head).status(200).json();
    let action = |row: &Value| format!("{} by {}", row["action"], row["actor_kind"]).replace('"', "");
    rows["data"].as_array().unwrap().iter().map(action).collect()
}

#[test]
fn everything_about_a_client_stands_in_the_audit_and_refused_tokens_by_the_hour() {
    both(|world| {
        let head = &world.above().head;
        let client = made(&world, &["roster"]);
        let second = world.call("POST", &path(&client, "/secrets")).by(head).status(201).json();
        let retired = path(&client, &format!("/secrets/{}", client["secret_id"].as_str().unwrap()));
        world.delete(&retired).by(head).header("If-Match", "*").status(204);
        for _ in 0..3 {
            asks(&world, &client, "wrong").status(401);
        }
        world
            .patch(&path(&client, ""), json!({"status": "disabled"}))
            .by(head)
            .header("If-Match", "*")
            .status(200);
        asks(&world, &client, second["client_secret"].as_str().unwrap()).status(401);
        world.clock.advance(Duration::hours(1));
        let nobody = json!({"client_id": world.app.ids.id()});
        asks(&world, &nobody, "wrong").status(401);
        assert_eq!(
            told(&world, head, &client),
            [
                "service_client_tokens_refused by system",
                "service_client_changed by supervisor",
                "service_client_secret_retired by supervisor",
                "service_client_secret_created by supervisor",
                "service_client_secret_created by supervisor",
                "service_client_created by supervisor",
            ]
        );
        let rows = world.get("/v1/audit?action=service_client_tokens_refused").by(head).status(200).json();
        assert_eq!(rows["data"][0]["details"], json!({"hour": "2009-12-14T01:00:00Z", "failures": 4}));
    });
}

#[test]
fn guessing_a_secret_is_bounded_like_guessing_a_password_and_right_ones_are_not_counted() {
    both(|world| {
        let client = made(&world, &["roster"]);
        for _ in 0..25 {
            token(&world, &client);
        }
        let guesses = || asks(&world, &client, "wrong").send().status;
        let refused = (0..30).map(|_| guesses()).take_while(|status| *status == 401).count();
        assert!((10..=12).contains(&refused), "{refused}");
        let answer = asks(&world, &client, "wrong").problem(429, "too_many_requests");
        assert!(answer.header("retry-after").is_some() && answer.json().get("error").is_none());
    });
}
