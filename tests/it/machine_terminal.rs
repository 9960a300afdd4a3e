//! Clients of machines at the terminal: made, listed, disabled, their secrets changed; each secret is printed once.

use serde_json::json;

use crate::harness::{World, both, running::prospector};

/// What the binary prints, when it succeeds.
fn says(world: &World, arguments: &[&str]) -> Result<String, String> {
    let (url, data) = (world.database.url(), world.database.folder.path().to_str().unwrap().to_owned());
    let settings = [("DATABASE_URL", url.as_str()), ("DATA_DIR", data.as_str()), ("LOG_LEVEL", "error")];
    let output = prospector(&[&["service-client"][..], arguments].concat(), &settings);
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(said(output.stdout)) } else { Err(said(output.stderr)) }
}

fn after<'a>(said: &'a str, word: &str) -> &'a str {
    said.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_else(|| panic!("no {word} in {said}"))
}

fn gets_a_token(world: &World, client_id: &str, secret: &str) -> bool {
    let body = json!({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret});
    world.call("POST", "/v1/auth/token").json(body).send().status == 200
}

#[test]
fn the_operator_makes_a_client_changes_its_secret_and_disables_it() {
    both(|world| {
        let made = says(&world, &["create", "policy core", "--scope", "policy_events", "--scope", "roster"])
            .unwrap();
        let (id, first) = (after(&made, "client_id: "), after(&made, "client_secret: "));
        assert!(
            made.starts_with(&format!("client {id} (policy core): policy_events roster, active")),
            "{made}"
        );
        assert!(gets_a_token(&world, id, first));
        let listed = says(&world, &["list"]).unwrap();
        assert!(listed.contains("last used 2009-12-14T01:00:00Z") && !listed.contains(first), "{listed}");
        let first_id = after(&listed, "  secret ").split(':').next().unwrap().to_owned();
        let more = says(&world, &["new-secret", id]).unwrap();
        let second = after(&more, "client_secret: ");
        let third = says(&world, &["new-secret", id]).unwrap_err();
        assert!(third.contains("retire one first"), "{third}");
        assert!(gets_a_token(&world, id, first) && gets_a_token(&world, id, second));
        says(&world, &["retire-secret", id, &first_id]).unwrap();
        assert!(!gets_a_token(&world, id, first) && gets_a_token(&world, id, second));
        assert!(
            says(&world, &["retire-secret", id, &first_id]).unwrap_err().contains("no such client or secret")
        );
        assert!(says(&world, &["disable", id]).unwrap().contains("disabled"));
        assert!(!gets_a_token(&world, id, second));
        says(&world, &["enable", id]).unwrap();
        assert!(gets_a_token(&world, id, second));
        for wrong in [&["create", "a\nb", "--scope", "roster"][..], &["create", "a", "--scope", "admin"][..]]
        {
            assert!(says(&world, wrong).is_err());
        }
        assert!(says(&world, &["create", "a"]).is_err());
    });
}
