//! Blocks signed off at the check-in: frozen figures, restatements, revocations (method section 8).

use std::{sync::Barrier, thread};

use diesel::{connection::SimpleConnection as _, prelude::*};
use prospector::{
    domain::{organisation::actor::Role, values::id::Id},
    store::{
        StoreError,
        db::{connection::AnyConnection, schema::audit},
    },
};
use serde_json::{Value, json};

use crate::harness::{Person, World, app::Call, both, given::Prospect};

/// Sunday, the last day of Monday's block (Friday to Sunday).
const SUNDAY: &str = "2009-12-13";

fn signs<'a>(world: &'a World, by: &Person, agent: &Person, check_in: &str) -> Call<'a> {
    signs_week(world, by, agent, "2009-12-13", check_in)
}

fn signs_week<'a>(world: &'a World, by: &Person, agent: &Person, week_of: &str, check_in: &str) -> Call<'a> {
    let body = json!({"agent_id": agent.id, "week_of": week_of, "check_in": check_in});
    world.post("/v1/sign-offs", body).by(by)
}

fn revokes<'a>(world: &'a World, by: &Person, sign_off_id: &str) -> Call<'a> {
    let path = format!("/v1/sign-offs/{sign_off_id}/revocations");
    world.post(&path, json!({"reason_text": "entered under the wrong name"})).by(by)
}

/// The agent's sign-offs of the week of the 13th.
fn listed(world: &World, by: &Person, agent: &Person) -> Vec<Value> {
    let path = format!("/v1/sign-offs?agent_id={}&week_of=2009-12-13", agent.id);
    world.get(&path).by(by).status(200).json()["data"].as_array().unwrap().clone()
}

/// A contact that enters column 2 on a day.
fn fixed_on(world: &World, agent: &Person, name: &str, day: &str) -> Prospect {
    let first = json!({"starts_at": "2009-12-15T10:00:00+08:00"});
    let facts = json!({"first_appointment": first});
    let opened = json!({"name": format!("{name} of {day}"), "source": "fair", "occurred_on": day});
    let answer = world.post("/v1/prospects", opened).by(agent).status(201);
    let mut p = Prospect { id: answer.string("id"), version: answer.version() };
    p.moves(world, agent, json!({"to": "first_appointment", "occurred_on": day, "facts": facts}));
    p
}

fn counts(figures: &Value) -> Vec<i64> {
    ["first_appointment", "stage_25", "stage_50", "stage_90", "closed"]
        .iter()
        .map(|column| figures[column].as_i64().unwrap())
        .collect()
}

#[test]
fn signed_figures_stay_as_they_were_and_later_entries_show_beside_them() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on("2009-12-12");
        fixed_on(&world, agent, "甲", "2009-12-12");
        let early = signs(&world, head, agent, "monday").problem(409, "conflict");
        assert_eq!(early.error_codes(), ["block_not_over"], "Saturday is not its last day");
        world.on(SUNDAY);
        let signed = signs(&world, head, agent, "monday").status(201);
        let id = signed.string("id");
        assert_eq!(signed.header("location"), Some(&*format!("/v1/sign-offs/{id}")));
        let signed = signed.json();
        assert_eq!((&signed["from"], &signed["to"]), (&json!("2009-12-11"), &json!(SUNDAY)));
        assert_eq!((counts(&signed["figures"]), &signed["restatements"]), (vec![1, 0, 0, 0, 0], &json!([])));
        assert_eq!((&signed["signed_by"], &signed["revoked_by"]), (&json!(head.id), &Value::Null));
        assert_eq!(listed(&world, agent, agent), std::slice::from_ref(&signed), "the agent sees it too");

        // On Tuesday somebody met on Saturday is entered.
        world.on("2009-12-15");
        fixed_on(&world, agent, "乙", "2009-12-12");
        let restated = json!([{"figure": "first_appointment", "signed_count": 1, "restated_count": 2,
            "signed_amount": null, "restated_amount": null, "others": true}]);
        let now = &listed(&world, head, agent)[0];
        assert_eq!((&now["figures"], &now["restatements"]), (&signed["figures"], &restated));
        let mark = json!({"sign_off_id": id, "signed_by": head.id, "signed_at": signed["signed_at"],
            "restatements": restated});
        for mode in ["activity", "board"] {
            let path = format!("/v1/reports/action-sheet?week_of=2009-12-13&mode={mode}");
            let sheet = world.get(&path).by(agent).status(200).json();
            assert_eq!(sheet["blocks"][0]["sign_off"], mark, "{mode}");
            let shown = counts(&sheet["blocks"][0]["subtotals"]);
            // What is signed is the sheet as activity: its subtotal stays, and the names below are marked late.
            assert_eq!(shown[0], if mode == "activity" { 1 } else { 2 }, "{mode}");
            let late: Vec<&Value> = sheet["blocks"][0]["columns"]["first_appointment"]
                .as_array()
                .unwrap()
                .iter()
                .map(|e| &e["late"])
                .collect();
            assert_eq!(late, [&json!(false), &json!(true)], "{mode}");
            assert_eq!(sheet["blocks"][1]["sign_off"], Value::Null);
        }
        let team = world.get("/v1/reports/team-sheet?week_of=2009-12-13").by(head).status(200).json();
        let row = |agent: &Person| {
            let rows = team["blocks"][0]["rows"].as_array().unwrap();
            rows.iter().find(|row| row["agent_id"] == json!(agent.id)).unwrap().clone()
        };
        assert_eq!(row(agent)["sign_off"], mark);
        assert_eq!((counts(&row(agent))[0], counts(&team["blocks"][0]["subtotal"])[0]), (1, 1));
        let path = "/v1/reports/team-sheet?week_of=2009-12-13&format=csv";
        let file = world.get(path).by(head).header("Accept-Language", "en").status(200).text();
        let line = file.lines().find(|line| line.contains(&agent.id.to_string())).unwrap();
        assert!(line.contains("\"yes\",\"first appointment 2\""), "{line}");
        assert_eq!(row(&cast.peer)["sign_off"], Value::Null);
        assert_eq!(world.get(&format!("/v1/sign-offs/{id}")).by(head).status(200).json()["sign_off"], *now);
    });
}

#[test]
fn a_late_premium_is_restated_as_money() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on(SUNDAY);
        signs(&world, head, agent, "monday").status(201);
        world.on("2009-12-14");
        let opened = json!({"name": "丙", "source": "fair", "occurred_on": "2009-12-12"});
        let answer = world.post("/v1/prospects", opened).by(agent).status(201);
        let mut p = Prospect { id: answer.string("id"), version: answer.version() };
        let mut checks = crate::harness::given::five();
        checks.as_object_mut().unwrap().values_mut().for_each(|c| c["checked_on"] = json!("2009-12-12"));
        let sale = json!({"first_meeting_on": "2009-12-12", "further_cooperation_agreed": true, "criteria": checks, "signed_on": "2009-12-12",
            "documents_submitted_on": "2009-12-12", "premium_received_on": "2009-12-12", "evidence": "slip",
            "advance_premium": {"amount": "3000.00", "currency": "CNY"}});
        p.moves(&world, agent, json!({"to": "stage_90", "facts": sale}));
        let yuan = |amount: &str| json!({"amount": amount, "currency": "CNY"});
        assert_eq!(
            listed(&world, head, agent)[0]["restatements"],
            json!([
                {"figure": "stage_90", "signed_count": 0, "restated_count": 1, "signed_amount": null, "restated_amount": null, "others": true},
                {"figure": "advance_premium", "signed_count": null, "restated_count": null,
                    "signed_amount": yuan("0.00"), "restated_amount": yuan("3000.00"), "others": false},
            ])
        );
    });
}

#[test]
fn a_block_is_signed_once_until_it_is_revoked_with_a_reason() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on(SUNDAY);
        let first = signs(&world, head, agent, "monday").status(201).string("id");
        let again = signs(&world, head, agent, "monday").problem(409, "conflict");
        assert_eq!(again.error_codes(), ["already_signed_off"]);
        world.post(&format!("/v1/sign-offs/{first}/revocations"), json!({})).by(head).status(422);

        let revoked = revokes(&world, head, &first).status(201).json();
        assert_eq!((&revoked["sign_off_id"], &revoked["revoked_by"]), (&json!(first), &json!(head.id)));
        let twice = revokes(&world, head, &first).problem(409, "conflict");
        assert_eq!(twice.error_codes(), ["already_revoked"]);
        let sheet = world.get("/v1/reports/action-sheet?week_of=2009-12-13").by(agent).status(200).json();
        assert_eq!(sheet["blocks"][0]["sign_off"], Value::Null, "what is revoked marks no sheet");

        fixed_on(&world, agent, "甲", SUNDAY);
        let second = signs(&world, head, agent, "monday").status(201).json();
        assert_eq!(counts(&second["figures"]), [1, 0, 0, 0, 0], "the figures of the second signing");
        let both = listed(&world, head, agent);
        assert_eq!(
            both.iter().map(|s| s["id"].clone()).collect::<Vec<_>>(),
            [json!(first), second["id"].clone()]
        );
        assert_eq!(both[0]["revocation_text"], "entered under the wrong name");
        assert_eq!(counts(&both[0]["figures"]), [0; 5], "the first keeps its own");
        assert_eq!(both[1]["revoked_at"], Value::Null);

        let actions: Vec<(String, Option<Id>)> = world
            .app
            .db
            .read_blocking(|conn| -> Result<_, StoreError> {
                Ok(audit::table
                    .filter(audit::subject_kind.eq("sign_off"))
                    .order(audit::id)
                    .select((audit::action, audit::actor_id))
                    .load(conn)?)
            })
            .unwrap();
        let did = |action: &str| (action.to_owned(), Some(head.id));
        assert_eq!(actions, ["sign_off_created", "sign_off_revoked", "sign_off_created"].map(did));
    });
}

#[test]
fn a_reason_or_evidence_of_nothing_but_blanks_is_refused_wherever_one_is_asked_for() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on(SUNDAY);
        let p = fixed_on(&world, agent, "甲", SUNDAY);
        let id = signs(&world, head, agent, "monday").status(201).string("id");
        let blank = "\u{3000} \t";
        let void = json!({"kind": "void_latest_move", "reason_text": blank});
        let more = json!({"prospect_id": p.id, "days": 7, "reason_text": blank});
        let exit = json!({"to": "exited", "reason": "no_need", "reason_text": blank});
        let check = json!({"criterion": "budget", "verdict": "met", "evidence": blank});
        let sale = json!({"to": "stage_90", "facts": {"evidence": blank}});
        let criteria = json!({"to": "stage_50", "facts": {"criteria": {"budget": {"verdict": "met", "evidence": blank}}}});
        for (path, body, by) in [
            (p.path("/criteria-checks"), check, agent),
            (p.path("/transitions"), sale, agent),
            (p.path("/transitions"), criteria, agent),
            (format!("/v1/sign-offs/{id}/revocations"), json!({"reason_text": blank}), head),
            (p.path("/corrections"), void, agent),
            ("/v1/extensions".to_owned(), more, agent),
            (p.path("/confirmations"), json!({"reason_text": blank}), head),
            (p.path("/transitions"), exit, head),
        ] {
            let said = world.post(&path, body).by(by).if_match(p.version).problem(422, "validation_failed");
            assert_eq!(said.error_codes(), ["blank"], "{path}");
        }
    });
}

#[test]
fn of_many_supervisors_signing_at_once_one_signs() {
    both(|world| {
        let cast = world.cast();
        world.on("2009-12-18");
        let blocks = ["2009-11-23", "2009-11-30", "2009-12-07", "2009-12-13"]
            .map(|week| ["monday", "wednesday", "friday"].map(|check_in| (week, check_in)));
        for (week, check_in) in blocks.into_iter().flatten() {
            let start = Barrier::new(6);
            let statuses: Vec<u16> = thread::scope(|scope| {
                let racers: Vec<_> = (0..6)
                    .map(|_| {
                        scope.spawn(|| {
                            let call = signs_week(&world, &cast.head_a, &cast.agent_a, week, check_in);
                            start.wait();
                            call.send().status
                        })
                    })
                    .collect();
                racers.into_iter().map(|racer| racer.join().unwrap()).collect()
            });
            assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
            assert!(statuses.iter().all(|s| [201, 409].contains(s)), "{statuses:?}");
        }
        assert_eq!(listed(&world, &cast.head_a, &cast.agent_a).len(), 3);
    });
}

#[test]
fn an_agent_takes_back_no_move_of_a_signed_block_but_a_supervisor_does() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on(SUNDAY);
        let mut inside = fixed_on(&world, agent, "甲", SUNDAY);
        let id = signs(&world, head, agent, "monday").status(201).string("id");
        world.on("2009-12-14");
        let mut outside = fixed_on(&world, agent, "乙", "2009-12-14");
        let void = json!({"kind": "void_latest_move", "reason_text": "wrong name"});
        let redate = json!({"kind": "redate_latest_move", "on": "2009-12-14", "reason_text": "wrong day"});
        for body in [&void, &redate] {
            let call = world.post(&inside.path("/corrections"), body.clone()).by(agent);
            let said = call.problem(403, "forbidden");
            assert_eq!(said.error_codes(), ["signed_off"]);
        }
        assert_eq!(inside.stage(&world, agent), "first_appointment");
        outside.records(&world, agent, "/corrections", void.clone());

        revokes(&world, head, &id).status(201);
        inside.records(&world, agent, "/corrections", void.clone());
        assert_eq!(inside.stage(&world, agent), "opportunity");

        let mut again = fixed_on(&world, agent, "丙", SUNDAY);
        signs(&world, head, agent, "monday").status(201);
        world.post(&again.path("/corrections"), void.clone()).by(agent).problem(403, "forbidden");
        again.records(&world, head, "/corrections", void);
        assert_eq!(again.stage(&world, agent), "opportunity");
    });
}

#[test]
fn only_supervisors_above_sign_and_nobody_the_own_sheet() {
    both(|world| {
        let cast = world.cast();
        world.on(SUNDAY);
        let agent = &cast.agent_a;
        signs(&world, agent, agent, "monday").problem(403, "forbidden");
        signs(&world, &cast.head_a, &cast.head_a, "monday").problem(403, "forbidden");
        let id = signs(&world, &cast.head_a, agent, "monday").status(201).string("id");
        let path = format!("/v1/sign-offs/{id}");
        revokes(&world, agent, &id).problem(403, "forbidden");
        for stranger in [&cast.peer, &cast.supervisor_a1, &cast.supervisor_b] {
            signs(&world, stranger, agent, "monday").problem(404, "not_found");
            world.get(&path).by(stranger).problem(404, "not_found");
            world.get(&format!("/v1/sign-offs?agent_id={}", agent.id)).by(stranger).problem(404, "not_found");
            revokes(&world, stranger, &id).problem(404, "not_found");
        }
        world.get(&path).by(agent).status(200);
        // The head of the whole tree is above the branch as well, and above its supervisor; a second head is not above him.
        signs(&world, &cast.head_a, &cast.agent_a1, "monday").status(201);
        signs(&world, &cast.head_a, &cast.supervisor_a1, "monday").status(201);
        let second = crate::harness::actors::person(&world, "head-a-2", Role::Supervisor, &cast.north);
        signs(&world, &second, &cast.head_a, "monday").problem(403, "forbidden");
        revokes(&world, &second, &id).status(201);
    });
}

#[test]
fn a_frozen_sheet_names_whom_the_reader_may_see_and_says_who_was_erased() {
    both(|world| {
        let cast = world.cast();
        let (head, agent) = (&cast.head_a, &cast.agent_a);
        world.on(SUNDAY);
        let kept = fixed_on(&world, agent, "甲", SUNDAY);
        let mut gone = fixed_on(&world, agent, "乙", SUNDAY);
        let path = format!("/v1/sign-offs/{}", signs(&world, head, agent, "monday").status(201).string("id"));
        gone.read(&world, agent);
        world.delete(&gone.path("")).by(agent).if_match(gone.version).status(204);
        let answer = world.get(&path).by(head).status(200);
        let sheet = answer.json();
        assert!(!answer.text().contains("乙"));
        let column = sheet["columns"]["first_appointment"].as_array().unwrap();
        let line = |p: &Prospect| {
            let row = column.iter().find(|row| row["prospect_id"] == json!(p.id)).unwrap();
            (row["name"].clone(), row["erased"].clone(), row["first_meeting_on"].clone())
        };
        assert_eq!(line(&kept), (json!("甲 of 2009-12-13"), json!(false), json!("2009-12-15")));
        assert_eq!(line(&gone), (Value::Null, json!(true), json!("2009-12-15")));
        assert_eq!(counts(&sheet["sign_off"]["figures"]), [2, 0, 0, 0, 0], "the figures stay");
        let tag = answer.header("etag").unwrap().to_owned();
        world.get(&path).by(head).header("If-None-Match", &tag).status(304);
        fixed_on(&world, agent, "丙", SUNDAY);
        world.get(&path).by(head).header("If-None-Match", &tag).status(200);
    });
}

#[test]
fn the_block_is_that_of_the_teams_own_week() {
    both(|world| {
        let cast = world.cast();
        world.on("2009-12-01");
        let path = format!("/v1/settings?team_id={}", cast.head_a.team_id);
        let seen = world.get(&path).by(&cast.head_a).status(200).header("etag").unwrap().to_owned();
        let body = json!({"sheet_week_start": "SAT"});
        let change = world.patch(&path, body).by(&cast.head_a).header("If-Match", &seen);
        change.status(200);
        world.on(SUNDAY);
        let early = signs(&world, &cast.head_a, &cast.agent_a, "monday").problem(409, "conflict");
        assert_eq!(early.json()["errors"][0]["params"], json!({"last_day": "2009-12-14"}));
        world.on("2009-12-14");
        let signed = signs(&world, &cast.head_a, &cast.agent_a, "monday").status(201).json();
        assert_eq!(
            (&signed["from"], &signed["to"], &signed["sheet_week_start"]),
            (&json!("2009-12-12"), &json!("2009-12-14"), &json!("SAT"))
        );
        // Seen through the other week, no block is that one.
        let other = "/v1/reports/action-sheet?week_of=2009-12-13&sheet_week_start=FRI";
        let sheet = world.get(other).by(&cast.agent_a).status(200).json();
        assert!(sheet["blocks"].as_array().unwrap().iter().all(|b| b["sign_off"].is_null()));
    });
}

#[test]
fn the_database_itself_refuses_to_change_what_was_signed() {
    both(|world| {
        let cast = world.cast();
        world.on(SUNDAY);
        let id = signs(&world, &cast.head_a, &cast.agent_a, "monday").status(201).string("id");
        revokes(&world, &cast.head_a, &id).status(201);
        for sql in [
            "UPDATE sign_offs SET attempt = 7",
            "DELETE FROM sign_offs",
            "UPDATE sign_off_revocations SET revoked_by = revoked_by",
            "DELETE FROM sign_off_revocations",
        ] {
            let outcome = world.app.db.write_blocking(move |conn| -> Result<(), StoreError> {
                match conn {
                    AnyConnection::Sqlite(c) => c.batch_execute(sql)?,
                    AnyConnection::Postgres(c) => c.batch_execute(sql)?,
                }
                Ok(())
            });
            assert!(outcome.is_err(), "{sql} went through");
        }
    });
}
