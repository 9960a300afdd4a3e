//! Erasing a person leaves no trace (reliability P2): in no row, no stored answer and no byte of the file. What the rows of
//! `access` write about a prospect is looked for in [`crate::access`]; here stands what only names the person.

use serde_json::{Value, json};

use crate::harness::{
    Person, World,
    actors::person,
    both,
    everything::{bytes, on_disk, rows, tick},
    given::Prospect,
};
use prospector::{domain::organisation::actor::Role, store::db::connection::Engine};

const NAME: &str = "曾小明";

/// The tables with a row that holds a text.
fn holding(world: &World, text: &str) -> Vec<String> {
    let all = rows(world).into_iter();
    all.filter(|(_, rows)| rows.iter().any(|row| row.contains(text))).map(|(table, _)| table).collect()
}

fn erase(world: &World, by: &Person, prospect: &mut Prospect) {
    prospect.read(world, by);
    world.delete(&prospect.path("")).by(by).if_match(prospect.version).status(204);
}

/// Signs the block that ended yesterday and takes it back with these words.
fn revoked(world: &World, by: &Person, agent: &Person, why: &str) -> String {
    let block = json!({"agent_id": agent.id, "week_of": "2009-12-14", "check_in": "monday"});
    let id = world.post("/v1/sign-offs", block).by(by).status(201).string("id");
    let path = format!("/v1/sign-offs/{id}/revocations");
    world.post(&path, json!({"reason_text": why})).by(by).status(201);
    id
}

#[test]
fn what_only_names_an_erased_person_names_nobody_any_more() {
    both(|world| {
        let cast = world.cast();
        let (agent, head) = (&cast.agent_a, &cast.head_a);
        let on = "2009-12-12";
        let known = json!({"name": NAME, "source": "fair", "occurred_on": on});
        let made = world.post("/v1/prospects", known).by(agent).status(201);
        let mut p = Prospect { id: made.string("id"), version: made.version() };
        let first = json!({"first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}});
        p.moves(&world, agent, json!({"to": "first_appointment", "occurred_on": on, "facts": first}));
        let other = Prospect::named(&world, agent, "王芳");
        // Words about nobody in particular, a sheet on which he does not stand, and a transfer of somebody else.
        let note = json!({"kind": "journal_note", "text": format!("和{NAME}一起吃饭，然后回家")});
        let noted = world.post("/v1/activities", note).by(agent).status(201).string("id");
        let sheet = revoked(&world, head, &cast.peer, &format!("{NAME} belongs to somebody else"));
        let own_sheet = revoked(&world, head, agent, "the printer was entered twice");
        let handed = json!({"to_agent_id": cast.peer.id, "reason_text": format!("she is {NAME}'s wife"),
            "prospects": [{"prospect_id": other.id, "version": other.version}]});
        let transfer = world.post("/v1/transfers", handed).by(head).status(201).string("transfer_id");
        world
            .post(
                "/v1/transfers",
                json!({"to_agent_id": cast.peer.id, "reason_text": "he asked for her",
            "prospects": [{"prospect_id": p.id, "version": p.version}]}),
            )
            .by(head)
            .status(201);
        assert!(holding(&world, NAME).len() > 3, "nothing is looked for");
        erase(&world, &cast.peer, &mut p);

        assert_eq!(holding(&world, NAME), Vec::<String>::new());
        assert_eq!(holding(&world, "the printer"), Vec::<String>::new(), "he stands on that sheet");
        let note = world.get(&format!("/v1/activities/{noted}")).by(agent).status(200).json();
        assert_eq!(note["text"], "和[erased]一起吃饭，然后回家");
        let why = |path: String, field: &str| {
            world.get(&path).by(head).status(200).json().pointer(field).unwrap().clone()
        };
        assert_eq!(
            why(format!("/v1/sign-offs/{sheet}"), "/sign_off/revocation_text"),
            "[erased] belongs to somebody else"
        );
        assert_eq!(why(format!("/v1/sign-offs/{own_sheet}"), "/sign_off/revocation_text"), Value::Null);
        assert_eq!(why(format!("/v1/transfers/{transfer}"), "/reason_text"), "she is [erased]'s wife");
        tick(&world);
        assert!(!on_disk(&bytes(&world), NAME), "a byte is left");
    });
}

#[test]
fn the_stored_answer_of_a_batch_goes_with_any_of_its_people_and_the_batch_is_not_run_again() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (mut one, mut two) =
            (Prospect::named(&world, agent, "刘岩"), Prospect::named(&world, agent, "王芳"));
        let call = |p: &Prospect, text: &str| json!({"kind": "call", "outcome": "dial", "prospect_id": p.id, "text": text});
        let batch = json!({"items": [call(&one, "canary-one"), call(&two, "canary-two")]});
        let send =
            || world.post("/v1/activities/batch", batch.clone()).by(agent).header("Idempotency-Key", "k");
        let calls = || {
            let page = world.get("/v1/activities?limit=100").by(agent).status(200).json();
            page["data"].as_array().unwrap().len()
        };
        send().status(207);
        assert_eq!(send().status(207).header("idempotency-replayed"), Some("true"));
        erase(&world, agent, &mut one);
        assert_eq!(holding(&world, "canary-one"), Vec::<String>::new());
        send().problem(404, "not_found");
        assert_eq!(calls(), 2, "the other one's call was told once");
        erase(&world, agent, &mut two);
        assert_eq!(holding(&world, "canary-two"), Vec::<String>::new());
    });
}

#[test]
fn a_stored_answer_about_several_is_for_those_who_still_see_them_all() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let (one, two) = (Prospect::named(&world, agent, "刘岩"), Prospect::named(&world, agent, "王芳"));
        let call = |p: &Prospect| json!({"kind": "call", "outcome": "dial", "prospect_id": p.id, "text": "no answer"});
        let batch = json!({"items": [call(&one), call(&two)]});
        let send =
            || world.post("/v1/activities/batch", batch.clone()).by(agent).header("Idempotency-Key", "k");
        send().status(207);
        let handed = json!({"to_agent_id": cast.peer.id, "reason_text": "he moves away",
            "prospects": [{"prospect_id": two.id, "version": two.version}]});
        world.post("/v1/transfers", handed).by(&cast.head_a).status(201);
        send().problem(404, "not_found");
    });
}

#[test]
fn no_byte_of_twenty_erased_people_is_in_the_file_after_the_next_tick() {
    both(|world| {
        if world.engine != Engine::Sqlite {
            return;
        }
        let cast = world.cast();
        let agent = person(&world, "of-many", Role::Agent, &cast.north);
        let mut all: Vec<Prospect> =
            (0..60).map(|n| Prospect::named(&world, &agent, &format!("canary-{n:03}-x"))).collect();
        // Notes that grow, so that rows move from page to page.
        for round in 1..4 {
            for (n, p) in all.iter_mut().enumerate() {
                let notes = format!("canary-{n:03}-x ").repeat(round * 15 + n % 7);
                let call = world.patch(&p.path(""), json!({"notes": notes})).by(&agent).if_match(p.version);
                p.version = call.status(200).version();
            }
        }
        let gone: Vec<usize> = (0..60).step_by(3).collect();
        for n in &gone {
            erase(&world, &agent, &mut all[*n]);
        }
        let left = || -> Vec<String> {
            let bytes = bytes(&world);
            let names = gone.iter().map(|n| format!("canary-{n:03}-x"));
            names.filter(|name| on_disk(&bytes, name)).collect()
        };
        assert!(!left().is_empty(), "the log of the file holds them until the tick");
        tick(&world);
        assert_eq!(left(), Vec::<String>::new());
        assert!(on_disk(&bytes(&world), "canary-001-x"), "the others stand");
        world.get(&all[1].path("")).by(&agent).status(200);
    });
}
