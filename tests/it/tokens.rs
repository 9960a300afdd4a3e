//! Access tokens (T1): hostile ones are refused, all with the same answer, and no database connection is used.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::Duration;
use hmac::{Hmac, Mac};
use prospector::security::tokens::{self, Tokens};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::harness::{
    World, both,
    forge::{Forge, claims_of},
};

fn with(object: &Value, field: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[field] = value;
    object
}

fn without(object: &Value, field: &str) -> Value {
    let mut object = object.clone();
    object.as_object_mut().unwrap().remove(field);
    object
}

/// Every hostile token with its name.
fn hostile(world: &World, good: &str) -> Vec<(String, String)> {
    let forge = Forge::of(world);
    let header = forge.header();
    let claims = Value::Object(claims_of(good));
    let now = world.clock.now().timestamp();
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));
    let parts: Vec<&str> = good.split('.').collect();

    add("empty", String::new());
    add("a word", "token".to_owned());
    add("two parts", format!("{}.{}", parts[0], parts[1]));
    add("four parts", format!("{good}.x"));
    add("no signature", format!("{}.{}.", parts[0], parts[1]));
    add("another's signature", {
        let other = claims_of(good);
        let body = with(&Value::Object(other), "role", json!("supervisor"));
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(body.to_string()), parts[2])
    });
    for alg in ["none", "None", "NONE", "HS256", "RS256", "ES256", "eddsa", "Ed25519", ""] {
        add(&format!("alg {alg}"), forge.sign(&with(&header, "alg", json!(alg)), &claims));
        let unsigned = with(&header, "alg", json!(alg));
        let body = URL_SAFE_NO_PAD.encode(claims.to_string());
        add(
            &format!("alg {alg} unsigned"),
            format!("{}.{body}.", URL_SAFE_NO_PAD.encode(unsigned.to_string())),
        );
    }
    for key in [forge.public.clone(), URL_SAFE_NO_PAD.encode(&forge.public).into_bytes()] {
        let head = URL_SAFE_NO_PAD.encode(with(&header, "alg", json!("HS256")).to_string());
        let message = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(message.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        add("HS256 with the public key", format!("{message}.{signature}"));
    }
    for (field, value) in [
        ("jwk", json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(&forge.public)})),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("cty", json!("JWT")),
    ] {
        add(&format!("header {field}"), forge.sign(&with(&header, field, value), &claims));
    }
    for kid in [json!("unknown"), json!("../secret"), json!("' OR 1=1 --"), json!(""), json!(1), json!(null)]
    {
        add(&format!("kid {kid}"), forge.sign(&with(&header, "kid", kid), &claims));
    }
    for typ in [json!("JWT"), json!("jwt"), json!("AT+JWT"), json!("logout+jwt"), json!(null), json!("")] {
        add(&format!("typ {typ}"), forge.sign(&with(&header, "typ", typ), &claims));
    }
    for field in ["alg", "typ", "kid"] {
        add(&format!("no {field}"), forge.sign(&without(&header, field), &claims));
    }
    for field in ["iss", "aud", "sub", "iat", "nbf", "exp", "jti", "role", "epoch"] {
        add(&format!("no {field}"), forge.sign(&header, &without(&claims, field)));
        add(&format!("{field} null"), forge.sign(&header, &with(&claims, field, json!(null))));
        add(&format!("{field} a list"), forge.sign(&header, &with(&claims, field, json!([]))));
    }
    for (name, field, value) in [
        ("expired", "exp", json!(now)),
        ("long expired", "exp", json!(now - 100_000)),
        ("exp a text", "exp", json!((now + 900).to_string())),
        ("exp a fraction", "exp", json!(now as f64 + 900.5)),
        ("exp negative", "exp", json!(-1)),
        ("exp without end", "exp", json!(1e300)),
        ("not yet", "nbf", json!(now + 60)),
        ("from the future", "iat", json!(now + 60)),
        ("another issuer", "iss", json!("evil")),
        ("another audience", "aud", json!("evil")),
        ("the audience of machines", "aud", json!("prospector/machines")),
        ("two audiences", "aud", json!(["prospector", "evil"])),
        ("a role that is none", "role", json!("admin")),
        ("nobody's", "sub", json!("00000000-0000-7000-8000-000000000000")),
        ("no uuid", "sub", json!("agent-a")),
        ("an older epoch", "epoch", json!(0)),
        ("an epoch to come", "epoch", json!(2)),
        ("one claim more", "admin", json!(true)),
    ] {
        add(name, forge.sign(&header, &with(&claims, field, value)));
    }
    add("exp twice", {
        let text = claims.to_string();
        forge.sign_text(&header.to_string(), &text.replacen('{', &format!("{{\"exp\":{},", now + 9_000), 1))
    });
    add(
        "alg twice",
        forge.sign_text(&header.to_string().replacen('{', "{\"alg\":\"none\",", 1), &claims.to_string()),
    );
    add("oversize", forge.sign(&header, &with(&claims, "iss", json!("x".repeat(10_000)))));
    add("padding", format!("{good}="));
    all
}

#[test]
fn a_hostile_token_is_refused_like_any_other_and_uses_no_connection() {
    both(|world| {
        let cast = world.cast();
        let good = cast.agent_a.token(&world.app);
        world.get("/v1/me").token(&good).status(200);
        let mut bodies = Vec::new();
        let hostile = hostile(&world, &good);
        assert!(hostile.len() > 80, "{}", hostile.len());
        for (name, token) in hostile {
            // A genuine signature for nobody, or of another epoch, can only be told by asking the database.
            let asks = ["nobody's", "an older epoch", "an epoch to come"].contains(&name.as_str());
            let before = world.app.db.gauges().jobs;
            let answer = world.get("/v1/me").token(&token).send();
            assert_eq!(answer.status, 401, "{name}: {}", answer.text());
            assert!(asks || world.app.db.gauges().jobs == before, "{name} used a connection");
            assert!(
                answer.header("www-authenticate").is_some_and(|value| value.starts_with("Bearer ")),
                "{name}"
            );
            let mut body = answer.json();
            body.as_object_mut().unwrap().remove("request_id");
            bodies.push(body);
        }
        bodies.dedup();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
    });
}

#[test]
fn a_token_counts_until_the_second_it_expires() {
    both(|world| {
        let cast = world.cast();
        let token = cast.agent_a.token(&world.app);
        world.clock.advance(Duration::seconds(899));
        world.get("/v1/me").token(&token).status(200);
        world.clock.advance(Duration::seconds(1));
        world.get("/v1/me").token(&token).problem(401, "unauthenticated");
    });
}

#[test]
fn a_token_of_another_kind_or_place_is_no_token() {
    both(|world| {
        let cast = world.cast();
        let token = cast.agent_a.token(&world.app);
        world.get("/v1/me").problem(401, "unauthenticated");
        world.get("/v1/me").header("Authorization", &token).problem(401, "unauthenticated");
        world
            .get("/v1/me")
            .header("Authorization", &format!("Basic {token}"))
            .problem(401, "unauthenticated");
        world.get(&format!("/v1/me?access_token={token}")).send();
        world.get("/v1/me").header("Authorization", &format!("bearer {token}")).status(200);
    });
}

#[test]
fn a_new_key_is_published_before_it_signs_and_an_old_one_verifies_until_its_tokens_have_expired() {
    both(|world| {
        let cast = world.cast();
        let folder = world.app.config.keys_dir.clone();
        let life = world.app.config.access_token_life;
        let kids = |world: &World| -> Vec<String> {
            let keys = world.get("/.well-known/jwks.json").status(200).json();
            keys["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect()
        };
        let signs =
            |world: &World| jsonwebtoken::decode_header(cast.agent_a.token(&world.app)).unwrap().kid.unwrap();
        let old = signs(&world);

        let new = tokens::rotate(&folder, life, world.app.ids, world.clock.now()).unwrap();
        world.app.tokens.reload().unwrap();
        assert_eq!(kids(&world), [old.clone(), new.clone()]);
        assert_eq!(signs(&world), old, "other instances may not know the new key yet");
        world.clock.advance(Duration::minutes(4));
        let late = cast.agent_a.token(&world.app);
        world.clock.advance(Duration::minutes(1));
        assert_eq!(signs(&world), new);
        world.get("/v1/me").token(&late).status(200);

        world.clock.advance(Duration::hours(2));
        let newest = tokens::rotate(&folder, life, world.app.ids, world.clock.now()).unwrap();
        world.app.tokens.reload().unwrap();
        assert_eq!(kids(&world), [new, newest], "the first key has nothing left to verify");
        // Another instance over the same folder accepts the same tokens.
        let twin = Tokens::open(&world.app.config, &world.app.keys, world.app.ids).unwrap();
        assert!(twin.verify(&cast.agent_a.token(&world.app), world.clock.now()).is_ok());
    });
}
