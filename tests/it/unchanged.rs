//! A patch that changes nothing writes nothing: the version stays, and nothing stands in the audit.

use std::collections::BTreeSet;

use diesel::prelude::*;
use prospector::{
    api::openapi::document,
    store::{StoreError, db::schema::audit},
};
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::Cast, both, given::Prospect};

/// A patch to send twice, and one that says what the first one said.
struct Row {
    operation: &'static str,
    by: Person,
    /// Where the version is read.
    read: String,
    path: String,
    /// Sent first: it changes something.
    change: Value,
    /// Sent then: they change nothing.
    same: Vec<Value>,
}

/// Patches of which each decides something and is refused the second time: there is none that changes nothing.
const DECISIONS: &[&str] = &["decideExtension"];

fn rows(world: &World, cast: &Cast) -> Vec<Row> {
    let (agent, head) = (&cast.agent_a, &cast.head_a);
    let mut rows = Vec::new();
    let mut row = |operation, by: &Person, read: &str, path: &str, change: Value, same: Vec<Value>| {
        rows.push(Row {
            operation,
            by: by.clone(),
            read: read.to_owned(),
            path: path.to_owned(),
            change,
            same,
        });
    };
    let person = format!("/v1/agents/{}", cast.peer.id);
    let renamed = json!({"display_name": "李四"});
    let again = vec![json!({}), renamed.clone(), json!({"role": "agent", "status": "active"})];
    row("updateAgent", head, &person, &person, renamed, again);
    let team = format!("/v1/teams/{}", cast.branch.id);
    let renamed = json!({"name": "东组"});
    row(
        "updateTeam",
        head,
        &team,
        &team,
        renamed.clone(),
        vec![json!({}), renamed, json!({"name": " 东组 "})],
    );
    let settings = format!("/v1/settings?team_id={}", cast.north.id);
    let chosen = json!({"fallback": "propose", "cycle_window": null});
    let again =
        vec![json!({}), chosen.clone(), json!({"fallback": "propose"}), json!({"cycle_min_days": null})];
    row("updateSettings", head, &settings, &settings, chosen, again);
    let mut p = Prospect::named(world, agent, "刘岩");
    p.fix_first(world, agent, "2009-12-16");
    let prospect = p.path("");
    let noted = json!({"occupation": "printer", "tags": ["VIP"], "phones": ["138 0000 1234"]});
    let again = vec![json!({}), noted.clone(), json!({"notes": null, "name": " 刘岩 "})];
    row("updateProspect", agent, &prospect, &prospect, noted, again);
    let listed = world.get(&p.path("/appointments")).by(agent).status(200).json();
    let appointment = p.path(&format!("/appointments/{}", listed["data"][0]["id"].as_str().unwrap()));
    let put_off =
        json!({"starts_at": "2009-12-17T10:00:00+08:00", "agenda": "the plan", "joint_visit_with": head.id});
    let again = vec![
        put_off.clone(),
        json!({"starts_at": "2009-12-17T02:00:00Z"}),
        json!({"agenda": "the plan"}),
        json!({"joint_visit_with": head.id}),
    ];
    row("updateAppointment", agent, &prospect, &appointment, put_off, again);
    let pursuits = world.get(&p.path("/pursuits")).by(agent).status(200).json();
    let pursuit = p.path(&format!("/pursuits/{}", pursuits["data"][0]["id"].as_str().unwrap()));
    let told = json!({"target_signing_on": "2009-12-22", "further_cooperation_agreed": false});
    let again = vec![told.clone(), json!({"target_signing_on": "2009-12-22"})];
    row("updatePursuit", agent, &prospect, &pursuit, told, again);
    rows.extend(rows_of_machines(world, agent));
    rows
}

/// What machines are told, and what tells them.
fn rows_of_machines(world: &World, agent: &Person) -> [Row; 2] {
    let chief = &world.above().head;
    let body = json!({"name": "policy core", "scopes": ["products"]});
    let client = world.post("/v1/service-clients", body).by(chief).status(201).string("client_id");
    let client = format!("/v1/service-clients/{client}");
    let renamed = json!({"name": "the old core"});
    let again = vec![json!({}), renamed.clone(), json!({"status": "active"})];
    let of_client = Row {
        operation: "updateServiceClient",
        by: chief.clone(),
        read: client.clone(),
        path: client,
        change: renamed,
        same: again,
    };
    let body = json!({"url": "https://example.com/hook", "types": []});
    let made = world.post("/v1/webhooks", body).by(agent).status(201).json();
    let webhook = format!("/v1/webhooks/{}", made["webhook"]["id"].as_str().unwrap());
    let elsewhere = json!({"url": "https://example.com/more"});
    let again = vec![json!({}), elsewhere.clone(), json!({"types": []})];
    let of_webhook = Row {
        operation: "updateWebhook",
        by: agent.clone(),
        read: webhook.clone(),
        path: webhook,
        change: elsewhere,
        same: again,
    };
    [of_client, of_webhook]
}

fn audited(world: &World) -> i64 {
    let counted: Result<i64, StoreError> =
        world.app.db.read_blocking(|conn| Ok(audit::table.count().get_result(conn)?));
    counted.unwrap()
}

#[test]
fn a_patch_that_changes_nothing_leaves_the_version_and_writes_nothing() {
    both(|world| {
        world.above();
        let cast = world.cast_below("");
        let mut asked = BTreeSet::from_iter(DECISIONS.iter().copied());
        for row in rows(&world, &cast) {
            let version = || {
                let tag = world.get(&row.read).by(&row.by).status(200).header("etag").unwrap().to_owned();
                tag.trim_matches('"').split('.').next().unwrap().parse::<i64>().unwrap()
            };
            let before = version();
            let send = |body: &Value| world.patch(&row.path, body.clone()).by(&row.by).if_match(version());
            send(&row.change).status(200);
            let (after, kept) = (version(), world.get(&row.read).by(&row.by).status(200).json());
            assert!(after > before, "{} {}", row.operation, row.change);
            let written = audited(&world);
            for same in &row.same {
                let answer = send(same).status(200);
                assert_eq!(version(), after, "{} {same}", row.operation);
                assert!(answer.header("etag").unwrap().starts_with(&format!("\"{after}")), "{same}");
                assert_eq!(world.get(&row.read).by(&row.by).status(200).json(), kept, "{same}");
            }
            assert_eq!(audited(&world), written, "{}", row.operation);
            // A stale one is refused all the same.
            let stale = world.patch(&row.path, row.same[0].clone()).by(&row.by).if_match(after + 1);
            stale.problem(412, "stale");
            asked.insert(row.operation);
        }
        let paths = document::document()["paths"].as_object().unwrap();
        let patches = paths.values().filter_map(|item| item["patch"]["operationId"].as_str());
        assert_eq!(asked, patches.collect());
    });
}

#[test]
fn an_empty_patch_never_raises_a_version() {
    both(|world| {
        world.above();
        let cast = world.cast_below("");
        for row in rows(&world, &cast) {
            let version = || world.get(&row.read).by(&row.by).status(200).header("etag").unwrap().to_owned();
            let before = version();
            let empty = world.patch(&row.path, json!({})).by(&row.by).header("If-Match", &before).send();
            assert!([200, 422].contains(&empty.status), "{} {}", row.operation, empty.text());
            assert_eq!(version(), before, "{}", row.operation);
        }
    });
}
