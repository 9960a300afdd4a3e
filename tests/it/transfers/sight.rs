//! Who sees what after a transfer: names and ids are for those whose scope holds the prospect now.

use serde_json::{Value, json};

use super::{hand_over, hands, two_cycles};
use crate::{
    formats::reading::sheets,
    harness::{Person, World, both, given::Prospect},
};

/// A prospect of whom everything that can be noted down says the same word.
fn known_everywhere(world: &World, owner: &Person, word: &str) -> Prospect {
    let body = json!({"name": format!("{word}-name"), "phones": ["13800001234"], "notes": format!("{word}-notes"),
        "source": format!("{word}-source")});
    let made = world.post("/v1/prospects", body).by(owner).status(201);
    let mut p = Prospect { id: made.string("id"), version: made.version() };
    p.fix_first(world, owner, "2009-12-14");
    p.meet(world, owner, "2009-12-14", "2009-12-18");
    p.records(
        world,
        owner,
        "/criteria-checks",
        json!({"criterion": "budget", "verdict": "met", "evidence": format!("{word}-evidence")}),
    );
    let visit = json!({"kind": "visit", "prospect_id": p.id, "text": format!("{word}-visit")});
    world.post("/v1/activities", visit).by(owner).status(201);
    p
}

/// Everything an agent can read without knowing an id.
const LISTS: [&str; 22] = [
    "/v1/prospects",
    "/v1/prospects?q=canary",
    "/v1/prospects?q=1234",
    "/v1/activities",
    "/v1/appointments",
    "/v1/extensions",
    "/v1/fallback-proposals",
    "/v1/today",
    "/v1/sign-offs?week_of=2009-12-14",
    "/v1/reports/action-sheet?week_of=2009-12-14",
    "/v1/reports/action-sheet?week_of=2009-12-14&mode=board",
    "/v1/reports/action-sheet?week_of=2009-12-14&format=csv",
    "/v1/reports/attention",
    "/v1/reports/attention?as_of=2009-12-14",
    "/v1/reports/over-cycle?as_of=2009-12-14",
    "/v1/reports/shape",
    "/v1/reports/forecast",
    "/v1/reports/funnel",
    "/v1/reports/velocity",
    "/v1/reports/ratios",
    "/v1/reports/first-appointments",
    "/v1/prospects?include=total",
];

/// What of a prospect can be asked for by its id.
const PARTS: [&str; 9] = [
    "",
    "?as_of=2009-12-14",
    "/transitions",
    "/next-steps",
    "/timeline",
    "/pursuits",
    "/appointments",
    "/criteria-checks",
    "/transitions/00000000-0000-7000-8000-000000000000",
];

#[test]
fn the_old_owner_sees_nothing_of_it_any_more() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = known_everywhere(&world, old, "canary");
        world.on("2009-12-16");
        hand_over(&world, head, new, &mut p);
        for path in LISTS {
            let seen = world.get(path).by(old).send();
            assert!(seen.status < 300, "{path}: {}", seen.text());
            let text = seen.text();
            assert!(!text.contains("canary") && !text.contains(&p.id), "{path}: {text}");
        }
        for part in PARTS {
            world.get(&p.path(part)).by(old).status(404);
            let theirs = world.get(&p.path(part)).by(new).send();
            assert!(theirs.status == 200 || part.ends_with("0000"), "{part}: {}", theirs.text());
        }
        world.patch(&p.path(""), json!({"notes": "mine"})).by(old).if_match(p.version).status(404);
        world.delete(&p.path("")).by(old).if_match(p.version).status(404);
        let moved = json!({"to": "exited", "reason": "no_need"});
        world.post(&p.path("/transitions"), moved).by(old).if_match(p.version).status(404);
        world.post("/v1/activities", json!({"kind": "visit", "prospect_id": p.id})).by(old).status(422);
        world.get("/v1/transfers").by(old).status(403);
    });
}

#[test]
fn stored_answers_about_it_are_no_longer_told_to_the_old_owner() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let create =
            || world.call("POST", "/v1/prospects").json(json!({"name": "刘岩", "source": "fair"})).by(old);
        let made = create().header("Idempotency-Key", "made-once").status(201);
        let mut p = Prospect { id: made.string("id"), version: made.version() };
        let visit = || {
            let body = json!({"kind": "visit", "prospect_id": p.id, "text": "at home"});
            world.call("POST", "/v1/activities").json(body).by(old).header("Idempotency-Key", "visited-once")
        };
        visit().status(201);
        assert_eq!(visit().status(201).header("idempotency-replayed"), Some("true"));
        hand_over(&world, head, new, &mut p);
        create().header("Idempotency-Key", "made-once").status(404);
        let visit = json!({"kind": "visit", "prospect_id": p.id, "text": "at home"});
        let call = world.call("POST", "/v1/activities").json(visit).by(old);
        call.header("Idempotency-Key", "visited-once").status(404);
    });
}

#[test]
fn past_sheets_of_the_old_owner_keep_their_counts_and_withhold_the_name() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.agent_a1, &cast.head_a);
        world.on("2009-12-12");
        let mut p = Prospect::named(&world, old, "刘岩");
        p.fix_first(&world, old, "2009-12-16");
        let mut stays = Prospect::named(&world, old, "何建国");
        stays.fix_first(&world, old, "2009-12-16");
        world.on("2009-12-13");
        let block = json!({"agent_id": old.id, "week_of": "2009-12-13", "check_in": "monday"});
        let signed = world.post("/v1/sign-offs", block).by(head).status(201).string("id");
        world.on("2009-12-15");
        hand_over(&world, head, new, &mut p);
        let path = format!("/v1/reports/action-sheet?week_of=2009-12-13&agent_id={}", old.id);
        let block =
            |by: &Person| -> Value { world.get(&path).by(by).status(200).json()["blocks"][0].clone() };
        let names = |block: &Value, column: &str| -> Vec<String> {
            let entries = block["columns"][column].as_array().unwrap().iter();
            entries.map(|e| e["name"].as_str().unwrap().to_owned()).collect()
        };
        let (mine, above) = (block(old), block(head));
        assert_eq!(mine["subtotals"]["first_appointment"], 2);
        assert_eq!(
            (names(&mine, "first_appointment"), &mine["withheld"]),
            (vec!["何建国".to_owned()], &json!(1))
        );
        assert_eq!(names(&mine, "opportunity"), ["何建国"]);
        assert!(!mine.to_string().contains(&p.id));
        assert_eq!((names(&above, "first_appointment").len(), &above["withheld"]), (2, &json!(0)));
        assert_eq!(mine["sign_off"]["restatements"], json!([]), "nothing has changed for the figures");
        let frozen = |by: &Person| world.get(&format!("/v1/sign-offs/{signed}")).by(by).status(200).json();
        assert_eq!(names(&frozen(old), "first_appointment"), ["何建国"]);
        assert_eq!(frozen(old)["sign_off"]["figures"]["first_appointment"], 2);
        assert_eq!(names(&frozen(head), "first_appointment").len(), 2);
        // The files say the same: how many are not shown, and what was signed.
        let file = |format: &str, by: &Person| {
            let call = world.get(&format!("{path}&format={format}")).by(by);
            call.header("Accept-Language", "en").status(200)
        };
        let sums = |by: &Person| {
            let text = file("csv", by).text();
            text.lines().find(|line| line.starts_with("\"Subtotals\"")).unwrap().to_owned()
        };
        assert!(sums(old).ends_with(",2,0,0,0,0,1,\"yes\",\"\""), "{}", sums(old));
        assert!(sums(head).ends_with(",2,0,0,0,0,0,\"yes\",\"\""), "{}", sums(head));
        let says = |by: &Person| {
            let paper = &sheets(&file("xlsx", by))[0];
            paper.cells().any(|(.., cell)| cell.to_string().starts_with("(1 not shown"))
        };
        assert!(says(old) && !says(head));
        // The team sheet knows no names, and counts what it counted.
        let sheet = world.get("/v1/reports/team-sheet?week_of=2009-12-13").by(head).status(200).json();
        assert_eq!(sheet["blocks"][0]["subtotal"]["first_appointment"], 2);
    });
}

#[test]
fn a_note_of_the_old_owner_stays_in_the_journal_without_the_person() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.agent_a1, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        let visit = json!({"kind": "visit", "prospect_id": p.id, "text": "Liu Yan likes tea"});
        let noted = world.post("/v1/activities", visit).by(old).status(201);
        let path = format!("/v1/activities/{}", noted.string("id"));
        let tag = world.get(&path).by(old).status(200).header("etag").unwrap().to_owned();
        hand_over(&world, head, new, &mut p);
        let now = world.get(&path).by(old).header("If-None-Match", &tag).status(200).json();
        assert_eq!(
            (&now["prospect_id"], &now["text"], &now["prospect_withheld"]),
            (&Value::Null, &Value::Null, &json!(true))
        );
        let of_it = format!("/v1/activities?prospect_id={}", p.id);
        assert_eq!(world.get(&of_it).by(old).status(200).json()["data"], json!([]));
        let above = world.get(&of_it).by(head).status(200).json();
        assert_eq!(
            (&above["data"][0]["text"], &above["data"][0]["agent_id"]),
            (&json!("Liu Yan likes tea"), &json!(old.id))
        );
        assert_eq!(
            world.get("/v1/activities").by(new).status(200).json()["data"],
            json!([]),
            "the journal is the author's"
        );
    });
}

#[test]
fn transfers_are_listed_to_supervisors_whose_scope_holds_the_prospect_now() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, branch, head) = (&cast.agent_a1, &cast.supervisor_a1, &cast.head_a);
        let (mut a, mut b) = (Prospect::named(&world, old, "刘岩"), Prospect::named(&world, old, "何建国"));
        let both_of_them = hands(&world, branch, branch, &[&a, &b]).status(201).json();
        (a.version, b.version) = (a.version + 1, b.version + 1);
        let id = both_of_them["transfer_id"].as_str().unwrap();
        let seen = |by: &Person, query: &str| -> Vec<usize> {
            let page = world.get(&format!("/v1/transfers{query}")).by(by).status(200).json();
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t["prospects"].as_array().unwrap().len())
                .collect()
        };
        assert_eq!(seen(branch, ""), [2]);
        hand_over(&world, head, &cast.agent_a, &mut a);
        assert_eq!((seen(branch, ""), seen(head, "")), (vec![1], vec![1, 2]), "one has left the branch");
        hand_over(&world, head, &cast.agent_a, &mut b);
        assert_eq!(seen(branch, ""), Vec::<usize>::new());
        world.get(&format!("/v1/transfers/{id}")).by(branch).status(404);
        assert_eq!(seen(&cast.supervisor_b, ""), Vec::<usize>::new());
        let by_agents = format!("?from_agent_id={}&to_agent_id={}", branch.id, cast.agent_a.id);
        assert_eq!(seen(head, &by_agents), [1, 1]);
        assert_eq!(seen(head, &format!("?prospect_id={}&from_agent_id={}", a.id, old.id)), [2]);
        let first = world.get("/v1/transfers?limit=2").by(head).status(200).json();
        let next = format!("/v1/transfers?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
        let rest = world.get(&next).by(head).status(200).json();
        assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)));
        world.get(&next).by(branch).problem(400, "invalid_cursor");
    });
}

#[test]
fn an_erasure_takes_the_words_of_its_transfers_along() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let mut p = Prospect::named(&world, old, "刘岩");
        let id = hand_over(&world, head, new, &mut p)["transfer_id"].as_str().unwrap().to_owned();
        world.delete(&p.path("")).by(new).if_match(p.version).status(204);
        let view = world.get(&format!("/v1/transfers/{id}")).by(head).status(200).json();
        assert_eq!(
            (&view["reason_text"], &view["prospects"][0]["prospect_id"]),
            (&Value::Null, &json!(p.id))
        );
    });
}

#[test]
fn a_number_goes_along_into_the_new_owners_book() {
    both(|world| {
        let cast = two_cycles(&world);
        let (old, new, head) = (&cast.agent_a, &cast.peer, &cast.head_a);
        let person = || json!({"name": "刘岩", "phones": ["13800001234"]});
        let made = world.post("/v1/prospects", person()).by(old).status(201);
        let mut p = Prospect { id: made.string("id"), version: made.version() };
        hand_over(&world, head, new, &mut p);
        let again =
            |by: &Person| world.post("/v1/prospects", person()).by(by).status(201).json()["warnings"].clone();
        assert_eq!(again(old), json!([]), "never across books");
        assert_eq!(again(new)[0]["prospect_id"], json!(p.id));
    });
}
