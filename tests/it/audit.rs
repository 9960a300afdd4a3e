//! Who did what, written with the write itself: one row a write, whoever acts.

use diesel::{connection::SimpleConnection as _, prelude::*};
use prospector::{
    clock::Occasion,
    domain::{organisation::actor::Role, values::id::Id},
    store::{StoreError, db::schema::audit, organisation::audit::purge},
};
use serde_json::{Value, json};

use crate::harness::{Person, World, actors::person, both, given::Prospect, running::prospector};

/// Kind and id of whoever acted, what was done, and its codes.
type Row = (String, Option<Id>, String, String);

#[test]
fn every_write_on_a_prospect_leaves_one_row_that_says_who_and_no_name() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let mut p = Prospect::named(&world, agent, "王芳");
        let renamed = world.patch(&p.path(""), json!({"name": "王小芳"})).by(agent).if_match(p.version);
        p.version = renamed.status(200).version();
        p.fix_first(&world, agent, "2009-12-14");
        world.on("2010-03-01");
        world.post("/v1/cycles/sweep", Value::Null).by(&cast.head_a).status(201);
        let id = p.id.clone();
        let rows: Result<Vec<Row>, StoreError> = world.app.db.read_blocking(move |conn| {
            let of_it = audit::table.filter(audit::subject_id.eq(&id)).order(audit::id);
            Ok(of_it
                .select((audit::actor_kind, audit::actor_id, audit::action, audit::details))
                .load(conn)?)
        });
        let rows = rows.unwrap();
        let who: Vec<(&str, Option<Id>, &str)> =
            rows.iter().map(|(kind, id, action, _)| (kind.as_str(), *id, action.as_str())).collect();
        let own = |action| ("agent", Some(agent.id), action);
        assert_eq!(
            who,
            [
                own("prospect_created"),
                own("person_changed"),
                own("prospect_moved"),
                ("system", None, "prospect_moved"),
            ]
        );
        assert!(rows.iter().all(|(_, _, _, details)| !details.contains('芳')), "{rows:?}");
        let moved: Value = serde_json::from_str(&rows[2].3).unwrap();
        assert_eq!(moved["records"].as_array().unwrap().len(), 1);
        assert_eq!(moved["records"][0]["to"], "first_appointment");
        let facts: Vec<&Value> = moved["facts"].as_array().unwrap().iter().map(|f| &f["kind"]).collect();
        assert_eq!(facts, ["appointment_fixed", "decision_maker_expected"]);
    });
}

fn entries(answer: &crate::harness::app::Answer) -> Vec<Value> {
    answer.json()["data"].as_array().unwrap().clone()
}

fn seen(world: &World, by: &Person, query: &str) -> Vec<(String, String)> {
    let path = format!("/v1/audit?limit=100{query}");
    let rows = entries(&world.get(&path).by(by).status(200));
    let of = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.iter().map(|row| (of(row, "action"), of(row, "subject_id"))).collect()
}

#[test]
fn a_supervisor_reads_the_audit_of_the_own_reach_and_nothing_else() {
    both(|world| {
        let cast = world.cast();
        let of = |agent: &Person| Prospect::named(&world, agent, "王芳").id;
        let (north, branch, south) = (of(&cast.agent_a), of(&cast.agent_a1), of(&cast.agent_b));
        let subjects = |by: &Person| -> Vec<String> {
            let rows = seen(&world, by, "&subject_kind=prospect");
            rows.into_iter().map(|(_, subject)| subject).collect()
        };
        assert_eq!(subjects(&cast.head_a), [branch.clone(), north.clone()]);
        assert_eq!(subjects(&cast.supervisor_a1), std::slice::from_ref(&branch));
        assert_eq!(subjects(&cast.supervisor_b), [south]);
        world.get("/v1/audit").by(&cast.agent_a).problem(403, "forbidden");
        world.get("/v1/audit/export").by(&cast.agent_a).problem(403, "forbidden");

        // What has left the reach is no longer to be seen, what was done to it before included.
        let transfer = json!({"to_agent_id": cast.agent_a.id, "reason_text": "the branch is closed",
            "prospects": [{"prospect_id": branch, "version": 1}]});
        world.post("/v1/transfers", transfer).by(&cast.head_a).status(201);
        assert_eq!(subjects(&cast.supervisor_a1), [] as [String; 0]);
        assert!(subjects(&cast.head_a).contains(&branch));

        // Teams and people beside it are not told of, not even within a row that is.
        let moved = json!({"team_id": cast.branch.id});
        let path = format!("/v1/agents/{}/memberships", cast.agent_a.id);
        world.post(&path, moved).by(&cast.head_a).status(201);
        let text = world.get("/v1/audit?limit=100").by(&cast.supervisor_a1).status(200).text();
        assert!(text.contains("user_moved"), "{text}");
        for hidden in [cast.north.id.to_string(), cast.peer.id.to_string()] {
            assert!(!text.contains(&hidden), "{text}");
        }
    });
}

#[test]
fn what_is_about_the_whole_organisation_is_shown_to_whoever_heads_it() {
    both(|world| {
        let root = crate::harness::actors::team(&world, "Root", None);
        let below = crate::harness::actors::team(&world, "Below", Some(&root));
        let head = person(&world, "head", Role::Supervisor, &root);
        let middle = person(&world, "middle", Role::Supervisor, &below);
        world
            .patch("/v1/settings", json!({"criteria_grace_days": 6}))
            .by(&head)
            .header("If-Match", "\"1\"")
            .status(200);
        let settings = |by: &Person| seen(&world, by, "&action=settings_chosen").len();
        assert_eq!((settings(&head), settings(&middle)), (1, 0));
    });
}

#[test]
fn the_audit_is_filtered_and_paged_without_losing_a_row() {
    both(|world| {
        let cast = world.cast();
        let first = Prospect::named(&world, &cast.agent_a, "王芳");
        world.clock.set("2009-12-14T02:00:00Z".parse().unwrap());
        for n in 0..7 {
            Prospect::named(&world, &cast.peer, &format!("王芳{n}"));
        }
        let head = &cast.head_a;
        let all = seen(&world, head, "");
        assert_eq!(seen(&world, head, &format!("&subject_id={}", first.id)).len(), 1);
        assert_eq!(seen(&world, head, &format!("&actor_id={}", cast.peer.id)).len(), 7);
        assert_eq!(seen(&world, head, "&at_lt=2009-12-14T02:00:00Z&action=prospect_created").len(), 1);
        assert_eq!(seen(&world, head, "&at_gte=2009-12-14T10:00:00%2B08:00&subject_kind=prospect").len(), 7);
        assert_eq!(seen(&world, head, "&action=nothing_of_ours"), []);
        world.get("/v1/audit?action=").by(head).problem(400, "invalid_parameter");

        let (mut paged, mut path) = (Vec::new(), "/v1/audit?limit=3".to_owned());
        loop {
            let page = world.get(&path).by(head).status(200);
            let of = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
            paged.extend(entries(&page).iter().map(|row| (of(row, "action"), of(row, "subject_id"))));
            let Some(cursor) = page.json()["next_cursor"].as_str().map(str::to_owned) else { break };
            path = format!("/v1/audit?limit=3&cursor={cursor}");
            world.get(&path).by(&cast.supervisor_b).problem(400, "invalid_cursor");
        }
        assert_eq!(paged, all);
    });
}

#[test]
fn the_audit_as_a_file_holds_the_same_rows_and_leaves_one_itself() {
    both(|world| {
        let cast = world.cast();
        Prospect::named(&world, &cast.agent_a, "王芳");
        Prospect::named(&world, &cast.agent_b, "刘洋");
        let rows = entries(&world.get("/v1/audit?limit=100").by(&cast.head_a).status(200));
        let file = world.get("/v1/audit/export").by(&cast.head_a).status(200);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(file.header("cache-control"), Some("no-store"));
        let text = file.text();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headings: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let lines: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(lines.len(), rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            for (heading, field) in headings.iter().zip(line) {
                let wanted = match &row[heading.as_str()] {
                    Value::String(text) => text.clone(),
                    Value::Null => String::new(),
                    other => other.to_string(),
                };
                let at = |text: &str| text.parse::<chrono::DateTime<chrono::Utc>>().unwrap();
                match heading.as_str() {
                    "at" => assert_eq!(at(field), at(&wanted)),
                    _ => assert_eq!(field, wanted, "{heading}"),
                }
            }
        }
        let exported = seen(&world, &cast.head_a, "&action=audit_exported");
        assert_eq!(exported, [("audit_exported".to_owned(), cast.head_a.id.to_string())]);
    });
}

#[test]
fn what_is_written_into_a_journal_leaves_a_row_like_every_other_write() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        let visit = json!({"kind": "visit", "text": "王芳 at home"});
        let made = world.post("/v1/activities", visit.clone()).by(agent).status(201);
        world.post("/v1/activities/batch", json!({"items": [visit]})).by(agent).status(207);
        let path = format!("/v1/activities/{}", made.string("id"));
        world.delete(&path).by(agent).if_match(1).status(204);
        let tally = json!({"dials": 9, "connects": 5, "appointments_set": 1, "refused": 2, "visits": 0, "messages": 0});
        world.post("/v1/activity-tallies", tally).by(agent).status(201);
        let actions: Vec<String> =
            seen(&world, &cast.head_a, "").into_iter().map(|(action, _)| action).collect();
        assert_eq!(actions, ["tally_kept", "activity_taken_back", "activity_recorded", "activity_recorded"]);
        assert_eq!(seen(&world, &cast.supervisor_b, ""), []);
        let text = world.get("/v1/audit").by(&cast.head_a).status(200).text();
        assert!(!text.contains("王芳"), "{text}");
    });
}

#[test]
fn the_operator_reads_all_of_it_at_the_terminal() {
    both(|world| {
        let cast = world.cast();
        let north = Prospect::named(&world, &cast.agent_a, "王芳").id;
        let south = Prospect::named(&world, &cast.agent_b, "刘洋").id;
        let url = world.database.url();
        let settings =
            [("DATABASE_URL", url.as_str()), ("DATA_DIR", world.database.folder.path().to_str().unwrap())];
        let ask = |arguments: &[&str]| {
            let output = prospector(&[&["audit"], arguments].concat(), &settings);
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            said.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let all = ask(&[]);
        assert_eq!(all.len(), 2, "{all:?}");
        assert!(all[0].contains(&south) && all[1].contains(&north), "{all:?}");
        assert!(all[1].contains(&format!("agent {}", cast.agent_a.id)), "{all:?}");
        assert_eq!(ask(&["--actor", &cast.agent_a.username]), all[1..]);
        assert_eq!(ask(&["--actor", &cast.agent_b.id.to_string()]), all[..1]);
        assert_eq!(ask(&["--subject", &north, "--action", "prospect_created"]), all[1..]);
        assert_eq!(ask(&["--limit", "1"]), all[..1]);
        assert_eq!(ask(&["--until", "2009-12-14"]), [] as [String; 0]);
        assert_eq!(ask(&["--since", "2009-12-14T09:00:00+08:00"]).len(), 2);
        let output = prospector(&["audit", "--actor", "nobody-of-ours"], &settings);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "prospector: there is no such user\n");
        assert!(!output.status.success());
    });
}

fn purge(world: &World, older_than: &str) -> usize {
    let occasion = Occasion::of(&world.clock, world.app.ids);
    let limit = older_than.parse().unwrap();
    world.app.db.write_blocking(move |conn| purge::take(conn, &occasion, limit)).unwrap()
}

#[test]
fn rows_leave_the_audit_behind_one_that_says_so_and_for_no_other_reason() {
    both(|world| {
        let cast = world.cast();
        for day in ["2009-12-14", "2009-12-15", "2009-12-16"] {
            world.on(day);
            Prospect::named(&world, &cast.agent_a, "王芳");
        }
        let refused = |sql: &'static str| {
            let done: Result<(), StoreError> =
                world.app.db.write_blocking(move |conn| Ok(conn.batch_execute(sql)?));
            assert!(done.is_err(), "{sql}");
        };
        refused("DELETE FROM audit WHERE at < '2009-12-15 00:00:00'");
        world.on("2009-12-20");
        assert_eq!(purge(&world, "2009-12-14T00:00:00Z"), 0);
        assert_eq!(purge(&world, "2009-12-16T00:00:00Z"), 2);
        // What is younger than the row says stays, the row itself too.
        refused("DELETE FROM audit");
        refused("DELETE FROM audit WHERE action = 'audit_purged'");
        let left: Result<Vec<(String, String)>, StoreError> = world.app.db.read_blocking(|conn| {
            Ok(audit::table.order(audit::at).select((audit::action, audit::details)).load(conn)?)
        });
        let left = left.unwrap();
        let actions: Vec<&str> = left.iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, ["prospect_created", "audit_purged"]);
        assert_eq!(
            serde_json::from_str::<Value>(&left[1].1).unwrap(),
            json!({"rows": 2, "before": "2009-12-16T00:00:00Z"})
        );
        assert_eq!(purge(&world, "2009-12-16T00:00:00Z"), 0, "and no second one that takes nothing");
    });
}

#[test]
fn whoever_leafs_through_more_than_a_hundred_people_a_minute_leaves_a_row() {
    both(|world| {
        let cast = world.cast();
        let agent = &cast.agent_a;
        for n in 0..120 {
            Prospect::named(&world, agent, &format!("王芳{n}"));
        }
        let told = || -> Vec<Value> {
            let path = "/v1/audit?limit=100&action=people_listed";
            entries(&world.get(path).by(&cast.head_a).status(200))
        };
        let page = |by: &Person, query: &str| world.get(&format!("/v1/prospects?{query}")).by(by).status(200);
        let later = |seconds: i64| world.clock.set(world.clock.now() + chrono::Duration::seconds(seconds));
        let first = page(agent, "limit=100").json();
        let cursor = first["next_cursor"].as_str().unwrap();
        page(agent, "limit=100");
        assert_eq!(told(), [] as [Value; 0], "a hundred are not many, however often they are looked at");
        later(61);
        let second = page(agent, &format!("limit=100&cursor={cursor}")).json();
        assert_eq!(told(), [] as [Value; 0], "those of before are more than a minute ago");
        page(&cast.peer, "limit=100");
        page(agent, "limit=100");
        let rows = told();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0]["actor_id"], agent.id.to_string());
        assert_eq!(rows[0]["subject_id"], agent.id.to_string());
        assert_eq!(rows[0]["details"], json!({"people": 120}));

        // One by one, in a search and on a sheet is as much as in a list.
        later(61);
        for person in second["data"].as_array().unwrap() {
            let path = format!("/v1/prospects/{}", person["id"].as_str().unwrap());
            world.get(&path).by(&cast.head_a).status(200);
        }
        assert_eq!(told().len(), 1);
        world.post("/v1/prospects/search", json!({"limit": 100})).by(&cast.head_a).status(200);
        assert_eq!(told().len(), 2);
        later(61);
        let sheet = format!("/v1/reports/action-sheet?agent_id={}&week_of=2009-12-14&mode=board", agent.id);
        world.get(&sheet).by(&cast.head_a).status(200);
        assert_eq!(told().len(), 3);
        assert_eq!(told()[0]["actor_id"], cast.head_a.id.to_string());
    });
}
