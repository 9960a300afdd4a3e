//! `/v1/transitions`: the log of everybody in reach, in order of recording (method section 4).

use prospector::domain::values::id::Id;
use serde_json::{Value, json};

use crate::harness::{Person, World, both, given::Prospect};

fn page(world: &World, by: &Person, query: &str) -> Value {
    world.get(&format!("/v1/transitions?{query}")).by(by).status(200).json()
}

fn rows(world: &World, by: &Person, query: &str) -> Vec<Value> {
    page(world, by, &format!("limit=100&{query}"))["data"].as_array().unwrap().clone()
}

/// Where the records of a page lead, in its order.
fn to(rows: &[Value]) -> Vec<&str> {
    rows.iter().map(|row| row["to"].as_str().unwrap()).collect()
}

fn prospects(world: &World, by: &Person, query: &str) -> Vec<String> {
    let mut all: Vec<String> =
        rows(world, by, query).iter().map(|row| row["prospect_id"].as_str().unwrap().to_owned()).collect();
    all.sort();
    all.dedup();
    all
}

fn sorted(mut ids: Vec<&String>) -> Vec<&String> {
    ids.sort();
    ids
}

#[test]
fn the_log_shows_the_moves_of_those_in_reach_and_nobody_elses() {
    both(|world| {
        let cast = world.cast();
        let of = |agent: &Person| Prospect::named(&world, agent, "王芳").id;
        let (own, peers) = (of(&cast.agent_a), of(&cast.peer));
        let (branch, south) = (of(&cast.agent_a1), of(&cast.agent_b));
        for (by, seen) in [
            (&cast.agent_a, vec![&own]),
            (&cast.peer, vec![&peers]),
            (&cast.agent_a1, vec![&branch]),
            (&cast.supervisor_a1, vec![&branch]),
            (&cast.head_a, vec![&own, &peers, &branch]),
            (&cast.supervisor_b, vec![&south]),
        ] {
            let found = prospects(&world, by, "");
            assert_eq!(found.iter().collect::<Vec<_>>(), sorted(seen), "{}", by.username);
        }
        // What is out of reach reads like what does not exist.
        let nobody = world.app.ids.id();
        let empty = page(&world, &cast.agent_a, &format!("prospect_id={nobody}"));
        assert_eq!(empty, json!({"data": [], "next_cursor": null, "has_more": false}));
        for hidden in [
            format!("prospect_id={peers}"),
            format!("prospect_id={south}"),
            format!("agent_id={}", cast.peer.id),
            format!("agent_id={nobody}"),
        ] {
            assert_eq!(page(&world, &cast.agent_a, &hidden), empty, "{hidden}");
        }
        assert_eq!(
            prospects(&world, &cast.head_a, &format!("agent_id={}", cast.peer.id)),
            std::slice::from_ref(&peers)
        );
        assert_eq!(prospects(&world, &cast.head_a, &format!("prospect_id={branch}")), [branch]);
        // With the prospect the whole log goes to the new owner.
        let body = json!({"to_agent_id": cast.peer.id, "reason_text": "nearer by",
            "prospects": [{"prospect_id": own, "version": 1}]});
        world.post("/v1/transfers", body).by(&cast.head_a).status(201);
        assert_eq!(rows(&world, &cast.agent_a, ""), Vec::<Value>::new());
        let found = prospects(&world, &cast.peer, "");
        assert_eq!(found.iter().collect::<Vec<_>>(), sorted(vec![&own, &peers]));
        // And whoever is erased is in no list any more.
        world.delete(&format!("/v1/prospects/{peers}")).by(&cast.peer).if_match(1).status(204);
        assert_eq!(prospects(&world, &cast.peer, ""), [own]);
    });
}

/// Somebody who was met on Monday and has left the process by Wednesday.
fn told_in_four_records(world: &World, agent: &Person) -> Prospect {
    let mut p = Prospect::named(world, agent, "王芳");
    world.clock.advance(chrono::Duration::seconds(1));
    p.fix_first(world, agent, "2009-12-14");
    p.meet(world, agent, "2009-12-14", "2009-12-18");
    world.on("2009-12-16");
    p.moves(world, agent, json!({"to": "exited", "reason": "no_need", "occurred_on": "2009-12-15"}));
    p
}

#[test]
fn every_filter_finds_its_records() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let p = told_in_four_records(&world, agent);
        let all = rows(&world, agent, "");
        assert_eq!(to(&all), ["exited", "stage_25", "first_appointment", "opportunity"]);
        let first = rows(&world, agent, "sort=recorded_at");
        assert_eq!(first, all.iter().rev().cloned().collect::<Vec<_>>());
        assert_eq!(all, {
            let log = world.get(&p.path("/transitions")).by(agent).status(200).json();
            log["data"].as_array().unwrap().iter().rev().cloned().collect::<Vec<_>>()
        });

        let told = |query: &str| to(&rows(&world, agent, query)).join(" ");
        let instant = all[2]["recorded_at"].as_str().unwrap();
        for (query, expected) in [
            ("to=stage_25".to_owned(), "stage_25"),
            ("to=stage_25&to=opportunity".to_owned(), "stage_25 opportunity"),
            ("from=first_appointment".to_owned(), "stage_25"),
            ("from=opportunity&to=exited".to_owned(), ""),
            ("path=created".to_owned(), "opportunity"),
            ("path=manual&reason=no_need".to_owned(), "exited"),
            ("kind=voided".to_owned(), ""),
            ("kind=move&actor_kind=agent".to_owned(), "exited stage_25 first_appointment opportunity"),
            ("actor_kind=system".to_owned(), ""),
            ("occurred_on_gte=2009-12-15".to_owned(), "exited"),
            ("occurred_on_lt=2009-12-15".to_owned(), "stage_25 first_appointment opportunity"),
            (format!("since={instant}"), "exited stage_25 first_appointment"),
            (
                format!("recorded_at_gte={instant}&since=2009-01-01T00:00:00Z"),
                "exited stage_25 first_appointment",
            ),
            (format!("recorded_at_lt={instant}"), "opportunity"),
        ] {
            assert_eq!(told(&query), expected, "{query}");
        }
        for bad in ["to=stage_99", "sort=occurred_on", "since=yesterday", "limit=0", "q=a"] {
            assert_eq!(world.get(&format!("/v1/transitions?{bad}")).by(agent).send().status, 400, "{bad}");
        }
    });
}

#[test]
fn pages_lose_no_record_and_a_cursor_is_good_for_one_list_of_one_reader() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        told_in_four_records(&world, agent);
        let (all, first) = (rows(&world, agent, ""), rows(&world, agent, "sort=recorded_at"));
        for (sort, whole) in [("sort=recorded_at", &first), ("sort=-recorded_at", &all)] {
            let (mut paged, mut query) = (Vec::new(), format!("limit=1&{sort}"));
            while !query.is_empty() {
                let page = page(&world, agent, &query);
                paged.extend(page["data"].as_array().unwrap().clone());
                query = match page["next_cursor"].as_str() {
                    Some(cursor) => format!("limit=1&{sort}&cursor={cursor}"),
                    None => String::new(),
                };
            }
            assert_eq!(&paged, whole, "{sort}");
        }
        let cursor = page(&world, agent, "limit=1")["next_cursor"].as_str().unwrap().to_owned();
        for other in ["limit=1&to=opportunity", "limit=1&sort=recorded_at"] {
            let path = format!("/v1/transitions?{other}&cursor={cursor}");
            world.get(&path).by(agent).problem(400, "invalid_cursor");
        }
        world.get(&format!("/v1/transitions?cursor={cursor}")).by(&cast.peer).problem(400, "invalid_cursor");
    });
}

#[test]
fn what_fell_due_stands_in_the_log_before_it_is_read_and_in_the_file() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        world.on("2010-03-01");
        let file = world.get("/v1/transitions/export?actor_kind=system").by(&cast.head_a).status(200);
        let lines: Vec<String> = file.text().lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), 2, "{lines:?}");
        assert!(lines[1].contains("\"automatic\""), "{lines:?}");
        let found = rows(&world, agent, "actor_kind=system");
        assert_eq!(to(&found), ["opportunity"]);
        assert_eq!((&found[0]["path"], &found[0]["actor_id"]), (&json!("automatic"), &Value::Null));
    });
}

#[test]
fn the_file_holds_the_same_records_without_names_and_leaves_a_row_in_the_audit() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        p.fix_first(&world, agent, "2009-12-14");
        Prospect::named(&world, &cast.agent_b, "陈静");
        let file = world.get("/v1/transitions/export?sort=recorded_at&since=2009-12-14T00:00:00Z").by(agent);
        let file = file.status(200);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(file.header("cache-control"), Some("no-store"));
        let text = file.text();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headings = reader.headers().unwrap().clone();
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let listed = rows(&world, agent, "sort=recorded_at");
        assert_eq!(lines.len(), listed.len());
        for (line, row) in lines.iter().zip(&listed) {
            for (heading, cell) in headings.iter().zip(line) {
                let known = row.get(heading).unwrap_or_else(|| &row["criteria"][heading]);
                let shown = match known {
                    Value::Null => String::new(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                if heading == "recorded_at" {
                    assert_eq!(&cell[..19], &shown[..19]);
                } else {
                    assert_eq!(cell, shown, "{heading}");
                }
            }
        }
        assert!(!text.contains('芳') && !text.contains('静'), "{text}");
        let audit = world.get("/v1/audit?action=log_exported").by(&cast.head_a).status(200).json();
        assert_eq!(audit["data"].as_array().unwrap().len(), 1, "{audit}");
        assert_eq!(audit["data"][0]["details"], json!({"rows": 2}));
        assert_eq!(audit["data"][0]["actor_id"], json!(agent.id));
        let _: Id = audit["data"][0]["subject_id"].as_str().unwrap().parse().unwrap();
    });
}
