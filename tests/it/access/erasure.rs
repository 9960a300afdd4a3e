//! P2, P3: whatever the operations write about a person stands in the export and goes with an erasure. Every table of the
//! schema is either looked through for what people write, or known to hold none of it.

use std::collections::{BTreeMap, BTreeSet};

use prospector::domain::{organisation::actor::Role, values::id::Id};
use serde_json::{Value, json};

use super::{
    canaries::prospects_of,
    planting::{Canaries, Canary, storing},
    table::{Ask, Side},
};
use crate::harness::{
    Cast, World,
    actors::{person, team},
    both,
    everything::{bytes, on_disk, rows, tick},
    given::Prospect,
};

/// What a table holds of what people write or say about a prospect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Holds {
    /// Their words: an erasure takes them away, the export has them, and a canary is planted in each.
    Words,
    /// What follows from their words, row by row of a prospect: an erasure takes the rows away.
    Derived,
    /// Ids, codes, dates and figures, or words about the organisation and its users.
    Nothing,
}

/// Every table with a column of text. A new one needs its line here; one of [`Holds::Words`] also has to be erased, exported
/// and written by a row of `table/`.
const TABLES: &[(&str, Holds)] = &[
    ("activities", Holds::Nothing),
    ("activity_tallies", Holds::Nothing),
    ("activity_texts", Holds::Words),
    ("applications", Holds::Nothing),
    ("appointments", Holds::Nothing),
    ("audit", Holds::Nothing),
    ("board_counts", Holds::Nothing),
    ("calendar_feeds", Holds::Nothing),
    ("cooling_off_rules", Holds::Nothing),
    ("cycle_declarations", Holds::Nothing),
    ("deals", Holds::Nothing),
    ("evidence", Holds::Words),
    ("facts", Holds::Nothing),
    ("idempotent_answers", Holds::Words),
    ("login_addresses", Holds::Nothing),
    ("login_failures", Holds::Nothing),
    ("memberships", Holds::Nothing),
    ("meta", Holds::Nothing),
    ("outbox", Holds::Nothing),
    ("ownerships", Holds::Nothing),
    ("placements", Holds::Nothing),
    ("premium_factors", Holds::Nothing),
    ("products", Holds::Nothing),
    ("policy_event_decisions", Holds::Nothing),
    ("policy_event_people", Holds::Words),
    ("policy_event_texts", Holds::Words),
    ("policy_events", Holds::Nothing),
    ("prospect_people", Holds::Words),
    ("prospect_phones", Holds::Derived),
    ("prospects", Holds::Nothing),
    ("pursuits", Holds::Nothing),
    ("refresh_families", Holds::Nothing),
    ("refresh_tokens", Holds::Nothing),
    ("sale_flows", Holds::Nothing),
    ("schema_compat", Holds::Nothing),
    ("service_client_secrets", Holds::Nothing),
    ("service_clients", Holds::Nothing),
    ("settings", Holds::Nothing),
    ("sign_off_revocations", Holds::Nothing),
    ("sign_off_texts", Holds::Words),
    ("sign_offs", Holds::Nothing),
    ("standings", Holds::Nothing),
    ("teams", Holds::Nothing),
    ("transfer_texts", Holds::Words),
    ("transfers", Holds::Nothing),
    ("transitions", Holds::Nothing),
    ("users", Holds::Nothing),
    ("webhook_deliveries", Holds::Nothing),
    ("webhooks", Holds::Nothing),
];

fn tables(holding: Holds) -> BTreeSet<String> {
    TABLES.iter().filter(|(_, holds)| *holds == holding).map(|(table, _)| (*table).to_owned()).collect()
}

/// The tables of `schema.rs` that have a column of text.
fn with_text() -> BTreeSet<String> {
    let source = include_str!("../../../src/store/db/schema.rs");
    let blocks = source.split("diesel::table! {").skip(1);
    let of_text = blocks.filter(|block| block.split("\n    }").next().unwrap().contains("Text"));
    of_text.map(|block| block.trim().split([' ', '(']).next().unwrap().to_owned()).collect()
}

#[test]
fn every_table_with_text_is_known_to_hold_what_people_write_or_nothing_of_it() {
    let known: BTreeSet<String> = TABLES.iter().map(|(table, _)| (*table).to_owned()).collect();
    assert_eq!(with_text(), known, "say in TABLES what a table holds about people");
}

/// What was written about some people.
struct Written {
    canaries: Canaries,
    /// By prospect the texts that can be read back.
    people: BTreeMap<String, BTreeSet<String>>,
}

/// Runs every row that writes about a prospect, with canaries, each for an agent of its own in the north.
fn write_about_people(world: &World, cast: &Cast) -> Written {
    let (mut canaries, mut people) = (Canaries::default(), BTreeMap::new());
    let mut about_people = BTreeSet::new();
    for (number, row) in storing().iter().enumerate() {
        let owner = person(world, &format!("owner-{number}"), Role::Agent, &cast.north);
        let beside = team(world, "Beside", Some(&cast.north));
        let side = Side { owner: &owner, supervisor: &cast.head_a, team: &beside };
        let before = canaries.0.len();
        let (ask, about) = match row.operation {
            // No row ties it to a prospect: why a sheet on which somebody stands was taken back.
            "createSignOffRevocation" => {
                let known = json!({"name": "刘岩", "source": "fair", "occurred_on": "2009-12-12"});
                let made = world.post("/v1/prospects", known).by(&owner).status(201);
                let mut prospect = Prospect { id: made.string("id"), version: made.version() };
                let first = json!({"first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}});
                let fixed = json!({"to": "first_appointment", "occurred_on": "2009-12-12", "facts": first});
                prospect.moves(world, &owner, fixed);
                (of_last_block(world, &side), BTreeSet::from([prospect.id]))
            }
            _ => ((row.ask)(world, &side), BTreeSet::new()),
        };
        let ask = canaries.plant(row.operation, ask);
        let answer = ask.call(world).by(side.whoever_may(world, row.access)).send();
        assert!((200..300).contains(&answer.status), "{}: {}", row.operation, answer.text());
        let answer = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        let dry_run = ask.path.contains("dry_run");
        for id in about.into_iter().chain(prospects_of(&ask, &answer)) {
            let planted = &canaries.0[before..];
            about_people.extend(planted.iter().map(|canary| canary.text.clone()));
            let texts = planted.iter().filter(|_| !dry_run).map(|canary| canary.text.clone());
            people.entry(id).or_insert_with(BTreeSet::new).extend(texts);
        }
    }
    canaries.0.retain(|canary| about_people.contains(&canary.text));
    Written { canaries, people }
}

/// Taking back the sign-off of the block that ended yesterday.
fn of_last_block(world: &World, side: &Side) -> Ask {
    let block = json!({"agent_id": side.owner.id, "week_of": "2009-12-14", "check_in": "monday"});
    let id = world.post("/v1/sign-offs", block).by(side.supervisor).status(201).string("id");
    Ask::post(format!("/v1/sign-offs/{id}/revocations"), json!({"reason_text": "entered twice"}))
}

/// The tables in which a canary stands.
fn standing(world: &World, canaries: &Canaries) -> BTreeSet<String> {
    let all = rows(world).into_iter();
    all.filter(|(_, rows)| rows.iter().any(|row| canaries.found_in(row).is_some()))
        .map(|(table, _)| table)
        .collect()
}

#[test]
fn whatever_is_written_about_a_person_is_exported_and_erased() {
    both(|world| {
        let cast = world.cast_below("");
        let Written { canaries, people } = write_about_people(&world, &cast);
        assert_eq!(standing(&world, &canaries), tables(Holds::Words), "a canary in each, and in no other");
        let mut exported = Vec::new();
        for (id, texts) in &people {
            let export = world.get(&format!("/v1/prospects/{id}/export")).by(&cast.head_a).status(200);
            let whole = export.text();
            let missing: Vec<_> = texts.iter().filter(|text| !whole.contains(text.as_str())).collect();
            let told = |canary: &&Canary| missing.contains(&&canary.text);
            let told: Vec<_> = canaries.0.iter().filter(told).map(|c| (c.operation, &c.place)).collect();
            assert!(told.is_empty(), "not exported: {told:?}\n{whole}");
            exported.push(export.json()["prospect"].clone());
        }
        for prospect in exported {
            let owner: Id = serde_json::from_value(prospect["agent_id"].clone()).unwrap();
            let token = world.app.tokens.issue(owner, Role::Agent, 1, world.clock.now()).unwrap();
            let path = format!("/v1/prospects/{}", prospect["id"].as_str().unwrap());
            world.delete(&path).token(&token).if_match(prospect["version"].as_i64().unwrap()).status(204);
        }
        assert_eq!(standing(&world, &canaries), BTreeSet::new());
        let all = rows(&world);
        for table in tables(Holds::Derived) {
            let of_them = all[&table].iter().filter(|row| people.keys().any(|id| row.contains(id)));
            assert_eq!(of_them.count(), 0, "{table}");
        }
        tick(&world);
        let bytes = bytes(&world);
        let left: Vec<_> =
            canaries.0.iter().filter(|canary| on_disk(&bytes, &canary.text)).map(|c| &c.place).collect();
        assert!(left.is_empty(), "in the file: {left:?}");
        println!("P2, P3 on {:?}: {} canaries about {} people", world.engine, canaries.0.len(), people.len());
    });
}
